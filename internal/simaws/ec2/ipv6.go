package ec2

import (
	"fmt"
	"net/netip"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// BlockV6 is an IPv6 block of a VPC or subnet.
type BlockV6 struct {
	Association string
	CIDR        string // empty for a VPC or subnet without IPv6
}

// The sizes of IPv6 blocks of VPCs and subnets here: those that AWS gives by default
// (Amazon VPC User Guide, "IPv6 VPC CIDR blocks" and "Subnet CIDR blocks").
const (
	vpcBitsV6    = 56
	subnetBitsV6 = 64
)

const (
	blockAssociated = "associated" // the state of a block, of IPv4 or IPv6, that is in use
	amazonPool      = "Amazon"     // where Amazon's IPv6 blocks come from
)

// attribute is what a filter by something of the block matches: nothing without a block.
func (b BlockV6) attribute(value string) []string {
	if b.CIDR == "" {
		return nil
	}
	return []string{value}
}

// provideBlock gives a VPC a block of Amazon's, once.
func (v *VPC) provideBlock(r *sim.Request) {
	if v.V6.CIDR != "" {
		return
	}
	digits := r.Hex(6)
	v.V6 = BlockV6{
		Association: sim.NewID("vpc-cidr-assoc"),
		CIDR:        netip.MustParsePrefix(fmt.Sprintf("2600:1f13:%s:%s00::/%d", digits[:4], digits[4:], vpcBitsV6)).String(),
	}
}

// associateVPCBlock gives a VPC an IPv6 block. Further IPv4 blocks, and IPv6 blocks that are not Amazon's, are not
// part of this cloud.
func (s *Service) associateVPCBlock(r *sim.Request, f query.Form) (any, error) {
	vpc, err := s.vpc(r, f.String("VpcId"))
	if err != nil {
		return nil, err
	}
	provided, err := f.True("AmazonProvidedIpv6CidrBlock")
	if err != nil {
		return nil, err
	}
	switch {
	case !provided:
		return nil, sim.Errorf("InvalidParameterCombination", "Only IPv6 blocks that Amazon provides can be associated here: set AmazonProvidedIpv6CidrBlock.")
	case vpc.V6.CIDR != "":
		return nil, sim.Errorf("CidrLimitExceeded", "This network '%s' has met its maximum number of allowed CIDRs: 1", vpc.ID)
	}
	vpc.provideBlock(r)
	var result struct {
		Block vpcBlockV6Item `xml:"ipv6CidrBlockAssociation"`
		VPC   string         `xml:"vpcId"`
	}
	result.Block, result.VPC = vpc.V6.vpcItems(r.Region)[0], vpc.ID
	return result, nil
}

// associateSubnetBlock gives a subnet an IPv6 block of its VPC's.
func (s *Service) associateSubnetBlock(r *sim.Request, f query.Form) (any, error) {
	subnet, err := s.subnet(r, f.String("SubnetId"))
	if err != nil {
		return nil, err
	}
	if subnet.V6.CIDR != "" {
		return nil, sim.Errorf("SubnetCidrLimitExceeded", "This subnet '%s' has met its maximum number of allowed CIDRs: 1", subnet.ID)
	}
	block, err := s.subnetBlockV6(s.state.VPCs[subnet.VPC], f.String("Ipv6CidrBlock"))
	if err != nil {
		return nil, err
	}
	subnet.V6 = block
	var result struct {
		Block  blockV6Item `xml:"ipv6CidrBlockAssociation"`
		Subnet string      `xml:"subnetId"`
	}
	result.Block, result.Subnet = block.items()[0], subnet.ID
	return result, nil
}

// subnetBlockV6 reads a block for a subnet of a VPC: within the VPC's own and of no other subnet.
func (s *Service) subnetBlockV6(vpc *VPC, text string) (BlockV6, error) {
	block, err := netip.ParsePrefix(text)
	if err != nil || !block.Addr().Is6() || block.Bits() != subnetBitsV6 {
		return BlockV6{}, sim.Errorf("InvalidParameterValue", "Value (%s) for parameter ipv6CidrBlock is invalid. This is not a valid IPv6 CIDR block of /%d.", text, subnetBitsV6)
	}
	if vpc.V6.CIDR == "" || !netip.MustParsePrefix(vpc.V6.CIDR).Contains(block.Addr()) {
		return BlockV6{}, sim.Errorf("InvalidSubnet.Range", "The CIDR '%s' is invalid.", block)
	}
	for _, other := range s.subnetsOf(vpc.ID) {
		if other.V6.CIDR != "" && netip.MustParsePrefix(other.V6.CIDR).Overlaps(block) {
			return BlockV6{}, sim.Errorf("InvalidSubnet.Conflict", "The CIDR '%s' conflicts with another subnet", block)
		}
	}
	return BlockV6{Association: sim.NewID("subnet-cidr-assoc"), CIDR: block.Masked().String()}, nil
}

type blockV6Item struct {
	ID    string `xml:"associationId"`
	CIDR  string `xml:"ipv6CidrBlock"`
	State string `xml:"ipv6CidrBlockState>state"`
}

type vpcBlockV6Item struct {
	blockV6Item
	Pool        string `xml:"ipv6Pool"`
	BorderGroup string `xml:"networkBorderGroup"`
}

// items is the block on the wire, as a list of one or none.
func (b BlockV6) items() []blockV6Item {
	if b.CIDR == "" {
		return nil
	}
	return []blockV6Item{{ID: b.Association, CIDR: b.CIDR, State: blockAssociated}}
}

func (b BlockV6) vpcItems(region string) []vpcBlockV6Item {
	var items []vpcBlockV6Item
	for _, item := range b.items() {
		items = append(items, vpcBlockV6Item{item, amazonPool, region})
	}
	return items
}
