package simaws

import (
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// Limit is a request bucket: so many tokens, refilled so fast, one taken by each request.
type Limit struct {
	// Actions are the names it is for, with "*" as in "Describe*".
	Actions []string `yaml:"actions"`
	// Unfiltered narrows it to requests without filter, ids or page size.
	Unfiltered bool `yaml:"unfiltered"`
	// Shared makes one bucket for all its actions; otherwise each action has its own.
	Shared   bool    `yaml:"shared"`
	Capacity float64 `yaml:"capacity"`
	Refill   float64 `yaml:"refill"` // tokens a second, in the real service's time
}

// ServiceLimits are a service's buckets for each account.
type ServiceLimits struct {
	// Total is for all requests together; nil for none.
	Total *Limit `yaml:"total"`
	// Limits are tried in order; the first that is for the action counts.
	Limits []Limit `yaml:"limits"`
	// Organization are further buckets that all accounts of the world share, in each Region: PrivateLink's calls are
	// throttled for a whole organization too (AWS PrivateLink Guide, "Quotas"), with figures that AWS does not publish.
	// The first that is for the action counts.
	Organization []Limit `yaml:"organization"`
	// Changes is for the changes of record sets in all requests together; nil for none. Each takes a token, an UPSERT
	// two.
	Changes *Limit `yaml:"changes"`
	// Global services have one set of buckets for all Regions.
	Global bool `yaml:"global"`
}

// defaultLimits are the documented buckets (EC2 Developer Guide, "Request throttling for the Amazon EC2 API";
// "Request throttling for the Elastic Load Balancing API"; Route 53 API Reference, "Throttling API requests").
// Services that do not publish theirs have none here.
func defaultLimits() map[string]ServiceLimits {
	return map[string]ServiceLimits{
		"ec2": {Limits: []Limit{
			{Actions: []string{"CreateVpcEndpoint", "ModifyVpcEndpoint", "DeleteVpcEndpoints"}, Capacity: 4, Refill: 0.3},
			{Actions: []string{
				"CreateVpcEndpointServiceConfiguration", "ModifyVpcEndpointServiceConfiguration", "DeleteVpcEndpointServiceConfigurations",
				"AcceptVpcEndpointConnections", "RejectVpcEndpointConnections",
			}, Capacity: 10, Refill: 1},
			{Actions: []string{"DescribeNetworkInterfaces", "DescribeSecurityGroups"}, Unfiltered: true, Capacity: 50, Refill: 10},
			{Actions: []string{"Describe*"}, Capacity: 100, Refill: 20},
			{Actions: []string{"CreateTags"}, Capacity: 100, Refill: 10},
			{Actions: []string{"*"}, Capacity: 50, Refill: 5},
		}},
		"elasticloadbalancing": {
			Total: &Limit{Capacity: 40, Refill: 10},
			Limits: []Limit{
				{Actions: []string{"Describe*"}, Shared: true, Capacity: 40, Refill: 10},
				{Actions: []string{"RegisterTargets", "DeregisterTargets"}, Shared: true, Capacity: 20, Refill: 4},
				{Actions: []string{"CreateLoadBalancer", "SetSubnets"}, Shared: true, Capacity: 10, Refill: 0.2},
				{Actions: []string{"*"}, Shared: true, Capacity: 20, Refill: 3},
			},
		},
		"route53": {
			Global:  true,
			Total:   &Limit{Capacity: 50, Refill: 10},
			Changes: &Limit{Capacity: 1500, Refill: 100},
			Limits: []Limit{
				{Actions: []string{"AssociateVPCWithHostedZone"}, Capacity: 20, Refill: 5},
				{Actions: []string{"DisassociateVPCFromHostedZone"}, Capacity: 10, Refill: 5},
				{Actions: []string{"CreateHostedZone"}, Capacity: 40, Refill: 2},
				{Actions: []string{"*"}, Capacity: 50, Refill: 10},
			},
		},
	}
}

// limiter keeps the buckets. Their refill runs as much faster as everything else in the cloud.
type limiter struct {
	clock   *sim.Clock
	limits  map[string]ServiceLimits
	buckets map[string]*bucket
}

type bucket struct {
	tokens float64
	at     time.Time
}

func newLimiter(clock *sim.Clock, limits map[string]ServiceLimits) *limiter {
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
	taken := slices.Concat(
		l.first(account, limits.Limits, r),
		l.first(strings.Join([]string{service, region, "organization"}, "/"), limits.Organization, r),
	)
	if limits.Total != nil {
		taken = append(taken, l.filled(account, *limits.Total))
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

// first is the owner's bucket of the first limit that is for the request, none when no limit is.
func (l *limiter) first(owner string, limits []Limit, r *sim.Request) []*bucket {
	i := slices.IndexFunc(limits, func(limit Limit) bool { return limit.applies(r) })
	if i < 0 {
		return nil
	}
	key := fmt.Sprintf("%s/%d", owner, i)
	if !limits[i].Shared {
		key += "/" + r.Action
	}
	return []*bucket{l.filled(key, limits[i])}
}

// filled is the bucket of a key with what has flowed into it since it was last looked at.
func (l *limiter) filled(key string, limit Limit) *bucket {
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

func (limit Limit) applies(r *sim.Request) bool {
	if limit.Unfiltered && narrowed(r) {
		return false
	}
	return slices.ContainsFunc(limit.Actions, func(pattern string) bool {
		match, err := path.Match(pattern, r.Action)
		return err == nil && match
	})
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
	if service == "ec2" {
		return &sim.Error{Status: http.StatusServiceUnavailable, Code: "RequestLimitExceeded", Message: "Request limit exceeded."}
	}
	if service == "elasticloadbalancing" || service == "ssm" {
		return sim.Errorf("ThrottlingException", "Rate exceeded")
	}
	return sim.Errorf("Throttling", "Rate exceeded")
}

func isThrottle(code string) bool {
	return code == "RequestLimitExceeded" || strings.HasPrefix(code, "Throttling")
}
