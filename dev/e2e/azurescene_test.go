package e2e

import (
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/privatedns/armprivatedns"

	"github.com/linkwright/linkwright/dev/inventory"
	"github.com/linkwright/linkwright/dev/stack"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
)

// azureScene is a provider and a consumer in two tenants, and a subscription of the consumer's with private DNS zones,
// all of them one test's own.
type azureScene struct {
	stage
	// before is what was there at the beginning.
	before inventory.Inventory
	// roles are what Linkwright may do in the subscriptions: just what the specs need.
	roles roles
}

// azureTaken counts the scenes that tests have taken.
var azureTaken atomic.Int64

func newAzureScene(t *testing.T) *azureScene {
	t.Helper()
	n := int(azureTaken.Add(1))
	if n > azureSceneCount() {
		t.Fatalf("all %d scenes in Azure are taken: raise their number", azureSceneCount())
	}
	s := &azureScene{stage: newStage(t, azureSceneName(n-1)), roles: newRoles()}
	s.before = s.look()
	return s
}

// The names of the scene's accounts.
func (s *azureScene) provider() string   { return s.name + "-provider" }
func (s *azureScene) consumer() string   { return s.name + "-consumer" }
func (s *azureScene) names() string      { return s.name + "-dns" }
func (s *azureScene) accounts() []string { return []string{s.provider(), s.consumer(), s.names()} }

// admins are how the administrators of subscriptions act in them.
var admins = sync.OnceValues(func() (map[string]stack.AzureAccount, error) {
	all, err := shared.AzureAccounts()
	by := map[string]stack.AzureAccount{}
	for _, a := range all {
		by[a.Name] = a
	}
	return by, err
})

func (s *azureScene) admin(account string) stack.AzureAccount {
	s.t.Helper()
	all, err := admins()
	if err != nil {
		s.t.Fatal(err)
	}
	return all[account]
}

func (s *azureScene) networks(account string) *armnetwork.ClientFactory {
	s.t.Helper()
	a := s.admin(account)
	f, err := armnetwork.NewClientFactory(a.ID, a.Credential, a.Options)
	if err != nil {
		s.t.Fatal(err)
	}
	return f
}

// id is the resource id of something in the scene's surroundings.
func (s *azureScene) id(account, kind, name string) string {
	s.t.Helper()
	id := shared.AzureID(account, kind, name)
	if id == "" {
		s.t.Fatalf("subscription %s has no %s %s", account, kind, name)
	}
	return id
}

// look lists what there is in the scene's subscriptions.
func (s *azureScene) look() inventory.Inventory {
	s.t.Helper()
	var all inventory.Inventory
	for _, name := range s.accounts() {
		a := s.admin(name)
		found, err := inventory.TakeAzure(s.ctx, name, a.ID, a.Credential, a.Options)
		if err != nil {
			s.t.Fatal(err)
		}
		all = append(all, found...)
	}
	return all
}

func (s *azureScene) wantAsBefore() {
	s.t.Helper()
	s.wantSame(s.before, s.look())
}

// serviceSpec is a service that the consumer may see; changes alter it. The roles may then do what it needs.
func (s *azureScene) serviceSpec(changes ...func(*link.EndpointServiceSpec)) link.EndpointService {
	s.t.Helper()
	doc := link.EndpointService{APIVersion: link.APIVersion, Kind: link.KindEndpointService, Metadata: link.Metadata{Name: s.name}, Spec: link.EndpointServiceSpec{
		Account: s.provider(), Region: "westeurope",
		Azure: &link.AzureEndpointService{
			ResourceGroup: "services",
			Frontends:     &link.AzureFrontends{IDs: []string{s.id(s.provider(), "frontend", "internal/api")}},
			NAT:           &link.AzureNAT{Subnet: s.id(s.provider(), "subnet", "main/nat")},
			Visibility:    []string{s.admin(s.consumer()).ID},
		},
	}}
	for _, change := range changes {
		change(&doc.Spec)
	}
	s.grant(link.Document{Service: &doc})
	return doc
}

