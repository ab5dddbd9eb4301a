package simaws

import (
	"slices"
	"sync"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// faults are the rules in force, and the answers that they remember.
type faults struct {
	mu    sync.Mutex
	rules []*rule
}

// rule is a fault in force.
type rule struct {
	FaultState
	accountID string // of the calls; empty for all
}

func (fs *faults) add(f Fault, accountID string) *rule {
	r := &rule{FaultState: FaultState{Fault: f}, accountID: accountID}
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.rules = append(fs.rules, r)
	return r
}

func (fs *faults) remove(gone *rule) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.rules = slices.DeleteFunc(fs.rules, func(r *rule) bool { return r == gone })
}

// next is the rule that hits a call; nil when none does. Every rule counts the calls that it is for, whichever of
// them hits.
func (fs *faults) next(r *sim.Request, service string) *rule {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if len(fs.rules) == 0 {
		return nil
	}
	names := r.Names()
	var hit *rule
	for _, one := range fs.rules {
		if !one.matches(r, service, names) {
			continue
		}
		one.Seen++
		if first := max(one.Nth, 1); hit == nil && one.Seen >= first && one.Struck < max(one.Times, 1) {
			one.Struck++
			hit = one
		}
	}
	return hit
}

// spare takes back a hit that had no effect: what the rule was to happen to was not there.
func (fs *faults) spare(r *rule) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	r.Struck--
}

// any reports whether a rule of that effect is in force.
func (fs *faults) any(e Effect) bool {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	return slices.ContainsFunc(fs.rules, func(r *rule) bool { return r.Effect == e })
}

func (one *rule) matches(r *sim.Request, service string, names []string) bool {
	return (one.accountID == "" || one.accountID == r.Caller.AccountID) &&
		(one.Service == "" || one.Service == service) &&
		(one.Action == "" || one.Action == r.Action) &&
		(one.Principal == "" || query.Wildcard(one.Principal, r.Caller.ARN)) &&
		(one.Resource == "" || one.named(names) != "")
}

// named is what a call names that the rule is for; empty when it names nothing such.
func (one *rule) named(names []string) string {
	for _, name := range names {
		if query.Wildcard(one.Resource, name) {
			return name
		}
	}
	return ""
}
