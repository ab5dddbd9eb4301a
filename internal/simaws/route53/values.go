package route53

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/linkwright/linkwright/internal/simaws/dns"
)

// recordTypes are the types of record that Route 53 hosts (Route 53 Developer Guide, "Supported DNS record types").
var recordTypes = []string{"A", "AAAA", "CAA", "CNAME", "DS", "HTTPS", "MX", "NAPTR", "NS", "PTR", "SOA", "SPF",
	"SRV", "SSHFP", "SVCB", "TLSA", "TXT"}

// valueError is why a record's value cannot be.
type valueError struct{ code, why, value string }

func (e *valueError) Error() string {
	return fmt.Sprintf("Invalid Resource Record: 'FATAL problem: %s (%s) encountered with '%s''", e.code, e.why, e.value)
}

// zoneFileValue turns a value as Route 53 takes it into what a zone file says, and refuses what is wrong.
// Character strings differ: Route 53 escapes in octal, zone files in decimal.
func zoneFileValue(recordType, value string) (string, error) {
	switch recordType {
	case "A":
		if addr, err := netip.ParseAddr(value); err != nil || !addr.Is4() {
			return "", &valueError{"ARRDATAIllegalIPv4Address", "Value is not a valid IPv4 address", value}
		}
	case "AAAA":
		if addr, err := netip.ParseAddr(value); err != nil || !addr.Is6() || addr.Zone() != "" {
			return "", &valueError{"AAAARRDATAIllegalIPv6Address", "Value is not a valid IPv6 address", value}
		}
	case "TXT", "SPF":
		return characterStrings(value)
	default:
		set := dns.RRSet{Name: ".", Type: recordType, Values: []string{value}}
		if _, err := set.Records(); err != nil {
			return "", &valueError{recordType + "RRDATAInvalid", "Value is not valid for the record type", value}
		}
	}
	return value, nil
}

// characterStrings reads one or more strings in quotation marks, separated by spaces, each of at most 255
// bytes (Route 53 Developer Guide, "TXT record type").
func characterStrings(value string) (string, error) {
	invalid := func(code, why string) error { return &valueError{code, why, value} }
	var out []string
	rest := strings.TrimSpace(value)
	if rest == "" {
		return "", invalid("CharacterStringEmpty", "Value should not be empty")
	}
	for rest != "" {
		body, ok := strings.CutPrefix(rest, `"`)
		if !ok {
			return "", invalid("InvalidCharacterString", "Value should be enclosed in quotation marks")
		}
		text, after, ok := quoted(body)
		if !ok {
			return "", invalid("InvalidCharacterString", "Value should be enclosed in quotation marks")
		}
		if len(text) > 255 {
			return "", invalid("CharacterStringTooLong", "Value is too long")
		}
		out = append(out, zoneFileString(text))
		rest = strings.TrimLeft(after, " \t")
	}
	return strings.Join(out, " "), nil
}

// quoted reads up to the closing quotation mark: \" and \\ stand for themselves, \ooo for a byte.
func quoted(s string) (text []byte, after string, ok bool) {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			return text, s[i+1:], true
		case '\\':
			if v, isOctal := octal(s[i+1:]); isOctal {
				text = append(text, v)
				i += 3
			} else if i+1 < len(s) {
				text = append(text, s[i+1])
				i++
			}
		default:
			text = append(text, s[i])
		}
	}
	return nil, "", false
}

// zoneFileString writes a character string with decimal escapes.
func zoneFileString(text []byte) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range text {
		if c < ' ' || c > '~' || slices.Contains([]byte(`"\;`), c) {
			fmt.Fprintf(&b, `\%03d`, c)
		} else {
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}
