package flows

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflow/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/workflows"
)

// Reconciliation is one run of an audit of the fleet, as Temporal knows it.
type Reconciliation struct {
	WorkflowID string `json:"workflowID"`
	RunID      string `json:"runID"`
	// Schedule is the name of the schedule that has started it; empty for one that was started by hand.
	Schedule string             `json:"schedule,omitempty"`
	Scope    link.Scope         `json:"scope,omitzero"`
	Mode     link.ReconcileMode `json:"mode,omitempty"`
	Started  time.Time          `json:"started"`
	// Ended is when and How says how it has ended; both are empty while it runs.
	Ended time.Time `json:"ended,omitzero"`
	How   string    `json:"how,omitempty"`
	// Report is what it has come to, and Problem why it has come to nothing.
	Report  *link.ReconcileReport `json:"report,omitempty"`
	Problem string                `json:"problem,omitempty"`
}

// Name tells a reconciliation from others.
func (r Reconciliation) Name() string {
	return strings.TrimPrefix(r.WorkflowID, workflows.ReconcileID(""))
}

// Running reports whether it is still at it.
func (r Reconciliation) Running() bool { return r.How == "" }

func (r Reconciliation) ref() Ref { return Ref{Name: r.WorkflowID} }

// reconcileMemo is the key of the memo that says what a reconciliation, or a schedule of some, is to do.
const reconcileMemo = "reconcile"

// Reconcile starts a reconciliation.
func (c *Client) Reconcile(ctx context.Context, in workflows.ReconcileInput) (Reconciliation, error) {
	begun := time.Now().UTC()
	r := Reconciliation{
		WorkflowID: workflows.ReconcileID(fmt.Sprintf("by-hand-%s-%s", begun.Format("2006-01-02T15-04-05"), strings.ToLower(rand.Text()[:4]))),
		Scope:      in.Scope, Mode: in.Mode, Started: begun,
	}
	run, err := c.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID:                    r.WorkflowID,
		TaskQueue:             workflows.TaskQueue,
		StaticSummary:         reconcileSummary(in),
		StaticDetails:         workflows.WhereToLook,
		Memo:                  map[string]any{reconcileMemo: in},
		TypedSearchAttributes: scopeAttributes(in.Scope),
	}, workflows.ReconcileWorkflow, in)
	if err != nil {
		return r, c.explain(ctx, r.ref(), false, err)
	}
	r.RunID = run.GetRunID()
	return r, nil
}

// reconcileSummary says in the Temporal UI what a reconciliation does.
func reconcileSummary(in workflows.ReconcileInput) string {
	what := map[link.ReconcileMode]string{
		link.RepairMore: "repair also what the policies only report", link.ReportOnly: "only report what has drifted",
	}[in.Mode]
	if what == "" {
		what = "do about drift what the policies say"
	}
	return fmt.Sprintf("Audit %s, and %s", in.Scope, what)
}

// scopeAttributes are the search attributes by which reconciliations of a scope are found.
func scopeAttributes(s link.Scope) temporal.SearchAttributes {
	var set []temporal.SearchAttributeUpdate
	for _, part := range []struct {
		key   temporal.SearchAttributeKeyKeyword
		value string
	}{{workflows.LinkAccount, s.Account}, {workflows.LinkRegion, s.Region}, {workflows.LinkService, s.Service}} {
		if part.value != "" {
			set = append(set, part.key.ValueSet(part.value))
		}
	}
	return temporal.NewSearchAttributes(set...)
}

// Progress is how far a reconciliation is.
type Progress struct {
	// Over is true when it has ended.
	Over bool
	// Doing says what it does just now; empty while no worker has taken it up.
	Doing string
}

// ReconcileProgress looks how far a reconciliation is.
func (c *Client) ReconcileProgress(ctx context.Context, r Reconciliation) (Progress, error) {
	seen, err := c.temporal.DescribeWorkflowExecution(ctx, r.WorkflowID, r.RunID)
	if err != nil {
		return Progress{}, c.explain(ctx, r.ref(), false, err)
	}
	if seen.GetWorkflowExecutionInfo().GetStatus() != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		return Progress{Over: true}, nil
	}
	steps := seen.GetPendingActivities()
	task := seen.GetPendingWorkflowTask()
	if len(steps) == 0 && task != nil && task.GetState() != enumspb.PENDING_WORKFLOW_TASK_STATE_STARTED {
		return Progress{}, nil
	}
	return Progress{Doing: doing(steps)}, nil
}

// The steps of a reconciliation, as activities.Fleets and activities.Auditor name them.
const (
	surveyStep = "SurveyFleet"
	auditStep  = "Audit"
	tellStep   = "TellFleet"
	askStep    = "AskFleet"
)

// doing says what the steps that run now come to; without any, it is between two, or gives flows time to set things right.
func doing(steps []*workflow.PendingActivityInfo) string {
	audits, name := 0, ""
	for _, step := range steps {
		_, name, _ = strings.Cut(step.GetActivityType().GetName(), ".")
		if name == auditStep {
			audits++
		}
	}
	switch {
	case audits > 0:
		return "audits " + count(audits, "place", "places")
	case name == surveyStep:
		return "finds out where links are"
	case name == tellStep:
		return "tells flows what has drifted"
	case name == askStep:
		return "asks flows how far they are"
	}
	return "is under way"
}

// Silent is the error for a reconciliation that no worker has taken up.
func (c *Client) Silent(ctx context.Context, r Reconciliation) error {
	return c.silent(ctx, r.ref(), context.DeadlineExceeded)
}

// AddReport reads what a reconciliation that has ended has come to.
func (c *Client) AddReport(ctx context.Context, r *Reconciliation) error {
	var report link.ReconcileReport
	err := c.temporal.GetWorkflow(ctx, r.WorkflowID, r.RunID).Get(ctx, &report)
	var failed *temporal.WorkflowExecutionError
	switch {
	case err == nil:
		r.How, r.Report, r.Mode = completed, &report, report.Mode
		return nil
	case errors.As(err, &failed):
		r.Problem = innermost(failed).Error()
		return nil
	}
	return c.explain(ctx, r.ref(), false, err)
}

// innermost is what has brought a workflow down, without what Temporal says around it.
func innermost(err error) error {
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(err) {
		err = next
	}
	return err
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
