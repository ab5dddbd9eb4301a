package simaws

import (
	"errors"
	"net/http"
	"slices"
	"sync"

	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// Fault makes calls fail that would have succeeded: certain ones, a number of times, before or after the
// service has carried them out.
type Fault struct {
	// Account, Service and Action choose the calls; empty ones choose all.
	Account string `json:"account,omitempty"`
	Service string `json:"service,omitempty"`
	Action  string `json:"action,omitempty"`
	// Skip lets so many matching calls through first, and Times is how many fail then; 0 means one.
	Skip  int `json:"skip,omitempty"`
	Times int `json:"times,omitempty"`
	// After has the service carry the call out before its answer is lost.
	After bool `json:"after,omitempty"`
	// Status, Code and Message are the error that is answered. With Status 0 there is no answer at all: the
	// connection is cut.
	Status  int    `json:"status,omitempty"`
	Code    string `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
	// Hold makes the call wait, in place of an error, until ClearFaults takes all faults away; then it goes on as
	// if nothing had happened. So a test can look, or strike elsewhere, while a call is under way.
	Hold bool `json:"hold,omitempty"`
}

// faults are those that have not run out.
type faults struct {
	mu   sync.Mutex
	list []*Fault
}

// Inject adds a fault, and returns what takes it away again before it has run out.
func (c *Cloud) Inject(f Fault) (mend func()) {
	f.Times = max(f.Times, 1)
	c.faults.mu.Lock()
	defer c.faults.mu.Unlock()
	c.faults.list = append(c.faults.list, &f)
	return func() {
		c.faults.mu.Lock()
		defer c.faults.mu.Unlock()
		c.faults.list = slices.DeleteFunc(c.faults.list, func(one *Fault) bool { return one == &f })
	}
}

// ClearFaults takes all faults away, and lets the calls go on that they held.
func (c *Cloud) ClearFaults() {
	c.faults.mu.Lock()
	c.faults.list = nil
	c.faults.mu.Unlock()
	c.holds.release()
}

// next is the fault that hits a call, if one does.
func (fs *faults) next(r *sim.Request, service string) (Fault, bool) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	for i, f := range fs.list {
		if !f.matches(r, service) {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		f.Times--
		hit := *f
		if f.Times == 0 {
			fs.list = slices.Delete(fs.list, i, i+1)
		}
		return hit, true
	}
	return Fault{}, false
}

func (f *Fault) matches(r *sim.Request, service string) bool {
	return (f.Account == "" || f.Account == r.Caller.AccountID) &&
		(f.Service == "" || f.Service == service) &&
		(f.Action == "" || f.Action == r.Action)
}

// errCut stands for an answer that never arrives.
var errCut = errors.New("the connection is cut")

func (f *Fault) err() error {
	if f.Status == 0 {
		return errCut
	}
	return &sim.Error{Status: f.Status, Code: f.Code, Message: f.Message}
}

// cut closes the client's connection without an answer.
func (c *Cloud) cut(w http.ResponseWriter) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		err = connection.Close()
	}
	if err != nil {
		c.log.Error("cannot cut the connection", "error", err)
	}
}
