package azure

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"go.temporal.io/sdk/temporal"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/accounts"
	"github.com/linkwright/linkwright/internal/link"
)

// answered is the error of a call that Azure answered so.
func answered(method, path string, status int, code, message string, header ...string) error {
	h := http.Header{}
	for i := 0; i+1 < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return runtime.NewResponseError(&http.Response{
		StatusCode: status, Header: h, Request: &http.Request{Method: method, URL: &url.URL{Scheme: "https", Host: "management.azure.com", Path: path}},
		Body: io.NopCloser(bytes.NewReader([]byte(`{"error": {"code": "` + code + `", "message": "` + message + `"}}`))),
	})
}

const endpointPath = "/subscriptions/22222222-0000-4000-8000-000000000001/resourceGroups/shop/providers/Microsoft.Network/privateEndpoints/payments-shop"

func put(status int, code, message string, header ...string) error {
	return answered(http.MethodPut, endpointPath, status, code, message, header...)
}

func TestClassify(t *testing.T) {
	const write = "Microsoft.Network/privateEndpoints/write"
	for _, c := range []struct {
		name   string
		err    error
		reason link.Reason // empty when nobody has to mend it
		call   string
		remedy string
	}{
		{"when a permission lacks, it names the action and the scope", put(403, "AuthorizationFailed",
			"The client 'x' with object id 'y' does not have authorization to perform action 'Microsoft.Network/privateEndpoints/write' over scope '/subscriptions/s' or the scope is invalid."),
			link.ReasonMissingPermission, write, "give me a role with Microsoft.Network/privateEndpoints/write on /subscriptions/s; it counts a few minutes later"},
		{"when a permission on what is named lacks, it names that", put(403, "LinkedAuthorizationFailed",
			"The client 'x' with object id 'y' has permission to perform action 'Microsoft.Network/privateEndpoints/write' on scope '/subscriptions/s'; however, it does not have permission to perform action(s) 'Microsoft.Network/virtualNetworks/subnets/join/action' on the linked scope(s) '/subscriptions/n' (respectively) or the linked scope(s) are invalid."),
			link.ReasonMissingPermission, "Microsoft.Network/virtualNetworks/subnets/join/action", "give me a role with Microsoft.Network/virtualNetworks/subnets/join/action on /subscriptions/n; it counts a few minutes later"},
		{"when it is forbidden without a code, it names the call", put(403, "", "no"), link.ReasonMissingPermission, write, ""},
		{"when the token is of another tenant, it says what to correct", put(401, "InvalidAuthenticationTokenTenant", "wrong issuer"), link.ReasonBadCredentials, write, ""},
		{"when the subscription is not to be seen, it is no resource that is gone", put(404, "SubscriptionNotFound", "none"), link.ReasonBadCredentials, write, ""},
		{"when nobody takes the token, the credentials are bad", put(401, "ExpiredAuthenticationToken", "late"), link.ReasonBadCredentials, write, ""},
		{"when Entra ID gives no token, the credentials are bad", &accounts.CredentialsError{Account: "a", Err: &accounts.SignInError{Status: 401, Code: "invalid_client"}}, link.ReasonBadCredentials, "", ""},
		{"when Entra ID is down, that passes", &accounts.CredentialsError{Account: "a", Err: &accounts.SignInError{Status: 503}}, "", "", ""},
		{"when the service is not visible, it asks the provider", put(400, invisible, "no"), link.ReasonServiceNotVisible, write, ""},
		{"when a limit is reached, it says so", put(400, "PrivateEndpointCountLimitReached", "1000"), link.ReasonQuotaFull, write, ""},
		{"when what is named is not there, it says so", put(400, "InvalidResourceReference", "no subnet"), link.ReasonNetworkMismatch, write, ""},
		{"when the group is not there, it says so", put(404, "ResourceGroupNotFound", "no group"), link.ReasonInvalidRequest, write, ""},
		{"when a policy forbids it, it says so", put(403, "RequestDisallowedByPolicy", "policy p"), link.ReasonInvalidRequest, write, ""},
		{"when the provider is not registered, it says how to", put(409, "MissingSubscriptionRegistration", "register"), link.ReasonInvalidRequest, write, ""},
		{"when the code is new to us, the request is invalid", put(400, "SomethingNew", "who knows"), link.ReasonInvalidRequest, write, ""},
		{"when Azure is down, that passes", put(503, "ServiceUnavailable", "later"), "", "", ""},
		{"when the connection is lost, that passes", &accounts.CallError{Action: write, Err: &url.Error{Op: "Put", Err: errors.New("reset")}}, "", "", ""},
		{"when others use the bucket, that passes", put(429, "SubscriptionRequestsThrottled", "slow"), "", "", ""},
		{"when the account is unknown, it says so", accounts.ErrUnknownAccount, link.ReasonUnknownAccount, "", ""},
		{"when the account is another worker's, it says so", accounts.ErrNotServed, link.ReasonNoWorker, "", ""},
		{"when the worker stops, nobody is told", context.Canceled, "", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, ok := classify(c.err, "me")
			if ok != (c.reason != "") || p.Reason != c.reason || p.Call != c.call || c.remedy != "" && p.Remedy != c.remedy {
				t.Errorf("the problem is %+v", p)
			}
		})
	}
}

