package elbv2

import (
	"slices"
	"time"
)

// use is a listener's default action, or a rule, that sends traffic to a target group.
type use struct {
	loadBalancerARN string
	since           time.Time
}

// usesOf are the uses of a target group, the longest-lasting first.
func (s *Service) usesOf(arn string) []use {
	var uses []use
	for _, l := range s.state.Listeners {
		if slices.Contains(targetGroupsOf(l.Actions), arn) {
			uses = append(uses, use{l.LoadBalancerARN, l.ForwardsSince})
		}
	}
	for _, rule := range s.state.Rules {
		if slices.Contains(targetGroupsOf(rule.Actions), arn) {
			uses = append(uses, use{s.state.Listeners[rule.ListenerARN].LoadBalancerARN, rule.ForwardsSince})
		}
	}
	slices.SortFunc(uses, func(a, b use) int { return a.since.Compare(b.since) })
	return uses
}

// uniqueTargetGroups are those that a load balancer sends traffic to, each once however often it is used. What the
// listener or rule of the ARN except does now does not count.
func (s *Service) uniqueTargetGroups(lbARN, except string) map[string]bool {
	unique := map[string]bool{}
	add := func(actions []Action) {
		for _, arn := range targetGroupsOf(actions) {
			unique[arn] = true
		}
	}
	for _, l := range s.state.Listeners {
		if l.LoadBalancerARN == lbARN && l.ARN != except {
			add(l.Actions)
		}
	}
	for _, rule := range s.state.Rules {
		if s.state.Listeners[rule.ListenerARN].LoadBalancerARN == lbARN && rule.ARN != except {
			add(rule.Actions)
		}
	}
	return unique
}
