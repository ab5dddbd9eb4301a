package accounts

import (
	"math"
	"slices"
	"time"

	"golang.org/x/time/rate"

	"github.com/linkwright/linkwright/internal/buckets"
)

const (
	// lateness is how long a place in line is kept for a step that does not come back when it was told to: its
	// flow may have turned elsewhere.
	lateness = 15 * time.Second
	// slowdown is what is left of a bucket's refill, as this worker counts it, after AWS has throttled a call all
	// the same: somebody else draws on the bucket, too. Each call that passes then wins back a fiftieth of the
	// whole; slowest is the part that is never lost.
	slowdown = 0.7
	winBack  = 1. / 50
	slowest  = 1. / 16
)

// line is one of AWS's request buckets as this worker sees it, and the steps that stand in line for its tokens:
// first come, first served. It is not safe for concurrent use.
type line struct {
	tokens *rate.Limiter
	refill rate.Limit // while nobody else draws on the bucket
	queue  []*ticket
	slowed time.Time // when it was slowed down last
}

// ticket is a step's place in a line.
type ticket struct {
	step string // empty for a caller that could not be known again
	// back is when the step, which has gone away meanwhile, was told to be back; zero while it is here.
	back time.Time
}

// newLine makes the line of a bucket. It leaves a tenth of the capacity unused, at the least one token: a call
// reaches AWS a little later than it was counted here, and a bucket that has overflowed meanwhile holds less than
// was counted.
func newLine(b buckets.Bucket) *line {
	burst := math.Floor(b.Capacity - max(1, b.Capacity/10))
	return &line{tokens: rate.NewLimiter(rate.Limit(b.Refill), int(max(1, burst))), refill: rate.Limit(b.Refill)}
}

// join gives a step the place that it has, or one at the end.
func (l *line) join(step string, now time.Time) *ticket {
	l.queue = slices.DeleteFunc(l.queue, func(t *ticket) bool { return !t.back.IsZero() && now.Sub(t.back) > lateness })
	for _, t := range l.queue {
		if t.step == step && !t.back.IsZero() {
			t.back = time.Time{}
			return t
		}
	}
	t := &ticket{step: step}
	l.queue = append(l.queue, t)
	return t
}

// wait is how long it takes until there are tokens for everybody up to a place; 0 when there are.
func (l *line) wait(t *ticket, now time.Time) time.Duration {
	missing := float64(slices.Index(l.queue, t)+1) - l.tokens.TokensAt(now)
	if missing <= 0 {
		return 0
	}
	return time.Duration(math.Ceil(missing/float64(l.tokens.Limit())*1e6)) * time.Microsecond
}

// serve takes a token for a place whose wait is over.
func (l *line) serve(t *ticket, now time.Time) {
	l.tokens.AllowN(now, 1)
	l.leave(t, time.Time{})
}

// leave keeps a place for a step that will be back, or gives it up when there is no back, or nobody who could
// be known again.
func (l *line) leave(t *ticket, back time.Time) {
	if t.step != "" && !back.IsZero() {
		t.back = back
		return
	}
	l.queue = slices.DeleteFunc(l.queue, func(other *ticket) bool { return other == t })
}

// refused is told that AWS has throttled a call that was sent with a token. The bucket turns out to be empty, so it
// counts as empty; it is refilled more slowly, for this worker, but only once for calls that were under way together;
// and the step is the next in line.
func (l *line) refused(step string, sent, now time.Time) {
	l.tokens.AllowN(now, max(0, int(l.tokens.TokensAt(now))))
	if sent.After(l.slowed) {
		l.slowed = now
		l.tokens.SetLimitAt(now, max(l.refill*slowest, l.tokens.Limit()*slowdown))
	}
	if step != "" {
		l.queue = slices.Insert(l.queue, 0, &ticket{step: step, back: now})
	}
}

// passed is told that AWS has let a call pass.
func (l *line) passed(now time.Time) {
	if limit := l.tokens.Limit(); limit < l.refill {
		l.tokens.SetLimitAt(now, min(l.refill, limit+l.refill*winBack))
	}
}
