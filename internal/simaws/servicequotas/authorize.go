package servicequotas

import "github.com/linkwright/linkwright/internal/simaws/sim"

// Permissions implements sim.Service (Service Authorization Reference, "Actions, resources, and condition keys for
// Service Quotas": none of these actions has a resource).
func (s *Service) Permissions() sim.Permissions {
	p := sim.Permissions{Needs: map[string]func(*sim.Request) ([]sim.Need, error){}}
	for action := range s.handlers() {
		p.Needs[action] = func(r *sim.Request) ([]sim.Need, error) { return sim.Anywhere("servicequotas", r), nil }
	}
	return p
}
