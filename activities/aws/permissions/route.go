package permissions

import (
	"slices"
	"strings"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// route is what the owner of a load balancer must be allowed, so that requests are routed to an endpoint.
type route struct {
	place
	owner       string   // the flow, as in its ownership tag
	listeners   []string // ARNs
	certificate string   // ARN; empty when one is searched for
	webACL      string   // ARN; empty when none is asked for
	associates  bool     // the web ACL is put before the load balancer
}

// routeOfAnything is for routes of all kinds.
func routeOfAnything(at place) route {
	return route{
		place: at, owner: anything, listeners: []string{at.arn("elasticloadbalancing", "listener/app/*/*/*")},
		webACL: at.arn("wafv2", "regional/webacl/*/*"), associates: true,
	}
}

// routeOf is for the route of a spec.
func routeOf(spec link.Route, at place, owner string) route {
	r := route{place: at, owner: owner, certificate: spec.Certificate, webACL: spec.WebACL, associates: spec.AssociateWebACL}
	for _, l := range spec.Listeners {
		r.listeners = append(r.listeners, l.Listener)
	}
	return r
}

// groupNames is what the names of all target groups that are made begin with.
const groupNames = "targetgroup/lw-*/*"

func (r route) statements() []Statement {
	listeners, rules, groups := slices.Clone(r.listeners), r.rules(), Values{r.arn("elasticloadbalancing", groupNames)}
	slices.Sort(listeners)
	statements := []Statement{
		allow("IngressLooks", Values{
			"ec2:DescribeVpcs",
			"elasticloadbalancing:DescribeAccountLimits",
			"elasticloadbalancing:DescribeListenerCertificates",
			"elasticloadbalancing:DescribeListeners",
			"elasticloadbalancing:DescribeLoadBalancers",
			"elasticloadbalancing:DescribeRules",
			"elasticloadbalancing:DescribeTags",
			"elasticloadbalancing:DescribeTargetGroupAttributes",
			"elasticloadbalancing:DescribeTargetGroups",
			"elasticloadbalancing:DescribeTargetHealth",
		}, Values{"*"}, r.here()),
		allow("RouteLooksAtQuotas", Values{"servicequotas:GetServiceQuota"}, Values{r.arn("servicequotas", "elasticloadbalancing/*")}),
		allow("RouteMakesGroups", Values{"elasticloadbalancing:CreateTargetGroup"}, groups, owning(r.owner)),
		allow("RouteKeepsGroups", Values{
			"elasticloadbalancing:ModifyTargetGroup",
			"elasticloadbalancing:ModifyTargetGroupAttributes",
			"elasticloadbalancing:DeleteTargetGroup",
			"elasticloadbalancing:RegisterTargets",
			"elasticloadbalancing:DeregisterTargets",
		}, groups, owned(r.owner)),
		allow("RouteMakesRules", Values{"elasticloadbalancing:CreateRule"}, listeners, owning(r.owner)),
		allow("RouteKeepsRules", Values{
			"elasticloadbalancing:ModifyRule",
			"elasticloadbalancing:SetRulePriorities",
			"elasticloadbalancing:DeleteRule",
		}, rules, owned(r.owner)),
		allow("RouteTags", Values{"elasticloadbalancing:AddTags"}, append(slices.Clone(groups), rules...),
			owning(r.owner), when("StringEquals", "elasticloadbalancing:CreateAction", "CreateRule", "CreateTargetGroup"),
			when("ForAllValues:StringEquals", "aws:TagKeys", "Name", activities.OwnerTag)),
		allow("RouteKeepsCertificates", Values{
			"elasticloadbalancing:AddListenerCertificates",
			"elasticloadbalancing:RemoveListenerCertificates",
		}, listeners),
		// All of them: a listener's are looked at, too.
		allow("RouteLooksAtCertificates", Values{"acm:DescribeCertificate"}, Values{r.arn("acm", "certificate/*")}),
	}
	if r.certificate == "" {
		statements = append(statements, allow("RouteFindsCertificates", Values{"acm:ListCertificates"}, Values{"*"}, r.here()))
	}
	if r.webACL != "" {
		statements = append(statements, r.protection()...)
	}
	return statements
}

// protection is for the web ACL.
func (r route) protection() []Statement {
	balancers := r.balancers()
	statements := []Statement{
		// Of a load balancer that has a web ACL, whichever it is, it is asked for that, too (Service Authorization
		// Reference, AWS WAF V2, GetWebACLForResource).
		allow("RouteLooksAtWebACLs", Values{"wafv2:GetWebACLForResource", "wafv2:GetWebACL"},
			append(slices.Clone(balancers), r.arn("wafv2", "regional/webacl/*/*"))),
	}
	if r.associates {
		// AWS WAF Developer Guide, "How AWS WAF works with IAM".
		statements = append(statements,
			allow("RouteProtects", Values{"wafv2:AssociateWebACL", setWebACL}, append(slices.Clone(balancers), r.webACL)))
	}
	return statements
}

// setWebACL is no call of ours, but a permission that it takes to put a web ACL before a load balancer.
const setWebACL = "elasticloadbalancing:SetWebACL"

// rules are the ARNs of the rules of the listeners, and balancers those of their load balancers: the listeners' with
// another kind, and one part more or less (Service Authorization Reference, Elastic Load Balancing V2).

func (r route) rules() Values {
	var arns Values
	for _, l := range r.listeners {
		arns = append(arns, strings.Replace(l, ":listener/", ":listener-rule/", 1)+"/*")
	}
	slices.Sort(arns)
	return arns
}

func (r route) balancers() Values {
	var arns Values
	for _, l := range r.listeners {
		arn := strings.Replace(l, ":listener/", ":loadbalancer/", 1)
		arns = append(arns, arn[:max(strings.LastIndexByte(arn, '/'), 0)])
	}
	slices.Sort(arns)
	return slices.Compact(arns)
}