// connectionSpec is a connection with a name in a zone that is made for it; changes alter it. The roles may then do what
// it needs.
func (s *azureScene) connectionSpec(name string, changes ...func(*link.ConnectionSpec)) link.Connection {
	s.t.Helper()
	doc := link.Connection{APIVersion: link.APIVersion, Kind: link.KindConnection, Metadata: link.Metadata{Name: name}, Spec: link.ConnectionSpec{
		Service: s.name, Account: s.consumer(), Region: "northeurope",
		Azure: &link.AzureConnection{ResourceGroup: "apps", Subnet: s.id(s.consumer(), "subnet", "spoke/endpoints")},
		DNS: link.ConnectionDNS{Mode: link.DNSHostedZone, HostedZone: &link.HostedZone{
			Account: s.names(), Name: s.zoneName(), ResourceGroup: "names", Records: []link.ZoneRecord{{Name: "api." + s.zoneName()}},
		}},
	}}
	for _, change := range changes {
		change(&doc.Spec)
	}
	s.grant(link.Document{Connection: &doc})
	return doc
}

func (s *azureScene) zoneName() string { return "k." + s.name + ".example" }

// nameless leaves the names out of a connection.
func nameless(spec *link.ConnectionSpec) { spec.DNS = link.ConnectionDNS{} }

// publish applies the service.
func (s *azureScene) publish(changes ...func(*link.EndpointServiceSpec)) {
	s.t.Helper()
	s.insist(func() error {
		_, err := s.flows.ApplyService(s.ctx, s.serviceSpec(changes...), "tester")
		return err
	})
}

// connect applies a connection.
func (s *azureScene) connect(name string, changes ...func(*link.ConnectionSpec)) flows.Ref {
	s.t.Helper()
	s.insist(func() error {
		_, err := s.flows.ApplyConnection(s.ctx, s.connectionSpec(name, changes...), "tester")
		return err
	})
	return s.connection(name)
}

// openEndpoint makes a private endpoint by hand, and returns its resource id.
func (s *azureScene) openEndpoint(name, alias string) string {
	s.t.Helper()
	made := done(s, func() (*runtime.Poller[armnetwork.PrivateEndpointsClientCreateOrUpdateResponse], error) {
		return s.networks(s.consumer()).NewPrivateEndpointsClient().BeginCreateOrUpdate(s.ctx, "apps", name, armnetwork.PrivateEndpoint{
			Location: new("northeurope"),
			Properties: &armnetwork.PrivateEndpointProperties{
				Subnet: &armnetwork.Subnet{ID: new(s.id(s.consumer(), "subnet", "spoke/endpoints"))},
				ManualPrivateLinkServiceConnections: []*armnetwork.PrivateLinkServiceConnection{{
					Name: new(name), Properties: &armnetwork.PrivateLinkServiceConnectionProperties{PrivateLinkServiceID: &alias, RequestMessage: new("by hand")},
				}},
			},
		}, nil)
	})
	return *made.ID
}

func (s *azureScene) deleteEndpoint(name string) {
	s.t.Helper()
	done(s, func() (*runtime.Poller[armnetwork.PrivateEndpointsClientDeleteResponse], error) {
		return s.networks(s.consumer()).NewPrivateEndpointsClient().BeginDelete(s.ctx, "apps", name, nil)
	})
}

