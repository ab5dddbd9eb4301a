package simaws

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awselb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	awsroute53 "github.com/aws/aws-sdk-go-v2/service/route53"
	route53types "github.com/aws/aws-sdk-go-v2/service/route53/types"
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

// hostedZones makes the zones of an account. Route 53 is global: its resources have no Region.
func (b *builder) hostedZones(ctx context.Context, zones []WorldZone) error {
	for _, zone := range zones {
		if err := b.hostedZone(ctx, zone); err != nil {
			return fmt.Errorf("hosted zone %s: %w", zone.Name, err)
		}
	}
	return nil
}

func (b *builder) hostedZone(ctx context.Context, zone WorldZone) error {
	var vpcs []route53types.VPC
	for _, name := range zone.VPCs {
		region, vpcName, ok := strings.Cut(name, "/")
		if !ok {
			return fmt.Errorf("the VPC %q must be written REGION/NAME", name)
		}
		in := *b
		in.at = region
		id, err := in.find("vpc", vpcName)
		if err != nil {
			return err
		}
		vpcs = append(vpcs, route53types.VPC{VPCId: aws.String(id), VPCRegion: route53types.VPCRegion(region)})
	}
	reference := "world-file/" + b.account + "/" + zone.Name + "/" + strings.Join(zone.VPCs, ",")
	input := &awsroute53.CreateHostedZoneInput{Name: aws.String(zone.Name), CallerReference: aws.String(reference)}
	if zone.Private {
		if len(vpcs) == 0 {
			return fmt.Errorf("a private zone needs a VPC")
		}
		input.HostedZoneConfig = &route53types.HostedZoneConfig{PrivateZone: true}
		input.VPC = &vpcs[0]
		vpcs = vpcs[1:]
	}
	out, err := b.route53.CreateHostedZone(ctx, input, awsroute53.WithAPIOptions(b.seedOf("hosted-zone", reference)...))
	if err != nil {
		return err
	}
	id := strings.TrimPrefix(aws.ToString(out.HostedZone.Id), "/hostedzone/")
	global := *b
	global.at = ""
	global.made("hosted-zone", zone.Name, id)
	for _, vpc := range vpcs {
		input := &awsroute53.AssociateVPCWithHostedZoneInput{HostedZoneId: aws.String(id), VPC: &vpc}
		if _, err := b.route53.AssociateVPCWithHostedZone(ctx, input); err != nil {
			return err
		}
	}
	return nil
}
