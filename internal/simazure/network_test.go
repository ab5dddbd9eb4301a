package simazure

import (
	"net/http"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"
)

func TestPrivateLinkServiceRefusals(t *testing.T) {
	frontend := func(tc testCloud, name string) func(*armnetwork.PrivateLinkServiceProperties) {
		return func(p *armnetwork.PrivateLinkServiceProperties) {
			p.LoadBalancerFrontendIPConfigurations = []*armnetwork.FrontendIPConfiguration{{ID: tc.id("provider", "frontend", name)}}
		}
	}
	for _, test := range []struct {
		name   string
		change func(testCloud) func(*armnetwork.PrivateLinkServiceProperties)
		code   string
	}{
		{"when network policies apply in the subnet, it is refused", func(tc testCloud) func(*armnetwork.PrivateLinkServiceProperties) {
			return func(p *armnetwork.PrivateLinkServiceProperties) {
				p.IPConfigurations[0].Properties.Subnet.ID = tc.id("provider", "subnet", "main/nodes")
			}
		}, "PrivateLinkServiceCannotBeCreatedInSubnetThatHasNetworkPoliciesEnabled"},
		{"when the load balancer's members are addresses, it is refused", func(tc testCloud) func(*armnetwork.PrivateLinkServiceProperties) {
			return frontend(tc, "by-address/api")
		}, "PrivateLinkServiceIsNotSupportedForIPBasedLoadBalancer"},
		{"when the load balancer is basic, it is refused", func(tc testCloud) func(*armnetwork.PrivateLinkServiceProperties) { return frontend(tc, "basic/api") }, "PrivateLinkServiceIsNotSupportedForBasicLoadBalancer"},
		{"when the load balancer is public, it is refused", func(tc testCloud) func(*armnetwork.PrivateLinkServiceProperties) { return frontend(tc, "public/api") }, "PrivateLinkServiceIsNotSupportedForPublicLoadBalancer"},
		{"when the frontend is not there, it is refused", func(tc testCloud) func(*armnetwork.PrivateLinkServiceProperties) {
			return func(p *armnetwork.PrivateLinkServiceProperties) {
				p.LoadBalancerFrontendIPConfigurations[0].ID = to(*p.LoadBalancerFrontendIPConfigurations[0].ID + "x")
			}
		}, "InvalidResourceReference"},
		{"when those approved in advance do not see it, it is refused", func(testCloud) func(*armnetwork.PrivateLinkServiceProperties) {
			return func(p *armnetwork.PrivateLinkServiceProperties) {
				p.Visibility.Subscriptions = nil
				p.AutoApproval = &armnetwork.PrivateLinkServicePropertiesAutoApproval{Subscriptions: []*string{to("11111111-1111-4111-8111-111111111111")}}
			}
		}, "PrivateLinkServiceAutoApprovalSubscriptionsNotSubsetOfVisibility"},
		{"when it has nine addresses, it is refused", func(tc testCloud) func(*armnetwork.PrivateLinkServiceProperties) {
			return func(p *armnetwork.PrivateLinkServiceProperties) {
				for _, name := range strings.Split("abcdefgh", "") {
					p.IPConfigurations = append(p.IPConfigurations, tc.nat(name, false))
				}
			}
		}, "PrivateLinkServiceIPConfigurationCountLimitReached"},
	} {
		t.Run(test.name, func(t *testing.T) {
			tc := startCloud(t)
			_, err := tc.provider().network.NewPrivateLinkServicesClient().BeginCreateOrUpdate(t.Context(), "services", "api", tc.service(test.change(tc)), nil)
			wantError(t, err, http.StatusBadRequest, test.code)
		})
	}
}

func TestWhatAPrivateLinkServiceHoldsOnTo(t *testing.T) {
	tc := startCloud(t)
	provider := tc.provider()
	two := func(p *armnetwork.PrivateLinkServiceProperties) {
		p.IPConfigurations = append(p.IPConfigurations, tc.nat("two", false))
	}
	provider.publish(two)
	services, balancers, subnets := provider.network.NewPrivateLinkServicesClient(), provider.network.NewLoadBalancersClient(), provider.network.NewSubnetsClient()
	_, err := services.BeginCreateOrUpdate(t.Context(), "services", "api", tc.service(), nil)
	wantError(t, err, http.StatusBadRequest, "PrivateLinkServiceIPConfigurationsCannotBeRemoved")
	_, err = balancers.BeginDelete(t.Context(), "services", "kubernetes-internal", nil)
	wantError(t, err, http.StatusBadRequest, "CannotDeleteLoadBalancerWithPrivateLinkService")
	_, err = subnets.BeginDelete(t.Context(), "services", "main", "nat", nil)
	wantError(t, err, http.StatusBadRequest, "InUseSubnetCannotBeDeleted")
	subnet := must(subnets.Get(t.Context(), "services", "main", "nat", nil))(t).Subnet
	subnet.Properties.PrivateLinkServiceNetworkPolicies = nil // a PUT replaces all: the default is enabled
	_, err = subnets.BeginCreateOrUpdate(t.Context(), "services", "main", "nat", subnet, nil)
	wantError(t, err, http.StatusBadRequest, "PrivateLinkServiceNetworkPoliciesCannotBeEnabledOnPrivateLinkServiceSubnet")
	balancer := must(balancers.Get(t.Context(), "services", "kubernetes-internal", nil))(t).LoadBalancer
	if *balancer.Tags["k8s-azure-service"] != "payments/api" || *balancer.Properties.LoadBalancingRules[0].Properties.FrontendPort != 443 {
		t.Errorf("the load balancer is %+v", balancer)
	}
	balancer.Properties.FrontendIPConfigurations = balancer.Properties.FrontendIPConfigurations[1:]
	_, err = balancers.BeginCreateOrUpdate(t.Context(), "services", "kubernetes-internal", balancer, nil)
	wantError(t, err, http.StatusBadRequest, "InUseFrontendIPConfigurationCannotBeDeleted")
	nic := must(provider.network.NewInterfacesClient().NewListPager("services", nil).NextPage(t.Context()))(t).Value[0]
	_, err = provider.network.NewInterfacesClient().BeginDelete(t.Context(), "services", *nic.Name, nil)
	wantError(t, err, http.StatusBadRequest, "CannotModifyNetworkInterfaceOfManagedResource")
}

