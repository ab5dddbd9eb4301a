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

// HostedZones keeps private Route 53 zones, who sees them, and the records in them that lead to endpoints.
type HostedZones struct {
	config  Config
	writing zoneWrites
}

var _ activities.HostedZones = (*HostedZones)(nil)

// NewHostedZones returns the steps about private zones.
func NewHostedZones(c Config) *HostedZones { return &HostedZones{config: c.withDefaults()} }

// EnsureZone implements [activities.HostedZones].
func (h *HostedZones) EnsureZone(ctx context.Context, req activities.ZoneRequest) (activities.Zone, error) {
	s, err := h.config.at(ctx, req.Place)
	if err != nil {
		return activities.Zone{}, err
	}
	if req.Name == "" {
		return s.privateZone(ctx, req.ZoneID)
	}
	own, err := s.ownZone(ctx, req)
	switch {
	case err != nil:
		return activities.Zone{}, err
	case own == nil:
		return s.createZone(ctx, req)
	}
	return s.keepZone(ctx, req, *own)
}

// privateZone looks at the zone that a spec names: VPCs can see it only when it is private.
func (s *site) privateZone(ctx context.Context, id string) (activities.Zone, error) {
	out, err := s.hostedZone(ctx, id)
	switch {
	case hasCode(err, "NoSuchHostedZone"):
		return activities.Zone{}, s.blocked(link.Problem{
			Reason:  link.ReasonZoneMissing,
			Message: "there is no hosted zone " + id,
			Remedy:  "name a private hosted zone of this account, or leave out zoneID and give a name so that one is made",
		}, err)
	case err != nil:
		return activities.Zone{}, s.failed(err)
	case !private(*out.HostedZone):
		return activities.Zone{}, s.blocked(link.Problem{
			Reason:  link.ReasonZoneMissing,
			Message: fmt.Sprintf("zone %s (%s) is public", id, plainName(sdk.ToString(out.HostedZone.Name))),
			Remedy:  "name a private hosted zone: no VPC can be associated with a public one",
		}, nil)
	}
	return privateZoneView(out), nil
}

// hostedZone looks at one zone.
func (s *site) hostedZone(ctx context.Context, id string) (*route53.GetHostedZoneOutput, error) {
	return read(s, "zone "+id, func() (*route53.GetHostedZoneOutput, error) {
		return s.Route53.GetHostedZone(ctx, &route53.GetHostedZoneInput{Id: sdk.String(id)})
	})
}

// keepZone finishes a zone that was made.
func (s *site) keepZone(ctx context.Context, req activities.ZoneRequest, zone foundZone) (activities.Zone, error) {
	if zone.owner == "" {
		if err := s.tagZone(ctx, zone.id, req.Owner); err != nil {
			return activities.Zone{}, s.failed(err)
		}
	}
	return s.foundZoneView(ctx, zone)
}

// foundZoneView looks at a zone that was found, and at who sees it.
func (s *site) foundZoneView(ctx context.Context, zone foundZone) (activities.Zone, error) {
	out, err := s.hostedZone(ctx, zone.id)
	switch {
	case hasCode(err, "NoSuchHostedZone"):
		return activities.Zone{}, s.pending("zone " + zone.id + " has just been deleted, or is not there yet")
	case err != nil:
		return activities.Zone{}, s.failed(err)
	}
	return privateZoneView(out), nil
}

// createZone makes the zone, and marks it as the owner's. A zone gets its tags only once it is there: until it has
// them, it is known by its caller reference. It can be filled at once, and the resolvers have heard of it when they have
// heard of the records in it, which [HostedZones.EnsureRecords] waits for.
func (s *site) createZone(ctx context.Context, req activities.ZoneRequest) (activities.Zone, error) {
	var none activities.Zone
	in := route53.CreateHostedZoneInput{
		Name:             sdk.String(req.Name),
		VPC:              vpcOf(req.Network),
		HostedZoneConfig: &r53types.HostedZoneConfig{Comment: sdk.String("made by Linkwright; its tags say for whom"), PrivateZone: true},
	}
	for n := range spentTokens {
		in.CallerReference = sdk.String(birth{req.Owner, req.ZoneID}.callerReference(ctx, n))
		out, err := s.Route53.CreateHostedZone(ctx, &in)
		switch {
		case hasCode(err, "HostedZoneAlreadyExists"):
			// It was made, and the answer was lost; or it has been deleted since, and its reference is used up.
			if err := s.absent(ctx, "the zone that was made"); err != nil {
				return none, err
			}
			continue
		case hasCode(err, "ConflictingDomainExists"):
			return none, s.alreadySees(ctx, zoneSeen{network: req.Network, name: req.Name, owner: req.Owner}, err)
		case err != nil:
			return none, s.refusedChange(err)
		}
		id := zoneID(out.HostedZone.Id)
		if err := s.tagZone(ctx, id, req.Owner); err != nil {
			return none, s.failed(err)
		}
		return activities.Zone{
			ID: id, Name: plainName(req.Name), Networks: []activities.ZoneNetwork{req.Network}, Changes: []string{"zone " + id + " made"},
		}, nil
	}
	return none, s.failed(fmt.Errorf("%d caller references are used up", spentTokens))
}

