package azure

import (
	"context"
	"slices"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// Importer says as specs what is there already. It makes no call that changes anything.
type Importer struct{ config Config }

var _ activities.Importer = (*Importer)(nil)

// NewImporter returns the importer's looks.
func NewImporter(c Config) *Importer { return &Importer{c.withDefaults()} }

// Discover implements [activities.Importer]. It lists all private link services and private endpoints of the
// subscription, by pages.
func (i *Importer) Discover(ctx context.Context, req activities.DiscoverRequest) (activities.Discovered, error) {
	s, err := i.config.at(ctx, req.Place)
	if err != nil {
		return activities.Discovered{}, err
	}
	services, err := s.services(ctx)
	if err != nil {
		return activities.Discovered{}, s.failed(err)
	}
	endpoints, err := s.endpoints(ctx)
	if err != nil {
		return activities.Discovered{}, s.failed(err)
	}
	return discovered(req, services, endpoints).Within(req.Room), nil
}

// discovered says what was found as specs.
func discovered(req activities.DiscoverRequest, services []armnetwork.PrivateLinkService, endpoints []armnetwork.PrivateEndpoint) activities.Discovered {
	slices.SortFunc(services, func(a, b armnetwork.PrivateLinkService) int { return strings.Compare(value(a.ID), value(b.ID)) })
	slices.SortFunc(endpoints, func(a, b armnetwork.PrivateEndpoint) int { return strings.Compare(value(a.ID), value(b.ID)) })
	f := finding{DiscoverRequest: req}
	var names []string // of the services that were asked for
	for _, p := range services {
		view := serviceView(p)
		if asksFor(req.Services, view.ID) || asksFor(req.Services, view.Name) {
			names = append(names, view.ID, view.Name)
			f.service(p)
		}
	}
	for _, e := range endpoints {
		if asked := requestOf(e).service; leadsToPrivateLinkService(asked) && (leadsTo(e, names) || asksFor(req.Services, asked)) {
			f.endpoint(e)
		}
	}
	return f.found
}

// asksFor reports whether a service is among those that were asked for, or all were. It may be called by its resource id,
// its alias, or the part of either that people have chosen.
func asksFor(wanted []string, service string) bool {
	chosen, _, _ := strings.Cut(nameOf(service), ".")
	return len(wanted) == 0 || slices.ContainsFunc(wanted, func(want string) bool {
		return strings.EqualFold(want, service) || strings.EqualFold(want, chosen)
	})
}

// leadsToPrivateLinkService tells the services of customers and partners from those of the platform, such as storage
// accounts, which are called by resource ids of other types.
func leadsToPrivateLinkService(service string) bool {
	id, ok := link.ParseAzureID(service)
	return ok && strings.EqualFold(id.Type, typeService) || strings.HasSuffix(strings.ToLower(service), ".azure.privatelinkservice")
}
