package signers

import (
	"errors"
	"regexp"
	"strings"
)

// patterns is a pattern-list (ssh_config(5), "PATTERNS"): * stands for any characters and ? for one, and what
// an entry with a ! before it matches is never matched, whatever the others say.
type patterns []pattern

type pattern struct {
	text    string
	not     bool
	matches *regexp.Regexp
}

var wildcards = strings.NewReplacer(`\*`, `.*`, `\?`, `.`)

func parsePatterns(list string) (patterns, error) {
	var all patterns
	for entry := range strings.SplitSeq(list, ",") {
		text, not := strings.CutPrefix(entry, "!")
		if text == "" {
			return nil, errors.New("an entry of the list is empty")
		}
		matches, err := regexp.Compile("^(?s:" + wildcards.Replace(regexp.QuoteMeta(text)) + ")$")
		if err != nil {
			return nil, err
		}
		all = append(all, pattern{text, not, matches})
	}
	return all, nil
}

func (p patterns) match(s string) bool {
	found := false
	for _, one := range p {
		if one.matches.MatchString(s) {
			if one.not {
				return false
			}
			found = true
		}
	}
	return found
}

// only is the one name that a list matches; empty when it may match others.
func (p patterns) only() string {
	if len(p) != 1 || p[0].not || strings.ContainsAny(p[0].text, "*?") {
		return ""
	}
	return p[0].text
}
