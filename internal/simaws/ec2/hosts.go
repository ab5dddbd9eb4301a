package ec2

import (
	"net/netip"
	"strings"
)

// Hosts are the public DNS names of endpoints, which resolve to their private addresses.
type Hosts struct{ s *Service }

// Hosts returns the view that a DNS server answers from.
func (s *Service) Hosts() Hosts { return Hosts{s} }

// Addresses are those behind a name: of all network interfaces for an endpoint's own name, of one for the
// name with a zone in it, and of the families that its DNS records are to be of. It takes the world's lock.
func (h Hosts) Addresses(name string) []netip.Addr {
	h.s.world.Lock()
	defer h.s.world.Unlock()
	endpoint, zone, ok := h.s.named(name)
	if !ok || endpoint.State != endpointAvailable {
		return nil
	}
	var found []netip.Addr
	for _, id := range endpoint.Interfaces {
		eni := h.s.state.Interfaces[id]
		if zone == "" || zone == eni.Zone.Name {
			found = append(found, eni.published(endpoint.DNSRecordType)...)
		}
	}
	return found
}

// named finds the endpoint that has a DNS name, and the zone in the name, if there is one.
func (s *Service) named(name string) (endpoint *Endpoint, zone string, ok bool) {
	label, domain, _ := strings.Cut(strings.TrimSuffix(name, "."), ".")
	parts := strings.SplitN(label, "-", 4) // vpce, id, label, zone
	if len(parts) < 3 {
		return nil, "", false
	}
	s.settle()
	endpoint, ok = s.state.Endpoints[parts[0]+"-"+parts[1]]
	if !ok || endpoint.Domain != domain || endpoint.Label != parts[2] {
		return nil, "", false
	}
	if len(parts) == 4 {
		zone = parts[3]
	}
	return endpoint, zone, true
}

// published are the interface's addresses of the families that DNS records of a type show.
func (n *NetworkInterface) published(records string) []netip.Addr {
	var found []netip.Addr
	if n.Address != "" && records != "ipv6" {
		found = append(found, netip.MustParseAddr(n.Address))
	}
	if n.AddressV6 != "" && records != "ipv4" {
		found = append(found, netip.MustParseAddr(n.AddressV6))
	}
	return found
}
