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

// EnsureRecords implements [activities.HostedZones]. When everything is as wanted, it writes nothing.
func (h *HostedZones) EnsureRecords(ctx context.Context, req activities.ZoneRecordsRequest) (activities.ZoneRecords, error) {
	s, err := h.config.at(ctx, req.Place)
	if err != nil {
		return activities.ZoneRecords{}, err
	}
	if what := lacking(req); what != "" {
		return activities.ZoneRecords{}, s.pending("the endpoint has no " + what + " yet")
	}
	done, certain, err := s.insync(ctx)
	if err != nil || certain {
		return activities.ZoneRecords{Changes: done.Changes}, err
	}
	if req.New && !activity.HasHeartbeatDetails(ctx) {
		// A look would find nothing. Should somebody have been quicker, Route 53 refuses the change, and the next attempt
		// looks.
		activity.RecordHeartbeat(ctx, sent{})
	} else {
		req.New = false
	}
	plan, err := s.recordsPlan(ctx, req)
	switch {
	case err != nil:
		return activities.ZoneRecords{}, err
	case len(plan.changes) == 0:
		return activities.ZoneRecords{Changes: done.Changes}, nil
	}
	change, err := h.changeRecords(ctx, s, req.ZoneID, plan.changes)
	if err != nil {
		return activities.ZoneRecords{}, err
	}
	return activities.ZoneRecords{}, s.told(ctx, sent{change, append(done.Changes, plan.shown...)}, "the zone's resolvers are")
}

// recordsPlan finds how the records of an owner are brought in step; blocked when that cannot be.
func (s *site) recordsPlan(ctx context.Context, req activities.ZoneRecordsRequest) (recordsPlan, error) {
	want, err := wantedSets(req)
	if err != nil {
		return recordsPlan{}, err
	}
	var have []r53types.ResourceRecordSet
	if !req.New {
		if have, err = s.recordSets(ctx, req.ZoneID); err != nil {
			return recordsPlan{}, s.failed(err)
		}
	}
	if names := outside(apex(have), req.Wanted); len(names) > 0 {
		return recordsPlan{}, s.blocked(link.Problem{
			Reason:  link.ReasonInvalidRequest,
			Message: fmt.Sprintf("zone %s (%s) cannot have %s: only names that end in its own", req.ZoneID, apex(have), few(names)),
			Remedy:  "correct the records' names, or name another zone",
		}, nil)
	}
	plan := planZoneRecords(have, req.Owner, want)
	if len(plan.conflicts) > 0 {
		return recordsPlan{}, s.blocked(conflictingRecords(req, plan.conflicts), nil)
	}
	return plan, nil
}

// removeRecords removes what the owner has in a zone, and answers with what others have there.
func (h *HostedZones) removeRecords(ctx context.Context, s *site, zone string, owner activities.Owner) (removed bool, others []string, err error) {
	have, err := s.recordSets(ctx, zone)
	switch {
	case hasCode(err, "NoSuchHostedZone"):
		return false, nil, err
	case err != nil:
		return false, nil, s.failed(err)
	}
	plan := planZoneRecords(have, owner, nil)
	if len(plan.changes) > 0 {
		if _, err := h.changeRecords(ctx, s, zone, plan.changes); err != nil {
			return false, nil, err
		}
	}
	return len(plan.changes) > 0, othersIn(have, owner), nil
}

// recordSets lists all that a zone has.
func (s *site) recordSets(ctx context.Context, zone string) ([]r53types.ResourceRecordSet, error) {
	return read(s, "records of "+zone, func() ([]r53types.ResourceRecordSet, error) {
		var all []r53types.ResourceRecordSet
		pages := route53.NewListResourceRecordSetsPaginator(s.Route53, &route53.ListResourceRecordSetsInput{HostedZoneId: sdk.String(zone)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			all = append(all, page.ResourceRecordSets...)
		}
		return all, nil
	})
}

// changeRecords makes all changes as one, and returns its id.
func (h *HostedZones) changeRecords(ctx context.Context, s *site, zone string, changes []r53types.Change) (string, error) {
	if !h.writing.begin(zone) {
		return "", activities.Pending("another step is writing to zone "+zone, s.Pace.Min)
	}
	defer h.writing.end(zone)
	out, err := s.Route53.ChangeResourceRecordSets(ctx, &route53.ChangeResourceRecordSetsInput{
		HostedZoneId: sdk.String(zone),
		ChangeBatch:  &r53types.ChangeBatch{Changes: changes},
	})
	switch {
	case hasCode(err, "ConcurrentModification"):
		return "", s.refusedChange(err)
	case err != nil:
		return "", s.refusedRecord(err)
	}
	return sdk.ToString(out.ChangeInfo.Id), nil
}

// conflictingRecords is the problem of wanted names that somebody else has records at.
func conflictingRecords(req activities.ZoneRecordsRequest, conflicts []string) link.Problem {
	return link.Problem{
		Reason: link.ReasonConflictingRecord,
		Message: fmt.Sprintf("zone %s has records at wanted names that are not this connection's: %s",
			req.ZoneID, strings.Join(conflicts, ", ")),
		Remedy: fmt.Sprintf("remove them, or choose other names; or hand them over: set a TXT record with the value %s at each name",
			quoteTXT(ownerNote(req.Owner))),
	}
}
