package flows

import (
	"context"
	"errors"
	"fmt"

	"go.temporal.io/sdk/client"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/workflows"
)

// updateOf is the update that carries each verb.
var updateOf = map[link.Verb]string{
	link.Approve:    workflows.ApproveUpdate,
	link.Reject:     workflows.RejectUpdate,
	link.Retry:      workflows.RetryUpdate,
	link.Disconnect: workflows.DisconnectUpdate,
	link.Withdraw:   workflows.WithdrawUpdate,
}

// Decide carries a decision to a flow and returns it as the flow recorded it. A decision that cannot be
// carried out comes back as a [RefusedError].
func (c *Client) Decide(ctx context.Context, ref Ref, d link.Decision) (link.Decision, error) {
	update, ok := updateOf[d.Verb]
	if !ok {
		return link.Decision{}, fmt.Errorf("%s: no such decision: %q", ref, d.Verb)
	}
	answerCtx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	var recorded link.Decision
	handle, err := c.temporal.UpdateWorkflow(answerCtx, client.UpdateWorkflowOptions{
		WorkflowID:   ref.WorkflowID(),
		UpdateName:   update,
		Args:         []any{d},
		WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err == nil {
		err = handle.Get(answerCtx, &recorded)
	}
	if err != nil {
		return link.Decision{}, withVerb(c.explain(ctx, ref, true, err), d.Verb)
	}
	if recorded.Refused != "" {
		return recorded, &RefusedError{Ref: ref, Verb: d.Verb, Reason: recorded.Refused}
	}
	return recorded, nil
}

// Remove asks a flow to take down what it made: a service is withdrawn, a connection disconnected.
func (c *Client) Remove(ctx context.Context, ref Ref, d link.Decision) (link.Decision, error) {
	d.Verb = link.Disconnect
	if ref.Kind == link.KindEndpointService {
		d.Verb = link.Withdraw
	}
	return c.Decide(ctx, ref, d)
}

// withVerb adds to an error of a flow what the flow was told to do.
func withVerb(err error, verb link.Verb) error {
	var refused *RefusedError
	if errors.As(err, &refused) {
		refused.Verb = verb
	}
	var noWorker *NoWorkerError
	if errors.As(err, &noWorker) {
		noWorker.Verb = verb
	}
	return err
}
