package ec2

import (
	"cmp"
	"slices"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// modifyRules gives rules another meaning under the same ids: each becomes what the request says, whole, and stays of
// its direction (EC2 API Reference, ModifySecurityGroupRules).
func (s *Service) modifyRules(r *sim.Request, f query.Form) (any, error) {
	group, err := s.securityGroup(r, f)
	if err != nil {
		return nil, err
	}
	updates := f.Structs("SecurityGroupRule")
	if len(updates) == 0 {
		return nil, missingParameter("securityGroupRules")
	}
	rules := s.rulesOf(group.ID)
	changed := map[string]*Rule{}
	for _, update := range updates {
		id := update.String("SecurityGroupRuleId")
		i := slices.IndexFunc(rules, func(rule *Rule) bool { return rule.ID == id })
		if i < 0 {
			return nil, ruleNotFound(id)
		}
		rule, err := s.readUpdate(r, update.Sub("SecurityGroupRule"), group, rules[i])
		if err != nil {
			return nil, err
		}
		rules[i], changed[id] = rule, rule
	}
	for i, rule := range rules {
		if slices.ContainsFunc(rules[:i], rule.same) {
			return nil, duplicateRule(rule)
		}
	}
	if err := s.checkRules(r, group, rules); err != nil {
		return nil, err
	}
	for id, rule := range changed {
		s.state.Rules[id] = rule
	}
	return done{true}, nil
}

// readUpdate reads what a rule is to become.
func (s *Service) readUpdate(r *sim.Request, f query.Form, group *SecurityGroup, was *Rule) (*Rule, error) {
	rule, err := readTraffic(f, was.Egress)
	if err != nil {
		return nil, err
	}
	rule.Resource, rule.SecurityGroup, rule.Description = was.Resource, was.SecurityGroup, f.String("Description")
	rule.CIDR, rule.CIDRv6 = f.String("CidrIpv4"), f.String("CidrIpv6")
	rule.PrefixList, rule.Peer = f.String("PrefixListId"), f.String("ReferencedGroupId")
	if cmp.Or(rule.CIDR, rule.CIDRv6, rule.PrefixList, rule.Peer) == "" {
		return nil, missingParameter("cidrIpv4")
	}
	if other, ok := s.state.SecurityGroups[rule.Peer]; ok {
		rule.PeerOwner = other.Owner
	}
	if err := rule.canonical(); err != nil {
		return nil, err
	}
	return &rule, s.resolve(r, group, &rule)
}

// describeRules is the action that gives rules of a direction other descriptions, named by id or by what they say.
func (s *Service) describeRules(direction bool) query.Handler {
	return func(r *sim.Request, f query.Form) (any, error) {
		group, err := s.securityGroup(r, f)
		if err != nil {
			return nil, err
		}
		existing := s.rulesOf(group.ID)
		descriptions := map[string]string{}
		for _, d := range f.Structs("SecurityGroupRuleDescription") {
			id := d.String("SecurityGroupRuleId")
			if !slices.ContainsFunc(existing, func(rule *Rule) bool { return rule.ID == id && rule.Egress == direction }) {
				return nil, ruleNotFound(id)
			}
			descriptions[id] = d.String("Description")
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
			descriptions[existing[i].ID] = rule.Description
		}
		if len(descriptions) == 0 {
			return nil, missingParameter("ipPermissions")
		}
		for id, description := range descriptions {
			s.state.Rules[id].Description = description
		}
		return done{true}, nil
	}
}
