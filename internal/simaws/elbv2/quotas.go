package elbv2

import (
	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// quota is how much the caller may have in the region of what a quota of Elastic Load Balancing is for.
func (s *Service) quota(r *sim.Request, code string) int {
	return s.world.Quotas.Value(r.Caller.AccountID, r.Region, sim.QuotasOfELB, code)
}

// quotaOfType is the quota that holds for load balancers of a type.
func (s *Service) quotaOfType(r *sim.Request, lbType, ofApplication, ofNetwork string) int {
	if lbType == network {
		return s.quota(r, ofNetwork)
	}
	return s.quota(r, ofApplication)
}

func (s *Service) loadBalancers(r *sim.Request, lbType string) int {
	return s.quotaOfType(r, lbType, sim.QuotaALBs, sim.QuotaNLBs)
}

func (s *Service) listenersPerLoadBalancer(r *sim.Request, lbType string) int {
	return s.quotaOfType(r, lbType, sim.QuotaListenersPerALB, sim.QuotaListenersPerNLB)
}

// certificatesPerLoadBalancer does not count the default certificates.
func (s *Service) certificatesPerLoadBalancer(r *sim.Request, lbType string) int {
	return s.quotaOfType(r, lbType, sim.QuotaCertificatesPerALB, sim.QuotaCertificatesPerNLB)
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
		{"target-groups", s.quota(r, sim.QuotaTargetGroups)},
		{"targets-per-application-load-balancer", s.quota(r, sim.QuotaTargetsPerALB)},
		{"targets-per-network-load-balancer", s.quota(r, sim.QuotaTargetsPerNLB)},
		{"listeners-per-application-load-balancer", s.listenersPerLoadBalancer(r, application)},
		{"listeners-per-network-load-balancer", s.listenersPerLoadBalancer(r, network)},
		{"rules-per-application-load-balancer", s.quota(r, sim.QuotaRulesPerALB)},
		{"target-groups-per-application-load-balancer", s.quota(r, sim.QuotaTargetGroupsPerALB)},
		{"target-groups-per-action-on-application-load-balancer", s.targetGroupsPerAction(r)},
		{"condition-values-per-alb-rule", s.conditionValuesPerRule(r)},
		{"condition-wildcards-per-alb-rule", s.conditionWildcardsPerRule(r)},
	}}, nil
}
