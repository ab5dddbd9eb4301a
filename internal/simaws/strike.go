package simaws

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/linkwright/linkwright/internal/simaws/sim"
	"github.com/linkwright/linkwright/internal/simcloud"
)

// strike lets a fault have its effect on a call.
func (c *Cloud) strike(r *sim.Request, service sim.Service, hit *simcloud.Rule) (sim.Response, error) {
	switch hit.Effect {
	case EffectHold, EffectDelay:
		if err := c.Hold(r.Context, hit, c.describe(r, service), false); err != nil {
			return sim.Response{}, err
		}
	case EffectStale:
		return c.past.answer(c, r, service)
	case EffectEmptyPage:
		r.EmptyPage = true
	case EffectUnsuccessful:
		r.FailItem = sim.Errorf(hit.Code, "%s", hit.Message)
	case EffectDelete, EffectChange:
		if err := c.meddle(r, service, hit); err != nil {
			c.log.Info("a fault had no effect", "effect", hit.Effect, "action", r.Action, "error", err)
			c.Spare(hit)
		}
	case EffectLose, EffectHoldAnswer: // the call comes first
	default:
		return sim.Response{}, refusalBy(hit, r, service.Name())
	}
	response, err := c.carryOut(r, service)
	switch {
	case r.EmptyPage || r.FailItem != nil:
		c.Spare(hit) // the action has no pages, or no items
	case hit.Effect == EffectLose && hit.Status != 0:
		return sim.Response{}, &sim.Error{Status: hit.Status, Code: hit.Code, Message: hit.Message}
	case hit.Effect == EffectLose:
		return sim.Response{}, simcloud.ErrCut
	case hit.Effect == EffectHoldAnswer:
		if err := c.Hold(r.Context, hit, c.describe(r, service), true); err != nil {
			return sim.Response{}, err
		}
	}
	return response, err
}

// refusalBy is the error with which a fault has a call refused, in the service's own words.
func refusalBy(hit *simcloud.Rule, r *sim.Request, service string) error {
	switch hit.Effect {
	case EffectThrottle:
		return throttled(service)
	case EffectExpiredToken:
		return refusalsOf(service).expired
	case EffectAccessDenied:
		return denied(r, service, sim.Need{Action: service + ":" + r.Action, Resource: "*"}, nil, noIdentityPolicy)
	case EffectUnavailable:
		return unavailable(service)
	case EffectInternalError:
		return internalError(service)
	case EffectError:
		return &sim.Error{Status: hit.Status, Code: hit.Code, Message: hit.Message}
	}
	return simcloud.ErrCut
}

// unavailable is a service's error while it is overloaded.
func unavailable(service string) *sim.Error {
	code := "ServiceUnavailable"
	if service == "ec2" {
		code = "Unavailable"
	}
	return &sim.Error{Status: http.StatusServiceUnavailable, Code: code, Message: "The service is unavailable. Please try again shortly."}
}

// internalError is a service's error for a failure of its own.
func internalError(service string) *sim.Error {
	code := map[string]string{
		"ec2": "InternalError", "ssm": "InternalServerError", "servicequotas": "ServiceException",
		"acm": "InternalServerException", "wafv2": "WAFInternalErrorException",
	}[service]
	if code == "" {
		code = "InternalFailure"
	}
	return &sim.Error{Status: http.StatusInternalServerError, Code: code, Message: "An internal error has occurred"}
}

// meddle has somebody else delete or change what a call names, before the call is carried out.
func (c *Cloud) meddle(r *sim.Request, service sim.Service, hit *simcloud.Rule) error {
	meddler, ok := service.(sim.Meddler)
	if !ok {
		return fmt.Errorf("nobody can change what %s has", service.Name())
	}
	somebody := &sim.Request{
		Context: r.Context, ID: uuid.NewString(), Partition: r.Partition, Region: r.Region,
		Caller: sim.Caller{AccountID: r.Caller.AccountID, ARN: "arn:" + r.Partition + ":iam::" + r.Caller.AccountID + ":root"},
	}
	resource := hit.Named(c.describe(r, service))
	var change map[string]string
	if hit.Effect == EffectChange {
		change = filledIn(hit.Change, r, resource)
	}
	c.world.Lock()
	defer c.world.Unlock()
	return meddler.Meddle(somebody, resource, change)
}

// filledIn is a change with "{}" replaced by the resource, and "{Name}" by that parameter of the call.
func filledIn(change map[string]string, r *sim.Request, resource string) map[string]string {
	blanks := []string{"{}", resource}
	for name := range r.Form {
		blanks = append(blanks, "{"+name+"}", r.Form.Get(name))
	}
	replacer := strings.NewReplacer(blanks...)
	filled := map[string]string{}
	for name, value := range change {
		filled[name] = replacer.Replace(value)
	}
	return filled
}
