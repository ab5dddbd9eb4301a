package aws

import (
	"context"
	"fmt"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// fullBalancerPage is how much comes in one answer of Elastic Load Balancing at the most (API Reference, PageSize).
var fullBalancerPage = sdk.Int32(400)

// allLoadBalancers lists the load balancers of the place.
func (s *site) allLoadBalancers(ctx context.Context) ([]elbtypes.LoadBalancer, error) {
	return shared(s, "load balancers", func() ([]elbtypes.LoadBalancer, error) {
		var all []elbtypes.LoadBalancer
		pages := elasticloadbalancingv2.NewDescribeLoadBalancersPaginator(s.ELB,
			&elasticloadbalancingv2.DescribeLoadBalancersInput{PageSize: fullBalancerPage})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			all = append(all, page.LoadBalancers...)
		}
		return all, nil
	})
}

// describedListener looks at a listener. In a snapshot, those that somebody stands by are asked for together; when one of
// them is gone, AWS describes none, and they are asked for alone.
func (s *site) describedListener(ctx context.Context, arn string) (elbtypes.Listener, error) {
	if s.seen != nil {
		together, err := s.wantedListeners(ctx)
		if err != nil {
			return elbtypes.Listener{}, err
		}
		if i := slices.IndexFunc(together, func(l elbtypes.Listener) bool { return sdk.ToString(l.ListenerArn) == arn }); i >= 0 {
			return together[i], nil
		}
	}
	return shared(s, "listener "+arn, func() (elbtypes.Listener, error) {
		out, err := s.ELB.DescribeListeners(ctx, &elasticloadbalancingv2.DescribeListenersInput{ListenerArns: []string{arn}})
		if err != nil {
			return elbtypes.Listener{}, err
		}
		if len(out.Listeners) == 0 {
			return elbtypes.Listener{}, fmt.Errorf("AWS does not describe listener %s", arn)
		}
		return out.Listeners[0], nil
	})
}

func (s *site) wantedListeners(ctx context.Context) ([]elbtypes.Listener, error) {
	return shared(s, "listeners", func() ([]elbtypes.Listener, error) {
		var all []elbtypes.Listener
		for arns := range slices.Chunk(s.seen.wanted.listeners, describedAtOnce) {
			out, err := s.ELB.DescribeListeners(ctx, &elasticloadbalancingv2.DescribeListenersInput{ListenerArns: arns})
			switch {
			case hasCode(err, "ListenerNotFound"):
			case err != nil:
				return nil, err
			default:
				all = append(all, out.Listeners...)
			}
		}
		return all, nil
	})
}

// ownTargetGroups lists the target groups of the place that may be a flow's, by their names, and reads whose they are.
func (s *site) ownTargetGroups(ctx context.Context) ([]elbtypes.TargetGroup, error) {
	return shared(s, "target groups", func() ([]elbtypes.TargetGroup, error) {
		var own []elbtypes.TargetGroup
		var arns []string
		pages := elasticloadbalancingv2.NewDescribeTargetGroupsPaginator(s.ELB,
			&elasticloadbalancingv2.DescribeTargetGroupsInput{PageSize: fullBalancerPage})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			for _, g := range page.TargetGroups {
				if namedByUs(sdk.ToString(g.TargetGroupName)) {
					own, arns = append(own, g), append(arns, sdk.ToString(g.TargetGroupArn))
				}
			}
		}
		_, err := s.owners(ctx, arns)
		return own, err
	})
}
