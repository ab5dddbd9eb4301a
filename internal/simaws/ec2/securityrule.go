package ec2

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// Rule is one rule of a security group: a protocol, its ports, and one range or group of peers.
type Rule struct {
	Resource
	SecurityGroup string
	Egress        bool
	Protocol      string // "tcp", "udp", "icmp", a number, or "-1" for all
	From, To      *int   // ports, nil for all protocols
	CIDR          string // one of CIDR, CIDRv6, Peer and PrefixList is set
	CIDRv6        string
	Peer          string // id of a security group
	PeerOwner     string
	PrefixList    string
	Description   string
}

// The directions of a rule.
const (
	ingress = false
	egress  = true
)

// anywhere is the rule that lets everything through.
func anywhere(direction bool) *Rule {
	return &Rule{Egress: direction, Protocol: "-1", CIDR: "0.0.0.0/0"}
}

// same reports whether two rules mean the same, whatever their descriptions.
func (rule *Rule) same(other *Rule) bool {
	return rule.Egress == other.Egress && rule.Protocol == other.Protocol && samePort(rule.From, other.From) && samePort(rule.To, other.To) &&
		rule.CIDR == other.CIDR && rule.CIDRv6 == other.CIDRv6 && rule.Peer == other.Peer && rule.PrefixList == other.PrefixList
}

// rulesOf are a security group's rules, in order of creation.
func (s *Service) rulesOf(group string) []*Rule {
	var rules []*Rule
	for _, rule := range s.state.Rules {
		if rule.SecurityGroup == group {
			rules = append(rules, rule)
		}
	}
	slices.SortFunc(rules, func(a, b *Rule) int { return cmp.Compare(a.Sequence, b.Sequence) })
	return rules
}

func (s *Service) addRule(r *sim.Request, group *SecurityGroup, rule *Rule, tags map[string]string) {
	rule.Resource, rule.SecurityGroup = s.newResource(r, "sgr", "security-group-rule", tags), group.ID
	s.state.Rules[rule.ID] = rule
}

func samePort(a, b *int) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

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
	return rules, nil
}

func readPermission(r *sim.Request, f query.Form, direction bool) ([]*Rule, error) {
	base := Rule{Egress: direction, Protocol: protocolName(f.String("IpProtocol"))}
	var err error
	if base.Protocol == "" {
		return nil, missingParameter("ipProtocol")
	}
	if base.Protocol != "-1" {
		if base.From, err = f.Int("FromPort"); err != nil {
			return nil, err
		}
		if base.To, err = f.Int("ToPort"); err != nil {
			return nil, err
		}
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
		for _, cidr := range []string{rule.CIDR, rule.CIDRv6} {
			if _, err := netip.ParsePrefix(cidr); cidr != "" && err != nil {
				return nil, sim.Errorf("InvalidParameterValue", "CIDR block %s is malformed", cidr)
			}
		}
	}
	return rules, nil
}

// protocolName turns the common protocols' numbers into names, as EC2 does.
func protocolName(given string) string {
	names := map[string]string{"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6"}
	if name, ok := names[given]; ok {
		return name
	}
	return given
}

// authorize is the action that adds rules of a direction.
func (s *Service) authorize(direction bool) query.Handler {
	return func(r *sim.Request, f query.Form) (any, error) {
		group, err := s.securityGroup(r, f)
		if err != nil {
			return nil, err
		}
		rules, err := readRules(r, f, direction)
		if err != nil {
			return nil, err
		}
		if len(rules) == 0 {
			return nil, missingParameter("ipPermissions")
		}
		tags, err := newTags(f, "security-group-rule")
		if err != nil {
			return nil, err
		}
		existing := s.rulesOf(group.ID)
		for _, rule := range rules {
			if slices.ContainsFunc(existing, rule.same) {
				return nil, sim.Errorf("InvalidPermission.Duplicate", "the specified rule already exists in the security group %s", group.ID)
			}
			if _, ok := s.state.SecurityGroups[rule.Peer]; rule.Peer != "" && !ok {
				return nil, groupNotFound(rule.Peer)
			}
		}
		var result struct {
			Return bool       `xml:"return"`
			Rules  []ruleItem `xml:"securityGroupRuleSet>item"`
		}
		result.Return = true
		for _, rule := range rules {
			s.addRule(r, group, rule, maps.Clone(tags))
			result.Rules = append(result.Rules, rule.item())
		}
		return result, nil
	}
}

// revoke is the action that removes rules of a direction, named by id or by what they say.
func (s *Service) revoke(direction bool) query.Handler {
	return func(r *sim.Request, f query.Form) (any, error) {
		group, err := s.securityGroup(r, f)
		if err != nil {
			return nil, err
		}
		existing := s.rulesOf(group.ID)
		var gone []string
		for _, id := range f.List("SecurityGroupRuleId") {
			named := func(rule *Rule) bool { return rule.ID == id && rule.Egress == direction }
			if !slices.ContainsFunc(existing, named) {
				return nil, ruleNotFound(id)
			}
			gone = append(gone, id)
		}
		rules, err := readRules(r, f, direction)
		if err != nil {
			return nil, err
		}
		for _, rule := range rules {
			i := slices.IndexFunc(existing, rule.same)
			if i < 0 {
				return nil, sim.Errorf("InvalidPermission.NotFound", "The specified rule does not exist in this security group.")
			}
			gone = append(gone, existing[i].ID)
		}
		for _, id := range gone {
			delete(s.state.Rules, id)
		}
		return done{true}, nil
	}
}

var ruleNotFound = missing("InvalidSecurityGroupRuleId.NotFound", "The security group rule ID '%s' does not exist")

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
	Owner       string `xml:"userId"`
	ID          string `xml:"groupId"`
	Description string `xml:"description,omitempty"`
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

func permissionItems(rules []*Rule, direction bool) []permissionItem {
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
			p.Groups = append(p.Groups, groupPeerItem{rule.PeerOwner, rule.Peer, rule.Description})
		case rule.PrefixList != "":
			p.PrefixLists = append(p.PrefixLists, prefixListItem{rule.PrefixList, rule.Description})
		}
	}
	return items
}

type ruleItem struct {
	ID          string         `xml:"securityGroupRuleId"`
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

func (rule *Rule) item() ruleItem {
	item := ruleItem{
		ID: rule.ID, Group: rule.SecurityGroup, GroupOwner: rule.Owner, Egress: rule.Egress, Protocol: rule.Protocol, From: -1, To: -1,
		CIDR: rule.CIDR, CIDRv6: rule.CIDRv6, PrefixList: rule.PrefixList, Description: rule.Description, Tags: tagSet(rule.Tags),
	}
	if rule.From != nil && rule.To != nil {
		item.From, item.To = *rule.From, *rule.To
	}
	if rule.Peer != "" {
		item.Referenced = &groupPeerItem{Owner: rule.PeerOwner, ID: rule.Peer}
	}
	return item
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
		result.Rules = append(result.Rules, rule.item())
	}
	result.NextToken = next
	return result, nil
}
