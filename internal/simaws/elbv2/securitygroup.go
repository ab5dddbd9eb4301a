package elbv2

import "slices"

// UsesSecurityGroup implements sim.LoadBalancers.
func (s *Service) UsesSecurityGroup(id string) bool {
	for _, lb := range s.state.LoadBalancers {
		if slices.Contains(lb.SecurityGroups, id) {
			return true
		}
	}
	return false
}
