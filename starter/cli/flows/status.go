package flows

import (
	"context"
	"errors"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/workflows"
)

// A flow has so long to say how it is, each time that it is asked. Temporal holds a query back for as long while
// no worker is there to answer it. It is asked again because a worker that was just stopped may take the first
// query with it: Temporal gives it to a poll that has hung up, or waits in vain on the worker's sticky queue.
const (
	queryWithin = 8 * time.Second
	queryTimes  = 2
)

// completed is how a flow ends of its own accord.
const completed = "completed"

// Status asks a flow how it is; one that has ended still answers for as long as Temporal keeps its history.
// The status of a flow that was ended from outside comes together with an [EndedError].
func (c *Client) Status(ctx context.Context, ref Ref) (link.Status, error) {
	status, err := c.query(ctx, ref, enumspb.QUERY_REJECT_CONDITION_NOT_COMPLETED_CLEANLY)
	var rejected *rejectedError
	if !errors.As(err, &rejected) {
		return status, err
	}
	status, err = c.query(ctx, ref, enumspb.QUERY_REJECT_CONDITION_NONE)
	if err != nil {
		return status, err
	}
	return status, &EndedError{Ref: ref, How: how(rejected.status)}
}

func (c *Client) query(ctx context.Context, ref Ref, reject enumspb.QueryRejectCondition) (link.Status, error) {
	var status link.Status
	answer, err := c.ask(ctx, &client.QueryWorkflowWithOptionsRequest{
		WorkflowID: ref.WorkflowID(), QueryType: workflows.StatusQuery, QueryRejectCondition: reject,
	})
	if err != nil {
		var notFound *serviceerror.NotFound
		if errors.As(err, &notFound) {
			return status, c.NotFound(ctx, ref)
		}
		return status, c.explain(ctx, ref, true, err)
	}
	if answer.QueryRejected != nil {
		return status, &rejectedError{answer.QueryRejected.GetStatus()}
	}
	return status, answer.QueryResult.Get(&status)
}

// Arrived reports whether a flow has come to where its link does what it is for, as currently specified.
func Arrived(s link.Status) bool {
	applied, known := s.Condition(link.SpecApplied)
	return s.Phase.Good() && (applied.OK || !known)
}

// ask sends a query, and sends it again when it is not answered in time.
func (c *Client) ask(ctx context.Context, query *client.QueryWorkflowWithOptionsRequest) (*client.QueryWorkflowWithOptionsResponse, error) {
	for asked := 1; ; asked++ {
		answer, err := c.askOnce(ctx, query)
		if asked == queryTimes || ctx.Err() != nil || !isLate(err) {
			return answer, err
		}
	}
}

// askOnce sends a query, again and again while the flow was started so recently that it has not run at all.
func (c *Client) askOnce(ctx context.Context, query *client.QueryWorkflowWithOptionsRequest) (*client.QueryWorkflowWithOptionsResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, queryWithin)
	defer cancel()
	tick := time.NewTicker(notReadyPause)
	defer tick.Stop()
	for {
		answer, err := c.temporal.QueryWorkflowWithOptions(ctx, query)
		var notReady *serviceerror.WorkflowNotReady
		if !errors.As(err, &notReady) {
			return answer, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-tick.C:
		}
	}
}

const notReadyPause = 100 * time.Millisecond

// rejectedError is a query that the server did not pass on, because of how the flow ended.
type rejectedError struct {
	status enumspb.WorkflowExecutionStatus
}

func (e *rejectedError) Error() string { return "the flow was " + how(e.status) }

// how names the end of a flow; empty while it runs.
func how(s enumspb.WorkflowExecutionStatus) string {
	switch s {
	case enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED:
		return completed
	case enumspb.WORKFLOW_EXECUTION_STATUS_FAILED:
		return "failed"
	case enumspb.WORKFLOW_EXECUTION_STATUS_CANCELED:
		return "cancelled"
	case enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED:
		return "terminated"
	case enumspb.WORKFLOW_EXECUTION_STATUS_TIMED_OUT:
		return "timed out"
	}
	return ""
}
