package elbv2

import (
	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// readActions reads the actions of a listener or a rule, in the parameter name, and checks that the load balancer can
// do them. Those that the listener or rule of the ARN of has now do not count against its quotas.
func (s *Service) readActions(r *sim.Request, f query.Form, name string, lb *LoadBalancer, of string) ([]Action, error) {
	forms := f.Structs(name)
	if len(forms) > s.actionsPerRule(r) {
		return nil, sim.Errorf("TooManyActions", "The maximum number of actions per rule has been reached: %d", s.actionsPerRule(r))
	}
	var actions []Action
	for _, form := range forms {
		a, err := readAction(form)
		if err != nil {
			return nil, err
		}
		if a.Type != "forward" && lb.Type == network {
			return nil, sim.Errorf("InvalidLoadBalancerAction", "Only forward actions are supported on listeners of a Network Load Balancer")
		}
		actions = append(actions, a)
	}
	switch {
	case len(actions) == 0:
		return nil, sim.Errorf("ValidationError", "An action must be specified")
	case len(actions) > 1:
		// "Each rule must include exactly one of the following types of actions: forward, redirect, or fixed-response"
		// (Elastic Load Balancing API Reference, Rule); those that may come before it, which authenticate, are not here.
		return nil, sim.Errorf("InvalidLoadBalancerAction", "A rule has exactly one action of the types forward, redirect and fixed-response, not %d", len(actions))
	}
	return actions, s.checkForwards(r, lb, actions, of)
}

// checkForwards holds the target groups of actions against the rules and the quotas of a load balancer. Which code AWS
// has for too many in one action is not documented; TooManyTargetGroups is the one that CreateRule lists and that no
// other of its limits would need.
func (s *Service) checkForwards(r *sim.Request, lb *LoadBalancer, actions []Action, of string) error {
	groups := targetGroupsOf(actions)
	if limit := s.targetGroupsPerAction(r); lb.Type == application && len(groups) > limit {
		return sim.Errorf("TooManyTargetGroups", "The maximum number of target groups per action has been reached: %d", limit)
	}
	unique := s.uniqueTargetGroups(lb.ARN, of)
	for _, arn := range groups {
		if err := s.mayForward(r, lb, arn); err != nil {
			return err
		}
		unique[arn] = true
	}
	if limit := s.quota(r, sim.QuotaTargetGroupsPerALB); lb.Type == application && len(unique) > limit {
		return sim.Errorf("TooManyUniqueTargetGroupsPerLoadBalancer", "The maximum number of unique target groups has been reached on load balancer '%s': %d", lb.ARN, limit)
	}
	return nil
}

// mayForward holds a target group against its use by a load balancer.
func (s *Service) mayForward(r *sim.Request, lb *LoadBalancer, arn string) error {
	tg, ok := mine(r, s.state.TargetGroups, arn)
	switch {
	case !ok:
		return sim.Errorf("TargetGroupNotFound", "Target groups '%s' not found", arn)
	case lbTypeOf(tg.Protocol) != lb.Type:
		return sim.Errorf("IncompatibleProtocols", "The protocol %s of target group '%s' does not fit a load balancer of type %s", tg.Protocol, arn, lb.Type)
	case tg.VPCID != lb.VPCID:
		return sim.Errorf("InvalidConfigurationRequest", "The target group '%s' and the load balancer must be in the same VPC", arn)
	}
	for _, use := range s.usesOf(arn) {
		if use.loadBalancerARN != lb.ARN {
			return sim.Errorf("TargetGroupAssociationLimit", "The following target groups cannot be associated with more than one load balancer: %s", arn)
		}
	}
	return nil
}
