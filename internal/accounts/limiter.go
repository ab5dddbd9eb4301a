package accounts

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	smithy "github.com/aws/smithy-go/middleware"

	"github.com/linkwright/linkwright/internal/buckets"
)

const (
	// holdsOut is how long a call waits for its turn in place. Whoever has longer to wait gives its worker's slot
	// to another, and comes back.
	holdsOut = 5 * time.Second
	// callTime is what a step must have left after its turn to make the call.
	callTime = 15 * time.Second
	// memory is how long it is remembered how long a step stood in line.
	memory = time.Hour
)

// TurnError says that a call was not made, because the account has used up what its cloud allows of such calls for now.
// The step is to come back After a while; its place in line is kept.
type TurnError struct {
	After time.Duration
}

func (e *TurnError) Error() string {
	return fmt.Sprintf("the account has used up what the cloud allows of these calls for now; this one's turn is in %v",
		e.After.Round(time.Second/10))
}

// NonRetriable keeps the Azure SDK from trying again at once.
func (e *TurnError) NonRetriable() {}

// limiter keeps this worker within the request buckets of one account: each call takes its turn before it is sent, in
// the order in which the steps came, so that the cloud has next to nothing to throttle.
type limiter struct {
	services map[string]buckets.Service

	mu    sync.Mutex
	lines map[string]*line
	stood map[string]standing // by step
}

// standing is how long a step has stood in line, and when it last did.
type standing struct {
	time  time.Duration
	until time.Time
}

func newLimiter(services map[string]buckets.Service) *limiter {
	return &limiter{services: services, lines: map[string]*line{}, stood: map[string]standing{}}
}

// stepKey is where a context holds the name of the step that it belongs to.
type stepKey struct{}

// WithStep names the step that the calls of ctx are made for, by a name that is the same in all of its attempts.
// By it, a step that was sent away has its place in line again when it comes back.
func WithStep(ctx context.Context, step string) context.Context {
	return context.WithValue(ctx, stepKey{}, step)
}

// Step is the name that [WithStep] has given; empty without one.
func Step(ctx context.Context) string {
	step, _ := ctx.Value(stepKey{}).(string)
	return step
}

// turns has every attempt of a client's calls take its turn, retries too, and be measured. It does so just before the
// request is signed, so that nothing that takes time comes between the turn and the call.
func (l *limiter) turns(service, region string, g *gauge) func(*smithy.Stack) error {
	return func(stack *smithy.Stack) error {
		return stack.Finalize.Insert(smithy.FinalizeMiddlewareFunc("RequestBuckets",
			func(ctx context.Context, in smithy.FinalizeInput, next smithy.FinalizeHandler) (smithy.FinalizeOutput, smithy.Metadata, error) {
				action := middleware.GetOperationName(ctx)
				v, came := l.visit(Step(ctx), service, region, action), time.Now()
				err := l.await(ctx, v)
				g.waited(ctx, service, came, err)
				if err != nil {
					return smithy.FinalizeOutput{}, smithy.Metadata{}, err
				}
				count(ctx)
				sent := time.Now()
				out, metadata, err := next.HandleFinalize(ctx, in)
				l.learn(v, sent, err == nil, Throttled(err))
				g.called(ctx, service, action, outcome(err))
				return out, metadata, err
			}), "Signing", smithy.Before)
	}
}

// visit is one call on its way through the lines of the buckets that it falls under.
type visit struct {
	step    string
	lines   []*line
	tickets []*ticket // nil where it does not stand yet
}

// visit finds the lines of a call. Steps never ask without a filter, ids or a page size.
func (l *limiter) visit(step, service, region, action string) *visit {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.services[service]
	if s.Global {
		region = ""
	}
	v := &visit{step: step}
	for _, claim := range s.Claims(action, true) {
		key := service + "/" + region + "/" + claim.Name
		if l.lines[key] == nil {
			l.lines[key] = newLine(claim.Bucket)
		}
		v.lines = append(v.lines, l.lines[key])
	}
	v.tickets = make([]*ticket, len(v.lines))
	return v
}

// await returns when it is the call's turn. It fails with a [*TurnError] when that is too far off to wait for.
func (l *limiter) await(ctx context.Context, v *visit) error {
	came := time.Now()
	for now := came; ; now = time.Now() {
		wait := l.ask(v, now)
		if wait == 0 {
			l.remember(v.step, now.Sub(came), now)
			return nil
		}
		turn := now.Add(wait)
		deadline, ends := ctx.Deadline()
		if turn.Sub(came) > holdsOut || ends && deadline.Before(turn.Add(callTime)) {
			l.leave(v, turn)
			l.remember(v.step, turn.Sub(came), turn)
			return &TurnError{After: wait}
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			l.leave(v, time.Time{})
			return ctx.Err()
		}
	}
}

// ask takes a token of every bucket, or of none when it has to wait for one, and says how long. It stands in the
// next line only when it has come to the head of the one before: a long line for one action is not to keep all
// others from the tokens that they share.
func (l *limiter) ask(v *visit, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, line := range v.lines {
		if v.tickets[i] == nil {
			v.tickets[i] = line.join(v.step, now)
		}
		if wait := line.wait(v.tickets[i], now); wait > 0 {
			return wait
		}
	}
	for i, line := range v.lines {
		line.serve(v.tickets[i], now)
	}
	return 0
}

// leave goes away from the lines, to be back, or for good when back is zero.
func (l *limiter) leave(v *visit, back time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, line := range v.lines {
		if v.tickets[i] != nil {
			line.leave(v.tickets[i], back)
		}
	}
}

// learn takes from the answer to a call, which has passed or was throttled or neither, whether the buckets hold what was
// thought.
func (l *limiter) learn(v *visit, sent time.Time, passed, throttled bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	for _, line := range v.lines {
		switch {
		case passed:
			line.passed(now)
		case throttled:
			line.refused(v.step, sent, now)
		}
	}
}

// remember adds to the time that a step has stood in line.
func (l *limiter) remember(step string, stood time.Duration, until time.Time) {
	if step == "" || stood == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	maps.DeleteFunc(l.stood, func(_ string, s standing) bool { return until.Sub(s.until) > memory })
	l.stood[step] = standing{l.stood[step].time + stood, until}
}

// inLine is how long a step has stood in line, over all its attempts.
func (l *limiter) inLine(step string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.stood[step].time
}

// Throttled reports whether AWS has refused a call because there were too many of them.
func Throttled(err error) bool {
	return err != nil && retry.IsErrorThrottles(retry.DefaultThrottles).IsErrorThrottle(err).Bool()
}
