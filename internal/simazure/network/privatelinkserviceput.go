package network

import (
	"slices"
	"strings"

	"github.com/linkwright/linkwright/internal/simazure/arm"
)

// serviceBody is what a PUT says of a private link service. It replaces all.
type serviceBody struct {
	Frontends []arm.Ref `json:"loadBalancerFrontendIpConfigurations"`
	NAT       []struct {
		Name       string `json:"name"`
		Properties struct {
			Primary bool     `json:"primary"`
			Address string   `json:"privateIPAddress"`
			Version string   `json:"privateIPAddressVersion"`
			Method  string   `json:"privateIPAllocationMethod"`
			Subnet  *arm.Ref `json:"subnet"`
		} `json:"properties"`
	} `json:"ipConfigurations"`
	Visibility   subscriptions `json:"visibility"`
	AutoApproval subscriptions `json:"autoApproval"`
	Proxy        bool          `json:"enableProxyProtocol"`
	FQDNs        []string      `json:"fqdns"`
	AccessMode   string        `json:"accessMode"`
	Destination  string        `json:"destinationIPAddress"`
}

type subscriptions struct {
	Subscriptions []string `json:"subscriptions"`
}

// putService makes a private link service or replaces what it says (Private Link Services - Create Or Update).
func (s *Service) putService(r *arm.Request) (arm.Response, error) {
	var body arm.Body[serviceBody]
	if err := r.Read(&body); err != nil {
		return arm.Response{}, err
	}
	id := r.Target()
	service, exists := s.state.Services.Get(id)
	if !exists {
		service = &arm.Resource[PrivateLinkService]{ID: id}
	}
	location, err := s.locate(id, body.Location, service.Location)
	if err != nil {
		return arm.Response{}, err
	}
	if err := r.Precondition(service.ETag); err != nil {
		return arm.Response{}, err
	}
	if err := s.world.Free(id); err != nil {
		return arm.Response{}, err
	}
	want := body.Properties
	if err := s.checkLists(id, want); err != nil {
		return arm.Response{}, err
	}
	changed := *service
	changed.Location, changed.Tags, changed.Failed = location, body.Tags, false
	p := &changed.Properties
	if p.Frontends, err = s.planBalancers(r, service, location, want); err != nil {
		return arm.Response{}, err
	}
	if p.NAT, err = s.planNAT(r, service, location, want); err != nil {
		return arm.Response{}, err
	}
	if !exists {
		if limit := s.world.Limits.ServicesPerSubscription; len(s.state.Services.Within(arm.IDOf("subscriptions", id.Subscription()))) >= limit {
			return arm.Response{}, limitReached("PrivateLinkService", id, limit)
		}
		p.Alias = s.aliasOf(id, location)
	}
	p.Visibility, p.AutoApproval = want.Visibility.Subscriptions, want.AutoApproval.Subscriptions
	p.Proxy, p.FQDNs, p.AccessMode, p.Destination = want.Proxy, want.FQDNs, want.AccessMode, want.Destination
	p.Interface = s.putServiceInterface(service, location, p.NAT)
	changed.ETag = s.world.NewETag(id.Key())
	s.state.Services.Put(&changed)
	op := s.begin(r, id, location, "privateLinkServices", arm.Operation{})
	return s.world.Accepted(r, op, putStatus(exists), s.showService(&changed)), nil
}

// putServiceInterface gives the service's addresses to its network interface.
func (s *Service) putServiceInterface(service *arm.Resource[PrivateLinkService], location string, nat []natAddress) arm.ID {
	var configurations []IPConfiguration
	for _, n := range nat {
		configurations = append(configurations, n.IPConfiguration)
	}
	name := ""
	if service.Properties.Interface != "" {
		name = service.Properties.Interface.Name()
	}
	return s.putInterface(service.ID, location, name, configurations)
}

