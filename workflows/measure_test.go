package workflows_test

import (
	"maps"
	"reflect"
	"sync"
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/workflows"
)

// stopwatch keeps the times that flows measure, by kind and phase.
type stopwatch struct {
	client.MetricsHandler
	tags  map[string]string
	mu    *sync.Mutex
	times map[string][]time.Duration
}

func newStopwatch() stopwatch {
	return stopwatch{client.MetricsNopHandler, map[string]string{}, &sync.Mutex{}, map[string][]time.Duration{}}
}

func (s stopwatch) WithTags(tags map[string]string) client.MetricsHandler {
	s.tags = maps.Clone(s.tags)
	maps.Copy(s.tags, tags)
	return s
}

func (s stopwatch) Timer(name string) client.MetricsTimer {
	if name != workflows.PhaseDuration {
		return s.MetricsHandler.Timer(name)
	}
	return lap(func(took time.Duration) {
		s.mu.Lock()
		defer s.mu.Unlock()
		at := s.tags[workflows.KindTag] + "/" + s.tags[workflows.PhaseTag]
		s.times[at] = append(s.times[at], took)
	})
}

type lap func(time.Duration)

func (l lap) Record(took time.Duration) { l(took) }

// The time of these flows is that of the test environment, which passes while they wait.
func TestHowLongALinkStaysInEachPhaseIsMeasured(t *testing.T) {
	b := newBench(t)
	b.at(26*time.Hour, func() { b.decide(link.Approve, seenByApprover, "") })
	b.at(40*time.Hour, func() { b.decide(link.Disconnect, leaveNow, "") })
	s := b.connect(shopSpec())
	want := map[string][]time.Duration{} // nothing of the last phase, which is not left
	for i, next := range s.Phases[1:] {
		want["Connection/"+string(s.Phases[i].Phase)] = []time.Duration{next.Entered.Sub(s.Phases[i].Entered)}
	}
	if len(want) < 5 || want["Connection/AwaitingApproval"][0] == 0 {
		t.Fatalf("the connection went another way: %v", s.Phases)
	}
	if got := b.around.measured.times; !reflect.DeepEqual(got, want) {
		t.Errorf("measured is %v, want %v", got, want)
	}
}
