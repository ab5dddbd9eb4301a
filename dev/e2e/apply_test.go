package e2e

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/linkwright/linkwright/dev/inventory"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
)

// Changed specs, carried out on a link that works.

func TestWhenTheSpecOfAConnectionChangesTheSameEndpointFollows(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.publish(openToAll)
	shop := s.connect("shop")
	id := s.resource(s.awaitArrival(shop), link.KindEndpoint).ID

	for _, change := range []struct {
		name    string
		spec    func(*link.ConnectionSpec)
		changes string
		wrong   func() string // what is not as it should be, "" when all is
	}{{
		"fewer subnets", func(c *link.ConnectionSpec) { c.AWS.Subnets = s.subnets("a") }, "spec.aws.subnets",
		func() string {
			return differ(s.endpoint(id).SubnetIds, s.subnets("a")) + differ(s.targetsIn("attached"), s.addresses())
		},
	}, {
		"other subnets", func(c *link.ConnectionSpec) { c.AWS.Subnets = s.subnets("b", "c") }, "spec.aws.subnets",
		func() string {
			return differ(s.endpoint(id).SubnetIds, s.subnets("b", "c")) + differ(s.targetsIn("attached"), s.addresses())
		},
	}, {
		"all subnets and another security group", func(c *link.ConnectionSpec) { c.AWS.SecurityGroups = []string{s.group("other")} },
		"spec.aws.subnets, spec.aws.securityGroups",
		func() string {
			return differ(s.endpoint(id).SubnetIds, s.subnets(subnets()...)) + differ(s.groupsOf(id), []string{s.group("other")})
		},
	}, {
		"no private names", func(c *link.ConnectionSpec) { c.DNS.Mode = link.DNSNone }, "spec.aws.securityGroups, spec.dns.mode",
		func() string {
			if aws.ToBool(s.endpoint(id).PrivateDnsEnabled) {
				return "private DNS is on"
			}
			return ""
		},
	}, {
		"private names again, and no ingress", func(c *link.ConnectionSpec) { c.Ingress = nil }, "spec.dns.mode, spec.ingress",
		func() string {
			if !aws.ToBool(s.endpoint(id).PrivateDnsEnabled) {
				return "private DNS is off"
			}
			return differ(s.targetsIn("attached"), nil)
		},
	}, {
		"an ingress again", func(*link.ConnectionSpec) {}, "spec.ingress",
		func() string { return differ(s.targetsIn("attached"), s.addresses()) },
	}} {
		result, err := s.flows.ApplyConnection(s.ctx, s.connectionSpec("shop", change.spec), "tester")
		if err != nil {
			t.Fatalf("%s: %v", change.name, err)
		}
		if got := strings.Join(result.Changes, ", "); got != change.changes {
			t.Errorf("%s: changes are %s, want %s", change.name, got, change.changes)
		}
		if r := s.resource(s.awaitArrival(shop), link.KindEndpoint); r.ID != id {
			t.Fatalf("%s: the endpoint is %s, want still %s", change.name, r.ID, id)
		}
		// The load balancer takes leave of a target by draining it.
		var wrong string
		s.until(change.name, func() bool {
			wrong = change.wrong()
			return wrong == ""
		}, func() any { return wrong })
	}
	s.wantWhole(shop)
	s.takeDown()
}

func TestWhenTheSpecOfAServiceChangesItsConsumersNotice(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.publish(bare, func(spec *link.EndpointServiceSpec) { spec.AWS.AllowedPrincipals = nil })
	shop := s.connect("shop", plain)
	s.await(shop, "to be blocked", func(st link.Status) bool {
		return st.Blocked != nil && st.Blocked.Reason == link.ReasonServiceNotVisible
	})
	s.publish(bare) // the consumer is among the allowed principals now
	s.awaitQuestion(shop)
	s.publish(bare, func(spec *link.EndpointServiceSpec) {
		spec.Approval = &link.ApprovalPolicy{AutoApprove: []string{s.consumerID}}
	})
	status := s.awaitArrival(shop)
	if d := status.Decisions[len(status.Decisions)-1]; d.Verb != link.Approve || d.Via != link.ViaPolicy {
		t.Errorf("the last decision is %+v, want an approval by policy", d)
	}
	service := s.resource(s.awaitArrival(s.service()), link.KindService).ID
	if got := s.principals(service); !slices.Equal(got, []string{"arn:aws:iam::" + s.consumerID + ":root"}) {
		t.Errorf("the service admits %v", got)
	}
	s.publish(bare, func(spec *link.EndpointServiceSpec) { spec.AWS.AllowedPrincipals = nil })
	if r := s.resource(s.awaitArrival(s.service()), link.KindService); r.ID != service {
		t.Errorf("the service is %s, want still %s", r.ID, service)
	}
	if got := s.principals(service); len(got) > 0 {
		t.Errorf("the service admits %v, want nobody", got)
	}
	s.takeDown()
}

