package system

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"golang.org/x/sync/errgroup"

	"github.com/linkwright/linkwright/activities"
)

const (
	// flowsPage is how many flows are listed with one request: Temporal's limit, as frontends come.
	flowsPage = 1000
	// toldAtOnce is how many flows are told or asked something at once.
	toldAtOnce = 10
)

var _ activities.Fleets = (*System)(nil)

// SurveyFleet implements [activities.Fleets].
func (s *System) SurveyFleet(ctx context.Context, req activities.SurveyFleetRequest) (activities.FleetSurvey, error) {
	var survey activities.FleetSurvey
	seen := map[activities.Place]bool{} // true where something may be left
	// mark takes in where a flow stands by something, or has, and reports whether it does, and whether in the places that matter.
	mark := func(flow *workflow.WorkflowExecutionInfo, left bool) (stands, counts bool, err error) {
		places, err := placesOf(flow, req.Attribute)
		for _, place := range places {
			if covers(req.Within, place) {
				seen[place], counts = seen[place] || left, true
			}
		}
		return len(places) > 0, counts, err
	}
	err := eachFlow(ctx, s.Client, req.Settled, flowsPage, func(flow *workflow.WorkflowExecutionInfo) error {
		stands, counts, err := mark(flow, false)
		switch {
		case err != nil:
			return err
		case !stands:
			survey.Silent = append(survey.Silent, flow.GetExecution().GetWorkflowId())
		case counts:
			survey.Flows++
		}
		return nil
	})
	if err == nil && req.Broken != "" {
		err = eachFlow(ctx, s.Client, req.Broken, flowsPage, func(flow *workflow.WorkflowExecutionInfo) error {
			_, _, err := mark(flow, true)
			return err
		})
	}
	if err != nil {
		return survey, err
	}
	if req.Broken != "" && req.Within.Account != "" && req.Within.Region != "" {
		seen[req.Within] = true // what is named is looked at, whoever has stood by something there
	}
	survey.Places = slices.SortedFunc(maps.Keys(seen), func(a, b activities.Place) int { return strings.Compare(a.String(), b.String()) })
	for _, place := range survey.Places {
		if seen[place] {
			survey.Left = append(survey.Left, place)
		}
	}
	slices.Sort(survey.Silent)
	count, err := s.Client.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{Query: req.AtWork})
	if err != nil {
		return survey, fmt.Errorf("count the flows that are at work: %w", err)
	}
	survey.AtWork = int(count.GetCount())
	return survey, nil
}

// placesOf are the accounts and regions in which a flow stands by something.
func placesOf(flow *workflow.WorkflowExecutionInfo, attribute string) ([]activities.Place, error) {
	payload, ok := flow.GetSearchAttributes().GetIndexedFields()[attribute]
	if !ok {
		return nil, nil
	}
	var names []string
	if err := converter.GetDefaultDataConverter().FromPayload(payload, &names); err != nil {
		return nil, fmt.Errorf("read %s of %s: %w", attribute, flow.GetExecution().GetWorkflowId(), err)
	}
	var places []activities.Place
	for _, name := range names {
		account, region, _ := strings.Cut(name, "/")
		places = append(places, activities.Place{Account: account, Region: region})
	}
	return places, nil
}

func covers(within, place activities.Place) bool {
	return (within.Account == "" || within.Account == place.Account) && (within.Region == "" || within.Region == place.Region)
}

// eachFlow goes through the flows of a query, page by page.
func eachFlow(ctx context.Context, c client.Client, query string, size int32, do func(*workflow.WorkflowExecutionInfo) error) error {
	var next []byte
	for {
		page, err := c.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{Query: query, PageSize: size, NextPageToken: next})
		if err != nil {
			return fmt.Errorf("list flows: %w", err)
		}
		for _, flow := range page.GetExecutions() {
			if err := do(flow); err != nil {
				return err
			}
		}
		if next = page.GetNextPageToken(); len(next) == 0 {
			return nil
		}
	}
}

// TellFleet implements [activities.Fleets].
func (s *System) TellFleet(ctx context.Context, req activities.TellFleetRequest) ([]activities.FlowAnswer, error) {
	return allAtOnce(ctx, req.Messages, func(ctx context.Context, m activities.FlowMessage) (json.RawMessage, error) {
		return s.TellFlow(ctx, activities.TellFlowRequest{
			WorkflowID: m.WorkflowID, Update: req.Update, UpdateID: req.ID + "/" + m.WorkflowID, Message: m.Message,
		})
	})
}

// AskFleet implements [activities.Fleets].
func (s *System) AskFleet(ctx context.Context, req activities.AskFleetRequest) ([]activities.FlowAnswer, error) {
	return allAtOnce(ctx, req.WorkflowIDs, func(ctx context.Context, id string) (json.RawMessage, error) {
		return s.AskFlow(ctx, activities.AskFlowRequest{WorkflowID: id, Query: req.Query})
	})
}

// allAtOnce asks everybody, some at once. A flow that is gone, or refuses, does not keep the others from answering.
func allAtOnce[T any](ctx context.Context, all []T, ask func(context.Context, T) (json.RawMessage, error)) ([]activities.FlowAnswer, error) {
	answers := make([]activities.FlowAnswer, len(all))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(toldAtOnce)
	for i, one := range all {
		group.Go(func() error {
			answer, err := ask(ctx, one)
			if activities.IsGone(err) || activities.IsRefused(err) {
				answers[i].Missing = err.Error()
				return nil
			}
			answers[i].Answer = answer
			return err
		})
	}
	return answers, group.Wait()
}
