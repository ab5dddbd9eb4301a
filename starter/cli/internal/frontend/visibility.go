package frontend

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/workflows"
)

// ListWorkflowExecutions lists flows by their ids, or reconciliations, the last first; of the query it honours the kind, the service, and
// whether flows run.
func (f *Frontend) ListWorkflowExecutions(_ context.Context, req *workflowservice.ListWorkflowExecutionsRequest) (*workflowservice.ListWorkflowExecutionsResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.queries = append(f.queries, req.GetQuery())
	var found []*workflow.WorkflowExecutionInfo
	for _, r := range f.runs {
		if strings.Contains(req.GetQuery(), "'Reconcile'") {
			found = append(found, r.info())
		}
	}
	for id := range f.statuses {
		info := f.info(id)
		if service := f.statuses[id].Service; strings.Contains(req.GetQuery(), "LinkService = ") && !strings.Contains(req.GetQuery(), "LinkService = '"+service+"'") {
			continue
		}
		running := info.Status == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
		otherKind := strings.Contains(req.GetQuery(), "WorkflowType = ") &&
			!strings.Contains(req.GetQuery(), fmt.Sprintf("WorkflowType = '%s'", info.GetType().GetName()))
		if !otherKind && (running || !strings.Contains(req.GetQuery(), "ExecutionStatus = 'Running'")) {
			found = append(found, info)
		}
	}
	slices.SortFunc(found, func(a, b *workflow.WorkflowExecutionInfo) int {
		return cmp.Or(closed(b).Compare(closed(a)), strings.Compare(a.GetExecution().GetWorkflowId(), b.GetExecution().GetWorkflowId()))
	})
	skip := len(req.GetNextPageToken())
	page := found[skip:min(len(found), skip+f.PageSize)]
	response := &workflowservice.ListWorkflowExecutionsResponse{Executions: page}
	if next := skip + len(page); next < len(found) {
		response.NextPageToken = make([]byte, next)
	}
	return response, nil
}

// closed is when something has ended, by which Temporal lists it: what runs comes first.
func closed(info *workflow.WorkflowExecutionInfo) time.Time {
	if info.GetCloseTime() == nil {
		return time.Unix(1<<40, 0)
	}
	return info.GetCloseTime().AsTime()
}

func (f *Frontend) info(id string) *workflow.WorkflowExecutionInfo {
	s := f.statuses[id]
	fields := map[string]*commonpb.Payload{}
	set := func(name, value string) { setField(fields, name, value) }
	set("LinkPhase", string(s.Phase))
	set("LinkAccount", s.Account)
	set("LinkRegion", s.Region)
	set("LinkCloud", string(s.Cloud))
	set("LinkDrift", string(s.DriftAction()))
	if s.Blocked != nil {
		set("LinkBlocked", string(s.Blocked.Reason))
	}
	kind := workflows.ConnectionWorkflow
	switch s.Kind {
	case link.KindEndpointService:
		kind = workflows.EndpointServiceWorkflow
	case link.KindVPCInventory:
		kind = workflows.VPCInventoryWorkflow
	case link.KindVPCPeering:
		kind = workflows.VPCPeeringWorkflow
	}
	return &workflow.WorkflowExecutionInfo{
		Execution: &commonpb.WorkflowExecution{WorkflowId: id, RunId: "run-1"},
		Type:      &commonpb.WorkflowType{Name: kind}, Status: f.how[id],
		StartTime:        timestamppb.New(s.Since),
		SearchAttributes: &commonpb.SearchAttributes{IndexedFields: fields},
	}
}

// setField puts a text under a name, unless it is empty.
func setField(fields map[string]*commonpb.Payload, name, value string) {
	if payload, err := converter.GetDefaultDataConverter().ToPayload(value); err == nil && value != "" {
		fields[name] = payload
	}
}
