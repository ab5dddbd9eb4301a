package azure

import (
	"cmp"
	"context"
	"slices"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// orphans are the things in a snapshot whose flow does not run. They are of the kinds that somebody stands by here: of
// others, nobody has allowed us to see any.
func (a *Auditor) orphans(ctx context.Context, at activities.Place, seen *snapshot, expected []activities.Expected) ([]link.Resource, error) {
	runs := map[activities.Owner]bool{}
	for _, e := range expected {
		for _, owner := range ownersOf(e.Expectation) {
			runs[owner] = true
		}
	}
	var all []link.Resource
	for _, c := range seen.claimed(at) {
		if _, known := runs[c.owner]; !known {
			owns, err := a.fleet.Owns(ctx, c.owner)
			if err != nil {
				return nil, err
			}
			runs[c.owner] = owns
		}
		if !runs[c.owner] {
			all = append(all, c.Resource)
		}
	}
	return all, nil
}

// ownersOf are as whom a flow stands by things.
func ownersOf(e activities.Expectation) []activities.Owner {
	var all []activities.Owner
	if e.Service != nil {
		all = append(all, e.Service.Owner)
	}
	if e.Endpoint != nil {
		all = append(all, e.Endpoint.Owner)
	}
	if e.Zone != nil {
		all = append(all, e.Zone.Owner)
	}
	for _, v := range e.ZoneVPCs {
		all = append(all, v.Owner)
	}
	return all
}

// claimed is something that carries the tag of an owner.
type claimed struct {
	owner activities.Owner
	link.Resource
}

// claimed lists all in a snapshot that carries a tag, kind by kind in the order of their ids: services and endpoints of
// the region, and zones and links, which are of none.
func (seen *snapshot) claimed(at activities.Place) []claimed {
	var all []claimed
	add := func(kind, id, region string, tags map[string]*string) {
		if owner := ownerOf(tags); owner != "" && (region == "" || region == at.Region) {
			all = append(all, claimed{owner, link.Resource{Kind: kind, ID: id, Account: at.Account, Region: region, Detail: string(owner)}})
		}
	}
	for id, p := range seen.services[inSubscription].found {
		add(link.KindPrivateLinkService, id, regionOf(value(p.Location)), p.Tags)
	}
	for id, e := range seen.endpoints[inSubscription].found {
		add(link.KindPrivateEndpoint, id, regionOf(value(e.Location)), e.Tags)
	}
	for id, z := range seen.zones[inSubscription].found {
		add(link.KindPrivateDNSZone, id, "", z.Tags)
	}
	for zone, links := range seen.links {
		for _, l := range links.found {
			add(link.KindVirtualNetworkLink, zone+"/virtualNetworkLinks/"+l.name, "", l.tags)
		}
	}
	slices.SortFunc(all, func(x, y claimed) int { return cmp.Or(cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.ID, y.ID)) })
	return all
}
