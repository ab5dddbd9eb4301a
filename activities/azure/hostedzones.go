package azure

import (
	"context"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/privatedns/armprivatedns"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// HostedZones keeps private DNS zones, the networks that see them, and the records in them that lead to endpoints.
type HostedZones struct{ config Config }

var _ activities.HostedZones = (*HostedZones)(nil)

// NewHostedZones returns the steps about private zones.
func NewHostedZones(c Config) *HostedZones { return &HostedZones{c.withDefaults()} }

// EnsureZone implements [activities.HostedZones]. A zone of Azure needs no network that sees it from its beginning.
func (h *HostedZones) EnsureZone(ctx context.Context, req activities.ZoneRequest) (activities.Zone, error) {
	s, err := h.config.at(ctx, req.Place)
	if err != nil {
		return activities.Zone{}, err
	}
	id, have, err := s.lookForZone(ctx, req)
	switch {
	case err != nil:
		return activities.Zone{}, err
	case have == nil:
		return activities.Zone{}, s.makeZone(ctx, req, id)
	case beingChanged(have.Properties):
		return activities.Zone{}, s.pending("zone " + id.Name() + " is being changed")
	case untagged(*have, req):
		return activities.Zone{}, s.tagZone(ctx, req, id, *have)
	}
	return s.zoneView(ctx, id)
}

// lookForZone finds the zone of a request: the one that it names, or the one that its owner has made; nil when that is
// to be made. The one that the flow knows is its own also without a tag.
func (s *site) lookForZone(ctx context.Context, req activities.ZoneRequest) (link.AzureID, *armprivatedns.PrivateZone, error) {
	id, err := s.zoneID(req)
	if err != nil {
		return id, nil, err
	}
	there, err := s.readZone(ctx, id)
	switch {
	case notThere(err) && req.Name == "":
		return id, nil, s.blocked(link.Problem{
			Reason: link.ReasonZoneMissing, Call: callOf(err),
			Message: "there is no private DNS zone " + req.ZoneID,
			Remedy:  "name a private DNS zone of this account, or leave out zoneID and give a name so that one is made",
		}, err)
	case notThere(err):
		return id, nil, nil
	case err != nil:
		return id, nil, s.failed(err)
	case req.Name != "" && ownerOf(there.Tags) != req.Owner && !(untagged(there, req) && link.SameAzureID(id.String(), req.ZoneID)):
		return id, nil, s.blocked(conflictingZone(id, req.Owner, ownerOf(there.Tags)), nil)
	}
	return id, &there, nil
}

// untagged reports whether a zone that the owner of a request makes carries nobody's tag.
func untagged(zone armprivatedns.PrivateZone, req activities.ZoneRequest) bool {
	return req.Name != "" && ownerOf(zone.Tags) == ""
}

// zones lists the subscription's zones to the last page.
func (s *site) zones(ctx context.Context) ([]armprivatedns.PrivateZone, error) {
	var all []armprivatedns.PrivateZone
	for pages := s.Zones.NewListPager(nil); pages.More(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, values(page.Value)...)
	}
	return all, nil
}

// zoneID is the id of the zone of a request.
func (s *site) zoneID(req activities.ZoneRequest) (link.AzureID, error) {
	switch {
	case req.Name == "" || req.ResourceGroup == "" && req.ZoneID != "":
		return s.own(req.ZoneID, typeZone)
	case req.ResourceGroup == "":
		return link.AzureID{}, s.blocked(link.Problem{
			Reason:  link.ReasonInvalidRequest,
			Message: "zone " + req.Name + " cannot be made: the spec names no resource group for it",
			Remedy:  "name one with dns.hostedZone.resourceGroup",
		}, nil)
	}
	return s.idOf(typeZone, req.ResourceGroup, req.Name), nil
}

// makeZone makes a zone, which is of no region (Private DNS REST API reference, Private Zones, Create Or Update).
func (s *site) makeZone(ctx context.Context, req activities.ZoneRequest, id link.AzureID) error {
	p, err := s.Zones.BeginCreateOrUpdate(ctx, id.ResourceGroup, id.Name(), armprivatedns.PrivateZone{
		Location: new(global), Tags: tagged(nil, req.Owner, nil),
	}, &armprivatedns.PrivateZonesClientBeginCreateOrUpdateOptions{IfNoneMatch: new("*")})
	if err := begun(ctx, s, putZone, "making private DNS zone "+id.Name(), p, err); err != nil {
		return err
	}
	return s.soon("zone " + id.Name() + " is made")
}

