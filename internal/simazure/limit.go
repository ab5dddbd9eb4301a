package simazure

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/linkwright/linkwright/internal/simazure/arm"
	"github.com/linkwright/linkwright/internal/simazure/network"
	"github.com/linkwright/linkwright/internal/simcloud"
)

// limiter counts requests as Azure Resource Manager does, by subscription and service principal, and as the network
// provider does, by subscription (Azure Resource Manager, "Understand how Azure Resource Manager throttles requests").
// All of it runs as much faster as everything else in the cloud.
type limiter struct {
	clock    *simcloud.Clock
	enforced bool
	buckets  map[string]*bucket
	windows  map[string]*window
}

// bucket refills all the time.
type bucket struct {
	tokens float64
	at     time.Time
}

// window counts requests until it ends.
type window struct {
	count int
	ends  time.Time
}

// kind is what a request is to the limits.
type kind struct {
	name             string  // in the header that tells what is left
	capacity, refill float64 // per second
	inWindow         int     // of the network provider
}

// windowLength is how long the network provider counts.
const windowLength = 5 * time.Minute

func kindOf(action string) kind {
	switch {
	case arm.IsRead(action):
		return kind{"reads", 250, 25, 10_000}
	case arm.IsDelete(action):
		return kind{"deletes", 200, 10, 1000}
	}
	return kind{"writes", 200, 10, 1000}
}

func newLimiter(clock *simcloud.Clock, enforced bool) *limiter {
	return &limiter{clock: clock, enforced: enforced, buckets: map[string]*bucket{}, windows: map[string]*window{}}
}

// admit takes a request into account, tells in a header how many may follow, and refuses it when it is one too many.
func (l *limiter) admit(r *arm.Request, header http.Header) error {
	k, subscription := kindOf(r.Route.Action), r.Params["subscription"]
	scope := "subscription"
	if subscription == "" {
		scope = "tenant"
	}
	b := l.filled(strings.ToLower(subscription)+"/"+r.Caller.Tenant+"/"+r.Caller.ObjectID+"/"+k.name, k)
	if b.tokens < 1 && l.enforced {
		return throttled(subscription, r, time.Duration((1-b.tokens)/k.refill*float64(time.Second)))
	}
	b.tokens = max(b.tokens-1, 0)
	header.Set("x-ms-ratelimit-remaining-"+scope+"-"+k.name, strconv.Itoa(int(b.tokens)))
	if r.Route.Provider != network.Namespace || !l.enforced {
		return nil
	}
	windowKind := k.name
	if k.name == "deletes" { // which count with the writes
		windowKind = "writes"
	}
	w := l.window(strings.ToLower(subscription) + "/" + windowKind)
	if w.count >= k.inWindow {
		left := time.Duration(float64(w.ends.Sub(l.clock.Now())) * l.clock.Scale)
		return &arm.Error{Status: http.StatusTooManyRequests, Code: "TooManyRequests", Message: "The network provider has received too many requests from the subscription.", RetryAfter: left}
	}
	w.count++
	return nil
}

// filled is a bucket with what has flowed into it since it was last looked at.
func (l *limiter) filled(key string, k kind) *bucket {
	now := l.clock.Now()
	b, ok := l.buckets[key]
	if !ok {
		b = &bucket{tokens: k.capacity, at: now}
		l.buckets[key] = b
	}
	b.tokens = math.Min(k.capacity, b.tokens+now.Sub(b.at).Seconds()*l.clock.Scale*k.refill)
	b.at = now
	return b
}

// window is the one of now.
func (l *limiter) window(key string) *window {
	w, ok := l.windows[key]
	if !ok || l.clock.Passed(w.ends) {
		w = &window{ends: l.clock.In(windowLength)}
		l.windows[key] = w
	}
	return w
}

// throttled is Azure Resource Manager's refusal of one request too many.
func throttled(subscription string, r *arm.Request, wait time.Duration) *arm.Error {
	wait = max(wait, time.Second)
	return &arm.Error{
		Status: http.StatusTooManyRequests, Code: "SubscriptionRequestsThrottled", RetryAfter: wait,
		Message: fmt.Sprintf("Number of requests for subscription '%s' and operation '%s' exceeded the limit. Please try again after '%d' seconds.",
			subscription, r.Method+"/"+strings.ToUpper(r.Route.Permission()), int(math.Ceil(wait.Seconds()))),
	}
}

func isThrottle(code string) bool {
	return code == "SubscriptionRequestsThrottled" || code == "TooManyRequests"
}
