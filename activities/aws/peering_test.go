package aws

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/activities/aws/permissions"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/internal/simaws"
)

// spread is a hub in one account and region, and two VPCs of another account in another region.
const spread = `
scale: 6000
accounts:
  - id: "999999999999"
    name: platform
    users: [{name: worker, accessKey: AKIAWORKER, secretKey: worker-secret}]
  - id: "111111111111"
    name: provider
    users: [{name: admin, accessKey: AKIAPROVIDER, secretKey: provider-secret}]
    roles: [{name: linkwright, trust: ["arn:aws:iam::999999999999:user/worker"], externalId: agreed}]
    regions:
      us-east-1:
        vpcs:
          - {name: hub, cidr: 10.0.0.0/16, routeTables: [{name: a}, {name: b}], securityGroups: [{name: clients}]}
          - {name: other, cidr: 10.9.0.0/16}
  - id: "222222222222"
    name: consumer
    users: [{name: admin, accessKey: AKIACONSUMER, secretKey: consumer-secret}]
    roles: [{name: linkwright, trust: ["arn:aws:iam::999999999999:user/worker"]}]
    regions:
      us-east-1:
        vpcs:
          - {name: near, cidr: 10.3.0.0/16, securityGroups: [{name: endpoints}]}
      eu-west-1:
        vpcs:
          - name: one
            cidr: 10.1.0.0/16
            routeTables: [{name: a}]
            securityGroups: [{name: endpoints, ingress: [{protocol: tcp, port: 443, cidr: 10.1.0.0/16}]}]
          - {name: clash, cidr: 10.0.128.0/20, routeTables: [{name: a}]}
`

const peeringFlow = activities.Owner("default/peering/hub")

var far = activities.Place{Account: "consumer", Region: "eu-west-1"}

// peeringScene is a [scene] of the spread world, whose roles may do what their policies say and nothing else.
func peeringScene(t *testing.T, changes ...func(*simaws.WorldFile)) *scene {
	t.Helper()
	file, err := simaws.ParseWorldFile([]byte(spread))
	if err != nil {
		t.Fatal(err)
	}
	sc := newScene(t, append([]func(*simaws.WorldFile){func(f *simaws.WorldFile) { *f = file }}, changes...)...)
	sc.allow("111111111111", permissions.Peering)
	sc.allow("222222222222", permissions.Peering)
	return sc
}

func (sc *scene) peeringRequest(changes ...func(*activities.PeeringRequest)) activities.PeeringRequest {
	req := activities.PeeringRequest{
		Place: provider, Owner: peeringFlow, Name: "hub",
		From: activities.PeerVPC{VPC: sc.id("provider", "vpc", "hub"), Owner: "111111111111", Region: "us-east-1"},
		To:   activities.PeerVPC{VPC: sc.id("consumer", "vpc", "one"), Owner: "222222222222", Region: "eu-west-1"},
	}
	for _, change := range changes {
		change(&req)
	}
	return req
}

// accepting is a request at the side that accepts.
func accepting(id string) func(*activities.PeeringRequest) {
	return func(req *activities.PeeringRequest) { req.Place, req.ID = far, id }
}

// peer connects the two VPCs.
func (sc *scene) peer() activities.Peering {
	sc.t.Helper()
	asked := must(sc.t, NewPeerings(sc.config).EnsurePeering, sc.peeringRequest())
	return must(sc.t, NewPeerings(sc.config).AcceptPeering, sc.peeringRequest(accepting(asked.ID)))
}

// peeringsOf are the connections that a place shows, as "state tag".
func (sc *scene) peeringsOf(place activities.Place) []string {
	sc.t.Helper()
	s := &site{Config: sc.config, place: place, Clients: sc.clients(place)}
	all, err := s.peerings(sc.t.Context())
	if err != nil {
		sc.t.Fatal(err)
	}
	var list []string
	for _, c := range all {
		list = append(list, peeringState(c)+" "+string(ownerOf(c.Tags)))
	}
	return list
}

