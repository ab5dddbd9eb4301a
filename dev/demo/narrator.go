package demo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
)

// narrator tells what changes about some flows while others wait for it.
type narrator struct {
	demo   *demo
	refs   []flows.Ref
	width  int // of the longest name
	latest map[flows.Ref]link.Status
}

func newNarrator(d *demo) *narrator { return &narrator{demo: d, latest: map[flows.Ref]link.Status{}} }

// follow tells of one more flow from now on.
func (n *narrator) follow(ref flows.Ref) {
	if slices.Contains(n.refs, ref) {
		return
	}
	n.refs = append(n.refs, ref)
	n.width = max(n.width, len(ref.Path()))
}

func (n *narrator) status(ref flows.Ref) link.Status { return n.latest[ref] }

// all reports whether something is so of every flow.
func (n *narrator) all(so func(link.Status) bool) bool {
	return !slices.ContainsFunc(n.refs, func(ref flows.Ref) bool { return !so(n.latest[ref]) })
}

// glance is how often the flows are asked how they get on, and patience how long a blocked or silent flow
// is put up with; people who decide may take as long as they like.
const (
	glance   = 150 * time.Millisecond
	patience = 3 * time.Minute
)

// until tells the story until done.
func (n *narrator) until(ctx context.Context, what string, done func() bool) error {
	tick := time.NewTicker(glance)
	defer tick.Stop()
	news := time.Now()
	for {
		for _, ref := range n.refs {
			now, err := n.demo.flows.Status(ctx, ref)
			var notFound *flows.NotFoundError
			if _, met := n.latest[ref]; !met && errors.As(err, &notFound) {
				continue // its service has only just found it
			}
			if err != nil {
				return fmt.Errorf("while waiting for %s: %w", what, err)
			}
			if n.tell(ref, n.latest[ref], now) {
				news = time.Now()
			}
			n.latest[ref] = now
			n.meet(ref, now)
			if now.Phase == link.Rejected {
				return fmt.Errorf("%s was rejected", ref)
			}
			if err := n.demo.decide(ctx, ref, now); err != nil {
				return err
			}
		}
		if done() {
			return nil
		}
		if time.Since(news) > patience && n.all(func(s link.Status) bool { return s.Waiting == nil || s.Waiting.Approve == nil }) {
			return fmt.Errorf("nothing has happened for %v while waiting for %s", patience, what)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("while waiting for %s: %w", what, ctx.Err())
		case <-tick.C:
		}
	}
}

// meet begins to tell of the connections of a service that nobody here has applied: those of endpoints that it found.
func (n *narrator) meet(ref flows.Ref, s link.Status) {
	for _, r := range s.Resources {
		if ref.Kind == link.KindEndpointService && r.Kind == link.KindFlow {
			n.follow(flows.ConnectionRef(ref.Name, r.ID))
		}
	}
}

// tell prints what is new about a flow, and reports whether anything was.
func (n *narrator) tell(ref flows.Ref, old, now link.Status) bool {
	told := false
	say := func(format string, args ...any) {
		told = true
		n.demo.say("%-*s %s", n.width, ref.Path(), fmt.Sprintf(format, args...))
	}
	for _, p := range now.Phases[min(len(old.Phases), len(now.Phases)):] {
		say("── %s", p.Phase)
	}
	if p := now.Blocked; p != nil && (old.Blocked == nil || old.Blocked.Message != p.Message) {
		say("BLOCKED %s: %s", p.Reason, p.Message)
		say("        call %s; what to do: %s", p.Call, p.Remedy)
	}
	if old.Blocked != nil && now.Blocked == nil {
		say("goes on")
	}
	for _, r := range now.Resources {
		if before, there := find(old.Resources, r); !there {
			say("+ %s %s in %s %s", r.Kind, r.ID, r.Account, r.Detail)
		} else if before.Detail != r.Detail {
			say("  %s %s is %s", r.Kind, r.ID, r.Detail)
		}
	}
	for _, r := range old.Resources {
		if _, there := find(now.Resources, r); !there {
			say("- %s %s in %s", r.Kind, r.ID, r.Account)
		}
	}
	for _, c := range now.Conditions {
		if slices.Contains([]string{string(link.Disconnected), string(link.Withdrawn), string(link.Closed)}, c.Reason) {
			continue // what is gone needs no such words
		}
		if before, there := old.Condition(c.Type); !there || before.OK != c.OK || before.Reason != c.Reason {
			mark := "✗"
			if c.OK {
				mark = "✓"
			}
			say("%s %s (%s) %s", mark, c.Type, c.Reason, c.Message)
		}
	}
	if w := now.Waiting; w != nil && (old.Waiting == nil || old.Waiting.For != w.For) {
		say("waits for %s", w.For)
		for _, line := range w.Details {
			say("    %s", line)
		}
	}
	for _, d := range now.Decisions[min(len(old.Decisions), len(now.Decisions)):] {
		say("%s by %s (%s): %s", d.Verb, d.By, d.Via, d.Reason)
	}
	return told
}

func find(list []link.Resource, wanted link.Resource) (link.Resource, bool) {
	for _, r := range list {
		if r.Kind == wanted.Kind && r.ID == wanted.ID {
			return r, true
		}
	}
	return link.Resource{}, false
}
