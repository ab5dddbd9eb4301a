package aws

import (
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/linkwright/linkwright/internal/link"
)

// The fields of conditions that routes have (Elastic Load Balancing API Reference, RuleCondition).
const (
	hostHeader  = "host-header"
	pathPattern = "path-pattern"
)

// match is the set of requests that a rule is for.
type match struct {
	hosts []string // patterns, in lower case; none for all
	paths []string // patterns; none for all
	// narrowed is true when there are further conditions, so that it is for some of these requests alone.
	narrowed bool
}

// matchFor is that of a route.
func matchFor(want link.Route) match {
	return match{hosts: patterns(want.Hosts, strings.ToLower), paths: patterns(want.Paths, asItIs)}
}

// matchOf reads the conditions of a rule.
func matchOf(r elbtypes.Rule) match {
	var m match
	for _, c := range r.Conditions {
		values := c.Values
		switch {
		case sdk.ToString(c.Field) == hostHeader && len(c.RegexValues) == 0:
			if c.HostHeaderConfig != nil {
				values = c.HostHeaderConfig.Values
				m.narrowed = m.narrowed || len(c.HostHeaderConfig.RegexValues) > 0
			}
			m.hosts = patterns(values, strings.ToLower)
		case sdk.ToString(c.Field) == pathPattern && len(c.RegexValues) == 0:
			if c.PathPatternConfig != nil {
				values = c.PathPatternConfig.Values
				m.narrowed = m.narrowed || len(c.PathPatternConfig.RegexValues) > 0
			}
			m.paths = patterns(values, asItIs)
		default:
			m.narrowed = true
		}
	}
	return m
}

// conditions are those that select the requests of m.
func (m match) conditions() []elbtypes.RuleCondition {
	conditions := []elbtypes.RuleCondition{{
		Field: sdk.String(hostHeader), HostHeaderConfig: &elbtypes.HostHeaderConditionConfig{Values: m.hosts},
	}}
	if len(m.paths) > 0 {
		conditions = append(conditions, elbtypes.RuleCondition{
			Field: sdk.String(pathPattern), PathPatternConfig: &elbtypes.PathPatternConditionConfig{Values: m.paths},
		})
	}
	return conditions
}

// covers reports whether m is for every request that other is for.
func (m match) covers(other match) bool {
	return !m.narrowed && coversEach(m.hosts, other.hosts) && coversEach(m.paths, other.paths)
}

// coversEach reports whether some broad pattern contains each narrow one.
func coversEach(broad, narrow []string) bool {
	if len(broad) == 0 {
		return true
	}
	return len(narrow) > 0 && !slices.ContainsFunc(narrow, func(n string) bool {
		return !slices.ContainsFunc(broad, func(b string) bool { return contains(b, n) })
	})
}

// String shows a match in a status: "shop.example.com/api/*".
func (m match) String() string {
	var shown []string
	for _, host := range m.hosts {
		if len(m.paths) == 0 {
			shown = append(shown, host)
		}
		for _, path := range m.paths {
			shown = append(shown, host+path)
		}
	}
	return strings.Join(shown, ", ")
}

// patterns are the patterns of one field, sorted, each once. With one for everything among them there are none.
func patterns(values []string, normal func(string) string) []string {
	var all []string
	for _, v := range values {
		v = normal(v)
		if v == "*" || v == "/*" { // a path begins with a slash
			return nil
		}
		all = append(all, v)
	}
	return unique(all)
}

func asItIs(s string) string { return s }

// contains reports whether everything that the narrow pattern stands for the broad one stands for, too. In both, "*" is
// any characters, or none, and "?" one (Elastic Load Balancing API Reference, RuleCondition).
func contains(broad, narrow string) bool {
	switch {
	case broad == "":
		return narrow == ""
	case broad[0] == '*':
		return contains(broad[1:], narrow) || narrow != "" && contains(broad, narrow[1:])
	case narrow == "" || narrow[0] == '*':
		return false
	case broad[0] == '?' || broad[0] == narrow[0]:
		return contains(broad[1:], narrow[1:])
	}
	return false
}
