package ec2

import (
	"slices"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// modifyEndpointService changes a service. Whatever it is asked for, and if it is asked for nothing, the
// service takes up availability zones that its load balancers have been enabled in since (AWS PrivateLink
// Guide, "Configure an endpoint service").
func (s *Service) modifyEndpointService(r *sim.Request, f query.Form) (any, error) {
	service, err := s.endpointService(r, f)
	if err != nil {
		return nil, err
	}
	if service.State == serviceDeleting {
		return nil, sim.Errorf("InvalidState", "The VPC endpoint service %s is being deleted.", service.ID)
	}
	changed := *service // taken over only when every part of the change is good
	acceptance, err := f.Bool("AcceptanceRequired")
	if err != nil {
		return nil, err
	}
	if acceptance != nil {
		changed.Acceptance = *acceptance
	}
	changed.IPAddressTypes = merge(service.IPAddressTypes, f.List("AddSupportedIpAddressType"), f.List("RemoveSupportedIpAddressType"))
	if err := checkAddressTypes(changed.IPAddressTypes); err != nil {
		return nil, err
	}
	changed.SupportedRegions = merge(service.SupportedRegions, f.List("AddSupportedRegion"), f.List("RemoveSupportedRegion"))
	if err := s.changeLoadBalancers(r, f, &changed); err != nil {
		return nil, err
	}
	if err := changePrivateDNS(f, &changed); err != nil {
		return nil, err
	}
	*service = changed
	return done{true}, nil
}

func (s *Service) changeLoadBalancers(r *sim.Request, f query.Form, service *EndpointService) error {
	remove := f.List("RemoveNetworkLoadBalancerArn")
	arns := merge(service.LoadBalancers, f.List("AddNetworkLoadBalancerArn"), remove)
	if len(arns) == 0 {
		return sim.Errorf("InvalidParameter", "The VPC endpoint service %s must have at least one load balancer.", service.ID)
	}
	if len(remove) > 0 && s.hasConnections(service.ID) {
		return sim.Errorf("ExistingVpcEndpointConnections", "Service has existing active VPC Endpoint connections: %s", service.ID)
	}
	return s.setLoadBalancers(r, service, arns)
}

// hasConnections reports whether traffic may be flowing to the service.
func (s *Service) hasConnections(serviceID string) bool {
	for _, endpoint := range s.state.Endpoints {
		if endpoint.ServiceID == serviceID && (endpoint.State == endpointAvailable || endpoint.State == endpointPending) {
			return true
		}
	}
	return false
}

func changePrivateDNS(f query.Form, service *EndpointService) error {
	remove, err := f.True("RemovePrivateDnsName")
	if err != nil {
		return err
	}
	name := f.String("PrivateDnsName")
	switch {
	case remove && name != "":
		return sim.Errorf("InvalidParameterCombination", "PrivateDnsName and RemovePrivateDnsName cannot be given together.")
	case remove:
		service.PrivateDNS = nil
	case name != "" && (service.PrivateDNS == nil || service.PrivateDNS.Name != name):
		if service.PrivateDNS, err = newPrivateDNS(name); err != nil {
			return err
		}
	}
	return nil
}

// merge adds to and removes from a list without changing it.
func merge(list, add, remove []string) []string {
	var merged []string
	for _, value := range slices.Concat(list, add) {
		if !slices.Contains(remove, value) && !slices.Contains(merged, value) {
			merged = append(merged, value)
		}
	}
	return merged
}
