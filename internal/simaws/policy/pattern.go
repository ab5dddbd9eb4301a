package policy

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/linkwright/linkwright/internal/simcloud/glob"
)

// text is a string of a policy in which variables such as "${aws:username}" may stand (IAM User Guide, "IAM policy
// elements: Variables and tags").
type text struct {
	raw       string
	variables bool // the policy's version knows variables
}

// expand puts the values of the variables in, each passed through quote; false when one of them has no value.
func (t text) expand(c Context, quote func(string) string) (string, bool) {
	if !t.variables {
		return t.raw, true
	}
	var b strings.Builder
	rest := t.raw
	for {
		before, after, found := strings.Cut(rest, "${")
		b.WriteString(before)
		if !found {
			return b.String(), true
		}
		variable, after, closed := strings.Cut(after, "}")
		if !closed {
			b.WriteString("${" + variable)
			return b.String(), true
		}
		rest = after
		value, ok := variableValue(variable, c)
		if !ok {
			return "", false
		}
		b.WriteString(quote(value))
	}
}

// variableValue is that of "key", "key, 'default'", or of one of the characters that mean something in patterns.
func variableValue(variable string, c Context) (string, bool) {
	if variable == "*" || variable == "?" || variable == "$" {
		return variable, true
	}
	key, fallback, hasDefault := strings.Cut(variable, ",")
	values := c.values(strings.TrimSpace(key))
	switch {
	case len(values) == 1:
		return values[0], true
	case len(values) == 0 && hasDefault:
		return strings.Trim(strings.TrimSpace(fallback), "'"), true
	}
	return "", false
}

// matches compares a value with the text as a pattern. IAM knows no backslash: one stands for itself.
func (t text) matches(value string, c Context) bool {
	t.raw = strings.ReplaceAll(t.raw, `\`, `\\`)
	pattern, ok := t.expand(c, glob.Quote)
	return ok && glob.Match(pattern, value)
}

// equals compares a value with the text as it is.
func (t text) equals(value string, c Context) bool {
	expanded, ok := t.expand(c, func(v string) string { return v })
	return ok && expanded == value
}

// arnPattern is an ARN with wildcards, each of which stays within one of the six parts of the ARN, or "*" for all.
type arnPattern struct{ text }

// arnParts are an ARN's parts: arn, partition, service, region, account, resource.
const arnParts = 6

func (p arnPattern) match(arn string, c Context) bool {
	if p.raw == "*" {
		return true
	}
	p.raw = strings.ReplaceAll(p.raw, `\`, `\\`)
	expanded, ok := p.expand(c, glob.Quote)
	if !ok {
		return false
	}
	patterns, parts := strings.SplitN(expanded, ":", arnParts), strings.SplitN(arn, ":", arnParts)
	if len(patterns) != len(parts) {
		return false
	}
	for i, pattern := range patterns {
		if !glob.Match(pattern, parts[i]) {
			return false
		}
	}
	return true
}

var (
	variable     = regexp.MustCompile(`\$\{[^}]*\}`)
	arnPartition = regexp.MustCompile(`^(aws(-[a-z]+)*|[a-z*?-]*[*?][a-z*?-]*)$`)
	arnService   = regexp.MustCompile(`^[a-z0-9-]+$`)
	arnRegion    = regexp.MustCompile(`^[a-z0-9*?-]*$`)
	arnAccount   = regexp.MustCompile(`^(|\d{12}|aws|[\d*?]*[*?][\d*?]*)$`)
)

// checkARN says what is wrong with an ARN pattern, "" when nothing is.
func checkARN(pattern string) string {
	if pattern == "*" {
		return ""
	}
	parts := strings.SplitN(variable.ReplaceAllString(pattern, "*"), ":", arnParts)
	switch {
	case parts[0] != "arn" || len(parts) < arnParts:
		return fmt.Sprintf("%q is not an ARN of six parts (arn:partition:service:region:account:resource), nor \"*\"", pattern)
	case !arnPartition.MatchString(parts[1]):
		return fmt.Sprintf("%q: there is no partition %q", pattern, parts[1])
	case !arnService.MatchString(parts[2]):
		return fmt.Sprintf("%q: the service must be named without wildcards", pattern)
	case !arnRegion.MatchString(parts[3]):
		return fmt.Sprintf("%q: %q is not a region", pattern, parts[3])
	case !arnAccount.MatchString(parts[4]):
		return fmt.Sprintf("%q: %q is not an account id of twelve digits", pattern, parts[4])
	case parts[5] == "":
		return fmt.Sprintf("%q names no resource", pattern)
	}
	return ""
}

var actionPattern = regexp.MustCompile(`^[a-zA-Z0-9-]+:[a-zA-Z0-9*?]+$`)

// checkAction says what is wrong with an action pattern, "" when nothing is.
func checkAction(pattern string, kind Kind) string {
	switch {
	case kind == Trust && !strings.HasPrefix(strings.ToLower(pattern), "sts:"):
		return fmt.Sprintf("%q: a trust policy is about actions of sts alone", pattern)
	case pattern != "*" && !actionPattern.MatchString(pattern):
		return fmt.Sprintf("%q is not an action (service:Action, with wildcards in the action alone), nor \"*\"", pattern)
	}
	return ""
}
