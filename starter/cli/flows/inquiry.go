package flows

import (
	"context"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/workflows"
)

const (
	// inquiryEndsWithin ends an inquiry that nobody waits for any more.
	inquiryEndsWithin = 10 * time.Minute
	// tidyWithin is how long an inquiry may take to be ended.
	tidyWithin = 5 * time.Second
)

// inquiry is a question to the workers: a workflow that looks, answers and ends, and changes nothing.
type inquiry struct {
	ref                   Ref       // stands for it in what is said of it
	verb                  link.Verb // what is asked for
	id, workflow, summary string
}

// inquire asks the workers. It gives up after a while, and sooner when no worker takes the question up.
func inquire[Answer any](ctx context.Context, c *Client, q inquiry, in any, within time.Duration) (Answer, error) {
	run, err := c.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID:                       q.id,
		TaskQueue:                workflows.TaskQueue,
		WorkflowExecutionTimeout: inquiryEndsWithin,
		StaticSummary:            q.summary,
		StaticDetails:            workflows.WhereToLook,
	}, q.workflow, in)
	if err != nil {
		var none Answer
		return none, c.explain(ctx, q.ref, false, err)
	}
	answer, err := await[Answer](ctx, c, q, run, within)
	if err != nil {
		c.endInquiry(ctx, run)
	}
	return answer, err
}

// await waits for an answer, and looks now and then whether anybody works on it.
func await[Answer any](ctx context.Context, c *Client, q inquiry, run client.WorkflowRun, within time.Duration) (Answer, error) {
	limited, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	var none Answer
	for {
		answer, err := answerOf[Answer](limited, run)
		switch {
		case err == nil:
			return answer, nil
		case ctx.Err() != nil || !isLate(err):
			return none, c.explain(ctx, q.ref, false, err)
		}
		if heard, err := c.heard(ctx, q, run); err != nil || !heard {
			return none, err
		}
		if limited.Err() != nil {
			return none, fmt.Errorf("there is no answer to the %s after %v: see why with `temporal workflow show --workflow-id %s`, or wait longer with --timeout",
				q.verb, within, run.GetID())
		}
	}
}

func answerOf[Answer any](ctx context.Context, run client.WorkflowRun) (Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	var answer Answer
	err := run.Get(ctx, &answer)
	return answer, err
}

// heard reports whether a worker has taken an inquiry up, or is there to do so; if not, the error says so.
func (c *Client) heard(ctx context.Context, q inquiry, run client.WorkflowRun) (bool, error) {
	seen, err := c.temporal.DescribeWorkflowExecution(ctx, run.GetID(), run.GetRunID())
	if err != nil {
		return false, c.explain(ctx, q.ref, false, err)
	}
	task := seen.GetPendingWorkflowTask()
	if task == nil || task.GetState() == enumspb.PENDING_WORKFLOW_TASK_STATE_STARTED {
		return true, nil
	}
	silent := &NoWorkerError{Ref: q.ref, Verb: q.verb, Err: context.DeadlineExceeded}
	switch attempts := task.GetAttempt(); {
	case attempts > 1:
		silent.Attempts = attempts
	case c.served(ctx):
		return true, nil // the workers are busy
	}
	return false, silent
}

// endInquiry ends an inquiry that nobody waits for.
func (c *Client) endInquiry(ctx context.Context, run client.WorkflowRun) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tidyWithin)
	defer cancel()
	// It ends by itself all the same, after a while.
	_ = c.temporal.TerminateWorkflow(ctx, run.GetID(), run.GetRunID(), "nobody waits for the answer any more")
}