func TestWhenAFieldIsImmutableTheSpecIsRefusedAndNothingChanges(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.publish(bare, openToAll)
	shop := s.connect("shop", plain)
	s.awaitArrival(shop)
	before := s.look()
	moved := func(spec *link.ConnectionSpec) { spec.AWS.VPC = "vpc-0123456789abcdef0" }
	_, err := s.flows.ApplyConnection(s.ctx, s.connectionSpec("shop", plain, moved), "tester")
	var refused *flows.RefusedError
	if !errors.As(err, &refused) || !strings.Contains(refused.Reason, "spec.aws.vpc") {
		t.Errorf("the moved connection was answered with %v, want a refusal of spec.aws.vpc", err)
	}
	elsewhere := func(spec *link.EndpointServiceSpec) { spec.Account = s.consumer() }
	_, err = s.flows.ApplyService(s.ctx, s.serviceSpec(bare, openToAll, elsewhere), "tester")
	if !errors.As(err, &refused) || !strings.Contains(refused.Reason, "spec.account") {
		t.Errorf("the moved service was answered with %v, want a refusal of spec.account", err)
	}
	if status := s.awaitArrival(shop); status.Generation != 1 {
		t.Errorf("the refused spec is generation %d", status.Generation)
	}
	if now := s.look(); !slices.Equal(now, before) {
		t.Errorf("a refused spec has changed the accounts: %v and %v", before.Added(now), before.Missing(now))
	}
	s.takeDown()
}

func TestWhenNothingHasChangedNothingIsWritten(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.publish(openToAll)
	shop := s.connect("shop")
	s.awaitArrival(shop)
	s.awaitArrival(s.service())
	arrived := time.Now()

	result, err := s.flows.ApplyService(s.ctx, s.serviceSpec(openToAll), "tester")
	if err != nil || len(result.Changes) > 0 || result.Created {
		t.Errorf("an unchanged service comes to %+v, %v", result, err)
	}
	result, err = s.flows.ApplyConnection(s.ctx, s.connectionSpec("shop"), "tester")
	if err != nil || len(result.Changes) > 0 || result.Created {
		t.Errorf("an unchanged connection comes to %+v, %v", result, err)
	}
	// A change that concerns no cloud makes the flow go through all its steps once more.
	s.publish(func(spec *link.EndpointServiceSpec) {
		spec.Approval = &link.ApprovalPolicy{AutoApprove: []string{s.consumerID}}
	})
	s.await(s.service(), "to serve the second generation", func(st link.Status) bool { return flows.Arrived(st) && st.Generation == 2 })
	if status := s.awaitArrival(shop); status.Generation != 1 {
		t.Errorf("the unchanged connection is of generation %d", status.Generation)
	}
	if written := s.writes(arrived); len(written) > 0 {
		t.Errorf("nothing had changed, and this was written: %v", written)
	}
	s.takeDown()
}

// differ says how two lists differ, whatever their order; "" when they do not.
func differ(got, want []string) string {
	got, want = slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))
	if slices.Equal(got, want) {
		return ""
	}
	return "there are " + strings.Join(got, ", ") + " in place of " + strings.Join(want, ", ") + "; "
}

// targetsIn are the targets in a target group of the consumer's, and addresses those of its endpoints.
func (s *scene) targetsIn(group string) []string {
	s.t.Helper()
	var ids []string
	for _, item := range s.look().Of(inventory.Target) {
		if item.Account == s.consumer() && item.Detail == "in "+group {
			ids = append(ids, item.ID)
		}
	}
	return ids
}

func (s *scene) addresses() []string {
	s.t.Helper()
	var addresses []string
	for _, item := range s.built().Of(inventory.Interface) {
		addresses = append(addresses, item.Detail)
	}
	return addresses
}

func (s *scene) groupsOf(endpoint string) []string {
	s.t.Helper()
	var ids []string
	for _, g := range s.endpoint(endpoint).Groups {
		ids = append(ids, aws.ToString(g.GroupId))
	}
	return ids
}

func (s *scene) principals(service string) []string {
	s.t.Helper()
	out, err := s.providerEC2().DescribeVpcEndpointServicePermissions(s.ctx, &ec2.DescribeVpcEndpointServicePermissionsInput{ServiceId: &service})
	if err != nil {
		s.t.Fatal(err)
	}
	var all []string
	for _, p := range out.AllowedPrincipals {
		all = append(all, aws.ToString(p.Principal))
	}
	return all
}