func TestVisibilityAndApprovalInAdvance(t *testing.T) {
	tc := startCloud(t)
	consumer := tc.consumer()
	lists := []*string{to(consumer.subscription)}
	service := tc.provider().publish(func(p *armnetwork.PrivateLinkServiceProperties) {
		p.Visibility.Subscriptions, p.AutoApproval = lists, &armnetwork.PrivateLinkServicePropertiesAutoApproval{Subscriptions: lists}
	})
	services := consumer.network.NewPrivateLinkServicesClient()
	for alias, want := range map[string]bool{*service.Properties.Alias: true, "other." + *service.Properties.Alias: false} {
		seen := finish(services.BeginCheckPrivateLinkServiceVisibility(t.Context(), "westeurope", armnetwork.CheckPrivateLinkServiceVisibilityRequest{PrivateLinkServiceAlias: &alias}, nil))(t)
		if *seen.Visible != want {
			t.Errorf("%s is visible: %v", alias, *seen.Visible)
		}
	}
	listed := must(services.NewListAutoApprovedPrivateLinkServicesPager("westeurope", nil).NextPage(t.Context()))(t).Value
	if len(listed) != 1 || *listed[0].PrivateLinkService != *service.ID {
		t.Errorf("approved in advance: %+v", listed)
	}
	consumer.connect("api", service.Properties.Alias)
	if got := consumer.status("api"); got != "Approved" {
		t.Errorf("the connection is %s", got)
	}
	_, err := consumer.network.NewPrivateEndpointsClient().BeginCreateOrUpdate(t.Context(), "apps", "more", tc.endpoint(service.Properties.Alias, false), nil)
	wantError(t, err, http.StatusBadRequest, "PrivateLinkServiceAliasRequiresManualConnection")
}

func TestAddresses(t *testing.T) {
	tc := startCloud(t)
	consumer, service := tc.consumer(), tc.provider().publish()
	// A /28 has 16 addresses, of which Azure keeps 5.
	for _, name := range strings.Split("abcdefghijk", "") {
		consumer.connect(name, service.ID)
	}
	_, err := consumer.network.NewPrivateEndpointsClient().BeginCreateOrUpdate(t.Context(), "apps", "l", tc.endpoint(service.ID, true), nil)
	wantError(t, err, http.StatusBadRequest, "SubnetIsFull")
}

func TestETags(t *testing.T) {
	tc := startCloud(t)
	subnets := tc.provider().network.NewSubnetsClient()
	subnet := must(subnets.Get(t.Context(), "services", "main", "nodes", nil))(t).Subnet
	ctx := policy.WithHTTPHeader(t.Context(), http.Header{"If-Match": []string{*subnet.Etag}})
	subnet.Properties.PrivateLinkServiceNetworkPolicies = to(armnetwork.VirtualNetworkPrivateLinkServiceNetworkPoliciesDisabled)
	changed := finish(subnets.BeginCreateOrUpdate(ctx, "services", "main", "nodes", subnet, nil))(t)
	if *changed.Etag == *subnet.Etag {
		t.Error("the ETag stays the same")
	}
	_, err := subnets.BeginCreateOrUpdate(ctx, "services", "main", "nodes", subnet, nil)
	wantError(t, err, http.StatusPreconditionFailed, "PreconditionFailed")
}

func TestWorldFileMakesTheSameIDs(t *testing.T) {
	one, other := startCloud(t), startCloud(t)
	made := one.Resources()
	for i, r := range other.Resources() {
		if made[i] != r {
			t.Errorf("got %v and %v", made[i], r)
		}
	}
	guid := func(tc testCloud) string {
		return *must(tc.provider().network.NewVirtualNetworksClient().Get(t.Context(), "services", "main", nil))(t).Properties.ResourceGUID
	}
	if guid(one) != guid(other) {
		t.Error("the virtual network has another GUID each time")
	}
}

func TestWorldFile(t *testing.T) {
	for _, test := range []struct{ name, from, to, says string }{
		{"when a key is unknown, it is refused", "scale:", "scael:", "scael"},
		{"when a role is unknown, it is refused", "Network Contributor, scope: payments", "Netwrok Contributor, scope: payments", `"Netwrok Contributor" is none of`},
		{"when a scope is unknown, it is refused", "scope: payments", "scope: payment", `no subscription "payment"`},
		{"when a principal is unknown, it is refused", "{principal: linkwright, role: Network Contributor, scope: apps}", "{principal: link, role: Owner}", `"consumer/link" has no service principal`},
		{"when an operation's name is unknown, its duration is refused", "scale: 6000", "provisioning: {endpoints: 1s}", `"endpoints" is none of`},
		{"when two tenants have one name, it is refused", "name: consumer", "name: provider", "used by tenants[0]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := ParseWorldFile([]byte(strings.Replace(world, test.from, test.to, 1)))
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %v, want %q", err, test.says)
			}
		})
	}
}
