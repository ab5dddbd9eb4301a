package faults

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/linkwright/linkwright/dev/inventory"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/test/lab"
)

// scale is how many times faster than AWS the cloud changes: what takes a minute is there at the next look but one,
// so that a link passes through every state and is not looked at more often than it takes.
const scale = 1000

// pool lends lanes. A lane in which something went wrong is not used again.
type pool struct {
	life *life
	free chan *lane // nil for one that is yet to be opened
}

// lane is a world, a Temporal and a worker, in which one link lives after the other.
type lane struct {
	*lab.Lab
	life   *life
	dir    string
	before inventory.Inventory
	// names are the accounts' names by id.
	names map[string]string
}

func newLanes(of *life, n int) *pool {
	p := &pool{life: of, free: make(chan *lane, n)}
	for range n {
		p.free <- nil
	}
	return p
}

// use lends a lane for one life.
func (p *pool) use(ctx context.Context, do func(context.Context, *lane) error) (err error) {
	l := <-p.free
	defer func() { p.free <- l }()
	ctx, cancel := context.WithTimeoutCause(ctx, aLife, fmt.Errorf("a life takes longer than %v", aLife))
	defer cancel()
	if l == nil {
		if l, err = openLane(ctx, p.life); err != nil {
			return err
		}
	}
	if err = do(ctx, l); err != nil {
		err = fmt.Errorf("%w\n%s%s\nthe end of the worker's log:\n%s", err, l.statuses(ctx), l.lastCalls(ctx), l.LogTail("worker"))
		err = errors.Join(err, l.close())
		l = nil
	}
	return err
}

func (p *pool) close() error {
	var failed error
	for range cap(p.free) {
		if l := <-p.free; l != nil {
			failed = errors.Join(failed, l.close())
		}
	}
	return failed
}

func openLane(ctx context.Context, of *life) (*lane, error) {
	dir, err := os.MkdirTemp("", "linkwright-faults-")
	if err != nil {
		return nil, err
	}
	l := &lane{life: of, dir: dir, names: map[string]string{}}
	// Blocked flows look again soon, and what is hoped for is hoped for briefly.
	l.Lab, err = lab.Start(ctx, lab.Options{Bin: os.Getenv(bin), Dir: dir, Scale: scale, InMemory: true, Scenario: of.scenario, World: of.world, Specs: of.specs,
		WorkerFlags: []string{"--poll-min", "150ms", "--blocked-retry", "200ms", "--patience", "5s"}})
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	for _, a := range l.Cloud.Accounts {
		l.names[a.ID] = a.Name
	}
	if l.Cloud.Azure != nil {
		for _, a := range l.Cloud.Azure.Accounts {
			l.names[a.ID] = a.Name
		}
	}
	if l.before, err = l.inventory(ctx); err != nil {
		return nil, errors.Join(err, l.close())
	}
	return l, nil
}

// cloud is the one that the life takes place in.
func (l *lane) cloud() *lab.Simulation {
	if l.life.on == link.Azure {
		return &l.Cloud.Azure.Simulation
	}
	return &l.Cloud.Simulation
}

// principal is who makes a call for Linkwright, as fault rules have it; administrators take the inventory.
func (l *lane) principal(c call) string {
	switch {
	case c.signIn():
		return ""
	case l.life.on == link.Azure:
		return l.Cloud.Azure.Worker(c.Account)
	}
	return "*:assumed-role/*"
}

// inventory is what there is in the life's accounts.
func (l *lane) inventory(ctx context.Context) (inventory.Inventory, error) {
	if l.life.on == link.Azure {
		return l.Cloud.Azure.Inventory(ctx, l.life.accounts...)
	}
	return l.Cloud.Inventory(ctx, l.life.accounts...)
}

func (l *lane) close() error { return errors.Join(l.Stop(), os.RemoveAll(l.dir)) }

func (l *lane) restartWorker() error { return errors.Join(l.KillWorker(), l.StartWorker()) }

// statuses are what the flows say of themselves when something went wrong.
func (l *lane) statuses(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	b := &strings.Builder{}
	for _, ref := range l.life.flows() {
		s, err := l.Flows.Status(ctx, ref)
		if err != nil {
			fmt.Fprintf(b, "%v\n", err)
			continue
		}
		fmt.Fprintf(b, "%s is %s; it waits for %+v, is blocked by %+v, and has taken the decisions %+v\n",
			ref, s.Phase, s.Waiting, s.Blocked, s.Decisions)
	}
	return b.String()
}

// lastCalls tells the calls of the stage in which something went wrong.
func (l *lane) lastCalls(ctx context.Context) string {
	calls, err := l.cloud().Calls(context.WithoutCancel(ctx))
	if err != nil {
		return err.Error()
	}
	b := &strings.Builder{}
	fmt.Fprintf(b, "the last %d calls:", len(calls))
	for _, c := range calls {
		fmt.Fprintf(b, "\n  %s %s %s:%s %d %s", c.Time.Format("05.000"), l.names[c.Account], c.Service, c.Action, c.Status, c.Error)
		if c.Fault != "" {
			fmt.Fprintf(b, " (struck: %s)", c.Fault)
		}
	}
	return b.String()
}
