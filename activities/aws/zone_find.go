package aws

import (
	"context"
	"fmt"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	r53types "github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// foundZone is a private zone, and whose it is.
type foundZone struct {
	id, name  string
	reference string
	owner     activities.Owner // by its tag; empty without one
}

// ownedBy reports whether a zone was made for a request's owner: it has the owner's tag, or it has no owner's tag yet,
// and the owner's mark in the reference that it was made with. One that the flow knows has had its tag: without it,
// somebody has taken it away.
func (z foundZone) ownedBy(req activities.ZoneRequest) bool {
	return z.owner == req.Owner ||
		z.owner == "" && z.id != req.ZoneID && strings.HasPrefix(z.reference, referenceMark(req.Owner))
}

// ownZones are those of the request's owner, the one that the flow knows first.
func ownZones(found []foundZone, req activities.ZoneRequest) []foundZone {
	var own []foundZone
	for _, z := range found {
		if z.ownedBy(req) {
			own = append(own, z)
		}
	}
	slices.SortFunc(own, func(a, b foundZone) int {
		switch {
		case a.id == req.ZoneID:
			return -1
		case b.id == req.ZoneID:
			return 1
		}
		return strings.Compare(a.id, b.id)
	})
	return own
}

// ownZone finds the owner's zone of the wanted name; nil when one is to be made, and blocked when none can be.
func (s *site) ownZone(ctx context.Context, req activities.ZoneRequest) (*foundZone, error) {
	found, err := s.privateZonesNamed(ctx, req.Name)
	if err != nil {
		return nil, s.failed(err)
	}
	own := ownZones(found, req)
	switch {
	case len(own) > 0:
		return &own[0], nil
	case len(found) > 0:
		return nil, s.blocked(conflictingZone(found[0], req), nil)
	case req.Network.VPC == "":
		return nil, s.blocked(link.Problem{
			Reason:  link.ReasonNetworkMismatch,
			Message: fmt.Sprintf("zone %s cannot be made without a VPC of its own account, and none of those that are to see it is", req.Name),
			Remedy:  "name a VPC of the zone's account among the hosted zone's vpcs, or another account for the zone",
		}, nil)
	}
	return nil, nil
}

// privateZonesNamed lists the account's private zones of a name, with their owners.
func (s *site) privateZonesNamed(ctx context.Context, name string) ([]foundZone, error) {
	if s.seen != nil {
		all, err := s.privateZones(ctx)
		return slices.DeleteFunc(slices.Clone(all), func(z foundZone) bool { return z.name != plainName(name) }), err
	}
	found, err := s.listPrivateZones(ctx, name)
	if err != nil {
		return nil, err
	}
	return found, s.findOwners(ctx, found)
}

// privateZones are those private zones of the account that were made by a flow, or that have a name which somebody stands
// by, with their owners.
func (s *site) privateZones(ctx context.Context) ([]foundZone, error) {
	return shared(s, privateZonesLook, func() ([]foundZone, error) {
		all, err := s.listPrivateZones(ctx, "")
		if err != nil {
			return nil, err
		}
		found := slices.DeleteFunc(all, func(z foundZone) bool {
			return !strings.HasPrefix(z.reference, referencePrefix) && !s.seen.wanted.zones[z.name]
		})
		return found, s.findOwners(ctx, found)
	})
}

const privateZonesLook = "private zones"

// listPrivateZones lists the account's private zones of a name, or all without one.
func (s *site) listPrivateZones(ctx context.Context, name string) ([]foundZone, error) {
	var found []foundZone
	var in route53.ListHostedZonesByNameInput
	if name != "" {
		in.DNSName = sdk.String(name)
	}
	fits := func(n *string) bool { return name == "" || plainName(sdk.ToString(n)) == plainName(name) }
	for more := true; more; {
		out, err := s.Route53.ListHostedZonesByName(ctx, &in)
		if err != nil {
			return nil, err
		}
		// The list begins at the name, and goes on behind it.
		more = out.IsTruncated && fits(out.NextDNSName)
		in.DNSName, in.HostedZoneId = out.NextDNSName, out.NextHostedZoneId
		for _, z := range out.HostedZones {
			if private(z) && fits(z.Name) {
				found = append(found, foundZone{id: zoneID(z.Id), name: plainName(sdk.ToString(z.Name)), reference: sdk.ToString(z.CallerReference)})
			}
		}
	}
	return found, nil
}

// lookAtZone looks at one zone, whose it is.
func (s *site) lookAtZone(ctx context.Context, id string) (foundZone, error) {
	out, err := s.Route53.GetHostedZone(ctx, &route53.GetHostedZoneInput{Id: sdk.String(id)})
	if err != nil {
		return foundZone{}, err
	}
	found := []foundZone{{id: id, name: plainName(sdk.ToString(out.HostedZone.Name)), reference: sdk.ToString(out.HostedZone.CallerReference)}}
	err = s.findOwners(ctx, found)
	return found[0], err
}

// taggedAtOnce is how many zones one call tells the tags of (Amazon Route 53 API Reference, ListTagsForResources).
const taggedAtOnce = 10

// findOwners reads the zones' ownership tags.
func (s *site) findOwners(ctx context.Context, zones []foundZone) error {
	for some := range slices.Chunk(zones, taggedAtOnce) {
		var ids []string
		for _, z := range some {
			ids = append(ids, z.id)
		}
		out, err := s.Route53.ListTagsForResources(ctx, &route53.ListTagsForResourcesInput{
			ResourceType: r53types.TagResourceTypeHostedzone, ResourceIds: ids,
		})
		if err != nil {
			return err
		}
		for _, tagged := range out.ResourceTagSets {
			at := slices.Index(ids, zoneID(tagged.ResourceId))
			for _, t := range tagged.Tags {
				if at >= 0 && sdk.ToString(t.Key) == ownerTag {
					some[at].owner = activities.Owner(sdk.ToString(t.Value))
				}
			}
		}
	}
	return nil
}
