package simazure

import (
	"errors"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"

	"github.com/linkwright/linkwright/internal/simazure/arm"
	"github.com/linkwright/linkwright/internal/simcloud"
)

// putRecord changes something at once.
func (s side) putRecord() error {
	_, err := s.dns.NewRecordSetsClient().CreateOrUpdate(s.tc.t.Context(), s.group, "links.internal", "A", "api", record("10.2.0.4"), nil)
	return err
}

func (s side) hasRecord() bool {
	_, err := s.dns.NewRecordSetsClient().Get(s.tc.t.Context(), s.group, "links.internal", "A", "api", nil)
	return err == nil
}

func TestFaults(t *testing.T) {
	const lost = "lost"
	for _, test := range []struct {
		name  string
		fault simcloud.Fault
		code  string // "lost" for an error that is no answer
		made  bool
	}{
		{"when it is an error, nothing is done", simcloud.Fault{Effect: simcloud.EffectError, Status: 409, Code: "Conflict"}, "Conflict", false},
		{"when it is a throttle, nothing is done", simcloud.Fault{Effect: simcloud.EffectThrottle}, "SubscriptionRequestsThrottled", false},
		{"when the service is unavailable, nothing is done", simcloud.Fault{Effect: simcloud.EffectUnavailable}, "ServiceUnavailable", false},
		{"when the service fails, nothing is done", simcloud.Fault{Effect: simcloud.EffectInternalError}, "InternalServerError", false},
		{"when the token has expired, nothing is done", simcloud.Fault{Effect: simcloud.EffectExpiredToken}, "ExpiredAuthenticationToken", false},
		{"when the caller may not, nothing is done", simcloud.Fault{Effect: simcloud.EffectAccessDenied}, "AuthorizationFailed", false},
		{"when the connection is cut before, nothing is done", simcloud.Fault{Effect: simcloud.EffectCut}, lost, false},
		{"when the answer is lost, the work is done", simcloud.Fault{Effect: simcloud.EffectLose}, lost, true},
		{"when the answer becomes an error, the work is done", simcloud.Fault{Effect: simcloud.EffectLose, Status: 500, Code: "InternalServerError"}, "InternalServerError", true},
		{"when it is for a subscription, it knows it by its name", simcloud.Fault{Account: "apps", Effect: simcloud.EffectUnavailable}, "ServiceUnavailable", false},
		{"when it is for a resource, it finds it in the path", simcloud.Fault{Resource: "*/privateDnsZones/links.internal/A/api", Effect: simcloud.EffectUnavailable}, "ServiceUnavailable", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			tc := startCloud(t)
			consumer := tc.consumer()
			test.fault.Service, test.fault.Action = "Microsoft.Network", "privateDnsZones/A/write"
			injected := tc.inject(test.fault)[0]
			err := consumer.putRecord()
			var answered *azcore.ResponseError
			if test.code != lost && (!errors.As(err, &answered) || answered.ErrorCode != test.code) || test.code == lost && (err == nil || errors.As(err, &answered)) {
				t.Errorf("got %v, want %s", err, test.code)
			}
			if got := consumer.hasRecord(); got != test.made {
				t.Errorf("the record is there: %v", got)
			}
			if err := consumer.putRecord(); err != nil || injected.Struck() != 1 {
				t.Errorf("it strikes again: %v", err)
			}
		})
	}
}

