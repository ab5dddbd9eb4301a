package workflows_test

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

const (
	azureGroup    = "/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/rg-shop/providers/Microsoft.Network/"
	azureEndpoint = azureGroup + "privateEndpoints/payments-shop"
)

func azureShopSpec() link.ConnectionSpec {
	return link.ConnectionSpec{
		Service: "payments", Account: "consumer", Region: "westeurope",
		Azure: &link.AzureConnection{ResourceGroup: "rg-shop", Subnet: azureGroup + "virtualNetworks/shop/subnets/endpoints"},
	}
}

// makePrivateEndpoint makes an endpoint whose id is the same each time, and whose request has a mark of its own.
func (m *memory) makePrivateEndpoint(req activities.EnsureEndpointRequest) activities.Endpoint {
	m.made++
	e := &activities.Endpoint{
		ID: azureEndpoint, Owner: "00000000-0000-0000-0000-000000000002", State: activities.EndpointPendingAcceptance,
		Network: req.Spec.Network(), LinkAtProvider: true,
	}
	m.endpoints[e.ID], m.links[e.ID] = e, strconv.Itoa(536870912+m.made)
	return *e
}

func (m *memory) AwaitOperation(_ context.Context, req activities.OperationRequest) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.take("AwaitOperation " + req.Token)
}

func TestWhenAStepHasBegunAnOperationItIsTakenAgainOnceThatIsOver(t *testing.T) {
	b := newBench(t)
	b.policy.Mode = link.ApproveAutomatically
	b.cloud.refuse("EnsureEndpoint", activities.Begun(activities.Operation{What: "making it", Token: "t1"}))
	b.cloud.refuse("AwaitOperation t1", activities.Pending("it is being made", time.Minute), activities.Pending("it is being made", time.Minute))
	b.cloud.refuse("RemoveEndpoint", activities.Begun(activities.Operation{What: "deleting it", Token: "t2"}))
	b.at(time.Hour, func() { b.decide(link.Disconnect, link.Decision{By: "ada"}, "") })
	if s := b.connect(shopSpec()); s.Phase != link.Disconnected || s.Blocked != nil {
		t.Errorf("the connection is %s, blocked by %+v", s.Phase, s.Blocked)
	}
	var story []string
	for _, step := range b.cloud.steps() {
		if strings.HasSuffix(step, "Endpoint") && step != "DescribeEndpoint" || strings.HasPrefix(step, "Await") && step != "AwaitHealthy" {
			story = append(story, step)
		}
	}
	want := []string{
		"EnsureEndpoint", "AwaitOperation t1", "AwaitOperation t1", "AwaitOperation t1", "EnsureEndpoint",
		"RemoveEndpoint", "AwaitOperation t2", "RemoveEndpoint",
	}
	if !slices.Equal(story, want) {
		t.Errorf("the steps were %q, want %q", story, want)
	}
}

func TestWhenAnEndpointIsMadeAnewUnderItsIdNoApprovalOfTheFormerHolds(t *testing.T) {
	b := newBench(t)
	b.cloud.links = map[string]string{}
	b.OnSignalExternalWorkflow(mock.Anything, "watch/aws/consumer/westeurope", mock.Anything, mock.Anything, mock.Anything).Return(nil).Maybe()
	var first link.Decision
	b.at(time.Minute, func() {
		first = *b.status().Waiting.Approve
		first.By = "bob"
		if details := b.status().Waiting.Details; !slices.Contains(details, `The consumer says: "please"`) {
			t.Errorf("the approver is shown %q", details)
		}
	})
	b.at(2*time.Minute, func() { // somebody deletes it, and makes one of the same name, a moment before the approval
		b.cloud.mu.Lock()
		b.cloud.links[azureEndpoint] = "anew"
		b.cloud.mu.Unlock()
		b.decide(link.Approve, first, "")
	})
	b.at(10*time.Minute, func() {
		s := b.status()
		if s.Phase != link.AwaitingApproval || s.Waiting.Approve.Link != "anew" {
			t.Fatalf("the connection is %s and waits for %+v", s.Phase, s.Waiting)
		}
		b.decide(link.Approve, first, "link identifier")
		again := *s.Waiting.Approve
		again.By = "bob"
		b.decide(link.Approve, again, "")
	})
	b.at(time.Hour, func() {
		if s := b.status(); s.Phase != link.Ready {
			t.Errorf("the connection is %s", s.Phase)
		}
		b.decide(link.Disconnect, link.Decision{By: "ada"}, "")
	})
	if s := b.connect(azureShopSpec()); s.Phase != link.Disconnected {
		t.Errorf("the connection is %s", s.Phase)
	}
}
