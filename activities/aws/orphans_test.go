package aws

import (
	"slices"
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/route53"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/activities/aws/permissions"
	"github.com/linkwright/linkwright/internal/link"
)

const neighbour = activities.Owner("default/connection/payments/neighbour")

// left are the connection's resources, as an audit lists them, in the order in which they are removed.
func (a *audited) left() []link.Resource {
	a.t.Helper()
	at := func(kind, id string) link.Resource {
		return link.Resource{Kind: kind, ID: id, Account: consumer.Account, Region: consumer.Region, Detail: string(connectionFlow)}
	}
	return []link.Resource{
		at(link.KindListenerRule, a.rule()), at(link.KindTargetGroup, a.route.req.TargetGroup), at(link.KindHostedZone, a.zoneID),
		at(link.KindEndpoint, a.at.ID), at(link.KindSecurityGroup, a.group),
	}
}

func (a *audited) leftService() link.Resource {
	return link.Resource{Kind: link.KindService, ID: a.made.ID, Account: provider.Account, Region: provider.Region, Detail: string(serviceFlow)}
}

// find looks for orphans, and makes sure that it only looks.
func (a *audited) find(owner activities.Owner, at activities.Place, orphans ...link.Resource) []activities.Orphan {
	a.t.Helper()
	var found activities.FoundOrphans
	_, writes := a.callsOf(func() {
		found = must(a.t, NewOrphans(a.config, &a.ledger).FindOrphans, activities.FindOrphansRequest{Place: at, Owner: owner, Orphans: orphans})
	})
	if writes > 0 {
		a.t.Errorf("to look, it makes %d calls that change something", writes)
	}
	return found.Orphans
}

func (a *audited) removeOrphan(owner activities.Owner, orphan activities.Orphan) error {
	a.t.Helper()
	_, err := run(a.t, plain(NewOrphans(a.config, &a.ledger).RemoveOrphan), activities.RemoveOrphanRequest{
		Place: activities.Place{Account: orphan.Account, Region: orphan.Region}, Owner: owner, Orphan: orphan,
	})
	return err
}

func kinds(orphans []activities.Orphan) []string {
	var all []string
	for _, o := range orphans {
		all = append(all, o.Kind)
	}
	slices.Sort(all)
	return all
}

func TestOrphansAreRemovedAndNothingElse(t *testing.T) {
	a := newAudited(t)
	left := a.left()
	more := a.endpointRequest(a.made) // becomes another endpoint of the same flow, which nobody has seen
	more.Owner = neighbour
	unseen := must(t, NewConsumer(a.config).EnsureEndpoint, more)
	giveTo(t, a.clients(consumer), unseen.ID, connectionFlow)
	group := a.groupRequest("10.0.0.0/8")
	group.Owner, group.Known = neighbour, ""
	foreign := must(t, NewConsumer(a.config).EnsureSecurityGroup, group)
	a.allowRoles("222222222222", permissions.Consumer, permissions.Ingress, permissions.Zone)

	found := a.find(connectionFlow, consumer, left...)
	want := []string{link.KindHostedZone, link.KindListenerRule, link.KindSecurityGroup, link.KindTargetGroup, link.KindEndpoint}
	if slices.Sort(want); !slices.Equal(kinds(found), want) {
		t.Fatalf("found %+v", found)
	}
	for _, orphan := range left {
		if err := a.removeOrphan(connectionFlow, activities.Orphan{Resource: orphan}); err != nil {
			t.Errorf("%s: %v", orphan.Kind, err)
		}
	}
	if found := a.find(connectionFlow, consumer, left...); len(found) > 0 {
		t.Errorf("still there: %+v", found)
	}
	a.wantEndpointGone()
	for _, orphan := range left {
		if err := a.removeOrphan(connectionFlow, activities.Orphan{Resource: orphan}); err != nil {
			t.Errorf("when it is gone, %s: %v", orphan.Kind, err)
		}
	}
	s := &site{Config: a.config, place: consumer, Clients: a.clients(consumer)}
	if own, err := s.endpointsOf(t.Context(), connectionFlow); err != nil || len(own) != 1 || sdk.ToString(own[0].VpcEndpointId) != unseen.ID {
		t.Errorf("of the flow, there is %v, %v; nobody has seen %s", own, err, unseen.ID)
	}
	if groups, err := s.groupsOf(t.Context(), neighbour); err != nil || len(groups) != 1 || sdk.ToString(groups[0].GroupId) != foreign.ID {
		t.Errorf("another flow's group: %v, %v", groups, err)
	}
}

