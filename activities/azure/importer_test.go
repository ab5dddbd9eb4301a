package azure

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

const importedGroup = "/subscriptions/" + providerSubscription + "/resourceGroups/Services/providers/Microsoft.Network/"

func privateLinkService(name string, tags map[string]string) armnetwork.PrivateLinkService {
	return armnetwork.PrivateLinkService{
		ID: new(importedGroup + "privateLinkServices/" + name), Name: &name, Location: new("West Europe"), Tags: pointed(tags),
		Properties: &armnetwork.PrivateLinkServiceProperties{
			Alias: new(name + ".0a1b2c3d-4e5f-6789-0a1b-2c3d4e5f6789.westeurope.azure.privatelinkservice"), EnableProxyProtocol: new(true),
			ProvisioningState:                    new(armnetwork.ProvisioningStateSucceeded),
			LoadBalancerFrontendIPConfigurations: []*armnetwork.FrontendIPConfiguration{{ID: new(importedGroup + "loadBalancers/internal/frontendIPConfigurations/api")}},
			Visibility:                           &armnetwork.PrivateLinkServicePropertiesVisibility{Subscriptions: []*string{new("*")}},
		},
	}
}

func privateEndpoint(name, service, status string, tags map[string]string) armnetwork.PrivateEndpoint {
	return armnetwork.PrivateEndpoint{
		ID: new(importedGroup + "privateEndpoints/" + name), Name: &name, Location: new("northeurope"), Tags: pointed(tags),
		Properties: &armnetwork.PrivateEndpointProperties{
			ProvisioningState: new(armnetwork.ProvisioningStateSucceeded),
			Subnet:            &armnetwork.Subnet{ID: new(importedGroup + "virtualNetworks/spoke/subnets/endpoints")},
			ManualPrivateLinkServiceConnections: []*armnetwork.PrivateLinkServiceConnection{{Properties: &armnetwork.PrivateLinkServiceConnectionProperties{
				PrivateLinkServiceID: &service, PrivateLinkServiceConnectionState: &armnetwork.PrivateLinkServiceConnectionState{Status: &status},
			}}},
		},
	}
}

func pointed(tags map[string]string) map[string]*string {
	all := map[string]*string{}
	for name, v := range tags {
		all[name] = &v
	}
	return all
}

func TestWhatIsThereBecomesSpecs(t *testing.T) {
	aks := map[string]string{"k8s-azure-cluster-name": "blue"}
	owned := map[string]string{strings.ToUpper(OwnerTag): string(connectionFlow)}
	payments := privateLinkService("payments", nil)
	services := []armnetwork.PrivateLinkService{privateLinkService("pls-blue", aks), payments}
	endpoints := []armnetwork.PrivateEndpoint{
		privateEndpoint("shop", value(payments.Properties.Alias), "Approved", nil),
		privateEndpoint("crm", strings.ToUpper(value(payments.ID)), "Pending", nil),
		privateEndpoint("turned-away", value(payments.ID), "Rejected", nil),
		privateEndpoint("ours", value(payments.ID), "Approved", owned),
		privateEndpoint("cluster", "pls-blue.x.westeurope.azure.privatelinkservice", "Approved", aks),
		privateEndpoint("storage", "/subscriptions/x/resourceGroups/y/providers/Microsoft.Storage/storageAccounts/z", "Approved", nil),
	}
	for _, c := range []struct {
		name string
		req  activities.DiscoverRequest
		want []string
	}{
		{"when all is asked for, what others look after is left out", activities.DiscoverRequest{},
			[]string{"payments", "crm", "shop", "-pls-blue", "-cluster", "-ours", "-turned-away"}},
		{"when what others manage is asked for, only what is ours or over is left out", activities.DiscoverRequest{IncludeManaged: true},
			[]string{"payments", "pls-blue", "cluster", "crm", "shop", "-ours", "-turned-away"}},
		{"when a region is asked for, others are not looked at", activities.DiscoverRequest{Place: activities.Place{Region: "westeurope"}}, []string{"payments", "-pls-blue"}},
		{"when a service is asked for by its name, its endpoints are found by either of its names", activities.DiscoverRequest{Services: []string{"payments"}},
			[]string{"payments", "crm", "shop", "-ours", "-turned-away"}},
		{"when a service is asked for by its alias, so it is", activities.DiscoverRequest{Services: []string{value(payments.Properties.Alias)}},
			[]string{"payments", "crm", "shop", "-ours", "-turned-away"}},
		{"when a service is not there, nothing is found", activities.DiscoverRequest{Services: []string{"orders"}}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.req.Account = "provider"
			found := discovered(c.req, slices.Clone(services), slices.Clone(endpoints))
			var got []string
			for _, s := range found.Services {
				got = append(got, s.Called)
				if err := s.Spec.Validate(); err != nil || s.Spec.Region != "westeurope" {
					t.Errorf("%+v: %v", s.Spec, err)
				}
			}
			for _, e := range found.Endpoints {
				got = append(got, e.Called)
				e.Spec.Service = "payments"
				if err := e.Spec.Validate(); err != nil || e.Spec.Region != "northeurope" || e.Spec.Azure.AllowManaged != (e.Called == "cluster") {
					t.Errorf("%+v: %v", e.Spec, err)
				}
			}
			var left []string
			for _, l := range found.LeftOut {
				left = append(left, "-"+nameOf(l.ID))
			}
			if got = append(got, left...); !slices.Equal(got, c.want) {
				t.Errorf("it finds %v, want %v", got, c.want)
			}
		})
	}
	said := fmt.Sprint(discovered(activities.DiscoverRequest{}, services, nil).Services[0].Remarks)
	for _, word := range []string{"loadBalancers/internal", "visibility: *", "PROXY protocol: on", "connections: 0"} {
		if !strings.Contains(said, word) {
			t.Errorf("of how it is made, %q is missing: %s", word, said)
		}
	}
}

func TestAnEndpointThatAnotherToolManagesIsNotTakenOver(t *testing.T) {
	sc := newScene(t)
	service := sc.publish()
	id := sc.made(service, "theirs")
	there, err := sc.clients(consumer).Endpoints.Get(t.Context(), "shop", "theirs", nil)
	if err != nil {
		t.Fatal(err)
	}
	there.Tags = map[string]*string{"k8s-azure-cluster-name": new("blue")}
	p, err := sc.clients(consumer).Endpoints.BeginCreateOrUpdate(t.Context(), "shop", "theirs", there.PrivateEndpoint, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.PollUntilDone(t.Context(), pollOften); err != nil {
		t.Fatal(err)
	}
	named := func(s *link.AzureConnection) { s.ResourceGroup, s.PrivateEndpoint = "", id }
	if p := blockedBy(sc, consumer, NewConsumer(sc.config).EnsureEndpoint, sc.endpointRequest(service, named)); p.Reason != link.ReasonNotOurs || !strings.Contains(p.Message, "k8s-azure-cluster-name: blue") {
		t.Errorf("the problem is %+v", p)
	}
	req := sc.endpointRequest(service, named, func(s *link.AzureConnection) { s.AllowManaged = true })
	if plan := must(sc, consumer, NewPlanner(sc.config).PlanEndpoint, req); !plan.Changes[0].TakesOver || len(plan.Changes[0].Details) > 0 {
		t.Errorf("where the spec allows it, it plans %+v", plan.Changes)
	}
	if e := must(sc, consumer, NewConsumer(sc.config).EnsureEndpoint, req); e.ID != normal(id) {
		t.Errorf("where the spec allows it, it is %+v", e)
	}
}
