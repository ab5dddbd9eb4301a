package aws

import (
	"context"
	"fmt"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	r53types "github.com/aws/aws-sdk-go-v2/service/route53/types"
	"go.temporal.io/sdk/activity"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// Zones keeps TXT records in public Route 53 zones.
type Zones struct{ config Config }

var _ activities.Zones = (*Zones)(nil)

// NewZones returns the steps about zones.
func NewZones(c Config) *Zones { return &Zones{c.withDefaults()} }

// EnsureRecord implements [activities.Zones]. The change that it waits for is kept in the heartbeat, for its next
// attempt; should that be lost, the record's being there is enough.
func (z *Zones) EnsureRecord(ctx context.Context, req activities.RecordRequest) (activities.RecordSet, error) {
	s, err := z.config.at(ctx, req.Place)
	if err != nil {
		return activities.RecordSet{}, err
	}
	zone, change, err := s.recordChange(ctx, req)
	if err != nil {
		return activities.RecordSet{}, err
	}
	if change != nil {
		id, err := s.changeRecord(ctx, zone.ZoneID, change)
		if err != nil {
			return activities.RecordSet{}, s.refusedRecord(err)
		}
		activity.RecordHeartbeat(ctx, id)
		return activities.RecordSet{}, s.pending("the zone's name servers are being told")
	}
	if !activity.HasHeartbeatDetails(ctx) {
		return zone, nil
	}
	var id string
	if err := activity.GetHeartbeatDetails(ctx, &id); err != nil {
		return activities.RecordSet{}, fmt.Errorf("read the change that was waited for: %w", err)
	}
	out, err := s.Route53.GetChange(ctx, &route53.GetChangeInput{Id: sdk.String(id)})
	switch {
	case hasCode(err, "NoSuchChange"):
		return zone, nil
	case err != nil:
		return activities.RecordSet{}, s.failed(err)
	case out.ChangeInfo.Status != r53types.ChangeStatusInsync:
		activity.RecordHeartbeat(ctx, id)
		return activities.RecordSet{}, s.pending("the zone's name servers are being told")
	}
	return zone, nil
}

// recordChange finds the zone of a record, and the change that puts the value there; nil when it is there already.
func (s *site) recordChange(ctx context.Context, req activities.RecordRequest) (activities.RecordSet, *r53types.Change, error) {
	zone, err := s.zone(ctx, req)
	if err != nil {
		return activities.RecordSet{}, nil, s.failed(err)
	}
	have, err := s.recordSet(ctx, zone.ZoneID, req.Record.Name)
	if err != nil {
		return activities.RecordSet{}, nil, s.failed(err)
	}
	return zone, planRecord(have, req.Record), nil
}

// RemoveRecord implements [activities.Zones]. A zone that is gone has taken the record with it.
func (z *Zones) RemoveRecord(ctx context.Context, req activities.RecordRequest) error {
	s, err := z.config.at(ctx, req.Place)
	if err != nil {
		return err
	}
	zone, err := s.zone(ctx, req)
	if p, ok := activities.ProblemOf(err); ok && p.Reason == link.ReasonZoneMissing {
		return nil
	}
	if err != nil {
		return s.failed(err)
	}
	have, err := s.recordSet(ctx, zone.ZoneID, req.Record.Name)
	if hasCode(err, "NoSuchHostedZone") {
		return nil
	}
	if err != nil {
		return s.failed(err)
	}
	change := planRecordRemoval(have, req.Record)
	if change == nil {
		return s.absent(ctx, "record "+req.Record.Name)
	}
	if _, err := s.changeRecord(ctx, zone.ZoneID, change); err != nil {
		return s.refusedRecord(err)
	}
	return nil
}

// refusedRecord classifies why Route 53 would not change a record set. When the set is not as it was read, somebody
// else has changed it meanwhile, or it was read from a replica that lags behind: it is read again.
func (s *site) refusedRecord(err error) error {
	if hasCode(err, "InvalidChangeBatch") && s.age() < s.Patience {
		return s.pending("the record set is not as it was read")
	}
	return s.failed(err)
}

// zone is where the record goes: the zone that the request names, or the account's public zone with the longest
// name that the record's name ends in; blocked when there is none, or more than one.
func (s *site) zone(ctx context.Context, req activities.RecordRequest) (activities.RecordSet, error) {
	if req.ZoneID != "" {
		return s.namedZone(ctx, req)
	}
	all, err := s.hostedZones(ctx)
	if err != nil {
		return activities.RecordSet{}, err
	}
	switch found := chooseZones(all, req.Record.Name); len(found) {
	case 0:
		return activities.RecordSet{}, s.blocked(link.Problem{
			Reason:  link.ReasonZoneMissing,
			Message: "the account has no public hosted zone for " + req.Record.Name,
			Remedy:  "create the zone and delegate to it, name the account that has it, or choose byHand verification",
		}, nil)
	case 1:
		return zoneView(found[0]), nil
	default:
		return activities.RecordSet{}, s.blocked(link.Problem{
			Reason:  link.ReasonZoneMissing,
			Message: fmt.Sprintf("the account has %d public hosted zones named %s", len(found), plainName(sdk.ToString(found[0].Name))),
			Remedy:  "name the zoneID of the one that the parent domain delegates to",
		}, nil)
	}
}

// hostedZones lists all zones of the account.
func (s *site) hostedZones(ctx context.Context) ([]r53types.HostedZone, error) {
	return shared(s, "hosted zones", func() ([]r53types.HostedZone, error) {
		var all []r53types.HostedZone
		pages := route53.NewListHostedZonesPaginator(s.Route53, &route53.ListHostedZonesInput{})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			all = append(all, page.HostedZones...)
		}
		return all, nil
	})
}

