package dns

import (
	"fmt"

	mdns "github.com/miekg/dns"
)

// RRSet is all records of one name and type, in the form of a zone file (RFC 1035, section 5).
type RRSet struct {
	Name   string // absolute, decimal escapes
	Type   string // "A", "TXT", …
	TTL    uint32
	Values []string // "192.0.2.1", "10 mail.example.com.", "\"text\""
	// AliasOf names what else to answer with, instead of Values: the records of that name and this type.
	AliasOf string
}

// Records parses the set.
func (s RRSet) Records() ([]mdns.RR, error) {
	var records []mdns.RR
	for _, value := range s.Values {
		rr, err := mdns.NewRR(fmt.Sprintf("%s %d IN %s %s", s.Name, s.TTL, s.Type, value))
		if err != nil {
			return nil, fmt.Errorf("record %s %s: %w", s.Name, s.Type, err)
		}
		if rr == nil {
			return nil, fmt.Errorf("record %s %s: no value", s.Name, s.Type)
		}
		records = append(records, rr)
	}
	return records, nil
}

// Zone is a zone as it is served. It does not change once made, so that queries need no lock.
type Zone struct {
	apex  string
	soa   *mdns.SOA
	nodes map[string]*node // by canonical name; also the names that only have something below them
}

// node is what there is at one name.
type node struct {
	sets    map[uint16][]mdns.RR
	aliases map[uint16]string
}

// NewZone makes a zone of its record sets, which must hold the apex's SOA.
func NewZone(apex string, sets []RRSet) (*Zone, error) {
	apex, err := canonical(apex)
	if err != nil {
		return nil, err
	}
	z := &Zone{apex: apex, nodes: map[string]*node{}}
	for _, set := range sets {
		if err := z.add(set); err != nil {
			return nil, err
		}
	}
	apexNode, ok := z.nodes[apex]
	if !ok || len(apexNode.sets[mdns.TypeSOA]) != 1 {
		return nil, fmt.Errorf("zone %s has no SOA record", apex)
	}
	z.soa, ok = apexNode.sets[mdns.TypeSOA][0].(*mdns.SOA)
	if !ok {
		return nil, fmt.Errorf("zone %s: the SOA record is none", apex)
	}
	return z, nil
}

func (z *Zone) add(set RRSet) error {
	name, err := canonical(set.Name)
	if err != nil {
		return err
	}
	if !mdns.IsSubDomain(z.apex, name) {
		return fmt.Errorf("%s is not in zone %s", set.Name, z.apex)
	}
	rrtype, ok := mdns.StringToType[set.Type]
	if !ok {
		return fmt.Errorf("%s: unknown record type %q", set.Name, set.Type)
	}
	n := z.node(name)
	if set.AliasOf != "" {
		target, err := canonical(set.AliasOf)
		if err != nil {
			return err
		}
		n.aliases[rrtype] = target
		return nil
	}
	records, err := set.Records()
	if err != nil {
		return err
	}
	n.sets[rrtype] = append(n.sets[rrtype], records...)
	return nil
}

// node finds or makes the node of a name, and makes every name between it and the apex exist, as an empty
// non-terminal has to (RFC 4592, section 2.2.2).
func (z *Zone) node(name string) *node {
	if n, ok := z.nodes[name]; ok {
		return n
	}
	n := &node{sets: map[uint16][]mdns.RR{}, aliases: map[uint16]string{}}
	z.nodes[name] = n
	if name != z.apex {
		z.node(parent(name))
	}
	return n
}

// find returns the node that answers for a name: its own, or that of the wildcard at its closest encloser
// (RFC 4592, section 3.3). It is nil when the name does not exist.
func (z *Zone) find(name string) *node {
	if n, ok := z.nodes[name]; ok {
		return n
	}
	for encloser := parent(name); ; encloser = parent(encloser) {
		if _, ok := z.nodes[encloser]; ok {
			return z.nodes["*."+encloser]
		}
		if encloser == z.apex || encloser == "." {
			return nil
		}
	}
}

// delegation returns the NS records by which the zone hands a name at or above name to other servers; nil
// when it answers itself.
func (z *Zone) delegation(name string) []mdns.RR {
	var cut []mdns.RR
	for ; name != z.apex && name != "."; name = parent(name) {
		if n, ok := z.nodes[name]; ok && len(n.sets[mdns.TypeNS]) > 0 {
			cut = n.sets[mdns.TypeNS] // the highest cut counts
		}
	}
	return cut
}

// negative is the SOA that goes with an answer of nothing, its TTL how long nothing may be cached
// (RFC 2308, section 3).
func (z *Zone) negative() mdns.RR {
	soa, ok := mdns.Copy(z.soa).(*mdns.SOA)
	if !ok {
		return z.soa
	}
	soa.Hdr.Ttl = min(soa.Hdr.Ttl, soa.Minttl)
	return soa
}

// canonical writes a name the way names of queries are looked up: absolute, in lower case, escapes as
// miekg/dns writes them.
func canonical(name string) (string, error) {
	wire := make([]byte, 256)
	n, err := mdns.PackDomainName(mdns.Fqdn(name), wire, 0, nil, false)
	if err != nil {
		return "", fmt.Errorf("domain name %q: %w", name, err)
	}
	text, _, err := mdns.UnpackDomainName(wire[:n], 0)
	if err != nil {
		return "", fmt.Errorf("domain name %q: %w", name, err)
	}
	return mdns.CanonicalName(text), nil
}

// parent is the name without its first label; that of the root is the root.
func parent(name string) string {
	i, end := mdns.NextLabel(name, 0)
	if end {
		return "."
	}
	return name[i:]
}
