package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/linkwright/linkwright/dev/inventory"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/internal/simaws"
	"github.com/linkwright/linkwright/starter/cli/flows"
)

const (
	// crowd is how many connections come into one account and region at once.
	crowd = 24
	// busyScale is how many times faster than AWS's the buckets of the busy cloud are refilled. It is so slow that
	// the last of the crowd have longer to wait than a step waits in place.
	busyScale = 10
	// mayThrottle is the part of the calls that AWS may have to throttle.
	mayThrottle = 0.01
)

func TestWhenACrowdConnectsInOneAccountAWSHasNextToNothingToThrottle(t *testing.T) {
	t.Parallel()
	s := openScene(t, busyName, 1, busy)
	s.publish(bare, openToAll)
	s.awaitArrival(s.service())
	defer s.wantFewThrottles() // also when the test gives up

	join := func(group string) {
		for n := range crowd {
			s.connect(fmt.Sprintf("shop-%02d", n), func(spec *link.ConnectionSpec) {
				spec.DNS = link.ConnectionDNS{}
				spec.AWS.SecurityGroups = []string{s.group(group)}
			})
		}
		s.awaitCrowd(group)
	}
	s.time("connecting", func() { join("endpoints") }) // CreateVpcEndpoint
	s.time("changing", func() { join("other") })       // ModifyVpcEndpoint
	s.time("disconnecting", func() { s.takeDown() })   // DeleteVpcEndpoints

	ended, err := s.flows.List(s.ctx, flows.Filter{Service: s.name, Ended: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, item := range ended {
		if item.How != "completed" {
			t.Errorf("%s %s has ended as %s", item.Kind, item.Name, item.How)
		}
	}
}

// awaitCrowd waits until all connections are ready and their endpoints have a security group. None of them may
// be blocked meanwhile, or turn back.
func (s *scene) awaitCrowd(group string) {
	s.t.Helper()
	seen := map[link.Phase]int{}
	s.until("the crowd to be ready with group "+group, func() bool {
		items, err := s.flows.List(s.ctx, flows.Filter{Kind: link.KindConnection, Service: s.name})
		if err != nil {
			s.t.Fatal(err)
		}
		clear(seen)
		for _, item := range items {
			if seen[item.Phase]++; item.Blocked != "" || item.Phase == link.Disconnecting {
				s.t.Fatalf("%s is %s, blocked: %q", item.Name, item.Phase, item.Blocked)
			}
		}
		return seen[link.Ready] == crowd && s.endpointsIn(group) == crowd
	}, func() any { return seen })
}

// endpointsIn counts the consumer's endpoints with one of the VPC's security groups.
func (s *scene) endpointsIn(group string) int {
	s.t.Helper()
	found, err := ec2.NewFromConfig(s.admin(s.consumer())).DescribeVpcEndpoints(s.ctx, &ec2.DescribeVpcEndpointsInput{})
	if err != nil {
		s.t.Fatal(err)
	}
	n := 0
	for _, e := range found.VpcEndpoints {
		for _, g := range e.Groups {
			if aws.ToString(g.GroupId) == s.group(group) {
				n++
			}
		}
	}
	return n
}

// time says how long something took, and how long it would take somebody who does nothing else with the account's
// bucket of one action.
func (s *scene) time(what string, do func()) {
	began := time.Now()
	do()
	s.t.Logf("%s took the crowd of %d %.1f s; the bucket alone takes %.1f s",
		what, crowd, time.Since(began).Seconds(), (crowd-4)/(0.3*busyScale))
}

// wantFewThrottles looks at the calls of Linkwright, not at those of the test.
func (s *scene) wantFewThrottles() {
	s.t.Helper()
	calls, throttled := 0, map[string]int{}
	refused := 0
	for _, c := range s.cloud.Calls() {
		if !strings.Contains(c.Principal, ":assumed-role/") {
			continue
		}
		if calls++; c.Error == "RequestLimitExceeded" || strings.HasPrefix(c.Error, "Throttling") {
			refused++
			throttled[c.Action]++
		}
	}
	share := float64(refused) / float64(calls)
	s.t.Logf("%d of %d calls were throttled, %.2f %%: %v", refused, calls, 100*share, throttled)
	if calls < 3*crowd || share >= mayThrottle {
		s.t.Errorf("%d of %d calls were throttled, want fewer than %v %%", refused, calls, 100*mayThrottle)
	}
}

// throttles is how many calls are throttled at the least: more than one step's own attempts.
const throttles = 8

func TestWhenTheCloudThrottlesManyConnectionsAllBecomeReady(t *testing.T) {
	t.Parallel()
	s := openScene(t, narrowName, 1, narrow)
	// The worker asks the shared cloud's DNS, so this service has no name to prove.
	s.publish(bare, openToAll)
	// On a slow machine nobody hurries enough to be throttled by the buckets, so some calls are in any case.
	defer s.inject(simaws.Fault{
		Account: s.consumerID, Service: "ec2", Action: "CreateVpcEndpoint", Times: throttles, Effect: simaws.EffectThrottle,
	}).Mend()
	var shops []flows.Ref
	for n := range 5 {
		shops = append(shops, s.connect(fmt.Sprintf("shop-%d", n), func(spec *link.ConnectionSpec) { spec.DNS = link.ConnectionDNS{} }))
	}
	for _, shop := range shops {
		status := s.awaitArrival(shop)
		for _, p := range status.Phases {
			if p.Phase == link.Disconnecting || p.Phase == link.Repairing {
				t.Errorf("%s went astray: %+v", shop, status.Phases)
			}
		}
	}
	if built := s.built().Of(inventory.Endpoint); len(built) != len(shops) {
		t.Errorf("%d connections have the endpoints %v", len(shops), built)
	}
	throttled := 0
	for _, c := range narrow.CallCounts() {
		if c.Throttled {
			throttled += c.Count
		}
	}
	if throttled < throttles {
		t.Errorf("%d calls were throttled, want at least %d", throttled, throttles)
	}
	s.takeDown()
}