// checkLists holds the subscription lists against one another: only who sees a service can be approved by itself (Azure
// Private Link, "What is Azure Private Link service?", "Control service access").
func (s *Service) checkLists(id arm.ID, want serviceBody) error {
	visible, approved := want.Visibility.Subscriptions, want.AutoApproval.Subscriptions
	if limit := s.world.Limits.SubscriptionsPerList; len(visible) > limit || len(approved) > limit {
		return limitReached("PrivateLinkServiceSubscription", id, limit)
	}
	if slices.Contains(visible, "*") {
		return nil
	}
	for _, subscription := range approved {
		if !slices.ContainsFunc(visible, func(v string) bool { return strings.EqualFold(v, subscription) }) {
			return arm.Errorf("PrivateLinkServiceAutoApprovalSubscriptionsNotSubsetOfVisibility",
				"Auto approval subscriptions of private link service %s must be a subset of its visibility subscriptions: %s is not among them.", id, subscription)
		}
	}
	return nil
}

// planBalancers are the frontends that a service shall stand before. Those of an existing service stay (Azure Private
// Link, "What is Azure Private Link service?", "Limitations": the load balancer of a service cannot be changed).
func (s *Service) planBalancers(r *arm.Request, service *arm.Resource[PrivateLinkService], location string, want serviceBody) ([]arm.ID, error) {
	var planned []arm.ID
	for _, ref := range want.Frontends {
		if err := r.Linked(Namespace+"/loadBalancers/frontendIPConfigurations/join/action", ref.ID); err != nil {
			return nil, err
		}
		if err := s.checkFrontend(service.ID, ref.ID, location); err != nil {
			return nil, err
		}
		planned = append(planned, ref.ID)
	}
	switch {
	case len(planned) == 0 && want.Destination == "":
		return nil, arm.Errorf("PrivateLinkServiceMustHaveLoadBalancerFrontendIPConfigurations", "Private link service %s must reference a load balancer's frontend IP configuration, or a destination IP address.", service.ID)
	case service.ETag == "":
		return planned, s.checkBalancers(planned, service.ID)
	case !slices.EqualFunc(planned, service.Properties.Frontends, arm.ID.Is):
		return nil, arm.Errorf("PrivateLinkServiceLoadBalancerFrontendIPConfigurationsCannotBeChanged", "Load balancer frontend IP configurations of private link service %s cannot be changed.", service.ID)
	}
	return planned, nil
}

// checkFrontend holds a frontend against what a service can stand before: an internal one of a Standard load balancer
// in the same region, with backends by network interface (same article, "Limitations").
func (s *Service) checkFrontend(id, frontend arm.ID, location string) error {
	balancer, ok := s.state.LoadBalancers.Get(frontend.Parent())
	if !ok || balancer.Location != location {
		return arm.InvalidReference(frontend, id)
	}
	i := slices.IndexFunc(balancer.Properties.Frontends, func(f Frontend) bool { return frontendID(balancer.ID, f.Name).Is(frontend) })
	switch {
	case i < 0:
		return arm.InvalidReference(frontend, id)
	case !strings.EqualFold(balancer.Properties.SKU.Name, "Standard"):
		return arm.Errorf("PrivateLinkServiceIsNotSupportedForBasicLoadBalancer", "Private link service %s cannot reference load balancer %s: it is not of the Standard SKU.", id, balancer.ID)
	case balancer.Properties.Frontends[i].Subnet == "":
		return arm.Errorf("PrivateLinkServiceIsNotSupportedForPublicLoadBalancer", "Private link service %s cannot reference frontend IP configuration %s: it is not internal.", id, frontend)
	case balancer.Properties.byAddress():
		return arm.Errorf("PrivateLinkServiceIsNotSupportedForIPBasedLoadBalancer", "Private link service is not supported for load balancer %s with backend addresses set by (virtualNetwork, ipAddress) or (subnet, ipAddress).", balancer.ID)
	}
	return s.notDeleting(balancer.ID)
}

// checkBalancers counts the services of a load balancer, and keeps each frontend for one of them.
func (s *Service) checkBalancers(frontends []arm.ID, id arm.ID) error {
	for _, frontend := range frontends {
		others := s.servicesOf(frontend.Parent())
		if limit := s.world.Limits.ServicesPerLoadBalancer; len(others) >= limit {
			return limitReached("PrivateLinkServicePerLoadBalancer", id, limit)
		}
		for _, other := range others {
			if other.Properties.uses(frontend) {
				return arm.Errorf("LoadBalancerFrontendIPConfigurationInUseByPrivateLinkService", "Frontend IP configuration %s is already referenced by private link service %s.", frontend, other.ID)
			}
		}
	}
	return nil
}

