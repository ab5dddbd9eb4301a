package ec2

import (
	"slices"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// modifyEndpoint changes an endpoint, which then is pending again until the change is carried out.
func (s *Service) modifyEndpoint(r *sim.Request, f query.Form) (any, error) {
	if !f.Has("VpcEndpointId") {
		return nil, missingParameter("VpcEndpointId")
	}
	endpoint, err := owned(r, s.state.Endpoints, f.String("VpcEndpointId"), endpointNotFound)
	if err != nil {
		return nil, err
	}
	privateDNS, err := f.Bool("PrivateDnsEnabled")
	if err != nil {
		return nil, err
	}
	reset, err := f.True("ResetPolicy")
	if err != nil {
		return nil, err
	}
	service, ok := s.state.EndpointServices[endpoint.ServiceID]
	if !ok {
		return nil, sim.Errorf("InvalidParameter", "The VPC endpoint service of %s does not exist any more.", endpoint.ID)
	}
	changed := *endpoint
	if privateDNS != nil {
		if err := s.switchPrivateDNS(&changed, service, *privateDNS); err != nil {
			return nil, err
		}
	}
	if endpoint.State != endpointAvailable {
		return nil, sim.Errorf("IncorrectState", "The VPC endpoint %s is in the state %s and cannot be modified.", endpoint.ID, endpoint.State)
	}
	if err := changed.setAddressTypes(f, service); err != nil {
		return nil, err
	}
	if err := s.changeGroups(r, f, &changed); err != nil {
		return nil, err
	}
	if changed.Policy, err = readPolicy(f, endpoint.Policy); err != nil {
		return nil, err
	}
	if reset {
		changed.Policy = fullAccess
	}
	if err := s.changeSubnets(r, f, &changed, service); err != nil {
		return nil, err
	}
	s.provision(&changed)
	*endpoint = changed
	return done{true}, nil
}

func (s *Service) changeGroups(r *sim.Request, f query.Form, e *Endpoint) error {
	groups := merge(e.SecurityGroups, f.List("AddSecurityGroupId"), f.List("RemoveSecurityGroupId"))
	if len(groups) == 0 {
		return sim.Errorf("InvalidParameter", "The VPC endpoint %s must have at least one security group.", e.ID)
	}
	groups, err := s.endpointGroups(r, s.state.VPCs[e.VPC], groups)
	e.SecurityGroups = groups
	return err
}

// changeSubnets takes subnets away and adds others. A fixed address for a subnet that the endpoint is in
// already, or another address type, gets it another network interface there.
func (s *Service) changeSubnets(r *sim.Request, f query.Form, e *Endpoint, service *EndpointService) error {
	add, remove := f.List("AddSubnetId"), f.List("RemoveSubnetId")
	wanted, err := fixedAddresses(f, slices.Concat(e.Subnets, add))
	if err != nil {
		return err
	}
	for _, id := range e.Subnets {
		anew := wanted[id] != addresses{} || !s.hasAddresses(e, id)
		if anew && !slices.Contains(remove, id) {
			add, remove = append(add, id), append(remove, id)
		}
	}
	var dropped, keptSubnets, kept []string
	for i, id := range e.Subnets {
		if slices.Contains(remove, id) {
			dropped = append(dropped, e.Interfaces[i])
			continue
		}
		keptSubnets, kept = append(keptSubnets, id), append(kept, e.Interfaces[i])
	}
	e.Subnets, e.Interfaces = keptSubnets, kept
	if err := s.addSubnets(r, f, e, service, add); err != nil {
		return err
	}
	s.removeInterfaces(dropped)
	return nil
}

// hasAddresses reports whether the endpoint's network interface in a subnet has the addresses that its address type
// asks for.
func (s *Service) hasAddresses(e *Endpoint, subnet string) bool {
	eni := s.state.Interfaces[e.Interfaces[slices.Index(e.Subnets, subnet)]]
	return (eni.Address != "") == (e.IPAddressType != "ipv6") && (eni.AddressV6 != "") == (e.IPAddressType != "ipv4")
}
