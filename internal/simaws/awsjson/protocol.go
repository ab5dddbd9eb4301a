// Package awsjson is the wire of AWS's JSON 1.1 protocol: how the services that speak it name an action, read a
// request's body and write their answers and errors. It knows no service and holds no state.
package awsjson

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// Handler carries one action out and returns its result.
type Handler func(r *sim.Request) (any, error)

// Protocol is a service's use of the protocol.
type Protocol struct {
	// Target is what stands before the action in the header X-Amz-Target: "CertificateManager".
	Target string
}

// Action names the action of a request, false when handlers has none of that name.
func (p Protocol) Action(r *sim.Request, handlers map[string]Handler) (string, bool) {
	action, ok := strings.CutPrefix(r.HTTP.Header.Get("X-Amz-Target"), p.Target+".")
	if !ok {
		return "", false
	}
	_, ok = handlers[action]
	return action, ok
}

// Handle runs the handler of r's action and writes its result.
func (p Protocol) Handle(r *sim.Request, handlers map[string]Handler) (sim.Response, error) {
	handler, ok := handlers[r.Action]
	if !ok {
		return sim.Response{}, sim.Errorf("UnknownOperationException", "There is no operation %q.", r.HTTP.Header.Get("X-Amz-Target"))
	}
	result, err := handler(r)
	if err != nil {
		return sim.Response{}, err
	}
	body, err := json.Marshal(result)
	if err != nil {
		return sim.Response{}, fmt.Errorf("write %s response: %w", r.Action, err)
	}
	return sim.Response{Status: http.StatusOK, Header: header(r), Body: body}, nil
}

// Error writes an error body.
func Error(r *sim.Request, e *sim.Error) sim.Response {
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

// Decode reads a request's body.
func Decode(r *sim.Request, v any) error {
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

// Epoch is how the protocol writes a time: seconds since 1970.
func Epoch(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
