package ec2

import (
	"cmp"
	"net/netip"
	"slices"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// Route sends what goes to a destination over a peering connection, which is all that there is here to send it over.
type Route struct {
	CIDR, CIDRv6, PrefixList string // one of them is set
	Peering                  string
}

// destination is the route's, of whatever kind.
func (t Route) destination() string { return cmp.Or(t.CIDR, t.CIDRv6, t.PrefixList) }

// otherTargets are what routes may lead to in AWS and cannot here, with the errors for what is not there.
var otherTargets = map[string]string{
	"GatewayId":                   "InvalidGatewayID.NotFound",
	"NatGatewayId":                "InvalidNatGatewayID.NotFound",
	"TransitGatewayId":            "InvalidTransitGatewayID.NotFound",
	"EgressOnlyInternetGatewayId": "InvalidGatewayID.NotFound",
	"InstanceId":                  "InvalidInstanceID.NotFound",
	"NetworkInterfaceId":          "InvalidNetworkInterfaceID.NotFound",
	"VpcEndpointId":               "InvalidVpcEndpointId.NotFound",
}

// readDestination reads a route's destination. Its host bits are cut off (EC2 API Reference, CreateRoute).
func (s *Service) readDestination(r *sim.Request, f query.Form) (Route, error) {
	var route Route
	given := 0
	for parameter, to := range map[string]*string{
		"DestinationCidrBlock": &route.CIDR, "DestinationIpv6CidrBlock": &route.CIDRv6, "DestinationPrefixListId": &route.PrefixList,
	} {
		if f.Has(parameter) {
			*to = f.String(parameter)
			given++
		}
	}
	if given != 1 {
		return route, sim.Errorf("InvalidParameterCombination", "The request must contain exactly one of destinationCidrBlock, destinationIpv6CidrBlock, destinationPrefixListId")
	}
	if route.PrefixList != "" {
		if _, ok := s.prefixLists(r)[route.PrefixList]; !ok {
			return route, prefixListNotFound(route.PrefixList)
		}
		return route, nil
	}
	block, err := netip.ParsePrefix(route.destination())
	if err != nil || block.Addr().Is4() != (route.CIDR != "") {
		return route, sim.Errorf("InvalidParameterValue", "Value (%s) for parameter destinationCidrBlock is invalid. This is not a valid CIDR block.", route.destination())
	}
	if route.CIDR != "" {
		route.CIDR = block.Masked().String()
	} else {
		route.CIDRv6 = block.Masked().String()
	}
	return route, nil
}

// readRoute reads a route of a table with its target. A connection that is not active yet is one: the route is a black
// hole until it is (Amazon VPC Peering Guide, "Update your route tables for a VPC peering connection").
func (s *Service) readRoute(r *sim.Request, f query.Form, table *RouteTable) (Route, error) {
	route, err := s.readDestination(r, f)
	if err != nil {
		return route, err
	}
	for parameter, code := range otherTargets {
		if id := f.String(parameter); id != "" {
			return route, sim.Errorf(code, "The ID '%s' does not exist", id)
		}
	}
	if !f.Has("VpcPeeringConnectionId") {
		return route, sim.Errorf("InvalidParameterCombination", "The request must contain exactly one of gatewayId, natGatewayId, networkInterfaceId, vpcPeeringConnectionId, egressOnlyInternetGatewayId, transitGatewayId")
	}
	route.Peering = f.String("VpcPeeringConnectionId")
	p, ok := s.state.Peerings[route.Peering]
	switch {
	case !ok || p.sideOf(r) == nil || !p.live():
		return route, peeringNotFound(route.Peering)
	case !p.joins(table.VPC):
		return route, sim.Errorf("InvalidParameterValue", "route table %s and vpc peering connection %s belong to different networks", table.ID, p.ID)
	}
	return route, nil
}

func (s *Service) createRoute(r *sim.Request, f query.Form) (any, error) {
	table, err := s.routeTable(r, f)
	if err != nil {
		return nil, err
	}
	route, err := s.readRoute(r, f, table)
	if err != nil {
		return nil, err
	}
	switch {
	case within(route.CIDR, table.CIDR):
		return nil, sim.Errorf("InvalidParameterValue", "The destination CIDR block %s is equal to or more specific than one of this VPC's CIDR blocks. This route can target only an interface or an instance.", route.CIDR)
	case table.find(route) >= 0:
		return nil, sim.Errorf("RouteAlreadyExists", "The route identified by %s already exists.", route.destination())
	case s.routesLike(r, table, route)+s.routeWeight(r, route) > s.quota(table.Resource, sim.QuotaRoutes):
		return nil, sim.Errorf("RouteLimitExceeded", "The maximum number of routes has been reached.")
	}
	table.Routes = append(table.Routes, route)
	return done{true}, nil
}

// within reports whether a block is a part of another.
func within(cidr, whole string) bool {
	if cidr == "" {
		return false
	}
	part, all := netip.MustParsePrefix(cidr), netip.MustParsePrefix(whole)
	return all.Contains(part.Addr()) && part.Bits() >= all.Bits()
}

// find is the place of the route of the same destination, -1 when there is none.
func (t *RouteTable) find(route Route) int {
	return slices.IndexFunc(t.Routes, func(other Route) bool { return other.destination() == route.destination() })
}

// routesLike is how many routes of the same address family a table has; the quota is kept for each (Amazon VPC User
// Guide, "Amazon VPC quotas"). Assumed: the local route does not count.
func (s *Service) routesLike(r *sim.Request, table *RouteTable, like Route) int {
	n := 0
	for _, route := range table.Routes {
		if s.isV6(r, route) == s.isV6(r, like) {
			n += s.routeWeight(r, route)
		}
	}
	return n
}

func (s *Service) isV6(r *sim.Request, route Route) bool {
	if l, ok := s.prefixLists(r)[route.PrefixList]; ok {
		return l.Family == "IPv6"
	}
	return route.CIDRv6 != ""
}

func (s *Service) routeWeight(r *sim.Request, route Route) int {
	if l, ok := s.prefixLists(r)[route.PrefixList]; ok {
		return l.weight()
	}
	return 1
}

func (s *Service) replaceRoute(r *sim.Request, f query.Form) (any, error) {
	table, err := s.routeTable(r, f)
	if err != nil {
		return nil, err
	}
	route, err := s.readRoute(r, f, table)
	if err != nil {
		return nil, err
	}
	i := table.find(route)
	if i < 0 {
		return nil, sim.Errorf("InvalidParameterValue", "There is no route defined for '%s' in the route table. Use CreateRoute instead.", route.destination())
	}
	table.Routes[i] = route
	return done{true}, nil
}

func (s *Service) deleteRoute(r *sim.Request, f query.Form) (any, error) {
	table, err := s.routeTable(r, f)
	if err != nil {
		return nil, err
	}
	route, err := s.readDestination(r, f)
	if err != nil {
		return nil, err
	}
	i := table.find(route)
	switch {
	case route.CIDR == table.CIDR:
		return nil, sim.Errorf("InvalidParameterValue", "cannot remove local route %s in route table %s", route.CIDR, table.ID)
	case i < 0:
		return nil, sim.Errorf("InvalidRoute.NotFound", "no route with destination-cidr-block %s in route table %s", route.destination(), table.ID)
	}
	table.Routes = slices.Delete(table.Routes, i, i+1)
	return done{true}, nil
}

// stateOf is whether a route leads anywhere: not when its connection is not active, or not any more.
func (s *Service) stateOf(route Route) string {
	if p, ok := s.state.Peerings[route.Peering]; ok && p.State == peeringActive {
		return "active"
	}
	return "blackhole"
}

// localV6 is the block of the local route for IPv6 of a table, empty without one.
func (s *Service) localV6(t *RouteTable) string {
	if vpc, ok := s.state.VPCs[t.VPC]; ok {
		return vpc.V6.CIDR
	}
	return ""
}
