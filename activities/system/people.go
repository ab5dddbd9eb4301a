package system

import (
	"context"
	"errors"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/activity"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/signers"
)

// SignalSender implements [activities.System]. The server stamps the authenticated caller on the event that
// a request writes; for a signal that is the sender (for an update it would be the worker).
func (s *System) SignalSender(ctx context.Context, req activities.SignalSenderRequest) (string, error) {
	me := activity.GetInfo(ctx).WorkflowExecution
	history := s.Client.GetWorkflowHistory(ctx, me.ID, me.RunID, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	seen := 0
	for history.HasNext() {
		event, err := history.Next()
		if err != nil {
			return "", fmt.Errorf("read the history of %s: %w", me.ID, err)
		}
		if event.GetWorkflowExecutionSignaledEventAttributes().GetSignalName() != req.Signal {
			continue
		}
		if seen++; seen == req.Nth {
			return event.GetPrincipal().GetName(), nil
		}
	}
	return "", fmt.Errorf("the history of %s has %d signals %q, not %d", me.ID, seen, req.Signal, req.Nth)
}

// FlowStarter implements [activities.System]. The first event of a flow's first run is written by the request
// that starts it; those of later runs are written by workers.
func (s *System) FlowStarter(ctx context.Context, req activities.FlowStarterRequest) (string, error) {
	id := activity.GetInfo(ctx).WorkflowExecution.ID
	history := s.Client.GetWorkflowHistory(ctx, id, req.FirstRunID, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	if !history.HasNext() {
		return "", nil
	}
	event, err := history.Next()
	var unknown *serviceerror.NotFound
	if errors.As(err, &unknown) {
		return "", nil // it began longer ago than the namespace keeps histories
	}
	if err != nil {
		return "", fmt.Errorf("read the beginning of %s: %w", id, err)
	}
	return event.GetPrincipal().GetName(), nil
}

// VerifySignature implements [activities.System]. It reads the file each time, so that whoever is taken off the
// list can decide nothing more, from that moment on.
func (s *System) VerifySignature(_ context.Context, req activities.VerifySignatureRequest) (activities.SignatureVerdict, error) {
	if s.AllowedSigners == "" {
		return activities.SignatureVerdict{
			Refused: "the workers do not know whose signatures to accept: start them with --allowed-signers FILE",
		}, nil
	}
	file, err := signers.Load(s.AllowedSigners)
	if err != nil {
		return activities.SignatureVerdict{Refused: "the workers cannot use their allowed-signers file: " + err.Error()}, nil
	}
	signed, err := file.Verify(req.Text, req.Signature, req.By, time.Now())
	if err != nil {
		return activities.SignatureVerdict{Refused: err.Error()}, nil
	}
	verdict := activities.SignatureVerdict{Signer: signed.Signer, Signature: signed.Armored}
	for _, other := range req.Others {
		if file.Same(signed.Signer, other) {
			verdict.Same = append(verdict.Same, other.Name)
		}
	}
	return verdict, nil
}