// routesOf are the routes of a table that are not local, as "destination target".
func (sc *scene) routesOf(place activities.Place, table string) []string {
	sc.t.Helper()
	s := &site{Config: sc.config, place: place, Clients: sc.clients(place)}
	tables, err := s.routeTables(sc.t.Context(), []string{table})
	if err != nil || len(tables) != 1 {
		sc.t.Fatalf("%v, %v", tables, err)
	}
	var list []string
	for _, r := range tables[0].Routes {
		if target := routeTarget(r); target != "local" {
			list = append(list, routeDestination(r)+" "+target)
		}
	}
	slices.Sort(list)
	return list
}

// rulesOfGroup are the rules that let somebody into a group, as "says tag".
func (sc *scene) rulesOfGroup(place activities.Place, group string) []string {
	sc.t.Helper()
	s := &site{Config: sc.config, place: place, Clients: sc.clients(place)}
	all, err := s.rulesIn(sc.t.Context(), []string{group})
	if err != nil {
		sc.t.Fatal(err)
	}
	var list []string
	for _, r := range all[group] {
		if !sdk.ToBool(r.IsEgress) {
			list = append(list, strings.TrimSpace(ruleOf(r).String()+" "+string(ownerOf(r.Tags))))
		}
	}
	slices.Sort(list)
	return list
}

// writes are the calls of EC2 that may have changed something.
func (sc *scene) writes() int {
	n := 0
	for _, c := range sc.cloud.Calls() {
		if c.Service == "ec2" && !strings.HasPrefix(c.Action, "Describe") {
			n++
		}
	}
	return n
}

func TestPeeringTwoAccountsInTwoRegions(t *testing.T) {
	for _, c := range []struct {
		name  string
		world []func(*simaws.WorldFile)
	}{
		{"when everything is listed at once", nil},
		{"when what is new is listed only after a while", []func(*simaws.WorldFile){hiddenFor(5 * time.Minute)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			sc := peeringScene(t, c.world...)
			made := sc.peer()
			if made.State != active || !made.Live {
				t.Errorf("it is %+v", made)
			}
			before := sc.writes()
			if again := sc.peer(); again.ID != made.ID {
				t.Errorf("the second time it is %s, not %s", again.ID, made.ID)
			}
			if n := sc.writes() - before; n != 0 || before == 0 {
				t.Errorf("the second time it writes %d times, after %d", n, before)
			}
			want := []string{"active " + string(peeringFlow)}
			if hub, other := sc.peeringsOf(provider), sc.peeringsOf(far); !slices.Equal(hub, want) || !slices.Equal(other, want) {
				t.Errorf("they see %q and %q, want %q", hub, other, want)
			}
			found := must(t, NewPeerings(sc.config).FindPeerings, activities.FindPeeringsRequest{Place: provider, Owner: peeringFlow})
			if len(found.Peerings) != 1 || found.Peerings[0].ID != made.ID || found.Peerings[0].To != sc.peeringRequest().To {
				t.Errorf("found %+v", found)
			}
		})
	}
}

// Lesson 11: the id is not needed to find what was made before a crash.
func TestMistake11APeeringOrphanedByACrash(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault simaws.Fault
	}{
		{"when the worker dies after the request", simaws.Fault{Action: "CreateVpcPeeringConnection", Effect: simaws.EffectLose, Times: 3}},
		{"when the worker dies after the acceptance", simaws.Fault{Action: "AcceptVpcPeeringConnection", Effect: simaws.EffectLose, Times: 3}},
	} {
		t.Run(c.name, func(t *testing.T) {
			sc := peeringScene(t)
			sc.inject(c.fault)
			made := sc.peer()
			want := []string{"active " + string(peeringFlow)}
			if got := sc.peeringsOf(provider); !slices.Equal(got, want) || made.ID == "" {
				t.Errorf("there are %q, want %q", got, want)
			}
		})
	}
}

// Exactly what was asked for is accepted: another requester's connection under the id that was handed over is not.
func TestWhenAConnectionIsNotTheOneAskedForItIsNotAccepted(t *testing.T) {
	sc := peeringScene(t)
	asked := must(t, NewPeerings(sc.config).EnsurePeering, sc.peeringRequest())
	for _, c := range []struct {
		name   string
		change func(*activities.PeeringRequest)
	}{
		{"when another VPC asks", func(r *activities.PeeringRequest) { r.From.VPC = sc.id("provider", "vpc", "other") }},
		{"when another account asks", func(r *activities.PeeringRequest) { r.From.Owner = "333333333333" }},
		{"when another VPC is asked", func(r *activities.PeeringRequest) { r.To.VPC = sc.id("consumer", "vpc", "clash") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := run(t, NewPeerings(sc.config).AcceptPeering, sc.peeringRequest(accepting(asked.ID), c.change))
			wantProblem(t, err, link.ReasonConflictingPeering)
			if n := sc.calls("AcceptVpcPeeringConnection"); n != 0 {
				t.Errorf("it was accepted %d times", n)
			}
		})
	}
}

