package simaws

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awselb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

const createTargetGroup = "Elastic Load Balancing API Reference, CreateTargetGroup"

// grouping creates a target group after a change of one that is there already.
func grouping(change func(*awselb.CreateTargetGroupInput)) func(context.Context, testCloud, aws.Config) error {
	return func(ctx context.Context, tc testCloud, config aws.Config) error {
		client := awselb.NewFromConfig(config)
		in := tc.aGroup()
		must(client.CreateTargetGroup(ctx, in))(tc.t)
		change(in)
		_, err := client.CreateTargetGroup(ctx, in)
		return err
	}
}

func (tc testCloud) aGroup() *awselb.CreateTargetGroupInput {
	return &awselb.CreateTargetGroupInput{
		Name: aws.String("links"), VpcId: aws.String(tc.id("consumer", "vpc", "main")), Port: aws.Int32(443), Protocol: types.ProtocolEnumHttps, TargetType: types.TargetTypeEnumIp,
		HealthCheckPath: aws.String("/healthz"), Matcher: &types.Matcher{HttpCode: aws.String("200-299,404")},
	}
}

func TestFidelityWhatTargetGroupsRefuse(t *testing.T) {
	const invalid = "ValidationError"
	for _, fact := range []refusal{
		{"when the name is taken by one with another port, it is DuplicateTargetGroupName", createTargetGroup, grouping(func(in *awselb.CreateTargetGroupInput) { in.Port = aws.Int32(8443) }), 400, "DuplicateTargetGroupName", "links"},
		{"when the health checks are others, it is DuplicateTargetGroupName", createTargetGroup, grouping(func(in *awselb.CreateTargetGroupInput) { in.HealthCheckPath = aws.String("/") }), 400, "DuplicateTargetGroupName", "links"},
		{"when health checks are switched off, it is refused", createTargetGroup, grouping(func(in *awselb.CreateTargetGroupInput) { in.HealthCheckEnabled = aws.Bool(false) }), 400, invalid, "'ip'"},
		{"when HTTPS is checked over TCP, it is refused", createTargetGroup, grouping(func(in *awselb.CreateTargetGroupInput) { in.HealthCheckProtocol = types.ProtocolEnumTcp }), 400, invalid, "TCP"},
		{"when a path has no slash, it is refused", createTargetGroup, grouping(func(in *awselb.CreateTargetGroupInput) { in.HealthCheckPath = aws.String("healthz") }), 400, invalid, "healthz"},
		{"when a code is 600, it is refused", "Elastic Load Balancing API Reference, Matcher", grouping(func(in *awselb.CreateTargetGroupInput) { in.Matcher.HttpCode = aws.String("600") }), 400, invalid, "600"},
		{"when a protocol version is unknown, it is refused", createTargetGroup, grouping(func(in *awselb.CreateTargetGroupInput) { in.ProtocolVersion = aws.String("HTTP3") }), 400, invalid, "HTTP3"},
		{"when a gRPC group matches HTTP codes, it is refused", "Elastic Load Balancing API Reference, Matcher", grouping(func(in *awselb.CreateTargetGroupInput) { in.ProtocolVersion = aws.String("GRPC") }), 400, invalid, "HttpCode"},
	} {
		fact.check(t, consumer, inQuery)
	}
}

