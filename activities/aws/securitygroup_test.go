package aws

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go/middleware"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/internal/simaws"
)

// groupRequest asks for the security group of the connection's endpoint in the consumer's VPC "main".
func (sc *scene) groupRequest(from ...string) activities.SecurityGroupRequest {
	return activities.SecurityGroupRequest{
		Place: consumer, Owner: connectionFlow, Name: "payments/shop", VPC: sc.id("consumer", "vpc", "main"),
		Want: &link.EndpointSecurityGroup{From: from, Ports: []int32{443}},
	}
}

func (sc *scene) ensureGroup(from ...string) activities.SecurityGroup {
	sc.t.Helper()
	return must(sc.t, NewConsumer(sc.config).EnsureSecurityGroup, sc.groupRequest(from...))
}

// groups are the consumer's security groups of an owner, as EC2 shows them.
func (sc *scene) groups(owner activities.Owner) []ec2types.SecurityGroup {
	sc.t.Helper()
	s := &site{Config: sc.config, place: consumer, Clients: sc.clients(consumer)}
	found, err := s.groupsOf(sc.t.Context(), owner)
	if err != nil {
		sc.t.Fatal(err)
	}
	return found
}

// wantGroup checks that the flow has one group, which lets in these and nobody else.
func (sc *scene) wantGroup(id string, rules ...string) {
	sc.t.Helper()
	found := sc.groups(connectionFlow)
	if len(found) != 1 || sdk.ToString(found[0].GroupId) != id {
		sc.t.Fatalf("groups = %+v, want %s alone", found, id)
	}
	var got []string
	for _, r := range rulesOf(found[0].IpPermissions) {
		got = append(got, r.String())
	}
	if !slices.Equal(got, rules) {
		sc.t.Errorf("it lets in %q, want %q", got, rules)
	}
}

func TestEnsureSecurityGroupTwiceMakesOneAndChangesNothing(t *testing.T) {
	sc := newScene(t)
	other := sc.id("consumer", "security-group", "main/none")
	first := sc.ensureGroup("10.0.0.0/8", other)
	sc.wantGroup(first.ID, "tcp 443 from 10.0.0.0/8", "tcp 443 from "+other)
	if got := strings.Join(first.Changes, "; "); !strings.Contains(got, first.ID+" made") || !strings.Contains(got, "lets in tcp 443 from 10.0.0.0/8") {
		t.Errorf("changes = %q", got)
	}
	if second := sc.ensureGroup("10.0.0.0/8", other); second.ID != first.ID || len(second.Changes) > 0 {
		t.Errorf("the second time it answers %+v", second)
	}
	for action, want := range map[string]int{"CreateSecurityGroup": 1, "AuthorizeSecurityGroupIngress": 1, "RevokeSecurityGroupIngress": 0, "DescribeSecurityGroups": 3} {
		if n := sc.calls(action); n != want {
			t.Errorf("it calls %s %d times, want %d", action, n, want)
		}
	}
	if g := sc.groups(connectionFlow)[0]; len(g.IpPermissionsEgress) != 1 {
		t.Errorf("what it lets out is %+v, want AWS's default", g.IpPermissionsEgress)
	}
}

func TestEnsureSecurityGroupMakesOneAlthoughTheAnswerIsLost(t *testing.T) {
	for _, c := range []struct {
		name  string
		world []func(*simaws.WorldFile)
	}{
		{"when the group is listed at once", nil},
		{"when the group is listed only after a while", []func(*simaws.WorldFile){hiddenFor(10 * time.Minute)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			sc := newScene(t, c.world...)
			sc.inject(simaws.Fault{Action: "CreateSecurityGroup", Effect: simaws.EffectLose, Times: 3})
			sc.inject(simaws.Fault{Action: "AuthorizeSecurityGroupIngress", Effect: simaws.EffectLose, Times: 3})
			sc.wantGroup(sc.ensureGroup("10.0.0.0/8", "10.9.0.0/16").ID, "tcp 443 from 10.0.0.0/8", "tcp 443 from 10.9.0.0/16")
		})
	}
}

