// Package frontend is a stand-in for a Temporal frontend, for tests of the command line: it answers the few
// requests that a client of flows makes, over real gRPC on the loopback, with what the test has put there.
// It runs no workflow.
package frontend

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	failurepb "go.temporal.io/api/failure/v1"
	"go.temporal.io/api/operatorservice/v1"
	querypb "go.temporal.io/api/query/v1"
	"go.temporal.io/api/serviceerror"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	updatepb "go.temporal.io/api/update/v1"
	"go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
	"github.com/linkwright/linkwright/workflows"
)

// Frontend is a running stand-in.
type Frontend struct {
	workflowservice.UnimplementedWorkflowServiceServer
	operatorservice.UnimplementedOperatorServiceServer
	// Address is where it listens.
	Address string

	mu       sync.Mutex
	statuses map[string]link.Status
	how      map[string]enumspb.WorkflowExecutionStatus
	updates  []Update
	signals  []Update
	queries  []string
	starts   []*workflowservice.StartWorkflowExecutionRequest
	inquiry  *workflowservice.StartWorkflowExecutionRequest
	// runs are reconciliations, and schedules what starts them.
	runs      []Run
	schedules []*schedule

	// Answer answers updates; an error is the flow's refusal. Set it before the first request.
	Answer func(Update) (any, error)
	// Hear is told of signals; it may Put a status. Set it before the first request.
	Hear func(Update)
	// Fail, when it returns an error for a method, is answered in place of anything else.
	Fail func(method string) error
	// Plan answers plans, at first with nothing to do; without it, they are never taken up. Set it before the first
	// request.
	Plan func(workflows.PlanInput) link.Plan
	// Import answers imports, at first with nothing found. Set it before the first request.
	Import func(workflows.ImportInput) link.Imported
	// Reconcile answers reconciliations; without it, they are never taken up. Set it before the first request.
	Reconcile func(workflows.ReconcileInput) link.ReconcileReport
	// Cleanup answers removals of orphans, which are over at once. Set it before the first request.
	Cleanup  func(workflowID string, in workflows.CleanupInput) link.CleanupReport
	cleanups map[string]link.CleanupReport
	// Attempts is how often workers have tried in vain to go on with the flows.
	Attempts int32
	// Polled is when a worker asked for work last; zero when none ever has.
	Polled time.Time
	// PageSize is how many flows a page of a list holds.
	PageSize int
	// Attributes are the search attributes that the namespace has.
	Attributes map[string]enumspb.IndexedValueType
}

// Update is an update, or a signal, that was sent to a flow.
type Update struct {
	WorkflowID, Name string
	Payload          *commonpb.Payload
}

// Start lets a stand-in listen until the test ends.
func Start(t *testing.T) *Frontend {
	t.Helper()
	f := &Frontend{
		statuses: map[string]link.Status{}, how: map[string]enumspb.WorkflowExecutionStatus{},
		cleanups: map[string]link.CleanupReport{},
		PageSize: 100, Attributes: workflows.SearchAttributes(),
		Plan:   func(workflows.PlanInput) link.Plan { return link.Plan{} },
		Import: func(workflows.ImportInput) link.Imported { return link.Imported{} },
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f.Address = listener.Addr().String()
	server := grpc.NewServer(grpc.UnaryInterceptor(f.intercept))
	workflowservice.RegisterWorkflowServiceServer(server, f)
	operatorservice.RegisterOperatorServiceServer(server, f)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		server.Stop()
		// A test that asks nothing may stop it before it has begun to serve.
		if err := <-served; err != nil && !errors.Is(err, grpc.ErrServerStopped) {
			t.Error(err)
		}
	})
	return f
}

// Put makes a flow with this status be there, running or ended in the given way.
func (f *Frontend) Put(s link.Status, how enumspb.WorkflowExecutionStatus) {
	f.mu.Lock()
	defer f.mu.Unlock()
	id := flows.RefOf(s).WorkflowID()
	f.statuses[id], f.how[id] = s, how
}

