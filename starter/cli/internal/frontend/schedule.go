package frontend

import (
	"context"
	"slices"
	"strings"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	schedulepb "go.temporal.io/api/schedule/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// schedule is a schedule that was created, and what has become of it.
type schedule struct {
	created *workflowservice.CreateScheduleRequest
	// last is the workflow id of what it has started last.
	last string
	// next is when it starts something next.
	next time.Time
}

// Schedules are the requests that have created the schedules that are there.
func (f *Frontend) Schedules() []*workflowservice.CreateScheduleRequest {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []*workflowservice.CreateScheduleRequest
	for _, s := range f.schedules {
		all = append(all, s.created)
	}
	return all
}

// Fired makes a schedule have started a workflow, and start the next at a time.
func (f *Frontend) Fired(id, workflowID string, next time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if s := f.schedule(id); s != nil {
		s.last, s.next = workflowID, next
	}
}

func (f *Frontend) schedule(id string) *schedule {
	i := slices.IndexFunc(f.schedules, func(s *schedule) bool { return s.created.GetScheduleId() == id })
	if i < 0 {
		return nil
	}
	return f.schedules[i]
}

// CreateSchedule keeps a schedule. Of a cron expression it knows as much as that it begins with a digit, an asterisk or @.
func (f *Frontend) CreateSchedule(_ context.Context, req *workflowservice.CreateScheduleRequest) (*workflowservice.CreateScheduleResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.schedule(req.GetScheduleId()) != nil {
		return nil, serviceerror.NewAlreadyExistsf("schedule %q is already registered", req.GetScheduleId())
	}
	spec := req.GetSchedule().GetSpec()
	for _, cron := range spec.GetCronString() {
		expression, comment, _ := strings.Cut(cron, "#")
		if !strings.ContainsAny(expression[:1], "0123456789*@") {
			return nil, serviceerror.NewInvalidArgumentf("Invalid schedule spec: %q is no minute", expression)
		}
		spec.StructuredCalendar = append(spec.StructuredCalendar, &schedulepb.StructuredCalendarSpec{Comment: strings.TrimSpace(comment)})
	}
	spec.CronString = nil
	f.schedules = append(f.schedules, &schedule{created: req})
	return &workflowservice.CreateScheduleResponse{}, nil
}

// ListSchedules lists the schedules, as many a page as of flows.
func (f *Frontend) ListSchedules(_ context.Context, req *workflowservice.ListSchedulesRequest) (*workflowservice.ListSchedulesResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	skip := len(req.GetNextPageToken())
	page := f.schedules[skip:min(len(f.schedules), skip+f.PageSize)]
	response := &workflowservice.ListSchedulesResponse{}
	for _, s := range page {
		response.Schedules = append(response.Schedules, s.entry())
	}
	if next := skip + len(page); next < len(f.schedules) {
		response.NextPageToken = make([]byte, next)
	}
	return response, nil
}

func (s *schedule) entry() *schedulepb.ScheduleListEntry {
	made := s.created.GetSchedule()
	info := &schedulepb.ScheduleListInfo{
		Spec: made.GetSpec(), Notes: made.GetState().GetNotes(), Paused: made.GetState().GetPaused(),
		WorkflowType: made.GetAction().GetStartWorkflow().GetWorkflowType(),
	}
	if s.last != "" {
		info.RecentActions = []*schedulepb.ScheduleActionResult{{
			ScheduleTime: timestamppb.Now(), ActualTime: timestamppb.Now(),
			StartWorkflowResult: &commonpb.WorkflowExecution{WorkflowId: s.last, RunId: "run-1"},
		}}
	}
	if !s.next.IsZero() {
		info.FutureActionTimes = []*timestamppb.Timestamp{timestamppb.New(s.next)}
	}
	return &schedulepb.ScheduleListEntry{
		ScheduleId: s.created.GetScheduleId(), Memo: s.created.GetMemo(), SearchAttributes: s.created.GetSearchAttributes(), Info: info,
	}
}

// PatchSchedule pauses, resumes or triggers a schedule.
func (f *Frontend) PatchSchedule(_ context.Context, req *workflowservice.PatchScheduleRequest) (*workflowservice.PatchScheduleResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.schedule(req.GetScheduleId())
	if s == nil {
		return nil, serviceerror.NewNotFound("schedule not found")
	}
	state := s.created.GetSchedule().GetState()
	switch patch := req.GetPatch(); {
	case patch.GetPause() != "":
		state.Paused, state.Notes = true, patch.GetPause()
	case patch.GetUnpause() != "":
		state.Paused, state.Notes = false, patch.GetUnpause()
	case patch.GetTriggerImmediately() != nil:
		s.last = s.created.GetSchedule().GetAction().GetStartWorkflow().GetWorkflowId() + "-triggered"
		f.runs = append(f.runs, Run{ID: s.last, Schedule: req.GetScheduleId(), Started: time.Now()})
	}
	return &workflowservice.PatchScheduleResponse{}, nil
}

// DeleteSchedule forgets a schedule.
func (f *Frontend) DeleteSchedule(_ context.Context, req *workflowservice.DeleteScheduleRequest) (*workflowservice.DeleteScheduleResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.schedule(req.GetScheduleId())
	if s == nil {
		return nil, serviceerror.NewNotFound("schedule not found")
	}
	f.schedules = slices.DeleteFunc(f.schedules, func(other *schedule) bool { return other == s })
	return &workflowservice.DeleteScheduleResponse{}, nil
}
