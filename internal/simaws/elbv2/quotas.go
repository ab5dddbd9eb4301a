package elbv2

import (
	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// Quotas are how much an account may have in a region.
type Quotas struct {
	NetworkLoadBalancers, ApplicationLoadBalancers int
	TargetGroups                                   int
	TargetsPerTargetGroup                          int
	ListenersPerLoadBalancer                       int
	// Of application load balancers alone, the default rules and certificates not counted.
	RulesPerLoadBalancer        int
	CertificatesPerLoadBalancer int
	TargetGroupsPerLoadBalancer int
}

// DefaultQuotas are those of a new AWS account (Elastic Load Balancing user guides, "Quotas").
func DefaultQuotas() Quotas {
	return Quotas{
		NetworkLoadBalancers: 50, ApplicationLoadBalancers: 50, TargetGroups: 3000,
		TargetsPerTargetGroup: 1000, ListenersPerLoadBalancer: 50,
		RulesPerLoadBalancer: 100, CertificatesPerLoadBalancer: 25, TargetGroupsPerLoadBalancer: 100,
	}
}

// Each quota is asked for in one place, by the request that it limits.

func (s *Service) loadBalancers(_ *sim.Request, lbType string) int {
	if lbType == network {
		return s.Quotas.NetworkLoadBalancers
	}
	return s.Quotas.ApplicationLoadBalancers
}

func (s *Service) targetGroups(*sim.Request) int          { return s.Quotas.TargetGroups }
func (s *Service) targetsPerTargetGroup(*sim.Request) int { return s.Quotas.TargetsPerTargetGroup }
func (s *Service) listenersPerLoadBalancer(*sim.Request) int {
	return s.Quotas.ListenersPerLoadBalancer
}
func (s *Service) rulesPerLoadBalancer(*sim.Request) int { return s.Quotas.RulesPerLoadBalancer }

func (s *Service) certificatesPerLoadBalancer(*sim.Request) int {
	return s.Quotas.CertificatesPerLoadBalancer
}

func (s *Service) targetGroupsPerLoadBalancer(*sim.Request) int {
	return s.Quotas.TargetGroupsPerLoadBalancer
}

// What follows cannot be raised (the same guides). How many actions a rule may have, AWS no longer documents.

func (s *Service) conditionValuesPerRule(*sim.Request) int    { return 5 }
func (s *Service) conditionWildcardsPerRule(*sim.Request) int { return 5 }
func (s *Service) targetGroupsPerAction(*sim.Request) int     { return 5 } // of application load balancers
func (s *Service) actionsPerRule(*sim.Request) int            { return 5 }

type wireLimit struct {
	Name string `xml:"Name"`
	Max  int    `xml:"Max"`
}

func (s *Service) describeAccountLimits(r *sim.Request, _ query.Form) (any, error) {
	return struct {
		Limits []wireLimit `xml:"Limits>member"`
	}{[]wireLimit{
		{"application-load-balancers", s.loadBalancers(r, application)},
		{"network-load-balancers", s.loadBalancers(r, network)},
		{"target-groups", s.targetGroups(r)},
		{"targets-per-application-load-balancer", s.targetsPerTargetGroup(r)},
		{"targets-per-network-load-balancer", s.targetsPerTargetGroup(r)},
		{"listeners-per-application-load-balancer", s.listenersPerLoadBalancer(r)},
		{"listeners-per-network-load-balancer", s.listenersPerLoadBalancer(r)},
		{"rules-per-application-load-balancer", s.rulesPerLoadBalancer(r)},
		{"target-groups-per-application-load-balancer", s.targetGroupsPerLoadBalancer(r)},
		{"target-groups-per-action-on-application-load-balancer", s.targetGroupsPerAction(r)},
		{"condition-values-per-alb-rule", s.conditionValuesPerRule(r)},
		{"condition-wildcards-per-alb-rule", s.conditionWildcardsPerRule(r)},
	}}, nil
}
