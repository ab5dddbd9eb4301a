package simaws

import (
	"cmp"
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	awselb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

func (b *builder) targetGroup(ctx context.Context, group WorldTargetGroup) error {
	vpc, err := b.find("vpc", group.VPC)
	if err != nil {
		return err
	}
	out, err := b.elb.CreateTargetGroup(ctx, &awselb.CreateTargetGroupInput{
		Name: aws.String(group.Name), VpcId: aws.String(vpc), Port: aws.Int32(group.Port), Protocol: elbtypes.ProtocolEnum(group.Protocol),
		TargetType: elbtypes.TargetTypeEnum(cmp.Or(group.TargetType, "ip")),
	}, awselb.WithAPIOptions(b.seedOf("target-group", group.Name)...))
	if err != nil {
		return err
	}
	b.made("target-group", group.Name, aws.ToString(out.TargetGroups[0].TargetGroupArn))
	return nil
}

func (b *builder) loadBalancer(ctx context.Context, kind string, balancer WorldLoadBalancer) error {
	subnets, err := b.findAll("subnet", balancer.Subnets)
	if err != nil {
		return err
	}
	groups, err := b.findAll("security-group", balancer.SecurityGroups)
	if err != nil {
		return err
	}
	out, err := b.elb.CreateLoadBalancer(ctx, &awselb.CreateLoadBalancerInput{
		Name: aws.String(balancer.Name), Type: elbtypes.LoadBalancerTypeEnum(kind), Subnets: subnets, SecurityGroups: groups,
		Scheme:        elbtypes.LoadBalancerSchemeEnum(cmp.Or(balancer.Scheme, "internal")),
		IpAddressType: elbtypes.IpAddressType(cmp.Or(balancer.IPAddressType, "ipv4")),
	}, awselb.WithAPIOptions(b.seedOf("load-balancer", balancer.Name)...))
	if err != nil {
		return err
	}
	arn := out.LoadBalancers[0].LoadBalancerArn
	b.made("load-balancer", balancer.Name, aws.ToString(arn))
	for _, listener := range balancer.Listeners {
		if err := b.listener(ctx, arn, balancer.Name, listener); err != nil {
			return fmt.Errorf("listener %d: %w", listener.Port, err)
		}
	}
	return nil
}

func (b *builder) listener(ctx context.Context, loadBalancer *string, name string, listener WorldListener) error {
	group, err := b.find("target-group", listener.TargetGroup)
	if err != nil {
		return err
	}
	_, err = b.elb.CreateListener(ctx, &awselb.CreateListenerInput{
		LoadBalancerArn: loadBalancer, Port: aws.Int32(listener.Port), Protocol: elbtypes.ProtocolEnum(listener.Protocol),
		DefaultActions: []elbtypes.Action{{Type: elbtypes.ActionTypeEnumForward, TargetGroupArn: aws.String(group)}},
	}, awselb.WithAPIOptions(b.seedOf("listener", fmt.Sprintf("%s:%d", name, listener.Port))...))
	return err
}
