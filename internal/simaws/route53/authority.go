package route53

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/linkwright/linkwright/internal/simaws/dns"
)

// Authority is what the name servers of Route 53 know: the public zones of every account, and the name
// servers' own addresses. Its methods take the world's lock.
type Authority struct{ service *Service }

// Authority returns the view that a dns.Server answers from.
func (s *Service) Authority() Authority { return Authority{s} }

var (
	_ dns.Zones = Authority{}
	_ dns.Hosts = Authority{}
)

// servedZone is a version of a zone as DNS serves it.
type servedZone struct {
	serial int
	zone   *dns.Zone
}

// Zone implements dns.Zones. Of zones with the same name the newest answers: in AWS each has name servers
// of its own, and the domain's owner delegates to those of the zone that is wanted.
func (a Authority) Zone(names []string) (*dns.Zone, error) {
	s := a.service
	s.world.Lock()
	defer s.world.Unlock()
	z, version, ok := s.publicZone(names)
	if !ok {
		return nil, nil
	}
	return s.serve(z, version)
}

// publicZone is the public zone that answers for the first of some names that one has, and what it answers from.
func (s *Service) publicZone(names []string) (*Zone, Version, bool) {
	now := s.world.Clock.Now()
	var best *Zone
	bestRank := len(names)
	for _, z := range s.state.Zones {
		if z.Private {
			continue
		}
		rank := slices.Index(names, zoneFileName(z.Name))
		if rank < 0 || rank > bestRank || rank == bestRank && z.Number < best.Number {
			continue
		}
		if _, live := z.live(now); live {
			best, bestRank = z, rank
		}
	}
	if best == nil {
		return nil, Version{}, false
	}
	version, _ := best.live(now)
	return best, version, true
}

// PublicCNAME implements sim.HostedZones.
func (s *Service) PublicCNAME(name string) (string, bool) {
	name, err := canonicalName(name)
	if err != nil {
		return "", false
	}
	var parents []string
	for parent := name; parent != ""; {
		parents = append(parents, zoneFileName(parent))
		_, parent, _ = strings.Cut(parent, ".")
	}
	_, version, ok := s.publicZone(parents)
	if !ok {
		return "", false
	}
	i, found := find(version.Records, name, "CNAME")
	if !found || len(version.Records[i].Values) != 1 {
		return "", false
	}
	return version.Records[i].Values[0], true
}

// serve puts a version of a zone into the form that DNS answers from, once.
func (s *Service) serve(z *Zone, v Version) (*dns.Zone, error) {
	if served, ok := s.served[z.ID]; ok && served.serial == v.Serial {
		return served.zone, nil
	}
	var sets []dns.RRSet
	for _, rs := range v.Records {
		set, err := rs.served()
		if err != nil {
			return nil, fmt.Errorf("serve %s of zone %s: %w", rs, z.ID, err)
		}
		sets = append(sets, set)
	}
	zone, err := dns.NewZone(zoneFileName(z.Name), sets)
	if err != nil {
		return nil, fmt.Errorf("serve zone %s: %w", z.ID, err)
	}
	s.served[z.ID] = servedZone{v.Serial, zone}
	return zone, nil
}

// Addresses implements dns.Hosts: every name server of a zone is this machine.
func (a Authority) Addresses(name string) []netip.Addr {
	s := a.service
	s.world.Lock()
	defer s.world.Unlock()
	host := strings.TrimSuffix(name, ".")
	for _, z := range s.state.Zones {
		if !z.Private && slices.Contains(z.NameServers, host) {
			return []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1})}
		}
	}
	return nil
}
