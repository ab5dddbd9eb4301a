package simazure

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"
)

// service is what a provider publishes: visible to all, before the load balancer that AKS made.
func (tc testCloud) service(changes ...func(*armnetwork.PrivateLinkServiceProperties)) armnetwork.PrivateLinkService {
	properties := &armnetwork.PrivateLinkServiceProperties{
		LoadBalancerFrontendIPConfigurations: []*armnetwork.FrontendIPConfiguration{{ID: tc.id("provider", "frontend", "kubernetes-internal/api")}},
		IPConfigurations:                     []*armnetwork.PrivateLinkServiceIPConfiguration{tc.nat("one", true)},
		Visibility:                           &armnetwork.PrivateLinkServicePropertiesVisibility{Subscriptions: []*string{to("*")}},
	}
	for _, change := range changes {
		change(properties)
	}
	return armnetwork.PrivateLinkService{Location: to("westeurope"), Properties: properties}
}

func (tc testCloud) nat(name string, primary bool) *armnetwork.PrivateLinkServiceIPConfiguration {
	return &armnetwork.PrivateLinkServiceIPConfiguration{Name: &name, Properties: &armnetwork.PrivateLinkServiceIPConfigurationProperties{
		Primary: &primary, PrivateIPAllocationMethod: to(armnetwork.IPAllocationMethodDynamic), Subnet: &armnetwork.Subnet{ID: tc.id("provider", "subnet", "main/nat")},
	}}
}

func (s side) publish(changes ...func(*armnetwork.PrivateLinkServiceProperties)) armnetwork.PrivateLinkService {
	s.tc.t.Helper()
	return finish(s.network.NewPrivateLinkServicesClient().BeginCreateOrUpdate(s.tc.t.Context(), s.group, "api", s.tc.service(changes...), nil))(s.tc.t).PrivateLinkService
}

// endpoint is a request for a connection to a service, by id or alias.
func (tc testCloud) endpoint(service *string, manual bool) armnetwork.PrivateEndpoint {
	connection := []*armnetwork.PrivateLinkServiceConnection{{Name: to("api"), Properties: &armnetwork.PrivateLinkServiceConnectionProperties{
		PrivateLinkServiceID: service, RequestMessage: to("please"),
	}}}
	properties := &armnetwork.PrivateEndpointProperties{Subnet: &armnetwork.Subnet{ID: tc.id("consumer", "subnet", "spoke/endpoints")}}
	if manual {
		properties.ManualPrivateLinkServiceConnections = connection
	} else {
		properties.PrivateLinkServiceConnections = connection
	}
	return armnetwork.PrivateEndpoint{Location: to("northeurope"), Properties: properties}
}

func (s side) connect(name string, service *string) armnetwork.PrivateEndpoint {
	s.tc.t.Helper()
	return finish(s.network.NewPrivateEndpointsClient().BeginCreateOrUpdate(s.tc.t.Context(), s.group, name, s.tc.endpoint(service, true), nil))(s.tc.t).PrivateEndpoint
}

// status is what a consumer sees of its connection.
func (s side) status(name string) string {
	s.tc.t.Helper()
	endpoint := must(s.network.NewPrivateEndpointsClient().Get(s.tc.t.Context(), s.group, name, nil))(s.tc.t)
	for _, c := range append(endpoint.Properties.ManualPrivateLinkServiceConnections, endpoint.Properties.PrivateLinkServiceConnections...) {
		return *c.Properties.PrivateLinkServiceConnectionState.Status
	}
	return ""
}

// decide lets the only connection of a service in or turns it away.
func (s side) decide(status string) {
	s.tc.t.Helper()
	client := s.network.NewPrivateLinkServicesClient()
	service := must(client.Get(s.tc.t.Context(), s.group, "api", nil))(s.tc.t)
	connection := service.Properties.PrivateEndpointConnections[0]
	connection.Properties.PrivateLinkServiceConnectionState.Status = &status
	must(client.UpdatePrivateEndpointConnection(s.tc.t.Context(), s.group, "api", *connection.Name, *connection, nil))(s.tc.t)
}

func TestHandshakeOfTwoTenants(t *testing.T) {
	for _, test := range []struct {
		name string
		by   func(armnetwork.PrivateLinkService) *string
	}{
		{"when the consumer names the service by its alias, it connects", func(s armnetwork.PrivateLinkService) *string { return s.Properties.Alias }},
		{"when the consumer names the service by its id, it connects", func(s armnetwork.PrivateLinkService) *string { return s.ID }},
	} {
		t.Run(test.name, func(t *testing.T) {
			tc := startCloud(t)
			provider, consumer := tc.provider(), tc.consumer()
			service := provider.publish()
			if !regexp.MustCompile(`^api\.[0-9a-f-]{36}\.westeurope\.azure\.privatelinkservice$`).MatchString(*service.Properties.Alias) {
				t.Errorf("the alias is %s", *service.Properties.Alias)
			}
			endpoint := consumer.connect("api", test.by(service))
			if *endpoint.Properties.ProvisioningState != armnetwork.ProvisioningStateSucceeded || consumer.status("api") != "Pending" {
				t.Errorf("the endpoint is %s, its connection %s", *endpoint.Properties.ProvisioningState, consumer.status("api"))
			}
			connections := must(provider.network.NewPrivateLinkServicesClient().NewListPrivateEndpointConnectionsPager("services", "api", nil).NextPage(t.Context()))(t).Value
			if len(connections) != 1 || *connections[0].Properties.PrivateEndpoint.ID != *endpoint.ID || *connections[0].Properties.PrivateEndpointLocation != "northeurope" ||
				*connections[0].Properties.LinkIdentifier == "" || *connections[0].Properties.PrivateLinkServiceConnectionState.Description != "please" {
				t.Fatalf("the provider sees %+v", connections)
			}
			provider.decide("Approved")
			if got := consumer.status("api"); got != "Approved" {
				t.Errorf("once approved, the consumer sees %s", got)
			}
			nic := (*endpoint.Properties.NetworkInterfaces[0].ID)
			shown := must(consumer.network.NewInterfacesClient().Get(t.Context(), "apps", nic[strings.LastIndex(nic, "/")+1:], nil))(t)
			if got := *shown.Properties.IPConfigurations[0].Properties.PrivateIPAddress; got != "10.2.0.4" {
				t.Errorf("the endpoint's address is %s", got)
			}
			_, err := provider.network.NewPrivateLinkServicesClient().BeginDelete(t.Context(), "services", "api", nil)
			wantError(t, err, http.StatusBadRequest, "PrivateLinkServiceWithPrivateEndpointConnectionsCannotBeDeleted")
			finish(provider.network.NewPrivateLinkServicesClient().BeginDeletePrivateEndpointConnection(t.Context(), "services", "api", *connections[0].Name, nil))(t)
			if got := consumer.status("api"); got != "Disconnected" {
				t.Errorf("once the connection is gone, the consumer sees %s", got)
			}
			finish(provider.network.NewPrivateLinkServicesClient().BeginDelete(t.Context(), "services", "api", nil))(t)
			finish(consumer.network.NewPrivateEndpointsClient().BeginDelete(t.Context(), "apps", "api", nil))(t)
			_, err = consumer.network.NewPrivateEndpointsClient().Get(t.Context(), "apps", "api", nil)
			wantError(t, err, http.StatusNotFound, "ResourceNotFound")
		})
	}
}
