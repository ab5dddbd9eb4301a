package workflows

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

const (
	// auditsAtOnce is how many places are audited at once.
	auditsAtOnce = 8
	// auditAttempt bounds one attempt at the audit of a place, and auditWithin all of them.
	auditAttempt = 15 * time.Minute
	auditWithin  = 30 * time.Minute
	// tellAttempt bounds one attempt at telling a batch of flows, or asking it; see toldTogether.
	tellAttempt = 5 * time.Minute
	// toldTogether is how many flows are told or asked in one step.
	toldTogether = 100
	// repairsWithin is how long a reconciliation waits for the flows that repair something.
	repairsWithin = 10 * time.Minute
	// maxOrphans and maxUnseen bound what a report lists.
	maxOrphans = 200
	maxUnseen  = 50
)

// ReconcileInput starts a [Reconcile].
type ReconcileInput struct {
	Scope link.Scope         `json:"scope,omitzero"`
	Mode  link.ReconcileMode `json:"mode,omitempty"` // default: by the policies
	// Reads bounds the calls in each place that look at one thing alone; 0 is no bound.
	Reads int `json:"reads,omitempty"`
}

// Reconcile compares what all flows in a scope have brought about with what the clouds say, place by place and in
// batches, tells the flows of which something has drifted, and waits a while for those that set it right. It answers
// with a [link.ReconcileReport].
func Reconcile(ctx workflow.Context, in ReconcileInput) (link.ReconcileReport, error) {
	r := newReconciliation(ctx, in)
	err := r.run(ctx)
	workflow.SetCurrentDetails(ctx, reconcileDetails(r.report, err == nil))
	return r.report, err
}

// reconciliation is a running Reconcile.
type reconciliation struct {
	flow
	in     ReconcileInput
	report link.ReconcileReport
	// after are the cursors of the run before.
	after map[string]string
	// told are the flows that were told, by the strongest of what they do about it.
	told map[string]link.DriftAction
}

func newReconciliation(ctx workflow.Context, in ReconcileInput) *reconciliation {
	if in.Mode == "" {
		in.Mode = link.ByPolicy
	}
	r := &reconciliation{
		flow: newFlow(ctx, &link.Status{}), in: in, told: map[string]link.DriftAction{},
		report: link.ReconcileReport{
			Scope: in.Scope, Mode: in.Mode, Started: workflow.Now(ctx), Kinds: map[link.DriftKind]int{}, After: map[string]string{},
		},
	}
	if workflow.HasLastCompletionResult(ctx) {
		var before link.ReconcileReport
		if err := workflow.GetLastCompletionResult(ctx, &before); err == nil {
			r.after = before.After
		}
	}
	return r
}

func (r *reconciliation) run(ctx workflow.Context) error {
	request := activities.SurveyFleetRequest{
		Settled: r.flows(true), Attribute: LinkPlaces.GetName(), AtWork: r.flows(false),
		Within: activities.Place{Account: r.in.Scope.Account, Region: r.in.Scope.Region},
	}
	if r.seeksOrphans() {
		request.Broken = fmt.Sprintf("%s AND ExecutionStatus IN ('Terminated', 'Failed', 'TimedOut', 'Canceled')", links)
	}
	survey, err := attempt[activities.FleetSurvey](ctx, &r.flow, call{
		prefix: systemSteps, name: stepName(activities.Fleets.SurveyFleet), summary: "finds out where links are", each: tellAttempt, within: auditWithin,
	}, request)
	if err != nil {
		return err
	}
	if err := r.introduce(ctx, survey.Silent); err != nil {
		return err
	}
	places := survey.Places
	r.report.Links, r.report.Places, r.report.AtWork = survey.Flows, len(places), survey.AtWork
	found := make([]activities.Audit, len(places))
	if err := concurrently(ctx, len(places), auditsAtOnce, func(ctx workflow.Context, i int) {
		found[i] = r.audit(ctx, places[i], slices.Contains(survey.Left, places[i]))
	}); err != nil {
		return err
	}
	for i, place := range places {
		if err := r.take(ctx, place, found[i]); err != nil {
			return err
		}
	}
	if err := r.awaitRepairs(ctx); err != nil {
		return err
	}
	r.report.Duration = link.Duration(workflow.Now(ctx).Sub(r.report.Started).Round(time.Millisecond))
	return nil
}

// seeksOrphans reports whether what belongs to no flow is in the scope: it belongs to no service.
func (r *reconciliation) seeksOrphans() bool { return r.in.Scope.Service == "" }

// links is the query that finds all that ever stand by something.
var links = fmt.Sprintf("WorkflowType IN ('%s', '%s')", EndpointServiceWorkflow, ConnectionWorkflow)

