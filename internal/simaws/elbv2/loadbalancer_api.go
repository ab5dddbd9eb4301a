package elbv2

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

type wireLoadBalancer struct {
	ARN            string     `xml:"LoadBalancerArn"`
	DNSName        string     `xml:"DNSName"`
	HostedZoneID   string     `xml:"CanonicalHostedZoneId"`
	Created        string     `xml:"CreatedTime"`
	Name           string     `xml:"LoadBalancerName"`
	Scheme         string     `xml:"Scheme"`
	VPCID          string     `xml:"VpcId"`
	State          string     `xml:"State>Code"`
	Type           string     `xml:"Type"`
	Zones          []wireZone `xml:"AvailabilityZones>member"`
	SecurityGroups []string   `xml:"SecurityGroups>member"`
	IPAddressType  string     `xml:"IpAddressType"`
	Enforce        string     `xml:"EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic,omitempty"`
	SourceNAT      string     `xml:"EnablePrefixForIpv6SourceNat,omitempty"`
}

type wireZone struct {
	Name      string        `xml:"ZoneName"`
	SubnetID  string        `xml:"SubnetId"`
	Addresses []wireAddress `xml:"LoadBalancerAddresses>member"`
}

type wireAddress struct {
	PrivateIPv4 string `xml:"PrivateIPv4Address,omitempty"`
}

type loadBalancersResult struct {
	LoadBalancers []wireLoadBalancer `xml:"LoadBalancers>member"`
	NextMarker    string             `xml:"NextMarker,omitempty"`
}

func (s *Service) wire(lb *LoadBalancer) wireLoadBalancer {
	w := wireLoadBalancer{
		ARN: lb.ARN, DNSName: lb.DNSName, HostedZoneID: hostedZoneID(lb.Region, lb.Type), Created: timestamp(lb.Created),
		Name: lb.Name, Scheme: lb.Scheme, VPCID: lb.VPCID, State: lb.state(s.world.Clock), Type: lb.Type,
		Zones: wireZones(lb.Subnets), SecurityGroups: lb.SecurityGroups, IPAddressType: lb.IPAddressType,
		Enforce: lb.EnforceOnPrivateLink,
	}
	if lb.Type == network {
		w.SourceNAT = "off"
	}
	return w
}

func wireZones(subnets []Subnet) []wireZone {
	var zones []wireZone
	for _, subnet := range subnets {
		zone := wireZone{Name: subnet.Zone, SubnetID: subnet.ID}
		if subnet.PrivateIPv4 != "" {
			zone.Addresses = []wireAddress{{subnet.PrivateIPv4}}
		}
		zones = append(zones, zone)
	}
	return zones
}

func (s *Service) createLoadBalancer(r *sim.Request, f query.Form) (any, error) {
	lb, err := s.readLoadBalancer(r, f)
	if err != nil {
		return nil, err
	}
	tags, err := readTags(f, nil)
	if err != nil {
		return nil, err
	}
	mine := list(r, s.state.LoadBalancers, func(*LoadBalancer) bool { return true })
	if i := slices.IndexFunc(mine, func(other *LoadBalancer) bool { return other.Name == lb.Name }); i >= 0 {
		if !mine[i].same(lb) {
			return nil, sim.Errorf("DuplicateLoadBalancerName", "A load balancer with the same name '%s' exists, but with different settings", lb.Name)
		}
		return loadBalancersResult{LoadBalancers: []wireLoadBalancer{s.wire(mine[i])}}, nil
	}
	sameType := 0
	for _, other := range mine {
		if other.Type == lb.Type {
			sameType++
		}
	}
	if limit := s.loadBalancers(r, lb.Type); sameType >= limit {
		return nil, sim.Errorf("TooManyLoadBalancers", "The maximum number of %s load balancers has been reached: %d", lb.Type, limit)
	}
	id, short := r.Hex(16), map[string]string{network: "net", application: "app"}[lb.Type]
	lb.Resource = s.newResource(r, fmt.Sprintf("loadbalancer/%s/%s/%s", short, lb.Name, id), loadBalancerAttributes(lb), tags)
	lb.DNSName = dnsName(lb, r.Region, id)
	lb.Created, lb.ActiveAt = s.world.Clock.Now(), s.world.Clock.In(provisioning)
	s.state.LoadBalancers[lb.ARN] = lb
	return loadBalancersResult{LoadBalancers: []wireLoadBalancer{s.wire(lb)}}, nil
}

// readLoadBalancer reads what a new load balancer shall be.
func (s *Service) readLoadBalancer(r *sim.Request, f query.Form) (*LoadBalancer, error) {
	lb := &LoadBalancer{
		Name:           f.String("Name"),
		Type:           cmp.Or(f.String("Type"), application),
		Scheme:         cmp.Or(f.String("Scheme"), "internet-facing"),
		IPAddressType:  cmp.Or(f.String("IpAddressType"), "ipv4"),
		SecurityGroups: f.List("SecurityGroups"),
	}
	if err := checkName("load balancer", lb.Name); err != nil {
		return nil, err
	}
	switch {
	case lb.Type != network && lb.Type != application:
		return nil, sim.Errorf("ValidationError", "The load balancer type '%s' is not simulated; network and application are", lb.Type)
	case lb.Scheme != "internal" && lb.Scheme != "internet-facing":
		return nil, sim.Errorf("InvalidScheme", "The scheme '%s' is not one of internal, internet-facing", lb.Scheme)
	case lb.IPAddressType != "ipv4" && lb.IPAddressType != "dualstack":
		return nil, sim.Errorf("ValidationError", "The IP address type '%s' is not simulated; ipv4 and dualstack are", lb.IPAddressType)
	}
	var err error
	if lb.VPCID, lb.Subnets, err = s.readSubnets(r, f, lb.Type, lb.IPAddressType); err != nil {
		return nil, err
	}
	if lb.Type == network && len(lb.SecurityGroups) > 0 {
		lb.EnforceOnPrivateLink = "on"
	}
	return lb, nil
}

