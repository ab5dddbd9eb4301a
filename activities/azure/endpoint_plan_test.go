package azure

import (
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

const (
	alias     = "payments.0a1b2c3d-4e5f-6789-0a1b-2c3d4e5f6789.westeurope.azure.privatelinkservice"
	serviceID = network + "privateLinkServices/payments"
)

// asking is an endpoint that asks for a service, in a state.
func asking(service, status string, provisioning armnetwork.ProvisioningState) armnetwork.PrivateEndpoint {
	return armnetwork.PrivateEndpoint{Properties: &armnetwork.PrivateEndpointProperties{
		ProvisioningState: &provisioning,
		ManualPrivateLinkServiceConnections: []*armnetwork.PrivateLinkServiceConnection{{Properties: &armnetwork.PrivateLinkServiceConnectionProperties{
			PrivateLinkServiceID: &service, PrivateLinkServiceConnectionState: &armnetwork.PrivateLinkServiceConnectionState{Status: &status},
		}}},
	}}
}

func TestJudgeEndpoint(t *testing.T) {
	const succeeded = armnetwork.ProvisioningStateSucceeded
	for _, c := range []struct {
		name     string
		endpoint armnetwork.PrivateEndpoint
		on       link.DisconnectedAction
		want     endpointFate
	}{
		{"when it waits for its approval, it stays", asking(alias, "Pending", succeeded), link.DisconnectedReplace, keepEndpoint},
		{"when it is let in, it stays", asking(alias, "approved", succeeded), link.DisconnectedWait, keepEndpoint},
		{"when it was made by the service's resource id, it stays", asking(strings.ToUpper(serviceID), "Approved", succeeded), link.DisconnectedReplace, keepEndpoint},
		{"when it is being made, it is waited for", asking(alias, "Pending", armnetwork.ProvisioningStateUpdating), link.DisconnectedReplace, awaitEndpoint},
		{"when it is being deleted, it is waited for", asking(alias, "Approved", armnetwork.ProvisioningStateDeleting), link.DisconnectedReplace, awaitEndpoint},
		{"when it was turned away, it is replaced", asking(alias, "Rejected", succeeded), link.DisconnectedWait, replaceEndpoint},
		{"when it has failed, it is replaced", asking(alias, "Pending", armnetwork.ProvisioningStateFailed), link.DisconnectedWait, replaceEndpoint},
		{"when it is disconnected, it is replaced", asking(alias, "Disconnected", succeeded), link.DisconnectedReplace, replaceEndpoint},
		{"when it is disconnected and a person is to decide, it stays", asking(alias, "Disconnected", succeeded), link.DisconnectedWait, decideEndpoint},
		{"when it leads elsewhere, it is replaced", asking("other"+alias, "Approved", succeeded), link.DisconnectedReplace, replaceEndpoint},
		{"when it leads elsewhere and a person is to decide, it stays", asking("other"+alias, "Approved", succeeded), link.DisconnectedWait, decideEndpoint},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, why := judgeEndpoint(c.endpoint, []string{alias, serviceID}, c.on); got != c.want {
				t.Errorf("its fate is %d: %s", got, why)
			}
		})
	}
}

func TestConnectionStates(t *testing.T) {
	for _, c := range []struct {
		status       string
		provisioning armnetwork.ProvisioningState
		want         activities.EndpointState
	}{
		{"Pending", armnetwork.ProvisioningStateSucceeded, activities.EndpointPendingAcceptance},
		{"PENDING", armnetwork.ProvisioningStateUpdating, activities.EndpointPendingAcceptance},
		{"Approved", armnetwork.ProvisioningStateUpdating, activities.EndpointPending},
		{"Approved", armnetwork.ProvisioningStateSucceeded, activities.EndpointAvailable},
		{"Approved", armnetwork.ProvisioningStateFailed, activities.EndpointFailed},
		{"Rejected", armnetwork.ProvisioningStateSucceeded, activities.EndpointRejected},
		{"Rejected", armnetwork.ProvisioningStateFailed, activities.EndpointRejected},
		{"Disconnected", armnetwork.ProvisioningStateSucceeded, activities.EndpointDisconnected},
		{"Removed", armnetwork.ProvisioningStateSucceeded, activities.EndpointDeleted},
		{"Approved", armnetwork.ProvisioningStateDeleting, activities.EndpointDeleting},
		{"", armnetwork.ProvisioningStateSucceeded, activities.EndpointPartial},
		{"Whatever", armnetwork.ProvisioningStateSucceeded, activities.EndpointPartial},
	} {
		if got := connectionState(c.status, &c.provisioning); got != c.want {
			t.Errorf("when a connection is %q and %s, it is %s, want %s", c.status, c.provisioning, got, c.want)
		}
	}
}

