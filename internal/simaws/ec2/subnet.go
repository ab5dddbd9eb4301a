package ec2

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// Subnet is a part of a VPC in one availability zone.
type Subnet struct {
	Resource
	VPC            string
	CIDR           string // empty when the subnet has IPv6 addresses alone
	V6             BlockV6
	Zone           Zone
	MapPublicIP    bool
	AssignV6       bool
	ACLAssociation string // to the VPC's network ACL
}

var (
	subnetNotFound         = missing("InvalidSubnetID.NotFound", "The subnet ID '%s' does not exist")
	endpointSubnetNotFound = missing("InvalidSubnetId.NotFound", "The subnet ID '%s' does not exist")
)

func (s *Service) createSubnet(r *sim.Request, f query.Form) (any, error) {
	vpc, err := s.vpc(r, f.String("VpcId"))
	if err != nil {
		return nil, err
	}
	block, blockV6, err := s.subnetBlocks(vpc, f)
	if err != nil {
		return nil, err
	}
	z := zones(r.Caller.AccountID, r.Region)[0]
	if given := cmp.Or(f.String("AvailabilityZone"), f.String("AvailabilityZoneId")); given != "" {
		var ok bool
		if z, ok = zone(r.Caller.AccountID, r.Region, given); !ok {
			return nil, sim.Errorf("InvalidParameterValue", "Value (%s) for parameter availabilityZone is invalid.", given)
		}
	}
	tags, err := newTags(f, "subnet")
	if err != nil {
		return nil, err
	}
	subnet := &Subnet{
		Resource:       s.newResource(r, "subnet", "subnet", tags),
		VPC:            vpc.ID,
		CIDR:           block,
		V6:             blockV6,
		Zone:           z,
		ACLAssociation: sim.NewID("aclassoc"),
	}
	s.state.Subnets[subnet.ID] = subnet
	var result struct {
		Subnet subnetItem `xml:"subnet"`
	}
	result.Subnet = s.subnetItem(r, subnet)
	return result, nil
}

// subnetBlocks reads the blocks of a new subnet: of IPv4, of IPv6 or both.
func (s *Service) subnetBlocks(vpc *VPC, f query.Form) (string, BlockV6, error) {
	native, err := f.True("Ipv6Native")
	if err != nil {
		return "", BlockV6{}, err
	}
	var v6 BlockV6
	if native || f.Has("Ipv6CidrBlock") {
		if v6, err = s.subnetBlockV6(vpc, f.String("Ipv6CidrBlock")); err != nil {
			return "", v6, err
		}
	}
	if native {
		if f.Has("CidrBlock") {
			return "", v6, sim.Errorf("InvalidParameterCombination", "An IPv6 native subnet can have no IPv4 CIDR block.")
		}
		return "", v6, nil
	}
	block, err := parseBlock(f, "InvalidSubnet.Range")
	if err != nil {
		return "", v6, err
	}
	if whole := netip.MustParsePrefix(vpc.CIDR); !whole.Contains(block.Addr()) || block.Bits() < whole.Bits() {
		return "", v6, sim.Errorf("InvalidSubnet.Range", "The CIDR '%s' is invalid.", block)
	}
	for _, other := range s.subnetsOf(vpc.ID) {
		if other.CIDR != "" && netip.MustParsePrefix(other.CIDR).Overlaps(block) {
			return "", v6, sim.Errorf("InvalidSubnet.Conflict", "The CIDR '%s' conflicts with another subnet", block)
		}
	}
	return block.String(), v6, nil
}

// subnetsOf are a VPC's subnets, in order of creation.
func (s *Service) subnetsOf(vpc string) []*Subnet {
	var subnets []*Subnet
	for _, subnet := range s.state.Subnets {
		if subnet.VPC == vpc {
			subnets = append(subnets, subnet)
		}
	}
	slices.SortFunc(subnets, func(a, b *Subnet) int { return cmp.Compare(a.Sequence, b.Sequence) })
	return subnets
}

func (s *Service) subnet(r *sim.Request, id string) (*Subnet, error) {
	if id == "" {
		return nil, missingParameter("subnetId")
	}
	return owned(r, s.state.Subnets, id, subnetNotFound)
}

func (s *Service) deleteSubnet(r *sim.Request, f query.Form) (any, error) {
	subnet, err := s.subnet(r, f.String("SubnetId"))
	if err != nil {
		return nil, err
	}
	for _, eni := range s.state.Interfaces {
		if eni.Subnet == subnet.ID {
			return nil, sim.Errorf("DependencyViolation", "The subnet '%s' has dependencies and cannot be deleted.", subnet.ID)
		}
	}
	for _, table := range s.state.RouteTables {
		table.release(subnet.ID)
	}
	delete(s.state.Subnets, subnet.ID)
	return done{true}, nil
}

