package elbv2_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/linkwright/linkwright/internal/simaws/sim"
	"github.com/linkwright/linkwright/internal/simaws/simtest"
)

func target(ip, zone string) types.TargetDescription {
	d := types.TargetDescription{Id: &ip}
	if zone != "" {
		d.AvailabilityZone = &zone
	}
	return d
}

func (w *world) register(tg string, targets ...types.TargetDescription) error {
	_, err := w.client.RegisterTargets(w.t.Context(), &sdk.RegisterTargetsInput{TargetGroupArn: &tg, Targets: targets})
	return err
}

func (w *world) deregister(tg string, targets ...types.TargetDescription) {
	w.t.Helper()
	if _, err := w.client.DeregisterTargets(w.t.Context(), &sdk.DeregisterTargetsInput{TargetGroupArn: &tg, Targets: targets}); err != nil {
		w.t.Fatal(err)
	}
}

// health is each target's state and reason, "initial Elb.RegistrationInProgress".
func (w *world) health(tg string, asked ...types.TargetDescription) map[string]string {
	w.t.Helper()
	out, err := w.client.DescribeTargetHealth(w.t.Context(), &sdk.DescribeTargetHealthInput{TargetGroupArn: &tg, Targets: asked})
	if err != nil {
		w.t.Fatal(err)
	}
	got := map[string]string{}
	for _, d := range out.TargetHealthDescriptions {
		got[*d.Target.Id] = string(d.TargetHealth.State)
		if d.TargetHealth.Reason != "" {
			got[*d.Target.Id] += " " + string(d.TargetHealth.Reason)
		}
	}
	return got
}

func TestRegisterTargetsRules(t *testing.T) {
	w := newWorld(t)
	tg := w.targetGroup("ips", types.ProtocolEnumTcp)
	tests := []struct {
		when string
		ip   string
		zone string
		code string
	}{
		{"when the address is in the VPC, it needs no zone", "10.0.1.9", "", ""},
		{"when the address is outside, it is taken for all zones", "10.8.0.1", "all", ""},
		{"when the address is outside, it is taken for a zone", "192.168.0.1", "eu-west-1a", ""},
		{"when the address is outside and has no zone, it is refused", "10.8.0.2", "", "ValidationError"},
		{"when the zone is of another region, it is refused", "10.8.0.2", "us-east-1a", "ValidationError"},
		{"when the address is public, it is refused", "8.8.8.8", "all", "InvalidTarget"},
		{"when the address is none, it is refused", "i-0123", "", "ValidationError"},
		{"when the address is of another family, it is refused", "2001:db8::1", "all", "ValidationError"},
	}
	for _, tt := range tests {
		t.Run(tt.when, func(t *testing.T) {
			if err := w.register(tg, target(tt.ip, tt.zone)); simtest.Code(err) != tt.code {
				t.Errorf("%v, want %q", err, tt.code)
			}
			if _, registered := w.health(tg)[tt.ip]; registered != (tt.code == "") {
				t.Errorf("registered: %t", registered)
			}
		})
	}
	t.Run("when one of several is refused, none is registered", func(t *testing.T) {
		before := len(w.health(tg))
		if err := w.register(tg, target("10.0.1.10", ""), target("8.8.8.8", "all")); err == nil {
			t.Error("registered a public address")
		}
		if got := len(w.health(tg)); got != before {
			t.Errorf("%d targets, want %d", got, before)
		}
	})
	t.Run("when the group is full, it is too many", func(t *testing.T) {
		w.limit(sim.QuotaTargetsPerGroup, len(w.health(tg)))
		if err := w.register(tg, target("10.0.1.11", "")); simtest.Code(err) != "TooManyTargets" {
			t.Errorf("%v, want TooManyTargets", err)
		}
		if err := w.register(tg, target("10.0.1.9", "")); err != nil {
			t.Errorf("registering again what is there: %v", err)
		}
	})
}