// Updates are those that were sent so far.
func (f *Frontend) Updates() []Update {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.updates)
}

// Signals are those that were sent so far.
func (f *Frontend) Signals() []Update {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.signals)
}

// Queries are the visibility queries that were asked so far.
func (f *Frontend) Queries() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.queries)
}

// Starts are the starts that came with updates so far.
func (f *Frontend) Starts() []*workflowservice.StartWorkflowExecutionRequest {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.starts)
}

func (f *Frontend) intercept(ctx context.Context, req any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	method := info.FullMethod[strings.LastIndex(info.FullMethod, "/")+1:]
	if f.Fail != nil {
		if err := f.Fail(method); err != nil {
			return nil, statusOf(err)
		}
	}
	response, err := handle(ctx, req)
	return response, statusOf(err)
}

func statusOf(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := status.FromError(err); ok {
		return err
	}
	return serviceerror.ToStatus(err).Err()
}

// GetSystemInfo is what a client asks first.
func (f *Frontend) GetSystemInfo(context.Context, *workflowservice.GetSystemInfoRequest) (*workflowservice.GetSystemInfoResponse, error) {
	return &workflowservice.GetSystemInfoResponse{Capabilities: &workflowservice.GetSystemInfoResponse_Capabilities{}}, nil
}

// QueryWorkflow answers with a flow's status.
func (f *Frontend) QueryWorkflow(_ context.Context, req *workflowservice.QueryWorkflowRequest) (*workflowservice.QueryWorkflowResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	id := req.GetExecution().GetWorkflowId()
	s, ok := f.statuses[id]
	if !ok {
		return nil, serviceerror.NewNotFoundf("workflow not found for ID: %s", id)
	}
	clean := f.how[id] == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING || f.how[id] == enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED
	if !clean && req.GetQueryRejectCondition() == enumspb.QUERY_REJECT_CONDITION_NOT_COMPLETED_CLEANLY {
		return &workflowservice.QueryWorkflowResponse{QueryRejected: &querypb.QueryRejected{Status: f.how[id]}}, nil
	}
	payloads, err := converter.GetDefaultDataConverter().ToPayloads(s)
	return &workflowservice.QueryWorkflowResponse{QueryResult: payloads}, err
}

// DescribeWorkflowExecution tells whether a flow is there, and how it ended.
func (f *Frontend) DescribeWorkflowExecution(_ context.Context, req *workflowservice.DescribeWorkflowExecutionRequest) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	id := req.GetExecution().GetWorkflowId()
	if f.inquiry.GetWorkflowId() == id {
		return &workflowservice.DescribeWorkflowExecutionResponse{PendingWorkflowTask: &workflow.PendingWorkflowTaskInfo{Attempt: 1}}, nil
	}
	if r := f.run(id); r != nil {
		return r.description(), nil
	}
	if _, ok := f.statuses[id]; !ok {
		return nil, serviceerror.NewNotFoundf("workflow not found for ID: %s", id)
	}
	response := &workflowservice.DescribeWorkflowExecutionResponse{WorkflowExecutionInfo: f.info(id)}
	if f.Attempts > 0 {
		response.PendingWorkflowTask = &workflow.PendingWorkflowTaskInfo{Attempt: f.Attempts}
	}
	return response, nil
}

// DescribeTaskQueue tells of the worker that asked for work, if one has.
func (f *Frontend) DescribeTaskQueue(context.Context, *workflowservice.DescribeTaskQueueRequest) (*workflowservice.DescribeTaskQueueResponse, error) {
	var out workflowservice.DescribeTaskQueueResponse
	if !f.Polled.IsZero() {
		out.Pollers = []*taskqueuepb.PollerInfo{{LastAccessTime: timestamppb.New(f.Polled)}}
	}
	return &out, nil
}