// Who creates a group again with the same settings gets the one that is there (CreateTargetGroup).
func TestFidelityTargetGroups(t *testing.T) {
	tc := startCloud(t)
	config, wire := tc.taped(consumer)
	client := awselb.NewFromConfig(config)
	made := must(client.CreateTargetGroup(t.Context(), tc.aGroup()))(t).TargetGroups[0]
	wire.has(t, "<ProtocolVersion>HTTP1</ProtocolVersion>", "<HealthCheckProtocol>HTTP</HealthCheckProtocol>", "<HealthCheckPort>traffic-port</HealthCheckPort>",
		"<HealthCheckTimeoutSeconds>5</HealthCheckTimeoutSeconds>", "<Matcher><HttpCode>200-299,404</HttpCode></Matcher>")
	if again := must(client.CreateTargetGroup(t.Context(), tc.aGroup()))(t).TargetGroups[0]; *again.TargetGroupArn != *made.TargetGroupArn {
		t.Errorf("created again it is %s, not %s", *again.TargetGroupArn, *made.TargetGroupArn)
	}
	grpc := tc.aGroup()
	grpc.Name, grpc.ProtocolVersion, grpc.HealthCheckPath, grpc.Matcher = aws.String("grpc"), aws.String("GRPC"), nil, nil
	must(client.CreateTargetGroup(t.Context(), grpc))(t)
	wire.has(t, "<HealthCheckPath>/AWS.ALB/healthcheck</HealthCheckPath>", "<Matcher><GrpcCode>12</GrpcCode></Matcher>")
	changed := must(client.ModifyTargetGroup(t.Context(), &awselb.ModifyTargetGroupInput{TargetGroupArn: made.TargetGroupArn, HealthCheckIntervalSeconds: aws.Int32(10)}))(t).TargetGroups[0]
	if *changed.HealthCheckIntervalSeconds != 10 || *changed.HealthCheckPath != "/healthz" || *changed.Matcher.HttpCode != "200-299,404" {
		t.Errorf("changed it is %+v", changed)
	}
}

// With cross-zone load balancing off, a target outside the VPC takes traffic in a zone that the load balancer has, and
// none in another, nor in all (TargetDescription; TargetHealth, Target.NotInUse). It drains as long as the group says.
func TestFidelityTargetsOfOneZone(t *testing.T) {
	f := startFront(t)
	set := func(key, value string) {
		t.Helper()
		must(f.elb.ModifyTargetGroupAttributes(t.Context(), &awselb.ModifyTargetGroupAttributesInput{TargetGroupArn: &f.group, Attributes: []types.TargetGroupAttribute{{Key: &key, Value: &value}}}))(t)
	}
	set("load_balancing.cross_zone.enabled", "false")
	set("deregistration_delay.timeout_seconds", "20")
	balancer := must(f.elb.DescribeLoadBalancers(t.Context(), &awselb.DescribeLoadBalancersInput{LoadBalancerArns: []string{f.loadBalancer}}))(t).LoadBalancers[0]
	has := map[string]bool{}
	for _, zone := range balancer.AvailabilityZones {
		has[*zone.ZoneName] = true
	}
	for i, letter := range []string{"a", "b", "c", "d", "e", "f"} {
		zone := "us-east-1" + letter
		target := types.TargetDescription{Id: aws.String(fmt.Sprintf("192.168.7.%d", i)), AvailabilityZone: &zone}
		must(f.elb.RegisterTargets(t.Context(), &awselb.RegisterTargetsInput{TargetGroupArn: &f.group, Targets: []types.TargetDescription{target}}))(t)
		health := must(f.elb.DescribeTargetHealth(t.Context(), &awselb.DescribeTargetHealthInput{TargetGroupArn: &f.group, Targets: []types.TargetDescription{target}}))(t).TargetHealthDescriptions[0].TargetHealth
		if unused := health.Reason == types.TargetHealthReasonEnumNotInUse; unused == has[zone] {
			t.Errorf("in %s, which the load balancer has: %t, the target is %s", zone, has[zone], health.State)
		}
	}
	_, err := f.elb.RegisterTargets(t.Context(), &awselb.RegisterTargetsInput{TargetGroupArn: &f.group, Targets: []types.TargetDescription{{Id: aws.String("192.168.7.9"), AvailabilityZone: aws.String("all")}}})
	wantError(t, err, "ValidationError")
	left := func() int {
		return len(must(f.elb.DescribeTargetHealth(t.Context(), &awselb.DescribeTargetHealthInput{TargetGroupArn: &f.group}))(t).TargetHealthDescriptions)
	}
	f.inject(Fault{Resource: f.group, Effect: EffectChange, Change: map[string]string{"Action": "DeregisterTargets"}})
	if n := left(); n != len(has) {
		t.Errorf("%d targets drain, want %d: those that had traffic", n, len(has))
	}
	f.advance(20 * time.Second)
	if n := left(); n != 0 {
		t.Errorf("%d targets are left", n)
	}
}
