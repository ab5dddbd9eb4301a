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
}

// DefaultQuotas are those of a new AWS account (Elastic Load Balancing user guides, "Quotas").
func DefaultQuotas() Quotas {
	return Quotas{
		NetworkLoadBalancers: 50, ApplicationLoadBalancers: 50, TargetGroups: 3000,
		TargetsPerTargetGroup: 1000, ListenersPerLoadBalancer: 50,
	}
}

func (q Quotas) loadBalancers(lbType string) int {
	if lbType == network {
		return q.NetworkLoadBalancers
	}
	return q.ApplicationLoadBalancers
}

type wireLimit struct {
	Name string `xml:"Name"`
	Max  int    `xml:"Max"`
}

func (s *Service) describeAccountLimits(_ *sim.Request, _ query.Form) (any, error) {
	q := s.Quotas
	return struct {
		Limits []wireLimit `xml:"Limits>member"`
	}{[]wireLimit{
		{"application-load-balancers", q.ApplicationLoadBalancers},
		{"network-load-balancers", q.NetworkLoadBalancers},
		{"target-groups", q.TargetGroups},
		{"targets-per-application-load-balancer", q.TargetsPerTargetGroup},
		{"targets-per-network-load-balancer", q.TargetsPerTargetGroup},
		{"listeners-per-application-load-balancer", q.ListenersPerLoadBalancer},
		{"listeners-per-network-load-balancer", q.ListenersPerLoadBalancer},
	}}, nil
}
