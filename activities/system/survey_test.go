package system_test

import (
	"context"
	"slices"
	"testing"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/activities/system"
)

func TestASurveyFindsWhereFlowsStandBySomethingAndWhereTheyMayHaveLeftSomething(t *testing.T) {
	c := dial(t)
	places := temporal.NewSearchAttributeKeyKeywordList("LinkPlaces")
	for id, at := range map[string][]string{"runs": {"shop/eu-west-1", "bank/eu-west-1"}, "broken": {"shop/us-east-1"}, "silent": nil} {
		o := client.StartWorkflowOptions{ID: id, TaskQueue: "nobody"}
		if at != nil {
			o.TypedSearchAttributes = temporal.NewSearchAttributes(places.ValueSet(at))
		}
		if _, err := c.ExecuteWorkflow(t.Context(), o, "Hotel"); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.TerminateWorkflow(t.Context(), "broken", "", "by mistake"); err != nil {
		t.Fatal(err)
	}
	survey := func(within activities.Place, broken string) activities.FleetSurvey {
		return asked(t, func(ctx context.Context) (activities.FleetSurvey, error) {
			return (&system.System{Config: system.Config{Client: c}}).SurveyFleet(ctx, activities.SurveyFleetRequest{
				Settled: "WorkflowType = 'Hotel' AND ExecutionStatus = 'Running'", AtWork: "WorkflowType = 'Inn'",
				Broken: broken, Attribute: places.GetName(), Within: within,
			})
		})
	}
	const broken = "WorkflowType = 'Hotel' AND ExecutionStatus = 'Terminated'"
	listed(t, func() (activities.FleetSurvey, bool) {
		found := survey(activities.Place{}, broken)
		return found, len(found.Places) >= 3
	})

	bank, ended, shop := activities.Place{Account: "bank", Region: "eu-west-1"}, activities.Place{Account: "shop", Region: "us-east-1"}, activities.Place{Account: "shop", Region: "eu-west-1"}
	nowhere := activities.Place{Account: "nobody", Region: "eu-west-1"}
	for _, q := range []struct {
		name   string
		within activities.Place
		broken string
		want   []activities.Place
		left   []activities.Place
		flows  int
	}{
		{"everywhere", activities.Place{}, broken, []activities.Place{bank, shop, ended}, []activities.Place{ended}, 1},
		{"where flows run", activities.Place{}, "", []activities.Place{bank, shop}, nil, 1},
		{"in an account", activities.Place{Account: "shop"}, broken, []activities.Place{shop, ended}, []activities.Place{ended}, 1},
		{"in a place that is named, where nothing was ever", nowhere, broken, []activities.Place{nowhere}, []activities.Place{nowhere}, 0},
		{"in such a place, for what runs there", nowhere, "", nil, nil, 0},
	} {
		t.Run(q.name, func(t *testing.T) {
			got := survey(q.within, q.broken)
			if !slices.Equal(got.Places, q.want) || !slices.Equal(got.Left, q.left) || got.Flows != q.flows || !slices.Equal(got.Silent, []string{"silent"}) {
				t.Errorf("it finds %+v, want %v and %d flows", got, q.want, q.flows)
			}
		})
	}
}
