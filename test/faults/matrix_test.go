package faults

import (
	"fmt"
	"time"

	"github.com/linkwright/linkwright/internal/simcloud"
)

// cell is one thing that goes wrong at one call. The zero cell is a run in which nothing does.
type cell struct {
	life *life
	call
	mishap
}

func (c cell) String() string { return fmt.Sprintf("%s/%s: %s", c.life.name, c.call, c.name) }

// mishap is something that can go wrong at a call.
type mishap struct {
	name string
	// fault is what the cloud does to the call, or how it holds the call while something else happens.
	fault simcloud.Fault
	// kills is true when the worker is killed while the call is held.
	kills bool
	// meddles is true when somebody else deletes or changes something.
	meddles bool
	// fits says at which calls it can happen.
	fits func(call) bool
}

// attempts is how often the SDK makes a call before a step sees that it has failed.
const attempts = 3

// words are how a cloud speaks of a link, and what can go wrong there.
type words struct {
	// endpoint and service are patterns of the names that the link's endpoint and service have, as fault rules have them.
	endpoint, service string
	// connects is the action that makes an endpoint; deletes are those, by how they begin, after which what they name is
	// gone.
	connects string
	deletes  []string
	// reads tells the actions that change nothing.
	reads   func(action string) bool
	mishaps []mishap
}

// anywhere are the mishaps that every cloud has.
func (w words) anywhere() []mishap {
	reads := func(c call) bool { return w.reads(c.Action) }
	writes := func(c call) bool { return !w.reads(c.Action) }
	return []mishap{
		// Errors that should pass, as often as the SDK tries, so that the step sees them.
		{name: "throttled", fault: fails(simcloud.EffectThrottle, attempts)},
		{name: "unavailable", fault: fails(simcloud.EffectUnavailable, attempts)},
		{name: "internal error", fault: fails(simcloud.EffectInternalError, attempts)},
		{name: "cut before", fault: fails(simcloud.EffectCut, attempts)},
		// Errors that a person has to mend.
		{name: "expired token", fault: fails(simcloud.EffectExpiredToken, 1)},
		{name: "access denied", fault: fails(simcloud.EffectAccessDenied, 1)},
		// Work that is done, without an answer.
		{name: "answer lost", fault: fails(simcloud.EffectLose, 1), fits: writes},
		{name: "every answer lost", fault: fails(simcloud.EffectLose, attempts), fits: writes},
		{name: "delayed", fault: simcloud.Fault{Effect: simcloud.EffectDelay, Delay: simcloud.Duration(2 * time.Minute)}},
		// Answers that are true, and not the whole truth.
		{name: "stale", fault: fails(simcloud.EffectStale, 1), fits: reads},
		{name: "stale for a while", fault: fails(simcloud.EffectStale, attempts), fits: reads},
		// Death.
		{name: "worker killed before", fault: fails(simcloud.EffectHold, 1), kills: true},
		{name: "worker killed after", fault: fails(simcloud.EffectHoldAnswer, 1), kills: true},
	}
}

// fails strikes a number of calls one after the other.
func fails(effect simcloud.Effect, times int) simcloud.Fault {
	return simcloud.Fault{Effect: effect, Times: times}
}

// matrix is everything that can go wrong at every call of a life.
func matrix(of *life, calls []call) []cell {
	var cells []cell
	for _, c := range calls {
		for _, m := range of.words.mishaps {
			if m.fits == nil || m.fits(c) {
				cells = append(cells, cell{of, c, m})
			}
		}
	}
	return cells
}

// rule is the cell's fault, for exactly its call, when a principal makes it.
func (c cell) rule(principal string) simcloud.Fault {
	f := c.fault
	f.Account, f.Service, f.Action, f.Nth, f.Principal = c.Account, c.Service, c.Action, c.Nth, principal
	if c.meddles { // counted are the calls that name such a resource
		f.Nth = 0
	}
	return f
}
