package workflows

import (
	"reflect"

	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/activities"
)

// standBy writes down what the flow stands by from now on, where the audit finds it without asking the flow.
func (f *flow) standBy(ctx workflow.Context) {
	if f.standsBy == nil || workflow.GetVersion(ctx, "stand-by", workflow.DefaultVersion, 1) == workflow.DefaultVersion {
		return
	}
	expected := f.standsBy()
	if reflect.DeepEqual(expected, f.stood) {
		return
	}
	f.stood = expected
	// Only what cannot be written as JSON can fail here.
	if err := workflow.UpsertMemo(ctx, map[string]any{activities.ExpectedMemo: expected}); err != nil {
		workflow.GetLogger(ctx).Error("what the flow stands by was not written down", "error", err)
	}
}

func (s *service) expectations() []activities.Expectation {
	request := s.ensureRequest()
	return []activities.Expectation{{Place: s.place(), Service: &request}}
}

// expectations are, for a connection, those on both sides: its endpoint, and that it was let in.
func (c *connection) expectations() []activities.Expectation {
	var all []activities.Expectation
	if c.Spec != nil {
		endpoint := c.endpointRequest()
		mine := activities.Expectation{Place: c.here(), Endpoint: &endpoint}
		if want := c.Spec.OwnSecurityGroup(); want != nil {
			group := c.groupRequest(want)
			mine.SecurityGroup = &group
		}
		all = append(all, mine)
	}
	if !c.elsewhere() {
		request := c.connectionRequest()
		all = append(all, activities.Expectation{Place: c.there(), Connection: &request})
	}
	return all
}