func (s *site) tagZone(ctx context.Context, id string, owner activities.Owner) error {
	_, err := s.Route53.ChangeTagsForResource(ctx, &route53.ChangeTagsForResourceInput{
		ResourceType: r53types.TagResourceTypeHostedzone,
		ResourceId:   sdk.String(id),
		AddTags:      []r53types.Tag{{Key: sdk.String(ownerTag), Value: sdk.String(string(owner))}},
	})
	return err
}

// RemoveZone implements [activities.HostedZones]. VPCs may still see a zone that is deleted: only its records keep
// Route 53 from it (Amazon Route 53 API Reference, DeleteHostedZone).
func (h *HostedZones) RemoveZone(ctx context.Context, req activities.ZoneRequest) error {
	s, err := h.config.at(ctx, req.Place)
	if err != nil {
		return err
	}
	found, err := s.zonesToRemove(ctx, req)
	if err != nil {
		return s.failed(err)
	}
	if len(found) == 0 {
		return s.absent(ctx, "a zone")
	}
	deleted, removed := false, false
	for _, zone := range found {
		changed, others, err := h.removeRecords(ctx, s, zone.id, req.Owner)
		removed = removed || changed
		switch {
		case hasCode(err, "NoSuchHostedZone"):
			continue
		case err != nil:
			return err
		case !zone.ownedBy(req):
			continue
		case len(others) > 0:
			return s.blocked(zoneNotEmpty(zone, others), nil)
		}
		if err := s.deleteZone(ctx, zone.id); err != nil {
			return err
		}
		deleted = true
	}
	switch {
	case deleted:
		return s.removing(ctx, "the zone is being deleted")
	case removed:
		return nil
	}
	return s.absent(ctx, "a record")
}

// zonesToRemove are the zones that the owner has made, and the one that the flow knows.
func (s *site) zonesToRemove(ctx context.Context, req activities.ZoneRequest) ([]foundZone, error) {
	var found []foundZone
	if req.Name != "" {
		named, err := s.privateZonesNamed(ctx, req.Name)
		if err != nil {
			return nil, err
		}
		found = ownZones(named, req)
	}
	if req.ZoneID == "" || slices.ContainsFunc(found, func(z foundZone) bool { return z.id == req.ZoneID }) {
		return found, nil
	}
	known, err := s.lookAtZone(ctx, req.ZoneID)
	switch {
	case hasCode(err, "NoSuchHostedZone"):
		return found, nil
	case err != nil:
		return nil, err
	}
	return append(found, known), nil
}

func (s *site) deleteZone(ctx context.Context, id string) error {
	_, err := s.Route53.DeleteHostedZone(ctx, &route53.DeleteHostedZoneInput{Id: sdk.String(id)})
	switch {
	case hasCode(err, "NoSuchHostedZone"):
		return nil
	case hasCode(err, "HostedZoneNotEmpty") && s.age() < s.Patience:
		return s.pending("zone " + id + " has got a record meanwhile")
	case err != nil:
		return s.refusedChange(err)
	}
	return nil
}

// conflictingZone is the problem of an account that has a zone of the wanted name, and it is not the owner's.
func conflictingZone(z foundZone, req activities.ZoneRequest) link.Problem {
	p := notOurs(fmt.Sprintf("zone %s (%s)", z.id, z.name), req.Owner, z.owner)
	p.Reason = link.ReasonConflictingZone
	p.Remedy = "name this zone by its zoneID, so that records are kept in it and nothing else is touched; or choose another name, or remove the zone"
	if z.id == req.ZoneID {
		p.Remedy = fmt.Sprintf("set its tag %s to %s again, or name it by its zoneID alone, so that nothing but records is touched", ownerTag, req.Owner)
	}
	return p
}

// zoneNotEmpty is the problem of a zone that is to be deleted while others have records in it.
func zoneNotEmpty(z foundZone, others []string) link.Problem {
	return link.Problem{
		Reason:  link.ReasonConflictingRecord,
		Message: fmt.Sprintf("zone %s (%s) cannot be removed: others have put records into it: %s", z.id, z.name, few(others)),
		Remedy:  fmt.Sprintf("remove these records; or take the tag %s off the zone, and it stays", ownerTag),
	}
}

// few shows the first of many.
func few(all []string) string { return link.Few(all, 5) }

func private(z r53types.HostedZone) bool { return z.Config != nil && z.Config.PrivateZone }

func zoneID(id *string) string { return strings.TrimPrefix(sdk.ToString(id), "/hostedzone/") }

func privateZoneView(out *route53.GetHostedZoneOutput) activities.Zone {
	view := activities.Zone{ID: zoneID(out.HostedZone.Id), Name: plainName(sdk.ToString(out.HostedZone.Name))}
	for _, v := range out.VPCs {
		view.Networks = append(view.Networks, activities.ZoneNetwork{VPC: sdk.ToString(v.VPCId), Region: string(v.VPCRegion)})
	}
	slices.SortFunc(view.Networks, func(a, b activities.ZoneNetwork) int { return strings.Compare(a.VPC, b.VPC) })
	return view
}
