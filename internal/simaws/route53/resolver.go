package route53

import (
	"fmt"
	"slices"

	"github.com/linkwright/linkwright/internal/simaws/dns"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// vpcZones are the private zones that a VPC's resolver answers from: those that are associated with the VPC, and those
// in which EC2 keeps the private DNS names of its endpoints. The most specific one answers, even if it has nothing of
// the name (Route 53 Developer Guide, "Considerations when working with a private hosted zone"). Its methods take the
// world's lock.
type vpcZones struct {
	service *Service
	vpc     string
}

var _ dns.Zones = vpcZones{}

// InVPC returns the view of private zones that the resolver of a VPC has.
func (a Authority) InVPC(id string) dns.Zones { return vpcZones{a.service, id} }

// Zone implements dns.Zones. A VPC sees private zones only with both DNS attributes on (ibid., "Amazon VPC settings").
func (v vpcZones) Zone(names []string) (*dns.Zone, error) {
	s := v.service
	s.world.Lock()
	defer s.world.Unlock()
	resolver, ok := s.world.Networks.Resolver(v.vpc)
	if !ok || !resolver.Support || !resolver.Hostnames {
		return nil, nil
	}
	now, vpc := s.world.Clock.Now(), VPC{Region: resolver.Region, ID: v.vpc}
	best, rank := s.closest(names, now, func(z *Zone) bool { return z.answersIn(vpc, now) })
	for _, private := range resolver.Names {
		if at := slices.Index(names, private.Domain()+"."); at >= 0 && at < rank {
			return endpointZone(private)
		}
	}
	return s.serveLive(best, now)
}

// endpointZone is the zone of an endpoint's private DNS name: the name, and nothing else, stands for the endpoint.
func endpointZone(private sim.PrivateName) (*dns.Zone, error) {
	apex, err := canonicalName(private.Domain())
	if err != nil {
		return nil, err
	}
	name, err := canonicalName(private.Name)
	if err != nil {
		return nil, err
	}
	records := apexRecords(&Zone{Name: apex, NameServers: nameServers(true)})
	for _, addresses := range []string{"A", "AAAA"} {
		records = append(records, RecordSet{Name: name, Type: addresses, Alias: &Alias{DNSName: private.Target}})
	}
	var sets []dns.RRSet
	for _, rs := range records {
		set, err := rs.served()
		if err != nil {
			return nil, fmt.Errorf("serve the private name %s: %w", private.Name, err)
		}
		sets = append(sets, set)
	}
	return dns.NewZone(zoneFileName(apex), sets)
}
