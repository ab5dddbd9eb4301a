// Package ssm simulates the Parameter Store of AWS Systems Manager over the JSON 1.1 protocol: parameters
// with their versions and tags, in each account and region. What it does not have: labels, parameter
// policies, sharing between accounts, KMS keys, and the rest of Systems Manager. A SecureString is kept as
// it is and only looks encrypted.
package ssm

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

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

type handler func(*Service, *sim.Request) (any, error)

// handlers are the actions that exist here (AWS Systems Manager API Reference, "Actions").
func handlers() map[string]handler {
	return map[string]handler{
		"PutParameter":           (*Service).putParameter,
		"GetParameter":           (*Service).getParameter,
		"GetParameters":          (*Service).getParameters,
		"GetParametersByPath":    (*Service).getParametersByPath,
		"GetParameterHistory":    (*Service).getParameterHistory,
		"DescribeParameters":     (*Service).describeParameters,
		"DeleteParameter":        (*Service).deleteParameter,
		"DeleteParameters":       (*Service).deleteParameters,
		"AddTagsToResource":      (*Service).addTags,
		"RemoveTagsFromResource": (*Service).removeTags,
		"ListTagsForResource":    (*Service).listTags,
	}
}

// Action implements sim.Service.
func (s *Service) Action(r *sim.Request) (string, bool) {
	action, ok := strings.CutPrefix(r.HTTP.Header.Get("X-Amz-Target"), "AmazonSSM.")
	if !ok {
		return "", false
	}
	_, ok = handlers()[action]
	return action, ok
}

// Actions implements sim.Service.
func (s *Service) Actions() []string { return slices.Sorted(maps.Keys(handlers())) }

// Handle implements sim.Service.
func (s *Service) Handle(r *sim.Request) (sim.Response, error) {
	h, ok := handlers()[r.Action]
	if !ok {
		return sim.Response{}, sim.Errorf("UnknownOperationException", "Parameter Store has no operation %q.", r.HTTP.Header.Get("X-Amz-Target"))
	}
	result, err := h(s, r)
	if err != nil {
		return sim.Response{}, err
	}
	body, err := json.Marshal(result)
	if err != nil {
		return sim.Response{}, fmt.Errorf("write %s response: %w", r.Action, err)
	}
	return sim.Response{Status: http.StatusOK, Header: header(r), Body: body}, nil
}

// Error implements sim.Service.
func (s *Service) Error(r *sim.Request, e *sim.Error) sim.Response {
	resp := sim.Response{Status: e.Status, Header: header(r)}
	body, err := json.Marshal(map[string]string{"__type": e.Code, "message": e.Message})
	if err != nil { // strings alone: JSON takes whatever they hold
		return resp
	}
	resp.Body = body
	return resp
}

func header(r *sim.Request) http.Header {
	return http.Header{"Content-Type": {"application/x-amz-json-1.1"}, "X-Amzn-Requestid": {r.ID}}
}

// decode reads a request's body.
func decode(r *sim.Request, v any) error {
	err := json.Unmarshal(r.Body, v)
	var wrongType *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrongType):
		return sim.Errorf("SerializationException", "%s cannot be a JSON %s.", wrongType.Field, wrongType.Value)
	case err != nil:
		return sim.Errorf("SerializationException", "The request is not JSON: %v", err)
	}
	return nil
}

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
