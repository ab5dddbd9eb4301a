package simaws

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	awselb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

const (
	registerTargets = "Elastic Load Balancing API Reference, RegisterTargets"
	targetOf        = "Elastic Load Balancing API Reference, TargetDescription"
)

// targetGroup makes one for addresses in the consumer's VPC "main".
func (tc testCloud) targetGroup(name string, protocol types.ProtocolEnum) *string {
	tc.t.Helper()
	return must(tc.elbOf(consumer).CreateTargetGroup(tc.t.Context(), &awselb.CreateTargetGroupInput{
		Name: &name, VpcId: aws.String(tc.id("consumer", "vpc", "main")), Port: aws.Int32(443), Protocol: protocol, TargetType: types.TargetTypeEnumIp,
	}))(tc.t).TargetGroups[0].TargetGroupArn
}

// registering registers one target in a new group.
func registering(ip, zone string) func(context.Context, testCloud, aws.Config) error {
	return func(ctx context.Context, tc testCloud, config aws.Config) error {
		target := types.TargetDescription{Id: &ip}
		if zone != "" {
			target.AvailabilityZone = &zone
		}
		_, err := awselb.NewFromConfig(config).RegisterTargets(ctx, &awselb.RegisterTargetsInput{TargetGroupArn: tc.targetGroup("ips", types.ProtocolEnumTcp), Targets: []types.TargetDescription{target}})
		return err
	}
}

func TestFidelityWhatElasticLoadBalancingRefuses(t *testing.T) {
	const nowhere = "arn:aws:elasticloadbalancing:us-east-1:222222222222:targetgroup/none/0123456789abcdef"
	for _, fact := range []refusal{
		{"when a target group is missing, it is TargetGroupNotFound", registerTargets, func(ctx context.Context, _ testCloud, c aws.Config) error {
			_, err := awselb.NewFromConfig(c).RegisterTargets(ctx, &awselb.RegisterTargetsInput{TargetGroupArn: aws.String(nowhere), Targets: []types.TargetDescription{{Id: aws.String("10.1.1.9")}}})
			var typed *types.TargetGroupNotFoundException
			if !errors.As(err, &typed) {
				return fmt.Errorf("the SDK has no type for %w", err)
			}
			return err
		}, 400, "TargetGroupNotFound", "not found"},
		{"when the health of a missing target group is asked for, it is TargetGroupNotFound", "Elastic Load Balancing API Reference, DescribeTargetHealth", func(ctx context.Context, _ testCloud, c aws.Config) error {
			_, err := awselb.NewFromConfig(c).DescribeTargetHealth(ctx, &awselb.DescribeTargetHealthInput{TargetGroupArn: aws.String(nowhere)})
			return err
		}, 400, "TargetGroupNotFound", ""},
		{"when a load balancer is missing, it is LoadBalancerNotFound", "Elastic Load Balancing API Reference, DescribeLoadBalancers", func(ctx context.Context, _ testCloud, c aws.Config) error {
			_, err := awselb.NewFromConfig(c).DescribeLoadBalancers(ctx, &awselb.DescribeLoadBalancersInput{Names: []string{"none"}})
			return err
		}, 400, "LoadBalancerNotFound", "none"},
		{"when an address outside the VPC has no zone, it is ValidationError", targetOf, registering("192.168.7.7", ""), 400, "ValidationError", "Availability Zone"},
		{"when an address is public, it is InvalidTarget", `User Guide for Network Load Balancers, "Target groups"`, registering("8.8.8.8", "all"), 400, "InvalidTarget", "8.8.8.8"},
		{"when a load balancer of another service is deleted, it is ResourceInUse", "Elastic Load Balancing API Reference, DeleteLoadBalancer", func(ctx context.Context, tc testCloud, c aws.Config) error {
			tc.publish()
			c.Credentials = tc.config(provider).Credentials
			_, err := awselb.NewFromConfig(c).DeleteLoadBalancer(ctx, &awselb.DeleteLoadBalancerInput{LoadBalancerArn: aws.String(tc.id("provider", "load-balancer", "api"))})
			return err
		}, 400, "ResourceInUse", ""},
	} {
		fact.check(t, consumer, inQuery)
	}
	hurried := refusal{"when a bucket is empty, it is ThrottlingException", `"Request throttling for the Elastic Load Balancing API"`, func(ctx context.Context, _ testCloud, c aws.Config) error {
		client := awselb.NewFromConfig(c)
		for range 40 {
			if _, err := client.DescribeLoadBalancers(ctx, &awselb.DescribeLoadBalancersInput{}); err != nil {
				return err
			}
		}
		_, err := client.DescribeTargetGroups(ctx, &awselb.DescribeTargetGroupsInput{}) // another action, one bucket
		return err
	}, 400, "ThrottlingException", ""}
	hurried.check(t, stranger, inQuery, func(c *Config) { c.World.RequestBuckets.Enabled = true })
}

