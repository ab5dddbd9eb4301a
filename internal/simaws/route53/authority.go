package route53

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

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
	now := s.world.Clock.Now()
	return s.serveLive(s.publicZone(names, now), now)
}

// publicZone is the public zone that answers for the first of some names that one has; nil for none.
func (s *Service) publicZone(names []string, now time.Time) *Zone {
	best, _ := s.closest(names, now, func(z *Zone) bool { return !z.Private })
	return best
}

// closest is the zone, of those that are fit, whose apex stands first in names, and where it stands there; nil for
// none. Only zones count that have propagated.
func (s *Service) closest(names []string, now time.Time, fit func(*Zone) bool) (best *Zone, rank int) {
	rank = len(names)
	for _, z := range s.state.Zones {
		at := slices.Index(names, zoneFileName(z.Name))
		if at < 0 || at > rank || at == rank && z.Number < best.Number || !fit(z) {
			continue
		}
		if _, live := z.live(now); live {
			best, rank = z, at
		}
	}
	return best, rank
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
	now := s.world.Clock.Now()
	z := s.publicZone(parents, now)
	if z == nil {
		return "", false
	}
	version, _ := z.live(now)
	i, found := find(version.Records, name, "CNAME")
	if !found || len(version.Records[i].Values) != 1 {
		return "", false
	}
	return version.Records[i].Values[0], true
}

// serveLive puts what the name servers have of a zone into the form that DNS answers from; nil for no zone.
func (s *Service) serveLive(z *Zone, now time.Time) (*dns.Zone, error) {
	if z == nil {
		return nil, nil
	}
	version, _ := z.live(now)
	return s.serve(z, version)
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