// same reports whether creating other again would make what lb is.
func (lb *LoadBalancer) same(other *LoadBalancer) bool {
	return lb.Type == other.Type && lb.Scheme == other.Scheme && lb.IPAddressType == other.IPAddressType &&
		slices.Equal(lb.Subnets, other.Subnets) && slices.Equal(lb.SecurityGroups, other.SecurityGroups)
}

func (s *Service) loadBalancer(r *sim.Request, arn string) (*LoadBalancer, error) {
	lb, ok := mine(r, s.state.LoadBalancers, arn)
	if !ok {
		return nil, sim.Errorf("LoadBalancerNotFound", "Load balancer '%s' not found", arn)
	}
	return lb, nil
}

func (s *Service) describeLoadBalancers(r *sim.Request, f query.Form) (any, error) {
	arns, names := f.List("LoadBalancerArns"), f.List("Names")
	if len(arns) > 0 && len(names) > 0 {
		return nil, sim.Errorf("ValidationError", "You cannot specify both load balancer names and load balancer ARNs")
	}
	found := list(r, s.state.LoadBalancers, func(lb *LoadBalancer) bool {
		return len(arns)+len(names) == 0 || slices.Contains(arns, lb.ARN) || slices.Contains(names, lb.Name)
	})
	if len(arns) > len(found) {
		return nil, sim.Errorf("LoadBalancerNotFound", "One or more load balancers not found")
	}
	if len(names) > len(found) {
		return nil, sim.Errorf("LoadBalancerNotFound", "Load balancers '[%s]' not found", strings.Join(names, ", "))
	}
	found, next, err := page(r, f, found)
	if err != nil {
		return nil, err
	}
	result := loadBalancersResult{NextMarker: next}
	for _, lb := range found {
		result.LoadBalancers = append(result.LoadBalancers, s.wire(lb))
	}
	return result, nil
}

// deleteLoadBalancer takes a load balancer and its listeners away. That it is gone already is no error
// (Elastic Load Balancing API Reference, DeleteLoadBalancer).
func (s *Service) deleteLoadBalancer(r *sim.Request, f query.Form) (any, error) {
	lb, ok := mine(r, s.state.LoadBalancers, f.String("LoadBalancerArn"))
	if !ok {
		return struct{}{}, nil
	}
	if lb.Attributes[deletionProtection] == "true" {
		return nil, sim.Errorf("OperationNotPermitted", "Load balancer '%s' cannot be deleted because deletion protection is enabled", lb.ARN)
	}
	if s.world.EndpointServices != nil && s.world.EndpointServices.UsesLoadBalancer(lb.ARN) {
		return nil, sim.Errorf("ResourceInUse", "Load balancer '%s' cannot be deleted because it is currently associated with another service", lb.ARN)
	}
	for _, listener := range s.listenersOf(r, lb.ARN) {
		s.forget(listener)
	}
	delete(s.state.LoadBalancers, lb.ARN)
	return struct{}{}, nil
}

func (s *Service) setSubnets(r *sim.Request, f query.Form) (any, error) {
	lb, err := s.loadBalancer(r, f.String("LoadBalancerArn"))
	if err != nil {
		return nil, err
	}
	vpc, subnets, err := s.readSubnets(r, f, lb.Type, lb.IPAddressType)
	if err != nil {
		return nil, err
	}
	if vpc != lb.VPCID {
		return nil, sim.Errorf("InvalidSubnet", "The subnets must belong to the VPC of the load balancer: '%s'", lb.VPCID)
	}
	lb.Subnets = subnets
	return struct {
		Zones         []wireZone `xml:"AvailabilityZones>member"`
		IPAddressType string     `xml:"IpAddressType"`
	}{wireZones(subnets), lb.IPAddressType}, nil
}

func (s *Service) setSecurityGroups(r *sim.Request, f query.Form) (any, error) {
	lb, err := s.loadBalancer(r, f.String("LoadBalancerArn"))
	if err != nil {
		return nil, err
	}
	if lb.Type == network && len(lb.SecurityGroups) == 0 {
		return nil, sim.Errorf("InvalidConfigurationRequest", "You cannot set security groups on a Network Load Balancer that was created without security groups")
	}
	lb.SecurityGroups = f.List("SecurityGroups")
	const enforce = "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic"
	if lb.Type == network && f.Has(enforce) {
		lb.EnforceOnPrivateLink = f.String(enforce)
	}
	return struct {
		SecurityGroupIDs []string `xml:"SecurityGroupIds>member"`
		Enforce          string   `xml:"EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic,omitempty"`
	}{lb.SecurityGroups, lb.EnforceOnPrivateLink}, nil
}

// describeCapacityReservation: no load balancer here has reserved capacity.
func (s *Service) describeCapacityReservation(r *sim.Request, f query.Form) (any, error) {
	if _, err := s.loadBalancer(r, f.String("LoadBalancerArn")); err != nil {
		return nil, err
	}
	return struct {
		Remaining int      `xml:"DecreaseRequestsRemaining"`
		State     struct{} `xml:"CapacityReservationState"`
	}{Remaining: 2}, nil
}