// endpoint makes an endpoint service on a load balancer and an endpoint to it that is available, and returns
// the address of its network interface.
func (w *world) endpoint(lb string) (address, endpoint string) {
	w.t.Helper()
	service, err := w.ec2.CreateVpcEndpointServiceConfiguration(w.t.Context(), &ec2sdk.CreateVpcEndpointServiceConfigurationInput{
		AcceptanceRequired: aws.Bool(false), NetworkLoadBalancerArns: []string{lb},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.Advance(10 * time.Minute)
	out, err := w.ec2.CreateVpcEndpoint(w.t.Context(), &ec2sdk.CreateVpcEndpointInput{
		VpcId: &w.vpc, ServiceName: service.ServiceConfiguration.ServiceName, SubnetIds: w.subnets[:1],
		VpcEndpointType: ec2types.VpcEndpointTypeInterface,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.Advance(10 * time.Minute)
	described, err := w.ec2.DescribeVpcEndpoints(w.t.Context(), &ec2sdk.DescribeVpcEndpointsInput{VpcEndpointIds: []string{*out.VpcEndpoint.VpcEndpointId}})
	if err != nil || described.VpcEndpoints[0].State != "available" {
		w.t.Fatalf("endpoint %+v, %v", described, err)
	}
	interfaces, err := w.ec2.DescribeNetworkInterfaces(w.t.Context(), &ec2sdk.DescribeNetworkInterfacesInput{
		NetworkInterfaceIds: described.VpcEndpoints[0].NetworkInterfaceIds,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return *interfaces.NetworkInterfaces[0].PrivateIpAddress, *out.VpcEndpoint.VpcEndpointId
}

func TestTargetHealth(t *testing.T) {
	w := newWorld(t)
	nlb, alb := w.loadBalancer("service", types.LoadBalancerTypeEnumNetwork), w.loadBalancer("ingress", types.LoadBalancerTypeEnumApplication)
	address, endpoint := w.endpoint(nlb)
	tg := w.targetGroup("endpoint", types.ProtocolEnumHttps)
	if err := w.register(tg, target(address, ""), target("10.0.1.250", "")); err != nil {
		t.Fatal(err)
	}
	expect := func(when string, want map[string]string) {
		t.Helper()
		w.Restart(w.service)
		got := w.health(tg)
		if len(got) != len(want) {
			t.Errorf("%s: %v, want %v", when, got, want)
		}
		for ip, state := range want {
			if got[ip] != state {
				t.Errorf("%s: %s is %q, want %q", when, ip, got[ip], state)
			}
		}
	}
	expect("when no load balancer uses the group", map[string]string{address: "unused Target.NotInUse", "10.0.1.250": "unused Target.NotInUse"})
	w.listen(alb, tg, 80, types.ProtocolEnumHttp)
	expect("when the listener is new", map[string]string{address: "initial Elb.InitialHealthChecking", "10.0.1.250": "initial Elb.InitialHealthChecking"})
	w.Advance(30 * time.Second)
	expect("when a check has been made", map[string]string{address: "healthy", "10.0.1.250": "unhealthy Target.Timeout"})
	w.deregister(tg, target("10.0.1.250", ""), target("10.0.1.99", ""))
	expect("when one is deregistered", map[string]string{address: "healthy", "10.0.1.250": "draining Target.DeregistrationInProgress"})
	w.Advance(300 * time.Second)
	expect("when it has drained", map[string]string{address: "healthy"})
	if got := w.health(tg, target("10.0.1.250", ""))["10.0.1.250"]; got != "unused Target.NotRegistered" {
		t.Errorf("a target that is gone is %q", got)
	}
	if _, err := w.ec2.DeleteVpcEndpoints(t.Context(), &ec2sdk.DeleteVpcEndpointsInput{VpcEndpointIds: []string{endpoint}}); err != nil {
		t.Fatal(err)
	}
	w.Advance(10 * time.Minute)
	expect("when the endpoint is gone", map[string]string{address: "unhealthy Target.Timeout"})
}

func TestDeregisterWithAnotherPortLeavesTheTarget(t *testing.T) {
	w := newWorld(t)
	tg := w.targetGroup("ips", types.ProtocolEnumTcp)
	override := types.TargetDescription{Id: aws.String("10.0.1.9"), Port: aws.Int32(8443)}
	if err := w.register(tg, override); err != nil {
		t.Fatal(err)
	}
	w.deregister(tg, target("10.0.1.9", ""))
	if len(w.health(tg)) != 1 {
		t.Error("deregistered a target whose port was not given")
	}
	w.deregister(tg, override)
	if len(w.health(tg)) != 0 {
		t.Error("a target that was never in use does not drain")
	}
}

func TestTheZoneOfATarget(t *testing.T) {
	w := newWorld(t)
	tg := w.targetGroup("ips", types.ProtocolEnumTcp)
	for _, tt := range []struct {
		when     string
		ip, zone string // as registered
		want     string
	}{
		{"when the address is in a subnet, its zone is found", "10.0.1.9", "", "eu-west-1a"},
		{"when the address is in another subnet, its zone is found", "10.0.2.9", "", "eu-west-1b"},
		{"when the address is in no subnet of the VPC, there is none", "10.0.200.9", "", ""},
		{"when the address is outside, it is as given", "10.8.0.1", "all", "all"},
	} {
		t.Run(tt.when, func(t *testing.T) {
			if err := w.register(tg, target(tt.ip, tt.zone)); err != nil {
				t.Fatal(err)
			}
			out, err := w.client.DescribeTargetHealth(t.Context(), &sdk.DescribeTargetHealthInput{TargetGroupArn: &tg, Targets: []types.TargetDescription{target(tt.ip, "")}})
			if err != nil {
				t.Fatal(err)
			}
			if got := aws.ToString(out.TargetHealthDescriptions[0].Target.AvailabilityZone); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestApplicationLoadBalancersThatKeepToZonesNeedTheZoneOfATargetOutside(t *testing.T) {
	w := newWorld(t)
	tg := w.targetGroup("ips", types.ProtocolEnumHttps)
	_, err := w.client.ModifyTargetGroupAttributes(t.Context(), &sdk.ModifyTargetGroupAttributesInput{TargetGroupArn: &tg, Attributes: []types.TargetGroupAttribute{
		{Key: aws.String("load_balancing.cross_zone.enabled"), Value: aws.String("false")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.register(tg, target("10.8.0.1", "all")); simtest.Code(err) != "ValidationError" {
		t.Errorf("%v, want ValidationError", err)
	}
	if err := w.register(tg, target("10.8.0.1", "eu-west-1a")); err != nil {
		t.Error(err)
	}
}

func TestTargetInAZoneThatTheLoadBalancerDoesNotHave(t *testing.T) {
	w := newWorld(t)
	lb, tg := w.loadBalancer("front", types.LoadBalancerTypeEnumNetwork), w.targetGroup("ips", types.ProtocolEnumTcp)
	w.listen(lb, tg, 443, types.ProtocolEnumTcp)
	if err := w.register(tg, target("10.8.0.1", "eu-west-1c"), target("10.8.0.2", "all")); err != nil {
		t.Fatal(err)
	}
	got := w.health(tg)
	if got["10.8.0.1"] != "unused Target.NotInUse" || got["10.8.0.2"] != "initial Elb.InitialHealthChecking" {
		t.Errorf("health %v", got)
	}
}

func TestALBTargets(t *testing.T) {
	w := newWorld(t)
	front, alb := w.loadBalancer("front", types.LoadBalancerTypeEnumNetwork), w.loadBalancer("app", types.LoadBalancerTypeEnumApplication)
	out, err := w.client.CreateTargetGroup(t.Context(), &sdk.CreateTargetGroupInput{
		Name: aws.String("alb"), Protocol: types.ProtocolEnumTcp, Port: aws.Int32(80), VpcId: &w.vpc, TargetType: types.TargetTypeEnumAlb,
	})
	if err != nil {
		t.Fatal(err)
	}
	tg := *out.TargetGroups[0].TargetGroupArn
	if err := w.register(tg, types.TargetDescription{Id: &front}); simtest.Code(err) != "InvalidTarget" {
		t.Errorf("registered a network load balancer: %v", err)
	}
	if err := w.register(tg, types.TargetDescription{Id: &alb, AvailabilityZone: aws.String("all")}); simtest.Code(err) != "ValidationError" {
		t.Errorf("registered with a zone: %v", err)
	}
	if err := w.register(tg, types.TargetDescription{Id: &alb}); err != nil {
		t.Fatal(err)
	}
	w.listen(front, tg, 80, types.ProtocolEnumTcp)
	w.Advance(30 * time.Second)
	if got := w.health(tg)[alb]; got != "healthy" {
		t.Errorf("health %q", got)
	}
}

func TestALoadBalancerOfAnEndpointServiceStays(t *testing.T) {
	w := newWorld(t)
	lb := w.loadBalancer("service", types.LoadBalancerTypeEnumNetwork)
	w.endpoint(lb)
	if _, err := w.client.DeleteLoadBalancer(t.Context(), &sdk.DeleteLoadBalancerInput{LoadBalancerArn: &lb}); simtest.Code(err) != "ResourceInUse" {
		t.Errorf("%v, want ResourceInUse", err)
	}
}
