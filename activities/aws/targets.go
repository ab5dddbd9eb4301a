package aws

import (
	"context"
	"fmt"
	"net/netip"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// Ingress keeps the targets of a load balancer.
type Ingress struct{ config Config }

var _ activities.Ingress = (*Ingress)(nil)

// NewIngress returns the ingress' steps.
func NewIngress(c Config) *Ingress { return &Ingress{c.withDefaults()} }

// registeredAtOnce is how many targets one call takes. AWS names no limit; the AWS Load Balancer Controller
// sends as many.
const registeredAtOnce = 200

// EnsureTargets implements [activities.Ingress].
func (i *Ingress) EnsureTargets(ctx context.Context, req activities.TargetsRequest) error {
	s, err := i.config.at(ctx, req.Place)
	if err != nil {
		return err
	}
	plan, err := s.targetPlan(ctx, req)
	if err != nil {
		return err
	}
	if err := s.applyTargets(ctx, req.TargetGroup, plan); err != nil {
		return s.failed(err)
	}
	return nil
}

// targetPlan finds what makes the targets of a connection as wanted.
func (s *site) targetPlan(ctx context.Context, req activities.TargetsRequest) (targetPlan, error) {
	group, err := s.targetGroup(ctx, req.TargetGroup)
	if err != nil {
		return targetPlan{}, s.failed(err)
	}
	if group.TargetType != elbtypes.TargetTypeEnumIp {
		return targetPlan{}, s.blocked(link.Problem{
			Reason:  link.ReasonTargetGroupMismatch,
			Message: fmt.Sprintf("target group %s has targets of type %s", req.TargetGroup, group.TargetType),
			Remedy:  "name a target group of target type ip: an endpoint has addresses and no instances",
		}, nil)
	}
	vpc, err := s.vpcBlocks(ctx, sdk.ToString(group.VpcId))
	if err != nil {
		return targetPlan{}, s.failed(err)
	}
	health, err := s.targetHealth(ctx, req.TargetGroup)
	if err != nil {
		return targetPlan{}, s.failed(err)
	}
	plan := planTargets(health, req.Port, req.Wanted, req.Owned, vpc)
	if plan.outside() {
		zones, err := s.zonesForTargets(ctx, group, req.Listener)
		if err != nil {
			return targetPlan{}, s.failed(err)
		}
		if len(zones) > 0 {
			plan.spreadOutside(zones)
		}
	}
	return plan, nil
}

// crossZone is the attribute of a target group that says whether a node sends requests to targets of other zones. For
// application load balancers it is on, unless a group has switched it off (User Guide for Application Load Balancers,
// "Cross-zone load balancing").
const crossZone = "load_balancing.cross_zone.enabled"

// zonesForTargets are the zones of the load balancer that targets outside of the VPC have to be shared out to; none when
// they can be registered for all zones.
func (s *site) zonesForTargets(ctx context.Context, group elbtypes.TargetGroup, listener string) ([]string, error) {
	if group.Protocol != elbtypes.ProtocolEnumHttp && group.Protocol != elbtypes.ProtocolEnumHttps {
		return nil, nil // a group of network load balancers
	}
	attributes, err := s.groupAttributes(ctx, sdk.ToString(group.TargetGroupArn))
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(attributes, func(a elbtypes.TargetGroupAttribute) bool {
		return sdk.ToString(a.Key) == crossZone && sdk.ToString(a.Value) == "false"
	}) {
		return nil, nil
	}
	balancers := group.LoadBalancerArns
	if len(balancers) == 0 && listener != "" {
		l, err := s.httpsListener(ctx, listener)
		if err != nil {
			return nil, err
		}
		balancers = []string{sdk.ToString(l.LoadBalancerArn)}
	}
	found, err := s.loadBalancersNamed(ctx, link.LoadBalancers{ARNs: balancers})
	if err != nil {
		return nil, err
	}
	var zones []string
	for _, lb := range found {
		zones = append(zones, zonesOf(lb)...)
	}
	if len(zones) == 0 {
		return nil, s.blocked(link.Problem{
			Reason: link.ReasonTargetGroupUnused,
			Message: "the endpoint is outside of the VPC of target group " + sdk.ToString(group.TargetGroupArn) +
				", in which cross-zone load balancing is off, and no load balancer uses it whose availability zones the targets could have",
			Remedy: "let a listener or rule forward to the target group, or switch its attribute " + crossZone + " on",
		}, nil)
	}
	return unique(zones), nil
}

// applyTargets registers before it deregisters, so that the group is never without targets in between.
func (s *site) applyTargets(ctx context.Context, group string, plan targetPlan) error {
	for targets := range slices.Chunk(plan.Register, registeredAtOnce) {
		if _, err := s.ELB.RegisterTargets(ctx, &elasticloadbalancingv2.RegisterTargetsInput{
			TargetGroupArn: sdk.String(group), Targets: targets}); err != nil {
			return err
		}
	}
	for targets := range slices.Chunk(plan.Deregister, registeredAtOnce) {
		if _, err := s.ELB.DeregisterTargets(ctx, &elasticloadbalancingv2.DeregisterTargetsInput{
			TargetGroupArn: sdk.String(group), Targets: targets}); err != nil {
			return err
		}
	}
	return nil
}

// AwaitHealthy implements [activities.Ingress].
func (i *Ingress) AwaitHealthy(ctx context.Context, req activities.TargetsRequest) ([]activities.TargetHealth, error) {
	s, err := i.config.at(ctx, req.Place)
	if err != nil {
		return nil, err
	}
	group, err := s.targetHealth(ctx, req.TargetGroup)
	if err != nil {
		return nil, s.failed(err)
	}
	health, v := judgeHealth(group, req.Port, req.Wanted)
	switch {
	case v == allHealthy:
		return health, nil
	case v == groupUnused:
		return nil, s.blocked(link.Problem{
			Reason:  link.ReasonTargetGroupUnused,
			Message: "no load balancer sends traffic to " + showHealth(health),
			Remedy: "let a listener or rule forward to the target group " + req.TargetGroup +
				", and enable the targets' availability zones at its load balancer",
		}, nil)
	case v == someNotPresent && s.age() > s.Patience:
		return nil, activities.Changed("targets are missing from the group: " + showHealth(health))
	case v == someUnhealthy && s.age() > s.Patience:
		return nil, s.blocked(link.Problem{
			Reason:  link.ReasonTargetsUnhealthy,
			Message: "targets fail their health checks: " + showHealth(health),
			Remedy: "let the endpoint's security groups admit the load balancer, and see that the health check of the target group " +
				"fits the service",
		}, nil)
	}
	return nil, s.pending("targets are being checked: " + showHealth(health))
}

// RemoveTargets implements [activities.Ingress].
func (i *Ingress) RemoveTargets(ctx context.Context, req activities.TargetsRequest) error {
	s, err := i.config.at(ctx, req.Place)
	if err != nil {
		return err
	}
	group, err := s.targetHealth(ctx, req.TargetGroup)
	if hasCode(err, "TargetGroupNotFound") {
		return nil
	}
	if err != nil {
		return s.failed(err)
	}
	left := ours(group, req)
	if len(left) == 0 {
		return s.absent(ctx, "a target")
	}
	plan := planTargets(group, req.Port, nil, req.Owned, nil)
	if err := s.applyTargets(ctx, req.TargetGroup, plan); hasCode(err, "TargetGroupNotFound") {
		return nil
	} else if err != nil {
		return s.failed(err)
	}
	return s.removing(ctx, "targets are draining: "+showHealth(left))
}

// ours is the health of the owned targets that are in the group in any state.
func ours(group []elbtypes.TargetHealthDescription, req activities.TargetsRequest) []activities.TargetHealth {
	var left []activities.TargetHealth
	for _, ip := range unique(req.Owned) {
		h, _ := judgeTarget(group, req.Port, ip)
		if h.Reason != string(elbtypes.TargetHealthReasonEnumNotRegistered) {
			left = append(left, h)
		}
	}
	return left
}

func (s *site) targetGroup(ctx context.Context, arn string) (elbtypes.TargetGroup, error) {
	out, err := s.ELB.DescribeTargetGroups(ctx, &elasticloadbalancingv2.DescribeTargetGroupsInput{TargetGroupArns: []string{arn}})
	if err != nil {
		return elbtypes.TargetGroup{}, err
	}
	if len(out.TargetGroups) == 0 {
		return elbtypes.TargetGroup{}, fmt.Errorf("AWS does not describe target group %s", arn)
	}
	return out.TargetGroups[0], nil
}

// targetHealth is the health of every target in a group; AWS answers it in one page.
func (s *site) targetHealth(ctx context.Context, group string) ([]elbtypes.TargetHealthDescription, error) {
	return read(s, "health of "+group, func() ([]elbtypes.TargetHealthDescription, error) {
		out, err := s.ELB.DescribeTargetHealth(ctx, &elasticloadbalancingv2.DescribeTargetHealthInput{TargetGroupArn: sdk.String(group)})
		if err != nil {
			return nil, err
		}
		return out.TargetHealthDescriptions, nil
	})
}

// vpcBlocks are the address blocks of a VPC. A VPC that the account does not see has none: every address is
// outside of it.
func (s *site) vpcBlocks(ctx context.Context, vpc string) ([]netip.Prefix, error) {
	out, err := s.EC2.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{VpcIds: []string{vpc}})
	if hasCode(err, "InvalidVpcID.NotFound") {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var blocks []netip.Prefix
	for _, v := range out.Vpcs {
		for _, a := range v.CidrBlockAssociationSet {
			if a.CidrBlockState != nil && a.CidrBlockState.State != ec2types.VpcCidrBlockStateCodeAssociated {
				continue
			}
			blocks = appendBlock(blocks, a.CidrBlock)
		}
		for _, a := range v.Ipv6CidrBlockAssociationSet {
			blocks = appendBlock(blocks, a.Ipv6CidrBlock)
		}
		blocks = appendBlock(blocks, v.CidrBlock)
	}
	return blocks, nil
}

func appendBlock(blocks []netip.Prefix, cidr *string) []netip.Prefix {
	p, err := netip.ParsePrefix(sdk.ToString(cidr))
	if err != nil {
		return blocks
	}
	return append(blocks, p)
}
