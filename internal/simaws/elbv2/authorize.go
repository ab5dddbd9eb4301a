package elbv2

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/linkwright/linkwright/internal/simaws/policy"
	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// need tells which permissions a request needs.
type need func(r *sim.Request, f query.Form) []sim.Need

// needs are those of each action (Service Authorization Reference, "Actions, resources, and condition keys for AWS
// Elastic Load Balancing V2"). Those that describe cannot be limited to resources.
func (s *Service) needs() map[string]need {
	return map[string]need{
		"CreateLoadBalancer":             s.createsLoadBalancer,
		"DescribeLoadBalancers":          s.anywhere,
		"DeleteLoadBalancer":             s.on("LoadBalancerArn"),
		"SetSubnets":                     s.on("LoadBalancerArn"),
		"SetSecurityGroups":              s.on("LoadBalancerArn"),
		"DescribeLoadBalancerAttributes": s.anywhere,
		"ModifyLoadBalancerAttributes":   s.on("LoadBalancerArn"),
		"DescribeCapacityReservation":    s.anywhere,
		"CreateTargetGroup":              s.createsTargetGroup,
		"DescribeTargetGroups":           s.anywhere,
		"ModifyTargetGroup":              s.on("TargetGroupArn"),
		"DeleteTargetGroup":              s.on("TargetGroupArn"),
		"DescribeTargetGroupAttributes":  s.anywhere,
		"ModifyTargetGroupAttributes":    s.on("TargetGroupArn"),
		"RegisterTargets":                s.on("TargetGroupArn"),
		"DeregisterTargets":              s.on("TargetGroupArn"),
		"DescribeTargetHealth":           s.anywhere,
		"CreateListener":                 s.createsListener,
		"DescribeListeners":              s.anywhere,
		"ModifyListener":                 s.modifiesListener,
		"DeleteListener":                 s.on("ListenerArn"),
		"DescribeListenerAttributes":     s.anywhere,
		"ModifyListenerAttributes":       s.on("ListenerArn"),
		"DescribeListenerCertificates":   s.anywhere,
		"AddListenerCertificates":        s.on("ListenerArn"),
		"RemoveListenerCertificates":     s.on("ListenerArn"),
		"CreateRule":                     s.createsRule,
		"DescribeRules":                  s.anywhere,
		"ModifyRule":                     s.on("RuleArn"),
		"DeleteRule":                     s.on("RuleArn"),
		"SetRulePriorities":              s.prioritizes,
		"AddTags":                        s.tagsOn,
		"RemoveTags":                     s.tagsOn,
		"DescribeTags":                   s.anywhere,
		"DescribeAccountLimits":          s.anywhere,
	}
}

// Permissions implements sim.Service.
func (s *Service) Permissions() sim.Permissions {
	p := sim.Permissions{Needs: map[string]func(*sim.Request) ([]sim.Need, error){}, Others: []string{
		"SetWebAcl", "CreateWebACLAssociation", "DeleteWebACLAssociation", "GetLoadBalancerWebACL", "DescribeWebACLAssociation",
	}}
	for action, need := range s.needs() {
		p.Needs[action] = func(r *sim.Request) ([]sim.Need, error) { return need(r, query.NewForm(r.Form)), nil }
	}
	return p
}

func action(r *sim.Request) string { return "elasticloadbalancing:" + r.Action }

func (s *Service) anywhere(r *sim.Request, _ query.Form) []sim.Need {
	return sim.Anywhere("elasticloadbalancing", r)
}

// on is the need of actions on the resource that a parameter names by its ARN.
func (s *Service) on(parameter string) need {
	return func(r *sim.Request, f query.Form) []sim.Need {
		return []sim.Need{s.existing(r, f.String(parameter))}
	}
}

// existing is the need of the request's action on a resource that there should be, with its tags as condition keys.
func (s *Service) existing(r *sim.Request, arn string) sim.Need {
	need := sim.Need{Action: action(r), Resource: cmp.Or(arn, "*"), Context: policy.Context{}}
	if tagged, ok := s.find(r, arn); ok {
		need.Context.SetTags("aws:ResourceTag/", tagged.Tags)
		need.Context.SetTags("elasticloadbalancing:ResourceTag/", tagged.Tags)
	}
	return need
}

// tagsOn is the need of AddTags and RemoveTags: on each resource.
func (s *Service) tagsOn(r *sim.Request, f query.Form) []sim.Need {
	keys := requestTags(f)
	keys.Set("aws:TagKeys", slices.Concat(keys["aws:tagkeys"], f.List("TagKeys"))...)
	var needs []sim.Need
	for _, arn := range f.List("ResourceArns") {
		need := s.existing(r, arn)
		need.Context = need.Context.With(keys)
		needs = append(needs, need)
	}
	if len(needs) == 0 {
		return s.anywhere(r, f)
	}
	return needs
}

