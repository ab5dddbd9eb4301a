package system

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"github.com/linkwright/linkwright/activities"
)

// AskFlow implements [activities.System]. The answer comes from the flow itself, and not from anybody who may
// send messages in its name.
func (s *System) AskFlow(ctx context.Context, req activities.AskFlowRequest) (json.RawMessage, error) {
	answer, err := s.Client.QueryWorkflowWithOptions(ctx, &client.QueryWorkflowWithOptionsRequest{
		WorkflowID: req.WorkflowID, QueryType: req.Query, QueryRejectCondition: enumspb.QUERY_REJECT_CONDITION_NOT_OPEN,
	})
	var unknown *serviceerror.NotFound
	switch {
	case errors.As(err, &unknown):
		return nil, activities.Gone(req.WorkflowID+" does not run", err)
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
