package ec2

import (
	"cmp"
	"net/netip"
	"slices"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// readRules reads the rules of an Authorize or Revoke request: IpPermissions, or the older parameters that
// stand for a single one.
func readRules(r *sim.Request, f query.Form, direction bool) ([]*Rule, error) {
	permissions := f.Structs("IpPermissions")
	if len(permissions) == 0 && f.Has("IpProtocol") {
		permissions = []query.Form{f}
	}
	var rules []*Rule
	for _, permission := range permissions {
		more, err := readPermission(r, permission, direction)
		if err != nil {
			return nil, err
		}
		rules = append(rules, more...)
	}
	for i, rule := range rules {
		if slices.ContainsFunc(rules[:i], rule.same) {
			return nil, sim.Errorf("InvalidParameterValue", "The same permission must not appear multiple times")
		}
	}
	return rules, nil
}

// readPermission reads one permission, which stands for a rule for each of its peers.
func readPermission(r *sim.Request, f query.Form, direction bool) ([]*Rule, error) {
	base, err := readTraffic(f, direction)
	if err != nil {
		return nil, err
	}
	var rules []*Rule
	add := func(description string, peer func(*Rule)) {
		rule := base
		rule.Description = description
		peer(&rule)
		rules = append(rules, &rule)
	}
	for _, item := range f.Structs("IpRanges") {
		add(item.String("Description"), func(rule *Rule) { rule.CIDR = item.String("CidrIp") })
	}
	for _, item := range f.Structs("Ipv6Ranges") {
		add(item.String("Description"), func(rule *Rule) { rule.CIDRv6 = item.String("CidrIpv6") })
	}
	for _, item := range f.Structs("PrefixListIds") {
		add(item.String("Description"), func(rule *Rule) { rule.PrefixList = item.String("PrefixListId") })
	}
	for _, item := range f.Structs("Groups") {
		add(item.String("Description"), func(rule *Rule) {
			rule.Peer, rule.PeerOwner = item.String("GroupId"), cmp.Or(item.String("UserId"), r.Caller.AccountID)
		})
	}
	if f.Has("CidrIp") {
		add("", func(rule *Rule) { rule.CIDR = f.String("CidrIp") })
	}
	for _, rule := range rules {
		if err := rule.canonical(); err != nil {
			return nil, err
		}
	}
	return rules, nil
}

// readTraffic reads a rule's protocol and ports: both ports for TCP and UDP, type and code for ICMP, none for all
// protocols (EC2 API Reference, IpPermission).
func readTraffic(f query.Form, direction bool) (Rule, error) {
	rule := Rule{Egress: direction, Protocol: protocolName(f.String("IpProtocol"))}
	if rule.Protocol == "" {
		return rule, missingParameter("ipProtocol")
	}
	if rule.Protocol == "-1" {
		return rule, nil
	}
	var err error
	if rule.From, err = f.Int("FromPort"); err != nil {
		return rule, err
	}
	if rule.To, err = f.Int("ToPort"); err != nil {
		return rule, err
	}
	if rule.Protocol != "tcp" && rule.Protocol != "udp" {
		return rule, nil
	}
	const maxPort = 65535
	switch {
	case rule.From == nil || rule.To == nil:
		return rule, sim.Errorf("InvalidParameterValue", "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.")
	case *rule.From < 0 || *rule.To > maxPort || *rule.From > *rule.To:
		return rule, sim.Errorf("InvalidParameterValue", "Invalid value '%d-%d' for portRange.", *rule.From, *rule.To)
	}
	return rule, nil
}

// protocolName turns the common protocols' numbers into names, as EC2 does.
func protocolName(given string) string {
	names := map[string]string{"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6"}
	if name, ok := names[given]; ok {
		return name
	}
	return given
}

// canonical cuts the host bits off the rule's range, as EC2 does (EC2 API Reference, IpRange).
func (rule *Rule) canonical() error {
	for _, cidr := range []*string{&rule.CIDR, &rule.CIDRv6} {
		if *cidr == "" {
			continue
		}
		block, err := netip.ParsePrefix(*cidr)
		if err != nil || block.Addr().Is4() != (cidr == &rule.CIDR) {
			return sim.Errorf("InvalidParameterValue", "CIDR block %s is malformed", *cidr)
		}
		*cidr = block.Masked().String()
	}
	return nil
}

// differentNetworks is the error for a group that the rules of another cannot refer to.
func differentNetworks() *sim.Error {
	return sim.Errorf("InvalidGroup.NotFound", "You have specified two resources that belong to different networks.")
}

// resolve finds what a new rule of a group refers to. A group must be in the same VPC, or in one of the same Region
// with which there is an active peering connection, of whatever account (Amazon VPC Peering Guide, "Update your
// security groups to reference peer security groups").
func (s *Service) resolve(r *sim.Request, group *SecurityGroup, rule *Rule) error {
	if rule.PrefixList != "" {
		if _, ok := s.prefixLists(r)[rule.PrefixList]; !ok {
			return prefixListNotFound(rule.PrefixList)
		}
	}
	if rule.Peer == "" {
		return nil
	}
	other, ok := s.state.SecurityGroups[rule.Peer]
	switch {
	case !ok || other.Owner != rule.PeerOwner:
		return groupNotFound(rule.Peer)
	case other.VPC == group.VPC:
		return nil
	}
	peering := s.peeringBetween(group.VPC, other.VPC)
	if peering == nil || peering.acrossRegions() {
		return differentNetworks()
	}
	rule.PeerVPC, rule.Peering = other.VPC, peering.ID
	return nil
}