// planNAT are the addresses that a service shall have. Several cannot become fewer (same article, "Limitations"), and
// the primary one stays where it is.
func (s *Service) planNAT(r *arm.Request, service *arm.Resource[PrivateLinkService], location string, want serviceBody) ([]natAddress, error) {
	old := service.Properties.NAT
	switch n, limit := len(want.NAT), s.world.Limits.NATAddressesPerService; {
	case n == 0:
		return nil, arm.Errorf("PrivateLinkServiceMustHaveIPConfigurations", "Private link service %s must have at least one IP configuration.", service.ID)
	case n > limit:
		return nil, limitReached("PrivateLinkServiceIPConfiguration", service.ID, limit)
	case len(old) > 1 && n < len(old):
		return nil, arm.Errorf("PrivateLinkServiceIPConfigurationsCannotBeRemoved", "IP configurations of private link service %s cannot be removed once several were added.", service.ID)
	}
	var planned []natAddress
	for _, w := range want.NAT {
		p := w.Properties
		if p.Subnet == nil {
			return nil, arm.Errorf("InvalidRequestFormat", "Cannot parse the request: IP configuration %s of %s needs a subnet.", w.Name, service.ID)
		}
		subnet, err := s.natSubnet(r, service.ID, p.Subnet.ID, location)
		if err != nil {
			return nil, err
		}
		n := natAddress{Version: orDefault(p.Version, "IPv4"), IPConfiguration: IPConfiguration{
			Name: w.Name, Subnet: subnet.ID, Static: strings.EqualFold(p.Method, "Static"), Primary: p.Primary,
		}}
		address := p.Address
		if i := slices.IndexFunc(old, func(o natAddress) bool { return o.Name == w.Name }); i >= 0 {
			if !old[i].Subnet.Is(n.Subnet) {
				return nil, arm.Errorf("PrivateLinkServiceSubnetCannotBeChanged", "The subnet of IP configuration %s of private link service %s cannot be changed.", w.Name, service.ID)
			}
			if !n.Static {
				address = old[i].Address.String()
			}
		} else if !n.Static {
			address = ""
		}
		if n.Address, err = s.allocate(subnet, address, service.Properties.Interface, addresses(planned)...); err != nil {
			return nil, err
		}
		planned = append(planned, n)
	}
	return planned, onePrimary(service.ID, planned)
}

// natSubnet is a subnet in which a service may have an address.
func (s *Service) natSubnet(r *arm.Request, id, subnetID arm.ID, location string) (*arm.Resource[Subnet], error) {
	subnet, network, err := s.findSubnet(r, subnetID, id)
	switch {
	case err != nil:
		return nil, err
	case network.Location != location:
		return nil, arm.InvalidReference(subnetID, id)
	case subnet.Properties.ServicePolicies != "Disabled":
		return nil, arm.Errorf("PrivateLinkServiceCannotBeCreatedInSubnetThatHasNetworkPoliciesEnabled",
			"Private link service %s cannot be created in a subnet %s since it has private link service network policies enabled.", id, subnetID)
	}
	return subnet, nil
}

// onePrimary makes the only address the primary one, and refuses several of them.
func onePrimary(id arm.ID, nat []natAddress) error {
	primary := 0
	for _, n := range nat {
		if n.Primary {
			primary++
		}
	}
	if primary == 0 {
		nat[0].Primary, primary = true, 1
	}
	if primary > 1 {
		return arm.Errorf("MultiplePrimaryIPConfigurations", "Private link service %s must have exactly one primary IP configuration.", id)
	}
	return nil
}

// limitReached is the network provider's refusal of one too many, in the form that its documented codes have.
func limitReached(kind string, id arm.ID, limit int) *arm.Error {
	return arm.Errorf(kind+"CountLimitReached", "Cannot create or change %s: the maximum number of %d is reached.", id, limit)
}
