package ec2

import (
	"strconv"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

type routeTableItem struct {
	ID           string                 `xml:"routeTableId"`
	VPC          string                 `xml:"vpcId"`
	Owner        string                 `xml:"ownerId"`
	Routes       []routeItem            `xml:"routeSet>item"`
	Associations []routeAssociationItem `xml:"associationSet>item"`
	Gateways     struct{}               `xml:"propagatingVgwSet"`
	Tags         []tagItem              `xml:"tagSet>item"`
}

type routeItem struct {
	CIDR       string `xml:"destinationCidrBlock,omitempty"`
	CIDRv6     string `xml:"destinationIpv6CidrBlock,omitempty"`
	PrefixList string `xml:"destinationPrefixListId,omitempty"`
	Gateway    string `xml:"gatewayId,omitempty"`
	Peering    string `xml:"vpcPeeringConnectionId,omitempty"`
	State      string `xml:"state"`
	Origin     string `xml:"origin"`
}

type routeAssociationItem struct {
	ID     string `xml:"routeTableAssociationId"`
	Table  string `xml:"routeTableId"`
	Subnet string `xml:"subnetId,omitempty"`
	Main   bool   `xml:"main"`
	State  string `xml:"associationState>state"`
}

func (s *Service) routeTableItem(t *RouteTable) routeTableItem {
	return routeTableItem{ID: t.ID, VPC: t.VPC, Owner: t.Owner, Routes: s.routeItems(t), Associations: t.associationItems(), Tags: tagSet(t.Tags)}
}

// routeItems are a table's routes: the local ones first, which it was made with.
func (s *Service) routeItems(t *RouteTable) []routeItem {
	items := []routeItem{{CIDR: t.CIDR, Gateway: "local", State: "active", Origin: "CreateRouteTable"}}
	if local := s.localV6(t); local != "" {
		items = append(items, routeItem{CIDRv6: local, Gateway: "local", State: "active", Origin: "CreateRouteTable"})
	}
	for _, route := range t.Routes {
		items = append(items, routeItem{
			CIDR: route.CIDR, CIDRv6: route.CIDRv6, PrefixList: route.PrefixList, Peering: route.Peering,
			State: s.stateOf(route), Origin: "CreateRoute",
		})
	}
	return items
}

func (t *RouteTable) associationItems() []routeAssociationItem {
	var items []routeAssociationItem
	if t.Association != "" {
		items = append(items, routeAssociationItem{ID: t.Association, Table: t.ID, Main: true, State: "associated"})
	}
	for _, a := range t.Subnets {
		items = append(items, routeAssociationItem{ID: a.ID, Table: t.ID, Subnet: a.Subnet, State: "associated"})
	}
	return items
}

func (s *Service) describeRouteTables(r *sim.Request, f query.Form) (any, error) {
	var result struct {
		Tables    []routeTableItem `xml:"routeTableSet>item"`
		NextToken string           `xml:"nextToken,omitempty"`
	}
	ofRoutes := func(value func(routeItem) string) func(*RouteTable) []string {
		return func(t *RouteTable) []string { return given(s.routeItems(t), value) }
	}
	ofAssociations := func(value func(routeAssociationItem) string) func(*RouteTable) []string {
		return func(t *RouteTable) []string { return given(t.associationItems(), value) }
	}
	tables, next, err := list(s, r, f, listing[*RouteTable]{
		table: s.state.RouteTables, ids: "RouteTableId", absent: routeTableNotFound,
		filters: map[string]func(*RouteTable) []string{
			"vpc-id":                                 one(func(t *RouteTable) string { return t.VPC }),
			"owner-id":                               one(func(t *RouteTable) string { return t.Owner }),
			"route-table-id":                         one(func(t *RouteTable) string { return t.ID }),
			"association.main":                       ofAssociations(func(a routeAssociationItem) string { return strconv.FormatBool(a.Main) }),
			"association.route-table-association-id": ofAssociations(func(a routeAssociationItem) string { return a.ID }),
			"association.route-table-id":             ofAssociations(func(a routeAssociationItem) string { return a.Table }),
			"association.subnet-id":                  ofAssociations(func(a routeAssociationItem) string { return a.Subnet }), // subnets use the main table implicitly
			"association.gateway-id":                 func(*RouteTable) []string { return nil },
			"route.destination-cidr-block":           ofRoutes(func(i routeItem) string { return i.CIDR }),
			"route.destination-ipv6-cidr-block":      ofRoutes(func(i routeItem) string { return i.CIDRv6 }),
			"route.destination-prefix-list-id":       ofRoutes(func(i routeItem) string { return i.PrefixList }),
			"route.gateway-id":                       ofRoutes(func(i routeItem) string { return i.Gateway }),
			"route.vpc-peering-connection-id":        ofRoutes(func(i routeItem) string { return i.Peering }),
			"route.state":                            ofRoutes(func(i routeItem) string { return i.State }),
			"route.origin":                           ofRoutes(func(i routeItem) string { return i.Origin }),
		},
	})
	if err != nil {
		return nil, err
	}
	for _, t := range tables {
		result.Tables = append(result.Tables, s.routeTableItem(t))
	}
	result.NextToken = next
	return result, nil
}

// given are the values of items that have one.
func given[T any](items []T, value func(T) string) []string {
	var values []string
	for _, item := range items {
		if v := value(item); v != "" {
			values = append(values, v)
		}
	}
	return values
}
