// Package route53 simulates Amazon Route 53: hosted zones, their record sets and the changes that carry them
// to the name servers, over the REST/XML API of 2013-04-01. Zones belong to an account, not to a region.
// What it does not have: routing policies, health checks, DNSSEC signing, delegation sets that outlive a
// zone; requests for those are refused. Answering DNS queries is package dns's business: Authority tells it
// what the public zones hold, and what the
// resolver of each VPC sees of the private ones.
package route53

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// Service is the simulated API.
type Service struct {
	world *sim.World
	state State
	// served holds the live version of each public zone in the form in which DNS answers from it.
	served map[string]servedZone
	// changed tells, of what requests can change at once, how many had been let in when it was changed last. It is no
	// part of the state: no request outlives the cloud.
	changed map[string]int
}

// State is everything that Route 53 remembers.
type State struct {
	Zones   map[string]*Zone  // by id, "Z…"
	Changes map[string]Change // by id, "C…"
	// Made counts the zones ever made, so that the newest of equally named zones is known.
	Made int
}

var (
	_ sim.Service     = (*Service)(nil)
	_ sim.HostedZones = (*Service)(nil)
)

// New adds a Route 53 without any zone to the world, whose HostedZones it becomes.
func New(w *sim.World) *Service {
	s := &Service{world: w, state: emptyState(), served: map[string]servedZone{}, changed: map[string]int{}}
	w.HostedZones = s
	return s
}

func emptyState() State {
	return State{Zones: map[string]*Zone{}, Changes: map[string]Change{}}
}

// Name implements sim.Service.
func (s *Service) Name() string { return "route53" }

// Action implements sim.Service.
func (s *Service) Action(r *sim.Request) (string, bool) {
	route, _, ok := match(r.HTTP)
	return route.action, ok
}

// Actions implements sim.Service.
func (s *Service) Actions() []string {
	var names []string
	for _, r := range routes() {
		names = append(names, r.action)
	}
	slices.Sort(names)
	return names
}

// Handle implements sim.Service.
func (s *Service) Handle(r *sim.Request) (sim.Response, error) {
	route, vars, ok := match(r.HTTP)
	if !ok {
		return sim.Response{}, &sim.Error{Status: http.StatusNotFound, Code: "UnknownOperationException",
			Message: fmt.Sprintf("Route 53 has no operation %s %s.", r.HTTP.Method, r.HTTP.URL.Path)}
	}
	result, err := route.handle(s, call{Request: r, vars: vars})
	if err != nil {
		return sim.Response{}, err
	}
	return response(route.action, result)
}

// Snapshot implements sim.Service.
func (s *Service) Snapshot() (json.RawMessage, error) { return json.Marshal(s.state) }

// Restore implements sim.Service.
func (s *Service) Restore(b json.RawMessage) error {
	state := emptyState()
	if err := json.Unmarshal(b, &state); err != nil {
		return fmt.Errorf("restore Route 53: %w", err)
	}
	s.state, s.served, s.changed = state, map[string]servedZone{}, map[string]int{}
	return nil
}
