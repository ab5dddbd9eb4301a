package simaws

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/linkwright/linkwright/internal/buckets"
	"github.com/linkwright/linkwright/internal/simaws/sim"
	"github.com/linkwright/linkwright/internal/simcloud"
)

// limiter keeps the buckets. Their refill runs as much faster as everything else in the cloud.
type limiter struct {
	clock   *simcloud.Clock
	limits  map[string]buckets.Service
	buckets map[string]*bucket
}

type bucket struct {
	tokens float64
	at     time.Time
}

func newLimiter(clock *simcloud.Clock, limits map[string]buckets.Service) *limiter {
	return &limiter{clock: clock, limits: limits, buckets: map[string]*bucket{}}
}

// allow takes a token from each bucket that the request falls under, or none if one of them is empty.
func (l *limiter) allow(r *sim.Request, service string) bool {
	limits, ok := l.limits[service]
	if !ok {
		return true
	}
	region := r.Region
	if limits.Global {
		region = "global"
	}
	account := strings.Join([]string{service, region, r.Caller.AccountID}, "/")
	var taken []*bucket
	for _, claim := range limits.Claims(r.Action, narrowed(r)) {
		taken = append(taken, l.filled(account+"/"+claim.Name, claim.Bucket))
	}
	for _, claim := range limits.OrganizationClaims(r.Action, narrowed(r)) {
		taken = append(taken, l.filled(strings.Join([]string{service, region, "organization", claim.Name}, "/"), claim.Bucket))
	}
	if slices.ContainsFunc(taken, func(b *bucket) bool { return b.tokens < 1 }) {
		return false
	}
	if limits.Changes != nil && r.Action == "ChangeResourceRecordSets" {
		changes, cost := l.filled(account+"/changes", *limits.Changes), costOfChanges(r.Body)
		if changes.tokens < cost {
			return false
		}
		changes.tokens -= cost
	}
	for _, b := range taken {
		b.tokens--
	}
	return true
}

// filled is the bucket of a key with what has flowed into it since it was last looked at.
func (l *limiter) filled(key string, limit buckets.Bucket) *bucket {
	now := l.clock.Now()
	b, ok := l.buckets[key]
	if !ok {
		b = &bucket{tokens: limit.Capacity, at: now}
		l.buckets[key] = b
	}
	b.tokens = min(limit.Capacity, b.tokens+now.Sub(b.at).Seconds()*l.clock.Scale*limit.Refill)
	b.at = now
	return b
}

// narrowed reports whether a Describe request asks for less than everything.
func narrowed(r *sim.Request) bool {
	for name := range r.Form {
		if name != "Action" && name != "Version" && name != "NextToken" {
			return true
		}
	}
	return false
}

// throttled is a service's error for a request too many.
func throttled(service string) *sim.Error {
	switch {
	case service == "ec2":
		return &sim.Error{Status: http.StatusServiceUnavailable, Code: "RequestLimitExceeded", Message: "Request limit exceeded."}
	case service == "servicequotas":
		return sim.Errorf("TooManyRequestsException", "Rate exceeded")
	case service == "elasticloadbalancing" || speaksJSON(service):
		return sim.Errorf("ThrottlingException", "Rate exceeded")
	}
	return sim.Errorf("Throttling", "Rate exceeded")
}

func isThrottle(code string) bool {
	return code == "RequestLimitExceeded" || code == "TooManyRequestsException" || strings.HasPrefix(code, "Throttling")
}
