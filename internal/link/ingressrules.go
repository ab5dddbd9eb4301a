package link

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
)

func (c *checker) ingress(ingress Ingress, s ConnectionSpec) {
	const path = "spec.ingress"
	c.exactlyOne(path, option{"targetGroup", ingress.TargetGroup != ""}, option{"route", ingress.Route != nil})
	if ingress.TargetGroup != "" {
		c.targetGroup(ingress.TargetGroup, s.Region)
	}
	if ingress.Route != nil {
		c.route(path+".route", *ingress.Route, s)
	}
}

// Elastic Load Balancing is asked in the connection's region, and knows the target groups of that region only
// (AWS General Reference, "Elastic Load Balancing endpoints and quotas").
func (c *checker) targetGroup(s, region string) {
	const path = "spec.ingress.targetGroup"
	group, ok := elbARN(s, "targetgroup/")
	if !ok {
		c.add(path, "%q is not the ARN of a target group, such as "+
			"arn:aws:elasticloadbalancing:eu-central-1:111122223333:targetgroup/payments/0a1b2c3d4e5f6789", s)
		return
	}
	c.inRegion(path, "target group", group, region)
}

// inRegion checks that something is where the connection is.
func (c *checker) inRegion(path, what string, a arn, region string) {
	switch {
	case a.region != region:
		c.add(path, "the %s is in %s, but the connection in %s; they must be in the same region", what, a.region, region)
	case a.partition != PartitionOf(region):
		c.add(path, "begins with arn:%s, but the region %s is in the partition %s", a.partition, region, PartitionOf(region))
	}
}

func (c *checker) route(path string, route Route, s ConnectionSpec) {
	account := c.listeners(path+".listeners", route.Listeners, s.Region)
	if s.AWS != nil {
		c.listenerInventories(path+".listeners", route.Listeners, s.AWS.Inventories)
	}
	c.conditions(path, route)
	c.beside(path+".certificate", "certificate", route.Certificate, certificateARN, s.Region, account)
	c.beside(path+".webACL", "web ACL", route.WebACL, webACLARN, s.Region, account)
	if route.AssociateWebACL && route.WebACL == "" {
		c.add(path+".associateWebACL", "has no effect without a webACL; name one, or remove it")
	}
	c.healthCheck(path+".targets.healthCheck", route.Targets.HealthCheck)
	for _, name := range sortedKeys(route.Targets.Attributes) {
		if !attributeName.MatchString(name) {
			c.add(join(path+".targets.attributes", name), "is not the name of a target group's attribute, such as deregistration_delay.timeout_seconds")
		}
	}
}

// attributeName is what the names in the Elastic Load Balancing API Reference, TargetGroupAttribute, have in common.
var attributeName = regexp.MustCompile(`^[a-z0-9_]+(\.[a-z0-9_]+)*$`)

func sortedKeys(m map[string]string) []string {
	return slices.Sorted(maps.Keys(m)) //workflowcheck:ignore
}

// listeners checks where the route may be made, and returns the account of the load balancers, when it is known.
// Their ARNs are listener/app/NAME/ID/ID (Service Authorization Reference, "Actions, resources, and condition keys
// for Elastic Load Balancing V2"), where app stands for application load balancers, which alone route by host name.
func (c *checker) listeners(path string, listeners []RouteListener, region string) (account string) {
	first := map[RouteListener]int{}
	for i, listener := range listeners {
		earlier, twice := first[listener]
		path := at(path, i) + ".listener"
		a, ok := parseARN(listener.Listener)
		switch {
		case listener.Listener == "":
		case !ok || a.service != "elasticloadbalancing" || a.region == "" || a.account == "" || !listenerResource.MatchString(a.resource):
			c.add(path, "%q is not the ARN of a listener of an application load balancer, such as "+
				"arn:aws:elasticloadbalancing:eu-central-1:111122223333:listener/app/edge/0a1b2c3d4e5f6789/0a1b2c3d4e5f6789", listener.Listener)
		case account != "" && a.account != account:
			c.add(path, "the listener is in account %s, but the first one in %s; ingress.account is the one account of all", a.account, account)
		case twice:
			c.add(path, "is listed already, as listeners[%d]", earlier)
		default:
			first[listener], account = i, a.account
			c.inRegion(path, "listener", a, region)
		}
	}
	return account
}

var listenerResource = regexp.MustCompile(`^listener/app/[^/]+/[^/]+/[^/]+$`)

// listenerInventories checks that load balancers and the VPCs that they reach are told apart wholly or not at all.
func (c *checker) listenerInventories(path string, listeners []RouteListener, inventories []string) {
	reached := map[string]bool{}
	for i, listener := range listeners {
		path := at(path, i) + ".inventory"
		switch {
		case listener.Inventory != "" && inventories == nil:
			c.add(path, "has no effect without aws.inventories, because the VPC is named; remove it")
		case listener.Inventory != "" && !slices.Contains(inventories, listener.Inventory):
			c.add(path, "%q is not one of aws.inventories%s", listener.Inventory, didYouMean(listener.Inventory, inventories))
		}
		reached[listener.Inventory] = true
	}
	if reached[""] && len(reached) > 1 {
		c.add(path, "must name an inventory each, or none of them any")
		return
	}
	for i, inventory := range inventories {
		if !reached[""] && !reached[inventory] && len(listeners) > 0 {
			c.add(at("spec.aws.inventories", i), "is reached by no listener of ingress.route; name it at one, or remove it")
		}
	}
}

