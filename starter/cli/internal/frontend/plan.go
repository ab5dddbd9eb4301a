package frontend

import (
	"context"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"

	"github.com/linkwright/linkwright/workflows"
)

// StartWorkflowExecution starts a plan or a reconciliation, the only workflows that are started without an update.
func (f *Frontend) StartWorkflowExecution(_ context.Context, req *workflowservice.StartWorkflowExecutionRequest) (*workflowservice.StartWorkflowExecutionResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if req.GetWorkflowType().GetName() == workflows.ReconcileWorkflow {
		return f.startRun(req)
	}
	f.plan = req
	return &workflowservice.StartWorkflowExecutionResponse{RunId: "run-1", Started: true}, nil
}

// GetWorkflowExecutionHistory answers with the end of a reconciliation or of the plan, or waits for ever when nobody makes one.
func (f *Frontend) GetWorkflowExecutionHistory(ctx context.Context, req *workflowservice.GetWorkflowExecutionHistoryRequest) (*workflowservice.GetWorkflowExecutionHistoryResponse, error) {
	if end, err := f.endOfRun(req.GetExecution().GetWorkflowId()); end != nil || err != nil {
		return end, err
	}
	if f.Plan == nil {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	var in workflows.PlanInput
	if err := converter.GetDefaultDataConverter().FromPayloads(f.plan.GetInput(), &in); err != nil {
		return nil, err
	}
	result, err := converter.GetDefaultDataConverter().ToPayloads(f.Plan(in))
	return &workflowservice.GetWorkflowExecutionHistoryResponse{History: &history.History{Events: []*history.HistoryEvent{{
		EventType: enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
		Attributes: &history.HistoryEvent_WorkflowExecutionCompletedEventAttributes{
			WorkflowExecutionCompletedEventAttributes: &history.WorkflowExecutionCompletedEventAttributes{Result: result},
		},
	}}}}, err
}

// TerminateWorkflowExecution ends the plan.
func (f *Frontend) TerminateWorkflowExecution(context.Context, *workflowservice.TerminateWorkflowExecutionRequest) (*workflowservice.TerminateWorkflowExecutionResponse, error) {
	return &workflowservice.TerminateWorkflowExecutionResponse{}, nil
}
