package aws

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/linkwright/linkwright/activities"
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
	ctx, calls := accounts.Counted(ctx)
	r := review{planner: &Planner{config: a.config, seen: newSnapshot(expected, calls)}, limit: req.Reads}
	r.audit.Last = req.After
	for _, f := range after(byFlow(expected), req.After) {
		if err := r.look(ctx, f); err != nil {
			return activities.Audit{}, err
		}
	}
	if r.blind != nil && !r.sighted {
		return activities.Audit{}, r.blind
	}
	if req.Orphans {
		if r.audit.Orphans, err = a.orphans(ctx, req.Place, expected, r.planner.seen); err != nil {
			return activities.Audit{}, err
		}
	}
	return r.result(), nil
}

// flow is what one flow stands by in a place.
type flow struct {
	id       string
	expected []activities.Expected
}

// open is as in [activities.Expected].
func (f flow) open() bool { return f.expected[0].Open }

// byFlow puts together what each flow stands by, in the order of their ids.
func byFlow(expected []activities.Expected) []flow {
	var flows []flow
	for _, e := range expected {
		if last := len(flows) - 1; last >= 0 && flows[last].id == e.Flow {
			flows[last].expected = append(flows[last].expected, e)
			continue
		}
		flows = append(flows, flow{e.Flow, []activities.Expected{e}})
	}
	return flows
}

// after begins with the first flow behind an id, and comes to those before it last.
func after(flows []flow, id string) []flow {
	i := slices.IndexFunc(flows, func(f flow) bool { return f.id > id })
	if i < 0 {
		return flows
	}
	return append(slices.Clone(flows[i:]), flows[:i]...)
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
func (r *review) look(ctx context.Context, f flow) error {
	seen := r.planner.seen
	seen.deep = !r.spent && (r.limit == 0 || seen.reads < r.limit)
	drifts, err := r.drifts(ctx, f)
	if seen.deep && activities.IsPending(err) {
		// Others use up what the account is allowed, too. The next audit goes on here.
		r.spent, seen.deep = true, false
		drifts, err = r.drifts(ctx, f)
	}
	problem, blocked := activities.ProblemOf(err)
	if err != nil && !blocked {
		return err
	}
	r.audit.Links++
	if seen.deep && slices.ContainsFunc(f.expected, readsFor) {
		r.audit.Deep, r.audit.Last = r.audit.Deep+1, f.id
	}
	if len(drifts) > 0 || seen.deep && err == nil && f.open() {
		r.audit.Drifted = append(r.audit.Drifted, activities.Drifted{Flow: f.id, Drifts: drifts})
	}
	if blocked {
		r.blind = err
		r.audit.Unseen = append(r.audit.Unseen, activities.Unseen{Flow: f.id, Problem: problem})
	}
	return nil
}

// result is the audit when all flows were looked at.
func (r *review) result() activities.Audit {
	a := r.audit
	slices.SortFunc(a.Drifted, func(x, y activities.Drifted) int { return strings.Compare(x.Flow, y.Flow) })
	slices.SortFunc(a.Unseen, func(x, y activities.Unseen) int { return strings.Compare(x.Flow, y.Flow) })
	if a.More = len(a.Drifted) > activities.MaxDrifted; a.More {
		a.Drifted = a.Drifted[:activities.MaxDrifted]
	}
	a.Calls, a.Reads = r.planner.seen.calls.Calls(), r.planner.seen.reads
	return a
}

// drifts is what has drifted of what a flow stands by. When something could not be looked at, the error is the first
// reason, beside what was seen of the rest; any error but a problem ends it.
func (r *review) drifts(ctx context.Context, f flow) ([]link.Drift, error) {
	var all []link.Drift
	var unseen error
	for _, e := range f.expected {
		for _, part := range r.planner.parts(e.Expectation) {
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