func TestWhenAFaultHoldsACallItGoesOnOnceTheFaultsAreGone(t *testing.T) {
	for _, effect := range []simcloud.Effect{simcloud.EffectHold, simcloud.EffectHoldAnswer} {
		t.Run(string(effect), func(t *testing.T) {
			tc := startCloud(t)
			consumer := tc.consumer()
			tc.inject(simcloud.Fault{Action: "privateDnsZones/A/write", Effect: effect})
			done := make(chan error)
			go func() { done <- consumer.putRecord() }()
			for len(tc.HeldCalls()) == 0 {
				runtime.Gosched()
			}
			if made := consumer.hasRecord(); made != (effect == simcloud.EffectHoldAnswer) {
				t.Errorf("while the call is held, the record is there: %v", made)
			}
			tc.ClearFaults()
			if err := <-done; err != nil || !consumer.hasRecord() {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}

func TestStaleReads(t *testing.T) {
	tc := startCloud(t)
	consumer := tc.consumer()
	tc.inject(simcloud.Fault{Action: "privateDnsZones/A/read", Effect: simcloud.EffectStale, Times: 2})
	if err := consumer.putRecord(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if consumer.hasRecord() {
			t.Error("a replica that lags behind knows what was done after the beginning")
		}
	}
	if !consumer.hasRecord() {
		t.Error("what was done is not seen once replicas have caught up")
	}
}

func TestSomebodyElseActs(t *testing.T) {
	for _, test := range []struct {
		name   string
		fault  simcloud.Fault
		status string
	}{
		{"when the service's owner rejects the endpoint, it is rejected", simcloud.Fault{Effect: simcloud.EffectChange, Change: map[string]string{"status": "Rejected"}}, "Rejected"},
		{"when the service's owner ends the connection, it is disconnected", simcloud.Fault{Effect: simcloud.EffectChange, Change: map[string]string{"status": "Disconnected"}}, "Disconnected"},
		{"when the endpoint is deleted, it is gone", simcloud.Fault{Effect: simcloud.EffectDelete}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			tc := startCloud(t)
			consumer := tc.consumer()
			consumer.connect("api", tc.provider().publish().ID)
			test.fault.Action, test.fault.Resource = "privateEndpoints/read", "*/privateEndpoints/api"
			injected := tc.inject(test.fault)[0]
			got := ""
			if seen, err := consumer.network.NewPrivateEndpointsClient().Get(t.Context(), "apps", "api", nil); err == nil {
				got = *seen.Properties.ManualPrivateLinkServiceConnections[0].Properties.PrivateLinkServiceConnectionState.Status
			}
			if got != test.status || injected.Struck() != 1 {
				t.Errorf("the connection is %q, and the fault has struck %d times", got, injected.Struck())
			}
		})
	}
	tc := startCloud(t)
	consumer := tc.consumer()
	if err := consumer.putRecord(); err != nil {
		t.Fatal(err)
	}
	tc.inject(simcloud.Fault{Action: "privateDnsZones/A/read", Resource: "*/A/api", Effect: simcloud.EffectChange, Change: map[string]string{"properties.aRecords.0.ipv4Address": "10.9.9.9"}})
	read := must(consumer.dns.NewRecordSetsClient().Get(t.Context(), "apps", "links.internal", "A", "api", nil))(t)
	if got := *read.Properties.ARecords[0].IPv4Address; got != "10.9.9.9" {
		t.Errorf("the changed record says %s", got)
	}
}

func TestWhenAFaultMakesNoSenseItIsRefused(t *testing.T) {
	tc := startCloud(t)
	for says, fault := range map[string]simcloud.Fault{
		`"Microsoft.Storage" is none of`:       {Effect: simcloud.EffectThrottle, Service: "Microsoft.Storage"},
		`no action "privateEndpoint/write"`:    {Effect: simcloud.EffectThrottle, Action: "privateEndpoint/write"},
		`no account "nobody"`:                  {Effect: simcloud.EffectThrottle, Account: "nobody"},
		"effect failOperation needs a code":    {Effect: EffectFailOperation},
		`"emptyPage" is none of`:               {Effect: "emptyPage"},
		"effect stale needs an action that re": {Effect: simcloud.EffectStale, Action: "privateEndpoints/write"},
	} {
		if _, err := tc.Inject(fault); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("got %v, want %q", err, says)
		}
	}
}

func TestThrottling(t *testing.T) {
	tc := startCloud(t, func(c *Config) { c.World.Throttling, c.Scale = true, 1 })
	advance := tc.freeze(0)
	consumer := tc.consumer()
	get := func() (*http.Response, error) {
		var response *http.Response
		_, err := consumer.dns.NewPrivateZonesClient().Get(withResponse(t.Context(), &response), "apps", "links.internal", nil)
		return response, err
	}
	for left := 249; left >= 0; left-- {
		response, err := get()
		if err != nil {
			t.Fatalf("with %d left: %v", left, err)
		}
		if got := response.Header.Get("x-ms-ratelimit-remaining-subscription-reads"); left == 249 && got != "249" || left == 0 && got != "0" {
			t.Errorf("%s are left, want %d", got, left)
		}
	}
	response, err := get()
	wantError(t, err, http.StatusTooManyRequests, "SubscriptionRequestsThrottled")
	if response.Header.Get("Retry-After") != "1" {
		t.Errorf("it says to come back after %q", response.Header.Get("Retry-After"))
	}
	if err := consumer.putRecord(); err != nil {
		t.Errorf("writes have a bucket of their own: %v", err)
	}
	advance(1e9)
	if _, err := get(); err != nil {
		t.Errorf("a second later: %v", err)
	}
	counts := tc.CallCounts()
	throttled := false
	for _, c := range counts {
		throttled = throttled || c.Throttled && c.Action == "privateDnsZones/read" && c.Account == consumer.subscription
	}
	if !throttled {
		t.Errorf("the counts know of no throttling: %v", counts)
	}
}

func TestNetworkProviderThrottlesForMinutes(t *testing.T) {
	l := newLimiter(simcloud.NewClock(1), true)
	route := &arm.Route{Provider: "Microsoft.Network", Action: "privateEndpoints/write"}
	request := &arm.Request{Route: route, Params: map[string]string{"subscription": "s"}}
	l.window("s/writes").count = 1000
	err := l.admit(request, http.Header{})
	var refused *arm.Error
	if !errors.As(err, &refused) || refused.Code != "TooManyRequests" || refused.RetryAfter.Minutes() < 4 {
		t.Errorf("got %v", err)
	}
}
