package policy

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// condition is one key of a statement's Condition under one operator: it holds when one of the values does.
type condition struct {
	name     string // of the operator
	operator operator
	forAll   bool // ForAllValues: each of the request's values must match
	forAny   bool // ForAnyValue: one of them must
	ifExists bool
	key      string
	values   []text
}

// operator is a condition operator (IAM User Guide, "IAM JSON policy elements: Condition operators").
type operator struct {
	// match compares a value of the policy with one of the request; nil for Null, which asks whether there is one.
	match func(given text, value string, c Context) bool
	// check says what is wrong with a value of the policy, "" when nothing is; nil when all are good.
	check func(value string) string
	// negated operators hold when nothing matches, and when the key is absent.
	negated bool
}

// operators are all that exist here, by the names that policies use.
var operators = func() map[string]operator {
	all := map[string]operator{
		"StringEquals":           {match: text.equals},
		"StringEqualsIgnoreCase": {match: text.equalsFold},
		"StringLike":             {match: text.matches},
		"ArnEquals":              {match: text.matchesARN, check: checkARN}, // the same as ArnLike
		"ArnLike":                {match: text.matchesARN, check: checkARN},
		"NumericEquals":          {match: compare(number, func(order int) bool { return order == 0 }), check: checked(number)},
		"DateEquals":             {match: compare(moment, func(order int) bool { return order == 0 }), check: checked(moment)},
		"IpAddress":              {match: text.contains, check: checkNetwork},
	}
	for _, name := range []string{"StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike", "NumericEquals", "DateEquals", "IpAddress"} {
		negation := all[name]
		negation.negated = true
		all[negatedName(name)] = negation
	}
	for suffix, holds := range map[string]func(order int) bool{
		"LessThan":          func(order int) bool { return order < 0 },
		"LessThanEquals":    func(order int) bool { return order <= 0 },
		"GreaterThan":       func(order int) bool { return order > 0 },
		"GreaterThanEquals": func(order int) bool { return order >= 0 },
	} {
		all["Numeric"+suffix] = operator{match: compare(number, holds), check: checked(number)}
		all["Date"+suffix] = operator{match: compare(moment, holds), check: checked(moment)}
	}
	all["Bool"] = operator{match: text.equalsFold, check: checkBool}
	all["Null"] = operator{check: checkBool}
	return all
}()

// negatedName puts the Not where AWS does: "StringNotEquals", "NotIpAddress".
func negatedName(name string) string {
	for _, kind := range []string{"String", "Arn", "Numeric", "Date"} {
		if rest, ok := strings.CutPrefix(name, kind); ok {
			return kind + "Not" + rest
		}
	}
	return "Not" + name
}

// holds reports whether the condition is met. A key that is absent meets negated operators, those with IfExists,
// and ForAllValues; it does not meet ForAnyValue.
func (c condition) holds(context Context) bool {
	have := context.values(c.key)
	matches := func(value string) bool {
		return c.operator.negated != slices.ContainsFunc(c.values, func(given text) bool { return c.operator.match(given, value, context) })
	}
	fails := func(value string) bool { return !matches(value) }
	switch {
	case c.operator.match == nil:
		absent := strconv.FormatBool(len(have) == 0)
		return slices.ContainsFunc(c.values, func(given text) bool { return given.equalsFold(absent, context) })
	case len(have) == 0:
		return c.ifExists || c.forAll || c.operator.negated && !c.forAny
	case c.forAll || c.operator.negated && !c.forAny:
		return !slices.ContainsFunc(have, fails)
	}
	return slices.ContainsFunc(have, matches)
}

func (t text) equalsFold(value string, c Context) bool {
	expanded, ok := t.expand(c, func(v string) string { return v })
	return ok && strings.EqualFold(expanded, value)
}

func (t text) matchesARN(value string, c Context) bool { return arnPattern{t}.match(value, c) }

// contains reports whether the address is in the network.
func (t text) contains(value string, _ Context) bool {
	network, ok := readNetwork(t.raw)
	address, err := netip.ParseAddr(value)
	return ok && err == nil && network.Contains(address)
}

// compare makes a match of an order: that of the request's value against the policy's.
func compare(read func(string) (float64, bool), holds func(order int) bool) func(text, string, Context) bool {
	return func(given text, value string, _ Context) bool {
		want, ok := read(given.raw)
		have, alsoOK := read(value)
		return ok && alsoOK && holds(cmp.Compare(have, want))
	}
}

func number(value string) (float64, bool) {
	n, err := strconv.ParseFloat(value, 64)
	return n, err == nil
}

// moment reads a date in seconds since 1970: as such, or in one of the forms of ISO 8601.
func moment(value string) (float64, bool) {
	for _, form := range []string{time.RFC3339, "2006-01-02T15:04Z07:00", time.DateOnly} {
		if t, err := time.Parse(form, value); err == nil {
			return float64(t.UnixMilli()) / 1000, true
		}
	}
	return number(value)
}

func checked(read func(string) (float64, bool)) func(string) string {
	return func(value string) string {
		if _, ok := read(value); !ok {
			return fmt.Sprintf("%q is neither a number nor a date that the operator can compare", value)
		}
		return ""
	}
}

func checkBool(value string) string {
	if !strings.EqualFold(value, "true") && !strings.EqualFold(value, "false") && !variable.MatchString(value) {
		return fmt.Sprintf("%q is neither true nor false", value)
	}
	return ""
}

// readNetwork reads "10.0.0.0/8", or an address alone.
func readNetwork(value string) (netip.Prefix, bool) {
	if address, err := netip.ParseAddr(value); err == nil {
		return netip.PrefixFrom(address, address.BitLen()), true
	}
	network, err := netip.ParsePrefix(value)
	return network, err == nil
}

func checkNetwork(value string) string {
	if _, ok := readNetwork(value); !ok {
		return fmt.Sprintf("%q is neither an address nor a network such as 10.0.0.0/8", value)
	}
	return ""
}
