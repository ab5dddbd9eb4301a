package link

import (
	"reflect"
	"testing"
)

func TestDriftsOfAPlannedChange(t *testing.T) {
	drift := func(kind DriftKind, detail string, widens bool) Drift {
		return Drift{Kind: kind, Resource: KindEndpoint, ID: "vpce-1", Account: "shop", Region: "eu-west-1", Detail: detail, Widens: widens}
	}
	for _, c := range []struct {
		name   string
		change PlannedChange
		want   []Drift
	}{
		{"when it is kept, nothing has drifted", PlannedChange{Action: ActionKeep}, nil},
		{"when it would be made, it is missing", PlannedChange{Action: ActionCreate, Details: []string{"in vpc-1"}},
			[]Drift{drift(DriftEndpointGone, "it is missing", false)}},
		{"when it would be deleted, it says why", PlannedChange{Action: ActionDelete, Details: []string{"it is rejected"}},
			[]Drift{drift(DriftEndpointGone, "it is rejected", false)}},
		{"when it differs, each difference is one", PlannedChange{Action: ActionChange, Differences: []Difference{
			{Kind: DriftSubnets, Text: "subnets +a"}, {Kind: DriftSecurityGroups, Text: "security groups +b", Widens: true}}},
			[]Drift{drift(DriftSubnets, "subnets +a", false), drift(DriftSecurityGroups, "security groups +b", true)}},
		{"when it has lost its tag, that is one", PlannedChange{Action: ActionAdopt}, []Drift{drift(DriftTags, "its ownership tag is gone", false)}},
		{"when a step would be blocked, it says by what", PlannedChange{Action: ActionCreate, Problem: &Problem{Reason: ReasonEndpointFailed, Message: "it is failed"}},
			[]Drift{drift(DriftEndpointGone, "it is failed", false)}},
		{"when it is another's, it is about tags", PlannedChange{Action: ActionCreate, Problem: &Problem{Reason: ReasonNotOurs, Message: "it belongs to another flow"}},
			[]Drift{drift(DriftTags, "it belongs to another flow", false)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.change.Kind, c.change.ID, c.change.Account, c.change.Region = KindEndpoint, "vpce-1", "shop", "eu-west-1"
			if got := c.change.Drifts(); !reflect.DeepEqual(got, c.want) {
				t.Errorf("drifts = %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestEveryKindOfDriftIsListed(t *testing.T) {
	listed := map[DriftKind]bool{}
	for _, k := range DriftKinds() {
		listed[k] = true
	}
	for resource, k := range missing {
		if !listed[k] {
			t.Errorf("a missing %s is a drift of the kind %q, which is not listed", resource, k)
		}
	}
}