// A rule takes five values in its conditions, and five wildcards in them, and AWS raises neither (User Guide for
// Application Load Balancers, "Quotas for your Application Load Balancers", Rules).
const maxConditionValues, maxConditionWildcards = 5, 5

func (c *checker) conditions(path string, route Route) {
	for i, host := range route.Hosts {
		if problem := routedHostProblem(host); host != "" && problem != "" {
			c.add(at(path+".hosts", i), "%s", problem)
		}
	}
	values := slices.Concat(route.Hosts, route.Paths)
	wildcards := 0
	for _, value := range values {
		wildcards += strings.Count(value, "*") + strings.Count(value, "?")
	}
	switch {
	case len(values) > maxConditionValues:
		c.add(path, "has %d hosts and paths together; the rule of a load balancer takes %d", len(values), maxConditionValues)
	case wildcards > maxConditionWildcards:
		c.add(path, "has %d wildcards in its hosts and paths; the rule of a load balancer takes %d", wildcards, maxConditionWildcards)
	}
}

// A host name in a rule has a dot, and only letters after the last one (Elastic Load Balancing API Reference,
// HostHeaderConditionConfig).
func routedHostProblem(host string) string {
	last := host[strings.LastIndex(host, ".")+1:]
	switch problem := hostProblem(host); {
	case problem != "":
		return problem
	case last == host:
		return fmt.Sprintf("%q has no dot; a load balancer matches names such as payments.example.com", host)
	case strings.Trim(last, "abcdefghijklmnopqrstuvwxyz") != "":
		return fmt.Sprintf("%q ends in %q; a load balancer matches names with nothing but letters after the last dot", host, last)
	default:
		return ""
	}
}

// kindOfARN is what the ARNs of a kind of resource have in common.
type kindOfARN struct {
	service  string
	resource *regexp.Regexp
	example  string
}

// The forms are those of the Service Authorization Reference, "Actions, resources, and condition keys" for AWS
// Certificate Manager and for AWS WAF V2, whose web ACLs for load balancers are regional.
var (
	certificateARN = kindOfARN{"acm", regexp.MustCompile(`^certificate/[^/]+$`),
		"arn:aws:acm:eu-central-1:111122223333:certificate/0a1b2c3d-4e5f-6789-abcd-ef0123456789"}
	webACLARN = kindOfARN{"wafv2", regexp.MustCompile(`^regional/webacl/[^/]+/[^/]+$`),
		"arn:aws:wafv2:eu-central-1:111122223333:regional/webacl/edge/0a1b2c3d-4e5f-6789-abcd-ef0123456789"}
)

// beside checks something that a load balancer uses, which is in its region (Elastic Load Balancing API Reference,
// AddListenerCertificates; AWS WAF API Reference, AssociateWebACL) and in its account.
func (c *checker) beside(path, what, s string, kind kindOfARN, region, account string) {
	if s == "" {
		return
	}
	switch a, ok := parseARN(s); {
	case !ok || a.service != kind.service || a.region == "" || a.account == "" || !kind.resource.MatchString(a.resource):
		c.add(path, "%q is not the ARN of a %s, such as %s", s, what, kind.example)
	case account != "" && a.account != account:
		c.add(path, "the %s is in account %s, but the load balancers in %s; they must be in the same account", what, a.account, account)
	default:
		c.inRegion(path, what, a, region)
	}
}

// The ranges are those of the Elastic Load Balancing API Reference, CreateTargetGroup. Both are whole seconds there,
// and the answer must be due before the next check (User Guide for Application Load Balancers, "Health checks for
// Application Load Balancer target groups").
func (c *checker) healthCheck(path string, check HealthCheck) {
	full := Route{Targets: RouteTargets{HealthCheck: check}}.withDefaults().Targets.HealthCheck
	interval, timeout := time.Duration(full.Interval), time.Duration(full.Timeout)
	c.seconds(path+".interval", interval, 5*time.Second, 5*time.Minute)
	c.seconds(path+".timeout", timeout, 2*time.Second, 2*time.Minute)
	if timeout >= interval {
		written := path + ".timeout"
		if check.Timeout == 0 {
			written = path + ".interval"
		}
		c.add(written, "the timeout of %s must be less than the interval of %s", full.Timeout, full.Interval)
	}
	for codes := range strings.SplitSeq(full.Codes, ",") {
		if from, to, isRange := strings.Cut(codes, "-"); isRange && from > to {
			c.add(path+".codes", "%q begins with its higher end; write %s-%s", codes, to, from)
		}
	}
}

func (c *checker) seconds(path string, d, least, most time.Duration) {
	switch {
	case d < least || d > most:
		c.add(path, "must be from %s to %s, not %s", Duration(least), Duration(most), Duration(d))
	case d%time.Second != 0:
		c.add(path, "must be in whole seconds, not %s", Duration(d))
	}
}
