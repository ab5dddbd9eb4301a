package accounts

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/linkwright/linkwright/internal/buckets"
)

// In these tests time is that of synctest: it passes when everybody waits, and the figures are exact.

// few are buckets of four tokens, one more every three seconds, of which the limiter uses three; and one for all
// actions together.
func few(total *buckets.Bucket) *limiter {
	return newLimiter(map[string]buckets.Service{"ec2": {
		Limits: []buckets.Bucket{{Actions: []string{"Create", "Delete"}, Capacity: 4, Refill: 1. / 3}},
		Total:  total,
	}})
}

func create(l *limiter, step string) *visit { return l.visit(step, "ec2", "eu-central-1", "Create") }

// goes is how a step gets on that comes back whenever it is sent away: when it may call, and how often it came.
type goes struct {
	step  string
	at    time.Duration
	times int
}

// errNever is for a step whose turn never comes.
var errNever = errors.New("its turn does not come")

// run lets a step call, as Temporal runs it.
func run(ctx context.Context, l *limiter, step string, began time.Time) (goes, error) {
	for times := 1; ; times++ {
		err := l.await(ctx, create(l, step))
		var turn *TurnError
		if !errors.As(err, &turn) {
			return goes{step, time.Since(began), times}, err
		}
		if times == 10 {
			return goes{step, time.Since(began), times}, errNever
		}
		<-time.After(turn.After)
	}
}

func TestWhenManyStepsCallTheyGoInTheOrderInWhichTheyCame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const steps, burst = 50, 3
		l, began := few(nil), time.Now()
		var mu sync.Mutex
		var order []goes
		for n := range steps {
			go func() {
				g, err := run(t.Context(), l, fmt.Sprint(n), began)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				order = append(order, g)
			}()
			synctest.Wait()
		}
		<-time.After(time.Hour)
		synctest.Wait()
		if len(order) != steps {
			t.Fatalf("%d of %d steps have called", len(order), steps)
		}
		for n, g := range order {
			want := time.Duration(max(0, n+1-burst)) * 3 * time.Second
			if g.step != fmt.Sprint(n) || g.at.Round(time.Millisecond) != want || g.times > 2 {
				t.Errorf("in place %d came step %s after %v, having asked %d times; want it after %v, and to have asked twice at most",
					n, g.step, g.at, g.times, want)
			}
		}
	})
}

// exhaust takes all tokens.
func exhaust(t *testing.T, l *limiter) {
	t.Helper()
	for range 3 {
		if err := l.await(t.Context(), create(l, "")); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWhenAStepDoesNotComeBackThoseBehindItMoveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, began := few(nil), time.Now()
		exhaust(t, l)
		for n := range 5 { // the first waits here, the others go away
			go func() { _ = l.await(t.Context(), create(l, fmt.Sprint("lost ", n))) }()
			synctest.Wait()
		}
		g, err := run(t.Context(), l, "last", began)
		// The last of the five was told to be back after 15 seconds, and is waited for until it is too late.
		if want := 15*time.Second + lateness; err != nil || g.at > want+time.Second {
			t.Errorf("the step behind those that were lost came after %v, %v; want it within %v", g.at, err, want)
		}
	})
}

func TestWhenAStepIsStoppedItsPlaceIsFree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, began := few(nil), time.Now()
		exhaust(t, l)
		ctx, stop := context.WithCancel(t.Context())
		stopped := make(chan error, 1)
		go func() { stopped <- l.await(ctx, create(l, "stopped")) }()
		synctest.Wait()
		stop()
		if err := <-stopped; !errors.Is(err, context.Canceled) {
			t.Errorf("the step that was stopped answers %v", err)
		}
		if g, err := run(t.Context(), l, "next", began); err != nil || g.at.Round(time.Millisecond) != 3*time.Second {
			t.Errorf("the next one came after %v, %v", g.at, err)
		}
	})
}

