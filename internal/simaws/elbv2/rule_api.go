package elbv2

import (
	"fmt"
	"slices"
	"strings"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

func (s *Service) createRule(r *sim.Request, f query.Form) (any, error) {
	l, err := s.listener(r, f.String("ListenerArn"))
	if err != nil {
		return nil, err
	}
	lb, err := s.loadBalancer(r, l.LoadBalancerARN)
	if err != nil {
		return nil, err
	}
	if lb.Type != application {
		return nil, sim.Errorf("UnsupportedProtocol", "Rules of listeners with the protocol %s are not simulated", l.Protocol)
	}
	rule, tags, err := s.readRule(r, f, lb)
	if err != nil {
		return nil, err
	}
	rule.ListenerARN = l.ARN
	rules := 0
	for _, listener := range s.listenersOf(r, lb.ARN) {
		of := s.rulesOf(listener)
		if listener == l && slices.ContainsFunc(of, func(other *Rule) bool { return other.Priority == rule.Priority }) {
			return nil, priorityInUse(rule.Priority)
		}
		rules += len(of)
	}
	if limit := s.quota(r, sim.QuotaRulesPerALB); rules >= limit {
		return nil, sim.Errorf("TooManyRules", "The maximum number of rules has been reached on load balancer '%s': %d", lb.ARN, limit)
	}
	_, path, _ := strings.Cut(l.ARN, ":listener/")
	rule.Resource = s.newResource(r, fmt.Sprintf("listener-rule/%s/%s", path, r.Hex(16)), nil, tags)
	rule.ForwardsSince = s.world.Clock.Now()
	s.state.Rules[rule.ARN] = rule
	return rulesResult{Rules: []wireRule{rule.wire()}}, nil
}

// readRule reads what a new rule shall be, and its tags.
func (s *Service) readRule(r *sim.Request, f query.Form, lb *LoadBalancer) (*Rule, map[string]string, error) {
	if err := unsimulated(f); err != nil {
		return nil, nil, err
	}
	rule := &Rule{}
	var err error
	if rule.Priority, err = readPriority(f); err != nil {
		return nil, nil, err
	}
	if rule.Conditions, err = s.readConditions(r, f); err != nil {
		return nil, nil, err
	}
	if rule.Actions, err = s.readActions(r, f, "Actions", lb, ""); err != nil {
		return nil, nil, err
	}
	tags, err := readTags(f, nil)
	return rule, tags, err
}

// describeRules tells of a listener's rules in the order in which they are tried, or of those that are named.
func (s *Service) describeRules(r *sim.Request, f query.Form) (any, error) {
	arns, listenerARN := f.List("RuleArns"), f.String("ListenerArn")
	if (len(arns) > 0) == (listenerARN != "") {
		return nil, sim.Errorf("ValidationError", "You must specify either listener rule ARNs or a listener ARN")
	}
	rules, err := s.namedRules(r, arns)
	if listenerARN != "" {
		rules, err = s.allRules(r, listenerARN)
	}
	if err != nil {
		return nil, err
	}
	size, err := pageSizes.Size(f, "PageSize")
	if err != nil {
		return nil, err
	}
	result := rulesResult{}
	result.Rules, result.NextMarker, err = query.Page(r, rules, func(rule wireRule) int { return rule.place }, size, f.String("Marker"))
	return result, err
}

func (s *Service) allRules(r *sim.Request, listenerARN string) ([]wireRule, error) {
	l, err := s.listener(r, listenerARN)
	if err != nil {
		return nil, err
	}
	var rules []wireRule
	for _, rule := range s.rulesOf(l) {
		rules = append(rules, rule.wire())
	}
	return append(rules, l.defaultRule()), nil
}

func (s *Service) namedRules(r *sim.Request, arns []string) ([]wireRule, error) {
	defaults := map[string]wireRule{}
	for _, l := range list(r, s.state.Listeners, func(*Listener) bool { return true }) {
		defaults[l.defaultRuleARN()] = l.defaultRule()
	}
	var rules []wireRule
	for i, arn := range arns {
		w, found := defaults[arn]
		if rule, ok := mine(r, s.state.Rules, arn); ok {
			w, found = rule.wire(), true
		}
		if !found {
			return nil, sim.Errorf("RuleNotFound", "One or more rules not found")
		}
		w.place = i
		rules = append(rules, w)
	}
	return rules, nil
}

// modifyRule replaces the conditions, the actions, or both.
func (s *Service) modifyRule(r *sim.Request, f query.Form) (any, error) {
	if err := unsimulated(f); err != nil {
		return nil, err
	}
	rule, err := s.rule(r, f.String("RuleArn"))
	if err != nil {
		return nil, err
	}
	changed := *rule
	if len(f.Structs("Conditions")) > 0 {
		if changed.Conditions, err = s.readConditions(r, f); err != nil {
			return nil, err
		}
	}
	if len(f.Structs("Actions")) > 0 {
		lb, err := s.loadBalancer(r, s.state.Listeners[rule.ListenerARN].LoadBalancerARN)
		if err != nil {
			return nil, err
		}
		if changed.Actions, err = s.readActions(r, f, "Actions", lb, rule.ARN); err != nil {
			return nil, err
		}
		if !slices.Equal(targetGroupsOf(changed.Actions), targetGroupsOf(rule.Actions)) {
			changed.ForwardsSince = s.world.Clock.Now()
		}
	}
	*rule = changed
	return rulesResult{Rules: []wireRule{rule.wire()}}, nil
}

func (s *Service) deleteRule(r *sim.Request, f query.Form) (any, error) {
	rule, err := s.rule(r, f.String("RuleArn"))
	if err != nil {
		return nil, err
	}
	delete(s.state.Rules, rule.ARN)
	return struct{}{}, nil
}

// setRulePriorities gives rules new places, all of them or none: "You can reorder the rules as long as there are no
// priority conflicts in the new order" (Elastic Load Balancing API Reference, SetRulePriorities).
func (s *Service) setRulePriorities(r *sim.Request, f query.Form) (any, error) {
	wanted := map[*Rule]int{}
	var rules []*Rule
	for _, pair := range f.Structs("RulePriorities") {
		rule, err := s.rule(r, pair.String("RuleArn"))
		if err != nil {
			return nil, err
		}
		if wanted[rule], err = readPriority(pair); err != nil {
			return nil, err
		}
		rules = append(rules, rule)
	}
	if len(rules) == 0 {
		return nil, sim.Errorf("ValidationError", "A rule priority must be specified")
	}
	for _, rule := range rules {
		for _, other := range s.rulesOf(s.state.Listeners[rule.ListenerARN]) {
			place := other.Priority
			if priority, moves := wanted[other]; moves {
				place = priority
			}
			if other != rule && place == wanted[rule] {
				return nil, priorityInUse(place)
			}
		}
	}
	var result rulesResult
	for _, rule := range rules {
		rule.Priority = wanted[rule]
		result.Rules = append(result.Rules, rule.wire())
	}
	return result, nil
}
