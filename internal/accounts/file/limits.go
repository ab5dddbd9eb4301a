package file

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
)

// Limits say how much of AWS's request buckets this worker may use. What is left out is as for all accounts,
// or as AWS documents it.
type Limits struct {
	// Share is the part of each bucket that is this worker's, above 0 and at most 1.
	Share *float64 `yaml:"share"`
	// Scale is how many times faster than documented the buckets are refilled, as those of a simulated cloud are.
	Scale *float64 `yaml:"scale"`
	// Buckets are by service, and come before the documented ones.
	Buckets map[string][]Bucket `yaml:"buckets"`
}

// Bucket is a request bucket: for certain actions, with "*" for any part of a name, together or each for itself.
type Bucket struct {
	Actions  []string `yaml:"actions"`
	Shared   bool     `yaml:"shared"`
	Capacity float64  `yaml:"capacity"`
	Refill   float64  `yaml:"refill"`
}

// Shares are these limits without their buckets, which are AWS's.
func (l *Limits) Shares() *Limits {
	if l == nil {
		return nil
	}
	return &Limits{Share: l.Share, Scale: l.Scale}
}

// limited are the services whose calls take their turn, by signing name.
var limited = []string{"acm", "ec2", "elasticloadbalancing", "route53", "servicequotas", "ssm", "wafv2"}

// limits checks an entry of limits; nil is none.
func (c *checker) limits(e *Limits, at ...string) {
	if e == nil {
		return
	}
	under := func(names ...string) []string { return append(slices.Clone(at), names...) }
	if e.Share != nil && !(*e.Share > 0 && *e.Share <= 1) {
		c.wrong(fmt.Sprintf("not above 0 and at most 1: %v", *e.Share), under("share")...)
	}
	if e.Scale != nil && !(*e.Scale > 0) {
		c.wrong(fmt.Sprintf("not above 0: %v", *e.Scale), under("scale")...)
	}
	for _, service := range slices.Sorted(maps.Keys(e.Buckets)) {
		if !slices.Contains(limited, service) {
			c.wrong(fmt.Sprintf("not one of the services %v", limited), under("buckets", service)...)
		}
		for i, b := range e.Buckets[service] {
			here := under("buckets", service, strconv.Itoa(i))
			if len(b.Actions) == 0 {
				c.wrong("no actions: name some, such as CreateVpcEndpoint or Describe*", here...)
			}
			for _, pattern := range b.Actions {
				if _, err := path.Match(pattern, ""); err != nil || pattern == "" {
					c.wrong(fmt.Sprintf("not the name of an action, with * for any part of it: %q", pattern), append(here, "actions")...)
				}
			}
			if !(b.Capacity >= 1) {
				c.wrong(fmt.Sprintf("not at least 1: %v", b.Capacity), append(here, "capacity")...)
			}
			if !(b.Refill > 0) {
				c.wrong(fmt.Sprintf("not above 0 tokens a second: %v", b.Refill), append(here, "refill")...)
			}
		}
	}
}
