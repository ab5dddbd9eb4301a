package inventory

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/privatedns/armprivatedns"

	"github.com/linkwright/linkwright/internal/link"
)

// The kinds of items in Azure.
const (
	PrivateLinkService = "private link service"
	PrivateEndpoint    = "private endpoint"
	AzureConnection    = "private endpoint connection"
	PrivateDNSZone     = "private DNS zone"
	NetworkLink        = "virtual network link"
	RecordSet          = "record set"
)

// TakeAzure looks into one subscription.
func TakeAzure(ctx context.Context, account, subscription string, credential azcore.TokenCredential, options *arm.ClientOptions) (Inventory, error) {
	networks, err := armnetwork.NewClientFactory(subscription, credential, options)
	if err != nil {
		return nil, fmt.Errorf("look into account %s: %w", account, err)
	}
	names, err := armprivatedns.NewClientFactory(subscription, credential, options)
	if err != nil {
		return nil, fmt.Errorf("look into account %s: %w", account, err)
	}
	var all Inventory
	for _, list := range []func() (Inventory, error){
		func() (Inventory, error) { return privateLinkServices(ctx, networks) },
		func() (Inventory, error) { return privateEndpoints(ctx, networks) },
		func() (Inventory, error) { return networkInterfaces(ctx, networks) },
		func() (Inventory, error) { return privateZones(ctx, names) },
	} {
		found, err := list()
		if err != nil {
			return nil, fmt.Errorf("look into account %s: %w", account, err)
		}
		all = append(all, found...)
	}
	for i := range all {
		all[i].Account = account
	}
	slices.SortFunc(all, func(a, b Item) int { return cmp.Compare(a.String(), b.String()) })
	return all, nil
}

// gather makes items of everything on all pages.
func gather[Page any](ctx context.Context, pages *runtime.Pager[Page], items func(Page) Inventory) (Inventory, error) {
	var all Inventory
	for pages.More() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, items(page)...)
	}
	return all, nil
}

func privateLinkServices(ctx context.Context, f *armnetwork.ClientFactory) (Inventory, error) {
	pages := f.NewPrivateLinkServicesClient().NewListBySubscriptionPager(nil)
	return gather(ctx, pages, func(p armnetwork.PrivateLinkServicesClientListBySubscriptionResponse) (items Inventory) {
		for _, s := range p.Value {
			items = append(items, Item{Kind: PrivateLinkService, ID: *s.ID, Owner: ownerIn(s.Tags)})
			for _, c := range s.Properties.PrivateEndpointConnections {
				items = append(items, Item{Kind: AzureConnection, ID: *c.ID, Detail: *c.Properties.PrivateLinkServiceConnectionState.Status})
			}
		}
		return items
	})
}

func privateEndpoints(ctx context.Context, f *armnetwork.ClientFactory) (Inventory, error) {
	pages := f.NewPrivateEndpointsClient().NewListBySubscriptionPager(nil)
	return gather(ctx, pages, func(p armnetwork.PrivateEndpointsClientListBySubscriptionResponse) (items Inventory) {
		for _, e := range p.Value {
			items = append(items, Item{Kind: PrivateEndpoint, ID: *e.ID, Owner: ownerIn(e.Tags)})
		}
		return items
	})
}

func networkInterfaces(ctx context.Context, f *armnetwork.ClientFactory) (Inventory, error) {
	return gather(ctx, f.NewInterfacesClient().NewListAllPager(nil), func(p armnetwork.InterfacesClientListAllResponse) (items Inventory) {
		for _, i := range p.Value {
			items = append(items, Item{Kind: Interface, ID: *i.ID, Detail: addressIn(i)})
		}
		return items
	})
}

func privateZones(ctx context.Context, f *armprivatedns.ClientFactory) (Inventory, error) {
	zones, err := gather(ctx, f.NewPrivateZonesClient().NewListPager(nil), func(p armprivatedns.PrivateZonesClientListResponse) (items Inventory) {
		for _, z := range p.Value {
			items = append(items, Item{Kind: PrivateDNSZone, ID: *z.ID, Owner: ownerIn(z.Tags)})
		}
		return items
	})
	all := zones
	for _, zone := range zones {
		id, ok := link.ParseAzureID(zone.ID)
		if err != nil || !ok {
			return nil, cmp.Or(err, fmt.Errorf("%q is no resource id", zone.ID))
		}
		links := f.NewVirtualNetworkLinksClient().NewListPager(id.ResourceGroup, id.Name(), nil)
		var found Inventory
		found, err = gather(ctx, links, func(p armprivatedns.VirtualNetworkLinksClientListResponse) (items Inventory) {
			for _, l := range p.Value {
				items = append(items, Item{Kind: NetworkLink, ID: *l.ID, Detail: *l.Properties.VirtualNetwork.ID, Owner: ownerIn(l.Tags)})
			}
			return items
		})
		all = append(all, found...)
		if err != nil {
			return nil, err
		}
		sets := f.NewRecordSetsClient().NewListPager(id.ResourceGroup, id.Name(), nil)
		found, err = gather(ctx, sets, func(p armprivatedns.RecordSetsClientListResponse) (items Inventory) {
			for _, set := range p.Value {
				items = append(items, Item{Kind: RecordSet, ID: *set.ID, Detail: addressesOf(set), Owner: ownerIn(set.Properties.Metadata)})
			}
			return items
		})
		all = append(all, found...)
		if err != nil {
			return nil, err
		}
	}
	return all, err
}

// addressIn is an interface's own address.
func addressIn(i *armnetwork.Interface) string {
	for _, c := range i.Properties.IPConfigurations {
		if c.Properties != nil && c.Properties.PrivateIPAddress != nil {
			return *c.Properties.PrivateIPAddress
		}
	}
	return ""
}

func addressesOf(set *armprivatedns.RecordSet) string {
	var list []string
	for _, a := range set.Properties.ARecords {
		list = append(list, *a.IPv4Address)
	}
	return strings.Join(list, " ")
}

// ownerIn is the value of Linkwright's ownership tag among tags, or metadata.
func ownerIn(tags map[string]*string) string {
	if owner := tags[link.AzureOwnerTag]; owner != nil {
		return *owner
	}
	return ""
}
