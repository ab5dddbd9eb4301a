package simazure

import (
	"net/http"
	"time"

	"github.com/linkwright/linkwright/internal/simazure/arm"
	"github.com/linkwright/linkwright/internal/simazure/entra"
	"github.com/linkwright/linkwright/internal/simcloud"
)

// strike lets a fault have its effect on a call.
func (c *Cloud) strike(r *arm.Request, hit *simcloud.Rule) (arm.Response, error) {
	switch hit.Effect {
	case simcloud.EffectHold, simcloud.EffectDelay:
		if err := c.Hold(r.Context, hit, c.describe(r), false); err != nil {
			return arm.Response{}, err
		}
	case simcloud.EffectStale:
		return c.past.answer(c, r)
	case simcloud.EffectDelete, simcloud.EffectChange:
		if err := c.meddle(r, hit); err != nil {
			c.log.Info("a fault had no effect", "effect", hit.Effect, "action", r.Route.Action, "error", err)
			c.Spare(hit)
		}
	case EffectFailOperation:
		r.Fail = &arm.Error{Status: http.StatusInternalServerError, Code: hit.Code, Message: hit.Message}
	case simcloud.EffectLose, simcloud.EffectHoldAnswer: // the call comes first
	default:
		return arm.Response{}, c.refusalBy(hit, r)
	}
	response, err := c.carryOut(r)
	switch {
	case hit.Effect == EffectFailOperation && response.Header.Get("Azure-AsyncOperation") == "":
		c.Spare(hit) // no operation has begun
	case hit.Effect == simcloud.EffectLose && hit.Status != 0:
		return arm.Response{}, &arm.Error{Status: hit.Status, Code: hit.Code, Message: hit.Message}
	case hit.Effect == simcloud.EffectLose:
		return arm.Response{}, simcloud.ErrCut
	case hit.Effect == simcloud.EffectHoldAnswer:
		if err := c.Hold(r.Context, hit, c.describe(r), true); err != nil {
			return arm.Response{}, err
		}
	}
	return response, err
}

// refusalBy is the error with which a fault has a call refused, in Azure's words.
func (c *Cloud) refusalBy(hit *simcloud.Rule, r *arm.Request) error {
	switch hit.Effect {
	case simcloud.EffectThrottle:
		return throttled(r.Params["subscription"], r, 5*time.Second)
	case simcloud.EffectExpiredToken:
		now := c.clock.Now()
		return entra.Expired(now.Add(-time.Minute), now)
	case simcloud.EffectAccessDenied:
		return arm.Unauthorized(r)
	case simcloud.EffectUnavailable:
		return &arm.Error{Status: http.StatusServiceUnavailable, Code: "ServiceUnavailable", Message: "The service is unavailable now, please retry later."}
	case simcloud.EffectInternalError:
		return internalError()
	case simcloud.EffectError:
		return &arm.Error{Status: hit.Status, Code: hit.Code, Message: hit.Message}
	}
	return simcloud.ErrCut
}

// internalError is Azure's error for a failure of its own.
func internalError() *arm.Error {
	return &arm.Error{Status: http.StatusInternalServerError, Code: "InternalServerError", Message: "An error occurred."}
}