// Lesson 13: somebody else's connection is not taken over.
func TestMistake13APeeringOfSomebodyElseAdopted(t *testing.T) {
	sc := peeringScene(t)
	req := sc.peeringRequest()
	theirs := must(t, NewPeerings(sc.config).EnsurePeering, sc.peeringRequest(func(r *activities.PeeringRequest) { r.Owner = "default/peering/other" }))
	_, err := run(t, NewPeerings(sc.config).EnsurePeering, req)
	p := wantProblem(t, err, link.ReasonConflictingPeering)
	if !strings.Contains(p.Message, theirs.ID) || !strings.Contains(p.Message, "default/peering/other") {
		t.Errorf("it says %q", p.Message)
	}
	if _, err := run(t, plain(NewPeerings(sc.config).RemovePeering), req); err != nil {
		t.Errorf("to remove what was never made: %v", err)
	}
	if got := sc.peeringsOf(provider); !slices.Equal(got, []string{"pending-acceptance default/peering/other"}) {
		t.Errorf("there are %q", got)
	}
	// An id that the flow knows, and whose tag somebody has taken away, is neither deleted nor forgotten.
	req.ID = theirs.ID
	_, err = run(t, plain(NewPeerings(sc.config).RemovePeering), req)
	wantProblem(t, err, link.ReasonNotOurs)
}

// Lesson 7: what was asked for and cannot be is not taken for something that will come.
func TestMistake07APeeringThatFailedTakenForActive(t *testing.T) {
	sc := peeringScene(t)
	_, err := run(t, NewPeerings(sc.config).EnsurePeering, sc.peeringRequest(func(r *activities.PeeringRequest) { r.To.VPC = sc.id("consumer", "vpc", "clash") }))
	p := wantProblem(t, err, link.ReasonConflictingPeering)
	if !strings.Contains(p.Message, "overlapping CIDR") {
		t.Errorf("it says %q", p.Message)
	}
	if n := sc.calls("CreateVpcPeeringConnection"); n != 1 {
		t.Errorf("it was asked for %d times", n)
	}
}

// Lesson 9: a connection that somebody has deleted is noticed, and another one made.
func TestMistake09APeeringDeletedBehindOurBack(t *testing.T) {
	sc := peeringScene(t)
	first := sc.peer()
	sc.inject(simaws.Fault{Resource: "pcx-*", Effect: simaws.EffectDelete})
	_, err := run(t, NewPeerings(sc.config).AcceptPeering, sc.peeringRequest(accepting(first.ID)))
	if err != nil && !activities.IsChanged(err) {
		t.Fatal(err)
	}
	_, err = run(t, NewPeerings(sc.config).AcceptPeering, sc.peeringRequest(accepting(first.ID)))
	if !activities.IsChanged(err) {
		t.Fatalf("a deleted connection is %v", err)
	}
	second := sc.peer()
	if second.ID == first.ID || second.State != active {
		t.Errorf("after %s it is %+v", first.ID, second)
	}
}

