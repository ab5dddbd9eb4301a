package link_test

import (
	"slices"
	"testing"

	"github.com/linkwright/linkwright/internal/link"
)

func TestBeyondAdoption(t *testing.T) {
	change := func(action link.Action, details ...string) link.PlannedChange {
		return link.PlannedChange{Action: action, Kind: link.KindEndpoint, ID: "vpce-1", Details: details}
	}
	problem := change(link.ActionAdopt)
	problem.Problem = &link.Problem{Message: "it is managed by CloudFormation"}
	for _, c := range []struct {
		name string
		doc  link.DocumentPlan
		want []string
	}{
		{"when things are kept or taken over as they are, nothing is beyond it", link.DocumentPlan{Changes: []link.PlannedChange{change(link.ActionAdopt), change(link.ActionKeep, "as it is")}}, nil},
		{"when something is made, that is", link.DocumentPlan{Changes: []link.PlannedChange{change(link.ActionCreate)}}, []string{"create vpc-endpoint vpce-1 (Connection payments/shop)"}},
		{"when something is deleted, that is", link.DocumentPlan{Changes: []link.PlannedChange{change(link.ActionDelete)}}, []string{"delete vpc-endpoint vpce-1 (Connection payments/shop)"}},
		{"when what is taken over changes, that is", link.DocumentPlan{Changes: []link.PlannedChange{change(link.ActionAdopt, "subnets +subnet-1", "private DNS on")}},
			[]string{"adopt vpc-endpoint vpce-1: subnets +subnet-1; private DNS on (Connection payments/shop)"}},
		{"when something is in the way, that is", link.DocumentPlan{Changes: []link.PlannedChange{problem}}, []string{"vpc-endpoint vpce-1: it is managed by CloudFormation (Connection payments/shop)"}},
		{"when the spec is refused, that is", link.DocumentPlan{Refused: "no"}, []string{"the spec is refused: no (Connection payments/shop)"}},
		{"when something is not seen, that is", link.DocumentPlan{Unseen: []link.Problem{{Message: "no access"}}}, []string{"it cannot be looked at: no access (Connection payments/shop)"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.doc.Kind, c.doc.Service, c.doc.Name = link.KindConnection, "payments", "shop"
			if got := (link.Plan{Documents: []link.DocumentPlan{c.doc}}).BeyondAdoption(); !slices.Equal(got, c.want) {
				t.Errorf("it is %q, want %q", got, c.want)
			}
		})
	}
}
