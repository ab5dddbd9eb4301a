// Package ssm simulates the Parameter Store of AWS Systems Manager over the JSON 1.1 protocol: parameters
// with their versions and tags, in each account and region. What it does not have: labels, parameter
// policies, sharing between accounts, KMS keys, and the rest of Systems Manager. A SecureString is kept as
// it is and only looks encrypted.
package ssm

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
	world *sim.World
	state State
}

// State is everything that Parameter Store remembers.
type State struct {
	Stores map[string]Store // by account and region, "111111111111/eu-west-1"
}

// Store is the parameters of one account and region by name.
type Store map[string]*Parameter

var _ sim.Service = (*Service)(nil)

// New returns a Parameter Store without any parameter.
func New(w *sim.World) *Service {
	return &Service{world: w, state: State{Stores: map[string]Store{}}}
}

// Name implements sim.Service.
func (s *Service) Name() string { return "ssm" }

// handlers are the actions that exist here (AWS Systems Manager API Reference, "Actions").
func (s *Service) handlers() map[string]awsjson.Handler {
	return map[string]awsjson.Handler{
		"PutParameter":           s.putParameter,
		"GetParameter":           s.getParameter,
		"GetParameters":          s.getParameters,
		"GetParametersByPath":    s.getParametersByPath,
		"GetParameterHistory":    s.getParameterHistory,
		"DescribeParameters":     s.describeParameters,
		"DeleteParameter":        s.deleteParameter,
		"DeleteParameters":       s.deleteParameters,
		"AddTagsToResource":      s.addTags,
		"RemoveTagsFromResource": s.removeTags,
		"ListTagsForResource":    s.listTags,
	}
}

var protocol = awsjson.Protocol{Target: "AmazonSSM"}

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

// store is the caller's parameters in the request's region.
func (s *Service) store(r *sim.Request) Store {
	key := r.Caller.AccountID + "/" + r.Region
	store, ok := s.state.Stores[key]
	if !ok {
		store = Store{}
		s.state.Stores[key] = store
	}
	return store
}

// Snapshot implements sim.Service.
func (s *Service) Snapshot() (json.RawMessage, error) { return json.Marshal(s.state) }

// Restore implements sim.Service.
func (s *Service) Restore(b json.RawMessage) error {
	state := State{Stores: map[string]Store{}}
	if err := json.Unmarshal(b, &state); err != nil {
		return fmt.Errorf("restore Parameter Store: %w", err)
	}
	s.state = state
	return nil
}