func TestPeerRoutesAndRulesAreMadeOnceAndRemoveReversesAll(t *testing.T) {
	sc := peeringScene(t)
	steps := NewPeerings(sc.config)
	made := sc.peer()
	hubTable, table := sc.id("provider", "route-table", "hub/a"), sc.id("consumer", "route-table", "one/a")
	group := sc.id("consumer", "security-group", "one/endpoints")
	before := sc.rulesOfGroup(far, group)
	there := activities.PeerRoutesRequest{Place: provider, Tables: []string{hubTable}, Peering: made.ID, Destinations: []string{"10.1.0.0/16"}}
	back := activities.PeerRoutesRequest{Place: far, Tables: []string{table}, Peering: made.ID, Destinations: []string{"10.0.0.0/16"}}
	rules := activities.PeerRulesRequest{Place: far, Owner: peeringFlow, Name: "hub", Groups: []string{group}, Sources: []string{"10.0.0.0/16"}, Ports: []int32{443, 8443}}
	ensure := func() (changes []string) {
		t.Helper()
		changes = append(changes, must(t, steps.EnsurePeerRoutes, there).Changes...)
		changes = append(changes, must(t, steps.EnsurePeerRoutes, back).Changes...)
		seen := must(t, steps.EnsurePeerRules, rules)
		if len(seen.Rules) != len(rules.Ports) {
			t.Errorf("its rules are %+v", seen.Rules)
		}
		return append(changes, seen.Changes...)
	}
	wantCount := func(changes []string, n int) {
		t.Helper()
		if len(changes) != n {
			t.Errorf("changes = %q, want %d", changes, n)
		}
	}
	wantCount(ensure(), 4)
	written := sc.writes()
	wantCount(ensure(), 0)
	if n := sc.writes(); n != written {
		t.Errorf("with nothing to change it writes %d times", n-written)
	}
	if got, want := sc.routesOf(provider, hubTable), []string{"10.1.0.0/16 " + made.ID}; !slices.Equal(got, want) {
		t.Errorf("the hub's routes are %q, want %q", got, want)
	}
	if got, want := sc.routesOf(far, table), []string{"10.0.0.0/16 " + made.ID}; !slices.Equal(got, want) {
		t.Errorf("the routes back are %q, want %q", got, want)
	}
	mine := " " + string(peeringFlow)
	if got, want := sc.rulesOfGroup(far, group), []string{"tcp 443 from 10.0.0.0/16" + mine, "tcp 443 from 10.1.0.0/16", "tcp 8443 from 10.0.0.0/16" + mine}; !slices.Equal(got, want) {
		t.Errorf("the group lets in %q, want %q", got, want)
	}
	// Drift: a rule and a route that somebody has taken away come back, a port that is not wanted any more goes.
	sc.inject(simaws.Fault{Resource: table, Effect: simaws.EffectChange, Change: map[string]string{"Action": "DeleteRoute"}})
	if got := sc.routesOf(far, table); len(got) > 0 {
		t.Fatalf("the route was not taken away: %q", got)
	}
	rules.Ports = []int32{443}
	wantCount(ensure(), 2)

	for range 2 { // the second time, nothing is there
		must(t, plain(steps.RemovePeerRules), rules)
		must(t, plain(steps.RemovePeerRoutes), there)
		must(t, plain(steps.RemovePeerRoutes), back)
		must(t, plain(steps.RemovePeering), sc.peeringRequest(func(r *activities.PeeringRequest) { r.ID = made.ID }))
	}
	if got := sc.rulesOfGroup(far, group); !slices.Equal(got, before) {
		t.Errorf("the group lets in %q, want %q as before", got, before)
	}
	if got := append(sc.routesOf(provider, hubTable), sc.routesOf(far, table)...); len(got) > 0 {
		t.Errorf("routes are left: %q", got)
	}
	if got := sc.peeringsOf(provider); !slices.Equal(got, []string{"deleted " + string(peeringFlow)}) {
		t.Errorf("connections are %q", got)
	}
}