// Wire codes have no "Exception" at their end, though the SDK's types have (Elastic Load Balancing API Reference,
// "Errors" of each action); an error is in the Query protocol's envelope.
func TestFidelityErrorsOfElasticLoadBalancing(t *testing.T) {
	tc := startCloud(t)
	answer := tc.query(consumer, "elasticloadbalancing", "DescribeTargetHealth", "TargetGroupArn", "arn:aws:elasticloadbalancing:us-east-1:222222222222:targetgroup/none/0123456789abcdef")
	answer.has(t, `<ErrorResponse xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"><Error><Type>Sender</Type><Code>TargetGroupNotFound</Code><Message>`, "<RequestId>")
	answer.lacks(t, "Exception")
}

// The zone of an address in the VPC is found; outside it is what was given (TargetDescription). What is registered is
// all described at once: there are no pages (DescribeTargetHealth).
func TestFidelityTargetsAndTheirHealth(t *testing.T) {
	tc := startCloud(t)
	group := tc.targetGroup("ips", types.ProtocolEnumTcp)
	config, wire := tc.taped(consumer)
	client := awselb.NewFromConfig(config)
	targets := []types.TargetDescription{{Id: aws.String("10.1.1.200")}, {Id: aws.String("192.168.7.7"), AvailabilityZone: aws.String("all")}}
	for i := range 498 {
		targets = append(targets, types.TargetDescription{Id: aws.String("10.1.1.201"), Port: aws.Int32(int32(1000 + i))})
	}
	must(client.RegisterTargets(t.Context(), &awselb.RegisterTargetsInput{TargetGroupArn: group, Targets: targets}))(t)
	if sent := wire.form(t); sent.Get("Targets.member.1.Id") != "10.1.1.200" || sent.Get("Targets.member.2.AvailabilityZone") != "all" {
		t.Errorf("the SDK sends %v", sent)
	}
	described := must(client.DescribeTargetHealth(t.Context(), &awselb.DescribeTargetHealthInput{TargetGroupArn: group}))(t).TargetHealthDescriptions
	if len(described) != 500 || strings.Contains(wire.body, "Marker") || strings.Contains(wire.body, "NextToken") {
		t.Errorf("got %d targets", len(described))
	}
	zone := must(tc.ec2Of(consumer).DescribeSubnets(t.Context(), &awsec2.DescribeSubnetsInput{SubnetIds: []string{tc.id("consumer", "subnet", "main/one")}}))(t).Subnets[0].AvailabilityZone
	wire.has(t, "<Target><Id>10.1.1.200</Id><Port>443</Port><AvailabilityZone>"+*zone+"</AvailabilityZone></Target>",
		"<Target><Id>192.168.7.7</Id><Port>443</Port><AvailabilityZone>all</AvailabilityZone></Target>",
		"<TargetHealth><State>unused</State><Reason>Target.NotInUse</Reason><Description>")
	if got := described[0]; *got.Target.AvailabilityZone != *zone || got.TargetHealth.Reason != types.TargetHealthReasonEnumNotInUse {
		t.Errorf("the SDK has %+v, %+v", got.Target, got.TargetHealth)
	}

	must(client.DeregisterTargets(t.Context(), &awselb.DeregisterTargetsInput{TargetGroupArn: group, Targets: []types.TargetDescription{{Id: aws.String("10.1.1.99")}}}))(t)
	wire.has(t, "<DeregisterTargetsResult></DeregisterTargetsResult>") // what is not registered is no error
	must(client.DescribeTargetHealth(t.Context(), &awselb.DescribeTargetHealthInput{TargetGroupArn: group, Targets: []types.TargetDescription{{Id: aws.String("10.1.1.99")}}}))(t)
	wire.has(t, "<State>unused</State><Reason>Target.NotRegistered</Reason>")
}

