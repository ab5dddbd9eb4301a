// Package servicequotas simulates the reading half of Service Quotas over the JSON 1.1 protocol: what AWS's defaults
// are, and which values apply to an account in a Region. The quotas themselves are sim.Quotas, which the services
// enforce. What it does not have: requests for increases, quotas of single resources, usage, templates.
package servicequotas

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

// Service is the simulated API. It remembers nothing: the quotas are the world file's.
type Service struct{ world *sim.World }

var _ sim.Service = (*Service)(nil)

// New returns the quotas of a world.
func New(w *sim.World) *Service { return &Service{world: w} }

// Name implements sim.Service.
func (s *Service) Name() string { return "servicequotas" }

type handler func(*Service, *sim.Request) (any, error)

// handlers are the actions that exist here (Service Quotas API Reference, "Actions").
func handlers() map[string]handler {
	return map[string]handler{
		"GetServiceQuota":             (*Service).getQuota,
		"ListServiceQuotas":           (*Service).listQuotas,
		"GetAWSDefaultServiceQuota":   (*Service).getDefault,
		"ListAWSDefaultServiceQuotas": (*Service).listDefaults,
	}
}

// Action implements sim.Service.
func (s *Service) Action(r *sim.Request) (string, bool) {
	action, ok := strings.CutPrefix(r.HTTP.Header.Get("X-Amz-Target"), "ServiceQuotasV20190624.")
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
		return sim.Response{}, sim.Errorf("UnknownOperationException", "Service Quotas has no operation %q.", r.HTTP.Header.Get("X-Amz-Target"))
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
	body, err := json.Marshal(map[string]string{"__type": e.Code, "Message": e.Message})
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

// Snapshot implements sim.Service.
func (s *Service) Snapshot() (json.RawMessage, error) { return json.RawMessage("{}"), nil }

// Restore implements sim.Service.
func (s *Service) Restore(json.RawMessage) error { return nil }