// Lesson 13: a route that somebody else has made blocks, and is left alone; so are other routes, and rules that say the
// same as ours.
func TestMistake13RoutesAndRulesOfOthersEmptied(t *testing.T) {
	sc := peeringScene(t)
	steps, ctx := NewPeerings(sc.config), t.Context()
	made := sc.peer()
	a, b := sc.id("provider", "route-table", "hub/a"), sc.id("provider", "route-table", "hub/b")
	theirs := must(t, steps.EnsurePeering, sc.peeringRequest(func(r *activities.PeeringRequest) { r.To = near(sc) }))
	must(t, steps.AcceptPeering, sc.peeringRequest(func(r *activities.PeeringRequest) { r.Place, r.To, r.ID = consumer, near(sc), theirs.ID }))
	if _, err := sc.clients(provider).EC2.CreateRoute(ctx, &ec2.CreateRouteInput{
		RouteTableId: &b, DestinationCidrBlock: sdk.String("10.1.0.0/16"), VpcPeeringConnectionId: &theirs.ID}); err != nil {
		t.Fatal(err)
	}
	before := sc.calls("CreateRoute")
	req := activities.PeerRoutesRequest{Place: provider, Tables: []string{a, b}, Peering: made.ID, Destinations: []string{"10.1.0.0/16"}}
	for _, dry := range []bool{true, false} {
		req.DryRun = dry
		_, err := run(t, steps.EnsurePeerRoutes, req)
		p := wantProblem(t, err, link.ReasonConflictingPeering)
		if !strings.Contains(p.Message, b) || !strings.Contains(p.Message, theirs.ID) || strings.Contains(p.Message, a) {
			t.Errorf("it says %q", p.Message)
		}
	}
	if n := sc.calls("CreateRoute"); n != before || len(sc.routesOf(provider, a)) > 0 {
		t.Errorf("a table was changed although another one cannot be: %q", sc.routesOf(provider, a))
	}
	must(t, plain(steps.RemovePeerRoutes), req)
	if got, want := sc.routesOf(provider, b), []string{"10.1.0.0/16 " + theirs.ID}; !slices.Equal(got, want) {
		t.Errorf("the foreign route is %q, want %q", got, want)
	}
	// When the connection was an earlier one of the flow, the route is led to the new one.
	req.DryRun, req.Others = false, []string{theirs.ID}
	must(t, steps.EnsurePeerRoutes, req)
	if got, want := sc.routesOf(provider, b), []string{"10.1.0.0/16 " + made.ID}; !slices.Equal(got, want) {
		t.Errorf("the route is %q, want %q", got, want)
	}

	group := sc.id("consumer", "security-group", "one/endpoints")
	rules := activities.PeerRulesRequest{Place: far, Owner: peeringFlow, Name: "hub", Groups: []string{group}, Sources: []string{"10.1.0.0/16"}, Ports: []int32{443}}
	if got := must(t, steps.EnsurePeerRules, rules); len(got.Rules)+len(got.Changes) > 0 {
		t.Errorf("where somebody else lets them in it does %+v", got)
	}
	must(t, plain(steps.RemovePeerRules), rules)
	if got := sc.rulesOfGroup(far, group); !slices.Equal(got, []string{"tcp 443 from 10.1.0.0/16"}) {
		t.Errorf("the group lets in %q", got)
	}
}

// near is a VPC of the hub's region.
func near(sc *scene) activities.PeerVPC {
	return activities.PeerVPC{VPC: sc.id("consumer", "vpc", "near"), Owner: "222222222222", Region: "us-east-1"}
}

func TestWhenTheHubsGroupsAreNamedOnlyTheirMembersAreLetIn(t *testing.T) {
	sc := peeringScene(t)
	steps := NewPeerings(sc.config)
	asked := must(t, steps.EnsurePeering, sc.peeringRequest(func(r *activities.PeeringRequest) { r.To = near(sc) }))
	must(t, steps.AcceptPeering, sc.peeringRequest(func(r *activities.PeeringRequest) { r.Place, r.To, r.ID = consumer, near(sc), asked.ID }))
	group, clients := sc.id("consumer", "security-group", "near/endpoints"), sc.id("provider", "security-group", "hub/clients")
	req := activities.PeerRulesRequest{
		Place: consumer, Owner: peeringFlow, Name: "hub", Groups: []string{group}, Sources: []string{clients}, SourceOwner: "111111111111", Ports: []int32{443},
	}
	for range 2 {
		must(t, steps.EnsurePeerRules, req)
		if got, want := sc.rulesOfGroup(consumer, group), []string{"tcp 443 from " + clients + " " + string(peeringFlow)}; !slices.Equal(got, want) {
			t.Errorf("the group lets in %q, want %q", got, want)
		}
	}
	if n := sc.calls("AuthorizeSecurityGroupIngress"); n != 1 {
		t.Errorf("rules were added %d times", n)
	}
}

