package workflows

import (
	"errors"
	"slices"
	"testing"

	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/internal/link"
)

// A step may come to its end in the very task that brings the message which makes it pointless.
func TestWhenAFlowIsTurnedInTheLastMomentOfAStepItTurns(t *testing.T) {
	for _, c := range []struct {
		name string
		last func(*flow) (link.Phase, error)
		want []link.Phase
	}{
		{"when the step ends in time, the story goes on", func(*flow) (link.Phase, error) { return link.Ready, nil },
			[]link.Phase{link.Requesting, link.Ready, link.Disconnected}},
		{"when the step ends as the flow is turned, it turns", func(f *flow) (link.Phase, error) { f.interrupt(); return link.Ready, nil },
			[]link.Phase{link.Requesting, link.Disconnecting, link.Disconnected}},
		{"when the step was interrupted, it turns", func(f *flow) (link.Phase, error) { f.interrupt(); return "", errTurned },
			[]link.Phase{link.Requesting, link.Disconnecting, link.Disconnected}},
		{"when the last step ends as the flow is turned, it has ended", func(f *flow) (link.Phase, error) { f.interrupt(); return link.Disconnected, nil },
			[]link.Phase{link.Requesting, link.Disconnected}},
	} {
		t.Run(c.name, func(t *testing.T) {
			env := (&testsuite.WorkflowTestSuite{}).NewTestWorkflowEnvironment()
			var status link.Status
			env.ExecuteWorkflow(func(ctx workflow.Context) error {
				f := newFlow(ctx, &status)
				end := func(*flow, workflow.Context) (link.Phase, error) { return link.Disconnected, nil }
				story := phases[*flow]{
					{link.Requesting, func(f *flow, _ workflow.Context) (link.Phase, error) { return c.last(f) }},
					{link.Ready, end},
					{link.Disconnecting, end},
				}
				return follow(ctx, &f, story, &f, link.Requesting, func() link.Phase { return link.Disconnecting })
			})
			if err := env.GetWorkflowError(); err != nil {
				t.Fatal(err)
			}
			var told []link.Phase
			for _, p := range status.Phases {
				told = append(told, p.Phase)
			}
			if !slices.Equal(told, c.want) {
				t.Errorf("it went through %v, want %v", told, c.want)
			}
		})
	}
}

func TestWhenAStepFailsTheRunEndsWithItsError(t *testing.T) {
	env := (&testsuite.WorkflowTestSuite{}).NewTestWorkflowEnvironment()
	var failed error
	env.ExecuteWorkflow(func(ctx workflow.Context) error {
		f := newFlow(ctx, &link.Status{})
		story := phases[*flow]{{link.Requesting, func(*flow, workflow.Context) (link.Phase, error) { return "", errLong }}}
		failed = follow(ctx, &f, story, &f, link.Requesting, nil)
		return nil
	})
	if err := env.GetWorkflowError(); err != nil || !errors.Is(failed, errLong) {
		t.Errorf("it ended with %v, the workflow with %v", failed, err)
	}
}
