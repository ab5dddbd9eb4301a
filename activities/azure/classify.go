package azure

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"go.temporal.io/sdk/temporal"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/accounts"
	"github.com/linkwright/linkwright/internal/link"
)

// failed turns an error of the cloud into the answer of a step: a plain error, which Temporal retries, pending for what
// only takes its time, or a problem that a person has to mend. An error that should pass, and has not for long, is a
// problem too; but nobody has to mend that a step waits for its turn, that Azure throttles, or that somebody else is at
// work on a resource.
func (s *site) failed(err error) error {
	var answer *temporal.ApplicationError
	var turn *accounts.TurnError
	switch {
	case errors.As(err, &answer):
		return err
	case errors.As(err, &turn):
		return activities.Pending(named(err)+turn.Error(), turn.After)
	case accounts.AzureThrottled(err):
		return activities.Pending(named(err)+"Azure throttles: others use up what the subscription is allowed, too", s.retryAfter(err))
	case busy(err) || s.age() <= s.Patience && hasCode(err, settling...):
		return activities.Pending(said(err), s.retryAfter(err))
	}
	p, ok := classify(err, s.identity())
	if !ok && s.age() > s.Patience && passes(err) {
		p, ok = link.Problem{
			Reason: link.ReasonUnavailable, Call: callOf(err), Message: said(err),
			Remedy: "see whether Azure Resource Manager can be reached from the worker, and whether Azure reports an outage; Linkwright goes on trying",
		}, true
	}
	if !ok {
		return &shortError{err}
	}
	if p.Reason == link.ReasonBadCredentials {
		s.Accounts.Forget(s.place.Account)
	}
	return s.blocked(p, &shortError{err})
}

// blocked answers with a problem at this place.
func (s *site) blocked(p link.Problem, cause error) error {
	p.Account, p.Region, p.RetryAfter = s.place.Account, s.place.Region, s.LookAgain
	return activities.Blocked(p, cause)
}

// identity says, for remedies, who makes the calls.
func (s *site) identity() string {
	if s.AzureClients == nil {
		return fmt.Sprintf("the credential of account %q", s.place.Account)
	}
	return s.ActingAs
}

// shortError is an error that says in one line what that of the SDK says in a page.
type shortError struct{ err error }

func (e *shortError) Error() string { return said(e.err) }

func (e *shortError) Unwrap() error { return e.err }

// classify finds the problem behind an error; false when the error will pass by itself, is the answer of a step
// already, or is the worker's own.
func classify(err error, identity string) (link.Problem, bool) {
	var answer *temporal.ApplicationError
	var credentials *accounts.CredentialsError
	switch {
	case errors.As(err, &answer), errors.Is(err, context.Canceled):
		return link.Problem{}, false
	case errors.Is(err, accounts.ErrUnknownAccount):
		return link.Problem{Reason: link.ReasonUnknownAccount, Message: err.Error(),
			Remedy: "add the account to the workers' accounts file, or correct its name in the spec"}, true
	case errors.Is(err, accounts.ErrNotServed):
		return link.Problem{Reason: link.ReasonNoWorker, Message: err.Error(),
			Remedy: "give the account the same taskQueue in the accounts file of every worker"}, true
	case transient(err):
		return link.Problem{}, false
	case errors.As(err, &credentials):
		return link.Problem{Reason: link.ReasonBadCredentials, Call: callOf(err), Message: credentials.Error(),
			Remedy: fmt.Sprintf("correct the tenant or the credential of account %q in the accounts file, or renew what it names", credentials.Account)}, true
	}
	var response *azcore.ResponseError
	if !errors.As(err, &response) {
		return link.Problem{}, false
	}
	p := link.Problem{
		Reason: link.ReasonInvalidRequest, Call: callOf(err), Message: said(err),
		Remedy: "compare the spec with what Azure says; then apply the corrected spec, or retry",
	}
	for _, r := range refusals {
		if r.matches(response) {
			p.Reason, p.Remedy = r.reason, r.remedy
			break
		}
	}
	if p.Reason == link.ReasonMissingPermission {
		lacks := missingPermission(p)
		p.Call = lacks.action
		p.Remedy = strings.NewReplacer("{action}", lacks.action, "{scope}", lacks.scope).Replace(p.Remedy)
	}
	p.Remedy = strings.ReplaceAll(p.Remedy, "{identity}", identity)
	return p, true
}

// passes reports whether an error should pass by itself: the worker has not broken the call off.
func passes(err error) bool { return !errors.Is(err, context.Canceled) && transient(err) }

