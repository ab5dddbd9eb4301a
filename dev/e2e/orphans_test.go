package e2e

import (
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"go.temporal.io/sdk/client"

	"github.com/linkwright/linkwright/dev/inventory"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/internal/simaws"
	"github.com/linkwright/linkwright/starter/cli"
	"github.com/linkwright/linkwright/starter/cli/flows"
	"github.com/linkwright/linkwright/workflows"
)

// ownName gives a connection a name of its own, in a zone that is made for it, and a security group.
func ownName(name string) func(*link.ConnectionSpec) {
	return func(spec *link.ConnectionSpec) {
		plain(spec)
		spec.AWS.SecurityGroups, spec.AWS.SecurityGroup = nil, &link.EndpointSecurityGroup{From: []string{"10.2.0.0/16"}}
		spec.DNS = link.ConnectionDNS{Mode: link.DNSHostedZone, HostedZone: &link.HostedZone{
			Name: name, Records: []link.ZoneRecord{{}}, VPCs: []link.ZoneVPC{{VPC: spec.AWS.VPC}},
		}}
	}
}

// reconcileAccount audits the consumer's account, and looks for orphans there.
func (s *scene) reconcileAccount() link.ReconcileReport {
	s.t.Helper()
	run, err := shared.Client.ExecuteWorkflow(s.ctx, client.StartWorkflowOptions{
		ID: workflows.ReconcileID(s.name), TaskQueue: workflows.TaskQueue,
	}, workflows.ReconcileWorkflow, workflows.ReconcileInput{Scope: link.Scope{Account: s.consumer()}})
	if err != nil {
		s.t.Fatal(err)
	}
	var report link.ReconcileReport
	if err := run.Get(s.ctx, &report); err != nil {
		s.t.Fatal(err)
	}
	return report
}

// terminate ends a flow from outside, so that nobody looks after what it has made.
func (s *scene) terminate(ref flows.Ref) {
	s.t.Helper()
	if err := shared.Client.TerminateWorkflow(s.ctx, ref.WorkflowID(), "", "by mistake"); err != nil {
		s.t.Fatal(err)
	}
}

// ownedBy lists what carries an owner's tag.
func (s *scene) ownedBy(ref flows.Ref) inventory.Inventory {
	s.t.Helper()
	var own inventory.Inventory
	for _, item := range s.look() {
		if item.Owner == s.owner(ref) {
			own = append(own, item)
		}
	}
	return own
}

func TestOrphansAreListedAndRemovedOnRequestOnly(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.publish(bare, openToAll)
	stays := s.connect("stays", ownName("stays."+domainOf(s.name)))
	s.awaitArrival(stays)
	foreign, err := s.consumerEC2().CreateSecurityGroup(s.ctx, &ec2.CreateSecurityGroupInput{
		GroupName: sdk.String("foreign"), Description: sdk.String("beside"), VpcId: sdk.String(s.vpc()),
		TagSpecifications: []ec2types.TagSpecification{{ResourceType: ec2types.ResourceTypeSecurityGroup, Tags: []ec2types.Tag{
			{Key: sdk.String("linkwright:owner"), Value: sdk.String("elsewhere/" + stays.WorkflowID())},
		}}},
	})
	s.must(foreign, err)
	beside := s.look()
	named := ownName("shop." + domainOf(s.name))
	shop := s.connect("shop", named)
	s.awaitArrival(shop)

	s.terminate(shop)
	var report link.ReconcileReport
	s.until("the audit to find the orphans", func() bool { report = s.reconcileAccount(); return len(report.Orphans) == 3 }, func() any { return report })
	name := shop.String()
	s.run("orphans", "--run", s.name).expect(t, cli.ExitOK, name, link.KindEndpoint, link.KindSecurityGroup, link.KindHostedZone)
	s.run("orphans", "remove", stays.String(), "--run", s.name, "--yes").expect(t, cli.ExitError, "no orphans of "+stays.String())
	s.run("orphans", "remove", name, "--run", s.name).expect(t, cli.ExitError, "nobody is here to ask")
	if n := len(s.ownedBy(shop)); n < 3 {
		t.Errorf("without a word, %d of 3 are left", n)
	}

	// While the cloud does not answer, what has been left is still being removed.
	fault := s.inject(simaws.Fault{Account: s.consumer(), Action: "DeleteVpcEndpoints", Times: 1 << 20, Effect: simaws.EffectUnavailable})
	removal := make(chan said, 1)
	go func() { removal <- s.run("orphans", "remove", name, "--run", s.name, "--yes", "--as", "carol") }()
	var status link.Status
	s.until("the removal to begin", func() bool {
		var err error // until then, the flow was ended from outside
		status, err = s.flows.Status(s.ctx, shop)
		return err == nil && status.Phase == link.CleaningUp
	}, func() any { return status })
	if _, err := s.flows.ApplyConnection(s.ctx, s.connectionSpec("shop", named), "tester"); err == nil || !strings.Contains(err.Error(), "what it has left is being removed") {
		t.Errorf("applied meanwhile, it answers %v", err)
	}
	s.run("delete", name, "--yes").expect(t, cli.ExitError, "what it has left is being removed")
	s.run("describe", name).expect(t, cli.ExitOK, string(link.CleaningUp), link.KindEndpoint, "as asked by carol")
	s.run("get", name).expect(t, cli.ExitError, "not found")
	s.run("orphans", "remove", name, "--run", s.name, "--yes").expect(t, cli.ExitError, "is being removed already")
	if report := s.reconcileAccount(); len(report.Orphans) > 0 {
		t.Errorf("meanwhile, an audit lists %+v", report.Orphans)
	}
	fault.Mend()
	r := <-removal
	r.expect(t, cli.ExitOK, "removed")
	if n := strings.Count(r.out, "removed  "); n != 3 {
		t.Errorf("%d are removed:\n%s", n, r.out)
	}

	s.wantSame(beside, s.look())
	if report = s.reconcileAccount(); len(report.Orphans) > 0 || report.Drifted > 0 {
		t.Errorf("after all, there is %+v and %+v", report.Orphans, report.Found)
	}
	s.run("describe", name).expect(t, cli.ExitOK, string(link.CleanedUp))
	s.must(s.consumerEC2().DeleteSecurityGroup(s.ctx, &ec2.DeleteSecurityGroupInput{GroupId: foreign.GroupId}))
	s.remove(stays)
	s.takeDown()
}