func TestOfTwoConnectionsOfOneEndpointTheLiveOneCounts(t *testing.T) {
	connection := func(name, status string) armnetwork.PrivateEndpointConnection {
		return armnetwork.PrivateEndpointConnection{Name: &name, Properties: &armnetwork.PrivateEndpointConnectionProperties{
			PrivateEndpoint:                   &armnetwork.PrivateEndpoint{ID: new("/subscriptions/22222222-0000-4000-8000-000000000001/resourceGroups/Shop/providers/Microsoft.Network/privateEndpoints/Payments")},
			PrivateLinkServiceConnectionState: &armnetwork.PrivateLinkServiceConnectionState{Status: &status},
		}}
	}
	former, live := connection("former", "Disconnected"), connection("live", "Pending")
	for _, found := range [][]armnetwork.PrivateEndpointConnection{{former, live}, {live, former}} {
		if views := connectionViews(found); len(views) != 1 || views[0].Name != "live" {
			t.Errorf("the views are %+v", views)
		}
	}
}

func TestEndpointName(t *testing.T) {
	for _, c := range []struct{ name, given, want string }{
		{"when the spec says it, so it is", "mine", "mine"},
		{"when it says nothing, it is of the service and the connection", "", "payments-shop"},
	} {
		req := activities.EnsureEndpointRequest{Name: "payments/shop", Spec: link.ConnectionSpec{Azure: &link.AzureConnection{Name: c.given}}}
		if got := endpointName(req); got != c.want {
			t.Errorf("%s: it is %q", c.name, got)
		}
	}
	long := func(connection string) string {
		return endpointName(activities.EnsureEndpointRequest{Name: strings.Repeat("s", 63) + "/" + connection, Spec: link.ConnectionSpec{Azure: &link.AzureConnection{}}})
	}
	if a, b := long("one"), long("two"); a == b || len(a) != nameLength || len(b) != nameLength {
		t.Errorf("long names are %q and %q", a, b)
	}
}

func TestTarget(t *testing.T) {
	for _, c := range []struct {
		name            string
		by              link.AzureConnectBy
		serviceName, id string
		want            string
	}{
		{name: "when it connects by alias, it does", by: link.ByAlias, serviceName: alias, id: serviceID, want: alias},
		{name: "when it connects by resource id, it does", by: link.ByResourceID, serviceName: alias, id: serviceID, want: serviceID},
		{name: "when the provider gave a resource id alone, that is it", by: link.ByResourceID, serviceName: serviceID, want: serviceID},
		{name: "when no resource id is known, there is none", by: link.ByResourceID, serviceName: alias},
	} {
		req := activities.EnsureEndpointRequest{ServiceName: c.serviceName, ServiceID: c.id, Spec: link.ConnectionSpec{Azure: &link.AzureConnection{ConnectBy: c.by}}}
		if got := target(req); got != c.want {
			t.Errorf("%s: it is %q", c.name, got)
		}
	}
}

func TestIDsComeInOneForm(t *testing.T) {
	const want = "/subscriptions/22222222-0000-4000-8000-000000000001/resourceGroups/shop/providers/Microsoft.Network/privateEndpoints/payments"
	for _, id := range []string{
		want, "/subscriptions/22222222-0000-4000-8000-000000000001/resourcegroups/SHOP/providers/microsoft.network/privateendpoints/Payments", strings.ToUpper(want),
	} {
		if got := normal(id); got != want {
			t.Errorf("%s comes as %s", id, got)
		}
	}
	if got := normal(alias); got != alias {
		t.Errorf("what is no id comes as %s", got)
	}
}
