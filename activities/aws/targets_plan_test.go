package aws

import (
	"net/netip"
	"slices"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

func inGroup(ip string, port int32, state elbtypes.TargetHealthStateEnum, reason elbtypes.TargetHealthReasonEnum) elbtypes.TargetHealthDescription {
	return elbtypes.TargetHealthDescription{
		Target:       &elbtypes.TargetDescription{Id: sdk.String(ip), Port: sdk.Int32(port)},
		TargetHealth: &elbtypes.TargetHealth{State: state, Reason: reason},
	}
}

func TestPlanTargets(t *testing.T) {
	vpc := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/16"), netip.MustParsePrefix("2001:db8::/56")}
	group := []elbtypes.TargetHealthDescription{
		inGroup("10.0.0.1", 443, elbtypes.TargetHealthStateEnumHealthy, ""),
		inGroup("10.0.0.2", 443, elbtypes.TargetHealthStateEnumDraining, ""),
		inGroup("10.0.0.3", 8443, elbtypes.TargetHealthStateEnumHealthy, ""),
		inGroup("10.0.0.4", 443, elbtypes.TargetHealthStateEnumUnhealthy, ""),
	}
	for _, c := range []struct {
		name                 string
		wanted, owned        []string
		register, deregister []string // ip, or ip@zone
	}{
		{"when the targets are there, it changes nothing", []string{"10.0.0.1"}, []string{"10.0.0.1"}, nil, nil},
		{"when a target is not there, it registers it", []string{"10.0.0.9"}, nil, []string{"10.0.0.9"}, nil},
		{"when a target is outside the VPC, it registers it for all zones", []string{"10.9.0.9"}, nil, []string{"10.9.0.9@all"}, nil},
		{"when an IPv6 target is inside the VPC, it names no zone", []string{"2001:db8::9"}, nil, []string{"2001:db8::9"}, nil},
		{"when a target is draining, it registers it again", []string{"10.0.0.2"}, nil, []string{"10.0.0.2"}, nil},
		{"when a target is there at another port, it registers it", []string{"10.0.0.3"}, nil, []string{"10.0.0.3"}, nil},
		{"when an owned target is wanted no longer, it deregisters it", []string{"10.0.0.1"}, []string{"10.0.0.1", "10.0.0.4"}, nil, []string{"10.0.0.4"}},
		{"when an owned target is draining already, it leaves it", nil, []string{"10.0.0.2"}, nil, nil},
		{"when somebody else's target is there, it leaves it", []string{"10.0.0.1"}, nil, nil, nil},
		{"when an address is named twice, it registers it once", []string{"10.0.0.9", "10.0.0.9"}, nil, []string{"10.0.0.9"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			plan := planTargets(group, 443, c.wanted, c.owned, vpc)
			if got := showTargets(plan.Register); !slices.Equal(got, c.register) {
				t.Errorf("register = %q, want %q", got, c.register)
			}
			if got := showTargets(plan.Deregister); !slices.Equal(got, c.deregister) {
				t.Errorf("deregister = %q, want %q", got, c.deregister)
			}
		})
	}
}

func showTargets(targets []elbtypes.TargetDescription) []string {
	var shown []string
	for _, t := range targets {
		s := sdk.ToString(t.Id)
		if t.AvailabilityZone != nil {
			s += "@" + *t.AvailabilityZone
		}
		shown = append(shown, s)
	}
	return shown
}

func TestJudgeHealth(t *testing.T) {
	group := []elbtypes.TargetHealthDescription{
		inGroup("healthy", 443, elbtypes.TargetHealthStateEnumHealthy, ""),
		inGroup("initial", 443, elbtypes.TargetHealthStateEnumInitial, elbtypes.TargetHealthReasonEnumInitialHealthChecking),
		inGroup("timeout", 443, elbtypes.TargetHealthStateEnumUnhealthy, elbtypes.TargetHealthReasonEnumTimeout),
		inGroup("unused", 443, elbtypes.TargetHealthStateEnumUnused, elbtypes.TargetHealthReasonEnumNotInUse),
		inGroup("draining", 443, elbtypes.TargetHealthStateEnumDraining, elbtypes.TargetHealthReasonEnumDeregistrationInProgress),
		inGroup("other-port", 80, elbtypes.TargetHealthStateEnumHealthy, ""),
	}
	for _, c := range []struct {
		name   string
		wanted []string
		want   verdict
		shown  string
	}{
		{"when all are healthy, so is the group", []string{"healthy"}, allHealthy, ""},
		{"when nothing is wanted, all is well", nil, allHealthy, ""},
		{"when one is being checked, it waits", []string{"healthy", "initial"}, stillChecking, "initial initial (Elb.InitialHealthChecking)"},
		{"when one fails its checks, it is unhealthy", []string{"initial", "timeout"}, someUnhealthy,
			"initial initial (Elb.InitialHealthChecking), timeout unhealthy (Target.Timeout)"},
		{"when no load balancer uses one, it says so", []string{"unused", "timeout"}, groupUnused,
			"timeout unhealthy (Target.Timeout), unused unused (Target.NotInUse)"},
		{"when one is on its way out, it is missing", []string{"draining"}, someNotPresent, "draining draining (Target.DeregistrationInProgress)"},
		{"when one is there at another port alone, it is missing", []string{"other-port"}, someNotPresent, "other-port unused (Target.NotRegistered)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			health, got := judgeHealth(group, 443, c.wanted)
			if got != c.want || showHealth(health) != c.shown {
				t.Errorf("verdict = %d, %q; want %d, %q", got, showHealth(health), c.want, c.shown)
			}
		})
	}
}
