package wafv2

import (
	"cmp"
	"encoding/json"

	"github.com/linkwright/linkwright/internal/simaws/policy"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// asked is what the requests say about whom and what they ask for, in all actions' words.
type asked struct {
	associationRequest
	named
	taggedRequest
	Tags []struct{ Key, Value string }
}

// need tells which permissions a request needs.
type need func(s *Service, r *sim.Request, a asked) []sim.Need

// needs are those of each action (Service Authorization Reference, "Actions, resources, and condition keys for AWS WAF
// V2"). To put a web ACL before a load balancer, or take it away, needs elasticloadbalancing:SetWebACL on the load
// balancer too (AWS WAF Developer Guide, "How AWS WAF works with IAM"). The Reference names further actions of Elastic
// Load Balancing beside it (CreateWebACLAssociation, DeleteWebACLAssociation, GetLoadBalancerWebACL,
// DescribeWebACLAssociation); it does not say that they are needed as well, and policies without them work.
func needs() map[string]need {
	return map[string]need{
		"CreateWebACL":           creates,
		"GetWebACL":              onWebACL,
		"ListWebACLs":            anywhere,
		"DeleteWebACL":           onWebACL,
		"AssociateWebACL":        associates,
		"DisassociateWebACL":     disassociates,
		"GetWebACLForResource":   looksAtResource,
		"ListResourcesForWebACL": onWebACL,
		"ListTagsForResource":    onWebACL,
	}
}

// Permissions implements sim.Service.
func (s *Service) Permissions() sim.Permissions {
	p := sim.Permissions{Needs: map[string]func(*sim.Request) ([]sim.Need, error){}}
	for action, need := range needs() {
		p.Needs[action] = func(r *sim.Request) ([]sim.Need, error) {
			var a asked
			if err := json.Unmarshal(r.Body, &a); err != nil {
				return anywhere(s, r, a), nil // the action itself says what is wrong with the request
			}
			return need(s, r, a), nil
		}
	}
	return p
}

func anywhere(_ *Service, r *sim.Request, _ asked) []sim.Need { return sim.Anywhere("wafv2", r) }

func creates(_ *Service, r *sim.Request, a asked) []sim.Need {
	context := policy.Context{}
	var keys []string
	for _, t := range a.Tags {
		keys = append(keys, t.Key)
		context.Set("aws:RequestTag/"+t.Key, t.Value)
	}
	context.Set("aws:TagKeys", keys...)
	arn := arnPrefix(r) + a.Name + "/*"
	needs := []sim.Need{{Action: "wafv2:CreateWebACL", Resource: arn, Context: context}}
	if len(a.Tags) > 0 {
		needs = append(needs, sim.Need{Action: "wafv2:TagResource", Resource: arn, Context: context})
	}
	return needs
}

// onWebACL is the need of actions on a web ACL, however they name it.
func onWebACL(s *Service, r *sim.Request, a asked) []sim.Need {
	arn := cmp.Or(a.WebACLArn, a.ARN, a.ResourceARN)
	if arn == "" {
		arn = arnPrefix(r) + a.Name + "/" + a.ID
	}
	return []sim.Need{s.webACLNeed(r, "wafv2:"+r.Action, arn)}
}

func (s *Service) webACLNeed(r *sim.Request, action, arn string) sim.Need {
	need := sim.Need{Action: action, Resource: cmp.Or(arn, "*"), Context: policy.Context{}}
	if acl, ok := s.find(r, arn); ok {
		need.Context.SetTags("aws:ResourceTag/", acl.Tags)
	}
	return need
}

func (s *Service) loadBalancerNeed(action, arn string) sim.Need {
	need := sim.Need{Action: action, Resource: cmp.Or(arn, "*"), Context: policy.Context{}}
	if lb, ok := s.existing(arn); ok {
		need.Context.SetTags("aws:ResourceTag/", lb.Tags)
		need.Context.SetTags("elasticloadbalancing:ResourceTag/", lb.Tags)
	}
	return need
}

func associates(s *Service, r *sim.Request, a asked) []sim.Need {
	return []sim.Need{s.webACLNeed(r, "wafv2:AssociateWebACL", a.WebACLArn), s.loadBalancerNeed("elasticloadbalancing:SetWebACL", a.ResourceArn)}
}

func disassociates(s *Service, _ *sim.Request, a asked) []sim.Need {
	return []sim.Need{s.loadBalancerNeed("wafv2:DisassociateWebACL", a.ResourceArn), s.loadBalancerNeed("elasticloadbalancing:SetWebACL", a.ResourceArn)}
}

// looksAtResource is the need of GetWebACLForResource: on the resource and, where it has a web ACL, to look at that.
func looksAtResource(s *Service, r *sim.Request, a asked) []sim.Need {
	needs := []sim.Need{s.loadBalancerNeed("wafv2:GetWebACLForResource", a.ResourceArn)}
	if acl, ok := s.find(r, s.state.Protected[a.ResourceArn]); ok {
		needs = append(needs, s.webACLNeed(r, "wafv2:GetWebACL", acl.ARN))
	}
	return needs
}
