package aws

import (
	"context"
	"fmt"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/activities/sets"
	"github.com/linkwright/linkwright/internal/link"
)

// describedAtOnce is how many ARNs one call of Elastic Load Balancing takes (API Reference, DescribeTags).
const describedAtOnce = 20

// loadBalancersFor finds the network load balancers that a spec names and makes sure that a service can use them.
func (s *site) loadBalancersFor(ctx context.Context, want link.LoadBalancers) ([]string, error) {
	if s.seen != nil && len(want.ARNs) > 0 {
		return sets.Sorted(want.ARNs), nil // whether a service can use them was looked at when it was made
	}
	find := s.loadBalancersNamed
	if len(want.ARNs) == 0 {
		find = s.loadBalancersTagged
	}
	found, err := find(ctx, want)
	if err != nil {
		return nil, s.failed(err)
	}
	var arns []string
	for _, lb := range found {
		if err := s.checkLoadBalancer(lb); err != nil {
			return nil, err
		}
		arns = append(arns, sdk.ToString(lb.LoadBalancerArn))
	}
	return sets.Sorted(arns), nil
}

// checkLoadBalancer blocks on a load balancer that cannot back a service: it must be a network load balancer,
// and active.
func (s *site) checkLoadBalancer(lb elbtypes.LoadBalancer) error {
	arn := sdk.ToString(lb.LoadBalancerArn)
	if lb.Type != elbtypes.LoadBalancerTypeEnumNetwork {
		return s.blocked(link.Problem{
			Reason:  link.ReasonLoadBalancerMissing,
			Message: fmt.Sprintf("%s is a load balancer of type %s", arn, lb.Type),
			Remedy:  "name a network load balancer; it may pass traffic on to an application load balancer",
		}, nil)
	}
	state := lb.State
	if state == nil {
		return nil
	}
	switch state.Code {
	case elbtypes.LoadBalancerStateEnumProvisioning:
		return s.pending("load balancer " + arn + " is being provisioned")
	case elbtypes.LoadBalancerStateEnumFailed:
		return s.blocked(link.Problem{
			Reason:  link.ReasonLoadBalancerNotReady,
			Message: fmt.Sprintf("load balancer %s has failed: %s", arn, sdk.ToString(state.Reason)),
			Remedy:  "replace the load balancer, and name the new one in the spec",
		}, nil)
	}
	return nil
}

func (s *site) loadBalancersNamed(ctx context.Context, want link.LoadBalancers) ([]elbtypes.LoadBalancer, error) {
	if s.seen != nil {
		all, err := s.allLoadBalancers(ctx)
		return slices.DeleteFunc(slices.Clone(all), func(lb elbtypes.LoadBalancer) bool {
			return !slices.Contains(want.ARNs, sdk.ToString(lb.LoadBalancerArn))
		}), err
	}
	var found []elbtypes.LoadBalancer
	for arns := range slices.Chunk(want.ARNs, describedAtOnce) {
		out, err := s.ELB.DescribeLoadBalancers(ctx, &elasticloadbalancingv2.DescribeLoadBalancersInput{LoadBalancerArns: arns})
		if err != nil {
			return nil, err
		}
		found = append(found, out.LoadBalancers...)
	}
	return found, nil
}

// loadBalancersTagged finds the network load balancers that carry all the tags; blocked when there is none.
func (s *site) loadBalancersTagged(ctx context.Context, want link.LoadBalancers) ([]elbtypes.LoadBalancer, error) {
	networks, err := s.networkLoadBalancers(ctx)
	if err != nil {
		return nil, err
	}
	var found []elbtypes.LoadBalancer
	for _, lb := range networks {
		if carries(lb.tags, want.Tags) {
			found = append(found, lb.LoadBalancer)
		}
	}
	if len(found) == 0 {
		return nil, s.blocked(link.Problem{
			Reason:  link.ReasonLoadBalancerMissing,
			Message: "no network load balancer carries the tags " + showTags(want.Tags),
			Remedy:  "put these tags on the network load balancers of the service, in this account and region",
		}, nil)
	}
	return found, nil
}

// taggedLoadBalancer is a load balancer with its tags.
type taggedLoadBalancer struct {
	elbtypes.LoadBalancer
	tags []elbtypes.Tag
}

// networkLoadBalancers lists the network load balancers of the place, with their tags.
func (s *site) networkLoadBalancers(ctx context.Context) ([]taggedLoadBalancer, error) {
	return shared(s, "network load balancers", func() ([]taggedLoadBalancer, error) {
		all, err := s.allLoadBalancers(ctx)
		if err != nil {
			return nil, err
		}
		networks := map[string]elbtypes.LoadBalancer{}
		var arns []string
		for _, lb := range all {
			if arn := sdk.ToString(lb.LoadBalancerArn); lb.Type == elbtypes.LoadBalancerTypeEnumNetwork {
				networks[arn], arns = lb, append(arns, arn)
			}
		}
		var tagged []taggedLoadBalancer
		for chunk := range slices.Chunk(sets.Sorted(arns), describedAtOnce) {
			out, err := s.ELB.DescribeTags(ctx, &elasticloadbalancingv2.DescribeTagsInput{ResourceArns: chunk})
			if err != nil {
				return nil, err
			}
			for _, d := range out.TagDescriptions {
				tagged = append(tagged, taggedLoadBalancer{networks[sdk.ToString(d.ResourceArn)], d.Tags})
			}
		}
		return tagged, nil
	})
}

func carries(have []elbtypes.Tag, want map[string]string) bool {
	for key, value := range want {
		if !slices.ContainsFunc(have, func(t elbtypes.Tag) bool {
			return sdk.ToString(t.Key) == key && sdk.ToString(t.Value) == value
		}) {
			return false
		}
	}
	return true
}

func showTags(tags map[string]string) string {
	var shown []string
	for key, value := range tags {
		shown = append(shown, key+"="+value)
	}
	return strings.Join(sets.Sorted(shown), ", ")
}

// loadBalancerInUse explains that AWS refuses a load balancer because another service has it: one network load
// balancer backs one endpoint service. It is no problem when that service is the owner's, not listed a moment ago.
func (s *site) loadBalancerInUse(ctx context.Context, owner activities.Owner, arns []string, cause error) error {
	p, _ := classify(cause, s.identity())
	behind, err := s.servicesBehind(ctx, arns)
	if err != nil {
		return s.failed(err)
	}
	for _, c := range behind {
		if ownerOf(c.Tags) == owner {
			return s.pending("service " + sdk.ToString(c.ServiceId) + " has just been made")
		}
		p.Message = fmt.Sprintf("service %s uses the load balancer: %s", sdk.ToString(c.ServiceId), p.Message)
	}
	return s.blocked(p, cause)
}

// servicesBehind are the account's services that use some of the load balancers.
func (s *site) servicesBehind(ctx context.Context, arns []string) ([]ec2types.ServiceConfiguration, error) {
	all, err := s.services(ctx)
	return slices.DeleteFunc(all, func(c ec2types.ServiceConfiguration) bool {
		return !behindAny(c, arns)
	}), err
}
