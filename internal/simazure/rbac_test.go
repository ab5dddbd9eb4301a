package simazure

import (
	"net/http"
	"testing"

	azarm "github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/privatedns/armprivatedns"

	"github.com/linkwright/linkwright/internal/simazure/arm"
)

// withhold takes one permission from a tenant's application, and leaves it all others in its subscription.
func (tc testCloud) withhold(s side, action string) {
	tc.t.Helper()
	err := tc.SetRoleAssignments(tc.PrincipalID(s.tenant, "linkwright"), []RoleAssignment{
		{Actions: []string{"*"}, NotActions: []string{action}, Scope: arm.IDOf("subscriptions", s.subscription)},
	})
	if err != nil {
		tc.t.Fatal(err)
	}
}

func TestRoles(t *testing.T) {
	const own, linked = "AuthorizationFailed", "LinkedAuthorizationFailed"
	publish := func(tc testCloud, s side) error {
		_, err := s.network.NewPrivateLinkServicesClient().BeginCreateOrUpdate(tc.t.Context(), "services", "api", tc.service(), nil)
		return err
	}
	connect := func(tc testCloud, s side) error {
		_, err := tc.consumer().network.NewPrivateEndpointsClient().BeginCreateOrUpdate(tc.t.Context(), "apps", "api", tc.endpoint(tc.provider().publish().Properties.Alias, true), nil)
		return err
	}
	link := func(tc testCloud, s side) error {
		_, err := s.dns.NewVirtualNetworkLinksClient().BeginCreateOrUpdate(tc.t.Context(), "apps", "links.internal", "other", armprivatedns.VirtualNetworkLink{
			Location: to("global"), Properties: &armprivatedns.VirtualNetworkLinkProperties{VirtualNetwork: &armprivatedns.SubResource{ID: tc.id("consumer", "virtual-network", "other")}},
		}, nil)
		return err
	}
	for _, test := range []struct {
		action string
		tenant string
		ask    func(testCloud, side) error
		code   string
	}{
		{"Microsoft.Network/privateLinkServices/write", "provider", publish, own},
		{"Microsoft.Network/virtualNetworks/subnets/join/action", "provider", publish, linked},
		{"Microsoft.Network/loadBalancers/frontendIPConfigurations/join/action", "provider", publish, linked},
		{"Microsoft.Network/privateLinkServices/read", "provider", func(tc testCloud, s side) error {
			_, err := s.network.NewPrivateLinkServicesClient().NewListPager("services", nil).NextPage(tc.t.Context())
			return err
		}, own},
		{"Microsoft.Network/privateLinkServices/privateEndpointConnections/write", "provider", func(tc testCloud, s side) error {
			_, err := s.network.NewPrivateLinkServicesClient().UpdatePrivateEndpointConnection(tc.t.Context(), "services", "api", "x", armnetwork.PrivateEndpointConnection{}, nil)
			return err
		}, own},
		{"Microsoft.Network/privateEndpoints/write", "consumer", connect, own},
		{"Microsoft.Network/virtualNetworks/subnets/join/action", "consumer", connect, linked},
		{"Microsoft.Network/virtualNetworks/join/action", "consumer", link, linked},
		{"Microsoft.Network/privateDnsZones/virtualNetworkLinks/write", "consumer", link, own},
		{"Microsoft.Network/privateDnsZones/A/write", "consumer", func(tc testCloud, s side) error {
			_, err := s.dns.NewRecordSetsClient().CreateOrUpdate(tc.t.Context(), "apps", "links.internal", armprivatedns.RecordTypeA, "api", record("10.2.0.4"), nil)
			return err
		}, own},
	} {
		t.Run("when "+test.action+" is missing, it is refused to the "+test.tenant, func(t *testing.T) {
			tc := startCloud(t)
			s := tc.provider()
			if test.tenant == "consumer" {
				s = tc.consumer()
			}
			tc.withhold(s, test.action)
			wantError(t, test.ask(tc, s), http.StatusForbidden, test.code)
			tc.withhold(s, "Microsoft.Nothing/else/read")
			if test.code == linked {
				if err := test.ask(tc, s); err != nil {
					t.Errorf("with the permission: %v", err)
				}
			}
			if err := tc.SetRoleAssignments(tc.PrincipalID(test.tenant, "linkwright"), []RoleAssignment{}); err != nil {
				t.Fatal(err)
			}
			wantError(t, test.ask(tc, s), http.StatusForbidden, own)
		})
	}
}

// TestOtherTenants has a consumer reach into the provider's tenant.
func TestOtherTenants(t *testing.T) {
	tc := startCloud(t)
	service := tc.provider().publish(func(p *armnetwork.PrivateLinkServiceProperties) { p.Visibility = nil })
	endpoint := func(s side, manual bool) error {
		_, err := s.network.NewPrivateEndpointsClient().BeginCreateOrUpdate(t.Context(), "apps", "api", tc.endpoint(service.ID, manual), nil)
		return err
	}
	stranger := tc.side("consumer", "payments", "services")
	_, err := stranger.network.NewPrivateLinkServicesClient().Get(t.Context(), "services", "api", nil)
	wantError(t, err, http.StatusUnauthorized, "InvalidAuthenticationTokenTenant")
	wantError(t, endpoint(tc.consumer(), true), http.StatusBadRequest, "ThirdPartyPrivateLinkServiceProvidedDuringPrivateEndpointCreationDoesNotExistOrIsNotVisible")

	provider := tc.config.World.Tenants[0].TenantID()
	guest := tc.consumer(func(o *azarm.ClientOptions) { o.AuxiliaryTenants = []string{provider} })
	role := []RoleAssignment{{Actions: []string{"Microsoft.Network/privateLinkServices/read"}, Scope: arm.ID(*service.ID)}}
	if err := tc.SetRoleAssignments(tc.PrincipalID("provider", "consumer/linkwright"), role); err != nil {
		t.Fatal(err)
	}
	wantError(t, endpoint(guest, false), http.StatusForbidden, "LinkedAuthorizationFailed")
	role[0].Actions = append(role[0].Actions, "Microsoft.Network/privateLinkServices/PrivateEndpointConnectionsApproval/action")
	if err := tc.SetRoleAssignments(tc.PrincipalID("provider", "consumer/linkwright"), role); err != nil {
		t.Fatal(err)
	}
	if err := endpoint(guest, false); err != nil || guest.status("api") != "Approved" {
		t.Errorf("who may approve the connection himself: %v", err)
	}
}
