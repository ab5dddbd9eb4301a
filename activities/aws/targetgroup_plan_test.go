package aws

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/linkwright/linkwright/internal/link"
)

func TestTargetGroupNames(t *testing.T) {
	at := listener{arn: "listener", loadBalancer: "balancer", vpc: "vpc"}
	want := link.RouteTargets{Protocol: link.TargetHTTPS}
	first := targetGroupName("owner", "payments/shop", at, want, 443)
	legal := regexp.MustCompile(`^[a-zA-Z0-9](-?[a-zA-Z0-9]+)*$`)
	for _, name := range []string{"payments/shop", "a", "", "///", "ÄÖÜ", strings.Repeat("a-very-long-name/", 9), "payments/sho/x", "-a-"} {
		if got := targetGroupName("owner", name, at, want, 443); len(got) > 32 || !legal.MatchString(got) || !marked(got, "owner") {
			t.Errorf("the group of %q is called %q, of %d characters", name, got, len(got))
		}
	}
	others := map[string]string{"the owner": targetGroupName("other", "payments/shop", at, want, 443)}
	moved := at
	moved.loadBalancer = "other"
	others["the load balancer"] = targetGroupName("owner", "payments/shop", moved, want, 443)
	others["the port"] = targetGroupName("owner", "payments/shop", at, want, 8443)
	others["the protocol"] = targetGroupName("owner", "payments/shop", at, link.RouteTargets{Protocol: link.TargetHTTP}, 443)
	for what, name := range others {
		if name == first {
			t.Errorf("when %s is another, the name is the same: %s", what, name)
		}
	}
	want.HealthCheck.Path = "/healthz"
	if again := targetGroupName("owner", "payments/shop", at, want, 443); again != first {
		t.Errorf("when the health check is another, the name is another: %s, was %s", again, first)
	}
	if marked(others["the owner"], "owner") || marked("payments-1a2b3c4d-5e6f70", "owner") {
		t.Error("the group of another owner is taken for one of the owner's")
	}
}

// targetsWanted are the targets of a route, with defaults.
func targetsWanted() link.RouteTargets {
	return link.RouteTargets{Protocol: link.TargetHTTPS, HealthCheck: link.HealthCheck{
		Path: "/", Codes: "200", Interval: link.Duration(30 * time.Second), Timeout: link.Duration(5 * time.Second), Healthy: 5, Unhealthy: 2,
	}}
}

func TestPlanHealthCheck(t *testing.T) {
	checked := func() elbtypes.TargetGroup {
		return elbtypes.TargetGroup{
			TargetGroupArn: sdk.String("group"), HealthCheckProtocol: elbtypes.ProtocolEnumHttps, HealthCheckPort: sdk.String("traffic-port"),
			HealthCheckPath: sdk.String("/"), Matcher: &elbtypes.Matcher{HttpCode: sdk.String("200")},
			HealthCheckIntervalSeconds: sdk.Int32(30), HealthCheckTimeoutSeconds: sdk.Int32(5),
			HealthyThresholdCount: sdk.Int32(5), UnhealthyThresholdCount: sdk.Int32(2),
		}
	}
	for _, c := range []struct {
		name   string
		change func(*elbtypes.TargetGroup, *link.RouteTargets)
		want   []string
	}{
		{"when all is as wanted, it changes nothing", func(*elbtypes.TargetGroup, *link.RouteTargets) {}, nil},
		{"when it speaks HTTP to HTTPS targets, it mends that",
			func(g *elbtypes.TargetGroup, _ *link.RouteTargets) { g.HealthCheckProtocol = elbtypes.ProtocolEnumHttp },
			[]string{"health check protocol HTTPS, was HTTP"}},
		{"when the port is the spec's", func(_ *elbtypes.TargetGroup, w *link.RouteTargets) { w.HealthCheck.Port = 8080 },
			[]string{"health check port 8080, was traffic-port"}},
		{"when the path is another", func(_ *elbtypes.TargetGroup, w *link.RouteTargets) { w.HealthCheck.Path = "/healthz" },
			[]string{"health check path /healthz, was /"}},
		{"when the codes are not there", func(g *elbtypes.TargetGroup, _ *link.RouteTargets) { g.Matcher = nil },
			[]string{"health check codes 200, was "}},
		{"when the times are others", func(_ *elbtypes.TargetGroup, w *link.RouteTargets) {
			w.HealthCheck.Interval, w.HealthCheck.Timeout = link.Duration(time.Minute), link.Duration(10*time.Second)
		}, []string{"health check interval 60s, was 30s", "health check timeout 10s, was 5s"}},
		{"when the thresholds are others", func(g *elbtypes.TargetGroup, _ *link.RouteTargets) {
			g.HealthyThresholdCount, g.UnhealthyThresholdCount = sdk.Int32(2), sdk.Int32(10)
		}, []string{"health check healthy threshold 5, was 2", "health check unhealthy threshold 2, was 10"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			have, want := checked(), targetsWanted()
			c.change(&have, &want)
			in, changes := planHealthCheck(have, want)
			if !slices.Equal(changes, c.want) || (in == nil) != (len(c.want) == 0) {
				t.Errorf("changes = %q, want %q", changes, c.want)
			}
			if in != nil && sdk.ToString(in.TargetGroupArn) != "group" {
				t.Error("the request names no group")
			}
		})
	}
}

func TestPlanAttributes(t *testing.T) {
	have := []elbtypes.TargetGroupAttribute{
		{Key: sdk.String("slow_start.duration_seconds"), Value: sdk.String("0")},
		{Key: sdk.String("stickiness.enabled"), Value: sdk.String("true")},
	}
	for _, c := range []struct {
		name string
		want map[string]string
		set  map[string]string
	}{
		{"when nothing is asked for, it leaves all as it is", nil, map[string]string{}},
		{"when they are as wanted, it changes nothing", map[string]string{"stickiness.enabled": "true"}, map[string]string{}},
		{"when one is another, it sets that alone", map[string]string{"stickiness.enabled": "true", "slow_start.duration_seconds": "30"},
			map[string]string{"slow_start.duration_seconds": "30"}},
		{"when one is not known yet, it sets it", map[string]string{"deregistration_delay.timeout_seconds": "30"},
			map[string]string{"deregistration_delay.timeout_seconds": "30"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			set, changes := planAttributes(have, c.want)
			got := map[string]string{}
			for _, a := range set {
				got[sdk.ToString(a.Key)] = sdk.ToString(a.Value)
			}
			if !maps.Equal(got, c.set) || len(changes) != len(c.set) {
				t.Errorf("sets %v, tells %q; want %v", got, changes, c.set)
			}
		})
	}
}
