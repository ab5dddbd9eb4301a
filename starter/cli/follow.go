package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/linkwright/linkwright/internal/dial"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
	"github.com/linkwright/linkwright/starter/cli/render"
)

// lookEvery is how often flows are asked how they get on while a person watches.
const lookEvery = 500 * time.Millisecond

// Goal is what [Follow] waits for.
type Goal int

const (
	// Arrival is reached by a service that serves, a connection that is ready and an inventory that offers VPCs.
	Arrival Goal = iota
	// Departure is reached by a flow that has taken everything down and ended.
	Departure
)

// reached reports whether there is nothing more to wait for: the goal, or an end that rules it out.
func (g Goal) reached(s link.Status) bool {
	return !s.Phase.Open() || g == Arrival && flows.Arrived(s)
}

// NotArrivedError is a link that ended instead of becoming ready.
type NotArrivedError struct{ Ended []link.Status }

func (e *NotArrivedError) Error() string {
	lines := make([]string, len(e.Ended))
	for i, s := range e.Ended {
		lines[i] = fmt.Sprintf("%s has ended as %s", flows.RefOf(s), s.Phase)
		if n := len(s.Decisions); n > 0 {
			last := s.Decisions[n-1]
			lines[i] += fmt.Sprintf(": %s by %s", last.Verb, last.By)
			if last.Reason != "" {
				lines[i] += " (" + last.Reason + ")"
			}
		}
	}
	return strings.Join(lines, "\n")
}

// errTimeout is the person's own limit running out.
var errTimeout = errors.New("not there yet; the flows go on, and `linkwright watch` takes up watching them")

// Follow shows how flows get on until all have reached the goal. Workers and servers that are away for a
// while do not end it. It returns a [NotArrivedError] when a flow ended although its arrival was waited for.
func Follow(ctx context.Context, c *flows.Client, p *render.Progress, goal Goal, refs ...flows.Ref) error {
	f := following{client: c, goal: goal, refs: refs, latest: map[flows.Ref]link.Status{}}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		done, note, err := f.look(ctx)
		if err != nil {
			return err
		}
		if err := p.Show(f.statuses(), note, time.Now()); err != nil {
			return err
		}
		if done {
			return f.outcome()
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}

// following is one [Follow].
type following struct {
	client *flows.Client
	goal   Goal
	refs   []flows.Ref
	// latest is what each flow said last.
	latest map[flows.Ref]link.Status
}

// look asks every flow that has not reached the goal. The note says who did not answer.
func (f *following) look(ctx context.Context) (done bool, note string, err error) {
	done = true
	for _, ref := range f.refs {
		if s, known := f.latest[ref]; known && f.goal.reached(s) {
			continue
		}
		s, err := f.client.Status(ctx, ref)
		switch {
		case ctx.Err() != nil:
			return false, "", context.Cause(ctx)
		case away(err):
			done, note = false, err.Error()
		case err != nil:
			return false, "", err
		default:
			f.latest[ref] = s
			done = done && f.goal.reached(s)
		}
	}
	return done, note, nil
}

// statuses are what is known, in the order in which it was asked for.
func (f *following) statuses() []link.Status {
	var known []link.Status
	for _, ref := range f.refs {
		if s, ok := f.latest[ref]; ok {
			known = append(known, s)
		}
	}
	return known
}

func (f *following) outcome() error {
	var ended []link.Status
	for _, s := range f.statuses() {
		if f.goal == Arrival && !s.Phase.Open() {
			ended = append(ended, s)
		}
	}
	if len(ended) > 0 {
		return &NotArrivedError{Ended: ended}
	}
	return nil
}

// away reports whether the error is one that passes: a worker or a server that is being restarted.
func away(err error) bool {
	var noWorker *flows.NoWorkerError
	var unreachable *dial.UnreachableError
	return errors.As(err, &noWorker) || errors.As(err, &unreachable)
}

// follow is Follow for a command, with the command's limit; zero is none.
func (a *app) follow(ctx context.Context, c *flows.Client, timeout time.Duration, goal Goal, refs ...flows.Ref) error {
	ctx, stop := limit(ctx, timeout)
	defer stop()
	return Follow(ctx, c, render.NewProgress(a.Out, a.command()), goal, refs...)
}

// limit ends a wait after the command's own limit; zero is none.
func limit(ctx context.Context, timeout time.Duration) (context.Context, func()) {
	if timeout == 0 {
		return ctx, func() {}
	}
	limited, cancel := context.WithCancelCause(ctx)
	timer := time.AfterFunc(timeout, func() { cancel(errTimeout) })
	return limited, func() { timer.Stop(); cancel(nil) }
}
