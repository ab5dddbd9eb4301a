package lab

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"github.com/linkwright/linkwright/internal/simcloud"
)

// Simulation is what every simulated cloud has, and no other.
type Simulation struct {
	Endpoint string `json:"endpoint"`

	client  *http.Client
	isAdmin func(principal string) bool
}

// Inject adds a fault.
func (s *Simulation) Inject(ctx context.Context, f simcloud.Fault) error {
	body, err := json.Marshal(f)
	if err != nil {
		return err
	}
	return s.manage(ctx, http.MethodPost, "faults", body, nil)
}

// ClearFaults takes all faults away, and lets the calls go on that they held.
func (s *Simulation) ClearFaults(ctx context.Context) error {
	return s.manage(ctx, http.MethodDelete, "faults", nil, nil)
}

// Faults are the faults in force, and how often each has struck.
func (s *Simulation) Faults(ctx context.Context) (faults []simcloud.FaultState, err error) {
	err = s.manage(ctx, http.MethodGet, "faults", nil, &faults)
	return faults, err
}

// Calls are those that Linkwright made since ForgetCalls, oldest first; administrators' are left out.
func (s *Simulation) Calls(ctx context.Context) ([]simcloud.Call, error) {
	var all []simcloud.Call
	if err := s.manage(ctx, http.MethodGet, "calls", nil, &all); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(call simcloud.Call) bool { return s.isAdmin(call.Principal) }), nil
}

// ForgetCalls empties the log of calls.
func (s *Simulation) ForgetCalls(ctx context.Context) error {
	return s.manage(ctx, http.MethodDelete, "calls", nil, nil)
}

// AwaitHeld waits until a fault holds a call.
func (s *Simulation) AwaitHeld(ctx context.Context) (simcloud.HeldCall, error) {
	var held []simcloud.HeldCall
	err := Until(ctx, "a call to be held", func() (bool, error) {
		err := s.manage(ctx, http.MethodGet, "held", nil, &held)
		return len(held) > 0, err
	})
	if err != nil {
		return simcloud.HeldCall{}, err
	}
	return held[0], nil
}

// manage speaks with what only a simulated cloud has.
func (s *Simulation) manage(ctx context.Context, method, path string, body []byte, answer any) error {
	request, err := http.NewRequestWithContext(ctx, method, s.Endpoint+"/_linkwright/"+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	response, err := s.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("%s %s: %s", method, request.URL, response.Status)
	}
	if answer == nil {
		return nil
	}
	return json.NewDecoder(response.Body).Decode(answer)
}
