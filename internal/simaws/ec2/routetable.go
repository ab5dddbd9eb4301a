package ec2

import (
	"slices"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// RouteTable says where traffic of subnets goes: within the VPC, which is its local route, and wherever else its
// routes say.
type RouteTable struct {
	Resource
	VPC         string
	CIDR        string // of the local route
	Association string // that makes it the VPC's main table; empty for the others
	Subnets     []SubnetAssociation
	Routes      []Route
}

// SubnetAssociation gives a subnet a route table other than the main one, or makes sure that it has that one.
type SubnetAssociation struct{ ID, Subnet string }

var (
	routeTableNotFound  = missing("InvalidRouteTableID.NotFound", "The routeTable ID '%s' does not exist")
	associationNotFound = missing("InvalidAssociationID.NotFound", "The association ID '%s' does not exist")
)

func (s *Service) addRouteTable(r *sim.Request, vpc *VPC, tags map[string]string) *RouteTable {
	table := &RouteTable{Resource: s.newResource(r, "rtb", "route-table", tags), VPC: vpc.ID, CIDR: vpc.CIDR}
	s.state.RouteTables[table.ID] = table
	return table
}

// addMainRouteTable makes the table that every VPC comes with, of all subnets that have no other.
func (s *Service) addMainRouteTable(r *sim.Request, vpc *VPC) {
	s.addRouteTable(r, vpc, nil).Association = sim.NewID("rtbassoc")
}

// MainRouteTable is the main table of a VPC, for whoever builds a world in which new resources may be hidden.
func (s *Service) MainRouteTable(vpc string) (string, bool) {
	s.world.Lock()
	defer s.world.Unlock()
	for id, table := range s.state.RouteTables {
		if table.VPC == vpc && table.Association != "" {
			return id, true
		}
	}
	return "", false
}

func (s *Service) createRouteTable(r *sim.Request, f query.Form) (any, error) {
	vpc, err := s.vpc(r, f.String("VpcId"))
	if err != nil {
		return nil, err
	}
	tags, err := newTags(f, "route-table")
	if err != nil {
		return nil, err
	}
	id, err := s.madeBefore(r, f)
	if err != nil {
		return nil, err
	}
	table := s.state.RouteTables[id]
	if table == nil {
		if s.routeTablesOf(vpc.ID) >= s.quota(vpc.Resource, sim.QuotaRouteTables) {
			return nil, sim.Errorf("RouteTableLimitExceeded", "The maximum number of route tables has been reached.")
		}
		table = s.addRouteTable(r, vpc, tags)
		s.remember(r, f, table.ID)
	}
	var result struct {
		Table       routeTableItem `xml:"routeTable"`
		ClientToken string         `xml:"clientToken,omitempty"`
	}
	result.Table, result.ClientToken = s.routeTableItem(table), f.String("ClientToken")
	return result, nil
}

func (s *Service) routeTablesOf(vpc string) int {
	n := 0
	for _, table := range s.state.RouteTables {
		if table.VPC == vpc {
			n++
		}
	}
	return n
}

func (s *Service) routeTable(r *sim.Request, f query.Form) (*RouteTable, error) {
	if !f.Has("RouteTableId") {
		return nil, missingParameter("routeTableId")
	}
	return owned(r, s.state.RouteTables, f.String("RouteTableId"), routeTableNotFound)
}

func (s *Service) deleteRouteTable(r *sim.Request, f query.Form) (any, error) {
	table, err := s.routeTable(r, f)
	if err != nil {
		return nil, err
	}
	if table.Association != "" || len(table.Subnets) > 0 {
		return nil, sim.Errorf("DependencyViolation", "The routeTable '%s' has dependencies and cannot be deleted.", table.ID)
	}
	delete(s.state.RouteTables, table.ID)
	return done{true}, nil
}

// associated is the result of actions that give a subnet its table.
type associated struct {
	ID    string `xml:"associationId,omitempty"`
	NewID string `xml:"newAssociationId,omitempty"`
	State string `xml:"associationState>state"`
}

func (s *Service) associateRouteTable(r *sim.Request, f query.Form) (any, error) {
	table, err := s.routeTable(r, f)
	if err != nil {
		return nil, err
	}
	subnet, err := s.subnet(r, f.String("SubnetId"))
	if err != nil {
		return nil, err
	}
	if subnet.VPC != table.VPC {
		return nil, sim.Errorf("InvalidParameterValue", "Route table %s and subnet %s belong to different networks", table.ID, subnet.ID)
	}
	for _, other := range s.state.RouteTables {
		for _, a := range other.Subnets {
			if a.Subnet == subnet.ID && other != table {
				return nil, sim.Errorf("Resource.AlreadyAssociated", "the specified association for route table %s conflicts with an existing association", table.ID)
			}
			if a.Subnet == subnet.ID {
				return associated{ID: a.ID, State: "associated"}, nil
			}
		}
	}
	a := SubnetAssociation{ID: r.NewID("rtbassoc"), Subnet: subnet.ID}
	table.Subnets = append(table.Subnets, a)
	return associated{ID: a.ID, State: "associated"}, nil
}

// association finds a route table of the caller's by one of its associations, and the subnet of that; none for the one
// that makes it the main table.
func (s *Service) association(r *sim.Request, id string) (*RouteTable, string, error) {
	for _, table := range s.state.RouteTables {
		if !table.ownedBy(r) {
			continue
		}
		if table.Association == id && id != "" {
			return table, "", nil
		}
		for _, a := range table.Subnets {
			if a.ID == id {
				return table, a.Subnet, nil
			}
		}
	}
	return nil, "", associationNotFound(id)
}

func (s *Service) disassociateRouteTable(r *sim.Request, f query.Form) (any, error) {
	id := f.String("AssociationId")
	table, subnet, err := s.association(r, id)
	if err != nil {
		return nil, err
	}
	if subnet == "" {
		return nil, sim.Errorf("InvalidParameterValue", "cannot disassociate the main route table association %s", id)
	}
	table.release(subnet)
	return done{true}, nil
}

// replaceAssociation gives a subnet another table, or a VPC another main table.
func (s *Service) replaceAssociation(r *sim.Request, f query.Form) (any, error) {
	table, err := s.routeTable(r, f)
	if err != nil {
		return nil, err
	}
	from, subnet, err := s.association(r, f.String("AssociationId"))
	if err != nil {
		return nil, err
	}
	if from.VPC != table.VPC {
		return nil, sim.Errorf("InvalidParameterValue", "Route table %s and association %s belong to different networks", table.ID, f.String("AssociationId"))
	}
	id := r.NewID("rtbassoc")
	if subnet == "" {
		from.Association = ""
		table.Association = id
	} else {
		from.release(subnet)
		table.Subnets = append(table.Subnets, SubnetAssociation{ID: id, Subnet: subnet})
	}
	return associated{NewID: id, State: "associated"}, nil
}

// release takes a subnet off the table.
func (t *RouteTable) release(subnet string) {
	t.Subnets = slices.DeleteFunc(t.Subnets, func(a SubnetAssociation) bool { return a.Subnet == subnet })
}
