package azure

import (
	"context"

	"go.temporal.io/sdk/activity"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/activities/audits"
	"github.com/linkwright/linkwright/internal/accounts"
)

// Auditor plans what flows stand by once more, on a snapshot of their subscription.
type Auditor struct {
	config Config
	fleet  activities.Fleet
}

var _ activities.Auditor = (*Auditor)(nil)

// NewAuditor returns the audit of what a fleet stands by.
func NewAuditor(c Config, fleet activities.Fleet) *Auditor { return &Auditor{c.withDefaults(), fleet} }

// Audit implements [activities.Auditor]. What has only looks of its own in Azure, and is bounded by the request's reads,
// are the virtual network links and the records of a zone.
func (a *Auditor) Audit(ctx context.Context, req activities.AuditRequest) (activities.Audit, error) {
	expected, err := a.fleet.Expected(ctx, req.Place, req.Flows)
	if err != nil {
		return activities.Audit{}, err
	}
	s, err := a.config.at(ctx, req.Place)
	if err != nil {
		return activities.Audit{}, err
	}
	ctx, tally := accounts.Counted(ctx)
	s.seen = newSnapshot(tally)
	flows := audits.Flows(expected, req.After)
	audit := activities.Audit{Links: len(flows)}
	if err := s.audit(ctx, flows, req.Reads, &audit); err != nil {
		return activities.Audit{}, err
	}
	if req.Orphans {
		if req.Left {
			if err := s.lookForOrphans(ctx); err != nil {
				return activities.Audit{}, err
			}
		}
		namespace := activity.GetInfo(ctx).Namespace
		if audit.Orphans, err = audits.Orphans(ctx, a.fleet, namespace, expected, s.seen.owned(req.Place)); err != nil {
			return activities.Audit{}, err
		}
	}
	audit.Calls, audit.Reads = tally.Calls(), s.seen.reads
	return audit, nil
}

// audit looks at flows one after the other. Those that fit into the budget of reads are looked at whole; the first one
// always is, so that each has its turn.
func (s *site) audit(ctx context.Context, flows []audits.Flow, budget int, audit *activities.Audit) error {
	spent := false
	var kept error // from looking at a flow
	for _, f := range flows {
		things, reads := s.apart(ctx, f)
		spent = spent || budget > 0 && audit.Deep > 0 && s.seen.reads+reads > budget
		drifts, err := s.drift(ctx, f, !spent)
		switch _, stays := activities.ProblemOf(err); {
		case stays:
			kept = err
		case err != nil:
			return err
		}
		if things > 0 && !spent {
			audit.Deep, audit.Last = audit.Deep+1, f.ID
		}
		audits.Note(audit, f, drifts, !spent || things == 0, err)
		activity.RecordHeartbeat(ctx, f.ID)
	}
	if len(audit.Unseen) == len(flows) && !s.seen.listed {
		return kept
	}
	audits.Finish(audit)
	return nil
}
