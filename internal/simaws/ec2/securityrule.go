package ec2

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

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
	PeerVPC       string // when the group is in a peered VPC, and
	Peering       string // the connection to that
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

// String says a rule as EC2 does in its errors.
func (rule *Rule) String() string {
	text := "peer: " + cmp.Or(rule.CIDR, rule.CIDRv6, rule.Peer, rule.PrefixList) + ", " + strings.ToUpper(rule.Protocol)
	if rule.Protocol == "-1" {
		text = strings.Replace(text, "-1", "ALL", 1)
	}
	if rule.From != nil && rule.To != nil {
		text += fmt.Sprintf(", from port: %d, to port: %d", *rule.From, *rule.To)
	}
	return text + ", ALLOW"
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
			if err := s.resolve(r, group, rule); err != nil {
				return nil, err
			}
			if slices.ContainsFunc(existing, rule.same) {
				return nil, duplicateRule(rule)
			}
		}
		if err := s.checkRules(r, group, slices.Concat(existing, rules)); err != nil {
			return nil, err
		}
		var result struct {
			Return bool       `xml:"return"`
			Rules  []ruleItem `xml:"securityGroupRuleSet>item"`
		}
		result.Return = true
		for _, rule := range rules {
			s.addRule(r, group, rule, maps.Clone(tags))
			result.Rules = append(result.Rules, s.ruleItem(r, rule))
		}
		return result, nil
	}
}

func duplicateRule(rule *Rule) *sim.Error {
	return sim.Errorf("InvalidPermission.Duplicate", "the specified rule %q already exists", rule)
}

// checkRules keeps the quota of rules, which is one for each direction and each address family. A prefix list counts as
// many times as it weighs, and a group in both families (Amazon VPC User Guide, "Amazon VPC quotas" and "Security group
// size").
func (s *Service) checkRules(r *sim.Request, group *SecurityGroup, rules []*Rule) error {
	type count struct{ egress, v6 bool }
	counts := map[count]int{}
	for _, rule := range rules {
		v4, v6 := rule.CIDR != "", rule.CIDRv6 != ""
		weight := 1
		switch {
		case rule.Peer != "":
			v4, v6 = true, true
		case rule.PrefixList != "":
			l, ok := s.prefixLists(r)[rule.PrefixList]
			if !ok {
				continue // gone meanwhile
			}
			v6, weight = l.Family == "IPv6", l.weight()
			v4 = !v6
		}
		if v4 {
			counts[count{rule.Egress, false}] += weight
		}
		if v6 {
			counts[count{rule.Egress, true}] += weight
		}
	}
	for _, n := range counts {
		if n > s.quota(group.Resource, sim.QuotaRules) {
			return sim.Errorf("RulesPerSecurityGroupLimitExceeded", "The maximum number of rules per security group has been reached.")
		}
	}
	return nil
}

// revoke is the action that removes rules of a direction, named by id or by what they say: all of them, or none.
func (s *Service) revoke(direction bool) query.Handler {
	return func(r *sim.Request, f query.Form) (any, error) {
		group, err := s.securityGroup(r, f)
		if err != nil {
			return nil, err
		}
		existing := s.rulesOf(group.ID)
		var gone []*Rule
		for _, id := range f.List("SecurityGroupRuleId") {
			i := slices.IndexFunc(existing, func(rule *Rule) bool { return rule.ID == id && rule.Egress == direction })
			if i < 0 {
				return nil, ruleNotFound(id)
			}
			gone = append(gone, existing[i])
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
			gone = append(gone, existing[i])
		}
		if len(gone) == 0 {
			return nil, missingParameter("ipPermissions")
		}
		var result struct {
			Return  bool              `xml:"return"`
			Revoked []revokedRuleItem `xml:"revokedSecurityGroupRuleSet>item"`
		}
		result.Return = true
		for _, rule := range gone {
			delete(s.state.Rules, rule.ID)
			result.Revoked = append(result.Revoked, rule.revokedItem())
		}
		return result, nil
	}
}

var ruleNotFound = missing("InvalidSecurityGroupRuleId.NotFound", "The security group rule ID '%s' does not exist")
