package e2e

import (
	"context"
	"errors"
	"sync"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	sdktemporal "go.temporal.io/sdk/temporal"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
)

// Watching for permissions that flows are blocked for want of.

// onMissing gives what flows are blocked for want of, for as long as the test runs.
func (s *stage) onMissing(give func(link.Problem)) {
	ctx, cancel := context.WithCancel(s.ctx)
	var done sync.WaitGroup
	s.t.Cleanup(func() { cancel(); done.Wait() })
	done.Go(func() {
		tick := time.NewTicker(glance)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			for _, problem := range s.missing(ctx) {
				give(problem)
			}
		}
	})
}

// reviewMissing goes through the histories for what flows were blocked for want of and nobody saw: a flow looks again soon,
// and may then find that it can do without.
func (s *stage) reviewMissing(give func(link.Problem)) {
	s.t.Helper()
	items, err := s.list(s.ctx, true)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, item := range items {
		events := shared.Client.GetWorkflowHistory(s.ctx, item.WorkflowID, item.RunID, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
		for events.HasNext() {
			event, err := events.Next()
			if err != nil {
				s.t.Fatal(err)
			}
			failed := event.GetActivityTaskFailedEventAttributes()
			if failed == nil {
				continue
			}
			problem, ok := activities.ProblemOf(sdktemporal.GetDefaultFailureConverter().FailureToError(failed.GetFailure()))
			if ok && problem.Reason == link.ReasonMissingPermission {
				give(problem)
			}
		}
	}
}

// list finds the scene's flows: those of its service, its inventory and its peering.
func (s *stage) list(ctx context.Context, ended bool) ([]flows.Item, error) {
	items, err := s.flows.List(ctx, flows.Filter{Service: s.name, Ended: ended})
	if err != nil {
		return nil, err
	}
	for _, kind := range []link.Kind{link.KindVPCInventory, link.KindVPCPeering} {
		others, err := s.flows.List(ctx, flows.Filter{Kind: kind, Name: s.name, Ended: ended})
		if err != nil {
			return nil, err
		}
		items = append(items, others...)
	}
	return items, nil
}

// missing are the problems of the scene's flows for want of permissions.
func (s *stage) missing(ctx context.Context) []link.Problem {
	items, err := s.list(ctx, false)
	if err != nil {
		if ctx.Err() == nil {
			s.t.Error(err)
		}
		return nil
	}
	var problems []link.Problem
	for _, item := range items {
		status, err := s.flows.Status(ctx, item.Ref())
		var notFound *flows.NotFoundError
		var silent *flows.NoWorkerError
		switch {
		case ctx.Err() != nil, errors.As(err, &notFound), errors.As(err, &silent):
			continue
		case err != nil:
			s.t.Error(err)
			continue
		}
		if b := status.Blocked; b != nil && b.Reason == link.ReasonMissingPermission {
			problems = append(problems, *b)
		}
	}
	return problems
}
