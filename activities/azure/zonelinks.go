package azure

import (
	"context"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/privatedns/armprivatedns"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// A network sees a zone by a link, which is part of the zone; whoever has the zone makes it, and needs nothing of the
// network's owner but the permission to join it (Azure DNS, "What is a virtual network link subresource of Azure DNS
// private zones?"). So there is nothing to authorize.

// AuthorizeVPC implements [activities.HostedZones].
func (*HostedZones) AuthorizeVPC(context.Context, activities.ZoneVPCRequest) error { return nil }

// DeauthorizeVPC implements [activities.HostedZones].
func (*HostedZones) DeauthorizeVPC(context.Context, activities.ZoneVPCRequest) error { return nil }

// AssociateVPC implements [activities.HostedZones]. A link that somebody else has made will do. One of the owner's that
// has failed, or lost its tag, is written again.
func (h *HostedZones) AssociateVPC(ctx context.Context, req activities.ZoneVPCRequest) error {
	s, err := h.config.at(ctx, req.Place)
	if err != nil {
		return err
	}
	zone, have, err := s.linkTo(ctx, req)
	switch {
	case err != nil:
		return err
	case have != nil && have.there() && !have.untagged():
		return nil
	case have != nil && !have.there() && !have.failed():
		return s.pending("network " + req.Network.VPC + " is being linked to zone " + zone.Name())
	}
	if err := s.checkZonesSeen(ctx, zone, req.Network.VPC); err != nil {
		return err
	}
	name, options := linkName(req.Network.VPC), &armprivatedns.VirtualNetworkLinksClientBeginCreateOrUpdateOptions{IfNoneMatch: new("*")}
	var tags map[string]*string
	if have != nil {
		if have.owner != req.Owner && !have.untagged() {
			return s.blocked(notOurs("virtual network link "+have.name+", which has failed,", req.Owner, have.owner), nil)
		}
		name, tags, options = have.name, have.tags, &armprivatedns.VirtualNetworkLinksClientBeginCreateOrUpdateOptions{IfMatch: have.etag}
	}
	p, err := s.ZoneLinks.BeginCreateOrUpdate(ctx, zone.ResourceGroup, zone.Name(), name, armprivatedns.VirtualNetworkLink{
		Location: new(global), Tags: tagged(tags, req.Owner, nil),
		Properties: &armprivatedns.VirtualNetworkLinkProperties{
			RegistrationEnabled: new(false), VirtualNetwork: &armprivatedns.SubResource{ID: &req.Network.VPC},
		},
	}, options)
	if err := begun(ctx, s, putLink, "linking network "+nameOf(req.Network.VPC)+" to zone "+zone.Name(), p, err); err != nil {
		return err
	}
	return s.soon("network " + req.Network.VPC + " is linked to zone " + zone.Name())
}

// DisassociateVPC implements [activities.HostedZones]. A link that somebody else has made stays.
func (h *HostedZones) DisassociateVPC(ctx context.Context, req activities.ZoneVPCRequest) error {
	s, err := h.config.at(ctx, req.Place)
	if err != nil {
		return err
	}
	zone, have, err := s.linkTo(ctx, req)
	if err != nil || have == nil || have.owner != req.Owner {
		return err
	}
	return s.removeLink(ctx, zone, *have)
}

// linkTo finds the link of a zone to a network; nil when there is none, or no zone.
func (s *site) linkTo(ctx context.Context, req activities.ZoneVPCRequest) (link.AzureID, *zoneLink, error) {
	zone, err := s.own(req.ZoneID, typeZone)
	if err != nil {
		return zone, nil, err
	}
	links, err := s.zoneLinks(ctx, zone)
	if err != nil && !notThere(err) {
		return zone, nil, s.failed(err)
	}
	for _, l := range links {
		if link.SameAzureID(l.network, req.Network.VPC) {
			return zone, &l, nil
		}
	}
	return zone, nil, nil
}

// zoneLink is a network's link to a zone.
type zoneLink struct {
	name, network       string
	owner               activities.Owner
	tags                map[string]*string
	etag                *string
	provisioning, state string
}

// there reports whether the network sees the zone.
func (l zoneLink) there() bool {
	return is(l.provisioning, "Succeeded") && (l.state == "" || is(l.state, string(armprivatedns.VirtualNetworkLinkStateCompleted)))
}

func (l zoneLink) failed() bool {
	return is(l.provisioning, "Failed") || is(l.provisioning, "Canceled")
}

// untagged reports whether a link carries nobody's tag, and has the name that Linkwright gives to links: it has lost it.
func (l zoneLink) untagged() bool { return l.owner == "" && is(l.name, linkName(l.network)) }

// zoneLinks are the links of a zone.
func (s *site) zoneLinks(ctx context.Context, zone link.AzureID) ([]zoneLink, error) {
	if s.seen != nil {
		return s.linksSeen(ctx, zone)
	}
	return s.listLinks(ctx, zone)
}

// listLinks lists the links of a zone to the last page.
func (s *site) listLinks(ctx context.Context, zone link.AzureID) ([]zoneLink, error) {
	var all []zoneLink
	for pages := s.ZoneLinks.NewListPager(zone.ResourceGroup, zone.Name(), nil); pages.More(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, l := range values(page.Value) {
			one := zoneLink{name: value(l.Name), owner: ownerOf(l.Tags), tags: l.Tags, etag: l.Etag}
			if p := l.Properties; p != nil {
				one.provisioning, one.state = string(value(p.ProvisioningState)), string(value(p.VirtualNetworkLinkState))
				one.network = normal(value(value(p.VirtualNetwork).ID))
			}
			all = append(all, one)
		}
	}
	return all, nil
}

// linkName is what the link to a network is called: by the network's name, and a mark of its id (Azure Resource Manager,
// "Naming rules and restrictions for Azure resources", Microsoft.Network: 80 characters, and 64 of a network).
func linkName(network string) string {
	return nameOf(normal(network)) + "-" + mark(normal(network))
}

// checkZonesSeen blocks when a network is linked to another zone of the same name, as far as the account can see: Azure
// links it to one (Azure Private Link, "Frequently asked questions"), and says so with a code that means anything.
func (s *site) checkZonesSeen(ctx context.Context, zone link.AzureID, network string) error {
	all, err := s.zones(ctx)
	switch {
	case hasCode(err, "AuthorizationFailed"):
		return nil // of zones that the account may not list, Azure knows
	case err != nil:
		return s.failed(err)
	}
	for _, other := range all {
		id, ok := link.ParseAzureID(value(other.ID))
		if !ok || !is(id.Name(), zone.Name()) || link.SameAzureID(id.String(), zone.String()) {
			continue
		}
		if err := s.checkNotLinked(ctx, id, network); err != nil {
			return err
		}
	}
	return nil
}

func (s *site) checkNotLinked(ctx context.Context, zone link.AzureID, network string) error {
	links, err := s.zoneLinks(ctx, zone)
	if err != nil {
		return s.failed(err)
	}
	for _, l := range links {
		if link.SameAzureID(l.network, network) && !l.failed() {
			return s.blocked(link.Problem{
				Reason: link.ReasonConflictingZone, Call: typeLink + "/write",
				Message: fmt.Sprintf("network %s sees zone %s of the same name, by its link %s", network, zone, l.name),
				Remedy:  "a network sees one zone of a name: remove that link, or name that zone by its zoneID so that the records are kept in it",
			}, nil)
		}
	}
	return nil
}

// removeLinks deletes the owner's links of a zone that is to be deleted, and blocks on those of others.
func (s *site) removeLinks(ctx context.Context, zone link.AzureID, owner activities.Owner) error {
	links, err := s.zoneLinks(ctx, zone)
	if err != nil && !notThere(err) {
		return s.failed(err)
	}
	var others []string
	for _, l := range links {
		if l.owner == owner {
			return s.removeLink(ctx, zone, l)
		}
		others = append(others, l.name)
	}
	if len(others) > 0 {
		return s.blocked(zoneNotEmpty(zone, link.ReasonConflictingZone, "have linked networks to it", others), nil)
	}
	return nil
}

// removeLink deletes a link.
func (s *site) removeLink(ctx context.Context, zone link.AzureID, l zoneLink) error {
	if is(l.provisioning, "Deleting") {
		return s.pending("virtual network link " + l.name + " is being deleted")
	}
	p, err := s.ZoneLinks.BeginDelete(ctx, zone.ResourceGroup, zone.Name(), l.name, &armprivatedns.VirtualNetworkLinksClientBeginDeleteOptions{IfMatch: l.etag})
	if notThere(err) {
		return nil
	}
	if err := begun(ctx, s, deleteLink, "deleting virtual network link "+l.name+" of zone "+zone.Name(), p, err); err != nil {
		return err
	}
	return s.soon("virtual network link " + l.name + " is deleted")
}
