package privatedns

import (
	"fmt"
	"strings"

	"github.com/linkwright/linkwright/internal/simazure/arm"
)

// Answer is what Azure's resolver says to a virtual network.
type Answer struct {
	Code    string   `json:"code"`    // "NOERROR", "NXDOMAIN"
	Records []string `json:"records"` // "api.links.internal. 60 IN A 10.1.0.10"
}

// maxAliases is how many CNAME records are followed.
const maxAliases = 8

// Resolve asks for a name in a virtual network: of the zones linked to it, the most specific one answers alone (Azure
// DNS, "What is Azure Private DNS?" and "Azure DNS Private Zones scenarios"). There is no public DNS beside.
func (s *Service) Resolve(network arm.ID, name, kind string) Answer {
	name, kind = strings.ToLower(strings.TrimSuffix(name, ".")), strings.ToUpper(kind)
	answer := Answer{Code: "NXDOMAIN", Records: []string{}}
	for range maxAliases {
		zone := s.zoneFor(network, name)
		if zone == nil {
			return answer
		}
		sets := s.named(zone, name)
		if sets == nil {
			return answer
		}
		answer.Code = "NOERROR"
		alias := ""
		for _, set := range sets {
			switch {
			case kindOf(set.ID) == kind:
				answer.Records = append(answer.Records, set.Properties.lines(name)...)
				alias = ""
			case set.Properties.CNAME != nil && kind != "CNAME":
				answer.Records = append(answer.Records, set.Properties.lines(name)...)
				alias = strings.ToLower(strings.TrimSuffix(set.Properties.CNAME.CNAME, "."))
			}
		}
		if alias == "" {
			return answer
		}
		name = alias
	}
	return Answer{Code: "SERVFAIL", Records: []string{}}
}

// zoneFor is the most specific zone above a name that is linked to a network.
func (s *Service) zoneFor(network arm.ID, name string) *arm.Resource[Zone] {
	var best *arm.Resource[Zone]
	for _, link := range s.state.Links.All() {
		if link.Properties.New || !link.Properties.Network.Is(network) {
			continue
		}
		zone, ok := s.state.Zones.Get(link.ID.Parent())
		if !ok {
			continue
		}
		under := strings.ToLower(zone.ID.Name())
		if (name == under || strings.HasSuffix(name, "."+under)) && (best == nil || len(under) > len(best.ID.Name())) {
			best = zone
		}
	}
	return best
}

// named are the record sets of a name, or else those of the closest wildcard above it (RFC 4592).
func (s *Service) named(zone *arm.Resource[Zone], name string) []*arm.Resource[RecordSet] {
	all := s.state.Records.Within(zone.ID)
	find := func(full string) []*arm.Resource[RecordSet] {
		var found []*arm.Resource[RecordSet]
		for _, set := range all {
			if strings.EqualFold(fqdn(set.ID), full+".") {
				found = append(found, set)
			}
		}
		return found
	}
	exists := func(full string) bool {
		for _, set := range all {
			if own := strings.ToLower(fqdn(set.ID)); own == full+"." || strings.HasSuffix(own, "."+full+".") {
				return true
			}
		}
		return false
	}
	if exists(name) {
		return orNothing(find(name))
	}
	for above := name; ; {
		_, rest, found := strings.Cut(above, ".")
		if !found || len(rest) < len(zone.ID.Name()) {
			return nil
		}
		if exists(rest) {
			return find("*." + rest)
		}
		above = rest
	}
}

// orNothing is an empty list for a name that is there without records of its own.
func orNothing(sets []*arm.Resource[RecordSet]) []*arm.Resource[RecordSet] {
	if sets == nil {
		return []*arm.Resource[RecordSet]{}
	}
	return sets
}

// lines are the records in the form of a zone file.
func (p RecordSet) lines(name string) []string {
	var lines []string
	add := func(kind, value string) {
		lines = append(lines, fmt.Sprintf("%s. %d IN %s %s", name, p.TTL, kind, value))
	}
	for _, a := range p.A {
		add("A", a.IPv4Address)
	}
	for _, a := range p.AAAA {
		add("AAAA", a.IPv6Address)
	}
	if p.CNAME != nil {
		add("CNAME", strings.TrimSuffix(p.CNAME.CNAME, ".")+".")
	}
	for _, t := range p.TXT {
		var quoted []string
		for _, part := range t.Value {
			quoted = append(quoted, fmt.Sprintf("%q", part))
		}
		add("TXT", strings.Join(quoted, " "))
	}
	if soa := p.SOA; soa != nil {
		add("SOA", fmt.Sprintf("%s. %s. %d %d %d %d %d", soa.Host, soa.Email, soa.SerialNumber, soa.RefreshTime, soa.RetryTime, soa.ExpireTime, soa.MinimumTTL))
	}
	return lines
}

// IsLinked reports whether a zone is linked to a network.
func (s *Service) IsLinked(zone, network arm.ID) bool {
	for _, link := range s.state.Links.Within(zone) {
		if link.Properties.Network.Is(network) && !link.Properties.New {
			return true
		}
	}
	return false
}
