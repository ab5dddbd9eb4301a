package dns

import (
	"fmt"
	"net/netip"

	mdns "github.com/miekg/dns"
)

// Zones is who hosts zones. It must be safe for concurrent use.
type Zones interface {
	// Zone returns the zone whose apex stands first in names, which are a query's name and its ancestors,
	// the longest first; nil when none of them is the apex of a zone.
	Zone(names []string) (*Zone, error)
}

// Hosts knows addresses of names outside any hosted zone, such as those of name servers or load balancers.
// It must be safe for concurrent use.
type Hosts interface {
	// Addresses returns the addresses of a canonical name, none when the name is unknown.
	Addresses(name string) []netip.Addr
}

// Names is what answers are made of.
type Names struct {
	// Private is asked before all else: a name in one of its zones is looked for there and nowhere else. Nil for none.
	Private Zones
	Zones   Zones
	Hosts   []Hosts
}

// hostTTL is the TTL of host and alias answers; Elastic Load Balancing's names and Route 53's aliases for
// them have 60 s (Route 53 Developer Guide, "Values specific for simple alias records").
const hostTTL = 60

// maxChain is how many CNAME records or aliases an answer follows.
const maxChain = 8

// reply is an answer in the making.
type reply struct {
	names     Names
	rcode     int
	referral  bool // an answer that only says who knows
	records   []mdns.RR
	authority []mdns.RR
}

// resolve answers one question.
func (n Names) resolve(question mdns.Question) (*reply, error) {
	r := &reply{names: n, rcode: mdns.RcodeSuccess}
	if question.Qclass != mdns.ClassINET {
		r.rcode = mdns.RcodeRefused
		return r, nil
	}
	return r, r.follow(question.Name, question.Qtype, 0)
}

// follow answers for owner, and for what its CNAME points to.
func (r *reply) follow(owner string, qtype uint16, depth int) error {
	name := mdns.CanonicalName(owner)
	zone, err := r.names.private(name)
	if err != nil {
		return err
	}
	if zone == nil {
		if addresses := r.names.addresses(name); len(addresses) > 0 {
			r.records = append(r.records, addressRecords(owner, qtype, addresses)...)
			return nil
		}
		if zone, err = r.names.Zones.Zone(ancestors(name)); err != nil {
			return err
		}
	}
	if zone == nil {
		if depth == 0 {
			r.rcode = mdns.RcodeRefused // the question is about somebody else's domain
		}
		return nil
	}
	if cut := zone.delegation(name); cut != nil {
		r.referral, r.authority = depth == 0, cut
		return nil
	}
	n := zone.find(name)
	if n == nil {
		r.rcode = mdns.RcodeNameError
		r.authority = []mdns.RR{zone.negative()}
		return nil
	}
	if cname := n.sets[mdns.TypeCNAME]; len(cname) > 0 && qtype != mdns.TypeCNAME && qtype != mdns.TypeANY {
		r.records = append(r.records, owned(owner, cname)...)
		target, ok := cname[0].(*mdns.CNAME)
		if !ok || depth == maxChain {
			return fmt.Errorf("CNAME chain of %s is too long", owner)
		}
		return r.follow(target.Target, qtype, depth+1)
	}
	found, err := r.at(n, owner, qtype, depth)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		r.authority = []mdns.RR{zone.negative()}
	}
	r.records = append(r.records, found...)
	return nil
}

// private is the private zone that a name is in, nil for none.
func (n Names) private(name string) (*Zone, error) {
	if n.Private == nil {
		return nil, nil
	}
	return n.Private.Zone(ancestors(name))
}

func (n Names) addresses(name string) []netip.Addr {
	for _, h := range n.Hosts {
		if found := h.Addresses(name); len(found) > 0 {
			return found
		}
	}
	return nil
}

// at returns what a node has of a type, an alias resolved to the records that it stands for.
func (r *reply) at(n *node, owner string, qtype uint16, depth int) ([]mdns.RR, error) {
	if qtype == mdns.TypeANY {
		var all []mdns.RR
		for _, set := range n.sets {
			all = append(all, owned(owner, set)...)
		}
		return all, nil
	}
	target, ok := n.aliases[qtype]
	if !ok {
		return owned(owner, n.sets[qtype]), nil
	}
	if depth == maxChain {
		return nil, fmt.Errorf("alias chain of %s is too long", owner)
	}
	behind := &reply{names: r.names}
	if err := behind.follow(target, qtype, depth+1); err != nil {
		return nil, err
	}
	var records []mdns.RR
	for _, rr := range behind.records {
		if rr.Header().Rrtype == qtype {
			records = append(records, rr)
		}
	}
	return owned(owner, records), nil
}

// owned copies records for the name that was asked for: wildcards and aliases answer in its name.
func owned(owner string, records []mdns.RR) []mdns.RR {
	var out []mdns.RR
	for _, rr := range records {
		c := mdns.Copy(rr)
		c.Header().Name = owner
		out = append(out, c)
	}
	return out
}

func addressRecords(owner string, qtype uint16, addresses []netip.Addr) []mdns.RR {
	var records []mdns.RR
	for _, a := range addresses {
		header := mdns.RR_Header{Name: owner, Class: mdns.ClassINET, Ttl: hostTTL}
		switch {
		case a.Is4() && qtype == mdns.TypeA:
			header.Rrtype = mdns.TypeA
			records = append(records, &mdns.A{Hdr: header, A: a.AsSlice()})
		case a.Is6() && qtype == mdns.TypeAAAA:
			header.Rrtype = mdns.TypeAAAA
			records = append(records, &mdns.AAAA{Hdr: header, AAAA: a.AsSlice()})
		}
	}
	return records
}

// ancestors are a name and the names above it, without the root.
func ancestors(name string) []string {
	var names []string
	for ; name != "."; name = parent(name) {
		names = append(names, name)
	}
	return names
}