// transient reports whether an error passes by itself: throttles, outages, lost connections, and resources that are
// just changing. Whoever could not sign in because Entra ID did not answer tries again, too.
func transient(err error) bool {
	var credentials *accounts.CredentialsError
	if errors.As(err, &credentials) {
		var said *accounts.SignInError
		var network *url.Error
		return errors.As(err, &said) && (said.Status >= http.StatusInternalServerError || said.Status == http.StatusTooManyRequests) ||
			errors.As(err, &network) || errors.Is(err, context.DeadlineExceeded)
	}
	var response *azcore.ResponseError
	if !errors.As(err, &response) {
		return true
	}
	return response.StatusCode >= http.StatusInternalServerError || response.StatusCode == http.StatusRequestTimeout ||
		accounts.AzureThrottled(err) || busy(err) || slices.Contains(passing, response.ErrorCode)
}

// busy reports whether somebody else is at work on a resource, or has changed it since it was read (Azure Resource
// Manager, "Understand how Azure Resource Manager throttles requests", Error code; REST API reference, Common errors).
func busy(err error) bool {
	var response *azcore.ResponseError
	return hasCode(err, accounts.AzureLocked, "AnotherOperationInProgress") ||
		errors.As(err, &response) && response.StatusCode == http.StatusPreconditionFailed
}

// hasCode reports whether err is an answer of Azure with one of these codes.
func hasCode(err error, codes ...string) bool {
	var response *azcore.ResponseError
	return errors.As(err, &response) && slices.ContainsFunc(codes, func(code string) bool { return strings.EqualFold(code, response.ErrorCode) })
}

// notThere reports whether a resource does not exist, or the resource group that it would be in. That a subscription
// does not exist says nothing of what is in it: it is not to be seen by this credential.
func notThere(err error) bool {
	var response *azcore.ResponseError
	return errors.Is(err, errNotSeen) || errors.As(err, &response) && response.StatusCode == http.StatusNotFound && !hasCode(err, "SubscriptionNotFound", "InvalidSubscriptionId")
}

// said is what Azure says of an error, in one line: "InvalidResourceReference: Resource … was not found."
func said(err error) string {
	var response *azcore.ResponseError
	if !errors.As(err, &response) {
		return err.Error()
	}
	code := response.ErrorCode
	if code == "" {
		code = strconv.Itoa(response.StatusCode)
	}
	if m := messageIn(response.RawResponse); m != "" {
		return code + ": " + m
	}
	return code
}

// messageIn reads the message of an error (Azure REST API guidelines, "Handling errors"), and those of its details.
func messageIn(response *http.Response) string {
	if response == nil {
		return ""
	}
	data, err := runtime.Payload(response)
	if err != nil {
		return ""
	}
	type message struct {
		Message string `json:"message"`
		Details []struct {
			Message string `json:"message"`
		} `json:"details"`
	}
	var body struct {
		message
		Error *message `json:"error"`
	}
	if json.Unmarshal(data, &body) != nil {
		return ""
	}
	m := body.message
	if body.Error != nil {
		m = *body.Error
	}
	parts := []string{m.Message}
	for _, d := range m.Details {
		if !slices.Contains(parts, d.Message) {
			parts = append(parts, d.Message)
		}
	}
	return strings.Join(strings.Fields(strings.Join(parts, " ")), " ")
}

// callOf names the call that failed as a role would: "Microsoft.Network/privateEndpoints/write".
func callOf(err error) string {
	var response *azcore.ResponseError
	var unanswered *accounts.CallError
	switch {
	case errors.As(err, &response) && response.RawResponse != nil && response.RawResponse.Request != nil:
		return accounts.AzureAction(response.RawResponse.Request)
	case errors.As(err, &unanswered):
		return unanswered.Action
	}
	return ""
}

// named begins a sentence about the call that failed.
func named(err error) string {
	if call := callOf(err); call != "" {
		return call + ": "
	}
	return ""
}

// retryAfter is when Azure wants to be asked again; the shortest pause when it does not say.
func (s *site) retryAfter(err error) time.Duration {
	var response *azcore.ResponseError
	if errors.As(err, &response) && response.RawResponse != nil {
		return max(retryAfter(response.RawResponse.Header), s.Pace.Min)
	}
	return s.Pace.Min
}

// retryAfter reads the headers by which Azure says when to ask again.
func retryAfter(header http.Header) time.Duration {
	for _, name := range []string{"retry-after-ms", "x-ms-retry-after-ms"} {
		if ms, err := strconv.Atoi(header.Get(name)); err == nil {
			return time.Duration(ms) * time.Millisecond
		}
	}
	after := header.Get("Retry-After")
	if seconds, err := strconv.Atoi(after); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(after); err == nil {
		return time.Until(at)
	}
	return 0
}
