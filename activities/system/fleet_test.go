package system_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/testsuite"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/activities/system"
)

// asked takes a question to the fleet as a step does.
func asked[T any](t *testing.T, question func(context.Context) (T, error)) T {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	env.RegisterActivityWithOptions(question, activity.RegisterOptions{Name: "question"})
	var answer T
	value, err := env.ExecuteActivity("question")
	if err == nil {
		err = value.Get(&answer)
	}
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// listed looks until Temporal lists what it must: it does so a moment after flows have changed.
func listed[T any](t *testing.T, look func() (T, bool)) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		got, ok := look()
		if ok {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("listed is %+v", got)
		}
	}
}

func TestTheFleetIsReadFromWhatFlowsHaveWrittenDown(t *testing.T) {
	c := dial(t)
	here, there := activities.Place{Account: "shop", Region: "eu-west-1"}, activities.Place{Account: "shop", Region: "us-east-1"}
	for id, places := range map[string][]activities.Place{"b": {there, here}, "a": {here}, "c": {there}, "d": nil} {
		o := client.StartWorkflowOptions{ID: id, TaskQueue: "nobody"}
		var expected []activities.Expectation
		for _, place := range places {
			expected = append(expected, activities.Expectation{Place: place, Zones: []string{id}})
		}
		if expected != nil {
			o.Memo = map[string]any{activities.ExpectedMemo: expected}
		}
		if _, err := c.ExecuteWorkflow(t.Context(), o, "Hotel"); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.TerminateWorkflow(t.Context(), "c", "", "over"); err != nil {
		t.Fatal(err)
	}

	fleet := system.NewFleet(c, nil, "LinkDrift")
	listed(t, func() ([]string, bool) {
		got := asked(t, func(ctx context.Context) ([]string, error) {
			expected, err := fleet.Expected(ctx, here, `WorkflowType = "Hotel"`)
			var flows []string
			for _, e := range expected {
				flows = append(flows, e.Flow+" "+e.Zones[0])
			}
			return flows, err
		})
		return got, slices.Equal(got, []string{"a a", "b b"})
	})

	namespace := asked(t, func(ctx context.Context) (string, error) { return activity.GetInfo(ctx).Namespace, nil })
	stood := func(id string) []activities.Expectation {
		return asked(t, func(ctx context.Context) ([]activities.Expectation, error) {
			return fleet.Stood(ctx, activities.Owner(namespace+"/"+id))
		})
	}
	listed(t, func() ([]activities.Expectation, bool) {
		last := stood("c")
		return last, len(last) == 1 && last[0].Place == there && last[0].Zones[0] == "c"
	})
	for _, id := range []string{"d", "it's nobody"} {
		if found := stood(id); len(found) > 0 {
			t.Errorf("%s, which stands by nothing, stood by %+v", id, found)
		}
	}
	for _, q := range []struct {
		name, owner string
		runs        bool
	}{
		{"when the flow runs", namespace + "/a", true},
		{"when the flow has ended", namespace + "/c", false},
		{"when there is none", namespace + "/connection/payments/shop", false},
		{"when it is another namespace's", "another/c", true},
		{"when it is no owner of ours", "somebody", true},
	} {
		t.Run(q.name, func(t *testing.T) {
			got := asked(t, func(ctx context.Context) (bool, error) { return fleet.Owns(ctx, activities.Owner(q.owner)) })
			if got != q.runs {
				t.Errorf("it runs: %t, want %t", got, q.runs)
			}
		})
	}
}
