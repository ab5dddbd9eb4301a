package aws

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/testsuite"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/workflows"
)

// around is what a peering asks of its surroundings: accounts, and the inventory's flow.
type around struct{ inventory link.VPCInventorySpec }

func (a *around) ResolveAccount(_ context.Context, req activities.ResolveAccountRequest) (link.Account, error) {
	return link.Account{Name: req.Account, Cloud: link.AWS}, nil
}

func (a *around) AskFlow(context.Context, activities.AskFlowRequest) (json.RawMessage, error) {
	return json.Marshal(a.inventory)
}

// peeringRun is the flow of a peering, with the steps that act in the simulated cloud.
type peeringRun struct {
	*scene
	env  *testsuite.TestWorkflowEnvironment
	spec link.PeeringSpec
}

func newPeeringRun(t *testing.T, vpcs ...string) *peeringRun {
	sc := peeringScene(t)
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(quiet{})
	r := &peeringRun{scene: sc, env: suite.NewTestWorkflowEnvironment()}
	inventory := link.VPCInventorySpec{Account: far.Account, Region: far.Region, AWS: &link.AWSInventory{}}
	for _, name := range vpcs {
		inventory.AWS.VPCs = append(inventory.AWS.VPCs, link.InventoryVPC{
			VPC: sc.id("consumer", "vpc", name), RouteTables: []string{sc.id("consumer", "route-table", name+"/a")},
		})
	}
	r.spec = link.PeeringSpec{Inventory: "spokes", Hub: link.PeeringHub{
		Account: provider.Account, Region: provider.Region, VPC: sc.id("provider", "vpc", "hub"), RouteTables: []string{sc.id("provider", "route-table", "hub/a")},
	}}
	r.env.RegisterActivityWithOptions(NewPeerings(sc.config), activity.RegisterOptions{Name: Prefix})
	r.env.RegisterActivityWithOptions(&around{inventory}, activity.RegisterOptions{Name: "system."})
	r.env.SetTestTimeout(time.Minute)
	return r
}

func (r *peeringRun) status() link.Status {
	r.t.Helper()
	var s link.Status
	answer, err := r.env.QueryWorkflow(workflows.StatusQuery)
	if err == nil {
		err = answer.Get(&s)
	}
	if err != nil {
		r.t.Error(err)
	}
	return s
}

// run runs the flow, and removes what it has made after some days.
func (r *peeringRun) run(after func()) link.Status {
	r.t.Helper()
	r.env.RegisterDelayedCallback(func() {
		after()
		r.env.SignalWorkflow("remove", link.Decision{By: "ada"})
	}, 72*time.Hour)
	r.env.SetStartWorkflowOptions(client.StartWorkflowOptions{ID: "peering/hub", TaskQueue: workflows.TaskQueue})
	r.env.RegisterActivityWithOptions(func(context.Context, activities.SignalSenderRequest) (string, error) { return "", nil },
		activity.RegisterOptions{Name: "system.SignalSender"})
	r.env.ExecuteWorkflow(workflows.VPCPeering, workflows.VPCPeeringInput{Name: "hub", Spec: r.spec})
	var s link.Status
	if err := r.env.GetWorkflowError(); err != nil {
		r.t.Fatal(err)
	}
	if err := r.env.GetWorkflowResult(&s); err != nil {
		r.t.Fatal(err)
	}
	return s
}

// network is all that can be changed in the VPCs.
func (r *peeringRun) network(group string) string {
	return fmt.Sprint(r.routesOf(provider, r.spec.Hub.RouteTables[0]), r.routesOf(far, r.id("consumer", "route-table", "one/a")), r.rulesOfGroup(far, group))
}

func TestTheFlowOfAPeeringMakesAllOfItOnceAndRemovesIt(t *testing.T) {
	r := newPeeringRun(t, "one")
	s := &site{Config: r.config, place: far, Clients: r.clients(far)}
	groups, err := s.groups(t.Context(), filter("vpc-id", r.id("consumer", "vpc", "one")), filter("group-name", "default"))
	if err != nil || len(groups) != 1 {
		t.Fatal(groups, err)
	}
	group := *groups[0].GroupId
	before := r.network(group)
	var during string
	end := r.run(func() {
		during = r.network(group)
		if s := r.status(); s.Phase != link.Peered || s.Blocked != nil {
			t.Errorf("it is %s, %+v", s.Phase, s.Blocked)
		}
		for action, want := range map[string]int{
			"CreateVpcPeeringConnection": 1, "AcceptVpcPeeringConnection": 1, "CreateRoute": 2, "AuthorizeSecurityGroupIngress": 1,
			"ReplaceRoute": 0, "DeleteRoute": 0, "RevokeSecurityGroupIngress": 0, "CreateTags": 1,
		} {
			if n := r.calls(action); n != want {
				t.Errorf("in three days it calls %s %d times, want %d", action, n, want)
			}
		}
	})
	if !strings.Contains(during, "10.1.0.0/16 pcx-") || !strings.Contains(during, "10.0.0.0/16 pcx-") || !strings.Contains(during, "tcp 443 from 10.0.0.0/16 ") {
		t.Errorf("peered, the network is %s", during)
	}
	if after := r.network(group); after != before || end.Phase != link.Removed || len(end.Resources) > 0 {
		t.Errorf("in the end it is %s with %+v, and the network\n%s, before\n%s", end.Phase, end.Resources, after, before)
	}
}

// What overlaps is refused before anything is written, also for the VPCs that do not.
func TestTheFlowOfAPeeringTouchesNothingWhenAddressesOverlap(t *testing.T) {
	r := newPeeringRun(t, "one", "clash")
	end := r.run(func() {
		s := r.status()
		if s.Phase != link.Checking || s.Blocked == nil || s.Blocked.Reason != link.ReasonConflictingPeering {
			t.Fatalf("it is %s, %+v", s.Phase, s.Blocked)
		}
		for _, part := range []string{"10.0.0.0/16 of " + r.spec.Hub.VPC, "10.0.128.0/20 of " + r.id("consumer", "vpc", "clash")} {
			if !strings.Contains(s.Blocked.Message, part) {
				t.Errorf("it says %q, want %q in it", s.Blocked.Message, part)
			}
		}
	})
	if n := r.writes(); n != 0 || end.Phase != link.Removed {
		t.Errorf("it is %s, after %d writes", end.Phase, n)
	}
}
