package e2e

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/internal/simaws"
)

// attempts is how often the SDK makes a call before a step sees that it has failed.
const attempts = 3

// TestFaults makes every call fail by which the main job changes something, in ways that leave it open whether it
// has. Which calls these are, a run without faults tells. That each fails alone, the matrix in test/faults sees to.
func TestFaults(t *testing.T) {
	t.Parallel()
	clean := newScene(t)
	clean.mainJob()
	changes := clean.writes(time.Time{})
	slices.SortFunc(changes, write.compare)
	changes = slices.Compact(changes)
	if len(changes) < 12 {
		t.Fatalf("the main job makes only these changes: %v", changes)
	}
	for name, fault := range map[string]simaws.Fault{
		"when every first answer is lost":                              {Effect: simaws.EffectLose, Times: 1},
		"when every change is carried out, and a step does not see it": {Effect: simaws.EffectLose, Times: attempts},
		"when every change is at first answered with an error":         {Effect: simaws.EffectUnavailable, Times: attempts},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			struck := map[write]*simaws.Injected{}
			for _, change := range changes {
				fault.Account = map[string]string{
					clean.providerID: s.providerID, clean.consumerID: s.consumerID, clean.dnsID: s.dnsID,
				}[change.account]
				fault.Service, fault.Action = change.service, change.action
				struck[change] = s.inject(fault)
			}
			s.mainJob()
			for change, by := range struck {
				// The policies go by tags: once it is carried out, a deletion is refused before a fault strikes it.
				if n := by.Struck(); n != fault.Times && (n == 0 || !strings.HasPrefix(change.action, "DeleteVpcEndpoint")) {
					t.Errorf("%d calls of %s have failed, want %d", n, change.action, fault.Times)
				}
			}
		})
	}
}

// mainJob makes a whole link and takes it down again.
func (s *scene) mainJob() {
	s.t.Helper()
	s.publish(openToAll)
	shop := s.connect("shop")
	s.awaitArrival(shop)
	s.wantWhole(shop)
	s.takeDown()
	s.awaitPhase(shop, link.Disconnected)
}

// inject puts a fault in force.
func (s *scene) inject(f simaws.Fault) *simaws.Injected {
	s.t.Helper()
	injected, err := s.cloud.Inject(f)
	if err != nil {
		s.t.Fatal(err)
	}
	return injected[0]
}
