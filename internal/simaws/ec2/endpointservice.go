package ec2

import (
	"slices"
	"time"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// EndpointService is a VPC endpoint service: what a provider publishes behind its Network Load Balancers.
type EndpointService struct {
	Resource
	Lifecycle
	Partition        string
	Acceptance       bool     // whether the owner must accept each connection
	LoadBalancers    []string // ARNs of Network Load Balancers
	ZoneIDs          []string // availability zones that the load balancers had when the service last looked
	IPAddressTypes   []string // "ipv4", "ipv6"
	SupportedRegions []string // other Regions from which endpoints may connect
	Principals       []Principal
	PrivateDNS       *PrivateDNS // nil until a private DNS name is set
	Payer            string      // "" or "ServiceOwner"
}

// The states of an endpoint service, as they stand on the wire (EC2 API Reference, ServiceConfiguration).
const (
	servicePending   = "Pending"
	serviceAvailable = "Available"
	serviceDeleting  = "Deleting"
	serviceDeleted   = "Deleted"
)

// How long the real service takes, roughly; nothing is documented.
const (
	serviceCreation = 30 * time.Second
	serviceDeletion = 30 * time.Second
)

var (
	// DescribeVpcEndpointServiceConfigurations and the actions on one service answer with the first code,
	// DeleteVpcEndpointServiceConfigurations with the second.
	serviceNotFound        = missing("InvalidVpcEndpointServiceId.NotFound", "The VpcEndpointService Id '%s' does not exist")
	deletedServiceNotFound = missing("InvalidVpcEndpointService.NotFound", "The VpcEndpointService Id '%s' does not exist")
)

// Name is what consumers ask for.
func (v *EndpointService) Name() string {
	prefix := "com.amazonaws.vpce"
	if v.Partition == "aws-cn" {
		prefix = "cn.com.amazonaws.vpce"
	}
	return prefix + "." + v.Region + "." + v.ID
}

// domain is the DNS domain of the service's endpoints.
func (v *EndpointService) domain() string {
	suffix := "vpce.amazonaws.com"
	if v.Partition == "aws-cn" {
		suffix = "vpce.amazonaws.com.cn"
	}
	return v.ID + "." + v.Region + "." + suffix
}

func (s *Service) createEndpointService(r *sim.Request, f query.Form) (any, error) {
	id, err := s.madeBefore(r, f)
	if err != nil {
		return nil, err
	}
	service := s.state.EndpointServices[id]
	if service == nil {
		if service, err = s.newEndpointService(r, f); err != nil {
			return nil, err
		}
		s.state.EndpointServices[service.ID] = service
		s.remember(r, f, service.ID)
	}
	var result struct {
		Service     serviceItem `xml:"serviceConfiguration"`
		ClientToken string      `xml:"clientToken,omitempty"`
	}
	result.Service, result.ClientToken = service.item(), f.String("ClientToken")
	return result, nil
}

func (s *Service) newEndpointService(r *sim.Request, f query.Form) (*EndpointService, error) {
	tags, err := newTags(f, "vpc-endpoint-service")
	if err != nil {
		return nil, err
	}
	acceptance, err := f.Bool("AcceptanceRequired")
	if err != nil {
		return nil, err
	}
	if len(f.List("GatewayLoadBalancerArn")) > 0 {
		return nil, sim.Errorf("InvalidParameter", "Gateway Load Balancers are not part of this cloud; use Network Load Balancers.")
	}
	service := &EndpointService{
		Resource:         s.newResource(r, "vpce-svc", "vpc-endpoint-service", tags),
		Lifecycle:        Lifecycle{State: servicePending, Next: serviceAvailable, Until: s.world.Clock.In(serviceCreation)},
		Partition:        r.Partition,
		Acceptance:       acceptance == nil || *acceptance, // required unless switched off
		SupportedRegions: f.List("SupportedRegion"),
		IPAddressTypes:   f.List("SupportedIpAddressType"),
	}
	if len(service.IPAddressTypes) == 0 {
		service.IPAddressTypes = []string{"ipv4"}
	}
	if err := checkAddressTypes(service.IPAddressTypes); err != nil {
		return nil, err
	}
	if err := s.setLoadBalancers(r, service, f.List("NetworkLoadBalancerArn")); err != nil {
		return nil, err
	}
	if name := f.String("PrivateDnsName"); name != "" {
		if service.PrivateDNS, err = newPrivateDNS(name); err != nil {
			return nil, err
		}
	}
	return service, nil
}

func checkAddressTypes(types []string) error {
	for _, t := range types {
		if t != "ipv4" && t != "ipv6" {
			return sim.Errorf("InvalidParameterValue", "Value (%s) for parameter SupportedIpAddressType is invalid.", t)
		}
	}
	return nil
}

// setLoadBalancers puts load balancers behind a service. They must be active Network Load Balancers of the
// caller, and none may be behind another service: one load balancer backs one service.
func (s *Service) setLoadBalancers(r *sim.Request, service *EndpointService, arns []string) error {
	if len(arns) == 0 {
		return missingParameter("NetworkLoadBalancerArns")
	}
	var zoneIDs []string
	for _, arn := range arns {
		balancer, ok := s.loadBalancer(arn)
		if !ok || balancer.AccountID != r.Caller.AccountID || balancer.Region != r.Region {
			return sim.Errorf("InvalidNetworkLoadBalancerArn.NotFound", "The network load balancer arn '%s' does not exist", arn)
		}
		if balancer.Type != "network" {
			return sim.Errorf("InvalidParameter", "The load balancer %s is not a Network Load Balancer.", arn)
		}
		if slices.Contains(service.IPAddressTypes, "ipv6") && balancer.IPAddressType != "dualstack" {
			return sim.Errorf("InvalidParameter", "The load balancer %s must have the IP address type dualstack for the service to support ipv6.", arn)
		}
		if balancer.State != "active" {
			return sim.Errorf("InvalidParameter", "The load balancer %s is not in the active state.", arn)
		}
		for _, other := range s.state.EndpointServices {
			if other.ID != service.ID && slices.Contains(other.LoadBalancers, arn) {
				return sim.Errorf("InvalidParameter", "LBs are already associated with another VPC Endpoint Service Configuration: %s", arn)
			}
		}
		for _, id := range balancer.ZoneIDs {
			if !slices.Contains(zoneIDs, id) {
				zoneIDs = append(zoneIDs, id)
			}
		}
	}
	service.LoadBalancers, service.ZoneIDs = arns, zoneIDs
	return nil
}

func (s *Service) loadBalancer(arn string) (sim.LoadBalancerInfo, bool) {
	if s.world.LoadBalancers == nil {
		return sim.LoadBalancerInfo{}, false
	}
	return s.world.LoadBalancers.LoadBalancer(arn)
}

func (s *Service) endpointService(r *sim.Request, f query.Form) (*EndpointService, error) {
	if !f.Has("ServiceId") {
		return nil, missingParameter("ServiceId")
	}
	return owned(r, s.state.EndpointServices, f.String("ServiceId"), serviceNotFound)
}

// deleteEndpointServices deletes the services that no endpoint is connected to. The others are reported in
// the answer's list of failures; the request itself succeeds.
func (s *Service) deleteEndpointServices(r *sim.Request, f query.Form) (any, error) {
	ids := f.List("ServiceId")
	if len(ids) == 0 {
		return nil, missingParameter("ServiceId")
	}
	return each(r, ids, func(id string) error {
		service, err := owned(r, s.state.EndpointServices, id, deletedServiceNotFound)
		if err != nil {
			return err
		}
		if service.State == serviceDeleting {
			return nil
		}
		for _, endpoint := range s.state.Endpoints {
			if endpoint.ServiceID == id && !endpoint.turnedAway() {
				return sim.Errorf("ExistingVpcEndpointConnections", "Service has existing active VPC Endpoint connections: %s", id)
			}
		}
		service.Lifecycle = Lifecycle{State: serviceDeleting, Next: serviceDeleted, Until: s.world.Clock.In(serviceDeletion)}
		return nil
	})
}

type serviceItem struct {
	ID               string              `xml:"serviceId"`
	Name             string              `xml:"serviceName"`
	State            string              `xml:"serviceState"`
	Types            []string            `xml:"serviceType>item>serviceType"`
	Zones            []string            `xml:"availabilityZoneSet>item"`
	ZoneIDs          []string            `xml:"availabilityZoneIdSet>item"`
	Acceptance       bool                `xml:"acceptanceRequired"`
	ManagesEndpoints bool                `xml:"managesVpcEndpoints"`
	LoadBalancers    []string            `xml:"networkLoadBalancerArnSet>item"`
	IPAddressTypes   []string            `xml:"supportedIpAddressTypeSet>item"`
	BaseNames        []string            `xml:"baseEndpointDnsNameSet>item"`
	PrivateDNSName   string              `xml:"privateDnsName,omitempty"`
	PrivateDNS       privateDNSItem      `xml:"privateDnsNameConfiguration"`
	Payer            string              `xml:"payerResponsibility,omitempty"`
	RemoteAccess     bool                `xml:"remoteAccessEnabled"`
	Regions          []serviceRegionItem `xml:"supportedRegionSet>item"`
	Tags             []tagItem           `xml:"tagSet>item"`
}

type serviceRegionItem struct {
	Region string `xml:"region"`
	State  string `xml:"serviceState"`
}

// item is the owner's view of the service.
func (v *EndpointService) item() serviceItem {
	item := serviceItem{
		ID: v.ID, Name: v.Name(), State: v.State, Types: []string{"Interface"}, Acceptance: v.Acceptance,
		LoadBalancers: v.LoadBalancers, IPAddressTypes: v.IPAddressTypes, BaseNames: []string{v.domain()},
		PrivateDNS: v.PrivateDNS.item(), Payer: v.Payer, RemoteAccess: len(v.SupportedRegions) > 0, Tags: tagSet(v.Tags),
	}
	item.Zones, item.ZoneIDs = zonesByID(v.Owner, v.Region, v.ZoneIDs)
	if v.PrivateDNS != nil {
		item.PrivateDNSName = v.PrivateDNS.Name
	}
	for _, region := range v.regions() {
		item.Regions = append(item.Regions, serviceRegionItem{region, v.State})
	}
	return item
}

// regions are those from which consumers may connect: the service's own first.
func (v *EndpointService) regions() []string {
	all := []string{v.Region}
	for _, region := range v.SupportedRegions {
		if !slices.Contains(all, region) {
			all = append(all, region)
		}
	}
	return all
}

// zonesByID picks, of an account's zones, those with the given ids.
func zonesByID(account, region string, wanted []string) (names, ids []string) {
	for _, z := range zones(account, region) {
		if slices.Contains(wanted, z.ID) {
			names, ids = append(names, z.Name), append(ids, z.ID)
		}
	}
	return names, ids
}

func (s *Service) describeEndpointServiceConfigurations(r *sim.Request, f query.Form) (any, error) {
	var result struct {
		Services  []serviceItem `xml:"serviceConfigurationSet>item"`
		NextToken string        `xml:"nextToken,omitempty"`
	}
	services, next, err := list(s, r, f, listing[*EndpointService]{
		table: s.state.EndpointServices, ids: "ServiceId", absent: serviceNotFound,
		filters: map[string]func(*EndpointService) []string{
			"service-id":                 one(func(v *EndpointService) string { return v.ID }),
			"service-name":               one((*EndpointService).Name),
			"service-state":              one(func(v *EndpointService) string { return v.State }),
			"supported-ip-address-types": func(v *EndpointService) []string { return v.IPAddressTypes },
		},
	})
	if err != nil {
		return nil, err
	}
	for _, service := range services {
		result.Services = append(result.Services, service.item())
	}
	result.NextToken = next
	return result, nil
}

// modifyEndpointServicePayer makes the service's owner pay for its endpoints, which cannot be taken back.
func (s *Service) modifyEndpointServicePayer(r *sim.Request, f query.Form) (any, error) {
	service, err := s.endpointService(r, f)
	if err != nil {
		return nil, err
	}
	if payer := f.String("PayerResponsibility"); payer != "ServiceOwner" {
		return nil, sim.Errorf("InvalidParameterValue", "Value (%s) for parameter PayerResponsibility is invalid.", payer)
	}
	service.Payer = "ServiceOwner"
	return done{true}, nil
}
