package azure

import (
	"context"
	"fmt"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/privatedns/armprivatedns"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// EnsureRecords implements [activities.HostedZones]. When everything is as wanted, it writes nothing. Azure's resolver
// knows a record once it is written.
func (h *HostedZones) EnsureRecords(ctx context.Context, req activities.ZoneRecordsRequest) (activities.ZoneRecords, error) {
	s, err := h.config.at(ctx, req.Place)
	if err != nil {
		return activities.ZoneRecords{}, err
	}
	if len(canonical(req.Addresses)) == 0 {
		return activities.ZoneRecords{}, s.pending("the endpoint has no addresses yet")
	}
	zone, plan, err := s.recordsPlan(ctx, req)
	if err != nil {
		return activities.ZoneRecords{}, err
	}
	changes, err := s.applyRecords(ctx, zone, plan)
	return activities.ZoneRecords{Changes: changes}, err
}

// recordsPlan finds how the records of an owner are brought in step; blocked when that cannot be.
func (s *site) recordsPlan(ctx context.Context, req activities.ZoneRecordsRequest) (link.AzureID, recordsPlan, error) {
	zone, err := s.own(req.ZoneID, typeZone)
	if err != nil {
		return zone, recordsPlan{}, err
	}
	if problem := s.unfitRecord(zone, req.Wanted); problem != nil {
		return zone, recordsPlan{}, s.blocked(*problem, nil)
	}
	have, err := s.recordSets(ctx, zone)
	switch {
	case notThere(err):
		return zone, recordsPlan{}, s.blocked(link.Problem{
			Reason: link.ReasonZoneMissing, Call: callOf(err),
			Message: "there is no private DNS zone " + req.ZoneID,
			Remedy:  "name a private DNS zone of this account, or retry, and the connection's own is made again",
		}, err)
	case err != nil:
		return zone, recordsPlan{}, s.failed(err)
	}
	plan := planRecords(have, zone.Name(), req.Owner, req.Wanted, req.Addresses)
	if len(plan.conflicts) > 0 {
		return zone, recordsPlan{}, s.blocked(conflictingRecords(req, plan.conflicts), nil)
	}
	return zone, plan, nil
}

// unfitRecord is the problem of a record that a private DNS zone cannot have.
func (s *site) unfitRecord(zone link.AzureID, want []link.ZoneRecord) *link.Problem {
	for _, w := range want {
		if _, in := relative(w.Name, zone.Name()); !in {
			return &link.Problem{
				Reason:  link.ReasonInvalidRequest,
				Message: fmt.Sprintf("zone %s cannot have %s: only names that end in its own", zone, w.Name),
				Remedy:  "correct the records' names, or name another zone",
			}
		}
		if w.Type != link.RecordA {
			return &link.Problem{
				Reason:  link.ReasonInvalidRequest,
				Message: fmt.Sprintf("record %s is of type %s, and a private DNS zone has none of it", w.Name, w.Type),
				Remedy:  "use type A, which follows the addresses of the endpoint",
			}
		}
	}
	return nil
}

// applyRecords writes what a plan changes.
func (s *site) applyRecords(ctx context.Context, zone link.AzureID, plan recordsPlan) ([]string, error) {
	var done []string
	for _, c := range plan.changes {
		var err error
		switch c.action {
		case link.ActionKeep:
			continue
		case link.ActionDelete:
			_, err = s.Records.Delete(ctx, zone.ResourceGroup, zone.Name(), armprivatedns.RecordTypeA, c.name, &armprivatedns.RecordSetsClientDeleteOptions{IfMatch: c.etag})
			if notThere(err) {
				err = nil
			}
		case link.ActionCreate:
			_, err = s.Records.CreateOrUpdate(ctx, zone.ResourceGroup, zone.Name(), armprivatedns.RecordTypeA, c.name, c.set, &armprivatedns.RecordSetsClientCreateOrUpdateOptions{IfNoneMatch: new("*")})
		default:
			_, err = s.Records.CreateOrUpdate(ctx, zone.ResourceGroup, zone.Name(), armprivatedns.RecordTypeA, c.name, c.set, &armprivatedns.RecordSetsClientCreateOrUpdateOptions{IfMatch: c.etag})
		}
		if err != nil {
			return nil, s.failed(err)
		}
		done = append(done, "record "+c.shown+" "+verbs[c.action])
	}
	return done, nil
}

// verbs are how what is done about a record is shown.
var verbs = map[link.Action]string{link.ActionCreate: "made", link.ActionChange: "corrected", link.ActionDelete: "removed"}

// removeRecords removes what the owner has in a zone, and answers with what others have there.
func (s *site) removeRecords(ctx context.Context, zone link.AzureID, owner activities.Owner) (others []string, err error) {
	have, err := s.recordSets(ctx, zone)
	switch {
	case notThere(err):
		return nil, nil
	case err != nil:
		return nil, s.failed(err)
	}
	_, err = s.applyRecords(ctx, zone, planRecords(have, zone.Name(), owner, nil, nil))
	return othersIn(have, zone.Name(), owner), err
}

// recordSets are all that a zone has.
func (s *site) recordSets(ctx context.Context, zone link.AzureID) ([]armprivatedns.RecordSet, error) {
	if s.seen != nil {
		return s.recordsSeen(ctx, zone)
	}
	return s.listRecords(ctx, zone)
}

// listRecords lists all that a zone has, to the last page.
func (s *site) listRecords(ctx context.Context, zone link.AzureID) ([]armprivatedns.RecordSet, error) {
	var all []armprivatedns.RecordSet
	for pages := s.Records.NewListPager(zone.ResourceGroup, zone.Name(), nil); pages.More(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, values(page.Value)...)
	}
	return all, nil
}

// conflictingRecords is the problem of wanted names that somebody else has records at.
func conflictingRecords(req activities.ZoneRecordsRequest, conflicts []string) link.Problem {
	return link.Problem{
		Reason: link.ReasonConflictingRecord,
		Message: fmt.Sprintf("zone %s has records at wanted names that are not this connection's: %s",
			req.ZoneID, strings.Join(conflicts, ", ")),
		Remedy: fmt.Sprintf("remove them, or choose other names; or hand an A record over: set %s to %s in its metadata", OwnerTag, req.Owner),
	}
}
