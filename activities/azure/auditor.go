package azure

import (
	"context"
	"slices"
	"strings"

	"go.temporal.io/sdk/activity"

	"github.com/linkwright/linkwright/activities"
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
	flows := byFlow(expected)
	audit := activities.Audit{Links: len(flows)}
	if err := s.audit(ctx, from(flows, req.After), req.Reads, &audit); err != nil {
		return activities.Audit{}, err
	}
	if req.Orphans {
		if audit.Orphans, err = a.orphans(ctx, req.Place, s.seen, expected); err != nil {
			return activities.Audit{}, err
		}
	}
	audit.Calls, audit.Reads = tally.Calls(), s.seen.reads
	return audit, nil
}

// audit looks at flows one after the other. Those that fit into the budget of reads are looked at whole; the first one
// always is, so that each has its turn.
func (s *site) audit(ctx context.Context, flows []standing, budget int, audit *activities.Audit) error {
	spent := false
	var kept error // from looking at a flow
	for _, f := range flows {
		things, reads := s.apart(ctx, f)
		spent = spent || budget > 0 && audit.Deep > 0 && s.seen.reads+reads > budget
		drifts, err := s.drift(ctx, f, !spent)
		switch p, stays := activities.ProblemOf(err); {
		case stays:
			kept, audit.Unseen = err, append(audit.Unseen, activities.Unseen{Flow: f.flow, Problem: p})
		case err != nil:
			return err
		}
		if things > 0 && !spent {
			audit.Deep, audit.Last = audit.Deep+1, f.flow
		}
		if len(drifts) > 0 || f.open && !spent && err == nil {
			audit.Drifted = append(audit.Drifted, activities.Drifted{Flow: f.flow, Drifts: drifts})
		}
		activity.RecordHeartbeat(ctx, f.flow)
	}
	if len(audit.Unseen) == len(flows) && !s.seen.listed {
		return kept
	}
	slices.SortFunc(audit.Drifted, func(x, y activities.Drifted) int { return strings.Compare(x.Flow, y.Flow) })
	slices.SortFunc(audit.Unseen, func(x, y activities.Unseen) int { return strings.Compare(x.Flow, y.Flow) })
	audit.More = max(len(audit.Drifted), len(audit.Unseen)) > activities.MaxDrifted
	audit.Drifted = audit.Drifted[:min(len(audit.Drifted), activities.MaxDrifted)]
	audit.Unseen = audit.Unseen[:min(len(audit.Unseen), activities.MaxDrifted)]
	return nil
}

// standing is all that a flow stands by in the place.
type standing struct {
	flow   string // workflow id
	open   bool   // see [activities.Expected]
	things []activities.Expectation
}

// byFlow gathers what each flow stands by; it comes in the order of their ids.
func byFlow(expected []activities.Expected) []standing {
	var flows []standing
	for _, e := range expected {
		if n := len(flows); n == 0 || flows[n-1].flow != e.Flow {
			flows = append(flows, standing{flow: e.Flow, open: e.Open})
		}
		last := &flows[len(flows)-1]
		last.things = append(last.things, e.Expectation)
	}
	return flows
}

// from begins with the first flow after a workflow id, and comes round to the ones before.
func from(flows []standing, after string) []standing {
	first := slices.IndexFunc(flows, func(f standing) bool { return f.flow > after })
	if first < 0 {
		return flows
	}
	return slices.Concat(flows[first:], flows[:first])
}
