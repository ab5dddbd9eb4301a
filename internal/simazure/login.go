package simazure

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/google/uuid"

	"github.com/linkwright/linkwright/internal/simazure/arm"
	"github.com/linkwright/linkwright/internal/simazure/entra"
	"github.com/linkwright/linkwright/internal/simcloud"
)

// serveToken answers a request for a token, unless a fault strikes it.
func (c *Cloud) serveToken(w http.ResponseWriter, r *http.Request, form url.Values) {
	call := simcloud.Call{RequestID: uuid.NewString(), Principal: form.Get("client_id"), Service: Login, Action: Token, Names: []string{r.URL.Path, form.Get("client_id")}}
	answer, err := entra.Answer{}, error(nil)
	hit := c.Hits(call)
	if hit != nil {
		call.Fault = hit.Effect
		answer, err = c.strikeLogin(r, form, hit, call)
	} else {
		answer = c.login(r, form)
	}
	call.Time, call.Status, call.Error = c.clock.Now(), answer.Status, answer.Code
	if errors.Is(err, simcloud.ErrCut) {
		call.Error = "ConnectionCut"
		c.Record(call)
		c.cut(w)
		return
	}
	c.Record(call)
	w.Header().Set("X-Ms-Request-Id", call.RequestID)
	c.write(w, arm.Response{Status: answer.Status, Body: answer.Body})
}

func (c *Cloud) login(r *http.Request, form url.Values) entra.Answer {
	if r.URL.Path == entra.IdentityPath {
		return c.directory.ServeIdentity(r)
	}
	answer, _ := c.directory.Serve(r, form, c.URL()) // it is a token endpoint
	return answer
}

// strikeLogin lets a fault have its effect on a request for a token. Those that change or age resources have nothing to
// strike here.
func (c *Cloud) strikeLogin(r *http.Request, form url.Values, hit *simcloud.Rule, call simcloud.Call) (entra.Answer, error) {
	failed := func(status int, oauth string, number int, message string) (entra.Answer, error) {
		return c.directory.Failed(&entra.Error{Status: status, OAuth: oauth, Number: number, Message: message}), nil
	}
	switch hit.Effect {
	case simcloud.EffectCut:
		return entra.Answer{}, simcloud.ErrCut
	case simcloud.EffectError:
		answer, err := failed(hit.Status, hit.Code, 90033, hit.Message)
		return answer, err
	case simcloud.EffectThrottle:
		return failed(http.StatusTooManyRequests, "temporarily_unavailable", 90055, "The server is terminating the current request because it is under load.")
	case simcloud.EffectUnavailable, simcloud.EffectInternalError:
		return failed(http.StatusServiceUnavailable, "temporarily_unavailable", 90033, "A transient error has occurred. Please try again.")
	case simcloud.EffectExpiredToken:
		return failed(http.StatusUnauthorized, "invalid_client", 7000222, "The provided client secret keys for app '"+call.Principal+"' are expired.")
	case simcloud.EffectAccessDenied:
		return failed(http.StatusUnauthorized, "invalid_client", 7000215, "Invalid client secret provided.")
	case simcloud.EffectHold, simcloud.EffectDelay:
		if err := c.Hold(r.Context(), hit, call, false); err != nil {
			return entra.Answer{}, err
		}
		return c.login(r, form), nil
	case simcloud.EffectHoldAnswer:
		answer := c.login(r, form)
		return answer, c.Hold(r.Context(), hit, call, true)
	case simcloud.EffectLose:
		return entra.Answer{}, simcloud.ErrCut
	}
	c.Spare(hit)
	return c.login(r, form), nil
}
