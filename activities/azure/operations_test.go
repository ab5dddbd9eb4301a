package azure

import (
	"net/http"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/internal/simazure"
	"github.com/linkwright/linkwright/internal/simcloud"
)

func TestWhenAzureDoesNotKnowAnOperationItIsTakenForOver(t *testing.T) {
	sc := newScene(t)
	for _, unreadable := range []string{"", "{", `{"method":"Nothing","resume":""}`, `{"method":"PrivateEndpoints.Delete","resume":"of another version"}`} {
		must(sc, provider, plain(NewOperations(sc.config).AwaitOperation), activities.OperationRequest{
			Place: provider, Operation: activities.Operation{What: "something", Token: unreadable},
		})
	}
}

func TestAnOperationIsAskedAfterByAnotherWorker(t *testing.T) {
	sc := newScene(t)
	_, err := once(t, NewProvider(sc.config).EnsureService, sc.serviceRequest())
	op, begun := activities.OperationOf(err)
	if !begun {
		t.Fatalf("it answers %v", err)
	}
	must(sc, provider, plain(NewOperations(Config{Accounts: sc.config.Accounts, Pace: sc.config.Pace}).AwaitOperation), activities.OperationRequest{
		Place: activities.Place{Account: "provider"}, Operation: op,
	})
	subnet, err := sc.clients(provider).Subnets.Get(t.Context(), "services", "main", "nat", nil)
	if err != nil || !policiesOff(subnet.Subnet) {
		t.Errorf("the subnet is %+v, %v", subnet.Properties, err)
	}
}

func TestWhenAnOperationFailsItsStepSaysWhy(t *testing.T) {
	sc := newScene(t)
	sc.inject(simcloud.Fault{Action: "privateLinkServices/write", Effect: simazure.EffectFailOperation, Code: "SubnetIsFull", Message: "no room"})
	if p := blockedBy(sc, provider, NewProvider(sc.config).EnsureService, sc.serviceRequest()); p.Reason != link.ReasonQuotaFull {
		t.Errorf("the problem is %+v", p)
	}
	if service := sc.publish(); service.State != activities.ServiceAvailable {
		t.Errorf("taken again, it is %+v", service)
	}
}

func TestWhenAnOperationFailsByWhatPassesItIsBegunAnew(t *testing.T) {
	sc := newScene(t)
	service := sc.publish()
	sc.inject(simcloud.Fault{Action: "privateEndpoints/write", Effect: simazure.EffectFailOperation, Code: "InternalServerError", Message: "oops"})
	if e := sc.connect(service); e.State != activities.EndpointPendingAcceptance {
		t.Errorf("it is %+v", e)
	}
}

func TestASubnetIsWrittenOnlyAsItWasRead(t *testing.T) {
	have := armnetwork.Subnet{Properties: &armnetwork.SubnetPropertiesFormat{
		AddressPrefix: new("10.0.0.0/24"), NetworkSecurityGroup: &armnetwork.SecurityGroup{ID: new("nsg")},
		PrivateLinkServiceNetworkPolicies: new(armnetwork.VirtualNetworkPrivateLinkServiceNetworkPoliciesEnabled),
		IPConfigurations:                  []*armnetwork.IPConfiguration{{}}, ProvisioningState: new(armnetwork.ProvisioningStateSucceeded),
	}}
	next := withoutPolicies(have)
	if p := next.Properties; value(p.AddressPrefix) != "10.0.0.0/24" || value(p.NetworkSecurityGroup.ID) != "nsg" || !policiesOff(next) || p.IPConfigurations != nil || p.ProvisioningState != nil {
		t.Errorf("it is written as %+v", p)
	}
	if policiesOff(have) {
		t.Error("what was read has changed")
	}
}

func TestRetryAfter(t *testing.T) {
	for _, c := range []struct {
		header, value string
		want          time.Duration
	}{
		{"Retry-After", "300", 5 * time.Minute}, {"x-ms-retry-after-ms", "1500", 1500 * time.Millisecond}, {"Retry-After", "soon", 0},
	} {
		if got := retryAfter(http.Header{http.CanonicalHeaderKey(c.header): {c.value}}); got != c.want {
			t.Errorf("%s: %s is %v", c.header, c.value, got)
		}
	}
}
