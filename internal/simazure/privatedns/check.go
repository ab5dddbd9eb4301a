package privatedns

import (
	"net/netip"
	"strings"

	"github.com/linkwright/linkwright/internal/simazure/arm"
)

// The bounds of record sets (Azure DNS, "Azure DNS FAQ" and "Azure subscription and service limits", "Azure DNS
// limits").
const (
	maxTTL     = 1<<31 - 1
	maxRecords = 20
	maxText    = 1024
	maxString  = 255
)

// checkRecordSet holds a record set against the rules of DNS and the bounds of Azure.
func (s *Service) checkRecordSet(set *arm.Resource[RecordSet], exists bool) error {
	p, name, kind := set.Properties, set.ID.Name(), kindOf(set.ID)
	switch {
	case p.TTL < 1 || p.TTL > maxTTL:
		return badRequest("The TTL of the record set '%s' must be between 1 and %d.", name, maxTTL)
	case !isRecordName(name):
		return badRequest("The record set name '%s' is not a valid relative domain name.", name)
	case kind == "CNAME" && name == "@":
		return badRequest("The record set '@' of type CNAME is not allowed at the apex of a zone.")
	case !exists && len(s.state.Records.Within(set.ID.Parent())) >= s.world.Limits.RecordSetsPerZone:
		return badRequest("The number of record sets of the zone '%s' is at its limit.", set.ID.Parent().Name())
	}
	for _, other := range s.state.Records.Within(set.ID.Parent()) {
		if strings.EqualFold(other.ID.Name(), name) && !other.ID.Is(set.ID) && (kind == "CNAME" || kindOf(other.ID) == "CNAME") {
			return badRequest("The CNAME record set '%s' and a record set of another type cannot have the same name.", name)
		}
	}
	if n := max(len(p.A), len(p.AAAA), len(p.TXT)); n > maxRecords {
		return badRequest("The record set '%s' has %d records, of which there can be %d.", name, n, maxRecords)
	}
	return p.check(kind, name)
}

// check holds the records against their type.
func (p RecordSet) check(kind, name string) error {
	for _, a := range p.A {
		if address, err := netip.ParseAddr(a.IPv4Address); err != nil || !address.Is4() {
			return badRequest("The IPv4 address '%s' of the record set '%s' is invalid.", a.IPv4Address, name)
		}
	}
	for _, a := range p.AAAA {
		if address, err := netip.ParseAddr(a.IPv6Address); err != nil || !address.Is6() {
			return badRequest("The IPv6 address '%s' of the record set '%s' is invalid.", a.IPv6Address, name)
		}
	}
	for _, t := range p.TXT {
		length := 0
		for _, part := range t.Value {
			length += len(part)
			if len(part) > maxString {
				return badRequest("A string of the TXT record set '%s' is longer than %d characters.", name, maxString)
			}
		}
		if length > maxText {
			return badRequest("A record of the TXT record set '%s' is longer than %d characters.", name, maxText)
		}
	}
	if kind == "CNAME" && (p.CNAME == nil || p.CNAME.CNAME == "") {
		return badRequest("The CNAME record set '%s' needs a canonical name.", name)
	}
	others := map[string]bool{"A": p.A != nil, "AAAA": p.AAAA != nil, "CNAME": p.CNAME != nil, "TXT": p.TXT != nil, "SOA": p.SOA != nil}
	for other, has := range others {
		if has && other != kind {
			return badRequest("The record set '%s' of type %s has records of type %s.", name, kind, other)
		}
	}
	return nil
}

// isRecordName reports whether a name can be a record set's: "@", or labels of which the first may be "*".
func isRecordName(name string) bool {
	if name == "@" {
		return true
	}
	for i, label := range strings.Split(name, ".") {
		wild := label == "*" && i == 0
		if label == "" || len(label) > 63 || !wild && strings.ContainsAny(label, "* @/") {
			return false
		}
	}
	return true
}
