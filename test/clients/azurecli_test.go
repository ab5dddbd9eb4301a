package clients

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/privatedns/armprivatedns"

	"github.com/linkwright/linkwright/internal/accounts"
	"github.com/linkwright/linkwright/test/lab"
)

// azureCLI is the installed Azure CLI, signed in to an account of a cloud that is registered with it. Its commands are
// those for resources of any type: Debian's version 2.45 has none for networks that work, for want of the API version
// that they are written for.
type azureCLI struct {
	folder string // of its configuration
	ca     string
}

func (c azureCLI) run(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "az", append(args, "--output", "json", "--only-show-errors")...)
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "AZURE_") {
			cmd.Env = append(cmd.Env, variable)
		}
	}
	cmd.Env = append(cmd.Env, "AZURE_CONFIG_DIR="+c.folder, "AZURE_CORE_COLLECT_TELEMETRY=false", "REQUESTS_CA_BUNDLE="+c.ca)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("az %s: %w: %s", strings.Join(args, " "), err, stderr.String())
	}
	return stdout.Bytes(), nil
}

// signIn registers the cloud and signs in as an account's administrator.
func signIn(ctx context.Context, t *testing.T, cloud *lab.AzureCloud, account string) azureCLI {
	t.Helper()
	c := azureCLI{t.TempDir(), cloud.CA}
	s, err := cloud.Subscription(account)
	if err != nil {
		t.Fatal(err)
	}
	clientID, secret := s.Application("admin")
	for _, args := range [][]string{
		// As AD FS, the CLI asks no Microsoft whether it knows the authority.
		{"cloud", "register", "--name", "linkwright", "--endpoint-resource-manager", cloud.Endpoint, "--endpoint-active-directory", cloud.Endpoint + "/adfs",
			"--endpoint-active-directory-resource-id", "https://management.core.windows.net/"},
		{"cloud", "set", "--name", "linkwright"},
		{"login", "--service-principal", "--tenant", s.TenantID, "--username", clientID, "--password", secret},
	} {
		if _, err := c.run(ctx, args...); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// show reads a resource, once it has been listed among those of its type.
func (c azureCLI) show(ctx context.Context, t *testing.T, id, kind string, into any) {
	t.Helper()
	listed, err := c.run(ctx, "resource", "list", "--resource-type", kind)
	if err != nil {
		t.Fatal(err)
	}
	var list []struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(listed, &list); err != nil || len(list) != 1 || !strings.EqualFold(list[0].ID, id) {
		t.Errorf("of type %s, az lists %v (%v), want %s alone", kind, list, err, id)
	}
	c.read(ctx, t, id, into)
}

func (c azureCLI) read(ctx context.Context, t *testing.T, id string, into any) {
	t.Helper()
	shown, err := c.run(ctx, "resource", "show", "--ids", id)
	if err == nil {
		err = json.Unmarshal(shown, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestAzureCLI compares what the Azure CLI shows of a link with what the SDK has made.
func TestAzureCLI(t *testing.T) {
	if _, err := exec.LookPath("az"); err != nil {
		t.Skip("Left out the Azure CLI: there is no az on the PATH.")
	}
	ctx, cancel := context.WithTimeoutCause(t.Context(), 5*time.Minute, errors.New("the Azure CLI takes longer than five minutes"))
	defer cancel()
	cloud := startCloud(ctx, t, lab.Options{Scenario: "azure"}).Azure
	made := azureBuilder{ctx, t, cloud}.link()
	provider, consumer := signIn(ctx, t, cloud, "orders"), signIn(ctx, t, cloud, "shop")

	var service armnetwork.PrivateLinkService
	provider.show(ctx, t, *made.service.ID, "Microsoft.Network/privateLinkServices", &service)
	if *service.Properties.Alias != *made.service.Properties.Alias {
		t.Errorf("az shows the alias %s, the SDK %s", *service.Properties.Alias, *made.service.Properties.Alias)
	}
	if c := service.Properties.PrivateEndpointConnections; len(c) != 1 || *c[0].Properties.PrivateLinkServiceConnectionState.Status != "Pending" {
		t.Errorf("az shows the connections %v, want one that is Pending", c)
	}
	var endpoint armnetwork.PrivateEndpoint
	consumer.show(ctx, t, *made.endpoint.ID, "Microsoft.Network/privateEndpoints", &endpoint)
	if got, want := endpoint.Properties.NetworkInterfaces, made.endpoint.Properties.NetworkInterfaces; len(got) != 1 || *got[0].ID != *want[0].ID {
		t.Errorf("az shows the interfaces %v, the SDK %v", got, want)
	}
	var zone armprivatedns.PrivateZone
	consumer.show(ctx, t, *made.zone.ID, "Microsoft.Network/privateDnsZones", &zone)
	var record armprivatedns.RecordSet
	consumer.read(ctx, t, *made.record.ID, &record)
	if got := record.Properties.ARecords; len(got) != 1 || *got[0].IPv4Address != "10.2.1.4" {
		t.Errorf("az shows the record %v", got)
	}
	page, err := consumer.actsAs(ctx, t, cloud, "shop").Endpoints.NewListBySubscriptionPager(nil).NextPage(ctx)
	if err != nil || len(page.Value) != 1 {
		t.Errorf("as whoever has signed in to az, Linkwright sees %v (%v)", page.Value, err)
	}
}

// actsAs has Linkwright's own clients act as whoever has signed in to the CLI.
func (c azureCLI) actsAs(ctx context.Context, t *testing.T, cloud *lab.AzureCloud, account string) *accounts.AzureClients {
	t.Helper()
	t.Setenv("AZURE_CONFIG_DIR", c.folder)
	t.Setenv("REQUESTS_CA_BUNDLE", c.ca)
	s, err := cloud.Subscription(account)
	if err != nil {
		t.Fatal(err)
	}
	book, err := accounts.Parse("accounts.yaml", fmt.Appendf(nil, `
accounts:
  %s:
    azure: {tenantID: %s, subscriptionID: %s, credential: {azureCLI: {}}, endpoint: %q, caFile: %q}
`, account, s.TenantID, s.ID, cloud.Endpoint, c.ca))
	if err != nil {
		t.Fatal(err)
	}
	clients, err := book.AzureClients(ctx, account)
	if err != nil {
		t.Fatal(err)
	}
	return clients
}

// azureLink is a link in the demo's Azure, made with the SDK.
type azureLink struct {
	service  armnetwork.PrivateLinkService
	endpoint armnetwork.PrivateEndpoint
	zone     armprivatedns.PrivateZone
	record   armprivatedns.RecordSet
}

// azureBuilder makes it; what cannot fail in a cloud that works ends the test if it does.
type azureBuilder struct {
	ctx   context.Context
	t     *testing.T
	cloud *lab.AzureCloud
}

func (b azureBuilder) link() (made azureLink) {
	b.t.Helper()
	provider, consumer, names := b.networks("orders"), b.networks("shop"), b.names("shop")
	const cluster = "MC_rg-orders_orders_westeurope"
	subnet := b.cloud.Resource("orders", "subnet", "cluster/nat")
	seen(b, func() (*runtime.Poller[armnetwork.SubnetsClientCreateOrUpdateResponse], error) {
		return provider.NewSubnetsClient().BeginCreateOrUpdate(b.ctx, cluster, "cluster", "nat", armnetwork.Subnet{Properties: &armnetwork.SubnetPropertiesFormat{
			AddressPrefix:                     new("10.240.1.0/24"),
			PrivateLinkServiceNetworkPolicies: new(armnetwork.VirtualNetworkPrivateLinkServiceNetworkPoliciesDisabled),
		}}, nil)
	})
	made.service = seen(b, func() (*runtime.Poller[armnetwork.PrivateLinkServicesClientCreateOrUpdateResponse], error) {
		return provider.NewPrivateLinkServicesClient().BeginCreateOrUpdate(b.ctx, "rg-orders", "orders", armnetwork.PrivateLinkService{
			Location: new("westeurope"),
			Properties: &armnetwork.PrivateLinkServiceProperties{
				LoadBalancerFrontendIPConfigurations: []*armnetwork.FrontendIPConfiguration{
					{ID: new(b.cloud.Resource("orders", "frontend", "kubernetes-internal/a0a1b2c3d4e5f67890a1b2c3d4e5f678"))}},
				IPConfigurations: []*armnetwork.PrivateLinkServiceIPConfiguration{{Name: new("nat"), Properties: &armnetwork.PrivateLinkServiceIPConfigurationProperties{
					Primary: new(true), PrivateIPAllocationMethod: new(armnetwork.IPAllocationMethodDynamic), Subnet: &armnetwork.Subnet{ID: &subnet},
				}}},
				Visibility: &armnetwork.PrivateLinkServicePropertiesVisibility{Subscriptions: []*string{new("*")}},
			},
		}, nil)
	}).PrivateLinkService
	made.endpoint = seen(b, func() (*runtime.Poller[armnetwork.PrivateEndpointsClientCreateOrUpdateResponse], error) {
		return consumer.NewPrivateEndpointsClient().BeginCreateOrUpdate(b.ctx, "rg-shop", "orders", armnetwork.PrivateEndpoint{
			Location: new("northeurope"),
			Properties: &armnetwork.PrivateEndpointProperties{
				Subnet: &armnetwork.Subnet{ID: new(b.cloud.Resource("shop", "subnet", "spoke/endpoints"))},
				ManualPrivateLinkServiceConnections: []*armnetwork.PrivateLinkServiceConnection{{
					Name: new("orders"), Properties: &armnetwork.PrivateLinkServiceConnectionProperties{PrivateLinkServiceID: made.service.Properties.Alias},
				}},
			},
		}, nil)
	}).PrivateEndpoint
	made.zone = seen(b, func() (*runtime.Poller[armprivatedns.PrivateZonesClientCreateOrUpdateResponse], error) {
		return names.NewPrivateZonesClient().BeginCreateOrUpdate(b.ctx, "rg-shop", "k.acme.com", armprivatedns.PrivateZone{Location: new("global")}, nil)
	}).PrivateZone
	record, err := names.NewRecordSetsClient().CreateOrUpdate(b.ctx, "rg-shop", "k.acme.com", armprivatedns.RecordTypeA, "orders", armprivatedns.RecordSet{
		Properties: &armprivatedns.RecordSetProperties{TTL: new(int64(60)), ARecords: []*armprivatedns.ARecord{{IPv4Address: new("10.2.1.4")}}},
	}, nil)
	b.check(err)
	made.record = record.RecordSet
	return made
}

func (b azureBuilder) check(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b azureBuilder) networks(account string) *armnetwork.ClientFactory {
	b.t.Helper()
	subscription, credential, options, err := b.cloud.Admin(account)
	b.check(err)
	f, err := armnetwork.NewClientFactory(subscription, credential, options)
	b.check(err)
	return f
}

func (b azureBuilder) names(account string) *armprivatedns.ClientFactory {
	b.t.Helper()
	subscription, credential, options, err := b.cloud.Admin(account)
	b.check(err)
	f, err := armprivatedns.NewClientFactory(subscription, credential, options)
	b.check(err)
	return f
}

// seen sees a change through.
func seen[T any](b azureBuilder, begin func() (*runtime.Poller[T], error)) T {
	b.t.Helper()
	poller, err := begin()
	b.check(err)
	result, err := poller.PollUntilDone(b.ctx, &runtime.PollUntilDoneOptions{Frequency: time.Second})
	b.check(err)
	return result
}
