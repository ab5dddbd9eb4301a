package simaws

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	awselb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	awsiam "github.com/aws/aws-sdk-go-v2/service/iam"
)

// TestFiltersFindWhatTheyName runs each filter of each Describe with a value that fits and one that does not.
func TestFiltersFindWhatTheyName(t *testing.T) {
	tc := startCloud(t)
	service := tc.publish()
	input := tc.connectInput(service)
	input.SecurityGroupIds = []string{tc.id("consumer", "security-group", "main/https")}
	endpoint := must(tc.ec2Of(consumer).CreateVpcEndpoint(t.Context(), input))(t).VpcEndpoint
	vpc, subnet := *input.VpcId, input.SubnetIds[0]
	client := tc.ec2Of(consumer)
	type describe func(context.Context, []types.Filter) (int, error)
	vpcs := func(ctx context.Context, f []types.Filter) (int, error) {
		out, err := client.DescribeVpcs(ctx, &awsec2.DescribeVpcsInput{Filters: f})
		return len(out.Vpcs), err
	}
	subnets := func(ctx context.Context, f []types.Filter) (int, error) {
		out, err := client.DescribeSubnets(ctx, &awsec2.DescribeSubnetsInput{Filters: f})
		return len(out.Subnets), err
	}
	groups := func(ctx context.Context, f []types.Filter) (int, error) {
		out, err := client.DescribeSecurityGroups(ctx, &awsec2.DescribeSecurityGroupsInput{Filters: f})
		return len(out.SecurityGroups), err
	}
	rules := func(ctx context.Context, f []types.Filter) (int, error) {
		out, err := client.DescribeSecurityGroupRules(ctx, &awsec2.DescribeSecurityGroupRulesInput{Filters: f})
		return len(out.SecurityGroupRules), err
	}
	interfaces := func(ctx context.Context, f []types.Filter) (int, error) {
		out, err := client.DescribeNetworkInterfaces(ctx, &awsec2.DescribeNetworkInterfacesInput{Filters: f})
		return len(out.NetworkInterfaces), err
	}
	zones := func(ctx context.Context, f []types.Filter) (int, error) {
		out, err := client.DescribeAvailabilityZones(ctx, &awsec2.DescribeAvailabilityZonesInput{Filters: f})
		return len(out.AvailabilityZones), err
	}
	regions := func(ctx context.Context, f []types.Filter) (int, error) {
		out, err := client.DescribeRegions(ctx, &awsec2.DescribeRegionsInput{Filters: f})
		return len(out.Regions), err
	}
	offers := func(ctx context.Context, f []types.Filter) (int, error) {
		out, err := client.DescribeVpcEndpointServices(ctx, &awsec2.DescribeVpcEndpointServicesInput{Filters: f})
		return len(out.ServiceDetails), err
	}
	connections := func(ctx context.Context, f []types.Filter) (int, error) {
		out, err := tc.ec2Of(provider).DescribeVpcEndpointConnections(ctx, &awsec2.DescribeVpcEndpointConnectionsInput{Filters: f})
		return len(out.VpcEndpointConnections), err
	}
	for _, test := range []struct {
		what     string
		describe describe
		filter   string
		value    string
		want     int
	}{
		{"VPCs", vpcs, "cidr", "10.1.0.0/16", 1},
		{"VPCs", vpcs, "tag:Name", "main", 1},
		{"VPCs", vpcs, "is-default", "true", 0},
		{"VPCs", vpcs, "owner-id", consumer, 2},
		{"subnets", subnets, "vpc-id", vpc, 4},
		{"subnets", subnets, "availability-zone-id", "use1-az1", 3},
		{"subnets", subnets, "availabilityZone", "us-east-1z", 0},
		{"subnets", subnets, "cidr-block", "10.1.1.0/24", 1},
		{"subnets", subnets, "available-ip-address-count", "250", 1}, // of 251, the endpoint has one
		{"security groups", groups, "group-name", "default", 2},
		{"security groups", groups, "group-id", input.SecurityGroupIds[0], 1},
		{"rules", rules, "group-id", input.SecurityGroupIds[0], 2},
		{"network interfaces", interfaces, "subnet-id", subnet, 1},
		{"network interfaces", interfaces, "group-id", input.SecurityGroupIds[0], 1},
		{"network interfaces", interfaces, "addresses.private-ip-address", "10.1.1.4", 1},
		{"network interfaces", interfaces, "description", "VPC Endpoint Interface " + *endpoint.VpcEndpointId, 1},
		{"network interfaces", interfaces, "interface-type", "lambda", 0},
		{"network interfaces", interfaces, "attachment.instance-id", "*", 0},
		{"zones", zones, "zone-id", "use1-az?", 6},
		{"Regions", regions, "region-name", "us-*", 4},
		{"services", offers, "owner", provider, 1},
		{"services", offers, "service-type", "Gateway", 0},
		{"services", offers, "service-region", region, 1},
		{"connections", connections, "vpc-endpoint-owner", consumer, 1},
		{"connections", connections, "vpc-endpoint-id", *endpoint.VpcEndpointId, 1},
		{"connections", connections, "vpc-endpoint-state", "available", 0},
	} {
		t.Run(test.what+" by "+test.filter, func(t *testing.T) {
			got, err := test.describe(t.Context(), []types.Filter{{Name: &test.filter, Values: []string{test.value}}})
			if err != nil || got != test.want {
				t.Errorf("got %d (%v), want %d", got, err, test.want)
			}
		})
	}
}