func TestWhatOnlyTakesItsTimeIsPending(t *testing.T) {
	young := &site{Config: Config{Pace: activities.Pace{Min: time.Second, Max: time.Minute}, Patience: 5 * time.Minute}, started: time.Now()}
	old := &site{Config: young.Config, started: time.Now().Add(-time.Hour)}
	for _, c := range []struct {
		name    string
		site    *site
		err     error
		after   time.Duration // 0 when it is not pending
		blocked link.Reason
	}{
		{"when Azure throttles for long, it comes back when told", old, put(429, "TooManyRequests", "slow", "Retry-After", "300"), 5 * time.Minute, ""},
		{"when another operation holds the resource, it comes back soon", old, put(429, "RetryableErrorDueToAnotherOperation", "held", "Retry-After", "10"), 10 * time.Second, ""},
		{"when another operation is under way, it comes back soon", old, put(409, "AnotherOperationInProgress", "busy"), time.Second, ""},
		{"when somebody was quicker, it looks again", old, put(412, "PreconditionFailed", "no"), time.Second, ""},
		{"when endpoints conflict, it comes back soon", young, put(409, "ConflictError", "no"), time.Second, ""},
		{"when endpoints conflict for long, a person is told", old, put(409, "ConflictError", "no"), 0, link.ReasonInvalidRequest},
		{"when a service is not visible yet, it hopes", young, put(400, invisible, "no"), time.Second, ""},
		{"when a service stays invisible, a person is told", old, put(400, invisible, "no"), 0, link.ReasonServiceNotVisible},
		{"when its turn is far off, it comes back then", young, &accounts.CallError{Action: "x", Err: &accounts.TurnError{After: time.Hour}}, time.Hour, ""},
		{"when Azure is down for long, a person is told", old, put(500, "InternalServerError", "oops"), 0, link.ReasonUnavailable},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := c.site.failed(c.err)
			p, _ := activities.ProblemOf(err)
			var app *temporal.ApplicationError
			pending := errors.As(err, &app) && app.Type() == activities.ErrTypePending
			if p.Reason != c.blocked || pending != (c.after != 0) || pending && app.NextRetryDelay() != c.after {
				t.Errorf("it answers %v (%+v)", err, p)
			}
		})
	}
}

func TestErrorsSayInOneLineWhatAzureSays(t *testing.T) {
	s := &site{Config: Config{Patience: time.Minute}, started: time.Now()}
	if got := s.failed(put(500, "InternalServerError", "oops")).Error(); got != "InternalServerError: oops" {
		t.Errorf("it says %q", got)
	}
}
