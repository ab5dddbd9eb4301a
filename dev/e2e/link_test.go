package e2e

import (
	"testing"

	"github.com/linkwright/linkwright/internal/link"
)

// The main job, from nothing to nothing.
func TestLink(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.publish()
	shop := s.connect("shop")
	s.decide(shop, link.Approve)
	status := s.awaitArrival(shop)
	s.wantWhole(shop)
	for _, c := range []link.ConditionType{link.EndpointAvailable, link.Approved, link.DNSEnabled, link.TargetsHealthy} {
		if condition, _ := status.Condition(c); !condition.OK {
			t.Errorf("the link is ready without %s: %+v", c, condition)
		}
	}
	service := s.awaitArrival(s.service())
	for _, c := range []link.ConditionType{link.ServiceAvailable, link.DomainVerified, link.NamePublished} {
		if condition, _ := service.Condition(c); !condition.OK {
			t.Errorf("the service is served without %s: %+v", c, condition)
		}
	}
	s.takeDown()
	if ended := s.awaitPhase(shop, link.Disconnected); len(ended.Resources) > 0 {
		t.Errorf("the connection has ended and still lists %+v", ended.Resources)
	}
}
