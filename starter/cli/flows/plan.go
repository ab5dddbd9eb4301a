package flows

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/workflows"
)

const (
	// planVerb is what is asked for when there is no worker to plan.
	planVerb link.Verb = "plan"
	// planEndsWithin ends a plan that nobody waits for any more.
	planEndsWithin = 10 * time.Minute
	// tidyWithin is how long a plan may take to be ended.
	tidyWithin = 5 * time.Second
)

// planRef stands for a plan in what is said of it.
var planRef = Ref{Name: "the plan"}

// Plan asks the workers what applying documents would come to; nothing is changed. It gives up after a while, and sooner
// when no worker takes the question up.
func (c *Client) Plan(ctx context.Context, docs []link.Document, within time.Duration) (link.Plan, error) {
	var in workflows.PlanInput
	for _, doc := range docs {
		in.Documents = append(in.Documents, workflows.PlanDocument{Service: doc.Service, Connection: doc.Connection, Inventory: doc.Inventory})
	}
	run, err := c.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID:                       workflows.PlanID(uuid.NewString()),
		TaskQueue:                workflows.TaskQueue,
		WorkflowExecutionTimeout: planEndsWithin,
		StaticSummary:            "Plan " + fewRefs(docs) + ", without changing anything",
		StaticDetails:            workflows.WhereToLook,
	}, workflows.PlanWorkflow, in)
	if err != nil {
		return link.Plan{}, c.explain(ctx, planRef, false, err)
	}
	plan, err := c.awaitPlan(ctx, run, within)
	if err != nil {
		c.endPlan(ctx, run)
	}
	return plan, err
}

// fewRefs names the first of many documents.
func fewRefs(docs []link.Document) string {
	var names []string
	for _, doc := range docs {
		names = append(names, RefOfDocument(doc).String())
	}
	return link.Few(names, 3)
}

// awaitPlan waits for a plan, and looks now and then whether anybody makes it.
func (c *Client) awaitPlan(ctx context.Context, run client.WorkflowRun, within time.Duration) (link.Plan, error) {
	limited, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	for {
		plan, err := planOf(limited, run)
		switch {
		case err == nil:
			return plan, nil
		case ctx.Err() != nil || !isLate(err):
			return link.Plan{}, c.explain(ctx, planRef, false, err)
		}
		if heard, err := c.planHeard(ctx, run); err != nil || !heard {
			return link.Plan{}, err
		}
		if limited.Err() != nil {
			return link.Plan{}, fmt.Errorf("there is no plan after %v: see why with `temporal workflow show --workflow-id %s`, or wait longer with --timeout", within, run.GetID())
		}
	}
}

func planOf(ctx context.Context, run client.WorkflowRun) (link.Plan, error) {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	var plan link.Plan
	err := run.Get(ctx, &plan)
	return plan, err
}

// planHeard reports whether a worker has taken a plan up; if not, the error says so.
func (c *Client) planHeard(ctx context.Context, run client.WorkflowRun) (bool, error) {
	seen, err := c.temporal.DescribeWorkflowExecution(ctx, run.GetID(), run.GetRunID())
	if err != nil {
		return false, c.explain(ctx, planRef, false, err)
	}
	task := seen.GetPendingWorkflowTask()
	if task == nil || task.GetState() == enumspb.PENDING_WORKFLOW_TASK_STATE_STARTED {
		return true, nil
	}
	silent := &NoWorkerError{Ref: planRef, Verb: planVerb, Err: context.DeadlineExceeded}
	if attempts := task.GetAttempt(); attempts > 1 {
		silent.Attempts = attempts
	}
	return false, silent
}

// endPlan ends a plan that nobody waits for.
func (c *Client) endPlan(ctx context.Context, run client.WorkflowRun) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tidyWithin)
	defer cancel()
	// It ends by itself all the same, after a while.
	_ = c.temporal.TerminateWorkflow(ctx, run.GetID(), run.GetRunID(), "nobody waits for the plan any more")
}
