package simaws

import (
	"github.com/linkwright/linkwright/internal/simaws/sim"
	"github.com/linkwright/linkwright/internal/simcloud"
)

// What every simulated cloud has.
type (
	Call       = simcloud.Call
	CallCount  = simcloud.CallCount
	Duration   = simcloud.Duration
	Fault      = simcloud.Fault
	FaultState = simcloud.FaultState
	Effect     = simcloud.Effect
	HeldCall   = simcloud.HeldCall
	Injected   = simcloud.Injected
)

// The effects of every simulated cloud, and two that only EC2 can have.
const (
	EffectError         = simcloud.EffectError
	EffectThrottle      = simcloud.EffectThrottle
	EffectUnavailable   = simcloud.EffectUnavailable
	EffectInternalError = simcloud.EffectInternalError
	EffectExpiredToken  = simcloud.EffectExpiredToken
	EffectAccessDenied  = simcloud.EffectAccessDenied
	EffectCut           = simcloud.EffectCut
	EffectLose          = simcloud.EffectLose
	EffectHold          = simcloud.EffectHold
	EffectHoldAnswer    = simcloud.EffectHoldAnswer
	EffectDelay         = simcloud.EffectDelay
	EffectStale         = simcloud.EffectStale
	EffectDelete        = simcloud.EffectDelete
	EffectChange        = simcloud.EffectChange // see sim.Meddler for what it takes
	// EffectEmptyPage answers a listing of EC2 with an empty page that has a next one.
	EffectEmptyPage Effect = "emptyPage"
	// EffectUnsuccessful fails the first item of an EC2 batch inside an answer of status 200, with the rule's Code and
	// Message.
	EffectUnsuccessful Effect = "unsuccessful"
)

// control says what rules and the call log must know of this cloud.
func (c *Cloud) control() simcloud.Cloud {
	actions := map[string][]string{}
	for name, service := range c.services {
		actions[name] = service.Actions()
	}
	return simcloud.Cloud{
		Account: c.accountID, Actions: actions, IsRead: sim.IsRead, IsThrottle: isThrottle, Cleared: c.past.forget,
		Effects: map[Effect]func(Fault) string{
			EffectEmptyPage: func(Fault) string { return "" },
			EffectUnsuccessful: func(f Fault) string {
				if f.Code == "" {
					return "a code"
				}
				return ""
			},
		},
	}
}

// accountID finds an account by its id or its name; empty when there is none.
func (c *Cloud) accountID(name string) string {
	for id, account := range c.world.Accounts {
		if id == name || account.Name == name {
			return id
		}
	}
	return ""
}

// describe is what the call log and the rules know of a request before it is answered.
func (c *Cloud) describe(r *sim.Request, service sim.Service) Call {
	call := Call{RequestID: r.ID, Account: r.Caller.AccountID, Principal: r.Caller.ARN, Region: r.Region}
	if service != nil {
		call.Service, call.Action, call.Names = service.Name(), r.Action, r.Names()
	}
	return call
}