func (s *Service) createsLoadBalancer(r *sim.Request, f query.Form) []sim.Need {
	short := map[string]string{network: "net", application: "app"}[cmp.Or(f.String("Type"), application)]
	context := policy.Context{}
	context.Set("elasticloadbalancing:Scheme", cmp.Or(f.String("Scheme"), "internet-facing"))
	context.Set("elasticloadbalancing:Subnet", f.List("Subnets")...)
	context.Set("elasticloadbalancing:SecurityGroup", f.List("SecurityGroups")...)
	return creates(r, f, fmt.Sprintf("loadbalancer/%s/%s/*", short, f.String("Name")), context)
}

func (s *Service) createsTargetGroup(r *sim.Request, f query.Form) []sim.Need {
	return creates(r, f, fmt.Sprintf("targetgroup/%s/*", f.String("Name")), nil)
}

// createsListener is the need of CreateListener: on the load balancer, and for tags on the listener that it gets.
func (s *Service) createsListener(r *sim.Request, f query.Form) []sim.Need {
	need := s.existing(r, f.String("LoadBalancerArn"))
	need.Context = need.Context.With(requestTags(f)).With(listenerKeys(f))
	_, path, _ := strings.Cut(f.String("LoadBalancerArn"), ":loadbalancer/")
	return append([]sim.Need{need}, tagging(r, f, newARN(r, "listener/"+path+"/*"))...)
}

func (s *Service) modifiesListener(r *sim.Request, f query.Form) []sim.Need {
	need := s.existing(r, f.String("ListenerArn"))
	need.Context = need.Context.With(listenerKeys(f))
	return []sim.Need{need}
}

// listenerKeys are the condition keys of what a request wants a listener to be.
func listenerKeys(f query.Form) policy.Context {
	context := policy.Context{}
	for key, parameter := range map[string]string{"ListenerProtocol": "Protocol", "SecurityPolicy": "SslPolicy"} {
		if f.Has(parameter) {
			context.Set("elasticloadbalancing:"+key, f.String(parameter))
		}
	}
	return context
}

// createsRule is the need of CreateRule: on the listener, and for tags on the rule that it gets.
func (s *Service) createsRule(r *sim.Request, f query.Form) []sim.Need {
	need := s.existing(r, f.String("ListenerArn"))
	need.Context = need.Context.With(requestTags(f))
	_, path, _ := strings.Cut(f.String("ListenerArn"), ":listener/")
	return append([]sim.Need{need}, tagging(r, f, newARN(r, "listener-rule/"+path+"/*"))...)
}

// prioritizes is the need of SetRulePriorities: on each rule.
func (s *Service) prioritizes(r *sim.Request, f query.Form) []sim.Need {
	var needs []sim.Need
	for _, pair := range f.Structs("RulePriorities") {
		needs = append(needs, s.existing(r, pair.String("RuleArn")))
	}
	if len(needs) == 0 {
		return s.anywhere(r, f)
	}
	return needs
}

// creates is the need of actions that make a resource, the last part of whose ARN is path; with tags it needs
// elasticloadbalancing:AddTags on it too.
func creates(r *sim.Request, f query.Form, path string, context policy.Context) []sim.Need {
	arn := newARN(r, path)
	need := sim.Need{Action: action(r), Resource: arn, Context: context.With(requestTags(f))}
	return append([]sim.Need{need}, tagging(r, f, arn)...)
}

// tagging is what it takes to give a new resource its tags (User Guide for Application Load Balancers, "Tag Elastic
// Load Balancing resources during creation").
func tagging(r *sim.Request, f query.Form, arn string) []sim.Need {
	context := requestTags(f)
	if len(context) == 0 {
		return nil
	}
	context.Set("elasticloadbalancing:CreateAction", r.Action)
	return []sim.Need{{Action: "elasticloadbalancing:AddTags", Resource: arn, Context: context}}
}

func newARN(r *sim.Request, path string) string {
	return fmt.Sprintf("arn:%s:elasticloadbalancing:%s:%s:%s", r.Partition, r.Region, r.Caller.AccountID, path)
}

// requestTags are the condition keys of the tags in a request.
func requestTags(f query.Form) policy.Context {
	context := policy.Context{}
	var keys []string
	for _, tag := range f.Structs("Tags") {
		keys = append(keys, tag.String("Key"))
		context.Set("aws:RequestTag/"+tag.String("Key"), tag.String("Value"))
	}
	context.Set("aws:TagKeys", keys...)
	return context
}
