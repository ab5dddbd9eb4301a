package azure

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/privatedns/armprivatedns"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/accounts"
	"github.com/linkwright/linkwright/internal/link"
)

// snapshot is what an audit has seen of a subscription. All of a kind is looked at once, when the first is wanted:
//
//	kind                     looked at
//	------------------------------------------------------
//	private link services,
//	  with their connections in the subscription
//	private endpoints        in the subscription
//	private DNS zones        in the subscription
//	network interfaces       in a resource group
//	load balancers           in a resource group
//	virtual network links    in a zone alone
//	record sets              in a zone alone
//
// Azure has no list of links or records over several zones (Private DNS REST API reference). Interfaces and load
// balancers are listed no further than the roles of package permissions reach.
type snapshot struct {
	services    memo[map[string]armnetwork.PrivateLinkService]
	endpoints   memo[map[string]armnetwork.PrivateEndpoint]
	zones       memo[map[string]armprivatedns.PrivateZone]
	interfaces  memo[map[string]armnetwork.Interface]    // by resource group
	balancers   memo[map[string]armnetwork.LoadBalancer] // by resource group
	connections memo[[]activities.ConnectionView]        // by service
	links       memo[[]zoneLink]                         // by zone
	records     memo[[]armprivatedns.RecordSet]          // by zone

	tally *accounts.Tally
	// reads are the calls that looked at one thing alone.
	reads int
	// listed says that Azure has answered with a list; interrupted that a look failed by what passes.
	listed, interrupted bool
}

func newSnapshot(tally *accounts.Tally) *snapshot {
	return &snapshot{
		services: memo[map[string]armnetwork.PrivateLinkService]{}, endpoints: memo[map[string]armnetwork.PrivateEndpoint]{},
		zones: memo[map[string]armprivatedns.PrivateZone]{}, interfaces: memo[map[string]armnetwork.Interface]{},
		balancers: memo[map[string]armnetwork.LoadBalancer]{}, connections: memo[[]activities.ConnectionView]{},
		links: memo[[]zoneLink]{}, records: memo[[]armprivatedns.RecordSet]{}, tally: tally,
	}
}

// errNotSeen says that something is not among all of its kind.
var errNotSeen = errors.New("it is not there")

// memo is what looks have found, or failed by.
type memo[T any] map[string]memory[T]

type memory[T any] struct {
	found T
	err   error
}

// recall looks once.
func recall[T any](s *site, m memo[T], key string, look func() (T, error)) (T, error) {
	if _, looked := m[key]; !looked {
		found, err := look()
		if err != nil && !notThere(err) {
			err = s.failed(err)
			_, stays := activities.ProblemOf(err)
			s.seen.interrupted = s.seen.interrupted || !stays
		}
		m[key] = memory[T]{found, err}
	}
	return m[key].found, m[key].err
}

// listed looks once at everything of a kind in a scope.
func listed[T any](s *site, m memo[map[string]T], scope string, list func() ([]T, error), id func(T) *string) (map[string]T, error) {
	return recall(s, m, strings.ToLower(scope), func() (map[string]T, error) {
		all, err := list()
		if err != nil {
			return nil, err
		}
		s.seen.listed = true
		byID := make(map[string]T, len(all))
		for _, one := range all {
			byID[normal(value(id(one)))] = one
		}
		return byID, nil
	})
}

// alone looks once at what is to be had for one thing alone, and counts the calls.
func alone[T any](s *site, m memo[[]T], id string, look func() ([]T, error)) ([]T, error) {
	return recall(s, m, id, func() ([]T, error) {
		before := s.seen.tally.Calls()
		found, err := look()
		s.seen.reads += s.seen.tally.Calls() - before
		return found, err
	})
}

const inSubscription = ""

func (s *site) servicesSeen(ctx context.Context) (map[string]armnetwork.PrivateLinkService, error) {
	return listed(s, s.seen.services, inSubscription, func() ([]armnetwork.PrivateLinkService, error) { return s.services(ctx) },
		func(p armnetwork.PrivateLinkService) *string { return p.ID })
}

func (s *site) endpointsSeen(ctx context.Context) (map[string]armnetwork.PrivateEndpoint, error) {
	return listed(s, s.seen.endpoints, inSubscription, func() ([]armnetwork.PrivateEndpoint, error) { return s.endpoints(ctx) },
		func(e armnetwork.PrivateEndpoint) *string { return e.ID })
}

func (s *site) zonesSeen(ctx context.Context) (map[string]armprivatedns.PrivateZone, error) {
	return listed(s, s.seen.zones, inSubscription, func() ([]armprivatedns.PrivateZone, error) { return s.zones(ctx) },
		func(z armprivatedns.PrivateZone) *string { return z.ID })
}

func (s *site) interfacesSeen(ctx context.Context, group string) (map[string]armnetwork.Interface, error) {
	return listed(s, s.seen.interfaces, group, func() ([]armnetwork.Interface, error) { return s.interfaces(ctx, group) },
		func(i armnetwork.Interface) *string { return i.ID })
}

func (s *site) balancersSeen(ctx context.Context, group string) (map[string]armnetwork.LoadBalancer, error) {
	return listed(s, s.seen.balancers, group, func() ([]armnetwork.LoadBalancer, error) { return s.balancers(ctx, group) },
		func(b armnetwork.LoadBalancer) *string { return b.ID })
}

func (s *site) linksSeen(ctx context.Context, zone link.AzureID) ([]zoneLink, error) {
	return alone(s, s.seen.links, normalID(zone).String(), func() ([]zoneLink, error) { return s.listLinks(ctx, zone) })
}

func (s *site) recordsSeen(ctx context.Context, zone link.AzureID) ([]armprivatedns.RecordSet, error) {
	return alone(s, s.seen.records, normalID(zone).String(), func() ([]armprivatedns.RecordSet, error) { return s.listRecords(ctx, zone) })
}

// connectionsOf are the connections of a service, one for each endpoint. The list of services shows them with what they
// are; where it does not, the service is asked.
func (s *site) connectionsOf(ctx context.Context, id link.AzureID) ([]activities.ConnectionView, error) {
	service, err := s.readService(ctx, id)
	if err != nil || service.Properties == nil {
		return nil, err
	}
	shown := values(service.Properties.PrivateEndpointConnections)
	if !slices.ContainsFunc(shown, halfShown) {
		return recall(s, s.seen.connections, normalID(id).String(), func() ([]activities.ConnectionView, error) { return connectionViews(shown), nil })
	}
	return alone(s, s.seen.connections, normalID(id).String(), func() ([]activities.ConnectionView, error) {
		all, err := s.connections(ctx, id)
		return connectionViews(all), err
	})
}