// TestEnsureSecurityGroupReadsPastAnEmptyPage: lesson 4.
func TestEnsureSecurityGroupReadsPastAnEmptyPage(t *testing.T) {
	sc := newScene(t)
	first := sc.ensureGroup("10.0.0.0/8")
	sc.inject(simaws.Fault{Action: "DescribeSecurityGroups", Effect: simaws.EffectEmptyPage})
	if second := sc.ensureGroup("10.0.0.0/8"); second.ID != first.ID || sc.calls("CreateSecurityGroup") != 1 {
		t.Errorf("after an empty page, it makes another group: %s after %s", second.ID, first.ID)
	}
}

// TestMistake09ASecurityGroupChangedBehindOurBack: lesson 9.
func TestMistake09ASecurityGroupChangedBehindOurBack(t *testing.T) {
	sc := newScene(t)
	list := sc.id("consumer", "security-group", "main/none")
	group := sc.ensureGroup("10.0.0.0/8", list)
	client := sc.clients(consumer).EC2
	for _, change := range []func() error{
		func() error { // somebody lets the world in
			_, err := client.AuthorizeSecurityGroupIngress(t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{GroupId: sdk.String(group.ID),
				IpPermissions: wirePermissions([]ingressRule{{"-1", -1, -1, "0.0.0.0/0"}, {"tcp", 1, 65535, "::/0"}})})
			return err
		},
		func() error { // and shuts out who should be there
			_, err := client.RevokeSecurityGroupIngress(t.Context(), &ec2.RevokeSecurityGroupIngressInput{GroupId: sdk.String(group.ID),
				IpPermissions: wirePermissions([]ingressRule{{"tcp", 443, 443, "10.0.0.0/8"}})})
			return err
		},
	} {
		if err := change(); err != nil {
			t.Fatal(err)
		}
	}
	again := sc.ensureGroup("10.0.0.0/8", list)
	sc.wantGroup(group.ID, "tcp 443 from 10.0.0.0/8", "tcp 443 from "+list)
	want := []string{"lets in tcp 443 from 10.0.0.0/8", "no longer lets in everything from 0.0.0.0/0", "no longer lets in tcp 1-65535 from ::/0"}
	for i := range want {
		want[i] = "security group " + group.ID + " " + want[i]
	}
	if !slices.Equal(again.Changes, want) {
		t.Errorf("changes = %q, want %q", again.Changes, want)
	}
}

func TestEnsureSecurityGroupFollowsTheSpec(t *testing.T) {
	sc := newScene(t)
	group := sc.ensureGroup("10.0.0.0/8")
	req := sc.groupRequest("10.9.0.0/16")
	req.Want.Ports = []int32{443, 8443}
	must(t, NewConsumer(sc.config).EnsureSecurityGroup, req)
	sc.wantGroup(group.ID, "tcp 443 from 10.9.0.0/16", "tcp 8443 from 10.9.0.0/16")
}

// TestMistake13ASecurityGroupEmptiedBecauseSourcesAreOmitted: lesson 13.
func TestMistake13ASecurityGroupEmptiedBecauseSourcesAreOmitted(t *testing.T) {
	sc := newScene(t)
	group := sc.ensureGroup("10.0.0.0/8")
	for _, want := range []*link.EndpointSecurityGroup{nil, {Ports: []int32{443}}} {
		req := sc.groupRequest()
		req.Want = want
		_, err := run(t, NewConsumer(sc.config).EnsureSecurityGroup, req)
		wantProblem(t, err, link.ReasonInvalidRequest)
	}
	sc.wantGroup(group.ID, "tcp 443 from 10.0.0.0/8")
}

// TestASecurityGroupOfSomebodyElseIsNotAdopted: lesson 13; it has the very name.
func TestASecurityGroupOfSomebodyElseIsNotAdopted(t *testing.T) {
	sc := newScene(t)
	req := sc.groupRequest("10.0.0.0/8")
	made, err := sc.clients(consumer).EC2.CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{
		VpcId: sdk.String(req.VPC), GroupName: sdk.String(groupName(connectionFlow)), Description: sdk.String("by hand")})
	if err != nil {
		t.Fatal(err)
	}
	sc.config.Patience = time.Millisecond
	_, err = run(t, NewConsumer(sc.config).EnsureSecurityGroup, req)
	if p := wantProblem(t, err, link.ReasonNotOurs); !strings.Contains(p.Message, sdk.ToString(made.GroupId)) {
		t.Errorf("problem = %+v", p)
	}
	if n := sc.calls("AuthorizeSecurityGroupIngress"); n != 0 {
		t.Errorf("it changed somebody else's group with %d calls", n)
	}
	req.Want = nil
	must(t, plain(NewConsumer(sc.config).RemoveSecurityGroup), req)
	if n := sc.calls("DeleteSecurityGroup"); n != 0 {
		t.Errorf("it deleted somebody else's group with %d calls", n)
	}
}

