package faults

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
	"github.com/linkwright/linkwright/test/lab"
)

// step is what people ask for in a stage, and what comes of it.
type step struct {
	stage stage
	act   func(context.Context, *lane, cell) error
	until func(*lane, context.Context, cell, *outcome) error
}

// linked are the steps of a link.
func linked() []step {
	apply := func(ctx context.Context, l *lane, _ cell) error { return l.Apply(ctx) }
	approve := func(ctx context.Context, l *lane, c cell) error {
		if c.meddles { // there may be nothing to approve, or more than one thing
			return nil
		}
		return l.Approve(ctx, l.life.connection)
	}
	withdraw := func(ctx context.Context, l *lane, _ cell) error { return l.Withdraw(ctx, l.life.service) }
	return []step{
		{applied, apply, (*lane).untilAsked}, {approved, approve, (*lane).untilReady}, {withdrawn, withdraw, (*lane).untilGone},
	}
}

// live lets a link live from publishing to teardown, and lets the cell's mishap happen at its call. It returns
// what became of the link, and the calls that Linkwright made for it.
func (l *lane) live(ctx context.Context, c cell) (outcome, []call, error) {
	var got outcome
	var calls []call
	if err := l.EndWatches(ctx); err != nil { // those of the life before
		return got, nil, err
	}
	for _, s := range l.life.steps {
		if err := l.cloud().ForgetCalls(ctx); err != nil {
			return got, nil, err
		}
		strikes := c.name != "" && c.Stage == s.stage
		if strikes {
			if err := l.cloud().Inject(ctx, c.rule(l.principal(c.call))); err != nil {
				return got, nil, err
			}
		}
		done := make(chan error, 1)
		if strikes && c.kills {
			killing, stop := context.WithCancel(ctx)
			go func() { done <- l.killWhenHeld(killing) }()
			defer stop()
		} else {
			close(done)
		}
		if err := s.act(ctx, l, c); err != nil {
			return got, nil, fmt.Errorf("%s: %w", s.stage, err)
		}
		if err := s.until(l, ctx, c, &got); err != nil {
			return got, nil, err
		}
		if strikes {
			struck, err := l.struck(ctx, c)
			if err != nil {
				return got, nil, err
			}
			if struck {
				if err := <-done; err != nil {
					return got, nil, err
				}
			}
			got.struck = struck
			if err := l.cloud().ClearFaults(ctx); err != nil {
				return got, nil, err
			}
		}
		made, err := l.cloud().Calls(ctx)
		if err != nil {
			return got, nil, err
		}
		calls = append(calls, l.life.numbered(s.stage, made, l.names)...)
	}
	return got, calls, nil
}

// killWhenHeld kills the worker once the cloud holds a call, and starts another one.
func (l *lane) killWhenHeld(ctx context.Context) error {
	if _, err := l.cloud().AwaitHeld(ctx); err != nil {
		return err
	}
	return l.restartWorker()
}

// struck tells whether the cell's fault has hit a call.
func (l *lane) struck(ctx context.Context, c cell) (bool, error) {
	faults, err := l.cloud().Faults(ctx)
	if err != nil {
		return false, err
	}
	return len(faults) == 1 && faults[0].Struck > 0, nil
}

// untilAsked waits until the service serves and the connection asks for approval. Where other people act, it may be
// let in or turned away by them.
func (l *lane) untilAsked(ctx context.Context, c cell, _ *outcome) error {
	if err := l.Reach(ctx, l.life.service, link.Serving); err != nil {
		return err
	}
	if !c.meddles {
		return l.Reach(ctx, l.life.connection, link.AwaitingApproval)
	}
	return l.reachOneOf(ctx, l.life.connection, link.AwaitingApproval, link.Ready, link.Rejected)
}

// untilReady waits until both flows do what they are for, and takes down what there is then.
func (l *lane) untilReady(ctx context.Context, c cell, got *outcome) error {
	if c.meddles {
		if err := l.insist(ctx); err != nil {
			return err
		}
	}
	if err := l.Reach(ctx, l.life.service, link.Serving); err != nil {
		return err
	}
	if err := l.Reach(ctx, l.life.connection, link.Ready); err != nil {
		return err
	}
	return l.observeReady(ctx, got)
}

// insist does what people do until the link is ready although others act against it: they approve whatever endpoint
// it asks for, and apply the specs again when others have turned it away.
func (l *lane) insist(ctx context.Context) error {
	return lab.Until(ctx, l.life.connection.String()+" to be Ready", func() (bool, error) {
		phase, err := l.Phase(ctx, l.life.connection)
		switch {
		case err != nil:
		case phase == link.Rejected:
			err = l.Apply(ctx)
		case phase == link.AwaitingApproval:
			_, err = l.ApproveIfAsked(ctx, l.life.connection)
		}
		var refused *flows.RefusedError
		var ended *flows.EndedError
		if errors.As(err, &refused) || errors.As(err, &ended) { // it is not as it was a moment ago
			err = nil
		}
		return phase == link.Ready, err
	})
}

// untilGone waits until both flows have ended, and takes down what was decided.
func (l *lane) untilGone(ctx context.Context, c cell, got *outcome) error {
	ends := []link.Phase{link.Disconnected}
	if c.meddles {
		ends = append(ends, link.Rejected)
	}
	if err := l.reachOneOf(ctx, l.life.connection, ends...); err != nil {
		return err
	}
	if err := l.Reach(ctx, l.life.service, link.Withdrawn); err != nil {
		return err
	}
	if l.life.after != nil {
		if err := l.life.after(ctx, l); err != nil {
			return err
		}
	}
	return l.observeGone(ctx, got)
}

func (l *lane) reachOneOf(ctx context.Context, ref flows.Ref, phases ...link.Phase) error {
	return lab.Until(ctx, fmt.Sprintf("%s to be one of %v", ref, phases), func() (bool, error) {
		phase, err := l.Phase(ctx, ref)
		return slices.Contains(phases, phase), err
	})
}
