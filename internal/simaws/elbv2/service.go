// Package elbv2 simulates Elastic Load Balancing (version 2): network and application load balancers, their
// listeners with their rules and certificates, target groups, targets and their health, over the Query protocol.
// What it does not have: gateway load balancers, rules of network load balancers, transforms and regular expressions
// in rules, actions that authenticate, trust stores, and any real traffic. Whether a target is healthy it learns from EC2: an address is when a VPC endpoint answers there.
package elbv2

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// Service is the simulated API.
type Service struct {
	world    *sim.World
	state    State
	handlers map[string]query.Handler
}

// State is everything that Elastic Load Balancing remembers, by ARN.
type State struct {
	LoadBalancers map[string]*LoadBalancer
	TargetGroups  map[string]*TargetGroup
	Listeners     map[string]*Listener
	Rules         map[string]*Rule // but the default ones, which are their listeners'
	// Made counts the resources ever made; lists are in that order.
	Made int
}

var (
	_ sim.Service       = (*Service)(nil)
	_ sim.LoadBalancers = (*Service)(nil)
)

var protocol = query.Protocol{Namespace: "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"}

// New adds Elastic Load Balancing to the world, whose LoadBalancers it becomes.
func New(w *sim.World) *Service {
	s := &Service{world: w, state: emptyState()}
	s.handlers = map[string]query.Handler{
		"CreateLoadBalancer":             s.createLoadBalancer,
		"DescribeLoadBalancers":          s.describeLoadBalancers,
		"DeleteLoadBalancer":             s.deleteLoadBalancer,
		"SetSubnets":                     s.setSubnets,
		"SetSecurityGroups":              s.setSecurityGroups,
		"DescribeLoadBalancerAttributes": s.describeLoadBalancerAttributes,
		"ModifyLoadBalancerAttributes":   s.modifyLoadBalancerAttributes,
		"DescribeCapacityReservation":    s.describeCapacityReservation,
		"CreateTargetGroup":              s.createTargetGroup,
		"DescribeTargetGroups":           s.describeTargetGroups,
		"ModifyTargetGroup":              s.modifyTargetGroup,
		"DeleteTargetGroup":              s.deleteTargetGroup,
		"DescribeTargetGroupAttributes":  s.describeTargetGroupAttributes,
		"ModifyTargetGroupAttributes":    s.modifyTargetGroupAttributes,
		"RegisterTargets":                s.registerTargets,
		"DeregisterTargets":              s.deregisterTargets,
		"DescribeTargetHealth":           s.describeTargetHealth,
		"CreateListener":                 s.createListener,
		"DescribeListeners":              s.describeListeners,
		"ModifyListener":                 s.modifyListener,
		"DeleteListener":                 s.deleteListener,
		"DescribeListenerAttributes":     s.describeListenerAttributes,
		"ModifyListenerAttributes":       s.modifyListenerAttributes,
		"DescribeListenerCertificates":   s.describeListenerCertificates,
		"AddListenerCertificates":        s.addListenerCertificates,
		"RemoveListenerCertificates":     s.removeListenerCertificates,
		"CreateRule":                     s.createRule,
		"DescribeRules":                  s.describeRules,
		"ModifyRule":                     s.modifyRule,
		"DeleteRule":                     s.deleteRule,
		"SetRulePriorities":              s.setRulePriorities,
		"AddTags":                        s.addTags,
		"RemoveTags":                     s.removeTags,
		"DescribeTags":                   s.describeTags,
		"DescribeAccountLimits":          s.describeAccountLimits,
	}
	w.LoadBalancers = s
	return s
}

func emptyState() State {
	return State{
		LoadBalancers: map[string]*LoadBalancer{},
		TargetGroups:  map[string]*TargetGroup{},
		Listeners:     map[string]*Listener{},
		Rules:         map[string]*Rule{},
	}
}

// Name implements sim.Service.
func (s *Service) Name() string { return "elasticloadbalancing" }

// Action implements sim.Service.
func (s *Service) Action(r *sim.Request) (string, bool) { return query.Action(r, s.handlers) }

// Actions implements sim.Service.
func (s *Service) Actions() []string { return slices.Sorted(maps.Keys(s.handlers)) }

// Handle implements sim.Service.
func (s *Service) Handle(r *sim.Request) (sim.Response, error) {
	resp, err := protocol.Handle(r, s.handlers)
	var e *sim.Error
	if errors.As(err, &e) && (e.Code == "InvalidParameterValue" || e.Code == "InvalidNextToken") {
		// What reads the form speaks EC2; Elastic Load Balancing has one code for malformed parameters.
		return resp, &sim.Error{Status: e.Status, Code: "ValidationError", Message: e.Message}
	}
	return resp, err
}

// Error implements sim.Service.
func (s *Service) Error(r *sim.Request, e *sim.Error) sim.Response { return protocol.Error(r, e) }

// Snapshot implements sim.Service.
func (s *Service) Snapshot() (json.RawMessage, error) { return json.Marshal(s.state) }

// Restore implements sim.Service.
func (s *Service) Restore(b json.RawMessage) error {
	state := emptyState()
	if err := json.Unmarshal(b, &state); err != nil {
		return fmt.Errorf("restore Elastic Load Balancing: %w", err)
	}
	s.state = state
	return nil
}