func TestARuleThatIsThereAlreadyIsNoFailure(t *testing.T) {
	sc := newScene(t)
	group := sc.ensureGroup("10.0.0.0/8")
	// The look is stale: it does not show the rule that is there.
	sc.config.Accounts = rewired{sc.config.Accounts, func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (
		middleware.InitializeOutput, middleware.Metadata, error) {
		out, meta, err := next.HandleInitialize(ctx, in)
		if shown, ok := out.Result.(*ec2.DescribeSecurityGroupsOutput); ok {
			for i := range shown.SecurityGroups {
				shown.SecurityGroups[i].IpPermissions = nil
			}
		}
		return out, meta, err
	}}
	must(t, NewConsumer(sc.config).EnsureSecurityGroup, sc.groupRequest("10.0.0.0/8"))
	must(t, NewConsumer(sc.config).EnsureSecurityGroup, sc.groupRequest("10.0.0.0/8", "10.9.0.0/16"))
	s := &site{Config: sc.config, Clients: sc.clients(consumer)}
	rules, err := ec2.NewDescribeSecurityGroupRulesPaginator(s.EC2, &ec2.DescribeSecurityGroupRulesInput{
		Filters: []ec2types.Filter{filter("group-id", group.ID)}}).NextPage(t.Context())
	if err != nil || len(rules.SecurityGroupRules) != 3 { // two, and what it lets out
		t.Errorf("rules = %+v, %v", rules, err)
	}
}

func TestEnsureSecurityGroupIsBlocked(t *testing.T) {
	sc := newScene(t)
	for _, c := range []struct {
		name   string
		change func(*activities.SecurityGroupRequest)
		reason link.Reason
	}{
		{"when the VPC does not exist, it says so", func(r *activities.SecurityGroupRequest) { r.VPC = "vpc-00000000000000000" }, link.ReasonNetworkMismatch},
		{"when a source does not exist, it says so at once", func(r *activities.SecurityGroupRequest) { r.Want.From = []string{"sg-00000000000000000"} },
			link.ReasonNetworkMismatch},
		{"when a prefix list does not exist, it says so", func(r *activities.SecurityGroupRequest) { r.Want.From = []string{"pl-00000000000000000"} },
			link.ReasonNetworkMismatch},
		{"when there are more rules than a group may have, it is a quota", func(r *activities.SecurityGroupRequest) {
			for port := range int32(61) {
				r.Want.Ports = append(r.Want.Ports, 1000+port)
			}
		}, link.ReasonQuotaFull},
	} {
		t.Run(c.name, func(t *testing.T) {
			req := sc.groupRequest("10.0.0.0/8")
			c.change(&req)
			_, err := run(t, NewConsumer(sc.config).EnsureSecurityGroup, req)
			wantProblem(t, err, c.reason)
		})
	}
}

