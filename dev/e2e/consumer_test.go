package e2e

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/linkwright/linkwright/dev/inventory"
	"github.com/linkwright/linkwright/internal/link"
)

// Endpoints that a consumer opens without telling Linkwright.

func TestWhenAConsumerOpensAnEndpointItIsLetInAndLeavesByItself(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.publish(bare)
	endpoint := s.openEndpoint(s.awaitArrival(s.service()).ServiceName)
	found := s.connection(endpoint)
	question := s.awaitQuestion(found)
	if question.Endpoint != endpoint || question.Owner != s.consumerID {
		t.Errorf("the question is about %s of %s, want %s of %s", question.Endpoint, question.Owner, endpoint, s.consumerID)
	}
	s.decide(found, link.Approve)
	s.awaitArrival(found)
	if state := s.endpoint(endpoint).State; !strings.EqualFold(string(state), string(ec2types.StateAvailable)) {
		t.Errorf("the connection is ready, but the endpoint %s", state)
	}
	s.deleteEndpoints(endpoint)
	s.awaitPhase(found, link.Disconnected)
	s.takeDown()
}

func TestWhenAConsumersEndpointIsRejectedItStaysAway(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.publish(bare)
	name := s.awaitArrival(s.service()).ServiceName
	turnedAway := s.openEndpoint(name)
	s.decide(s.connection(turnedAway), link.Reject)
	s.awaitPhase(s.connection(turnedAway), link.Rejected)
	if state := s.endpoint(turnedAway).State; !strings.EqualFold(string(state), string(ec2types.StateRejected)) {
		t.Errorf("the connection is rejected, but the endpoint %s", state)
	}
	// Another endpoint is seen after the service has looked at all of them once more.
	another := s.openEndpoint(name)
	s.awaitQuestion(s.connection(another))
	if runs := s.runs(s.connection(turnedAway)); runs != 1 {
		t.Errorf("the rejected endpoint has had %d flows, want one", runs)
	}
	if built := s.built().Of(inventory.Endpoint); len(built) != 2 {
		t.Errorf("the consumer has the endpoints %v, want the two that it opened", built)
	}
	s.deleteEndpoints(turnedAway, another)
	s.awaitPhase(s.connection(another), link.Disconnected)
	s.takeDown()
}

func TestWhenAConnectionIsRejectedItsEndpointIsRemovedAndNotMadeAgain(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.publish(bare)
	shop := s.connect("shop", plain)
	s.decide(shop, link.Reject)
	s.awaitPhase(shop, link.Rejected)
	if built := s.built().Of(inventory.Endpoint); len(built) > 0 {
		t.Errorf("the rejected connection has left %v", built)
	}
	s.takeDown()
}

func TestWhenASpecNamesAnEndpointThatAConsumerOpenedTheConnectionTakesItOver(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.publish()
	endpoint := s.openEndpoint(s.awaitArrival(s.service()).ServiceName)
	found := s.connection(endpoint)
	s.decide(found, link.Approve)
	s.awaitArrival(found)
	created := aws.ToTime(s.endpoint(endpoint).CreationTimestamp)

	shop := s.connect("shop", func(c *link.ConnectionSpec) { c.AWS.Endpoint = endpoint })
	s.awaitPhase(found, link.HandedOver)
	status := s.await(shop, "to inherit", func(st link.Status) bool { return len(st.Decisions) > 0 && st.Phase == link.Ready })
	if r := s.resource(status, link.KindEndpoint); r.ID != endpoint {
		t.Errorf("the connection has endpoint %s, want %s", r.ID, endpoint)
	}
	if !slices.ContainsFunc(status.Decisions, func(d link.Decision) bool {
		return d.Verb == link.Approve && d.By == "bob" && d.Endpoint == endpoint
	}) {
		t.Errorf("the approval was not handed over: %+v", status.Decisions)
	}
	s.wantWhole(shop)
	if now := aws.ToTime(s.endpoint(endpoint).CreationTimestamp); !now.Equal(created) {
		t.Errorf("the endpoint was made at %s, want %s", now, created)
	}
	s.remove(shop)
	if left := s.built().Of(inventory.Endpoint); len(left) > 0 {
		t.Errorf("the connection is disconnected and has left %v", left)
	}
	s.takeDown()
}