// A target in use is initial, then what its checks say, then draining for 300 seconds (TargetHealth;
// TargetGroupAttribute, deregistration_delay).
func TestFidelityReasonsOfHealth(t *testing.T) {
	tc := startCloud(t)
	client := tc.elbOf(consumer)
	endpoint := connected(tc, tc.publish(withoutAcceptance))
	address := *must(tc.ec2Of(consumer).DescribeNetworkInterfaces(t.Context(), &awsec2.DescribeNetworkInterfacesInput{NetworkInterfaceIds: endpoint.NetworkInterfaceIds}))(t).NetworkInterfaces[0].PrivateIpAddress
	front := must(client.CreateLoadBalancer(t.Context(), &awselb.CreateLoadBalancerInput{Name: aws.String("front"), Type: "network", Scheme: "internal", Subnets: endpoint.SubnetIds}))(t).LoadBalancers[0]
	if *front.CanonicalHostedZoneId != "Z26RNL4JYFTOTI" {
		t.Errorf("the load balancer is in the zone %s", *front.CanonicalHostedZoneId)
	}
	group := tc.targetGroup("links", types.ProtocolEnumTcp)
	must(client.CreateListener(t.Context(), &awselb.CreateListenerInput{
		LoadBalancerArn: front.LoadBalancerArn, Port: aws.Int32(443), Protocol: "TCP", DefaultActions: []types.Action{{Type: "forward", TargetGroupArn: group}},
	}))(t)
	must(client.RegisterTargets(t.Context(), &awselb.RegisterTargetsInput{TargetGroupArn: group, Targets: []types.TargetDescription{
		{Id: &address}, {Id: aws.String("10.1.1.250")}, {Id: aws.String("10.1.2.250")}, // the last is in a zone that the load balancer is not
	}}))(t)
	shown := func(id, state, reason string) {
		t.Helper()
		health := "<TargetHealth><State>" + state + "</State>"
		if reason != "" {
			health += "<Reason>" + reason + "</Reason>"
		} else {
			health += "</TargetHealth>"
		}
		tc.query(consumer, "elasticloadbalancing", "DescribeTargetHealth", "TargetGroupArn", *group, "Targets.member.1.Id", id).has(t, health)
	}
	shown(address, "initial", "Elb.RegistrationInProgress") // while the load balancer is provisioned
	shown("10.1.2.250", "unused", "Target.NotInUse")
	tc.advance(2 * time.Minute)
	shown(address, "initial", "Elb.InitialHealthChecking")
	tc.advance(30 * time.Second)
	shown(address, "healthy", "")
	shown("10.1.1.250", "unhealthy", "Target.FailedHealthChecks")
	must(client.DeregisterTargets(t.Context(), &awselb.DeregisterTargetsInput{TargetGroupArn: group, Targets: []types.TargetDescription{{Id: &address}}}))(t)
	tc.advance(299 * time.Second)
	shown(address, "draining", "Target.DeregistrationInProgress")
	tc.advance(2 * time.Second)
	shown(address, "unused", "Target.NotRegistered")
}

// The attributes that matter to a service behind a network load balancer are there, with their defaults (Elastic Load
// Balancing API Reference, LoadBalancerAttribute and TargetGroupAttribute).
func TestFidelityAttributes(t *testing.T) {
	tc := startCloud(t)
	group := tc.targetGroup("ips", types.ProtocolEnumTcp)
	of := func(key, value string) string { return "<Key>" + key + "</Key><Value>" + value + "</Value>" }
	tc.query(consumer, "elasticloadbalancing", "DescribeTargetGroupAttributes", "TargetGroupArn", *group).has(t,
		of("proxy_protocol_v2.enabled", "false"), of("preserve_client_ip.enabled", "false"), of("deregistration_delay.timeout_seconds", "300"))
	tc.query(provider, "elasticloadbalancing", "DescribeLoadBalancerAttributes", "LoadBalancerArn", tc.id("provider", "load-balancer", "api")).has(t,
		of("load_balancing.cross_zone.enabled", "false"))
}
