package frontend

import (
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	failurepb "go.temporal.io/api/failure/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/workflows"
)

// Run is a reconciliation.
type Run struct {
	ID string
	// Schedule is the id of the schedule that has started it; empty for one that was started by hand.
	Schedule string
	Scope    link.Scope
	Started  time.Time
	// Report is what it has come to, and Failure why it has come to nothing; with neither, it runs.
	Report  *link.ReconcileReport
	Failure string
	// Steps are the activities that are under way, by their types, while it runs.
	Steps []string
	// Unheard is true while no worker has taken it up.
	Unheard bool
	// Start is the request that has started it; nil for one that was put there.
	Start *workflowservice.StartWorkflowExecutionRequest
}

// PutRun makes a reconciliation be there.
func (f *Frontend) PutRun(r Run) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.runs = append(f.runs, r)
}

// Runs are the reconciliations that are there.
func (f *Frontend) Runs() []Run {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]Run{}, f.runs...)
}

func (f *Frontend) run(id string) *Run {
	for i := range f.runs {
		if f.runs[i].ID == id {
			return &f.runs[i]
		}
	}
	return nil
}

// startRun starts a reconciliation, which has ended at once where there is an answer.
func (f *Frontend) startRun(req *workflowservice.StartWorkflowExecutionRequest) (*workflowservice.StartWorkflowExecutionResponse, error) {
	r := Run{ID: req.GetWorkflowId(), Started: time.Now(), Unheard: f.Reconcile == nil, Start: req}
	var in workflows.ReconcileInput
	if err := converter.GetDefaultDataConverter().FromPayloads(req.GetInput(), &in); err != nil {
		return nil, err
	}
	r.Scope = in.Scope
	if f.Reconcile != nil {
		report := f.Reconcile(in)
		r.Report = &report
	}
	f.runs = append(f.runs, r)
	return &workflowservice.StartWorkflowExecutionResponse{RunId: "run-1", Started: true}, nil
}

func (r *Run) info() *workflow.WorkflowExecutionInfo {
	fields := map[string]*commonpb.Payload{}
	setField(fields, "LinkAccount", r.Scope.Account)
	setField(fields, "LinkRegion", r.Scope.Region)
	setField(fields, "LinkService", r.Scope.Service)
	setField(fields, "TemporalScheduledById", r.Schedule)
	info := &workflow.WorkflowExecutionInfo{
		Execution: &commonpb.WorkflowExecution{WorkflowId: r.ID, RunId: "run-1"},
		Type:      &commonpb.WorkflowType{Name: workflows.ReconcileWorkflow}, Status: enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING,
		StartTime:        timestamppb.New(r.Started),
		SearchAttributes: &commonpb.SearchAttributes{IndexedFields: fields},
	}
	switch {
	case r.Failure != "":
		info.Status, info.CloseTime = enumspb.WORKFLOW_EXECUTION_STATUS_FAILED, timestamppb.New(r.Started)
	case r.Report != nil:
		info.Status = enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED
		info.CloseTime = timestamppb.New(r.Started.Add(time.Duration(r.Report.Duration)))
	}
	return info
}

func (r *Run) description() *workflowservice.DescribeWorkflowExecutionResponse {
	response := &workflowservice.DescribeWorkflowExecutionResponse{WorkflowExecutionInfo: r.info()}
	if r.Unheard {
		response.PendingWorkflowTask = &workflow.PendingWorkflowTaskInfo{State: enumspb.PENDING_WORKFLOW_TASK_STATE_SCHEDULED, Attempt: 1}
	}
	for _, step := range r.Steps {
		response.PendingActivities = append(response.PendingActivities, &workflow.PendingActivityInfo{ActivityType: &commonpb.ActivityType{Name: step}})
	}
	return response
}

// endOfRun is the end of a reconciliation; nil when there is none of this id.
func (f *Frontend) endOfRun(id string) (*workflowservice.GetWorkflowExecutionHistoryResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	r := f.run(id)
	if r == nil {
		return nil, nil
	}
	event := &history.HistoryEvent{
		EventType: enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED,
		Attributes: &history.HistoryEvent_WorkflowExecutionFailedEventAttributes{
			WorkflowExecutionFailedEventAttributes: &history.WorkflowExecutionFailedEventAttributes{Failure: &failurepb.Failure{
				Message:     r.Failure,
				FailureInfo: &failurepb.Failure_ApplicationFailureInfo{ApplicationFailureInfo: &failurepb.ApplicationFailureInfo{}},
			}},
		},
	}
	if r.Report != nil {
		result, err := converter.GetDefaultDataConverter().ToPayloads(*r.Report)
		if err != nil {
			return nil, err
		}
		event.EventType = enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED
		event.Attributes = &history.HistoryEvent_WorkflowExecutionCompletedEventAttributes{
			WorkflowExecutionCompletedEventAttributes: &history.WorkflowExecutionCompletedEventAttributes{Result: result},
		}
	}
	return &workflowservice.GetWorkflowExecutionHistoryResponse{History: &history.History{Events: []*history.HistoryEvent{event}}}, nil
}
