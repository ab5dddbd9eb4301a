package accounts

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"github.com/linkwright/linkwright/internal/buckets"
)

// CallError is a call to Azure Resource Manager that got no answer.
type CallError struct {
	// Action is what it was to do, as a role says it: "Microsoft.Network/privateEndpoints/write".
	Action string
	Err    error
}

func (e *CallError) Error() string { return e.Action + ": " + e.Err.Error() }

func (e *CallError) Unwrap() error { return e.Err }

// namedCalls gives calls that get no answer their name. An answer knows its own request.
type namedCalls struct{}

var _ policy.Policy = namedCalls{}

// Do implements [policy.Policy].
func (namedCalls) Do(req *policy.Request) (*http.Response, error) {
	resp, err := req.Next()
	if err != nil {
		return resp, &CallError{Action: AzureAction(req.Raw()), Err: err}
	}
	return resp, nil
}

// AzureAction is the action of a request to Azure Resource Manager, as roles name it: the type of the resource, without
// names, and what is done to it (Azure RBAC, "Understand Azure role definitions", Actions format).
func AzureAction(req *http.Request) string {
	verb, ok := map[string]string{
		http.MethodGet: "read", http.MethodHead: "read", http.MethodPut: "write", http.MethodPatch: "write", http.MethodDelete: "delete",
	}[req.Method]
	if !ok {
		verb = "action"
	}
	parts := strings.Split(strings.Trim(req.URL.Path, "/"), "/")
	for i, part := range parts {
		if !strings.EqualFold(part, "providers") || i+2 > len(parts) {
			continue
		}
		kind := parts[i+1]
		for j := i + 2; j < len(parts); j += 2 {
			kind += "/" + parts[j]
		}
		return kind + "/" + verb
	}
	return "Microsoft.Resources/subscriptions/" + verb
}

// azureTurns has every attempt of a call take its turn just before it is sent, and measures it.
type azureTurns struct {
	limiter *limiter
	gauge   *gauge
}

var _ policy.Policy = azureTurns{}

// Do implements [policy.Policy].
func (t azureTurns) Do(req *policy.Request) (*http.Response, error) {
	ctx, action := req.Raw().Context(), AzureAction(req.Raw())
	provider, _, _ := strings.Cut(action, "/")
	v, came := t.limiter.visit(Step(ctx), buckets.ResourceManager, "", action[strings.LastIndexByte(action, '/')+1:]), time.Now()
	err := t.limiter.await(ctx, v)
	t.gauge.waited(ctx, provider, came, err)
	if err != nil {
		return nil, err
	}
	count(req.Raw().Context())
	sent := time.Now()
	resp, err := req.Next()
	passed := err == nil && resp.StatusCode < http.StatusBadRequest
	throttled := err == nil && resp.StatusCode == http.StatusTooManyRequests && AzureThrottled(runtime.NewResponseError(resp))
	t.limiter.learn(v, sent, passed, throttled)
	t.gauge.called(ctx, provider, action, azureOutcome(resp, err, throttled))
	return resp, err
}

// azureOutcome is how a call to Azure has ended.
func azureOutcome(resp *http.Response, err error, throttled bool) string {
	switch {
	case err != nil:
		return outcomeUnanswered
	case throttled:
		return outcomeThrottled
	}
	return outcomeOf(resp.StatusCode)
}

// AzureThrottled reports whether Azure has refused a call because there were too many of them. The same status says,
// with a code of its own, that something else is just being done to the resource (Azure Resource Manager, "Understand how
// Azure Resource Manager throttles requests", Error code).
func AzureThrottled(err error) bool {
	var said *azcore.ResponseError
	return errors.As(err, &said) && said.StatusCode == http.StatusTooManyRequests && said.ErrorCode != AzureLocked
}

// AzureLocked is the code of a call that has come while another one is at work on the resource.
const AzureLocked = "RetryableErrorDueToAnotherOperation"
