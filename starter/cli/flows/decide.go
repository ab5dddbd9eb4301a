package flows

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

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
	link.Close:      workflows.CloseUpdate,
	link.Remove:     workflows.RemoveUpdate,
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

// DecideBySignal is [Client.Decide] for a flow that wants to know from the server who decides, which the server
// tells of a signal's sender and not of an update's. A signal is not answered, so the status is looked at until
// the decision stands in it.
func (c *Client) DecideBySignal(ctx context.Context, ref Ref, d link.Decision) (link.Decision, error) {
	signal, ok := updateOf[d.Verb]
	if !ok {
		return link.Decision{}, fmt.Errorf("%s: no such decision: %q", ref, d.Verb)
	}
	answerCtx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	d.ID = rand.Text()
	if err := c.temporal.SignalWorkflow(answerCtx, ref.WorkflowID(), "", signal, d); err != nil {
		return link.Decision{}, withVerb(c.explain(ctx, ref, true, err), d.Verb)
	}
	tick := time.NewTicker(recordedPause)
	defer tick.Stop()
	for {
		status, err := c.Status(answerCtx, ref)
		if err != nil {
			return link.Decision{}, withVerb(err, d.Verb)
		}
		for _, recorded := range status.Decisions {
			switch {
			case recorded.ID != d.ID:
			case recorded.Refused != "":
				return recorded, &RefusedError{Ref: ref, Verb: d.Verb, Reason: recorded.Refused}
			default:
				return recorded, nil
			}
		}
		select {
		case <-answerCtx.Done():
			return link.Decision{}, withVerb(c.explain(ctx, ref, true, answerCtx.Err()), d.Verb)
		case <-tick.C:
		}
	}
}

// recordedPause is how often a flow is asked whether it has heard a signal.
const recordedPause = 200 * time.Millisecond

// Remove asks a flow to take down what it made: a service is withdrawn, a connection disconnected, an inventory
// closed, a peering removed.
func (c *Client) Remove(ctx context.Context, ref Ref, d link.Decision) (link.Decision, error) {
	switch ref.Kind {
	case link.KindEndpointService:
		d.Verb = link.Withdraw
	case link.KindVPCInventory:
		d.Verb = link.Close
	case link.KindVPCPeering:
		d.Verb = link.Remove
	default:
		d.Verb = link.Disconnect
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
