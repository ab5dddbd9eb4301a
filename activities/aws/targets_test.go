package aws

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

func (sc *scene) targets(group string, ips ...string) activities.TargetsRequest {
	return activities.TargetsRequest{Place: consumer, TargetGroup: sc.id("consumer", "target-group", group), Port: 443, Wanted: ips, Owned: ips}
}

// inGroupNow are the addresses in a target group that are not on their way out.
func (sc *scene) inGroupNow(group string) []string {
	sc.t.Helper()
	out, err := sc.clients(consumer).ELB.DescribeTargetHealth(sc.t.Context(),
		&elasticloadbalancingv2.DescribeTargetHealthInput{TargetGroupArn: sdk.String(sc.id("consumer", "target-group", group))})
	if err != nil {
		sc.t.Fatal(err)
	}
	var ips []string
	for _, d := range out.TargetHealthDescriptions {
		if !leaving(d) {
			ips = append(ips, sdk.ToString(d.Target.Id))
		}
	}
	slices.Sort(ips)
	return ips
}

func TestEnsureTargetsLeavesThoseOfOthersAlone(t *testing.T) {
	sc := newScene(t)
	i := NewIngress(sc.config)
	if _, err := sc.clients(consumer).ELB.RegisterTargets(t.Context(), &elasticloadbalancingv2.RegisterTargetsInput{
		TargetGroupArn: sdk.String(sc.id("consumer", "target-group", "api")),
		Targets:        []elbtypes.TargetDescription{{Id: sdk.String("10.1.1.200"), Port: sdk.Int32(443)}}}); err != nil {
		t.Fatal(err)
	}
	must(t, plain(i.EnsureTargets), sc.targets("api", "10.1.1.10", "10.1.2.10"))
	moved := sc.targets("api", "10.1.1.11", "10.1.2.10")
	moved.Owned = []string{"10.1.1.10", "10.1.2.10"}
	must(t, plain(i.EnsureTargets), moved)
	if got, want := sc.inGroupNow("api"), []string{"10.1.1.11", "10.1.1.200", "10.1.2.10"}; !slices.Equal(got, want) {
		t.Errorf("targets = %q, want %q", got, want)
	}
	registered := sc.calls("RegisterTargets")
	must(t, plain(i.EnsureTargets), moved)
	if n := sc.calls("RegisterTargets"); n != registered {
		t.Errorf("when the targets are there, it registers with %d more calls", n-registered)
	}
	must(t, plain(i.RemoveTargets), moved)
	if got := sc.inGroupNow("api"); !slices.Equal(got, []string{"10.1.1.11", "10.1.1.200"}) {
		t.Errorf("after the removal of what is owned, targets = %q", got)
	}
}

func TestEnsureTargetsRegistersAnAddressOutsideOfTheVPC(t *testing.T) {
	sc := newScene(t)
	must(t, plain(NewIngress(sc.config).EnsureTargets), sc.targets("api", "10.2.1.10"))
	if got := sc.inGroupNow("api"); !slices.Equal(got, []string{"10.2.1.10"}) {
		t.Errorf("targets = %q", got)
	}
}

func TestEnsureTargetsRegistersMoreThanOneCallTakes(t *testing.T) {
	sc := newScene(t)
	var ips []string
	for i := range registeredAtOnce + 5 {
		ips = append(ips, fmt.Sprintf("10.1.1.%d", i%250+1))
	}
	for i := range ips[:10] {
		ips[i] = fmt.Sprintf("10.1.2.%d", i+1)
	}
	must(t, plain(NewIngress(sc.config).EnsureTargets), sc.targets("api", ips...))
	if got, want := sc.inGroupNow("api"), unique(ips); !slices.Equal(got, want) {
		t.Errorf("%d targets, want %d", len(got), len(want))
	}
}

func TestTargetsAreBlocked(t *testing.T) {
	sc := newScene(t)
	i := NewIngress(sc.config)
	missing := sc.targets("api", "10.1.1.10")
	missing.TargetGroup = strings.Replace(missing.TargetGroup, "/api/", "/gone/", 1)
	_, err := run(t, plain(i.EnsureTargets), missing)
	wantProblem(t, err, link.ReasonTargetGroupMissing)

	_, err = run(t, plain(i.EnsureTargets), sc.targets("machines", "10.1.1.10"))
	wantProblem(t, err, link.ReasonTargetGroupMismatch)

	must(t, plain(i.EnsureTargets), sc.targets("idle", "10.1.1.10"))
	_, err = run(t, i.AwaitHealthy, sc.targets("idle", "10.1.1.10"))
	wantProblem(t, err, link.ReasonTargetGroupUnused)

	sc.config.Patience = time.Nanosecond
	_, err = run(t, NewIngress(sc.config).AwaitHealthy, sc.targets("api", "10.1.1.10"))
	if !activities.IsChanged(err) {
		t.Errorf("when the targets are not in the group, it answers %v", err)
	}

	must(t, plain(i.EnsureTargets), sc.targets("api", "10.1.1.10")) // where nobody answers
	_, err = run(t, NewIngress(sc.config).AwaitHealthy, sc.targets("api", "10.1.1.10"))
	if p := wantProblem(t, err, link.ReasonTargetsUnhealthy); !strings.Contains(p.Message, "10.1.1.10 unhealthy") {
		t.Errorf("message = %q", p.Message)
	}

	must(t, plain(i.RemoveTargets), missing) // a group that is gone has no targets
}
