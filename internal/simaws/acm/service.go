// Package acm simulates AWS Certificate Manager over the JSON 1.1 protocol: public certificates with their statuses,
// validation by DNS, use by load balancers and tags, in each account and region. What it does not have: key material
// (nothing here speaks TLS), import and export, renewal, validation by mail, private authorities, ACME.
package acm

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/linkwright/linkwright/internal/simaws/awsjson"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// Service is the simulated API.
type Service struct {
	world    *sim.World
	state    State
	handlers map[string]awsjson.Handler
}

// State is everything that Certificate Manager remembers.
type State struct {
	Certificates map[string]*Certificate // by ARN
	// Made counts the certificates ever made; lists are in that order.
	Made int
}

// quota is how much the caller may have in the region of what a quota of Certificate Manager is for.
func (s *Service) quota(r *sim.Request, code string) int {
	return s.world.Quotas.Value(r.Caller.AccountID, r.Region, sim.QuotasOfACM, code)
}

var (
	_ sim.Service      = (*Service)(nil)
	_ sim.Certificates = (*Service)(nil)
)

var protocol = awsjson.Protocol{Target: "CertificateManager"}

// New adds Certificate Manager to the world, whose Certificates it becomes.
func New(w *sim.World) *Service {
	s := &Service{world: w, state: State{Certificates: map[string]*Certificate{}}}
	s.handlers = map[string]awsjson.Handler{
		"RequestCertificate":        s.requestCertificate,
		"DescribeCertificate":       s.describeCertificate,
		"ListCertificates":          s.listCertificates,
		"DeleteCertificate":         s.deleteCertificate,
		"AddTagsToCertificate":      s.addTags,
		"RemoveTagsFromCertificate": s.removeTags,
		"ListTagsForCertificate":    s.listTags,
	}
	w.Certificates = s
	return s
}

// Name implements sim.Service.
func (s *Service) Name() string { return "acm" }

// Action implements sim.Service.
func (s *Service) Action(r *sim.Request) (string, bool) { return protocol.Action(r, s.handlers) }

// Actions implements sim.Service.
func (s *Service) Actions() []string { return slices.Sorted(maps.Keys(s.handlers)) }

// Handle implements sim.Service.
func (s *Service) Handle(r *sim.Request) (sim.Response, error) { return protocol.Handle(r, s.handlers) }

// Error implements sim.Service.
func (s *Service) Error(r *sim.Request, e *sim.Error) sim.Response { return awsjson.Error(r, e) }

// Snapshot implements sim.Service.
func (s *Service) Snapshot() (json.RawMessage, error) { return json.Marshal(s.state) }

// Restore implements sim.Service.
func (s *Service) Restore(b json.RawMessage) error {
	state := State{Certificates: map[string]*Certificate{}}
	if err := json.Unmarshal(b, &state); err != nil {
		return fmt.Errorf("restore Certificate Manager: %w", err)
	}
	s.state = state
	return nil
}
