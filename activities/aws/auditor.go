package aws

import (
	"cmp"
	"context"
	"slices"

	"go.temporal.io/sdk/activity"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/activities/audits"
	"github.com/linkwright/linkwright/internal/accounts"
	"github.com/linkwright/linkwright/internal/link"
)

// Auditor plans what flows stand by once more, on a snapshot.
type Auditor struct {
	config Config
	fleet  activities.Fleet
}

var _ activities.Auditor = (*Auditor)(nil)

// NewAuditor returns the audit of what a fleet stands by.
func NewAuditor(c Config, fleet activities.Fleet) *Auditor { return &Auditor{c.withDefaults(), fleet} }

// Audit implements [activities.Auditor].
func (a *Auditor) Audit(ctx context.Context, req activities.AuditRequest) (activities.Audit, error) {
	expected, err := a.fleet.Expected(ctx, req.Place, req.Flows)
	if err != nil {
		return activities.Audit{}, err
	}
	s, err := a.config.at(ctx, req.Place)
	if err != nil {
		return activities.Audit{}, err
	}
	ctx, calls := accounts.Counted(ctx)
	r := review{planner: &Planner{config: a.config, seen: newSnapshot(expected, calls)}, limit: req.Reads}
	r.audit.Last = req.After
	for _, f := range audits.Flows(expected, req.After) {
		if err := r.look(ctx, f); err != nil {
			return activities.Audit{}, err
		}
	}
	if r.blind != nil && !r.sighted {
		return activities.Audit{}, r.blind
	}
	if req.Orphans {
		if s.seen = r.planner.seen; req.Left {
			if err := s.lookForOrphans(ctx); err != nil {
				return activities.Audit{}, err
			}
		}
		namespace := activity.GetInfo(ctx).Namespace
		if r.audit.Orphans, err = audits.Orphans(ctx, a.fleet, namespace, expected, s.seen.owned(req.Place)); err != nil {
			return activities.Audit{}, err
		}
	}
	audits.Finish(&r.audit)
	r.audit.Calls, r.audit.Reads = calls.Calls(), r.planner.seen.reads
	return r.audit, nil
}

// review is an audit under way.
type review struct {
	planner *Planner
	limit   int  // of reads; 0 for none
	spent   bool // no more reads can be made, although the limit is not reached
	audit   activities.Audit
	// sighted is true when something could be looked at, and blind why something could not.
	sighted bool
	blind   error
}

// look audits one flow.
func (r *review) look(ctx context.Context, f audits.Flow) error {
	seen := r.planner.seen
	seen.deep = !r.spent && (r.limit == 0 || seen.reads < r.limit)
	drifts, err := r.drifts(ctx, f)
	if seen.deep && activities.IsPending(err) {
		// Others use up what the account is allowed, too. The next audit goes on here.
		r.spent, seen.deep = true, false
		drifts, err = r.drifts(ctx, f)
	}
	_, blocked := activities.ProblemOf(err)
	if err != nil && !blocked {
		return err
	}
	r.audit.Links++
	alone := slices.ContainsFunc(f.Things, readsFor)
	if seen.deep && alone {
		r.audit.Deep, r.audit.Last = r.audit.Deep+1, f.ID
	}
	if blocked {
		r.blind = err
	}
	audits.Note(&r.audit, f, drifts, seen.deep || !alone, err)
	return nil
}

// drifts is what has drifted of what a flow stands by. When something could not be looked at, the error is the first
// reason, beside what was seen of the rest; any error but a problem ends it.
func (r *review) drifts(ctx context.Context, f audits.Flow) ([]link.Drift, error) {
	var all []link.Drift
	var unseen error
	for _, e := range f.Things {
		for _, part := range r.planner.parts(e) {
			if part.alone && !r.planner.seen.deep {
				continue
			}
			found, err := part.look(ctx)
			if _, blocked := activities.ProblemOf(err); err != nil && !blocked {
				return nil, err
			}
			all = append(all, found...)
			r.sighted = r.sighted || err == nil
			unseen = cmp.Or(unseen, err)
		}
	}
	return all, unseen
}
