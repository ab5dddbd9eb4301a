// Package servicequotas simulates the reading half of Service Quotas over the JSON 1.1 protocol: what AWS's defaults
// are, and which values apply to an account in a Region. The quotas themselves are sim.Quotas, which the services
// enforce. What it does not have: requests for increases, quotas of single resources, usage, templates.
package servicequotas

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/linkwright/linkwright/internal/simaws/awsjson"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// Service is the simulated API. It remembers nothing: the quotas are the world file's.
type Service struct{ world *sim.World }

var _ sim.Service = (*Service)(nil)

var protocol = awsjson.Protocol{Target: "ServiceQuotasV20190624"}

// New returns the quotas of a world.
func New(w *sim.World) *Service { return &Service{world: w} }

// Name implements sim.Service.
func (s *Service) Name() string { return "servicequotas" }

// handlers are the actions that exist here (Service Quotas API Reference, "Actions").
func (s *Service) handlers() map[string]awsjson.Handler {
	return map[string]awsjson.Handler{
		"GetServiceQuota":             s.getQuota,
		"ListServiceQuotas":           s.listQuotas,
		"GetAWSDefaultServiceQuota":   s.getDefault,
		"ListAWSDefaultServiceQuotas": s.listDefaults,
	}
}

// Action implements sim.Service.
func (s *Service) Action(r *sim.Request) (string, bool) { return protocol.Action(r, s.handlers()) }

// Actions implements sim.Service.
func (s *Service) Actions() []string { return slices.Sorted(maps.Keys(s.handlers())) }

// Handle implements sim.Service.
func (s *Service) Handle(r *sim.Request) (sim.Response, error) {
	return protocol.Handle(r, s.handlers())
}

// Error implements sim.Service.
func (s *Service) Error(r *sim.Request, e *sim.Error) sim.Response { return awsjson.Error(r, e) }

// Snapshot implements sim.Service.
func (s *Service) Snapshot() (json.RawMessage, error) { return json.RawMessage("{}"), nil }

// Restore implements sim.Service.
func (s *Service) Restore(json.RawMessage) error { return nil }