// modifySubnetAttribute sets one of the two attributes that mean something here.
func (s *Service) modifySubnetAttribute(r *sim.Request, f query.Form) (any, error) {
	subnet, err := s.subnet(r, f.String("SubnetId"))
	if err != nil {
		return nil, err
	}
	public, err := f.Sub("MapPublicIpOnLaunch").Bool("Value")
	if err != nil {
		return nil, err
	}
	assign, err := f.Sub("AssignIpv6AddressOnCreation").Bool("Value")
	if err != nil {
		return nil, err
	}
	switch {
	case (public == nil) == (assign == nil):
		return nil, sim.Errorf("InvalidParameterCombination", "Of a subnet's attributes only mapPublicIpOnLaunch and assignIpv6AddressOnCreation can be modified here, one at a time.")
	case public != nil:
		subnet.MapPublicIP = *public
	case *assign && subnet.V6.CIDR == "":
		return nil, sim.Errorf("InvalidParameterValue", "The subnet '%s' has no IPv6 CIDR block.", subnet.ID)
	default:
		subnet.AssignV6 = *assign
	}
	return done{true}, nil
}

type subnetItem struct {
	ID          string        `xml:"subnetId"`
	ARN         string        `xml:"subnetArn"`
	State       string        `xml:"state"`
	Owner       string        `xml:"ownerId"`
	VPC         string        `xml:"vpcId"`
	CIDR        string        `xml:"cidrBlock,omitempty"`
	Zone        string        `xml:"availabilityZone"`
	ZoneID      string        `xml:"availabilityZoneId"`
	Free        int           `xml:"availableIpAddressCount"`
	DefaultFor  bool          `xml:"defaultForAz"`
	MapPublicIP bool          `xml:"mapPublicIpOnLaunch"`
	BlocksV6    []blockV6Item `xml:"ipv6CidrBlockAssociationSet>item"`
	AssignIPv6  bool          `xml:"assignIpv6AddressOnCreation"`
	IPv6Native  bool          `xml:"ipv6Native"`
	DNS64       bool          `xml:"enableDns64"`
	Tags        []tagItem     `xml:"tagSet>item"`
}

func (s *Service) subnetItem(r *sim.Request, n *Subnet) subnetItem {
	return subnetItem{
		ID: n.ID, ARN: fmt.Sprintf("arn:%s:ec2:%s:%s:subnet/%s", r.Partition, n.Region, n.Owner, n.ID), State: "available", Owner: n.Owner,
		VPC: n.VPC, CIDR: n.CIDR, Zone: n.Zone.Name, ZoneID: n.Zone.ID, Free: s.freeAddresses(n), MapPublicIP: n.MapPublicIP,
		BlocksV6: n.V6.items(), AssignIPv6: n.AssignV6, IPv6Native: n.CIDR == "", Tags: tagSet(n.Tags),
	}
}

func (s *Service) describeSubnets(r *sim.Request, f query.Form) (any, error) {
	var result struct {
		Subnets   []subnetItem `xml:"subnetSet>item"`
		NextToken string       `xml:"nextToken,omitempty"`
	}
	zoneName, zoneID := one(func(n *Subnet) string { return n.Zone.Name }), one(func(n *Subnet) string { return n.Zone.ID })
	subnets, next, err := list(s, r, f, listing[*Subnet]{
		table: s.state.Subnets, ids: "SubnetId", absent: subnetNotFound,
		filters: map[string]func(*Subnet) []string{
			"subnet-id":                  one(func(n *Subnet) string { return n.ID }),
			"vpc-id":                     one(func(n *Subnet) string { return n.VPC }),
			"owner-id":                   one(func(n *Subnet) string { return n.Owner }),
			"state":                      one(func(*Subnet) string { return "available" }),
			"cidr-block":                 one(func(n *Subnet) string { return n.CIDR }),
			"availability-zone":          zoneName,
			"availabilityZone":           zoneName,
			"availability-zone-id":       zoneID,
			"availabilityZoneId":         zoneID,
			"available-ip-address-count": one(func(n *Subnet) string { return strconv.Itoa(s.freeAddresses(n)) }),
			"ipv6-cidr-block-association.association-id":  func(n *Subnet) []string { return n.V6.attribute(n.V6.Association) },
			"ipv6-cidr-block-association.ipv6-cidr-block": func(n *Subnet) []string { return n.V6.attribute(n.V6.CIDR) },
			"ipv6-cidr-block-association.state":           func(n *Subnet) []string { return n.V6.attribute(blockAssociated) },
			"ipv6-native":                                 one(func(n *Subnet) string { return strconv.FormatBool(n.CIDR == "") }),
			"default-for-az":                              one(func(*Subnet) string { return "false" }),
			"map-public-ip-on-launch":                     one(func(n *Subnet) string { return strconv.FormatBool(n.MapPublicIP) }),
		},
	})
	if err != nil {
		return nil, err
	}
	for _, subnet := range subnets {
		result.Subnets = append(result.Subnets, s.subnetItem(r, subnet))
	}
	result.NextToken = next
	return result, nil
}
