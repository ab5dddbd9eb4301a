package workflows

import (
	"fmt"
	"slices"
	"strings"

	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// driftUpdate tells a flow what the audit of a place has found of what the flow stands by. It takes a driftNews, and
// answers with a driftAnswer.
const driftUpdate = "linkwright.drift"

// mendingQuery is answered by a flow with whether there is drift that it has yet to set right.
const mendingQuery = "linkwright.mending"

// driftNews is all that an audit of a place has found; no drifts say that everything there is in step.
type driftNews struct {
	Place  activities.Place `json:"place"`
	Drifts []link.Drift     `json:"drifts,omitempty"`
	// Partial says that not everything there was looked at: what was found before may still be so.
	Partial bool `json:"partial,omitempty"`
	// Insist has repaired what the policy would only report.
	Insist bool `json:"insist,omitempty"`
}

// driftAnswer is what a flow does about what it was told.
type driftAnswer struct {
	// Busy is true when the flow is at work, and what was found may be no more: the next audit shows.
	Busy bool `json:"busy,omitempty"`
	// Actions are what is done about each drift, in the order in which they were told.
	Actions []link.DriftAction `json:"actions,omitempty"`
}

// keepDrift is how many drifts a status keeps.
const keepDrift = 100

// heedDrift opens the flow to what audits find. policy is the one in force.
func (f *flow) heedDrift(ctx workflow.Context, policy func() *link.DriftPolicy) error {
	if err := answer(ctx, mendingQuery, func() (bool, error) { return f.mending(), nil }); err != nil {
		return err
	}
	openAside(ctx, func(ctx workflow.Context) error {
		return workflow.SetUpdateHandlerWithOptions(ctx, driftUpdate, func(ctx workflow.Context, news driftNews) (driftAnswer, error) {
			if !f.status.Phase.Good() {
				return driftAnswer{Busy: true}, nil
			}
			f.standBy(ctx)
			return f.drifted(ctx, policy(), news), nil
		}, workflow.UpdateHandlerOptions{Description: "What an audit has found. The audit sends it."})
	})
	return nil
}

// openAside opens a flow to an update that flows did not know when some of them began. To set a handler lets others run
// first (the SDK's SetUpdateHandler yields), which would change the order of what those flows have done in their past.
func openAside(ctx workflow.Context, open func(workflow.Context) error) {
	workflow.Go(ctx, func(ctx workflow.Context) {
		if err := open(ctx); err != nil { // the handler is no function that could be one
			workflow.GetLogger(ctx).Error("an update was not opened", "error", err)
		}
	})
}

// drifted takes in what an audit of a place has found, in place of what was found there before.
func (f *flow) drifted(ctx workflow.Context, policy *link.DriftPolicy, news driftNews) driftAnswer {
	var answer driftAnswer
	before := f.status.Drift
	now := slices.DeleteFunc(slices.Clone(before), func(d link.OpenDrift) bool {
		here := d.Account == news.Place.Account && d.Region == news.Place.Region
		return here && !news.Partial || slices.Contains(news.Drifts, d.Drift)
	})
	for _, d := range news.Drifts {
		open := link.OpenDrift{Drift: d, Action: policy.Action(d), Since: workflow.Now(ctx)}
		if news.Insist && open.Action == link.DriftReport && d.Kind.Mendable() {
			open.Action = (*link.DriftPolicy)(nil).Action(d)
		}
		if i := slices.IndexFunc(before, func(o link.OpenDrift) bool { return o.Drift == d }); i >= 0 {
			open.Since = before[i].Since
			if before[i].Approved {
				open.Action, open.Approved = link.DriftRepair, true
			}
		}
		answer.Actions = append(answer.Actions, open.Action)
		if len(now) < keepDrift {
			now = append(now, open)
		}
	}
	f.status.Drift = now
	f.showDrift(ctx)
	return answer
}

// showDrift says in the status whether the link is as it should be.
func (f *flow) showDrift(ctx workflow.Context) {
	var found []string
	for _, d := range f.status.Drift {
		found = append(found, fmt.Sprintf("%s of %s %s (%s)", d.Kind, d.Resource, d.ID, d.Action))
	}
	_, known := f.status.Condition(link.InStep)
	switch {
	case len(found) > 0:
		f.condition(ctx, link.InStep, false, "Drifted", strings.Join(found, "; "))
	case known:
		f.condition(ctx, link.InStep, true, "InStep", "the last audit has found everything as it should be")
	}
	f.show(ctx)
}

// mending reports whether there is something that the flow is to set right.
func (f *flow) mending() bool {
	return slices.ContainsFunc(f.status.Drift, func(d link.OpenDrift) bool { return d.Action == link.DriftRepair })
}

// mayWiden reports whether people have agreed to a repair that lets in more than now.
func (f *flow) mayWiden() bool {
	return slices.ContainsFunc(f.status.Drift, func(d link.OpenDrift) bool { return d.Approved })
}

// repaired forgets what was to be set right, once the flow has gone through its steps again: whatever they could not
// set right, the next audit finds.
func (f *flow) repaired(ctx workflow.Context) {
	if !f.mending() {
		return
	}
	f.status.Drift = slices.DeleteFunc(f.status.Drift, func(d link.OpenDrift) bool { return d.Action == link.DriftRepair })
	if len(f.status.Drift) == 0 {
		f.condition(ctx, link.InStep, true, "Repaired", "what had drifted was set right")
		return
	}
	f.showDrift(ctx)
}

// mends reports whether a drift of the kind is to be set right now.
func (f *flow) mends(kind link.DriftKind) bool {
	return slices.ContainsFunc(f.status.Drift, func(d link.OpenDrift) bool { return d.Kind == kind && d.Action == link.DriftRepair })
}

// heldBack reports whether a drift of the kind waits for people, or is only reported.
func (f *flow) heldBack(kind link.DriftKind) bool {
	return slices.ContainsFunc(f.status.Drift, func(d link.OpenDrift) bool { return d.Kind == kind && d.Action != link.DriftRepair })
}

// notice is for drift that the flow has seen by itself. It reports whether the flow may set it right; if not, that
// waits for people, as what an audit finds does.
func (f *flow) notice(ctx workflow.Context, policy *link.DriftPolicy, d link.Drift) bool {
	action := policy.Action(d)
	if action == link.DriftRepair || f.mends(d.Kind) {
		return true
	}
	if !slices.ContainsFunc(f.status.Drift, func(o link.OpenDrift) bool { return o.Kind == d.Kind && o.ID == d.ID }) {
		f.status.Drift = append(f.status.Drift, link.OpenDrift{Drift: d, Action: action, Since: workflow.Now(ctx)})
		f.showDrift(ctx)
	}
	return false
}

// asked is what people are to decide on.
func (f *flow) asked() []link.OpenDrift {
	var list []link.OpenDrift
	for _, d := range f.status.Drift {
		if d.Action == link.DriftAsk {
			list = append(list, d)
		}
	}
	return list
}

// askedToRepair is what people are asked to have set right, in one text; empty when they are not asked.
func (f *flow) askedToRepair() string {
	if !f.status.Phase.Good() {
		return ""
	}
	var lines []string
	for _, d := range f.asked() {
		lines = append(lines, fmt.Sprintf("%s of %s: %s", d.Kind, d.ID, d.Detail))
	}
	return strings.Join(lines, "\n")
}

// letRepair has everything set right that was asked about.
func (f *flow) letRepair(ctx workflow.Context) {
	for i, d := range f.status.Drift {
		if d.Action == link.DriftAsk {
			f.status.Drift[i].Action, f.status.Drift[i].Approved = link.DriftRepair, true
		}
	}
	f.showDrift(ctx)
}

// repairQuestion is what people are asked about drift, with the answer ready to be sent.
func (f *flow) repairQuestion(asked *question) link.Waiting {
	q := link.Waiting{For: "approval of a repair", Approve: asked.answer()}
	for _, d := range f.asked() {
		line := fmt.Sprintf("%s %s in %s: %s (%s).", d.Resource, d.ID, strings.TrimSpace(d.Account+" "+d.Region), d.Detail, d.Kind)
		if d.Kind == link.DriftUnapproved {
			line += " To approve is to let it stay; to turn it away, reject it."
		}
		if d.Widens {
			line += " Setting it right lets in more than now."
		}
		q.Details = append(q.Details, line)
	}
	q.Details = append(q.Details, "Meanwhile it is left as it is. Whoever does not want it set right changes the spec, or spec.drift of the service.")
	return q
}
