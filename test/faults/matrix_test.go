package faults

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/linkwright/linkwright/internal/simaws"
	"github.com/linkwright/linkwright/internal/simaws/sim"
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
	fault simaws.Fault
	// kills is true when the worker is killed while the call is held.
	kills bool
	// meddles is true when somebody else deletes or changes something.
	meddles bool
	// fits says at which calls it can happen.
	fits func(call) bool
}

// attempts is how often the SDK makes a call before a step sees that it has failed.
const attempts = 3

// The patterns of ids, which differ in length: "vpce-*" would match both.
var (
	anEndpoint        = "vpce-" + strings.Repeat("?", 17)
	anEndpointService = "vpce-svc-" + strings.Repeat("?", 17)
)

// mishaps are all that can go wrong.
func mishaps() []mishap {
	fails := func(effect simaws.Effect, times int) simaws.Fault { return simaws.Fault{Effect: effect, Times: times} }
	return []mishap{
		// Errors that should pass, as often as the SDK tries, so that the step sees them.
		{name: "throttled", fault: fails(simaws.EffectThrottle, attempts)},
		{name: "unavailable", fault: fails(simaws.EffectUnavailable, attempts)},
		{name: "internal error", fault: fails(simaws.EffectInternalError, attempts)},
		{name: "cut before", fault: fails(simaws.EffectCut, attempts)},
		// Errors that a person has to mend.
		{name: "expired token", fault: fails(simaws.EffectExpiredToken, 1)},
		{name: "access denied", fault: fails(simaws.EffectAccessDenied, 1)},
		// Work that is done, without an answer.
		{name: "answer lost", fault: fails(simaws.EffectLose, 1), fits: writes},
		{name: "every answer lost", fault: fails(simaws.EffectLose, attempts), fits: writes},
		{name: "delayed", fault: simaws.Fault{Effect: simaws.EffectDelay, Delay: simaws.Duration(2 * time.Minute)}},
		// Answers that are true, and not the whole truth.
		{name: "stale", fault: fails(simaws.EffectStale, 1), fits: reads},
		{name: "stale for a while", fault: fails(simaws.EffectStale, attempts), fits: reads},
		{name: "empty page", fault: fails(simaws.EffectEmptyPage, 1), fits: paged},
		{name: "unsuccessful", fault: simaws.Fault{Effect: simaws.EffectUnsuccessful, Code: "InternalError", Message: "An internal error has occurred"}, fits: batch},
		// Death.
		{name: "worker killed before", fault: fails(simaws.EffectHold, 1), kills: true},
		{name: "worker killed after", fault: fails(simaws.EffectHoldAnswer, 1), kills: true},
		// Other people.
		{name: "endpoint deleted", meddles: true, fits: func(c call) bool { return c.Endpoint },
			fault: simaws.Fault{Resource: anEndpoint, Effect: simaws.EffectDelete}},
		{name: "endpoint without private DNS", meddles: true, fits: letIn,
			fault: simaws.Fault{Resource: anEndpoint, Effect: simaws.EffectChange, Change: map[string]string{"PrivateDnsEnabled": "false"}}},
		{name: "connection rejected", meddles: true, fits: func(c call) bool { return c.Endpoint && c.Stage != withdrawn },
			fault: simaws.Fault{Resource: anEndpoint, Effect: simaws.EffectChange, Change: map[string]string{"Action": "RejectVpcEndpointConnections"}}},
		{name: "connection accepted", meddles: true, fits: func(c call) bool { return c.Endpoint && c.Stage == applied },
			fault: simaws.Fault{Resource: anEndpoint, Effect: simaws.EffectChange, Change: map[string]string{"Action": "AcceptVpcEndpointConnections"}}},
		{name: "service deleted", meddles: true, fits: func(c call) bool { return c.EndpointService },
			fault: simaws.Fault{Resource: anEndpointService, Effect: simaws.EffectDelete}},
		{name: "service without acceptance", meddles: true, fits: func(c call) bool { return c.EndpointService },
			fault: simaws.Fault{Resource: anEndpointService, Effect: simaws.EffectChange, Change: map[string]string{"AcceptanceRequired": "false"}}},
	}
}

// letIn are the calls that name an endpoint which may have been let in by then: before that, AWS does not let its
// owner change it. The provider names it only to let it in.
func letIn(c call) bool {
	return c.Endpoint && c.Stage == approved && c.Account != "provider"
}

func reads(c call) bool  { return sim.IsRead(c.Action) }
func writes(c call) bool { return !sim.IsRead(c.Action) }

// paged are the lists of EC2; single attributes have no pages.
func paged(c call) bool {
	return c.Service == "ec2" && strings.HasPrefix(c.Action, "Describe") && !strings.HasSuffix(c.Action, "Attribute")
}

// batch are the calls that report failures inside an answer of status 200 (Amazon EC2 API Reference, the actions
// that return UnsuccessfulItem).
func batch(c call) bool {
	return slices.Contains([]string{
		"AcceptVpcEndpointConnections", "RejectVpcEndpointConnections", "DeleteVpcEndpoints", "DeleteVpcEndpointServiceConfigurations",
	}, c.Action)
}

// matrix is everything that can go wrong at every call of a life.
func matrix(of *life, calls []call) []cell {
	var cells []cell
	for _, c := range calls {
		for _, m := range mishaps() {
			if m.fits == nil || m.fits(c) {
				cells = append(cells, cell{of, c, m})
			}
		}
	}
	return cells
}

// rule is the cell's fault, for exactly its call.
func (c cell) rule() simaws.Fault {
	f := c.fault
	f.Account, f.Service, f.Action, f.Nth = c.Account, c.Service, c.Action, c.Nth
	if c.Service != "sts" {
		f.Principal = "*:assumed-role/*" // and not the administrator, who takes the inventory
	}
	if c.meddles { // counted are the calls that name such a resource
		f.Nth = 0
	}
	return f
}
