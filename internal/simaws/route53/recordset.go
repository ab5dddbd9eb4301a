package route53

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/linkwright/linkwright/internal/simaws/dns"
)

// RecordSet is all records of one name and type, or an alias for those of another name.
type RecordSet struct {
	Name   string // canonical
	Type   string // "A", "TXT", …
	TTL    uint32
	Values []string // as the caller wrote them
	Alias  *Alias   // instead of TTL and Values
}

// Alias makes a record set answer with the addresses of another name.
type Alias struct {
	HostedZoneID         string `xml:"HostedZoneId"`
	DNSName              string `xml:"DNSName"`
	EvaluateTargetHealth bool   `xml:"EvaluateTargetHealth"`
}

// compareSets is the order of ListResourceRecordSets: names with their labels reversed, then types.
func compareSets(a, b RecordSet) int {
	return cmp.Or(cmp.Compare(sortKey(a.Name), sortKey(b.Name)), cmp.Compare(a.Type, b.Type))
}

// find is where a set of that name and type is among records, or where it belongs.
func find(records []RecordSet, name, recordType string) (int, bool) {
	return slices.BinarySearchFunc(records, RecordSet{Name: name, Type: recordType}, compareSets)
}

// equal reports whether a deletion names exactly this set. The order of values does not matter.
func (rs RecordSet) equal(other RecordSet) bool {
	if rs.Alias != nil || other.Alias != nil {
		return rs.Alias != nil && other.Alias != nil && *rs.Alias == *other.Alias
	}
	return rs.TTL == other.TTL &&
		slices.Equal(slices.Sorted(slices.Values(rs.Values)), slices.Sorted(slices.Values(other.Values)))
}

// String names a set as Route 53's messages do.
func (rs RecordSet) String() string { return fmt.Sprintf("[name='%s', type='%s']", rs.Name, rs.Type) }

// served is the set in zone-file form, from which DNS answers.
func (rs RecordSet) served() (dns.RRSet, error) {
	set := dns.RRSet{Name: zoneFileName(rs.Name), Type: rs.Type, TTL: rs.TTL}
	if rs.Alias != nil {
		target, err := canonicalName(rs.Alias.DNSName)
		if err != nil {
			return dns.RRSet{}, err
		}
		set.AliasOf = zoneFileName(target)
		return set, nil
	}
	for _, value := range rs.Values {
		text, err := zoneFileValue(rs.Type, value)
		if err != nil {
			return dns.RRSet{}, err
		}
		set.Values = append(set.Values, text)
	}
	return set, nil
}
