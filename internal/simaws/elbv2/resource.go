package elbv2

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// Resource is what load balancers, target groups and listeners have in common.
type Resource struct {
	ARN        string
	AccountID  string
	Region     string
	Number     int // in the order of creation
	Tags       map[string]string
	Attributes map[string]string
}

func (r *Resource) resource() *Resource { return r }

// identified is anything that embeds Resource.
type identified interface{ resource() *Resource }

// newResource makes a resource of the caller; path is the last part of its ARN.
func (s *Service) newResource(r *sim.Request, path string, attributes map[string]string, tags map[string]string) Resource {
	s.state.Made++
	return Resource{
		ARN:       fmt.Sprintf("arn:%s:elasticloadbalancing:%s:%s:%s", r.Partition, r.Region, r.Caller.AccountID, path),
		AccountID: r.Caller.AccountID, Region: r.Region, Number: s.state.Made,
		Tags: tags, Attributes: attributes,
	}
}

// owned reports whether a resource is the caller's, in the region that it asks.
func owned(r *sim.Request, x identified) bool {
	res := x.resource()
	return res.AccountID == r.Caller.AccountID && res.Region == r.Region
}

// mine looks one of the caller's resources up.
func mine[T identified](r *sim.Request, all map[string]T, arn string) (T, bool) {
	x, ok := all[arn]
	if !ok || !owned(r, x) {
		var none T
		return none, false
	}
	return x, true
}

// list returns the caller's resources that keep accepts, the oldest first.
func list[T identified](r *sim.Request, all map[string]T, keep func(T) bool) []T {
	var found []T
	for _, x := range all {
		if owned(r, x) && keep(x) {
			found = append(found, x)
		}
	}
	slices.SortFunc(found, func(a, b T) int { return cmp.Compare(a.resource().Number, b.resource().Number) })
	return found
}

// pageSizes are those of every action that describes (Elastic Load Balancing API Reference, PageSize).
var pageSizes = query.Limits{Min: 1, Max: 400, Default: 400}

// page cuts the page out of found that PageSize and Marker ask for.
func page[T identified](r *sim.Request, f query.Form, found []T) ([]T, string, error) {
	size, err := pageSizes.Size(f, "PageSize")
	if err != nil {
		return nil, "", err
	}
	return query.Page(r, found, func(x T) int { return x.resource().Number }, size, f.String("Marker"))
}

var namePattern = regexp.MustCompile(`^[a-zA-Z0-9]([a-zA-Z0-9-]{0,30}[a-zA-Z0-9])?$`)

// checkName holds a load balancer's or target group's name against the rules of CreateLoadBalancer and
// CreateTargetGroup (Elastic Load Balancing API Reference, 2015-12-01).
func checkName(kind, name string) error {
	switch {
	case name == "":
		return sim.Errorf("ValidationError", "1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must not be null")
	case !namePattern.MatchString(name):
		return sim.Errorf("ValidationError", "The %s name '%s' can contain only alphanumeric characters and hyphens, at most 32, and must not begin or end with a hyphen", kind, name)
	case kind == "load balancer" && strings.HasPrefix(name, "internal-"):
		return sim.Errorf("ValidationError", "The load balancer name '%s' cannot begin with 'internal-'", name)
	}
	return nil
}

// timestamp is how Elastic Load Balancing writes a time.
func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// latest is the last of several moments.
func latest(first time.Time, others ...time.Time) time.Time {
	for _, t := range others {
		if t.After(first) {
			first = t
		}
	}
	return first
}

// notFound is the error for a resource that does not exist, by the kind that its ARN names.
func notFound(arn string) *sim.Error {
	for part, kind := range map[string]string{
		":loadbalancer/": "LoadBalancer", ":targetgroup/": "TargetGroup", ":listener/": "Listener", ":listener-rule/": "Rule",
	} {
		if strings.Contains(arn, part) {
			return sim.Errorf(kind+"NotFound", "%s '%s' not found", kind, arn)
		}
	}
	return sim.Errorf("ValidationError", "'%s' is not a valid ARN", arn)
}
