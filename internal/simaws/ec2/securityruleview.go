package ec2

import (
	"slices"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// permissionItem gathers the rules of one protocol and port range, as DescribeSecurityGroups shows them.
type permissionItem struct {
	Protocol    string           `xml:"ipProtocol"`
	From        *int             `xml:"fromPort,omitempty"`
	To          *int             `xml:"toPort,omitempty"`
	Groups      []groupPeerItem  `xml:"groups>item"`
	Ranges      []rangeItem      `xml:"ipRanges>item"`
	RangesV6    []rangeV6Item    `xml:"ipv6Ranges>item"`
	PrefixLists []prefixListItem `xml:"prefixListIds>item"`
}

type groupPeerItem struct {
	Owner         string `xml:"userId"`
	ID            string `xml:"groupId"`
	VPC           string `xml:"vpcId,omitempty"`
	Peering       string `xml:"vpcPeeringConnectionId,omitempty"`
	PeeringStatus string `xml:"peeringStatus,omitempty"`
	Description   string `xml:"description,omitempty"`
}

// groupPeer is the group that a rule refers to. Of one in a peered VPC the connection is shown, and how it stands: a
// rule remains when the connection, or the group, is gone (Amazon VPC Peering Guide, "Work with stale security group
// rules").
func (s *Service) groupPeer(rule *Rule) groupPeerItem {
	item := groupPeerItem{Owner: rule.PeerOwner, ID: rule.Peer, VPC: rule.PeerVPC, Peering: rule.Peering}
	if rule.Peering != "" {
		item.PeeringStatus = peeringDeleted
		if p, ok := s.state.Peerings[rule.Peering]; ok {
			item.PeeringStatus = p.State
		}
	}
	return item
}

type rangeItem struct {
	CIDR        string `xml:"cidrIp"`
	Description string `xml:"description,omitempty"`
}

type rangeV6Item struct {
	CIDR        string `xml:"cidrIpv6"`
	Description string `xml:"description,omitempty"`
}

type prefixListItem struct {
	ID          string `xml:"prefixListId"`
	Description string `xml:"description,omitempty"`
}

func (s *Service) permissionItems(rules []*Rule, direction bool) []permissionItem {
	var items []permissionItem
	for _, rule := range rules {
		if rule.Egress != direction {
			continue
		}
		i := slices.IndexFunc(items, func(p permissionItem) bool {
			return p.Protocol == rule.Protocol && samePort(p.From, rule.From) && samePort(p.To, rule.To)
		})
		if i < 0 {
			items = append(items, permissionItem{Protocol: rule.Protocol, From: rule.From, To: rule.To})
			i = len(items) - 1
		}
		p := &items[i]
		switch {
		case rule.CIDR != "":
			p.Ranges = append(p.Ranges, rangeItem{rule.CIDR, rule.Description})
		case rule.CIDRv6 != "":
			p.RangesV6 = append(p.RangesV6, rangeV6Item{rule.CIDRv6, rule.Description})
		case rule.Peer != "":
			peer := s.groupPeer(rule)
			peer.Description = rule.Description
			p.Groups = append(p.Groups, peer)
		case rule.PrefixList != "":
			p.PrefixLists = append(p.PrefixLists, prefixListItem{rule.PrefixList, rule.Description})
		}
	}
	return items
}

type ruleItem struct {
	ID          string         `xml:"securityGroupRuleId"`
	ARN         string         `xml:"securityGroupRuleArn"`
	Group       string         `xml:"groupId"`
	GroupOwner  string         `xml:"groupOwnerId"`
	Egress      bool           `xml:"isEgress"`
	Protocol    string         `xml:"ipProtocol"`
	From        int            `xml:"fromPort"`
	To          int            `xml:"toPort"`
	CIDR        string         `xml:"cidrIpv4,omitempty"`
	CIDRv6      string         `xml:"cidrIpv6,omitempty"`
	PrefixList  string         `xml:"prefixListId,omitempty"`
	Referenced  *groupPeerItem `xml:"referencedGroupInfo"`
	Description string         `xml:"description,omitempty"`
	Tags        []tagItem      `xml:"tagSet>item"`
}

func (s *Service) ruleItem(r *sim.Request, rule *Rule) ruleItem {
	item := ruleItem{
		ID: rule.ID, ARN: arn(r, "security-group-rule", rule.ID), Group: rule.SecurityGroup, GroupOwner: rule.Owner, Egress: rule.Egress, Protocol: rule.Protocol, From: -1, To: -1,
		CIDR: rule.CIDR, CIDRv6: rule.CIDRv6, PrefixList: rule.PrefixList, Description: rule.Description, Tags: tagSet(rule.Tags),
	}
	if rule.From != nil && rule.To != nil {
		item.From, item.To = *rule.From, *rule.To
	}
	if rule.Peer != "" {
		peer := s.groupPeer(rule)
		item.Referenced = &peer
	}
	return item
}

// revokedRuleItem is a rule that is gone.
type revokedRuleItem struct {
	ID          string `xml:"securityGroupRuleId"`
	Group       string `xml:"groupId"`
	Egress      bool   `xml:"isEgress"`
	Protocol    string `xml:"ipProtocol"`
	From        *int   `xml:"fromPort,omitempty"`
	To          *int   `xml:"toPort,omitempty"`
	CIDR        string `xml:"cidrIpv4,omitempty"`
	CIDRv6      string `xml:"cidrIpv6,omitempty"`
	PrefixList  string `xml:"prefixListId,omitempty"`
	Referenced  string `xml:"referencedGroupId,omitempty"`
	Description string `xml:"description,omitempty"`
}

func (rule *Rule) revokedItem() revokedRuleItem {
	return revokedRuleItem{
		ID: rule.ID, Group: rule.SecurityGroup, Egress: rule.Egress, Protocol: rule.Protocol, From: rule.From, To: rule.To,
		CIDR: rule.CIDR, CIDRv6: rule.CIDRv6, PrefixList: rule.PrefixList, Referenced: rule.Peer, Description: rule.Description,
	}
}

func (s *Service) describeSecurityGroupRules(r *sim.Request, f query.Form) (any, error) {
	var result struct {
		Rules     []ruleItem `xml:"securityGroupRuleSet>item"`
		NextToken string     `xml:"nextToken,omitempty"`
	}
	rules, next, err := list(s, r, f, listing[*Rule]{
		table: s.state.Rules, ids: "SecurityGroupRuleId", absent: ruleNotFound,
		filters: map[string]func(*Rule) []string{
			"group-id":               one(func(rule *Rule) string { return rule.SecurityGroup }),
			"security-group-rule-id": one(func(rule *Rule) string { return rule.ID }),
		},
	})
	if err != nil {
		return nil, err
	}
	for _, rule := range rules {
		result.Rules = append(result.Rules, s.ruleItem(r, rule))
	}
	result.NextToken = next
	return result, nil
}
