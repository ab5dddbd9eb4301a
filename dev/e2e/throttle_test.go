package e2e

import (
	"fmt"
	"testing"

	"github.com/linkwright/linkwright/dev/inventory"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/internal/simaws"
	"github.com/linkwright/linkwright/starter/cli/flows"
)

// throttles is how many calls are throttled at the least: more than one step's own attempts.
const throttles = 8

func TestWhenTheCloudThrottlesManyConnectionsAllBecomeReady(t *testing.T) {
	t.Parallel()
	s := openScene(t, narrowName, 1, narrow)
	// The worker asks the shared cloud's DNS, so this service has no name to prove.
	s.publish(bare, openToAll)
	// On a slow machine nobody hurries enough to be throttled by the buckets, so some calls are in any case.
	defer s.inject(simaws.Fault{
		Account: s.consumerID, Service: "ec2", Action: "CreateVpcEndpoint", Times: throttles, Effect: simaws.EffectThrottle,
	}).Mend()
	var shops []flows.Ref
	for n := range 5 {
		shops = append(shops, s.connect(fmt.Sprintf("shop-%d", n), func(spec *link.ConnectionSpec) { spec.DNS = link.ConnectionDNS{} }))
	}
	for _, shop := range shops {
		status := s.awaitArrival(shop)
		for _, p := range status.Phases {
			if p.Phase == link.Disconnecting || p.Phase == link.Repairing {
				t.Errorf("%s went astray: %+v", shop, status.Phases)
			}
		}
	}
	if built := s.built().Of(inventory.Endpoint); len(built) != len(shops) {
		t.Errorf("%d connections have the endpoints %v", len(shops), built)
	}
	throttled := 0
	for _, c := range narrow.CallCounts() {
		if c.Throttled {
			throttled += c.Count
		}
	}
	if throttled < throttles {
		t.Errorf("%d calls were throttled, want at least %d", throttled, throttles)
	}
	s.takeDown()
}
