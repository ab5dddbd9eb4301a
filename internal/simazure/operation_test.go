package simazure

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"

	"github.com/linkwright/linkwright/internal/simcloud"
)

// atRest is a configuration in which operations take as long as in Azure, on a clock that stands still until it is
// advanced.
func atRest(c *Config) { c.Scale = 1 }

// freeze stops the clock of a cloud, and returns what lets time pass.
func (tc testCloud) freeze(after time.Duration) (advance func(time.Duration)) {
	passed, start := new(atomic.Int64), time.Now().Add(after)
	tc.parts.world.Lock()
	defer tc.parts.world.Unlock()
	tc.clock.Now = func() time.Time { return start.Add(time.Duration(passed.Load())) }
	return func(d time.Duration) { passed.Add(int64(d)) }
}

func TestOperationsTakeTheirTime(t *testing.T) {
	tc := startCloud(t, atRest)
	advance := tc.freeze(0)
	provider := tc.provider()
	services := provider.network.NewPrivateLinkServicesClient()
	poller := must(services.BeginCreateOrUpdate(t.Context(), "services", "api", tc.service(), nil))(t)
	state := func() armnetwork.ProvisioningState {
		return *must(services.Get(t.Context(), "services", "api", nil))(t).Properties.ProvisioningState
	}
	if got := state(); got != armnetwork.ProvisioningStateUpdating {
		t.Errorf("it begins as %s", got)
	}
	_, err := services.BeginCreateOrUpdate(t.Context(), "services", "api", tc.service(), nil)
	wantError(t, err, http.StatusTooManyRequests, "RetryableErrorDueToAnotherOperation")
	response := must(poller.Poll(t.Context()))(t)
	if poller.Done() || response.Header.Get("Retry-After") != "10" {
		t.Errorf("it is over at once, or says to come back after %q seconds", response.Header.Get("Retry-After"))
	}
	token := must(poller.ResumeToken())(t)
	advance(time.Minute)
	if got := state(); got != armnetwork.ProvisioningStateSucceeded {
		t.Errorf("it ends as %s", got)
	}
	again := tc.provider().network.NewPrivateLinkServicesClient()
	options := &armnetwork.PrivateLinkServicesClientBeginCreateOrUpdateOptions{ResumeToken: token}
	resumed := finish(again.BeginCreateOrUpdate(t.Context(), "services", "api", armnetwork.PrivateLinkService{}, options))(t)
	if *resumed.Name != "api" || *resumed.Properties.ProvisioningState != armnetwork.ProvisioningStateSucceeded {
		t.Errorf("resumed by another client, it comes to %+v", resumed)
	}
}

func TestWhenAnOperationFailsItSaysWhyAndTheResourceHasFailed(t *testing.T) {
	tc := startCloud(t)
	tc.inject(simcloud.Fault{Action: "privateLinkServices/write", Effect: EffectFailOperation, Code: "InternalServerError", Message: "by the rule"})
	services := tc.provider().network.NewPrivateLinkServicesClient()
	poller := must(services.BeginCreateOrUpdate(t.Context(), "services", "api", tc.service(), nil))(t)
	_, err := poller.PollUntilDone(t.Context(), nil)
	wantError(t, err, http.StatusOK, "InternalServerError")
	if got := *must(services.Get(t.Context(), "services", "api", nil))(t).Properties.ProvisioningState; got != armnetwork.ProvisioningStateFailed {
		t.Errorf("the service is %s", got)
	}
	tc.provider().publish() // which mends it
}

func TestRestoredCloudGoesOn(t *testing.T) {
	tc := startCloud(t, atRest)
	advance := tc.freeze(0)
	service := must(tc.provider().network.NewPrivateLinkServicesClient().BeginCreateOrUpdate(t.Context(), "services", "api", tc.service(), nil))(t)
	advance(time.Minute)
	must(service.Poll(t.Context()))(t)
	id := must(tc.provider().network.NewPrivateLinkServicesClient().Get(t.Context(), "services", "api", nil))(t).ID
	endpoints := tc.consumer().network.NewPrivateEndpointsClient()
	poller := must(endpoints.BeginCreateOrUpdate(t.Context(), "apps", "api", tc.endpoint(id, true), nil))(t)
	token := must(poller.ResumeToken())(t)
	client := tc.transport() // which trusts the first cloud's authority
	snapshot, address := must(tc.Snapshot())(t), tc.address.String()
	if err := tc.Close(t.Context()); err != nil {
		t.Fatal(err)
	}

	again := startCloud(t, atRest, func(c *Config) { c.Snapshot, c.Listen = snapshot, address })
	advance = again.freeze(time.Minute)
	response := must(client.Get(again.URL() + "/_linkwright/resources"))(t)
	if err := response.Body.Close(); err != nil {
		t.Error(err)
	}
	consumer := again.consumer()
	options := &armnetwork.PrivateEndpointsClientBeginCreateOrUpdateOptions{ResumeToken: token}
	resumed := must(consumer.network.NewPrivateEndpointsClient().BeginCreateOrUpdate(t.Context(), "apps", "api", armnetwork.PrivateEndpoint{}, options))(t)
	must(resumed.Poll(t.Context()))(t)
	if resumed.Done() {
		t.Error("the operation is over before its time")
	}
	advance(time.Minute)
	must(resumed.Poll(t.Context()))(t)
	done := must(resumed.Result(t.Context()))(t)
	if *done.Properties.ProvisioningState != armnetwork.ProvisioningStateSucceeded || consumer.status("api") != "Pending" {
		t.Errorf("the endpoint is %s, its connection %s", *done.Properties.ProvisioningState, consumer.status("api"))
	}
}