func TestSecurityGroupLife(t *testing.T) {
	tc := startCloud(t)
	ctx, client := t.Context(), tc.ec2Of(consumer)
	group := must(client.CreateSecurityGroup(ctx, &awsec2.CreateSecurityGroupInput{
		VpcId: aws.String(tc.id("consumer", "vpc", "main")), GroupName: aws.String("web"), Description: aws.String("web"),
	}))(t).GroupId
	peer := tc.id("consumer", "security-group", "main/https")
	made := must(client.AuthorizeSecurityGroupIngress(ctx, &awsec2.AuthorizeSecurityGroupIngressInput{
		GroupId: group, IpPermissions: []types.IpPermission{{
			IpProtocol: aws.String("6"), FromPort: aws.Int32(80), ToPort: aws.Int32(80),
			IpRanges:         []types.IpRange{{CidrIp: aws.String("10.0.0.0/8"), Description: aws.String("all of us")}},
			UserIdGroupPairs: []types.UserIdGroupPair{{GroupId: &peer}},
		}},
		TagSpecifications: []types.TagSpecification{{ResourceType: types.ResourceTypeSecurityGroupRule, Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}}},
	}))(t).SecurityGroupRules
	if len(made) != 2 || *made[0].IpProtocol != "tcp" || *made[1].ReferencedGroupInfo.GroupId != peer || len(made[0].Tags) != 1 {
		t.Fatalf("got the rules %+v", made)
	}
	shown := must(client.DescribeSecurityGroups(ctx, &awsec2.DescribeSecurityGroupsInput{GroupIds: []string{*group}}))(t).SecurityGroups[0]
	if len(shown.IpPermissions) != 1 || len(shown.IpPermissions[0].IpRanges) != 1 || len(shown.IpPermissions[0].UserIdGroupPairs) != 1 {
		t.Errorf("got the permissions %+v", shown.IpPermissions)
	}
	_, err := client.DeleteSecurityGroup(ctx, &awsec2.DeleteSecurityGroupInput{GroupId: &peer})
	wantError(t, err, "DependencyViolation") // a rule refers to it
	must(client.RevokeSecurityGroupIngress(ctx, &awsec2.RevokeSecurityGroupIngressInput{GroupId: group, SecurityGroupRuleIds: []string{*made[1].SecurityGroupRuleId}}))(t)
	must(client.RevokeSecurityGroupEgress(ctx, &awsec2.RevokeSecurityGroupEgressInput{
		GroupId: group, IpPermissions: []types.IpPermission{{IpProtocol: aws.String("-1"), IpRanges: []types.IpRange{{CidrIp: aws.String("0.0.0.0/0")}}}},
	}))(t)
	must(client.DeleteSecurityGroup(ctx, &awsec2.DeleteSecurityGroupInput{GroupId: &peer}))(t)
	left := must(client.DescribeSecurityGroupRules(ctx, &awsec2.DescribeSecurityGroupRulesInput{Filters: []types.Filter{{Name: aws.String("group-id"), Values: []string{*group}}}}))(t)
	if len(left.SecurityGroupRules) != 1 {
		t.Errorf("got the rules %+v", left.SecurityGroupRules)
	}
}

