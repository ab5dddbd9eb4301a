package simaws

import (
	"context"
	"slices"
	"sync"
	"time"
)

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

// wait holds a call until it is over or released; errCut when its client goes away before.
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
		return errCut
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
func (c *Cloud) HeldCalls() []HeldCall {
	c.holds.mu.Lock()
	defer c.holds.mu.Unlock()
	return slices.Clone(c.holds.calls)
}
