package azure

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/activities/audits"
	"github.com/linkwright/linkwright/internal/accounts"
	"github.com/linkwright/linkwright/internal/link"
)

// Orphans removes what flows that do not run have left, by the steps that they would have taken themselves.
type Orphans struct {
	config   Config
	provider *Provider
	consumer *Consumer
	zones    *HostedZones
}

var _ activities.Orphans = (*Orphans)(nil)

// NewOrphans returns the steps about orphans.
func NewOrphans(c Config) *Orphans {
	return &Orphans{c.withDefaults(), NewProvider(c), NewConsumer(c), NewHostedZones(c)}
}

// FindOrphans implements [activities.Orphans], as an audit finds them. What was there before a flow has no tag on Azure.
func (o *Orphans) FindOrphans(ctx context.Context, req activities.FindOrphansRequest) (activities.FoundOrphans, error) {
	s, err := o.config.at(ctx, req.Place)
	if err != nil {
		return activities.FoundOrphans{}, err
	}
	ctx, tally := accounts.Counted(ctx)
	s.seen = newSnapshot(tally)
	for _, orphan := range req.Orphans {
		if err := s.lookForOrphan(ctx, orphan); err != nil && !notThere(err) {
			return activities.FoundOrphans{}, s.failed(err)
		}
	}
	return activities.FoundOrphans{Orphans: audits.Still(req, s.seen.owned(req.Place))}, nil
}

// lookForOrphans has the snapshot see all of every kind whose tags come with it, whether or not somebody stands by some here.
func (s *site) lookForOrphans(ctx context.Context) error {
	err := audits.LookAround([]string{link.KindPrivateLinkService, link.KindPrivateEndpoint, link.KindPrivateDNSZone}, func(kind string) error {
		if err := s.lookForOrphan(ctx, link.Resource{Kind: kind}); err != nil {
			return s.failed(err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.lookForLinks(ctx)
}

// lookForLinks has the snapshot see what is linked to the zones that are somebody's.
func (s *site) lookForLinks(ctx context.Context) error {
	zones, err := s.zonesSeen(ctx)
	if err != nil {
		return nil // it was passed over
	}
	for _, id := range slices.Sorted(maps.Keys(zones)) {
		if ownerOf(zones[id].Tags) == "" {
			continue
		}
		zone, err := s.own(id, typeZone)
		if err == nil {
			_, err = s.linksSeen(ctx, zone)
		}
		if err != nil && !notThere(err) {
			return s.failed(err)
		}
	}
	return nil
}

// lookForOrphan has the snapshot see all of an orphan's kind; of the links, those to the same zone.
func (s *site) lookForOrphan(ctx context.Context, orphan link.Resource) error {
	var err error
	switch orphan.Kind {
	case link.KindPrivateLinkService:
		_, err = s.servicesSeen(ctx)
	case link.KindPrivateEndpoint:
		_, err = s.endpointsSeen(ctx)
	case link.KindPrivateDNSZone:
		_, err = s.zonesSeen(ctx)
	case link.KindVirtualNetworkLink:
		var zone link.AzureID
		if zone, err = s.own(parentOf(orphan.ID), typeZone); err == nil {
			_, err = s.linksSeen(ctx, zone)
		}
	}
	return err
}

// RemoveOrphan implements [activities.Orphans].
func (o *Orphans) RemoveOrphan(ctx context.Context, req activities.RemoveOrphanRequest) error {
	id := req.Orphan.ID
	switch req.Orphan.Kind {
	case link.KindVirtualNetworkLink:
		return o.removeLink(ctx, req)
	case link.KindPrivateDNSZone:
		return o.zones.RemoveZone(ctx, activities.ZoneRequest{Place: req.Place, Owner: req.Owner, ZoneID: id, Name: nameOf(id)})
	case link.KindPrivateEndpoint:
		return o.consumer.RemoveEndpoint(ctx, activities.RemoveEndpointRequest{Place: req.Place, Owner: req.Owner, Endpoint: id, Only: true})
	case link.KindPrivateLinkService:
		return o.provider.RemoveService(ctx, activities.RemoveServiceRequest{
			Place: req.Place, Owner: req.Owner, ServiceID: id, Only: true, Unused: true,
		})
	}
	return fmt.Errorf("azure has no %s", req.Orphan.Kind)
}

// removeLink deletes a network's link to a zone. The network is not known, so that it is found by its name.
func (o *Orphans) removeLink(ctx context.Context, req activities.RemoveOrphanRequest) error {
	s, err := o.config.at(ctx, req.Place)
	if err != nil {
		return err
	}
	zone, err := s.own(parentOf(req.Orphan.ID), typeZone)
	if err != nil {
		return err
	}
	links, err := s.zoneLinks(ctx, zone)
	if err != nil && !notThere(err) {
		return s.failed(err)
	}
	at := slices.IndexFunc(links, func(l zoneLink) bool { return is(l.name, nameOf(req.Orphan.ID)) })
	switch {
	case at < 0:
		return nil
	case links[at].owner != req.Owner:
		return s.blocked(notOurs("virtual network link "+req.Orphan.ID, req.Owner, links[at].owner), nil)
	}
	return s.removeLink(ctx, zone, links[at])
}
