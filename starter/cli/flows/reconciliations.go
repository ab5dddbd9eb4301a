package flows

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/workflows"
)

// startedBySchedule is the search attribute in which Temporal says which schedule has started a workflow.
const startedBySchedule = "TemporalScheduledById"

// NoReconciliationError is a reconciliation that is not there, or no longer.
type NoReconciliationError struct{ Name string }

func (e *NoReconciliationError) Error() string {
	return fmt.Sprintf("reconciliation %s not found: see with `linkwright drift` which there are; Temporal keeps them for as long as the "+
		"namespace retains what has ended", e.Name)
}

// Reconciliations lists the last ones that had to do with a scope, the newest first, without their reports.
func (c *Client) Reconciliations(ctx context.Context, scope link.Scope, last int) ([]Reconciliation, error) {
	var found []Reconciliation
	var page []byte
	for {
		response, err := c.temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
			Query: "WorkflowType = " + quote(workflows.ReconcileWorkflow), NextPageToken: page,
		})
		if err != nil {
			return nil, c.explain(ctx, Ref{Name: "reconciliations"}, false, err)
		}
		for _, info := range response.GetExecutions() {
			if r := c.reconciliationOf(info); r.Scope.Overlaps(scope) {
				found = append(found, r)
			}
		}
		// Temporal lists what runs first, and then what has ended last: there may be more that run than are asked for.
		page = response.GetNextPageToken()
		if len(page) == 0 || len(found) >= last && !found[len(found)-1].Running() {
			break
		}
	}
	slices.SortStableFunc(found, func(a, b Reconciliation) int {
		return cmp.Or(b.Started.Compare(a.Started), strings.Compare(a.WorkflowID, b.WorkflowID))
	})
	return found[:min(last, len(found))], nil
}

// Reconciliation finds one by its name, or by its workflow id.
func (c *Client) Reconciliation(ctx context.Context, name string) (Reconciliation, error) {
	id := workflows.ReconcileID(strings.TrimPrefix(name, workflows.ReconcileID("")))
	seen, err := c.temporal.DescribeWorkflowExecution(ctx, id, "")
	var unknown *serviceerror.NotFound
	switch {
	case errors.As(err, &unknown):
		return Reconciliation{}, &NoReconciliationError{Name: name}
	case err != nil:
		return Reconciliation{}, c.explain(ctx, Ref{Name: id}, false, err)
	}
	return c.reconciliationOf(seen.GetWorkflowExecutionInfo()), nil
}

// reconciliationOf reads a visibility record.
func (c *Client) reconciliationOf(info *workflow.WorkflowExecutionInfo) Reconciliation {
	attributes := info.GetSearchAttributes()
	r := Reconciliation{
		WorkflowID: info.GetExecution().GetWorkflowId(),
		RunID:      info.GetExecution().GetRunId(),
		Schedule:   strings.TrimPrefix(keyword(attributes, startedBySchedule), schedulePrefix),
		Scope:      scopeOf(attributes),
		Started:    info.GetStartTime().AsTime(),
	}
	r.Mode = c.toldBy(info.GetMemo()).Mode
	if info.GetStatus() != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		r.Ended, r.How = info.GetCloseTime().AsTime(), how(info.GetStatus())
	}
	return r
}
