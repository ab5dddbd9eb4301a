package simcloud

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// ErrCut stands for an answer that never arrives.
var ErrCut = errors.New("the connection is cut")

// HeldCall is a call that a Fault holds back.
type HeldCall struct {
	RequestID string `json:"requestId"`
	Account   string `json:"account"`
	Service   string `json:"service"`
	Action    string `json:"action"`
	// After is true when the call has been carried out, and only its answer is held.
	After bool `json:"after"`
}

// holds are the calls that are held back now.
type holds struct {
	mu       sync.Mutex
	calls    []HeldCall
	released chan struct{} // closed to let the calls go on; nil while there are none
}

// Hold makes a call wait: for as long as its fault says, or until the faults are taken away. It fails with ErrCut when
// the client goes away before.
func (c *Control) Hold(ctx context.Context, hit *Rule, call Call, after bool) error {
	var over <-chan time.Time
	if hit.Effect == EffectDelay {
		timer := time.NewTimer(c.clock.Scaled(time.Duration(hit.Delay)))
		defer timer.Stop()
		over = timer.C
	}
	return c.holds.wait(ctx, over, HeldCall{
		RequestID: call.RequestID, Account: call.Account, Service: call.Service, Action: call.Action, After: after,
	})
}

func (h *holds) wait(ctx context.Context, over <-chan time.Time, call HeldCall) error {
	h.mu.Lock()
	if h.released == nil {
		h.released = make(chan struct{})
	}
	released := h.released
	h.calls = append(h.calls, call)
	h.mu.Unlock()
	defer func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.calls = slices.DeleteFunc(h.calls, func(c HeldCall) bool { return c.RequestID == call.RequestID })
	}()
	select {
	case <-over:
		return nil
	case <-released:
		return nil
	case <-ctx.Done():
		return ErrCut
	}
}

func (h *holds) release() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.released != nil {
		close(h.released)
		h.released = nil
	}
}

// HeldCalls are the calls that faults hold back now, oldest first.
func (c *Control) HeldCalls() []HeldCall {
	c.holds.mu.Lock()
	defer c.holds.mu.Unlock()
	return slices.Clone(c.holds.calls)
}
