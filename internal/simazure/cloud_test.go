package simazure

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	azcloud "github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/privatedns/armprivatedns"

	"github.com/linkwright/linkwright/internal/simcloud"
)

// world is a provider with a load balancer, and a consumer of another tenant.
const world = `
scale: 6000
tenants:
  - name: provider
    applications:
      - {name: linkwright, secrets: [provider-secret]}
    assignments:
      - {principal: linkwright, role: Network Contributor, scope: payments}
    subscriptions:
      - name: payments
        resourceGroups:
          - name: services
            location: westeurope
            virtualNetworks:
              - name: main
                addressSpace: [10.1.0.0/16]
                subnets:
                  - {name: nodes, prefix: 10.1.0.0/24}
                  - {name: nat, prefix: 10.1.1.0/24, privateLinkServiceNetworkPolicies: Disabled}
            loadBalancers:
              - name: kubernetes-internal
                tags: {k8s-azure-service: payments/api}
                frontends: [{name: api, subnet: main/nodes, address: 10.1.0.10}, {name: other, subnet: main/nodes}]
                backendPools: [{name: nodes}]
                rules: [{name: https, frontend: api, backendPool: nodes, port: 443}]
              - name: by-address
                frontends: [{name: api, subnet: main/nodes}]
                backendPools: [{name: nodes, virtualNetwork: main, addresses: [10.1.0.200]}]
              - {name: basic, sku: Basic, frontends: [{name: api, subnet: main/nodes}]}
              - {name: public, frontends: [{name: api, public: true}]}
  - name: consumer
    applications:
      - {name: linkwright, secrets: [consumer-secret], tenants: [provider]}
    assignments:
      - {principal: linkwright, role: Network Contributor, scope: apps}
    subscriptions:
      - name: apps
        resourceGroups:
          - name: apps
            location: northeurope
            virtualNetworks:
              - {name: spoke, addressSpace: [10.2.0.0/16], subnets: [{name: endpoints, prefix: 10.2.0.0/28}, {name: more, prefix: 10.2.1.0/24}]}
              - {name: other, addressSpace: [10.3.0.0/16], subnets: [{name: endpoints, prefix: 10.3.0.0/24}]}
            privateDnsZones:
              - name: links.internal
                links: [{name: spoke, virtualNetwork: spoke}]
                records: [{name: old, type: A, ttl: 60, values: [10.2.0.200]}]
`

// testCloud is a running cloud.
type testCloud struct {
	*Cloud
	t *testing.T
}

func startCloud(t *testing.T, changes ...func(*Config)) testCloud {
	t.Helper()
	file, err := ParseWorldFile([]byte(world))
	if err != nil {
		t.Fatal(err)
	}
	config := Config{World: file, Log: slog.New(slog.NewTextHandler(t.Output(), nil))}
	for _, change := range changes {
		change(&config)
	}
	cloud, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	if err := cloud.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cloud.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return testCloud{Cloud: cloud, t: t}
}

// transport trusts the cloud.
func (tc testCloud) transport() *http.Client {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(tc.CAPEM())
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}
	tc.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// options are those of any client of the cloud, which does not repeat what fails.
func (tc testCloud) options() azcore.ClientOptions {
	return azcore.ClientOptions{
		Cloud: azcloud.Configuration{
			ActiveDirectoryAuthorityHost: tc.URL(),
			Services:                     map[azcloud.ServiceName]azcloud.ServiceConfiguration{azcloud.ResourceManager: {Endpoint: tc.URL(), Audience: "https://management.core.windows.net/"}},
		},
		Transport: tc.transport(), Retry: policy.RetryOptions{MaxRetries: -1},
	}
}

// credential is the one that a tenant's application linkwright has.
func (tc testCloud) credential(tenant string) azcore.TokenCredential {
	tc.t.Helper()
	for _, t := range tc.config.World.Tenants {
		for _, app := range t.Applications {
			if t.Name == tenant {
				return must(azidentity.NewClientSecretCredential(t.TenantID(), app.ID(t.Name), app.Secrets[0], &azidentity.ClientSecretCredentialOptions{
					ClientOptions: tc.options(), DisableInstanceDiscovery: true, AdditionallyAllowedTenants: []string{"*"},
				}))(tc.t)
			}
		}
	}
	tc.t.Fatalf("there is no tenant %s", tenant)
	return nil
}

// side is what one owner can do.
type side struct {
	tc           testCloud
	tenant       string
	subscription string
	group        string
	network      *armnetwork.ClientFactory
	dns          *armprivatedns.ClientFactory
}

func (tc testCloud) side(tenant, subscription, group string, changes ...func(*arm.ClientOptions)) side {
	tc.t.Helper()
	options := &arm.ClientOptions{ClientOptions: tc.options(), DisableRPRegistration: true}
	for _, change := range changes {
		change(options)
	}
	id := tc.subscriptionID(subscription)
	credential := tc.credential(tenant)
	return side{
		tc: tc, tenant: tenant, subscription: id, group: group,
		network: must(armnetwork.NewClientFactory(id, credential, options))(tc.t),
		dns:     must(armprivatedns.NewClientFactory(id, credential, options))(tc.t),
	}
}

func (tc testCloud) provider(changes ...func(*arm.ClientOptions)) side {
	return tc.side("provider", "payments", "services", changes...)
}
func (tc testCloud) consumer(changes ...func(*arm.ClientOptions)) side {
	return tc.side("consumer", "apps", "apps", changes...)
}

// id is that of a resource of the world file.
func (tc testCloud) id(tenant, kind, name string) *string {
	tc.t.Helper()
	for _, r := range tc.Resources() {
		if r.Tenant == tenant && r.Kind == kind && r.Name == name {
			id := string(r.ID)
			return &id
		}
	}
	tc.t.Fatalf("the world file made no %s %s in %s", kind, name, tenant)
	return nil
}

// finish waits for an operation.
func finish[T any](poller *runtime.Poller[T], err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		result, err := poller.PollUntilDone(t.Context(), &runtime.PollUntilDoneOptions{Frequency: time.Second})
		if err != nil {
			t.Fatal(err)
		}
		return result
	}
}

// must stops the test on an error.
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// wantError checks the code and status of an Azure error.
func wantError(t *testing.T, err error, status int, code string) {
	t.Helper()
	var e *azcore.ResponseError
	if !errors.As(err, &e) || e.ErrorCode != code || e.StatusCode != status {
		t.Fatalf("got the error %v, want %d %s", err, status, code)
	}
}

func to[T any](v T) *T { return &v }

func (tc testCloud) inject(rules ...simcloud.Fault) []*simcloud.Injected {
	tc.t.Helper()
	return must(tc.Inject(rules...))(tc.t)
}

// withResponse has a client's answer put aside.
func withResponse(ctx context.Context, into **http.Response) context.Context {
	return policy.WithCaptureResponse(ctx, into)
}