func TestWhatClientsAskAtTheirStart(t *testing.T) {
	tc := startCloud(t)
	ctx := t.Context()
	client := awsiam.NewFromConfig(tc.config(consumer))
	user := must(client.GetUser(ctx, &awsiam.GetUserInput{}))(t).User
	if *user.UserName != "admin" || *user.Arn != "arn:aws:iam::222222222222:user/admin" {
		t.Errorf("got the user %+v", user)
	}
	_, err := client.GetUser(ctx, &awsiam.GetUserInput{UserName: aws.String("nobody")})
	wantError(t, err, "NoSuchEntity")
	must(client.GetRole(ctx, &awsiam.GetRoleInput{RoleName: aws.String("linkwright")}))(t)
	_, err = client.GetRole(ctx, &awsiam.GetRoleInput{RoleName: aws.String("nobody")})
	wantError(t, err, "NoSuchEntity")
	must(client.ListAccountAliases(ctx, &awsiam.ListAccountAliasesInput{}))(t)
	attributes := must(tc.ec2Of(consumer).DescribeAccountAttributes(ctx, &awsec2.DescribeAccountAttributesInput{}))(t)
	if len(attributes.AccountAttributes) != 2 {
		t.Errorf("got the attributes %+v", attributes.AccountAttributes)
	}
	must(tc.ec2Of(consumer).DescribePrefixLists(ctx, &awsec2.DescribePrefixListsInput{}))(t)
}

func TestLoadBalancersAndEndpointsKnowOfEachOther(t *testing.T) {
	tc := startCloud(t)
	ctx := t.Context()
	service := tc.publish(withoutAcceptance)
	balancer := tc.id("provider", "load-balancer", "api")
	_, err := tc.elbOf(provider).DeleteLoadBalancer(ctx, &awselb.DeleteLoadBalancerInput{LoadBalancerArn: &balancer})
	wantError(t, err, "ResourceInUse")

	// A consumer's load balancer finds the endpoint's address healthy while the endpoint is available.
	client, endpoint := tc.elbOf(consumer), tc.connect(service)
	address := must(tc.ec2Of(consumer).DescribeNetworkInterfaces(ctx, &awsec2.DescribeNetworkInterfacesInput{NetworkInterfaceIds: endpoint.NetworkInterfaceIds}))(t).NetworkInterfaces[0].PrivateIpAddress
	group := must(client.CreateTargetGroup(ctx, &awselb.CreateTargetGroupInput{
		Name: aws.String("links"), VpcId: aws.String(tc.id("consumer", "vpc", "main")), Port: aws.Int32(443), Protocol: elbtypes.ProtocolEnumTcp, TargetType: elbtypes.TargetTypeEnumIp,
	}))(t).TargetGroups[0].TargetGroupArn
	front := must(client.CreateLoadBalancer(ctx, &awselb.CreateLoadBalancerInput{
		Name: aws.String("front"), Type: elbtypes.LoadBalancerTypeEnumNetwork, Scheme: elbtypes.LoadBalancerSchemeEnumInternal, Subnets: endpoint.SubnetIds,
	}))(t).LoadBalancers[0].LoadBalancerArn
	must(client.CreateListener(ctx, &awselb.CreateListenerInput{
		LoadBalancerArn: front, Port: aws.Int32(443), Protocol: elbtypes.ProtocolEnumTcp,
		DefaultActions: []elbtypes.Action{{Type: elbtypes.ActionTypeEnumForward, TargetGroupArn: group}},
	}))(t)
	must(client.RegisterTargets(ctx, &awselb.RegisterTargetsInput{TargetGroupArn: group, Targets: []elbtypes.TargetDescription{{Id: address}}}))(t)
	health := func() elbtypes.TargetHealthStateEnum {
		return must(client.DescribeTargetHealth(ctx, &awselb.DescribeTargetHealthInput{TargetGroupArn: group}))(t).TargetHealthDescriptions[0].TargetHealth.State
	}
	tc.advance(10 * time.Minute)
	if got := health(); got != elbtypes.TargetHealthStateEnumHealthy {
		t.Errorf("with the endpoint available the target is %s", got)
	}
	must(tc.ec2Of(provider).RejectVpcEndpointConnections(ctx, &awsec2.RejectVpcEndpointConnectionsInput{ServiceId: service.ServiceId, VpcEndpointIds: []string{*endpoint.VpcEndpointId}}))(t)
	tc.advance(10 * time.Minute)
	if got := health(); got != elbtypes.TargetHealthStateEnumUnhealthy {
		t.Errorf("with the endpoint rejected the target is %s", got)
	}
}