// wantEndpointGone makes sure, as the account's own, that what was removed is gone.
func (a *audited) wantEndpointGone() {
	a.t.Helper()
	clients := a.clients(consumer)
	if out, err := clients.EC2.DescribeVpcEndpoints(a.t.Context(), &ec2.DescribeVpcEndpointsInput{VpcEndpointIds: []string{a.at.ID}}); err == nil && !onItsWayOut(out.VpcEndpoints[0]) {
		a.t.Errorf("the endpoint is there: %+v", out.VpcEndpoints[0])
	}
	if _, err := clients.ELB.DescribeTargetGroups(a.t.Context(), &elasticloadbalancingv2.DescribeTargetGroupsInput{TargetGroupArns: []string{a.route.req.TargetGroup}}); !hasCode(err, "TargetGroupNotFound") {
		a.t.Errorf("the target group: %v", err)
	}
	if _, err := clients.Route53.GetHostedZone(a.t.Context(), &route53.GetHostedZoneInput{Id: sdk.String(a.zoneID)}); !hasCode(err, "NoSuchHostedZone") {
		a.t.Errorf("the zone: %v", err)
	}
}

func TestWhatIsNotTheOwnersAnyMoreIsNotRemoved(t *testing.T) {
	for name, owner := range map[string]activities.Owner{"when it has lost its tag": "", "when it is another flow's": neighbour} {
		t.Run(name, func(t *testing.T) {
			a := newAudited(t)
			orphan := link.Resource{Kind: link.KindEndpoint, ID: a.at.ID, Account: consumer.Account, Region: consumer.Region}
			giveTo(t, a.clients(consumer), a.at.ID, owner)
			if found := a.find(connectionFlow, consumer, orphan); len(found) > 0 {
				t.Errorf("found %+v", found)
			}
			wantProblem(t, a.removeOrphan(connectionFlow, activities.Orphan{Resource: orphan}), link.ReasonNotOurs)
			if n := a.calls("DeleteVpcEndpoints"); n > 0 {
				t.Errorf("%d endpoints were deleted", n)
			}
		})
	}
}

func TestAServiceIsRemovedOnceNobodyIsConnected(t *testing.T) {
	a := newAudited(t)
	orphan := activities.Orphan{Resource: a.leftService()}
	a.allowRoles("111111111111", permissions.Provider)
	if found := a.find(serviceFlow, provider, orphan.Resource); !slices.Equal(found, []activities.Orphan{orphan}) {
		t.Fatalf("found %+v", found)
	}
	problem := wantProblem(t, a.removeOrphan(serviceFlow, orphan), link.ReasonServiceInUse)
	if !strings.Contains(problem.Message, a.at.ID+" of account 222222222222 (available)") {
		t.Errorf("it says %s", problem.Message)
	}
	if n := a.calls("RejectVpcEndpointConnections"); n > 0 {
		t.Errorf("it has cut off somebody, with %d calls", n)
	}
	if err := a.removeOrphan(connectionFlow, activities.Orphan{Resource: a.left()[3]}); err != nil {
		t.Fatal(err)
	}
	if err := a.removeOrphan(serviceFlow, orphan); err != nil {
		t.Error(err)
	}
	if found := a.find(serviceFlow, provider, orphan.Resource); len(found) > 0 {
		t.Errorf("still there: %+v", found)
	}
}

func TestAServiceThatWasThereBeforeIsOnlyLetGoOf(t *testing.T) {
	a := newAudited(t)
	a.service.Spec.AWS.Service = a.made.ID
	orphan := activities.Orphan{Resource: a.leftService(), Existing: true}
	if found := a.find(serviceFlow, provider, orphan.Resource); !slices.Equal(found, []activities.Orphan{orphan}) {
		t.Fatalf("found %+v", found)
	}
	if err := a.removeOrphan(serviceFlow, orphan); err != nil {
		t.Fatal(err)
	}
	s := &site{Config: a.config, place: provider, Clients: a.clients(provider)}
	if c, err := s.listedService(t.Context(), a.made.ID); err != nil || c == nil || ownerOf(c.Tags) != "" {
		t.Errorf("service = %+v, %v", c, err)
	}
}