// namedZone looks at the zone that the request names: it must be public and hold the record's name, or nobody
// would ever see the proof.
func (s *site) namedZone(ctx context.Context, req activities.RecordRequest) (activities.RecordSet, error) {
	out, err := s.hostedZone(ctx, req.ZoneID)
	if err != nil {
		return activities.RecordSet{}, s.failed(err)
	}
	if len(chooseZones([]r53types.HostedZone{*out.HostedZone}, req.Record.Name)) == 0 {
		return activities.RecordSet{}, s.blocked(link.Problem{
			Reason:  link.ReasonZoneMissing,
			Message: fmt.Sprintf("zone %s (%s) is not a public zone of %s", req.ZoneID, plainName(sdk.ToString(out.HostedZone.Name)), req.Record.Name),
			Remedy:  "name a public hosted zone that the domain lies in",
		}, nil)
	}
	return zoneView(*out.HostedZone), nil
}

func zoneView(z r53types.HostedZone) activities.RecordSet {
	return activities.RecordSet{
		ZoneID:   strings.TrimPrefix(sdk.ToString(z.Id), "/hostedzone/"),
		ZoneName: plainName(sdk.ToString(z.Name)),
	}
}

// recordSet reads the TXT record of a name; nil when there is none. The list begins at the name, or after it.
func (s *site) recordSet(ctx context.Context, zoneID, name string) (*r53types.ResourceRecordSet, error) {
	out, err := read(s, "TXT record "+name+" of "+zoneID, func() (*route53.ListResourceRecordSetsOutput, error) {
		return s.Route53.ListResourceRecordSets(ctx, &route53.ListResourceRecordSetsInput{
			HostedZoneId:    sdk.String(zoneID),
			StartRecordName: sdk.String(name),
			StartRecordType: r53types.RRTypeTxt,
			MaxItems:        sdk.Int32(1),
		})
	})
	if err != nil {
		return nil, err
	}
	for _, set := range out.ResourceRecordSets {
		if set.Type == r53types.RRTypeTxt && plainName(sdk.ToString(set.Name)) == plainName(name) {
			return &set, nil
		}
	}
	return nil, nil
}

// changeRecord makes one change and returns its id.
func (s *site) changeRecord(ctx context.Context, zoneID string, change *r53types.Change) (string, error) {
	out, err := s.Route53.ChangeResourceRecordSets(ctx, &route53.ChangeResourceRecordSetsInput{
		HostedZoneId: sdk.String(zoneID),
		ChangeBatch:  &r53types.ChangeBatch{Changes: []r53types.Change{*change}},
	})
	if err != nil {
		return "", err
	}
	return sdk.ToString(out.ChangeInfo.Id), nil
}