func TestWhenAStepsTimeIsNearlyOverItIsSentAwayInsteadOfCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := few(nil)
		exhaust(t, l)
		ctx, cancel := context.WithTimeout(t.Context(), callTime)
		defer cancel()
		var turn *TurnError
		if err := l.await(ctx, create(l, "late")); !errors.As(err, &turn) || turn.After.Round(time.Millisecond) != 3*time.Second {
			t.Errorf("err = %v", err)
		}
	})
}

func TestWhenAWSThrottlesAllTheSame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, began := few(nil), time.Now()
		refused := create(l, "refused")
		if err := l.await(t.Context(), refused); err != nil {
			t.Fatal(err)
		}
		// A second call is under way at the same time, and refused, too.
		second := create(l, "second")
		if err := l.await(t.Context(), second); err != nil {
			t.Fatal(err)
		}
		sent := time.Now()
		<-time.After(time.Millisecond)
		for _, v := range []*visit{second, refused} {
			l.learn(v, sent, false, true)
		}
		var order []string
		for _, step := range []string{"new", "second", "refused"} {
			go func() {
				if _, err := run(t.Context(), l, step, began); err == nil {
					order = append(order, step)
				}
			}()
			synctest.Wait()
		}
		<-time.After(time.Minute)
		synctest.Wait()
		if want := []string{"refused", "second", "new"}; !slices.Equal(order, want) {
			t.Errorf("they come in the order %v, want %v", order, want)
		}
		line := refused.lines[0]
		if got, want := line.tokens.Limit(), line.refill*slowdown; got != want {
			t.Errorf("after two refusals of one moment the refill is taken for %v a second, want %v", got, want)
		}
		for range 16 { // of 0.3 of the refill, a fiftieth with each
			l.learn(refused, time.Now(), true, false)
		}
		if got := line.tokens.Limit(); got != line.refill {
			t.Errorf("after sixteen calls that passed it is taken for %v a second, want %v", got, line.refill)
		}
		for range 40 {
			<-time.After(time.Second)
			l.learn(refused, time.Now().Add(-time.Millisecond), false, true)
		}
		if got, least := line.tokens.Limit(), line.refill*slowest; got != least {
			t.Errorf("after forty refusals it is taken for %v a second, want %v", got, least)
		}
	})
}

func TestWhenActionsShareABucketALongLineForOneDoesNotStopTheOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, began := few(&buckets.Bucket{Capacity: 6, Refill: 1}), time.Now()
		exhaust(t, l)
		for n := range 20 {
			go func() { _, _ = run(t.Context(), l, fmt.Sprint(n), began) }()
			synctest.Wait()
		}
		if err := l.await(t.Context(), l.visit("other", "ec2", "eu-central-1", "Delete")); err != nil || time.Since(began) > 0 {
			t.Errorf("another action waits for %v, %v", time.Since(began), err)
		}
		// The bucket for all has held five, and four are taken.
		if err := l.await(t.Context(), l.visit("another", "ec2", "eu-central-1", "Delete")); err != nil || time.Since(began) > 0 {
			t.Errorf("the last token of all is not given out at once: %v, %v", time.Since(began), err)
		}
		if err := l.await(t.Context(), l.visit("too many", "ec2", "eu-central-1", "Delete")); err != nil || time.Since(began) == 0 {
			t.Errorf("the bucket for all actions gives out more than it has: %v, %v", time.Since(began), err)
		}
		<-time.After(time.Hour) // all steps end
		synctest.Wait()
	})
}

func TestHowLongAStepHasStoodInLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, began := few(nil), time.Now()
		exhaust(t, l)
		for n := range 5 {
			go func() { _, _ = run(t.Context(), l, fmt.Sprint(n), began) }()
			synctest.Wait()
		}
		if _, err := run(t.Context(), l, "mine", began); err != nil {
			t.Fatal(err)
		}
		if got := l.inLine("mine").Round(time.Millisecond); got != 18*time.Second {
			t.Errorf("the sixth in line has waited for %v", got)
		}
		if got := l.inLine("somebody else"); got != 0 {
			t.Errorf("one who never came has waited for %v", got)
		}
	})
}
