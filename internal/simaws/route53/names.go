package route53

import (
	"fmt"
	"slices"
	"strings"

	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// Domain names are kept as Route 53 lists them: absolute, in lower case, and with every character other
// than a-z, 0-9, "-" and "_" as an octal escape, so that a wildcard is "\052.example.com."
// (Route 53 Developer Guide, "DNS domain name format").

// canonicalName reads a name as a caller writes it, with or without the trailing dot and with characters
// plain or escaped.
func canonicalName(text string) (string, error) {
	labels, err := parseLabels(text)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, label := range labels {
		for _, c := range []byte(label) {
			if plain(c) {
				b.WriteByte(c)
			} else {
				fmt.Fprintf(&b, `\%03o`, c)
			}
		}
		b.WriteByte('.')
	}
	return b.String(), nil
}

func plain(c byte) bool {
	return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '_'
}

// parseLabels splits a name into its labels, escapes resolved and letters in lower case.
func parseLabels(text string) ([]string, error) {
	var labels []string
	var label []byte
	rest := strings.TrimSuffix(text, ".")
	if rest == "" {
		return nil, invalidName(text, "it is empty")
	}
	length := 0
	finish := func() error {
		if len(label) == 0 || len(label) > 63 {
			return invalidName(text, "each label has 1 to 63 characters")
		}
		length += len(label) + 1
		labels, label = append(labels, string(label)), nil
		return nil
	}
	for rest != "" {
		c := rest[0]
		rest = rest[1:]
		switch {
		case c == '.':
			if err := finish(); err != nil {
				return nil, err
			}
			continue
		case c == '\\':
			v, ok := octal(rest)
			if !ok {
				return nil, invalidName(text, `a backslash starts an escape of three octal digits`)
			}
			c, rest = v, rest[3:]
		case c <= ' ' || c > '~':
			return nil, invalidName(text, "characters outside printable ASCII must be escaped")
		}
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		label = append(label, c)
	}
	if err := finish(); err != nil {
		return nil, err
	}
	if length > 255 {
		return nil, invalidName(text, "a name has at most 255 characters")
	}
	return labels, nil
}

// octal reads the three digits of an escape such as 052.
func octal(s string) (byte, bool) {
	if len(s) < 3 || s[0] > '3' {
		return 0, false
	}
	var v byte
	for _, d := range []byte(s[:3]) {
		if d < '0' || d > '7' {
			return 0, false
		}
		v = v<<3 | (d - '0')
	}
	return v, true
}

func invalidName(name, why string) *sim.Error {
	return sim.Errorf("InvalidDomainName", "%s is not a valid domain name: %s.", name, why)
}

// labelsOf splits a canonical name, which cannot fail, into labels with escapes resolved.
func labelsOf(name string) []string {
	labels, err := parseLabels(name)
	if err != nil {
		return nil
	}
	return labels
}

// sortKey is what Route 53 orders names by: the labels reversed, each followed by a dot
// (Route 53 API Reference, ListResourceRecordSets).
func sortKey(name string) string {
	labels := labelsOf(name)
	slices.Reverse(labels)
	return strings.Join(labels, ".") + "."
}

// within reports whether a canonical name is the zone's apex or below it.
func within(name, zone string) bool {
	return name == zone || strings.HasSuffix(name, "."+zone)
}

// zoneFileName writes a canonical name as queries carry it in package dns: decimal escapes, a backslash
// before what zone files treat specially, a bare asterisk.
func zoneFileName(name string) string {
	var b strings.Builder
	for _, label := range labelsOf(name) {
		for _, c := range []byte(label) {
			switch {
			case strings.IndexByte(`. '@;()"\`, c) >= 0:
				b.WriteByte('\\')
				b.WriteByte(c)
			case c < ' ' || c > '~':
				fmt.Fprintf(&b, `\%03d`, c)
			default:
				b.WriteByte(c)
			}
		}
		b.WriteByte('.')
	}
	return b.String()
}
