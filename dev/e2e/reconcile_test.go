package e2e

import (
	"slices"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbv2types "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"go.temporal.io/sdk/client"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/workflows"
)

// reconcile audits everything that belongs to the scene's service.
func (s *scene) reconcile() link.ReconcileReport {
	s.t.Helper()
	run, err := shared.Client.ExecuteWorkflow(s.ctx, client.StartWorkflowOptions{
		ID: workflows.ReconcileID(s.name), TaskQueue: workflows.TaskQueue,
	}, workflows.ReconcileWorkflow, workflows.ReconcileInput{Scope: link.Scope{Service: s.name}})
	if err != nil {
		s.t.Fatal(err)
	}
	var report link.ReconcileReport
	if err := run.Get(s.ctx, &report); err != nil {
		s.t.Fatal(err)
	}
	if len(report.Unseen) > 0 {
		s.t.Errorf("not seen: %+v", report.Unseen)
	}
	return report
}

// must fails the test when a person cannot change something.
func (s *scene) must(_ any, err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func TestAFleetIsSetRightAndNothingIsWidenedWithoutAWord(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.publish()
	shop := s.connect("shop")
	s.decide(shop, link.Approve)
	status := s.awaitArrival(shop)
	// Temporal lists flows a moment after they have said what they stand by: in the accounts of three owners.
	var report link.ReconcileReport
	s.until("the audit to find the link", func() bool { report = s.reconcile(); return report.Places == 3 && report.Links == 2 }, func() any { return report })
	began := time.Now()
	if report = s.reconcile(); report.Drifted > 0 || len(s.writes(began)) > 0 {
		t.Errorf("nothing has changed; found %+v, and written was %+v", report.Found, s.writes(began))
	}

	endpoint := s.resource(status, link.KindEndpoint).ID
	service := s.resource(s.awaitArrival(s.service()), link.KindService).ID
	s.must(s.providerEC2().ModifyVpcEndpointServiceConfiguration(s.ctx, &ec2.ModifyVpcEndpointServiceConfigurationInput{
		ServiceId: sdk.String(service), AcceptanceRequired: sdk.Bool(false),
	}))
	s.must(s.consumerEC2().ModifyVpcEndpoint(s.ctx, &ec2.ModifyVpcEndpointInput{
		VpcEndpointId: sdk.String(endpoint), PrivateDnsEnabled: sdk.Bool(false),
	}))
	var targets []elbv2types.TargetDescription
	for _, ip := range s.addresses() {
		targets = append(targets, elbv2types.TargetDescription{Id: sdk.String(ip)})
	}
	s.must(elbv2.NewFromConfig(s.admin(s.consumer())).DeregisterTargets(s.ctx, &elbv2.DeregisterTargetsInput{
		TargetGroupArn: sdk.String(s.targetGroup("attached")), Targets: targets[:1],
	}))
	report = s.reconcile()
	for _, kind := range []link.DriftKind{link.DriftAcceptance, link.DriftPrivateDNS, link.DriftTargets} {
		if report.Kinds[kind] != 1 {
			t.Errorf("%s was found %d times", kind, report.Kinds[kind])
		}
	}
	if report.Drifted != 2 || report.Repaired != 2 {
		t.Errorf("%d links have drifted, %d were repaired; found %+v", report.Drifted, report.Repaired, report.Found)
	}
	s.awaitArrival(shop)
	s.wantWhole(shop)

	allowed := s.principals(service)
	s.must(s.providerEC2().ModifyVpcEndpointServicePermissions(s.ctx, &ec2.ModifyVpcEndpointServicePermissionsInput{
		ServiceId: sdk.String(service), RemoveAllowedPrincipals: allowed,
	}))
	if report = s.reconcile(); report.Waiting != 1 || report.Repaired > 0 {
		t.Errorf("%d links wait for a person, %d were repaired; found %+v", report.Waiting, report.Repaired, report.Found)
	}
	question := s.awaitQuestion(s.service())
	if left := s.principals(service); len(left) > 0 {
		t.Errorf("without a word, %v may ask again", left)
	}
	question.Verb, question.By = link.Approve, "grace"
	s.must(s.flows.Decide(s.ctx, s.service(), question))
	s.await(s.service(), "to admit again whom it admitted", func(st link.Status) bool {
		return st.Phase == link.Serving && len(st.Drift) == 0 && slices.Equal(s.principals(service), allowed)
	})
	if report = s.reconcile(); report.Drifted > 0 {
		t.Errorf("after all was set right: %+v", report.Found)
	}
	s.takeDown()
}

func TestAConnectionThatSomebodyLetInIsAskedAbout(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.publish()
	shop := s.connect("shop")
	endpoint := s.awaitQuestion(shop).Endpoint
	service := s.resource(s.awaitArrival(s.service()), link.KindService).ID
	s.must(s.providerEC2().AcceptVpcEndpointConnections(s.ctx, &ec2.AcceptVpcEndpointConnectionsInput{
		ServiceId: sdk.String(service), VpcEndpointIds: []string{endpoint},
	}))
	s.awaitArrival(shop)
	var report link.ReconcileReport
	s.until("the audit to find the link", func() bool { report = s.reconcile(); return report.Places == 3 && report.Links == 2 }, func() any { return report })
	if report.Kinds[link.DriftUnapproved] != 1 || report.Waiting != 1 {
		t.Fatalf("%d links wait for a person; found %+v", report.Waiting, report.Found)
	}
	question := s.awaitQuestion(shop)
	question.Verb, question.By = link.Approve, "grace"
	s.must(s.flows.Decide(s.ctx, shop, question))
	s.await(shop, "to be approved", func(st link.Status) bool {
		return st.Phase == link.Ready && len(st.Drift) == 0
	})
	s.until("the audit to find all as it should be", func() bool { report = s.reconcile(); return report.Drifted == 0 && report.Links == 2 }, func() any { return report })
	s.takeDown()
}