// flows is the query that finds the flows in the scope: those that stand by something, or those that are at work.
func (r *reconciliation) flows(settled bool) string {
	query := links + " AND ExecutionStatus = 'Running'"
	if r.in.Scope.Service != "" {
		query += fmt.Sprintf(" AND %s = '%s'", LinkService.GetName(), quoted(r.in.Scope.Service))
	}
	not := ""
	if !settled {
		not = "NOT "
	}
	return query + fmt.Sprintf(" AND %s %sIN ('%s', '%s')", LinkPhase.GetName(), not, link.Serving, link.Ready)
}

// quoted keeps a value inside its quotes in a query.
func quoted(s string) string { return strings.ReplaceAll(s, "'", "''") }

// introduce has flows say what they stand by that have not said so yet, as those have not that run since before flows did.
func (r *reconciliation) introduce(ctx workflow.Context, silent []string) error {
	var messages []activities.FlowMessage
	for _, id := range silent {
		messages = append(messages, activities.FlowMessage{WorkflowID: id, Message: json.RawMessage(`{}`)})
	}
	_, err := r.tell(ctx, "introduces itself", messages)
	return err
}

// audit audits one place, where something may be left that nobody stands by. What keeps it from being seen is part of the report.
func (r *reconciliation) audit(ctx workflow.Context, place activities.Place, left bool) activities.Audit {
	at, err := r.account(ctx, place.Account)
	var found activities.Audit
	if err == nil {
		found, err = attempt[activities.Audit](ctx, &r.flow, call{
			prefix: string(at.Cloud), queue: at.TaskQueue, name: stepName(activities.Auditor.Audit),
			summary: "audits " + place.String(), within: auditWithin, each: auditAttempt,
		}, activities.AuditRequest{
			Place: place, Flows: r.flows(true) + fmt.Sprintf(" AND %s = '%s'", LinkPlaces.GetName(), quoted(place.String())),
			Reads: r.in.Reads, After: r.after[place.String()], Orphans: r.seeksOrphans(), Left: left,
		})
	}
	if problem, ok := problemOf(err); ok {
		return activities.Audit{Unseen: []activities.Unseen{{Flow: place.String(), Problem: problem}}}
	}
	return found
}

// take takes in what the audit of a place has found, and tells the flows.
func (r *reconciliation) take(ctx workflow.Context, place activities.Place, a activities.Audit) error {
	report := &r.report
	report.Deep += a.Deep
	report.Calls += a.Calls
	report.Reads += a.Reads
	report.Incomplete = report.Incomplete || a.More
	report.After[place.String()] = a.Last
	report.Orphans = append(report.Orphans, a.Orphans[:min(len(a.Orphans), maxOrphans-len(report.Orphans))]...)
	for _, u := range a.Unseen[:min(len(a.Unseen), maxUnseen-len(report.Unseen))] {
		report.Unseen = append(report.Unseen, link.UnseenPart{Where: u.Flow, Problem: u.Problem})
	}
	var messages []activities.FlowMessage
	for _, d := range a.Drifted {
		message, err := json.Marshal(driftNews{Place: place, Drifts: d.Drifts, Partial: d.Partial, Insist: r.in.Mode == link.RepairMore})
		if err != nil {
			return err
		}
		messages = append(messages, activities.FlowMessage{WorkflowID: d.Flow, Message: message})
	}
	answers := make([]driftAnswer, len(messages))
	if r.in.Mode != link.ReportOnly {
		var err error
		if answers, err = r.tell(ctx, "is told what has drifted in "+place.String(), messages); err != nil {
			return err
		}
	}
	for i, d := range a.Drifted {
		r.note(ctx, d, answers[i])
	}
	return nil
}

// note puts what has drifted of one flow into the report.
func (r *reconciliation) note(ctx workflow.Context, d activities.Drifted, answer driftAnswer) {
	switch {
	case answer.Busy:
		r.report.AtWork++ // what was found may be no more
		return
	case len(d.Drifts) == 0:
		return // it was told that everything is as it should be again
	}
	if _, known := r.told[d.Flow]; !known {
		r.report.Drifted++
		r.told[d.Flow] = ""
	}
	for i, drift := range d.Drifts {
		found := link.FoundDrift{Flow: d.Flow, Drift: drift}
		if i < len(answer.Actions) {
			found.Action = answer.Actions[i]
			r.told[d.Flow] = stronger(r.told[d.Flow], found.Action)
		}
		r.report.Kinds[drift.Kind]++
		workflow.GetMetricsHandler(ctx).
			WithTags(map[string]string{DriftTag: string(drift.Kind), ActionTag: cmp.Or(string(found.Action), "none")}).
			Counter(DriftFound).Inc(1)
		if len(r.report.Found) < link.MaxFound {
			r.report.Found = append(r.report.Found, found)
		}
	}
}

// stronger is the action by which a link is counted of which several things have drifted: a person comes first.
func stronger(a, b link.DriftAction) link.DriftAction {
	for _, action := range []link.DriftAction{link.DriftAsk, link.DriftRepair, link.DriftReport} {
		if a == action || b == action {
			return action
		}
	}
	return ""
}

