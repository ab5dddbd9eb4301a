package aws

import (
	"context"
	"testing"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/simaws"
)

// TestMistake17AStepThatWaitsHoldsTheWorker has a cloud in which nothing ever comes about: each step says that it waits,
// and has ended, instead of waiting in its place.
func TestMistake17AStepThatWaitsHoldsTheWorker(t *testing.T) {
	sc := newScene(t, func(f *simaws.WorldFile) { f.Scale = 0.0001 })
	zone := sc.othersZone(consumer, "k.example.com", sc.network("consumer", "main"))
	for _, c := range []struct {
		name string
		step func(heartbeat *any) error
	}{
		{"a service that is being made", waits(t, NewProvider(sc.config).EnsureService, sc.serviceRequest())},
		{"records that resolvers hear of", waits(t, NewHostedZones(sc.config).EnsureRecords, sc.recordsRequest(activities.Zone{ID: zone, Name: "k.example.com"}))},
		{"a look that finds nothing new", waits(t, NewWatcher(sc.config).Poll, activities.PollRequest{Place: provider})},
	} {
		t.Run(c.name, func(t *testing.T) {
			var heartbeat any
			for range 2 {
				if err := c.step(&heartbeat); !isPending(err) {
					t.Fatalf("it answers %v", err)
				}
			}
		})
	}
}

// waits takes one attempt at a step after the other.
func waits[Req, Res any](t *testing.T, step func(context.Context, Req) (Res, error), req Req) func(*any) error {
	return func(heartbeat *any) error {
		_, err := attempt(t, step, req, heartbeat)
		return err
	}
}
