package system

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflow/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	sdk "go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/activities"
)

// Fleet implements [activities.Fleet] from the records of Temporal's visibility.
type Fleet struct {
	client    client.Client
	converter converter.DataConverter
	// drift is the search attribute of flows that have drift to deal with.
	drift string
}

var _ activities.Fleet = (*Fleet)(nil)

// NewFleet returns the fleet of a client's namespace. The converter is the one that the client was made with; nil is the
// SDK's own; drift is the search attribute of flows that have drift to deal with.
func NewFleet(c client.Client, dc converter.DataConverter, drift string) *Fleet {
	if dc == nil {
		dc = converter.GetDefaultDataConverter()
	}
	return &Fleet{c, dc, drift}
}

// Expected implements [activities.Fleet].
func (f *Fleet) Expected(ctx context.Context, place activities.Place, flows string) ([]activities.Expected, error) {
	var all []activities.Expected
	err := eachFlow(ctx, f.client, flows, flowsPage, func(flow *workflow.WorkflowExecutionInfo) error {
		expected, err := f.expected(ctx, flow)
		for _, e := range expected {
			if e.Place == place {
				_, open := flow.GetSearchAttributes().GetIndexedFields()[f.drift]
				all = append(all, activities.Expected{Flow: flow.GetExecution().GetWorkflowId(), Open: open, Expectation: e})
			}
		}
		return err
	})
	slices.SortStableFunc(all, func(a, b activities.Expected) int { return strings.Compare(a.Flow, b.Flow) })
	return all, err
}

// expected reads the memo of a flow; one without says nothing of what it stands by.
func (f *Fleet) expected(ctx context.Context, flow *workflow.WorkflowExecutionInfo) ([]activities.Expectation, error) {
	payload, ok := flow.GetMemo().GetFields()[activities.ExpectedMemo]
	if !ok {
		return nil, nil
	}
	var expected []activities.Expectation
	dc := f.converter
	if aware, ok := dc.(sdk.ContextAware); ok {
		dc = aware.WithContext(ctx)
	}
	if err := dc.FromPayload(payload, &expected); err != nil {
		return nil, fmt.Errorf("read what %s stands by: %w", flow.GetExecution().GetWorkflowId(), err)
	}
	return expected, nil
}

// Owns implements [activities.Fleet].
func (f *Fleet) Owns(ctx context.Context, owner activities.Owner) (bool, error) {
	namespace, id, ok := strings.Cut(string(owner), "/")
	if !ok || namespace != activity.GetInfo(ctx).Namespace {
		return true, nil
	}
	found, err := f.client.DescribeWorkflowExecution(ctx, id, "")
	var unknown *serviceerror.NotFound
	switch {
	case errors.As(err, &unknown):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("look whether %s runs: %w", id, err)
	}
	return found.GetWorkflowExecutionInfo().GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, nil
}

// Stood implements [activities.Fleet], from the record of the last run that has one.
func (f *Fleet) Stood(ctx context.Context, owner activities.Owner) ([]activities.Expectation, error) {
	_, id, _ := strings.Cut(string(owner), "/")
	var newest *workflow.WorkflowExecutionInfo
	err := eachFlow(ctx, f.client, "WorkflowId = '"+strings.ReplaceAll(id, "'", "''")+"'", flowsPage, func(flow *workflow.WorkflowExecutionInfo) error {
		_, stands := flow.GetMemo().GetFields()[activities.ExpectedMemo]
		if stands && (newest == nil || flow.GetStartTime().AsTime().After(newest.GetStartTime().AsTime())) {
			newest = flow
		}
		return nil
	})
	if err != nil || newest == nil {
		return nil, err
	}
	return f.expected(ctx, newest)
}
