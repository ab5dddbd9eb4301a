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

// Do implements [policy.Policy]: every attempt of a call takes its turn just before it is sent.
func (l *limiter) Do(req *policy.Request) (*http.Response, error) {
	action := AzureAction(req.Raw())
	v := l.visit(Step(req.Raw().Context()), buckets.ResourceManager, "", action[strings.LastIndexByte(action, '/')+1:])
	if err := l.await(req.Raw().Context(), v); err != nil {
		return nil, err
	}
	count(req.Raw().Context())
	sent := time.Now()
	resp, err := req.Next()
	passed := err == nil && resp.StatusCode < http.StatusBadRequest
	throttled := err == nil && resp.StatusCode == http.StatusTooManyRequests && AzureThrottled(runtime.NewResponseError(resp))
	l.learn(v, sent, passed, throttled)
	return resp, err
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
