package elbv2

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
	"github.com/linkwright/linkwright/internal/simcloud"
)

// provisioning is how long a new load balancer is not yet active; two to three minutes are usual.
const provisioning = 2 * time.Minute

// The types of load balancer.
const (
	network     = "network"
	application = "application"
)

// LoadBalancer is a network or application load balancer.
type LoadBalancer struct {
	Resource
	Name           string
	Type           string // network, application
	Scheme         string // "internal", "internet-facing"
	VPCID          string
	Subnets        []Subnet // one for each availability zone
	SecurityGroups []string
	IPAddressType  string
	DNSName        string
	Created        time.Time
	ActiveAt       time.Time
	// EnforceOnPrivateLink says whether security groups apply to traffic from endpoint services: "on",
	// "off", or "" for a load balancer without security groups.
	EnforceOnPrivateLink string
}

// Subnet is where a load balancer has a node.
type Subnet struct {
	ID, Zone, ZoneID string
	PrivateIPv4      string // chosen by the owner, or empty
}

// state is "provisioning" at first and "active" then.
func (lb *LoadBalancer) state(c *simcloud.Clock) string {
	if c.Passed(lb.ActiveAt) {
		return "active"
	}
	return "provisioning"
}

// hasZone reports whether the load balancer has a node in a zone; it has one for "all" and for a target
// whose zone is not known.
func (lb *LoadBalancer) hasZone(zone string) bool {
	return zone == "" || zone == allZones || slices.ContainsFunc(lb.Subnets, func(s Subnet) bool { return s.Zone == zone })
}

// LoadBalancer implements sim.LoadBalancers.
func (s *Service) LoadBalancer(arn string) (sim.LoadBalancerInfo, bool) {
	lb, ok := s.state.LoadBalancers[arn]
	if !ok {
		return sim.LoadBalancerInfo{}, false
	}
	info := sim.LoadBalancerInfo{
		ARN: lb.ARN, AccountID: lb.AccountID, Region: lb.Region, VPCID: lb.VPCID, Type: lb.Type,
		Scheme: lb.Scheme, State: lb.state(s.world.Clock), IPAddressType: lb.IPAddressType, Tags: lb.Tags,
	}
	for _, subnet := range lb.Subnets {
		info.Zones = append(info.Zones, subnet.Zone)
		info.ZoneIDs = append(info.ZoneIDs, subnet.ZoneID)
	}
	return info, true
}

// dnsName is the name under which a load balancer is reached; only that of an internal application load
// balancer says that it is internal.
func dnsName(lb *LoadBalancer, region, id string) string {
	domain := "amazonaws.com"
	if strings.HasPrefix(region, "cn-") {
		domain += ".cn"
	}
	switch {
	case lb.Type == network:
		return fmt.Sprintf("%s-%s.elb.%s.%s", lb.Name, id, region, domain)
	case lb.Scheme == "internal":
		return fmt.Sprintf("internal-%s-%s.%s.elb.%s", lb.Name, id[:10], region, domain)
	}
	return fmt.Sprintf("%s-%s.%s.elb.%s", lb.Name, id[:10], region, domain)
}

// readSubnets reads Subnets or SubnetMappings and checks them: known, of one VPC, one for each zone, and at
// least two for an application load balancer (Elastic Load Balancing API Reference, CreateLoadBalancer).
func (s *Service) readSubnets(r *sim.Request, f query.Form, lbType, addressType string) (vpc string, subnets []Subnet, err error) {
	for _, id := range f.List("Subnets") {
		subnets = append(subnets, Subnet{ID: id})
	}
	mappings := f.Structs("SubnetMappings")
	if len(subnets) > 0 && len(mappings) > 0 {
		return "", nil, sim.Errorf("ValidationError", "You must specify either subnets or subnet mappings, not both")
	}
	for _, m := range mappings {
		if m.Has("AllocationId") {
			return "", nil, sim.Errorf("AllocationIdNotFound", "The allocation ID '%s' does not exist", m.String("AllocationId"))
		}
		subnets = append(subnets, Subnet{ID: m.String("SubnetId"), PrivateIPv4: m.String("PrivateIPv4Address")})
	}
	if len(subnets) == 0 {
		return "", nil, sim.Errorf("ValidationError", "You must specify subnets")
	}
	zones := map[string]bool{}
	for i, subnet := range subnets {
		info, ok := s.world.Networks.Subnet(r.Caller.AccountID, r.Region, subnet.ID)
		if !ok {
			return "", nil, sim.Errorf("SubnetNotFound", "The subnet ID '%s' does not exist", subnet.ID)
		}
		if addressType == "dualstack" && info.CIDRv6 == "" {
			return "", nil, sim.Errorf("InvalidConfigurationRequest", "You must specify subnets with an associated IPv6 CIDR block: '%s' has none", subnet.ID)
		}
		if vpc != "" && info.VPCID != vpc {
			return "", nil, sim.Errorf("InvalidConfigurationRequest", "All subnets must belong to the same VPC: '%s'", vpc)
		}
		if zones[info.Zone] {
			return "", nil, sim.Errorf("InvalidConfigurationRequest", "A load balancer cannot be attached to multiple subnets in the same Availability Zone")
		}
		vpc, zones[info.Zone] = info.VPCID, true
		subnets[i].Zone, subnets[i].ZoneID = info.Zone, info.ZoneID
	}
	if lbType == application && len(zones) < 2 {
		return "", nil, sim.Errorf("InvalidConfigurationRequest", "At least two subnets in two different Availability Zones must be specified")
	}
	return vpc, subnets, nil
}
