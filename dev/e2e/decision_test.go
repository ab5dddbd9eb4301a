package e2e

import (
	"errors"
	"testing"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
	"github.com/linkwright/linkwright/workflows"
)

func TestWhenAnApprovalIsAnUpdateItIsCheckedOnTheSpot(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.publish(bare)
	shop := s.connect("shop", plain)
	question := s.awaitQuestion(shop)
	for name, d := range map[string]link.Decision{
		"another endpoint":      {Endpoint: "vpce-0123456789abcdef0", Owner: question.Owner, By: "bob"},
		"another owner":         {Endpoint: question.Endpoint, Owner: s.providerID, By: "bob"},
		"nobody who decides it": {Endpoint: question.Endpoint, Owner: question.Owner},
	} {
		d.Verb = link.Approve
		_, err := s.flows.Decide(s.ctx, shop, d)
		var refused *flows.RefusedError
		if !errors.As(err, &refused) {
			t.Errorf("an approval with %s was answered with %v, want a refusal", name, err)
		}
	}
	s.decide(shop, link.Approve)
	status := s.awaitArrival(shop)
	if len(status.Decisions) != 1 {
		t.Fatalf("the decisions are %+v, want the one that was carried out", status.Decisions)
	}
	if d := status.Decisions[0]; d.By != "bob" || d.Via != link.ViaUpdate || d.Principal != "" || d.At.IsZero() || d.Endpoint != question.Endpoint {
		t.Errorf("the decision is recorded as %+v", d)
	}
	s.takeDown()
}

func TestWhenAnApprovalIsASignalItsSenderIsRecorded(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.publish(bare)
	shop := s.connect("shop", plain)
	question := s.awaitQuestion(shop)
	sender, err := shared.Temporal.DialAs(s.ctx, aliceToken)
	if err != nil {
		t.Fatal(err)
	}
	defer sender.Close()

	wrong := question
	wrong.Endpoint, wrong.By, wrong.Principal = "vpce-0123456789abcdef0", "mallory", "the boss"
	if err := sender.SignalWorkflow(s.ctx, shop.WorkflowID(), "", workflows.ApproveUpdate, wrong); err != nil {
		t.Fatal(err)
	}
	status := s.await(shop, "to refuse the signal", func(st link.Status) bool { return len(st.Decisions) == 1 })
	if d := status.Decisions[0]; d.Refused == "" || d.Principal != alice || status.Phase != link.AwaitingApproval {
		t.Errorf("the connection is %s, and the wrong decision is recorded as %+v", status.Phase, d)
	}
	right := question
	right.By, right.Reason = "alice", "as agreed"
	if err := sender.SignalWorkflow(s.ctx, shop.WorkflowID(), "", workflows.ApproveUpdate, right); err != nil {
		t.Fatal(err)
	}
	status = s.awaitArrival(shop)
	if d := status.Decisions[1]; d.Refused != "" || d.Principal != alice || d.By != "alice" || d.Via != link.ViaSignal {
		t.Errorf("the decision is recorded as %+v", d)
	}
	s.takeDown()
}

func TestWhenThePolicyListsTheAccountNobodyIsAsked(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.publish(bare, func(spec *link.EndpointServiceSpec) {
		spec.Approval = &link.ApprovalPolicy{AutoApprove: []string{s.consumerID}}
	})
	endpoint := s.openEndpoint(s.awaitArrival(s.service()).ServiceName)
	status := s.awaitArrival(s.connection(endpoint))
	if len(status.Decisions) != 1 || status.Decisions[0].Via != link.ViaPolicy || status.Decisions[0].Endpoint != endpoint {
		t.Errorf("the decisions are %+v, want one by policy", status.Decisions)
	}
	s.deleteEndpoints(endpoint)
	s.awaitPhase(s.connection(endpoint), link.Disconnected)
	s.takeDown()
}
