package flows

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/workflows"
)

// Orphan is something that carries the ownership tag of a flow that does not run.
type Orphan struct {
	// Owner is how people name the flow: "connection/payments/shop".
	Owner   string `json:"owner"`
	Kind    string `json:"kind"`
	ID      string `json:"id"`
	Account string `json:"account"`
	Region  string `json:"region,omitempty"`

	ref Ref // of the owner; zero for the tag of something else than a flow
}

// Ref names the owner; false where the tag is no flow's.
func (o Orphan) Ref() (Ref, bool) { return o.ref, o.ref != Ref{} }

func (o Orphan) resource() link.Resource {
	return link.Resource{Kind: o.Kind, ID: o.ID, Account: o.Account, Region: o.Region}
}

// OrphansIn are the orphans of a report, by their owners, each once: what is of no region is seen from several.
func OrphansIn(report link.ReconcileReport) []Orphan {
	var all []Orphan
	for _, r := range report.Orphans {
		if slices.ContainsFunc(all, func(o Orphan) bool { return o.Kind == r.Kind && o.ID == r.ID && o.Account == r.Account }) {
			continue
		}
		_, id, _ := strings.Cut(r.Detail, "/") // the ownership tag: the namespace comes first
		ref, _ := refOfID(id)
		all = append(all, Orphan{Owner: NameOf(id), Kind: r.Kind, ID: r.ID, Account: r.Account, Region: r.Region, ref: ref})
	}
	slices.SortStableFunc(all, func(a, b Orphan) int { return strings.Compare(a.Owner, b.Owner) })
	return all
}

// RunningError is a flow that runs, so that nothing of its is an orphan.
type RunningError struct {
	Ref Ref
	// CleaningUp says that it is not the flow, but the removal of what it has left.
	CleaningUp bool
}

func (e *RunningError) Error() string {
	if e.CleaningUp {
		return fmt.Sprintf("what %s has left is being removed already: see how far with `linkwright describe %s`", e.Ref, e.Ref)
	}
	return fmt.Sprintf("%s runs, so that nothing of its is an orphan: to take it down, delete it with `linkwright delete %s`", e.Ref, e.Ref)
}

// Cleanup is a removal of what one flow has left.
type Cleanup struct {
	Ref   Ref
	runID string
}

// CleanUp starts the removal of what a flow has left. It takes the place of the flow, which must not run.
func (c *Client) CleanUp(ctx context.Context, ref Ref, orphans []Orphan, by string) (Cleanup, error) {
	in := workflows.CleanupInput{Kind: ref.Kind, Service: ref.Service, Name: ref.Name, By: by}
	for _, o := range orphans {
		in.Orphans = append(in.Orphans, o.resource())
	}
	run, err := c.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID:                                       ref.WorkflowID(),
		TaskQueue:                                workflows.TaskQueue,
		WorkflowIDConflictPolicy:                 enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowIDReusePolicy:                    enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		StaticSummary:                            fmt.Sprintf("Remove what %s has left, which does not run", ref),
		StaticDetails:                            workflows.WhereToLook,
	}, workflows.CleanupWorkflow, in)
	var running *serviceerror.WorkflowExecutionAlreadyStarted
	switch {
	case errors.As(err, &running):
		return Cleanup{}, &RunningError{Ref: ref, CleaningUp: c.cleaningUp(ctx, ref)}
	case err != nil:
		return Cleanup{}, c.explain(ctx, ref, false, err)
	}
	return Cleanup{ref, run.GetRunID()}, nil
}

func (c *Client) cleaningUp(ctx context.Context, ref Ref) bool {
	seen, err := c.temporal.DescribeWorkflowExecution(ctx, ref.WorkflowID(), "")
	return err == nil && seen.GetWorkflowExecutionInfo().GetType().GetName() == workflows.CleanupWorkflow
}

// CleanupReport waits for what a removal comes to.
func (c *Client) CleanupReport(ctx context.Context, removal Cleanup) (link.CleanupReport, error) {
	var report link.CleanupReport
	err := c.temporal.GetWorkflow(ctx, removal.Ref.WorkflowID(), removal.runID).Get(ctx, &report)
	var failed *temporal.WorkflowExecutionError
	if errors.As(err, &failed) {
		return report, fmt.Errorf("the removal of what %s has left was ended: %w", removal.Ref, innermost(failed))
	}
	return report, c.explain(ctx, removal.Ref, false, err)
}