// tell sends drift updates, a batch after the other. A flow that is gone has nothing to answer.
func (r *reconciliation) tell(ctx workflow.Context, what string, messages []activities.FlowMessage) ([]driftAnswer, error) {
	var answers []driftAnswer
	for batch := range slices.Chunk(messages, toldTogether) {
		all, err := attempt[[]activities.FlowAnswer](ctx, &r.flow, call{
			prefix: systemSteps, name: stepName(activities.Fleets.TellFleet), summary: fmt.Sprintf("%d flows: each %s", len(batch), what), each: tellAttempt,
		}, activities.TellFleetRequest{Update: driftUpdate, ID: workflow.GetInfo(ctx).WorkflowExecution.RunID, Messages: batch})
		if err != nil {
			return nil, err
		}
		for _, one := range all {
			var answer driftAnswer
			if one.Missing == "" {
				if err := json.Unmarshal(one.Answer, &answer); err != nil {
					return nil, err
				}
			}
			answers = append(answers, answer)
		}
	}
	return answers, nil
}

// awaitRepairs waits until the flows that repair something have done so, for a while, and counts what was done.
func (r *reconciliation) awaitRepairs(ctx workflow.Context) error {
	var repairing []string
	for _, id := range sortedKeys(r.told) {
		switch r.told[id] {
		case link.DriftRepair:
			repairing = append(repairing, id)
		case link.DriftAsk:
			r.report.Waiting++
		default:
			r.report.Reported++
		}
	}
	until := workflow.Now(ctx).Add(repairsWithin)
	for pause := 2 * time.Second; len(repairing) > 0 && workflow.Now(ctx).Before(until); pause = min(2*pause, time.Minute) {
		if err := workflow.Sleep(ctx, pause); err != nil {
			return err
		}
		still, err := r.stillMending(ctx, repairing)
		if err != nil {
			return err
		}
		r.report.Repaired += len(repairing) - len(still)
		repairing = still
	}
	r.report.Repairing = len(repairing)
	return nil
}

// stillMending are those of the flows that have not set everything right yet.
func (r *reconciliation) stillMending(ctx workflow.Context, ids []string) ([]string, error) {
	var still []string
	for batch := range slices.Chunk(ids, toldTogether) {
		answers, err := attempt[[]activities.FlowAnswer](ctx, &r.flow, call{
			prefix: systemSteps, name: stepName(activities.Fleets.AskFleet), summary: fmt.Sprintf("asks %d flows how far they are", len(batch)), each: tellAttempt,
		}, activities.AskFleetRequest{Query: mendingQuery, WorkflowIDs: batch})
		if err != nil {
			return nil, err
		}
		for i, answer := range answers {
			if string(answer.Answer) == "true" {
				still = append(still, batch[i])
			}
		}
	}
	return still, nil
}

// concurrently does something for each number below n, some at once.
func concurrently(ctx workflow.Context, n, atOnce int, do func(workflow.Context, int)) error {
	done, places := workflow.NewWaitGroup(ctx), workflow.NewSemaphore(ctx, int64(atOnce))
	for i := range n {
		done.Add(1)
		workflow.Go(ctx, func(ctx workflow.Context) {
			defer done.Done()
			if places.Acquire(ctx, 1) != nil {
				return
			}
			defer places.Release(1)
			do(ctx, i)
		})
	}
	done.Wait(ctx)
	return ctx.Err()
}

// reconcileDetails is what the Temporal UI shows of a reconciliation.
func reconcileDetails(r link.ReconcileReport, whole bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s**, %s\n", plain(r.Scope.String()), r.Mode)
	if whole {
		fmt.Fprintf(&b, "\n%s\n", plain(r.Summary()))
	}
	section(&b, "Drift", r.KindsFound(), func(k link.DriftKind) string { return fmt.Sprintf("%s: %d", k, r.Kinds[k]) })
	section(&b, "Found", r.Found[:min(len(r.Found), 50)], func(f link.FoundDrift) string {
		return fmt.Sprintf("`%s`: %s of %s `%s`%s — %s", code(f.Flow), f.Kind, f.Resource, code(f.ID), after(f.Detail), orUntold(f.Action))
	})
	section(&b, "Orphans", r.Orphans, func(o link.Resource) string {
		return fmt.Sprintf("%s `%s` in %s", o.Kind, code(o.ID), plain(strings.TrimSpace(o.Account+" "+o.Region))) + after(o.Detail)
	})
	section(&b, "Not seen", r.Unseen, func(u link.UnseenPart) string { return plain(u.Where) + after(u.Problem.Message) })
	return b.String()
}

func orUntold(a link.DriftAction) string {
	if a == "" {
		return "not told"
	}
	return string(a)
}
