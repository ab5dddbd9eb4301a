package simazure

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"

	"github.com/linkwright/linkwright/internal/simazure/arm"
)

// ask sends a request as the Azure CLI does, and reads the answer.
func (tc testCloud) ask(token, method, path, body string) (int, http.Header, map[string]any) {
	tc.t.Helper()
	request := must(http.NewRequestWithContext(tc.t.Context(), method, tc.URL()+path, strings.NewReader(body)))(tc.t)
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response := must(tc.transport().Do(request))(tc.t)
	data := must(io.ReadAll(response.Body))(tc.t)
	if err := response.Body.Close(); err != nil {
		tc.t.Error(err)
	}
	var read map[string]any
	if len(data) > 0 && data[0] == '{' {
		if err := json.Unmarshal(data, &read); err != nil {
			tc.t.Errorf("%s %s: %v", method, path, err)
		}
	}
	return response.StatusCode, response.Header, read
}

func TestResourceManager(t *testing.T) {
	tc := startCloud(t)
	if err := tc.SetRoleAssignments(tc.PrincipalID("provider", "linkwright"), []RoleAssignment{{Role: "Contributor", Scope: arm.IDOf("subscriptions", tc.subscriptionID("payments"))}}); err != nil {
		t.Fatal(err)
	}
	token := must(tc.token(tc.credential("provider")))(t)
	sub := "/subscriptions/" + tc.subscriptionID("payments")
	for _, test := range []struct {
		name, method, path, body string
		status                   int
		count                    int // of the values of a list; -1 for none
	}{
		{"when tenants are asked for, there is the token's", http.MethodGet, "/tenants", "", 200, 1},
		{"when subscriptions are asked for, there are the tenant's", http.MethodGet, "/subscriptions", "", 200, 1},
		{"when the subscription is asked for, it is there", http.MethodGet, sub, "", 200, -1},
		{"when another subscription is asked for, it is not there", http.MethodGet, "/subscriptions/99999999-9999-4999-8999-999999999999", "", 404, -1},
		{"when locations are asked for, there are some", http.MethodGet, sub + "/locations", "", 200, len(arm.Regions())},
		{"when a provider is asked for, it is registered", http.MethodGet, sub + "/providers/Microsoft.Network", "", 200, -1},
		{"when a provider is registered, it is", http.MethodPost, sub + "/providers/microsoft.network/register", "", 200, -1},
		{"when an unknown provider is asked for, it is refused", http.MethodGet, sub + "/providers/Microsoft.Storage", "", 404, -1},
		{"when a group is there, its head says so", http.MethodHead, sub + "/resourceGroups/services", "", 204, -1},
		{"when a group is made, it is there", http.MethodPut, sub + "/resourcegroups/new", `{"location": "West Europe"}`, 201, -1},
		{"when it is made elsewhere again, it is refused", http.MethodPut, sub + "/resourcegroups/new", `{"location": "eastus"}`, 409, -1},
		{"when groups are asked for, there are both", http.MethodGet, sub + "/resourceGroups", "", 200, 2},
		{"when load balancers are asked for among all resources, there are those", http.MethodGet, sub + "/resources?$filter=" + "resourceType%20eq%20%27Microsoft.Network%2FloadBalancers%27", "", 200, 4},
		{"when the group is deleted, it takes a while", http.MethodDelete, sub + "/resourceGroups/services", "", 202, -1},
		{"when something unknown is asked for, it is refused", http.MethodGet, sub + "/resourceGroups/new/providers/Microsoft.Storage/storageAccounts", "", 404, -1},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := test.path + "?api-version=2022-12-01"
			if strings.Contains(test.path, "?") {
				path = test.path + "&api-version=2022-12-01"
			}
			status, _, read := tc.ask(token, test.method, path, test.body)
			list, _ := read["value"].([]any)
			if status != test.status || test.count >= 0 && len(list) != test.count {
				t.Errorf("got %d, %d values: %v", status, len(list), read["error"])
			}
		})
	}
	if status, _, read := tc.ask(token, http.MethodGet, sub, ""); status != http.StatusBadRequest {
		t.Errorf("without an api-version: %d %v", status, read)
	}
}

func TestMetadataEndpoints(t *testing.T) {
	tc := startCloud(t)
	status, _, read := tc.ask("", http.MethodGet, "/metadata/endpoints?api-version=2015-01-01", "")
	authentication, _ := read["authentication"].(map[string]any)
	if status != http.StatusOK || authentication["loginEndpoint"] != tc.URL()+"/" {
		t.Errorf("got %d, %v", status, read)
	}
}

func TestAdminPaths(t *testing.T) {
	tc := startCloud(t)
	principal := tc.PrincipalID("consumer", "linkwright")
	consumer := tc.consumer()
	set := func(body string) {
		t.Helper()
		if status, _, _ := tc.ask("", http.MethodPut, "/_linkwright/role-assignments?principal="+principal, body); status != http.StatusNoContent {
			t.Errorf("role assignments: %d", status)
		}
	}
	set(`[{"role": "Reader", "scope": "/subscriptions/` + consumer.subscription + `"}]`)
	wantError(t, consumer.putRecord(), http.StatusForbidden, "AuthorizationFailed")
	set("null")
	if err := consumer.putRecord(); err != nil {
		t.Errorf("with the world file's roles again: %v", err)
	}
	if status, _, _ := tc.ask("", http.MethodPut, "/_linkwright/role-assignments?principal=nobody", "[]"); status != http.StatusBadRequest {
		t.Errorf("roles of nobody: %d", status)
	}
	_, _, answer := tc.ask("", http.MethodGet, "/_linkwright/resolve?name=api.links.internal&vnet="+*tc.id("consumer", "virtual-network", "spoke"), "")
	if records, _ := answer["records"].([]any); answer["code"] != "NOERROR" || len(records) != 1 {
		t.Errorf("the name resolves to %v", answer)
	}
	if status, _, _ := tc.ask("", http.MethodPost, "/_linkwright/faults", `{"effect": "unavailable"}`); status != http.StatusNoContent || len(tc.Faults()) != 1 {
		t.Errorf("a fault: %d", status)
	}
}

func TestLimits(t *testing.T) {
	tc := startCloud(t, func(c *Config) { c.World.Limits = arm.Limits{ServicesPerLoadBalancer: 1, EndpointsPerService: 1} })
	provider, consumer := tc.provider(), tc.consumer()
	service := provider.publish()
	other := tc.service(func(p *armnetwork.PrivateLinkServiceProperties) {
		p.LoadBalancerFrontendIPConfigurations[0].ID = tc.id("provider", "frontend", "kubernetes-internal/other")
	})
	_, err := provider.network.NewPrivateLinkServicesClient().BeginCreateOrUpdate(t.Context(), "services", "other", other, nil)
	wantError(t, err, http.StatusBadRequest, "PrivateLinkServicePerLoadBalancerCountLimitReached")
	consumer.connect("one", service.ID)
	_, err = consumer.network.NewPrivateEndpointsClient().BeginCreateOrUpdate(t.Context(), "apps", "two", tc.endpoint(service.ID, true), nil)
	wantError(t, err, http.StatusBadRequest, "PrivateEndpointPerPrivateLinkServiceCountLimitReached")
}
