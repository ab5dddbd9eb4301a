package ec2

import (
	"net/netip"
	"slices"

	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// neighbour is what other services may ask of EC2.
type neighbour struct{ s *Service }

var (
	_ sim.Networks         = neighbour{}
	_ sim.EndpointServices = neighbour{}
)

func (n neighbour) VPC(account, region, id string) ([]string, bool) {
	vpc, ok := n.s.state.VPCs[id]
	if !ok || vpc.Owner != account || vpc.Region != region {
		return nil, false
	}
	cidrs := []string{vpc.CIDR}
	if vpc.V6.CIDR != "" {
		cidrs = append(cidrs, vpc.V6.CIDR)
	}
	return cidrs, true
}

func (n neighbour) Resolver(id string) (sim.VPCResolver, bool) {
	n.s.settle()
	vpc, ok := n.s.state.VPCs[id]
	if !ok {
		return sim.VPCResolver{}, false
	}
	resolver := sim.VPCResolver{AccountID: vpc.Owner, Region: vpc.Region, Support: vpc.DNSSupport, Hostnames: vpc.DNSHostnames}
	for _, endpoint := range n.s.state.Endpoints {
		if name, ok := n.s.privateName(endpoint); ok && endpoint.VPC == id {
			resolver.Names = append(resolver.Names, sim.PrivateName{Name: name, ZoneID: endpoint.PrivateZone, Target: n.s.dnsEntries(endpoint)[0].Name})
		}
	}
	return resolver, true
}

func (n neighbour) EndpointZone(name string) (string, bool) {
	endpoint, _, ok := n.s.named(name)
	if !ok {
		return "", false
	}
	return endpointZone(endpoint.ServiceRegion), true
}

func (n neighbour) Subnet(account, region, id string) (sim.SubnetInfo, bool) {
	subnet, ok := n.s.state.Subnets[id]
	if !ok || subnet.Owner != account || subnet.Region != region {
		return sim.SubnetInfo{}, false
	}
	return sim.SubnetInfo{VPCID: subnet.VPC, Zone: subnet.Zone.Name, ZoneID: subnet.Zone.ID, CIDR: subnet.CIDR, CIDRv6: subnet.V6.CIDR}, true
}

func (n neighbour) ZoneAt(account, region, vpc, ip string) (string, bool) {
	address, err := netip.ParseAddr(ip)
	if err != nil {
		return "", false
	}
	for _, subnet := range n.s.state.Subnets {
		if subnet.Owner == account && subnet.Region == region && subnet.VPC == vpc && subnet.holds(address) {
			return subnet.Zone.Name, true
		}
	}
	return "", false
}

// holds reports whether an address is in one of the subnet's blocks.
func (n *Subnet) holds(address netip.Addr) bool {
	return slices.ContainsFunc([]string{n.CIDR, n.V6.CIDR}, func(cidr string) bool {
		return cidr != "" && netip.MustParsePrefix(cidr).Contains(address)
	})
}

func (n neighbour) AnswersAt(region, ip string) bool {
	n.s.settle()
	address, err := netip.ParseAddr(ip)
	if err != nil {
		return false
	}
	for _, endpoint := range n.s.state.Endpoints {
		if endpoint.Region == region && endpoint.State == endpointAvailable && slices.ContainsFunc(endpoint.Interfaces, func(id string) bool {
			eni := n.s.state.Interfaces[id]
			return eni.Address == address.String() || eni.AddressV6 == address.String()
		}) {
			return true
		}
	}
	return false
}

func (n neighbour) UsesLoadBalancer(arn string) bool {
	n.s.settle()
	for _, service := range n.s.state.EndpointServices {
		if slices.Contains(service.LoadBalancers, arn) {
			return true
		}
	}
	return false
}
