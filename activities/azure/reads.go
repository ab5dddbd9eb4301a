package azure

import (
	"context"

	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/privatedns/armprivatedns"

	"github.com/linkwright/linkwright/internal/link"
)

// What steps and plans read of one resource. An audit finds it among all of its kind, which it has listed where the
// roles of package permissions allow that: over the subscription, or in a resource group.

func (s *site) readService(ctx context.Context, id link.AzureID) (armnetwork.PrivateLinkService, error) {
	if s.seen != nil {
		all, err := s.servicesSeen(ctx)
		return pick(all, id, err)
	}
	there, err := s.Services.Get(ctx, id.ResourceGroup, id.Name(), nil)
	return there.PrivateLinkService, err
}

func (s *site) readBalancer(ctx context.Context, id link.AzureID) (armnetwork.LoadBalancer, error) {
	if s.seen != nil {
		all, err := s.balancersSeen(ctx, id.ResourceGroup)
		return pick(all, id, err)
	}
	there, err := s.LoadBalancers.Get(ctx, id.ResourceGroup, id.Name(), nil)
	return there.LoadBalancer, err
}

func (s *site) readEndpoint(ctx context.Context, id link.AzureID) (armnetwork.PrivateEndpoint, error) {
	if s.seen != nil {
		all, err := s.endpointsSeen(ctx)
		return pick(all, id, err)
	}
	there, err := s.Endpoints.Get(ctx, id.ResourceGroup, id.Name(), nil)
	return there.PrivateEndpoint, err
}

func (s *site) readInterface(ctx context.Context, id link.AzureID) (armnetwork.Interface, error) {
	if s.seen != nil {
		all, err := s.interfacesSeen(ctx, id.ResourceGroup)
		return pick(all, id, err)
	}
	there, err := s.Interfaces.Get(ctx, id.ResourceGroup, id.Name(), nil)
	return there.Interface, err
}

func (s *site) readZone(ctx context.Context, id link.AzureID) (armprivatedns.PrivateZone, error) {
	if s.seen != nil {
		all, err := s.zonesSeen(ctx)
		return pick(all, id, err)
	}
	there, err := s.Zones.Get(ctx, id.ResourceGroup, id.Name(), nil)
	return there.PrivateZone, err
}

// pick finds one resource among those that were listed.
func pick[T any](all map[string]T, id link.AzureID, err error) (T, error) {
	one, ok := all[normalID(id).String()]
	if err == nil && !ok {
		err = errNotSeen
	}
	return one, err
}
