// Package audits has what the audits of all clouds have in common: whose turn it is, what the answer holds, and which
// things are nobody's.
package audits

import (
	"context"
	"slices"
	"strings"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// Flow is all that a flow stands by in a place.
type Flow struct {
	ID string // workflow id
	// Open is as in [activities.Expected].
	Open   bool
	Things []activities.Expectation
}

// Flows puts together what each flow stands by. It begins with the first flow after a workflow id, in their order, and
// comes to those before it last.
func Flows(expected []activities.Expected, after string) []Flow {
	var flows []Flow
	for _, e := range expected {
		if last := len(flows) - 1; last >= 0 && flows[last].ID == e.Flow {
			flows[last].Things = append(flows[last].Things, e.Expectation)
			continue
		}
		flows = append(flows, Flow{e.Flow, e.Open, []activities.Expectation{e.Expectation}})
	}
	first := slices.IndexFunc(flows, func(f Flow) bool { return f.ID > after })
	if first < 0 {
		return flows
	}
	return slices.Concat(flows[first:], flows[:first])
}

// Note puts into the audit what has drifted of a flow, which was looked at whole or not, and what has kept it from being
// seen, if anything has. A flow that has drift to deal with is told when there is none any more, which only a whole look
// shows.
func Note(audit *activities.Audit, f Flow, drifts []link.Drift, whole bool, unseen error) {
	problem, blocked := activities.ProblemOf(unseen)
	if blocked {
		audit.Unseen = append(audit.Unseen, activities.Unseen{Flow: f.ID, Problem: problem})
	}
	if len(drifts) > 0 || f.Open && whole && !blocked {
		audit.Drifted = append(audit.Drifted, activities.Drifted{Flow: f.ID, Drifts: drifts, Partial: !whole || blocked})
	}
}

// Finish puts an audit in order, and cuts it to what fits into an answer.
func Finish(audit *activities.Audit) {
	slices.SortFunc(audit.Drifted, func(x, y activities.Drifted) int { return strings.Compare(x.Flow, y.Flow) })
	slices.SortFunc(audit.Unseen, func(x, y activities.Unseen) int { return strings.Compare(x.Flow, y.Flow) })
	audit.More = max(len(audit.Drifted), len(audit.Unseen)) > activities.MaxDrifted
	audit.Drifted = audit.Drifted[:min(len(audit.Drifted), activities.MaxDrifted)]
	audit.Unseen = audit.Unseen[:min(len(audit.Unseen), activities.MaxDrifted)]
}

// Unapproved is what is different about a connection that somebody has let in past those who decide.
func Unapproved() link.Difference {
	return link.Difference{Kind: link.DriftUnapproved, Text: "it was let in, and nobody here has decided that"}
}

// Owned is something that carries the tag of an owner.
type Owned struct {
	Owner activities.Owner
	link.Resource
}

// LookAround looks at kind after kind. What nobody here is allowed to look at is passed over: nobody here has been allowed to
// make it.
func LookAround(kinds []string, look func(kind string) error) error {
	for _, kind := range kinds {
		err := look(kind)
		if _, hindered := activities.ProblemOf(err); err != nil && !hindered {
			return err
		}
	}
	return nil
}

// Still are those of the orphans that were asked for that are there and their owner's.
func Still(req activities.FindOrphansRequest, things []Owned) []activities.Orphan {
	var all []activities.Orphan
	for _, thing := range things {
		asked := slices.ContainsFunc(req.Orphans, func(r link.Resource) bool { return r.Kind == thing.Kind && r.ID == thing.ID })
		if asked && thing.Owner == req.Owner {
			all = append(all, activities.Orphan{Resource: thing.Resource})
		}
	}
	return all
}

// Orphans are the things whose flow does not run. Those that stand by something need not be asked about.
func Orphans(ctx context.Context, fleet activities.Fleet, namespace string, expected []activities.Expected, things []Owned) ([]link.Resource, error) {
	runs := map[activities.Owner]bool{}
	for _, e := range expected {
		runs[activities.Owner(namespace+"/"+e.Flow)] = true
	}
	var all []link.Resource
	for _, thing := range things {
		if _, known := runs[thing.Owner]; !known {
			owns, err := fleet.Owns(ctx, thing.Owner)
			if err != nil {
				return nil, err
			}
			runs[thing.Owner] = owns
		}
		if !runs[thing.Owner] {
			all = append(all, thing.Resource)
		}
	}
	return all, nil
}