// foreignService makes a private link service by hand, and returns its resource id and its alias.
func (s *azureScene) foreignService(name string) (id, alias string) {
	s.t.Helper()
	subnet := s.id(s.provider(), "subnet", "main/spare")
	parsed, _ := link.ParseAzureID(subnet)
	subnets := s.networks(s.provider()).NewSubnetsClient()
	done(s, func() (*runtime.Poller[armnetwork.SubnetsClientCreateOrUpdateResponse], error) {
		return subnets.BeginCreateOrUpdate(s.ctx, parsed.ResourceGroup, parsed.Names[0], parsed.Name(), armnetwork.Subnet{Properties: &armnetwork.SubnetPropertiesFormat{
			AddressPrefix:                     new("10.240.2.0/24"),
			PrivateLinkServiceNetworkPolicies: new(armnetwork.VirtualNetworkPrivateLinkServiceNetworkPoliciesDisabled),
		}}, nil)
	})
	made := done(s, func() (*runtime.Poller[armnetwork.PrivateLinkServicesClientCreateOrUpdateResponse], error) {
		return s.networks(s.provider()).NewPrivateLinkServicesClient().BeginCreateOrUpdate(s.ctx, "services", name, armnetwork.PrivateLinkService{
			Location: new("westeurope"),
			Properties: &armnetwork.PrivateLinkServiceProperties{
				LoadBalancerFrontendIPConfigurations: []*armnetwork.FrontendIPConfiguration{{ID: new(s.id(s.provider(), "frontend", "internal/other"))}},
				IPConfigurations: []*armnetwork.PrivateLinkServiceIPConfiguration{{Name: new("nat"), Properties: &armnetwork.PrivateLinkServiceIPConfigurationProperties{
					Primary: new(true), PrivateIPAllocationMethod: new(armnetwork.IPAllocationMethodDynamic), Subnet: &armnetwork.Subnet{ID: &subnet},
				}}},
				Visibility: &armnetwork.PrivateLinkServicePropertiesVisibility{Subscriptions: []*string{new("*")}},
			},
		}, nil)
	})
	return *made.ID, *made.Properties.Alias
}

func (s *azureScene) deleteForeignService(name string) {
	s.t.Helper()
	done(s, func() (*runtime.Poller[armnetwork.PrivateLinkServicesClientDeleteResponse], error) {
		return s.networks(s.provider()).NewPrivateLinkServicesClient().BeginDelete(s.ctx, "services", name, nil)
	})
}

// done sees a change through, as people do.
func done[T any](s *azureScene, begin func() (*runtime.Poller[T], error)) T {
	s.t.Helper()
	poller, err := begin()
	if err != nil {
		s.t.Fatal(err)
	}
	result, err := poller.PollUntilDone(s.ctx, &runtime.PollUntilDoneOptions{Frequency: glance})
	if err != nil {
		s.t.Fatal(err)
	}
	return result
}

// changeRecord has somebody else write another address into a record of the connection's zone.
func (s *azureScene) changeRecord(name, address string) {
	s.t.Helper()
	a := s.admin(s.names())
	sets, err := armprivatedns.NewRecordSetsClient(a.ID, a.Credential, a.Options)
	if err != nil {
		s.t.Fatal(err)
	}
	have, err := sets.Get(s.ctx, "names", s.zoneName(), armprivatedns.RecordTypeA, name, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	have.Properties.ARecords[0].IPv4Address = &address
	if _, err := sets.CreateOrUpdate(s.ctx, "names", s.zoneName(), armprivatedns.RecordTypeA, name, have.RecordSet, nil); err != nil {
		s.t.Fatal(err)
	}
}

// makeGroup makes a resource group, by the one call that it takes.
func (s *azureScene) makeGroup(account, name, location string) {
	s.t.Helper()
	a := s.admin(account)
	client, err := arm.NewClient("dev/e2e", "v0.0.0", a.Credential, a.Options)
	if err != nil {
		s.t.Fatal(err)
	}
	request, err := runtime.NewRequest(s.ctx, http.MethodPut, client.Endpoint()+"/subscriptions/"+a.ID+"/resourceGroups/"+name+"?api-version=2024-03-01")
	if err == nil {
		err = runtime.MarshalAsJSON(request, map[string]string{"location": location})
	}
	if err != nil {
		s.t.Fatal(err)
	}
	response, err := client.Pipeline().Do(request)
	if err != nil || response.StatusCode != http.StatusCreated {
		s.t.Fatalf("the resource group is not made: %v, %v", response, err)
	}
}

// makeSubnet makes a subnet of the consumer's network.
func (s *azureScene) makeSubnet(name, prefix string) {
	s.t.Helper()
	done(s, func() (*runtime.Poller[armnetwork.SubnetsClientCreateOrUpdateResponse], error) {
		return s.networks(s.consumer()).NewSubnetsClient().BeginCreateOrUpdate(s.ctx, "apps", "spoke", name,
			armnetwork.Subnet{Properties: &armnetwork.SubnetPropertiesFormat{AddressPrefix: &prefix}}, nil)
	})
}