// TestMistake11ASecurityGroupForgottenByTheTeardown: lesson 11. It waits for the endpoint to be gone, and leaves nothing in a
// VPC that the endpoint has left.
func TestMistake11ASecurityGroupForgottenByTheTeardown(t *testing.T) {
	sc := newScene(t)
	c := NewConsumer(sc.config)
	elsewhere := sc.groupRequest("10.0.0.0/8")
	elsewhere.VPC = sc.id("consumer", "vpc", "plain")
	old := must(t, c.EnsureSecurityGroup, elsewhere)
	client := sc.clients(consumer).EC2
	// An endpoint of somebody else's holds on to the group in the VPC that is left: it stays for now.
	held, err := client.AuthorizeSecurityGroupIngress(t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{
		GroupId: sdk.String(sc.defaultGroup("plain")), IpPermissions: wirePermissions([]ingressRule{{"tcp", 1, 1, old.ID}})})
	if err != nil {
		t.Fatal(err)
	}
	group := sc.ensureGroup("10.0.0.0/8")
	if len(sc.groups(connectionFlow)) != 2 {
		t.Fatalf("groups = %+v", sc.groups(connectionFlow))
	}
	if _, err := client.RevokeSecurityGroupIngress(t.Context(), &ec2.RevokeSecurityGroupIngressInput{GroupId: sdk.String(sc.defaultGroup("plain")),
		SecurityGroupRuleIds: []string{sdk.ToString(held.SecurityGroupRules[0].SecurityGroupRuleId)}}); err != nil {
		t.Fatal(err)
	}

	endpoint := sc.connect(sc.publish(), func(a *link.AWSConnection) { a.SecurityGroups = []string{group.ID} })
	var heartbeat any
	if _, err := attempt(t, plain(c.RemoveSecurityGroup), sc.groupRequest(), &heartbeat); !isPending(err) {
		t.Fatalf("while the endpoint uses the group, it answers %v", err)
	}
	must(t, plain(c.RemoveEndpoint), activities.RemoveEndpointRequest{Place: consumer, Owner: connectionFlow, Endpoint: endpoint.ID})
	for deleted := sc.calls("DeleteSecurityGroup"); len(sc.groups(connectionFlow)) > 0; deleted = sc.calls("DeleteSecurityGroup") {
		if _, err := attempt(t, plain(c.RemoveSecurityGroup), sc.groupRequest(), &heartbeat); !isPending(err) || sc.calls("DeleteSecurityGroup") == deleted {
			t.Fatalf("before it has seen that the groups are gone, it answers %v", err)
		}
	}
	if _, err := attempt(t, plain(c.RemoveSecurityGroup), sc.groupRequest(), &heartbeat); err != nil {
		t.Fatalf("once the groups are gone, it answers %v", err)
	}
	if left := sc.groups(connectionFlow); len(left) > 0 {
		t.Errorf("left behind: %+v", left)
	}
	deletions := sc.calls("DeleteSecurityGroup")
	must(t, plain(c.RemoveSecurityGroup), sc.groupRequest())
	if n := sc.calls("DeleteSecurityGroup"); n != deletions {
		t.Errorf("it deletes what is gone with %d calls", n-deletions)
	}
}

func (sc *scene) defaultGroup(vpc string) string {
	sc.t.Helper()
	s := &site{Config: sc.config, Clients: sc.clients(consumer)}
	found, err := s.groups(sc.t.Context(), filter("vpc-id", sc.id("consumer", "vpc", vpc)), filter("group-name", "default"))
	if err != nil || len(found) != 1 {
		sc.t.Fatalf("the default group of %s: %+v, %v", vpc, found, err)
	}
	return sdk.ToString(found[0].GroupId)
}

func TestWhenTheEndpointMovesToAnotherVPCTheSecurityGroupGoesWithIt(t *testing.T) {
	sc := newScene(t)
	elsewhere := sc.groupRequest("10.0.0.0/8")
	elsewhere.VPC = sc.id("consumer", "vpc", "plain")
	old := must(t, NewConsumer(sc.config).EnsureSecurityGroup, elsewhere)
	group := sc.ensureGroup("10.0.0.0/8")
	sc.wantGroup(group.ID, "tcp 443 from 10.0.0.0/8")
	if got := strings.Join(group.Changes, "; "); !strings.Contains(got, old.ID+" deleted") {
		t.Errorf("changes = %q", got)
	}
}

func TestWhenSomebodyElseUsesTheSecurityGroupItsRemovalSaysSo(t *testing.T) {
	sc := newScene(t)
	group := sc.ensureGroup("10.0.0.0/8")
	if _, err := sc.clients(consumer).EC2.AuthorizeSecurityGroupIngress(t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{
		GroupId: sdk.String(sc.defaultGroup("main")), IpPermissions: wirePermissions([]ingressRule{{"tcp", 1, 1, group.ID}})}); err != nil {
		t.Fatal(err)
	}
	sc.config.Patience = time.Millisecond
	_, err := run(t, plain(NewConsumer(sc.config).RemoveSecurityGroup), sc.groupRequest())
	if p := wantProblem(t, err, link.ReasonNotOurs); !strings.Contains(p.Remedy, group.ID) {
		t.Errorf("problem = %+v", p)
	}
}
