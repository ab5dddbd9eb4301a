package simcloud

import "time"

// Clock is how time passes in a simulated cloud. Resources do not change state by timers: each remembers when it
// will, and whoever looks later sees it changed. A stopped and restored cloud therefore goes on where it was.
type Clock struct {
	// Scale is how many times faster than the real services transitions run: with 60, what takes a minute in the
	// cloud takes a second here. It must be above zero.
	Scale float64
	// Now is the wall clock; tests may replace it.
	Now func() time.Time
}

// NewClock returns a clock of the given scale on the machine's time.
func NewClock(scale float64) *Clock { return &Clock{Scale: scale, Now: time.Now} }

// In is the moment at which a transition that takes d in the real service is over here.
func (c *Clock) In(d time.Duration) time.Time { return c.Now().Add(c.Scaled(d)) }

// Scaled is how long d of the real service lasts here.
func (c *Clock) Scaled(d time.Duration) time.Duration {
	return time.Duration(float64(d) / c.Scale)
}

// Passed reports whether t has come. The zero time has always passed.
func (c *Clock) Passed(t time.Time) bool { return !c.Now().Before(t) }
