package link

import (
	"reflect"
	"strings"
)

// Validate finds everything that can be known to be wrong with the spec without asking a cloud, and returns
// it as [Errors], or nil. It is a pure function, fit to be called in a workflow.
func (s VPCInventorySpec) Validate() error {
	c := &checker{}
	c.inventory(s)
	return c.errors.err()
}

// Validate is [VPCInventorySpec.Validate] with what surrounds the spec in a document.
func (d VPCInventory) Validate() error {
	c := &checker{}
	if c.fits(d.Spec) {
		c.fields(reflect.ValueOf(d), "")
		c.inventory(d.Spec)
	}
	return c.errors.err()
}

// A subnet and a route table belong to one VPC each (EC2 API Reference, Subnet, RouteTable), so neither can stand in
// two. A security group can (Amazon VPC User Guide, "Associate security groups with multiple VPCs").
func (c *checker) inventory(s VPCInventorySpec) {
	if !c.fits(s) {
		return
	}
	c.fields(reflect.ValueOf(s), "spec")
	if s.AWS == nil {
		return
	}
	ids := onePlace{c, map[string]string{}}
	zones := regionZones{checker: c}
	for i, vpc := range s.AWS.VPCs {
		path := at("spec.aws.vpcs", i)
		ids.note(path+".vpc", vpc.VPC)
		c.oneSubnetInEachZone(path+".subnets", vpc.Subnets)
		for j, subnet := range vpc.Subnets {
			path := at(path+".subnets", j)
			ids.note(path+".subnet", subnet.Subnet)
			zones.note(path+".zoneID", subnet.ZoneID)
		}
		for j, table := range vpc.RouteTables {
			ids.note(at(path+".routeTables", j), table)
		}
	}
}

// An endpoint has one subnet in each availability zone at most (EC2 API Reference, CreateVpcEndpoint, SubnetId).
func (c *checker) oneSubnetInEachZone(path string, subnets []InventorySubnet) {
	first := map[string]int{}
	for i, subnet := range subnets {
		if earlier, twice := first[subnet.ZoneID]; twice {
			c.add(at(path, i)+".zoneID", "%s is the zone of subnets[%d] already; an endpoint has one subnet in each zone", subnet.ZoneID, earlier)
		} else if subnet.ZoneID != "" {
			first[subnet.ZoneID] = i
		}
	}
}

// onePlace finds ids that are listed twice.
type onePlace struct {
	*checker
	first map[string]string // where each id was listed
}

func (o onePlace) note(path, id string) {
	if earlier, twice := o.first[id]; twice {
		o.add(path, "%s is listed already, as %s", id, earlier)
	} else if id != "" {
		o.first[id] = path
	}
}

// regionZones finds zones that are not in one region: the ids of all zones of a region begin alike, such as euc1- (EC2
// User Guide, "Regions and Zones", Availability Zone IDs). Which beginning is whose is not written here, because
// regions are added.
type regionZones struct {
	*checker
	first string
}

func (r *regionZones) note(path, zone string) {
	prefix, _, _ := strings.Cut(zone, "-")
	before, _, _ := strings.Cut(r.first, "-")
	switch {
	case zone == "":
	case r.first == "":
		r.first = zone
	case prefix != before:
		r.add(path, "%s is in another region than %s, and an inventory is of one", zone, r.first)
	}
}
