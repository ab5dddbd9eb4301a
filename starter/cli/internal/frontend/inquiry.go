package frontend

import (
	"context"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/workflows"
)

// StartWorkflowExecution starts what is started without an update: a plan, an import, a reconciliation or a removal of orphans.
func (f *Frontend) StartWorkflowExecution(_ context.Context, req *workflowservice.StartWorkflowExecutionRequest) (*workflowservice.StartWorkflowExecutionResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if req.GetWorkflowType().GetName() == workflows.ReconcileWorkflow {
		return f.startRun(req)
	}
	if req.GetWorkflowType().GetName() == workflows.CleanupWorkflow {
		return f.startCleanup(req)
	}
	f.inquiry = req
	return &workflowservice.StartWorkflowExecutionResponse{RunId: "run-1", Started: true}, nil
}

// GetWorkflowExecutionHistory answers with the end of a reconciliation or of the inquiry, or waits for ever when nobody
// answers it.
func (f *Frontend) GetWorkflowExecutionHistory(ctx context.Context, req *workflowservice.GetWorkflowExecutionHistoryRequest) (*workflowservice.GetWorkflowExecutionHistoryResponse, error) {
	if end, err := f.endOfRun(req.GetExecution().GetWorkflowId()); end != nil || err != nil {
		return end, err
	}
	if f.Plan == nil { // there is no worker
		<-ctx.Done()
		return nil, ctx.Err()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	answer, err := f.answer(req.GetExecution().GetWorkflowId())
	if err != nil {
		return nil, err
	}
	result, err := converter.GetDefaultDataConverter().ToPayloads(answer)
	return &workflowservice.GetWorkflowExecutionHistoryResponse{History: &history.History{Events: []*history.HistoryEvent{{
		EventType: enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
		Attributes: &history.HistoryEvent_WorkflowExecutionCompletedEventAttributes{
			WorkflowExecutionCompletedEventAttributes: &history.WorkflowExecutionCompletedEventAttributes{Result: result},
		},
	}}}}, err
}

// answer is what a removal has come to, or what the test has put there for the inquiry.
func (f *Frontend) answer(workflowID string) (any, error) {
	if report, ok := f.cleanups[workflowID]; ok {
		return report, nil
	}
	if f.inquiry.GetWorkflowType().GetName() == workflows.ImportWorkflow {
		var in workflows.ImportInput
		err := converter.GetDefaultDataConverter().FromPayloads(f.inquiry.GetInput(), &in)
		return f.Import(in), err
	}
	var in workflows.PlanInput
	err := converter.GetDefaultDataConverter().FromPayloads(f.inquiry.GetInput(), &in)
	return f.Plan(in), err
}

// startCleanup removes orphans at once, unless the flow runs.
func (f *Frontend) startCleanup(req *workflowservice.StartWorkflowExecutionRequest) (*workflowservice.StartWorkflowExecutionResponse, error) {
	id := req.GetWorkflowId()
	if f.how[id] == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		return nil, serviceerror.NewWorkflowExecutionAlreadyStarted("it runs", "", "run-0")
	}
	var in workflows.CleanupInput
	if err := converter.GetDefaultDataConverter().FromPayloads(req.GetInput(), &in); err != nil {
		return nil, err
	}
	f.cleanups[id] = f.Cleanup(id, in)
	f.statuses[id] = link.Status{Kind: in.Kind, Service: in.Service, Name: in.Name, Phase: link.CleanedUp}
	f.how[id] = enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED
	return &workflowservice.StartWorkflowExecutionResponse{RunId: "run-1", Started: true}, nil
}

// TerminateWorkflowExecution ends the inquiry.
func (f *Frontend) TerminateWorkflowExecution(context.Context, *workflowservice.TerminateWorkflowExecutionRequest) (*workflowservice.TerminateWorkflowExecutionResponse, error) {
	return &workflowservice.TerminateWorkflowExecutionResponse{}, nil
}
