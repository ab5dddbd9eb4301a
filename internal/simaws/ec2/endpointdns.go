package ec2

import (
	"slices"
	"strings"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// choosePrivateDNS sets whether a new endpoint uses the service's private DNS name. A request that does not
// say gets it wherever it is possible.
func (s *Service) choosePrivateDNS(f query.Form, e *Endpoint, service *EndpointService) error {
	wanted, err := f.Bool("PrivateDnsEnabled")
	if err != nil {
		return err
	}
	if wanted != nil {
		return s.switchPrivateDNS(e, service, *wanted)
	}
	if s.privateDNSPossible(e, service) == nil {
		return s.switchPrivateDNS(e, service, true)
	}
	return nil
}

func (s *Service) switchPrivateDNS(e *Endpoint, service *EndpointService, on bool) error {
	if on && !e.PrivateDNS {
		if err := s.privateDNSPossible(e, service); err != nil {
			return err
		}
		e.PrivateZone = "Z" + strings.ToUpper(sim.Hex(20))
	}
	e.PrivateDNS = on
	return nil
}

// privateDNSPossible tells what stands in the way of private DNS on an endpoint, nil if nothing does.
func (s *Service) privateDNSPossible(e *Endpoint, service *EndpointService) error {
	vpc := s.state.VPCs[e.VPC]
	switch {
	case service.PrivateDNS == nil:
		return sim.Errorf("InvalidParameter", "Private DNS can't be enabled because the service %s does not provide a private DNS name.", service.Name())
	case e.State == endpointPendingAcceptance || e.turnedAway():
		return sim.Errorf("InvalidParameter", "Private DNS can only be enabled after the endpoint connection is accepted by the owner of %s.", service.Name())
	case !vpc.DNSSupport || !vpc.DNSHostnames:
		return sim.Errorf("InvalidParameter", "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for %s", vpc.ID)
	case service.PrivateDNS.State != dnsVerified:
		return sim.Errorf("InvalidParameter", "Private DNS can't be enabled because the private DNS name of the service %s is not verified.", service.Name())
	case s.nameTaken(e, service.PrivateDNS.Name):
		return sim.Errorf("InvalidParameter", "private-dns-enabled cannot be set because there is already a conflicting DNS domain for %s in the VPC %s", service.PrivateDNS.Name, vpc.ID)
	}
	return nil
}

// nameTaken reports whether the VPC resolves a private name already, through another endpoint or a private
// hosted zone.
func (s *Service) nameTaken(e *Endpoint, name string) bool {
	for _, other := range s.state.Endpoints {
		if taken, ok := s.privateName(other); ok && other.ID != e.ID && other.VPC == e.VPC && taken == name {
			return true
		}
	}
	if s.world.HostedZones == nil {
		return false
	}
	domain := strings.TrimPrefix(name, "*.")
	return slices.Contains(s.world.HostedZones.PrivateZones(e.Region, e.VPC), domain)
}

// privateName is the private DNS name that the endpoint's VPC resolves to it.
func (s *Service) privateName(e *Endpoint) (string, bool) {
	service, ok := s.state.EndpointServices[e.ServiceID]
	if !e.PrivateDNS || !ok || service.PrivateDNS == nil {
		return "", false
	}
	return service.PrivateDNS.Name, true
}
