package azure

import (
	"cmp"
	"slices"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/activities/audits"
	"github.com/linkwright/linkwright/internal/link"
)

// owned lists all in a snapshot that carries a tag, kind by kind in the order of their ids: services and endpoints of
// the region, and zones and links, which are of none.
func (seen *snapshot) owned(at activities.Place) []audits.Owned {
	var all []audits.Owned
	add := func(kind, id, region string, tags map[string]*string) {
		if owner := ownerOf(tags); owner != "" && (region == "" || region == at.Region) {
			all = append(all, audits.Owned{Owner: owner, Resource: link.Resource{Kind: kind, ID: id, Account: at.Account, Region: region, Detail: string(owner)}})
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
	slices.SortFunc(all, func(x, y audits.Owned) int { return cmp.Or(cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.ID, y.ID)) })
	return all
}