// tagZone puts the owner's tag on a zone that has lost it.
func (s *site) tagZone(ctx context.Context, req activities.ZoneRequest, id link.AzureID, have armprivatedns.PrivateZone) error {
	p, err := s.Zones.BeginCreateOrUpdate(ctx, id.ResourceGroup, id.Name(), armprivatedns.PrivateZone{
		Location: new(global), Tags: tagged(have.Tags, req.Owner, nil),
	}, &armprivatedns.PrivateZonesClientBeginCreateOrUpdateOptions{IfMatch: have.Etag})
	if err := begun(ctx, s, putZone, "tagging private DNS zone "+id.Name(), p, err); err != nil {
		return err
	}
	return s.soon("zone " + id.Name() + " is tagged")
}

// global is where zones and the links to them are.
const global = "global"

// zoneView is a zone and the networks that see it.
func (s *site) zoneView(ctx context.Context, id link.AzureID) (activities.Zone, error) {
	links, err := s.zoneLinks(ctx, id)
	if err != nil {
		return activities.Zone{}, s.failed(err)
	}
	view := activities.Zone{ID: normalID(id).String(), Name: normalID(id).Name()}
	for _, l := range links {
		if l.there() {
			view.Networks = append(view.Networks, activities.ZoneNetwork{VPC: l.network, Region: s.place.Region})
		}
	}
	return view, nil
}

func beingChanged(p *armprivatedns.PrivateZoneProperties) bool {
	if p == nil {
		return false
	}
	state := string(value(p.ProvisioningState))
	return is(state, "Creating") || is(state, "Updating") || is(state, "Deleting")
}

// RemoveZone implements [activities.HostedZones]: first the owner's records, then the owner's links, then the zone.
// Azure deletes no zone that a network is linked to (Azure DNS, "What is a private Azure DNS zone?").
func (h *HostedZones) RemoveZone(ctx context.Context, req activities.ZoneRequest) error {
	s, err := h.config.at(ctx, req.Place)
	if err != nil {
		return err
	}
	if req.Name == "" && req.ZoneID == "" {
		return nil
	}
	id, err := s.zoneID(req)
	if err != nil {
		return err
	}
	zone, err := s.Zones.Get(ctx, id.ResourceGroup, id.Name(), nil)
	switch {
	case notThere(err):
		return s.absent(ctx, "zone "+id.Name())
	case err != nil:
		return s.failed(err)
	}
	others, err := s.removeRecords(ctx, id, req.Owner)
	if err != nil || req.Name == "" || ownerOf(zone.Tags) != req.Owner {
		return err
	}
	if len(others) > 0 {
		return s.blocked(zoneNotEmpty(id, link.ReasonConflictingRecord, "have put records into it", others), nil)
	}
	if err := s.removeLinks(ctx, id, req.Owner); err != nil {
		return err
	}
	if beingChanged(zone.Properties) {
		return s.removing(ctx, "zone "+id.Name()+" is being deleted")
	}
	p, err := s.Zones.BeginDelete(ctx, id.ResourceGroup, id.Name(), &armprivatedns.PrivateZonesClientBeginDeleteOptions{IfMatch: zone.Etag})
	if notThere(err) {
		return s.removing(ctx, "zone "+id.Name()+" is deleted")
	}
	if err := begun(ctx, s, deleteZone, "deleting private DNS zone "+id.Name(), p, err); err != nil {
		return err
	}
	return s.removing(ctx, "zone "+id.Name()+" is deleted")
}

// conflictingZone is the problem of an account that has a zone of the wanted name, and it is not the owner's.
func conflictingZone(id link.AzureID, owner, found activities.Owner) link.Problem {
	p := notOurs("zone "+id.String(), owner, found)
	p.Reason = link.ReasonConflictingZone
	p.Remedy = fmt.Sprintf("name this zone by its zoneID, so that records are kept in it and nothing else is touched; or choose another name "+
		"or resource group, or remove the zone; one that Linkwright has made has the tag %s with the value %s", OwnerTag, owner)
	return p
}

// zoneNotEmpty is the problem of a zone that is to be deleted while others have something in it.
func zoneNotEmpty(id link.AzureID, reason link.Reason, why string, others []string) link.Problem {
	return link.Problem{
		Reason:  reason,
		Message: fmt.Sprintf("zone %s cannot be removed: others %s: %s", id, why, link.Few(others, 5)),
		Remedy:  fmt.Sprintf("remove these; or take the tag %s off the zone, and it stays", OwnerTag),
	}
}
