package ec2

import (
	"net/netip"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// VPC is a virtual private cloud with one IPv4 block, and one IPv6 block or none.
type VPC struct {
	Resource
	CIDR           string
	V6             BlockV6
	Tenancy        string
	DNSSupport     bool
	DNSHostnames   bool
	UsageMetrics   bool
	AssociationID  string // of the IPv4 block
	DHCPOptionsSet string
}

// The sizes an IPv4 block of a VPC or subnet may have (Amazon VPC User Guide, "VPC CIDR blocks").
const (
	largestBlock  = 16
	smallestBlock = 28
)

var vpcNotFound = missing("InvalidVpcID.NotFound", "The vpc ID '%s' does not exist")

// createVPC makes a VPC and what AWS makes with each: the main route table, the default network ACL and the
// default security group.
func (s *Service) createVPC(r *sim.Request, f query.Form) (any, error) {
	block, err := parseBlock(f, "InvalidVpc.Range")
	if err != nil {
		return nil, err
	}
	withV6, err := f.True("AmazonProvidedIpv6CidrBlock")
	if err != nil {
		return nil, err
	}
	tags, err := newTags(f, "vpc")
	if err != nil {
		return nil, err
	}
	if r.Seed == "" && s.vpcsOf(r) >= s.world.Quotas.Value(r.Caller.AccountID, r.Region, sim.QuotasOfVPC, sim.QuotaVPCs) {
		return nil, sim.Errorf("VpcLimitExceeded", "The maximum number of VPCs has been reached.")
	}
	vpc := &VPC{
		Resource:       s.newResource(r, "vpc", "vpc", tags),
		CIDR:           block.String(),
		Tenancy:        "default",
		DNSSupport:     true, // and DNSHostnames is off (EC2 API Reference, ModifyVpcAttribute)
		AssociationID:  sim.NewID("vpc-cidr-assoc"),
		DHCPOptionsSet: "default",
	}
	if tenancy := f.String("InstanceTenancy"); tenancy != "" {
		vpc.Tenancy = tenancy
	}
	if withV6 {
		vpc.provideBlock(r)
	}
	s.state.VPCs[vpc.ID] = vpc
	s.addMainRouteTable(r, vpc)
	s.addDefaultNetworkACL(r, vpc)
	s.addDefaultSecurityGroup(r, vpc)
	var result struct {
		VPC vpcItem `xml:"vpc"`
	}
	result.VPC = vpc.item()
	return result, nil
}

// vpcsOf is how many VPCs the caller has in the Region. Those of the world file count, but it may have any number: its
// accounts are as old as they look, and have had their quotas raised.
func (s *Service) vpcsOf(r *sim.Request) int {
	n := 0
	for _, vpc := range s.state.VPCs {
		if vpc.ownedBy(r) {
			n++
		}
	}
	return n
}

// parseBlock reads the parameter CidrBlock, with the host bits cut off as EC2 does.
func parseBlock(f query.Form, badRange string) (netip.Prefix, error) {
	if !f.Has("CidrBlock") {
		return netip.Prefix{}, missingParameter("cidrBlock")
	}
	block, err := netip.ParsePrefix(f.String("CidrBlock"))
	if err != nil || !block.Addr().Is4() {
		return netip.Prefix{}, sim.Errorf("InvalidParameterValue", "Value (%s) for parameter cidrBlock is invalid. This is not a valid CIDR block.", f.String("CidrBlock"))
	}
	if block.Bits() < largestBlock || block.Bits() > smallestBlock {
		return netip.Prefix{}, sim.Errorf(badRange, "The CIDR '%s' is invalid.", block)
	}
	return block.Masked(), nil
}

func (s *Service) vpc(r *sim.Request, id string) (*VPC, error) {
	if id == "" {
		return nil, missingParameter("vpcId")
	}
	return owned(r, s.state.VPCs, id, vpcNotFound)
}

// deleteVPC deletes an empty VPC with its defaults.
func (s *Service) deleteVPC(r *sim.Request, f query.Form) (any, error) {
	vpc, err := s.vpc(r, f.String("VpcId"))
	if err != nil {
		return nil, err
	}
	if s.vpcInUse(vpc.ID) {
		return nil, sim.Errorf("DependencyViolation", "The vpc '%s' has dependencies and cannot be deleted.", vpc.ID)
	}
	st := s.state
	removeFrom(st.RouteTables, func(t *RouteTable) bool { return t.VPC == vpc.ID })
	removeFrom(st.NetworkACLs, func(a *NetworkACL) bool { return a.VPC == vpc.ID })
	removeFrom(st.Rules, func(rule *Rule) bool { return st.SecurityGroups[rule.SecurityGroup].VPC == vpc.ID })
	removeFrom(st.SecurityGroups, func(g *SecurityGroup) bool { return g.VPC == vpc.ID })
	delete(st.VPCs, vpc.ID)
	return done{true}, nil
}

func (s *Service) vpcInUse(id string) bool {
	for _, subnet := range s.state.Subnets {
		if subnet.VPC == id {
			return true
		}
	}
	for _, endpoint := range s.state.Endpoints {
		if endpoint.VPC == id {
			return true
		}
	}
	for _, group := range s.state.SecurityGroups {
		if group.VPC == id && group.Name != defaultGroup {
			return true
		}
	}
	for _, table := range s.state.RouteTables {
		if table.VPC == id && table.Association == "" {
			return true
		}
	}
	for _, peering := range s.state.Peerings {
		if peering.joins(id) && peering.Accepted && peering.live() {
			return true
		}
	}
	return false
}

func removeFrom[T any](table map[string]T, where func(T) bool) {
	for id, it := range table {
		if where(it) {
			delete(table, id)
		}
	}
}

type vpcItem struct {
	ID          string             `xml:"vpcId"`
	Owner       string             `xml:"ownerId"`
	State       string             `xml:"state"`
	CIDR        string             `xml:"cidrBlock"`
	Blocks      []blockAssociation `xml:"cidrBlockAssociationSet>item"`
	BlocksV6    []vpcBlockV6Item   `xml:"ipv6CidrBlockAssociationSet>item"`
	DHCPOptions string             `xml:"dhcpOptionsId"`
	Tenancy     string             `xml:"instanceTenancy"`
	IsDefault   bool               `xml:"isDefault"`
	Tags        []tagItem          `xml:"tagSet>item"`
}

type blockAssociation struct {
	ID    string `xml:"associationId"`
	CIDR  string `xml:"cidrBlock"`
	State string `xml:"cidrBlockState>state"`
}

func (v *VPC) item() vpcItem {
	return vpcItem{
		ID: v.ID, Owner: v.Owner, State: "available", CIDR: v.CIDR,
		Blocks:      []blockAssociation{{ID: v.AssociationID, CIDR: v.CIDR, State: blockAssociated}},
		BlocksV6:    v.V6.vpcItems(v.Region),
		DHCPOptions: v.DHCPOptionsSet, Tenancy: v.Tenancy, Tags: tagSet(v.Tags),
	}
}

func (s *Service) describeVPCs(r *sim.Request, f query.Form) (any, error) {
	var result struct {
		VPCs      []vpcItem `xml:"vpcSet>item"`
		NextToken string    `xml:"nextToken,omitempty"`
	}
	vpcs, next, err := list(s, r, f, listing[*VPC]{
		table: s.state.VPCs, ids: "VpcId", absent: vpcNotFound,
		filters: map[string]func(*VPC) []string{
			"vpc-id":                                one(func(v *VPC) string { return v.ID }),
			"owner-id":                              one(func(v *VPC) string { return v.Owner }),
			"state":                                 one(func(*VPC) string { return "available" }),
			"cidr":                                  one(func(v *VPC) string { return v.CIDR }),
			"cidr-block-association.association-id": one(func(v *VPC) string { return v.AssociationID }),
			"cidr-block-association.cidr-block":     one(func(v *VPC) string { return v.CIDR }),
			"cidr-block-association.state":          one(func(*VPC) string { return blockAssociated }),
			"ipv6-cidr-block-association.association-id":  func(v *VPC) []string { return v.V6.attribute(v.V6.Association) },
			"ipv6-cidr-block-association.ipv6-cidr-block": func(v *VPC) []string { return v.V6.attribute(v.V6.CIDR) },
			"ipv6-cidr-block-association.ipv6-pool":       func(v *VPC) []string { return v.V6.attribute(amazonPool) },
			"ipv6-cidr-block-association.state":           func(v *VPC) []string { return v.V6.attribute(blockAssociated) },
			"is-default":                                  one(func(*VPC) string { return "false" }),
			"isDefault":                                   one(func(*VPC) string { return "false" }),
			"dhcp-options-id":                             one(func(v *VPC) string { return v.DHCPOptionsSet }),
		},
	})
	if err != nil {
		return nil, err
	}
	for _, vpc := range vpcs {
		result.VPCs = append(result.VPCs, vpc.item())
	}
	result.NextToken = next
	return result, nil
}

// attribute finds the switch that an attribute's name stands for.
func (v *VPC) attribute(name string) (*bool, bool) {
	switch name {
	case "enableDnsSupport":
		return &v.DNSSupport, true
	case "enableDnsHostnames":
		return &v.DNSHostnames, true
	case "enableNetworkAddressUsageMetrics":
		return &v.UsageMetrics, true
	}
	return nil, false
}

// modifyVPCAttribute sets one attribute; EC2 takes one in each request.
func (s *Service) modifyVPCAttribute(r *sim.Request, f query.Form) (any, error) {
	vpc, err := s.vpc(r, f.String("VpcId"))
	if err != nil {
		return nil, err
	}
	given := 0
	var set *bool
	var to bool
	for parameter, attribute := range map[string]*bool{
		"EnableDnsSupport":                 &vpc.DNSSupport,
		"EnableDnsHostnames":               &vpc.DNSHostnames,
		"EnableNetworkAddressUsageMetrics": &vpc.UsageMetrics,
	} {
		value, err := f.Sub(parameter).Bool("Value")
		if err != nil {
			return nil, err
		}
		if value != nil {
			given++
			set, to = attribute, *value
		}
	}
	switch {
	case given == 0:
		return nil, missingParameter("attribute")
	case given > 1:
		return nil, sim.Errorf("InvalidParameterCombination", "Fields for multiple attribute types specified")
	}
	*set = to
	return done{true}, nil
}

func (s *Service) describeVPCAttribute(r *sim.Request, f query.Form) (any, error) {
	vpc, err := s.vpc(r, f.String("VpcId"))
	if err != nil {
		return nil, err
	}
	value, ok := vpc.attribute(f.String("Attribute"))
	if !ok {
		return nil, sim.Errorf("InvalidParameterValue", "Value (%s) for parameter attribute is invalid.", f.String("Attribute"))
	}
	type attribute struct {
		Value bool `xml:"value"`
	}
	var result struct {
		ID           string     `xml:"vpcId"`
		Support      *attribute `xml:"enableDnsSupport"`
		Hostnames    *attribute `xml:"enableDnsHostnames"`
		UsageMetrics *attribute `xml:"enableNetworkAddressUsageMetrics"`
	}
	result.ID = vpc.ID
	switch value {
	case &vpc.DNSSupport:
		result.Support = &attribute{*value}
	case &vpc.DNSHostnames:
		result.Hostnames = &attribute{*value}
	case &vpc.UsageMetrics:
		result.UsageMetrics = &attribute{*value}
	}
	return result, nil
}
