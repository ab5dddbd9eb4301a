package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/linkwright/linkwright/dev/inventory"
	"github.com/linkwright/linkwright/dev/temporal"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli"
	"github.com/linkwright/linkwright/starter/cli/flows"
)

// Waiting for flows, and telling them things.

// stage is a service of one test's own with its connections, whatever the cloud.
type stage struct {
	t   *testing.T
	ctx context.Context
	// giveUp ends all waiting when it is of no use.
	giveUp context.CancelFunc
	name   string // of the service; the accounts' names begin with it
	flows  *flows.Client
}

func newStage(t *testing.T, name string) stage {
	t.Helper()
	// No wait is meant to end by this; it only turns a hang into a failure that says what was waited for.
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(cancel)
	return stage{t: t, ctx: ctx, giveUp: cancel, name: name, flows: flows.New(shared.Client, shared.Temporal.Address(), temporal.Namespace)}
}

func (s *stage) service() flows.Ref            { return flows.ServiceRef(s.name) }
func (s *stage) connection(n string) flows.Ref { return flows.ConnectionRef(s.name, n) }

// owner is the ownership tag of a flow's resources.
func (s *stage) owner(ref flows.Ref) string { return temporal.Namespace + "/" + ref.WorkflowID() }

// wantSame makes sure that nothing has come or gone.
func (s *stage) wantSame(before, now inventory.Inventory) {
	s.t.Helper()
	for _, item := range before.Added(now) {
		s.t.Errorf("left behind: %s", item)
	}
	for _, item := range before.Missing(now) {
		s.t.Errorf("missing now: %s", item)
	}
}

// readPrinted reads what linkwright permissions prints.
func (s *stage) readPrinted(in io.Reader, grants any, args ...string) {
	s.t.Helper()
	var out, errs strings.Builder
	args = append([]string{"permissions", "--accounts-file", shared.Accounts, "--namespace", temporal.Namespace, "-o", "json"}, args...)
	if code := cli.Run(s.ctx, "test", args, cli.Streams{In: in, Out: &out, Err: &errs}); code != cli.ExitOK {
		s.t.Fatalf("linkwright %s prints nothing: %s", strings.Join(args, " "), errs.String())
	}
	if err := json.Unmarshal([]byte(out.String()), grants); err != nil {
		s.t.Fatal(err)
	}
}

// insist applies a spec again when the worker was too busy to answer in time, as people do.
func (s *stage) insist(apply func() error) {
	s.t.Helper()
	for {
		err := apply()
		var silent *flows.NoWorkerError
		switch {
		case err == nil:
			return
		case s.ctx.Err() != nil || !errors.As(err, &silent):
			s.t.Fatal(err)
		}
	}
}

// glance is how often a flow is asked how it gets on while a test waits.
const glance = 100 * time.Millisecond

// until asks again and again until the answer is yes.
func (s *stage) until(what string, done func() bool, last func() any) {
	s.t.Helper()
	tick := time.NewTicker(glance)
	defer tick.Stop()
	for !done() {
		select {
		case <-s.ctx.Done():
			shown, err := json.MarshalIndent(last(), "", "  ")
			s.t.Fatalf("waited in vain for %s; last seen: %s %v", what, shown, errors.Join(err, s.ctx.Err()))
		case <-tick.C:
		}
	}
}

// await waits until a flow's status is as wanted. A flow that does not exist yet, or is too new to answer, is
// waited for.
func (s *stage) await(ref flows.Ref, what string, wanted func(link.Status) bool) link.Status {
	s.t.Helper()
	var status link.Status
	s.until(ref.String()+" "+what, func() bool {
		seen, err := s.flows.Status(s.ctx, ref)
		var notFound *flows.NotFoundError
		var silent *flows.NoWorkerError
		switch {
		case s.ctx.Err() != nil, errors.As(err, &notFound), errors.As(err, &silent):
			return false
		case err != nil:
			s.t.Fatal(err)
		}
		status = seen
		return wanted(status)
	}, func() any { return status })
	return status
}

func (s *stage) awaitPhase(ref flows.Ref, phase link.Phase) link.Status {
	s.t.Helper()
	return s.await(ref, "to be "+string(phase), func(st link.Status) bool { return st.Phase == phase })
}

// awaitArrival waits until a link does what it is for, as currently specified.
func (s *stage) awaitArrival(ref flows.Ref) link.Status {
	s.t.Helper()
	return s.await(ref, "to arrive", flows.Arrived)
}

// awaitQuestion waits until a connection asks for a decision, and returns the one that would let it in.
func (s *stage) awaitQuestion(ref flows.Ref) link.Decision {
	s.t.Helper()
	status := s.await(ref, "to ask for approval", func(st link.Status) bool { return st.Waiting != nil && st.Waiting.Approve != nil })
	return *status.Waiting.Approve
}

// decide answers a connection's question.
func (s *stage) decide(ref flows.Ref, verb link.Verb) {
	s.t.Helper()
	d := s.awaitQuestion(ref)
	d.Verb, d.By, d.Reason = verb, "bob", "as agreed"
	if _, err := s.flows.Decide(s.ctx, ref, d); err != nil {
		s.t.Fatal(err)
	}
}

// remove takes a service or a connection down and waits until it has ended.
func (s *stage) remove(ref flows.Ref) link.Status {
	s.t.Helper()
	if _, err := s.flows.Remove(s.ctx, ref, link.Decision{By: "tester", Reason: "the test is over"}); err != nil {
		s.t.Fatal(err)
	}
	status := s.await(ref, "to end", func(st link.Status) bool { return !st.Phase.Open() })
	if len(status.Resources) > 0 {
		s.t.Errorf("%s has ended and still lists %+v", ref, status.Resources)
	}
	return status
}

// runs is how many flows of a name there have been.
func (s *stage) runs(ref flows.Ref) int {
	s.t.Helper()
	items, err := s.flows.List(s.ctx, flows.Filter{Kind: ref.Kind, Service: ref.Service, Name: ref.Name, Ended: true})
	if err != nil {
		s.t.Fatal(err)
	}
	return len(items)
}
