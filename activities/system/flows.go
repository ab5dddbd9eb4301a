package system

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/linkwright/linkwright/activities"
)

// AskFlow implements [activities.System]. The answer comes from the flow itself, and not from anybody who may
// send messages in its name.
func (s *System) AskFlow(ctx context.Context, req activities.AskFlowRequest) (json.RawMessage, error) {
	answer, err := s.Client.QueryWorkflowWithOptions(ctx, &client.QueryWorkflowWithOptionsRequest{
		WorkflowID: req.WorkflowID, QueryType: req.Query, QueryRejectCondition: enumspb.QUERY_REJECT_CONDITION_NOT_OPEN,
	})
	var unknown *serviceerror.NotFound
	var unanswered *serviceerror.QueryFailed
	switch {
	case errors.As(err, &unknown):
		return nil, activities.Gone(req.WorkflowID+" does not run", err)
	case errors.As(err, &unanswered) && s.beingCleanedUp(ctx, req.WorkflowID):
		return nil, activities.Gone(req.WorkflowID+" does not run, and what it has left is being removed", err)
	case err != nil:
		return nil, fmt.Errorf("ask %s for %s: %w", req.WorkflowID, req.Query, err)
	case answer.QueryRejected != nil:
		return nil, activities.Gone(req.WorkflowID+" has ended", nil)
	}
	var raw json.RawMessage
	if err := answer.QueryResult.Get(&raw); err != nil {
		return nil, fmt.Errorf("read what %s answers to %s: %w", req.WorkflowID, req.Query, err)
	}
	return raw, nil
}

// Introduce implements [activities.System].
func (s *System) Introduce(ctx context.Context, req activities.IntroduceRequest) (json.RawMessage, error) {
	answer, err := s.AskFlow(ctx, req.AskFlowRequest)
	if err != nil {
		return nil, err
	}
	err = s.Client.SignalWorkflow(ctx, req.WorkflowID, "", req.Signal, req.Message)
	var unknown *serviceerror.NotFound
	switch {
	case errors.As(err, &unknown):
		return nil, activities.Gone(req.WorkflowID+" has ended", err)
	case err != nil:
		return nil, fmt.Errorf("signal %s to %s: %w", req.Signal, req.WorkflowID, err)
	}
	return answer, nil
}

// beingCleanedUp reports whether what runs under a flow's id is not the flow, but removes what it has left.
func (s *System) beingCleanedUp(ctx context.Context, workflowID string) bool {
	seen, err := s.Client.DescribeWorkflowExecution(ctx, workflowID, "")
	return err == nil && seen.GetWorkflowExecutionInfo().GetType().GetName() == s.Cleanup
}

// completedMeanwhile is the type of error by which Temporal answers an update that a workflow has taken in, and has ended
// without an answer to (go.temporal.io/server, service/history/workflow/update).
const completedMeanwhile = "AcceptedUpdateCompletedWorkflow"

// TellFlow implements [activities.System]. Temporal takes in an update of one id once in each run of a workflow, so that
// an answer which was lost is given again.
func (s *System) TellFlow(ctx context.Context, req activities.TellFlowRequest) (json.RawMessage, error) {
	options := client.UpdateWorkflowOptions{
		WorkflowID: req.WorkflowID, UpdateName: req.Update, UpdateID: req.UpdateID,
		WaitForStage: client.WorkflowUpdateStageCompleted,
	}
	if req.Message != nil {
		options.Args = []any{req.Message}
	}
	var answer json.RawMessage
	handle, err := s.Client.UpdateWorkflow(ctx, options)
	if err == nil {
		err = handle.Get(ctx, &answer)
	}
	var unknown *serviceerror.NotFound
	var refusal *temporal.ApplicationError
	switch {
	case err == nil:
		return answer, nil
	case errors.As(err, &unknown):
		return nil, activities.Gone(req.WorkflowID+" does not run", err)
	case errors.As(err, &refusal) && refusal.Type() == completedMeanwhile:
		return nil, activities.Gone(req.WorkflowID+" has ended", err)
	case errors.As(err, &refusal):
		return nil, activities.Refused(req.WorkflowID+" refuses "+req.Update+": "+refusal.Message(), err)
	}
	return nil, fmt.Errorf("tell %s %s: %w", req.WorkflowID, req.Update, err)
}
