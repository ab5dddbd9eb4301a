package inventory

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/wafv2"
)

// groups are target groups, and the targets that are registered in them.
func groups(ctx context.Context, cfg aws.Config) (Inventory, error) {
	var all Inventory
	client := elasticloadbalancingv2.NewFromConfig(cfg)
	pages := elasticloadbalancingv2.NewDescribeTargetGroupsPaginator(client, &elasticloadbalancingv2.DescribeTargetGroupsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, g := range page.TargetGroups {
			all = append(all, Item{Kind: TargetGroup, ID: aws.ToString(g.TargetGroupArn)})
			health, err := client.DescribeTargetHealth(ctx, &elasticloadbalancingv2.DescribeTargetHealthInput{TargetGroupArn: g.TargetGroupArn})
			if err != nil {
				return nil, err
			}
			for _, t := range health.TargetHealthDescriptions {
				all = append(all, Item{Kind: Target, ID: aws.ToString(t.Target.Id), Detail: "in " + aws.ToString(g.TargetGroupName)})
			}
		}
	}
	return all, mark(ctx, client, all, TargetGroup)
}

// routes are what stands before application load balancers, and at their listeners.
func routes(ctx context.Context, cfg aws.Config) (Inventory, error) {
	var all Inventory
	client := elasticloadbalancingv2.NewFromConfig(cfg)
	pages := elasticloadbalancingv2.NewDescribeLoadBalancersPaginator(client, &elasticloadbalancingv2.DescribeLoadBalancersInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, b := range page.LoadBalancers {
			if b.Type != elbtypes.LoadBalancerTypeEnumApplication {
				continue
			}
			found, err := before(ctx, cfg, b.LoadBalancerArn)
			if err != nil {
				return nil, err
			}
			at, err := listeners(ctx, client, b.LoadBalancerArn)
			if err != nil {
				return nil, err
			}
			all = slices.Concat(all, found, at)
		}
	}
	return all, mark(ctx, client, all, Rule)
}

// before is the web ACL that protects a load balancer.
func before(ctx context.Context, cfg aws.Config, balancer *string) (Inventory, error) {
	out, err := wafv2.NewFromConfig(cfg).GetWebACLForResource(ctx, &wafv2.GetWebACLForResourceInput{ResourceArn: balancer})
	if err != nil || out.WebACL == nil {
		return nil, err
	}
	return Inventory{{Kind: WebACL, ID: aws.ToString(out.WebACL.ARN), Detail: "before " + aws.ToString(balancer)}}, nil
}

// listeners are the rules and certificates at the listeners of a load balancer, but for the defaults.
func listeners(ctx context.Context, client *elasticloadbalancingv2.Client, balancer *string) (Inventory, error) {
	var all Inventory
	pages := elasticloadbalancingv2.NewDescribeListenersPaginator(client, &elasticloadbalancingv2.DescribeListenersInput{LoadBalancerArn: balancer})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, l := range page.Listeners {
			found, err := rules(ctx, client, l.ListenerArn)
			if err != nil {
				return nil, err
			}
			all = append(all, found...)
			if l.Protocol != elbtypes.ProtocolEnumHttps {
				continue
			}
			if found, err = certificates(ctx, client, l.ListenerArn); err != nil {
				return nil, err
			}
			all = append(all, found...)
		}
	}
	return all, nil
}

func rules(ctx context.Context, client *elasticloadbalancingv2.Client, listener *string) (Inventory, error) {
	var all Inventory
	pages := elasticloadbalancingv2.NewDescribeRulesPaginator(client, &elasticloadbalancingv2.DescribeRulesInput{ListenerArn: listener})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, r := range page.Rules {
			if !aws.ToBool(r.IsDefault) {
				all = append(all, Item{Kind: Rule, ID: aws.ToString(r.RuleArn)})
			}
		}
	}
	return all, nil
}

func certificates(ctx context.Context, client *elasticloadbalancingv2.Client, listener *string) (Inventory, error) {
	var all Inventory
	pages := elasticloadbalancingv2.NewDescribeListenerCertificatesPaginator(client, &elasticloadbalancingv2.DescribeListenerCertificatesInput{ListenerArn: listener})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, c := range page.Certificates {
			if !aws.ToBool(c.IsDefault) {
				all = append(all, Item{Kind: Certificate, ID: aws.ToString(c.CertificateArn), Detail: "at " + aws.ToString(listener)})
			}
		}
	}
	return all, nil
}

// markedAtOnce is how many resources one call tells the tags of (Elastic Load Balancing API Reference, DescribeTags).
const markedAtOnce = 20

// mark writes down who owns the items of a kind.
func mark(ctx context.Context, client *elasticloadbalancingv2.Client, all Inventory, kind string) error {
	owners := map[string]string{}
	for some := range slices.Chunk(all.Of(kind), markedAtOnce) {
		var arns []string
		for _, i := range some {
			arns = append(arns, i.ID)
		}
		out, err := client.DescribeTags(ctx, &elasticloadbalancingv2.DescribeTagsInput{ResourceArns: arns})
		if err != nil {
			return err
		}
		for _, d := range out.TagDescriptions {
			for _, t := range d.Tags {
				if aws.ToString(t.Key) == ownerTag {
					owners[aws.ToString(d.ResourceArn)] = aws.ToString(t.Value)
				}
			}
		}
	}
	for i := range all {
		if all[i].Kind == kind {
			all[i].Owner = owners[all[i].ID]
		}
	}
	return nil
}
