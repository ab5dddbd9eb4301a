package simcloud

import (
	"slices"
	"sync"

	"github.com/linkwright/linkwright/internal/simcloud/glob"
)

// rules are the faults in force.
type rules struct {
	mu  sync.Mutex
	all []*Rule
}

// Rule is a fault in force.
type Rule struct {
	FaultState
	accountID string // of the calls; empty for all
}

func (rs *rules) add(f Fault, accountID string) *Rule {
	r := &Rule{FaultState: FaultState{Fault: f}, accountID: accountID}
	rs.mu.Lock()
	defer rs.mu.Unlock()
	rs.all = append(rs.all, r)
	return r
}

func (rs *rules) remove(gone *Rule) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	rs.all = slices.DeleteFunc(rs.all, func(r *Rule) bool { return r == gone })
}

// Hits is the rule that hits a call; nil when none does. Every rule counts the calls that it is for, whichever of
// them hits.
func (c *Control) Hits(call Call) *Rule {
	c.rules.mu.Lock()
	defer c.rules.mu.Unlock()
	var hit *Rule
	for _, one := range c.rules.all {
		if !one.matches(call) {
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

// Spare takes back a hit that had no effect: what the rule was to happen to was not there.
func (c *Control) Spare(r *Rule) {
	c.rules.mu.Lock()
	defer c.rules.mu.Unlock()
	r.Struck--
}

// Threatens reports whether a rule of that effect is in force.
func (c *Control) Threatens(e Effect) bool {
	c.rules.mu.Lock()
	defer c.rules.mu.Unlock()
	return slices.ContainsFunc(c.rules.all, func(r *Rule) bool { return r.Effect == e })
}

func (r *Rule) matches(call Call) bool {
	return (r.accountID == "" || r.accountID == call.Account) &&
		(r.Service == "" || r.Service == call.Service) &&
		(r.Action == "" || r.Action == call.Action) &&
		(r.Principal == "" || glob.Match(r.Principal, call.Principal)) &&
		(r.Resource == "" || r.Named(call) != "")
}

// Named is what a call names that the rule is for; empty when it names nothing such.
func (r *Rule) Named(call Call) string {
	for _, name := range call.Names {
		if glob.Match(r.Resource, name) {
			return name
		}
	}
	return ""
}
