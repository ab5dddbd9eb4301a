package accounts

import (
	"context"
	"sync/atomic"
)

// Tally counts calls to a cloud.
type Tally struct{ n atomic.Int64 }

// tallyKey is where a context holds its tally.
type tallyKey struct{}

// Counted has every call that is made with the context counted, each attempt for itself.
func Counted(ctx context.Context) (context.Context, *Tally) {
	t := &Tally{}
	return context.WithValue(ctx, tallyKey{}, t), t
}

// Calls is how many there were.
func (t *Tally) Calls() int { return int(t.n.Load()) }

// count counts a call.
func count(ctx context.Context) {
	if t, ok := ctx.Value(tallyKey{}).(*Tally); ok {
		t.n.Add(1)
	}
}