// Lesson 12: what is gone with its VPC keeps nothing from being removed.
func TestMistake12APeeringNotRemovedWhenItsTablesAreGone(t *testing.T) {
	sc := peeringScene(t)
	steps := NewPeerings(sc.config)
	for _, err := range []error{
		second(run(t, plain(steps.RemovePeerRoutes), activities.PeerRoutesRequest{Place: far, Tables: []string{"rtb-0000000000000dead"}, Peering: "pcx-0000000000000dead"})),
		second(run(t, plain(steps.RemovePeerRules), activities.PeerRulesRequest{Place: far, Owner: peeringFlow, Groups: []string{"sg-0000000000000dead"}})),
		second(run(t, plain(steps.RemovePeering), sc.peeringRequest(func(r *activities.PeeringRequest) { r.To.VPC, r.ID = "vpc-0000000000000dead", "pcx-0000000000000dead" }))),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	if n := sc.writes(); n != 0 {
		t.Errorf("it writes %d times", n)
	}
}

func second[T any](_ T, err error) error { return err }

func TestDescribeNetworksSaysWhatIsWrong(t *testing.T) {
	sc := peeringScene(t)
	one, clash := sc.id("consumer", "vpc", "one"), sc.id("consumer", "vpc", "clash")
	table, group := sc.id("consumer", "route-table", "one/a"), sc.id("consumer", "security-group", "one/endpoints")
	got := must(t, NewPeerings(sc.config).DescribeNetworks, activities.DescribeNetworksRequest{Place: far, Networks: []activities.NetworkParts{
		{VPC: one, RouteTables: []string{table}, SecurityGroups: []string{group}},
		{VPC: clash, RouteTables: []string{table, "rtb-0000000000000dead"}, SecurityGroups: []string{group}, DefaultGroup: true},
		{VPC: "vpc-0000000000000dead"},
	}}).Networks
	if !strings.HasPrefix(got[1].DefaultGroup, "sg-") {
		t.Errorf("the default group is %q", got[1].DefaultGroup)
	}
	got[1].DefaultGroup = ""
	want := []activities.Network{
		{VPC: one, Owner: "222222222222", CIDRs: []string{"10.1.0.0/16"}},
		{VPC: clash, Owner: "222222222222", CIDRs: []string{"10.0.128.0/20"}, Problems: []string{
			table + " is of " + one + ", not of " + clash, "rtb-0000000000000dead does not exist in this account and region", group + " is of " + one + ", not of " + clash}},
		{VPC: "vpc-0000000000000dead", Problems: []string{"vpc-0000000000000dead does not exist in this account and region"}},
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if n := sc.writes(); n != 0 {
		t.Errorf("to look, it writes %d times", n)
	}
}

func TestWhenAPermissionIsMissingThePeeringBlocks(t *testing.T) {
	sc := peeringScene(t)
	sc.inject(simaws.Fault{Action: "CreateVpcPeeringConnection", Effect: simaws.EffectAccessDenied})
	_, err := run(t, NewPeerings(sc.config).EnsurePeering, sc.peeringRequest())
	if p := wantProblem(t, err, link.ReasonMissingPermission); p.Call != "ec2:CreateVpcPeeringConnection" {
		t.Errorf("the call is %q", p.Call)
	}
}

func connectionBetween(id, state, from, to string, owner activities.Owner) ec2types.VpcPeeringConnection {
	c := ec2types.VpcPeeringConnection{
		VpcPeeringConnectionId: sdk.String(id), Status: &ec2types.VpcPeeringConnectionStateReason{Code: ec2types.VpcPeeringConnectionStateReasonCode(state)},
		RequesterVpcInfo: &ec2types.VpcPeeringConnectionVpcInfo{VpcId: sdk.String(from)}, AccepterVpcInfo: &ec2types.VpcPeeringConnectionVpcInfo{VpcId: sdk.String(to)},
	}
	if owner != "" {
		c.Tags = []ec2types.Tag{{Key: sdk.String(ownerTag), Value: sdk.String(string(owner))}}
	}
	return c
}

func TestJudgePeerings(t *testing.T) {
	const me, you = activities.Owner("me"), activities.Owner("you")
	for _, c := range []struct {
		name          string
		found         []ec2types.VpcPeeringConnection
		kept, foreign string
		over          int
	}{
		{"when there is nothing, it finds nothing", nil, "", "", 0},
		{"when ours is active, it is kept", []ec2types.VpcPeeringConnection{connectionBetween("1", "active", "a", "b", me)}, "1", "", 0},
		{"when two are ours, the furthest is kept", []ec2types.VpcPeeringConnection{
			connectionBetween("1", "pending-acceptance", "a", "b", me), connectionBetween("2", "active", "a", "b", me)}, "2", "", 0},
		{"when ours is over, it is none", []ec2types.VpcPeeringConnection{
			connectionBetween("1", "deleted", "a", "b", me), connectionBetween("2", "rejected", "a", "b", me), connectionBetween("3", "failed", "a", "b", me)}, "", "", 3},
		{"when others have a request of the same direction, it is in the way", []ec2types.VpcPeeringConnection{connectionBetween("1", "pending-acceptance", "a", "b", you)}, "", "1", 0},
		{"when one without a tag is active in the other direction, it is in the way", []ec2types.VpcPeeringConnection{connectionBetween("1", "active", "b", "a", "")}, "", "1", 0},
		{"when a stranger asks in the other direction, that is ignored", []ec2types.VpcPeeringConnection{connectionBetween("1", "pending-acceptance", "b", "a", "")}, "", "", 0},
		{"when one in the other direction has our tag, it is not the one", []ec2types.VpcPeeringConnection{connectionBetween("1", "Active", "b", "a", me)}, "", "1", 0},
		{"when that of others is over, it is ignored", []ec2types.VpcPeeringConnection{connectionBetween("1", "expired", "a", "b", you)}, "", "", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			is := judgePeerings(c.found, me, activities.PeerVPC{VPC: "a"}, activities.PeerVPC{VPC: "b"})
			id := func(c *ec2types.VpcPeeringConnection) string {
				if c == nil {
					return ""
				}
				return *c.VpcPeeringConnectionId
			}
			if id(is.kept) != c.kept || id(is.foreign) != c.foreign || len(is.over) != c.over {
				t.Errorf("kept %q, foreign %q, over %d", id(is.kept), id(is.foreign), len(is.over))
			}
		})
	}
}

func TestPlanPeerRoutes(t *testing.T) {
	route := func(to, target string) ec2types.Route {
		r := ec2types.Route{DestinationCidrBlock: sdk.String(to)}
		switch {
		case strings.HasPrefix(target, "pcx-"):
			r.VpcPeeringConnectionId = &target
		default:
			r.GatewayId = &target
		}
		return r
	}
	for _, c := range []struct {
		name               string
		have               []ec2types.Route
		changes, conflicts string
	}{
		{"when there is no route, it makes one", []ec2types.Route{route("10.0.0.0/16", "local")}, "route of rtb to 10.1.0.0/16 made", ""},
		{"when the route is there, it changes nothing", []ec2types.Route{route("10.1.0.0/16", "pcx-1")}, "", ""},
		{"when it leads to an earlier connection of ours, it is led to the new one", []ec2types.Route{route("10.1.0.0/16", "pcx-0")}, "route of rtb to 10.1.0.0/16 led elsewhere", ""},
		{"when it leads to another connection, that is a conflict", []ec2types.Route{route("10.1.0.0/16", "pcx-9")}, "", "route table rtb leads 10.1.0.0/16 to pcx-9"},
		{"when it leads elsewhere, that is a conflict", []ec2types.Route{route("10.1.0.0/16", "tgw-1")}, "", "route table rtb leads 10.1.0.0/16 to tgw-1"},
		{"when ours leads somewhere that is not wanted, it is deleted", []ec2types.Route{route("10.1.0.0/16", "pcx-1"), route("10.7.0.0/16", "pcx-1")}, "route of rtb to 10.7.0.0/16 deleted", ""},
		{"when others lead elsewhere, they are left", []ec2types.Route{route("10.1.0.0/16", "pcx-1"), route("0.0.0.0/0", "igw-1"), route("10.8.0.0/16", "pcx-9")}, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			changes, conflicts := planPeerRoutes(ec2types.RouteTable{RouteTableId: sdk.String("rtb"), Routes: c.have}, "pcx-1", []string{"pcx-0"}, []string{"10.1.2.3/16"})
			if got := strings.Trim(fmt.Sprint(changes), "[]"); got != c.changes {
				t.Errorf("changes %q, want %q", got, c.changes)
			}
			if got := strings.Join(conflicts, "; "); got != c.conflicts {
				t.Errorf("conflicts %q, want %q", got, c.conflicts)
			}
		})
	}
}
