package e2e

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/linkwright/linkwright/worker/serve"
	"github.com/linkwright/linkwright/workflows"
)

func TestTheHealthCheckOfAWorker(t *testing.T) {
	t.Parallel()
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	check := func(queue, host string) error {
		return serve.Check(t.Context(), shared.Client, []string{queue}, host)
	}
	// Temporal counts a poll a moment after the worker has begun it.
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for err := check(workflows.TaskQueue, host); err != nil; err = check(workflows.TaskQueue, host) {
		select {
		case <-ctx.Done():
		case <-tick.C:
			continue
		}
		t.Fatalf("when the worker polls, it says %v", err)
	}
	if check(workflows.TaskQueue, "another-machine") == nil {
		t.Error("when only other machines poll, it takes their workers for its own")
	}
	if check("nobody-polls-this", host) == nil {
		t.Error("when nobody polls, it does not say so")
	}
}
