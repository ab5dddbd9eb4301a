package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/protobuf/proto"

	"github.com/linkwright/linkwright/internal/link"
)

// quiet drops what a client has to say.
var quiet = slog.New(slog.DiscardHandler)

// size is how much a flow has made Temporal keep and do.
type size struct {
	Events, Bytes, Transitions int64
}

// size is that of a run; of the latest without a run.
func (s *scene) size(ctx context.Context, workflowID, run string) (size, error) {
	seen, err := s.Client.DescribeWorkflowExecution(ctx, workflowID, run)
	if err != nil {
		return size{}, fmt.Errorf("describe %s: %w", workflowID, err)
	}
	info := seen.GetWorkflowExecutionInfo()
	return size{Events: info.GetHistoryLength(), Bytes: info.GetHistorySizeBytes(), Transitions: info.GetStateTransitionCount()}, nil
}

// sampled is how many connections are looked at one by one where there are many.
const sampled = 200

// sample is some of the connections, spread evenly.
func (s *scene) sample() []link.Connection {
	step := max(1, len(s.connections)/sampled)
	var some []link.Connection
	for i := 0; i < len(s.connections); i += step {
		some = append(some, s.connections[i])
	}
	return some
}

// meanSize is that of the connections' flows.
func (s *scene) meanSize(ctx context.Context) (events, bytes, transitions float64, err error) {
	some := s.sample()
	for _, c := range some {
		one, err := s.size(ctx, ref(c).WorkflowID(), "")
		if err != nil {
			return 0, 0, 0, err
		}
		events += float64(one.Events) / float64(len(some))
		bytes += float64(one.Bytes) / float64(len(some))
		transitions += float64(one.Transitions) / float64(len(some))
	}
	return events, bytes, transitions, nil
}

// story is what stands in the histories of a flow.
type story struct {
	Events     int64   `json:"events"`
	Bytes      int64   `json:"bytes"`
	Activities int     `json:"activities"`
	Event      int     `json:"largestEventBytes"`
	Task       float64 `json:"longestTaskSeconds"` // of a workflow task, from its start at a worker to its completion
	Runs       int     `json:"runs"`               // 1 unless it has continued as new
}

// read reads all histories of a flow, and takes the largest of each figure among its runs.
func (s *scene) read(ctx context.Context, workflowID string) (told story, err error) {
	answer, err := s.Client.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{Query: fmt.Sprintf("WorkflowId = '%s'", workflowID)})
	if err != nil {
		return told, fmt.Errorf("list the runs of %s: %w", workflowID, err)
	}
	for _, run := range answer.GetExecutions() {
		one, err := s.readRun(ctx, workflowID, run.GetExecution().GetRunId())
		if err != nil {
			return told, err
		}
		told = largest(told, one)
	}
	told.Runs = len(answer.GetExecutions())
	return told, nil
}

// readRun reads the history of one run.
func (s *scene) readRun(ctx context.Context, workflowID, run string) (story, error) {
	one, err := s.size(ctx, workflowID, run)
	if err != nil {
		return story{}, err
	}
	told := story{Events: one.Events, Bytes: one.Bytes}
	events := s.Client.GetWorkflowHistory(ctx, workflowID, run, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	var started time.Time
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			return told, fmt.Errorf("read the history of %s: %w", workflowID, err)
		}
		told.Event = max(told.Event, proto.Size(event))
		switch event.GetEventType() {
		case enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
			told.Activities++
		case enumspb.EVENT_TYPE_WORKFLOW_TASK_STARTED:
			started = event.GetEventTime().AsTime()
		case enumspb.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
			told.Task = max(told.Task, event.GetEventTime().AsTime().Sub(started).Seconds())
		}
	}
	return told, nil
}

// largest takes the greatest of each figure of two stories.
func largest(a, b story) story {
	return story{
		Events: max(a.Events, b.Events), Bytes: max(a.Bytes, b.Bytes), Activities: max(a.Activities, b.Activities),
		Event: max(a.Event, b.Event), Task: max(a.Task, b.Task), Runs: max(a.Runs, b.Runs),
	}
}
