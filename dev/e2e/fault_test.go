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

// TestFaults makes each call fail by which the main job changes something, in ways that leave it open whether it
// has. Which calls these are, a run without faults tells.
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
	for _, change := range changes {
		for name, fault := range map[string]simaws.Fault{
			"is carried out, and its answer lost":           {Effect: simaws.EffectLose},
			"is answered with an error and not carried out": {Effect: simaws.EffectUnavailable},
		} {
			t.Run("when "+change.action+" "+name, func(t *testing.T) {
				t.Parallel()
				s := newScene(t)
				fault.Account = map[string]string{
					clean.providerID: s.providerID, clean.consumerID: s.consumerID, clean.dnsID: s.dnsID,
				}[change.account]
				fault.Service, fault.Action, fault.Times = change.service, change.action, attempts
				struck := s.inject(fault)
				s.mainJob()
				// The policies go by tags: once it is carried out, a deletion is refused before a fault strikes it.
				if n := struck.Struck(); n != attempts && (n == 0 || !strings.HasPrefix(change.action, "DeleteVpcEndpoint")) {
					t.Errorf("%d calls have failed, want %d", n, attempts)
				}
			})
		}
	}
	t.Run("when every first answer is lost", func(t *testing.T) {
		t.Parallel()
		s := newScene(t)
		for _, change := range changes {
			for _, account := range []string{s.providerID, s.consumerID, s.dnsID} {
				s.inject(simaws.Fault{Account: account, Service: change.service, Action: change.action, Effect: simaws.EffectLose})
			}
		}
		s.mainJob()
	})
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