// SignalWorkflowExecution passes a signal to Hear.
func (f *Frontend) SignalWorkflowExecution(_ context.Context, req *workflowservice.SignalWorkflowExecutionRequest) (*workflowservice.SignalWorkflowExecutionResponse, error) {
	id := req.GetWorkflowExecution().GetWorkflowId()
	heard := Update{WorkflowID: id, Name: req.GetSignalName(), Payload: req.GetInput().GetPayloads()[0]}
	f.mu.Lock()
	running := f.how[id] == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
	if running {
		f.signals = append(f.signals, heard)
	}
	f.mu.Unlock()
	if !running {
		return nil, serviceerror.NewNotFound("workflow execution already completed")
	}
	if f.Hear != nil {
		f.Hear(heard)
	}
	return &workflowservice.SignalWorkflowExecutionResponse{}, nil
}

// UpdateWorkflowExecution passes an update to Answer.
func (f *Frontend) UpdateWorkflowExecution(_ context.Context, req *workflowservice.UpdateWorkflowExecutionRequest) (*workflowservice.UpdateWorkflowExecutionResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	execution := req.GetWorkflowExecution()
	if s, ok := f.how[execution.GetWorkflowId()]; !ok || s != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		return nil, serviceerror.NewNotFound("workflow execution already completed")
	}
	return f.update(execution.GetWorkflowId(), req.GetRequest())
}

func (f *Frontend) update(workflowID string, request *updatepb.Request) (*workflowservice.UpdateWorkflowExecutionResponse, error) {
	u := Update{WorkflowID: workflowID, Name: request.GetInput().GetName(), Payload: request.GetInput().GetArgs().GetPayloads()[0]}
	f.updates = append(f.updates, u)
	outcome := &updatepb.Outcome{}
	if result, refusal := f.Answer(u); refusal != nil {
		outcome.Value = &updatepb.Outcome_Failure{Failure: &failurepb.Failure{
			Message:     refusal.Error(),
			FailureInfo: &failurepb.Failure_ApplicationFailureInfo{ApplicationFailureInfo: &failurepb.ApplicationFailureInfo{}},
		}}
	} else {
		payloads, err := converter.GetDefaultDataConverter().ToPayloads(result)
		if err != nil {
			return nil, err
		}
		outcome.Value = &updatepb.Outcome_Success{Success: payloads}
	}
	return &workflowservice.UpdateWorkflowExecutionResponse{
		UpdateRef: &updatepb.UpdateRef{
			WorkflowExecution: &commonpb.WorkflowExecution{WorkflowId: workflowID, RunId: "run-1"}, UpdateId: request.GetMeta().GetUpdateId(),
		},
		Outcome: outcome, Stage: enumspb.UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED,
	}, nil
}

// ExecuteMultiOperation is an update with a start; it keeps the start and passes the update to Answer.
func (f *Frontend) ExecuteMultiOperation(_ context.Context, req *workflowservice.ExecuteMultiOperationRequest) (*workflowservice.ExecuteMultiOperationResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	start := req.GetOperations()[0].GetStartWorkflow()
	f.starts = append(f.starts, start)
	updated, err := f.update(start.GetWorkflowId(), req.GetOperations()[1].GetUpdateWorkflow().GetRequest())
	if err != nil {
		return nil, err
	}
	return &workflowservice.ExecuteMultiOperationResponse{Responses: []*workflowservice.ExecuteMultiOperationResponse_Response{
		{Response: &workflowservice.ExecuteMultiOperationResponse_Response_StartWorkflow{
			StartWorkflow: &workflowservice.StartWorkflowExecutionResponse{RunId: "run-1", Started: true}}},
		{Response: &workflowservice.ExecuteMultiOperationResponse_Response_UpdateWorkflow{UpdateWorkflow: updated}},
	}}, nil
}

// ListSearchAttributes lists the attributes that the namespace has.
func (f *Frontend) ListSearchAttributes(context.Context, *operatorservice.ListSearchAttributesRequest) (*operatorservice.ListSearchAttributesResponse, error) {
	return &operatorservice.ListSearchAttributesResponse{CustomAttributes: f.Attributes}, nil
}
