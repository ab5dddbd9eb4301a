package accounts

import (
	"context"
	"sync/atomic"
)

// Tally counts the calls to a cloud that are made for a context.
type Tally struct{ n atomic.Int64 }

// Count is how many calls there were, retries included.
func (t *Tally) Count() int { return int(t.n.Load()) }

// tallyKey is where a context holds its tally.
type tallyKey struct{}

// Counted returns a context whose calls are counted, and the count.
func Counted(ctx context.Context) (context.Context, *Tally) {
	t := &Tally{}
	return context.WithValue(ctx, tallyKey{}, t), t
}

// count adds one call to the tally of ctx, if it has one.
func count(ctx context.Context) {
	if t, ok := ctx.Value(tallyKey{}).(*Tally); ok {
		t.n.Add(1)
	}
}
