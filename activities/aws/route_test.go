package aws

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/internal/simaws"
)

// edge gives the consumer load balancers with HTTPS listeners, certificates and web ACLs, after what the changes make of

// them.

// atEdge changes the HTTPS listener of the load balancer "edge".

// ruled gives the HTTPS listener of "edge" rules.

// routeSteps are the steps of one route at the HTTPS listener of "edge".

// made takes the steps that make the route.

// elb calls Elastic Load Balancing as somebody else in the account.

// rulesNow lists the rules of "edge": "20000 shop.example.com".

// certificatesNow lists the certificates of "edge" without the default one.

// groupsNow lists the target groups that were made for routes.

// callsOf counts the calls that something makes, those that change anything apart.

func TestOneRouteFromRoomToTeardown(t *testing.T) {
	sc := newScene(t, edge())
	r := sc.route(func(w *link.Route) {
		w.WebACL, w.AssociateWebACL = sc.id("consumer", "web-acl", "front"), true
		w.Targets.Attributes = map[string]string{"deregistration_delay.timeout_seconds": "0"}
	})
	if room := r.room(); !room.Free || room.Full != "" {
		t.Fatalf("room = %+v", room)
	}
	route := r.made()
	if route.Priority != 20000 || len(route.Changes) != 3 {
		t.Errorf("route = %+v", route)
	}
	if got := sc.rulesNow(); !slices.Equal(got, []string{"20000 shop.example.com"}) {
		t.Errorf("rules = %q", got)
	}
	shop := sc.id("consumer", "certificate", "shop")
	if got := sc.certificatesNow(); !slices.Equal(got, []string{shop}) {
		t.Errorf("certificates = %q, want %q", got, shop)
	}
	groups := sc.groupsNow()
	if len(groups) != 1 || groups[0].HealthCheckProtocol != elbtypes.ProtocolEnumHttps || groups[0].TargetType != elbtypes.TargetTypeEnumIp ||
		sdk.ToString(groups[0].VpcId) != sc.id("consumer", "vpc", "main") {
		t.Fatalf("target groups = %+v", groups)
	}
	targets := activities.TargetsRequest{Place: consumer, TargetGroup: r.req.TargetGroup, Port: 443, Wanted: []string{"10.1.1.10"}, Owned: []string{"10.1.1.10"}}
	must(t, plain(r.EnsureTargets), targets)

	// While nothing changes, nothing is written, and little read.
	for _, step := range []struct {
		name string
		take func()
		want int
	}{
		{"RouteRoom", func() { r.room() }, 4},
		{"EnsureTargetGroup", func() { must(t, r.EnsureTargetGroup, r.group) }, 5},
		{"FindCertificate", func() { must(t, r.FindCertificate, r.req) }, 2},
		{"EnsureRoute", func() { must(t, r.EnsureRoute, r.req) }, 5},
	} {
		if all, writes := sc.callsOf(step.take); writes != 0 || all != step.want {
			t.Errorf("%s takes %d calls, %d of them writes; want %d and none", step.name, all, writes, step.want)
		}
	}
	if again := must(t, r.EnsureRoute, r.req); again.Rule != route.Rule || len(again.Changes) > 0 {
		t.Errorf("route = %+v, was %+v", again, route)
	}

	must(t, plain(r.RemoveTargets), targets)
	must(t, plain(r.RemoveRoute), r.req)
	must(t, plain(r.RemoveTargetGroup), r.group)
	if rules, certificates, groups := sc.rulesNow(), sc.certificatesNow(), sc.groupsNow(); len(rules)+len(certificates)+len(groups) > 0 {
		t.Errorf("left behind: %q, %q, %+v", rules, certificates, groups)
	}
	must(t, plain(r.RemoveRoute), r.req)
	must(t, plain(r.RemoveTargetGroup), r.group)
}

// Lesson 9: what was changed behind our back is noticed, and set right.

func TestARouteThatSomebodyHasChangedIsSetRight(t *testing.T) {
	sc := newScene(t, edge())
	r := sc.route(func(w *link.Route) { w.Targets.Attributes = map[string]string{"stickiness.enabled": "false"} })
	route := r.made()
	for _, c := range []struct {
		name   string
		meddle func() error
		step   func() []string
		want   string
	}{
		{"the hosts", func() error {
			_, err := sc.elb().ModifyRule(t.Context(), &elasticloadbalancingv2.ModifyRuleInput{RuleArn: sdk.String(route.Rule),
				Conditions: match{hosts: []string{"evil.example.com"}}.conditions()})
			return err
		}, func() []string { return must(t, r.EnsureRoute, r.req).Changes }, "rule matches as specified again, was evil.example.com"},
		{"the hosts and the action", func() error {
			_, err := sc.elb().ModifyRule(t.Context(), &elasticloadbalancingv2.ModifyRuleInput{RuleArn: sdk.String(route.Rule),
				Conditions: match{hosts: []string{"evil.example.com"}}.conditions(),
				Actions: []elbtypes.Action{{Type: elbtypes.ActionTypeEnumFixedResponse,
					FixedResponseConfig: &elbtypes.FixedResponseActionConfig{StatusCode: sdk.String("503")}}}})
			return err
		}, func() []string { return must(t, r.EnsureRoute, r.req).Changes[1:] }, "rule forwards to " + r.req.TargetGroup},
		{"the certificates", func() error {
			_, err := sc.elb().RemoveListenerCertificates(t.Context(), &elasticloadbalancingv2.RemoveListenerCertificatesInput{
				ListenerArn: sdk.String(r.req.Listener), Certificates: []elbtypes.Certificate{{CertificateArn: sdk.String(r.req.Certificate)}}})
			return err
		}, func() []string { return must(t, r.EnsureRoute, r.req).Changes }, "certificate " + r.req.Certificate + " put on the listener"},
		{"the health check", func() error {
			_, err := sc.elb().ModifyTargetGroup(t.Context(), &elasticloadbalancingv2.ModifyTargetGroupInput{
				TargetGroupArn: sdk.String(r.req.TargetGroup), HealthCheckPath: sdk.String("/nowhere")})
			return err
		}, func() []string { return must(t, r.EnsureTargetGroup, r.group).Changes }, "health check path /, was /nowhere"},
		{"an attribute", func() error {
			_, err := sc.elb().ModifyTargetGroupAttributes(t.Context(), &elasticloadbalancingv2.ModifyTargetGroupAttributesInput{
				TargetGroupArn: sdk.String(r.req.TargetGroup),
				Attributes:     []elbtypes.TargetGroupAttribute{{Key: sdk.String("stickiness.enabled"), Value: sdk.String("true")}}})
			return err
		}, func() []string { return must(t, r.EnsureTargetGroup, r.group).Changes }, `attribute stickiness.enabled false, was "true"`},
		{"the rule, which is gone", func() error {
			_, err := sc.elb().DeleteRule(t.Context(), &elasticloadbalancingv2.DeleteRuleInput{RuleArn: sdk.String(route.Rule)})
			return err
		}, func() []string { return must(t, r.EnsureRoute, r.req).Changes }, "rule made at priority 20000 for shop.example.com"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := c.meddle(); err != nil {
				t.Fatal(err)
			}
			if changes := c.step(); !slices.Equal(changes, []string{c.want}) {
				t.Errorf("changes = %q, want %q", changes, c.want)
			}
			if changes := c.step; len(must(t, r.EnsureRoute, r.req).Changes)+len(must(t, r.EnsureTargetGroup, r.group).Changes) > 0 {
				t.Errorf("it is not as it was: %q", changes())
			}
			if got := sc.rulesNow(); !slices.Equal(got, []string{"20000 shop.example.com"}) {
				t.Errorf("rules = %q", got)
			}
		})
	}
}

// Lesson 3: when the answer to a creation is lost, nothing is made twice.

func TestALostAnswerMakesNoSecondRoute(t *testing.T) {
	for _, action := range []string{"CreateTargetGroup", "CreateRule", "AddListenerCertificates"} {
		t.Run(action, func(t *testing.T) {
			sc := newScene(t, edge())
			sc.inject(simaws.Fault{Service: "elasticloadbalancing", Action: action, Effect: simaws.EffectLose, Times: 3})
			sc.route().made()
			if rules, certificates, groups := sc.rulesNow(), sc.certificatesNow(), sc.groupsNow(); len(rules) != 1 || len(certificates) != 1 || len(groups) != 1 {
				t.Errorf("made: %q, %q, %+v", rules, certificates, groups)
			}
		})
	}
}

// Lessons 2 and 13: what is somebody else's is neither taken over nor changed, though it is called as ours would be.

func TestATargetGroupOfSomebodyElseIsNotTakenOver(t *testing.T) {
	for _, c := range []struct {
		name string
		tags []elbtypes.Tag
	}{
		{"when it has no owner", nil},
		{"when it has another owner", []elbtypes.Tag{{Key: sdk.String(ownerTag), Value: sdk.String("default/connection/payments/other")}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			sc := newScene(t, edge())
			r := sc.route()
			at := listener{arn: r.req.Listener, loadBalancer: sc.id("consumer", "load-balancer", "edge"), vpc: sc.id("consumer", "vpc", "main")}
			in := newTargetGroup(r.group, at)
			in.Tags, in.HealthCheckPath = c.tags, sdk.String("/theirs")
			if _, err := sc.elb().CreateTargetGroup(t.Context(), in); err != nil {
				t.Fatal(err)
			}
			_, err := run(t, r.EnsureTargetGroup, r.group)
			wantProblem(t, err, link.ReasonNotOurs)
			if groups := sc.groupsNow(); len(groups) != 1 || sdk.ToString(groups[0].HealthCheckPath) != "/theirs" {
				t.Errorf("target groups = %+v", groups)
			}
			if _, err = run(t, plain(r.RemoveTargetGroup), r.group); c.tags == nil {
				wantProblem(t, err, link.ReasonNotOurs)
			} else if err != nil {
				t.Errorf("when nothing of ours is there, it answers %v", err)
			}
			if groups := sc.groupsNow(); len(groups) != 1 {
				t.Error("it is deleted")
			}
		})
	}
}

func TestARuleOfSomebodyElseForTheSameIsNamed(t *testing.T) {
	sc := newScene(t, edge(ruled(
		simaws.WorldListenerRule{Priority: 7, Hosts: []string{"shop.example.com"}, Tags: map[string]string{ownerTag: "default/connection/payments/other"}})))
	r := sc.route()
	r.req.TargetGroup = must(t, r.EnsureTargetGroup, r.group).ARN
	_, err := run(t, r.EnsureRoute, r.req)
	p := wantProblem(t, err, link.ReasonConflictingRule)
	if rule := sc.id("consumer", "listener-rule", "edge:443:7"); !strings.Contains(p.Message, rule) || !strings.Contains(p.Message, "payments/other") {
		t.Errorf("message = %q, want %s to be named, and its owner", p.Message, rule)
	}
	if got := sc.rulesNow(); !slices.Equal(got, []string{"7 shop.example.com"}) {
		t.Errorf("rules = %q", got)
	}
}

func TestARouteComesBeforeBroaderRulesAndBehindNarrowerOnes(t *testing.T) {
	sc := newScene(t, edge(ruled(
		simaws.WorldListenerRule{Priority: 5, Hosts: []string{"shop.example.com"}, Paths: []string{"/admin/*"}},
		simaws.WorldListenerRule{Priority: 10, Hosts: []string{"*.example.com"}})))
	r := sc.route()
	if route := r.made(); route.Priority != 9 {
		t.Errorf("the rule is at %d, want it right before the broader one at 10", route.Priority)
	}
	r.req.Want.Hosts = []string{"*.example.com", "*.example.org"}
	route := must(t, r.EnsureRoute, r.req)
	if want := []string{"5 shop.example.com/admin/*", "10 *.example.com", "40000 *.example.com, *.example.org"}; !slices.Equal(sc.rulesNow(), want) || route.Priority != 40000 {
		t.Errorf("rules = %q, want %q; route = %+v", sc.rulesNow(), want, route)
	}
}

func TestFlowsThatMakeRulesAtOnceDoNotTakeEachOthersPriority(t *testing.T) {
	const flows = 12
	sc := newScene(t, edge(func(r *simaws.WorldRegion) {
		r.Certificates = append(r.Certificates, simaws.WorldCertificate{Name: "all", Domain: "*.shop.example.com"})
	}))
	var all sync.WaitGroup
	for n := range flows {
		r := sc.route(func(w *link.Route) { w.Hosts = []string{fmt.Sprintf("%d.shop.example.com", n)} })
		r.req.Owner = activities.Owner(fmt.Sprintf("default/connection/payments/%d", n))
		r.group.Owner = r.req.Owner
		all.Go(func() { r.made() })
	}
	all.Wait()
	if rules, groups := sc.rulesNow(), sc.groupsNow(); len(rules) != flows || len(groups) != flows {
		t.Errorf("%d rules and %d groups, want %d: %q", len(rules), len(groups), flows, rules)
	}
	if got := sc.certificatesNow(); len(got) != 1 {
		t.Errorf("certificates = %q", got)
	}
}

func TestAPriorityThatIsTakenIsFollowedByAnother(t *testing.T) {
	for _, c := range []struct {
		name    string
		times   int
		pending bool
	}{
		{"when somebody was faster, it chooses again", 2, false},
		{"when somebody is faster each time, it waits", looksForPriority, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			sc := newScene(t, edge())
			r := sc.route()
			r.req.TargetGroup = must(t, r.EnsureTargetGroup, r.group).ARN
			sc.inject(simaws.Fault{Action: "CreateRule", Effect: simaws.EffectError, Status: http.StatusBadRequest, Code: "PriorityInUse", Times: c.times})
			var heartbeat any
			_, err := attempt(t, r.EnsureRoute, r.req, &heartbeat)
			if c.pending != (err != nil) || c.pending && !isPending(err) {
				t.Errorf("it answers %v", err)
			}
		})
	}
}

func TestRouteRoom(t *testing.T) {
	rules := func(n int, owner string) func(*simaws.WorldRegion) {
		var all []simaws.WorldListenerRule
		for i := range n {
			all = append(all, simaws.WorldListenerRule{Priority: int32(i + 1), Hosts: []string{fmt.Sprintf("%d.example.net", i)}})
		}
		if owner != "" {
			all[n-1].Tags = map[string]string{ownerTag: owner}
		}
		return ruled(all...)
	}
	certificates := func(n int) func(*simaws.WorldRegion) {
		return func(r *simaws.WorldRegion) {
			for i := range n {
				name := fmt.Sprintf("c%d", i)
				r.Certificates = append(r.Certificates, simaws.WorldCertificate{Name: name, Domain: fmt.Sprintf("%d.example.net", i)})
				atEdge(func(l *simaws.WorldListener) { l.Certificates = append(l.Certificates, name) })(r)
			}
		}
	}
	for _, c := range []struct {
		name   string
		change func(*simaws.WorldRegion)
		hosts  []string
		denied string
		full   string
	}{
		{"when one rule is left, there is room", rules(99, ""), nil, "", ""},
		{"when no rule is left, there is none", rules(100, ""), nil, "", "100 of 100 rules"},
		{"when the route has its rule already, there is room", rules(100, string(connectionFlow)), nil, "", ""},
		{"when the limits may not be asked, those of every account hold", rules(100, ""), nil, "elasticloadbalancing:DescribeAccountLimits", "100 of 100 rules"},
		{"when no certificate is left, there is none", certificates(25), []string{"shop.example.com"}, "servicequotas:GetServiceQuota", "25 of 25 certificates"},
		{"when the certificate is there already, there is room", certificates(25), []string{"7.example.net"}, "servicequotas:GetServiceQuota", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			sc := newScene(t, edge(c.change))
			if c.denied != "" {
				sc.allBut(c.denied)
			}
			r := sc.route(func(w *link.Route) { w.Hosts = c.hosts })
			if room := r.room(); room.Full != c.full || room.Free != (c.full == "") {
				t.Errorf("room = %+v, want %q", room, c.full)
			}
		})
	}
}

func TestAQuotaThatFillsUpMeanwhileBlocks(t *testing.T) {
	for action, code := range map[string]string{
		"CreateRule": "TooManyRules", "CreateTargetGroup": "TooManyTargetGroups", "AddListenerCertificates": "TooManyCertificates",
	} {
		t.Run(code, func(t *testing.T) {
			sc := newScene(t, edge())
			r := sc.route()
			if action != "CreateTargetGroup" {
				r.req.TargetGroup = must(t, r.EnsureTargetGroup, r.group).ARN
				r.req.Certificate = must(t, r.FindCertificate, r.req).ARN
			}
			sc.inject(simaws.Fault{Action: action, Effect: simaws.EffectError, Status: http.StatusBadRequest, Code: code})
			var err error
			if action == "CreateTargetGroup" {
				_, err = run(t, r.EnsureTargetGroup, r.group)
			} else {
				_, err = run(t, r.EnsureRoute, r.req)
			}
			wantProblem(t, err, link.ReasonQuotaFull)
		})
	}
}

func TestListenersThatCannotHaveRoutesAreBlocked(t *testing.T) {
	sc := newScene(t, edge())
	for _, c := range []struct{ name, listener string }{
		{"when it speaks HTTP", sc.id("consumer", "listener", "edge:80")},
		{"when it does not exist", strings.Replace(sc.id("consumer", "listener", "edge:443"), "/edge/", "/gone/", 1)},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := sc.route()
			r.req.Listener, r.group.Listener = c.listener, c.listener
			_, err := run(t, r.RouteRoom, activities.RouteRoomRequest{Place: consumer, Owner: r.req.Owner, Listener: c.listener})
			wantProblem(t, err, link.ReasonListenerMismatch)
			_, err = run(t, r.EnsureTargetGroup, r.group)
			wantProblem(t, err, link.ReasonListenerMismatch)
			_, err = run(t, r.EnsureRoute, r.req)
			wantProblem(t, err, link.ReasonListenerMismatch)
		})
	}
	gone := sc.route()
	gone.req.Listener = strings.Replace(gone.req.Listener, "/edge/", "/gone/", 1)
	must(t, plain(gone.RemoveRoute), gone.req) // a listener that is gone has no rules
}

// Lesson 13: the rules of others, and those of other flows, stay.

func TestRemoveRouteLeavesTheRulesOfOthers(t *testing.T) {
	sc := newScene(t, edge(ruled(
		simaws.WorldListenerRule{Priority: 1, Hosts: []string{"a.example.com"}},
		simaws.WorldListenerRule{Priority: 2, Hosts: []string{"b.example.com"}, Tags: map[string]string{ownerTag: string(connectionFlow) + "-2"}})))
	r := sc.route()
	r.made()
	must(t, plain(r.RemoveRoute), r.req)
	if got := sc.rulesNow(); !slices.Equal(got, []string{"1 a.example.com", "2 b.example.com"}) {
		t.Errorf("rules = %q", got)
	}
}

func TestAnotherPortTakesAnotherGroup(t *testing.T) {
	sc := newScene(t, edge())
	r := sc.route()
	rule := r.made().Rule
	old := r.req.TargetGroup
	r.group.Port = 8443
	r.req.TargetGroup = must(t, r.EnsureTargetGroup, r.group).ARN
	if r.req.TargetGroup == old {
		t.Fatal("the group is the same")
	}
	r.group.Keep = r.req.TargetGroup
	var heartbeat any
	if _, err := attempt(t, plain(r.RemoveTargetGroup), r.group, &heartbeat); !isPending(err) {
		t.Errorf("while the rule uses the group, it answers %v", err)
	}
	if route := must(t, r.EnsureRoute, r.req); route.Rule != rule || len(route.Changes) != 1 {
		t.Errorf("route = %+v, want %s to be changed", route, rule)
	}
	must(t, plain(r.RemoveTargetGroup), r.group)
	if groups := sc.groupsNow(); len(groups) != 1 || sdk.ToString(groups[0].TargetGroupArn) != r.group.Keep {
		t.Errorf("target groups = %+v", groups)
	}
}

func TestAGroupThatSomebodyElseUsesIsNamed(t *testing.T) {
	sc := newScene(t, edge())
	sc.config.Patience = time.Nanosecond
	r := sc.route()
	group := must(t, r.EnsureTargetGroup, r.group).ARN
	if _, err := sc.elb().CreateRule(t.Context(), &elasticloadbalancingv2.CreateRuleInput{ListenerArn: sdk.String(r.req.Listener),
		Priority: sdk.Int32(1), Conditions: match{hosts: []string{"theirs.example.com"}}.conditions(), Actions: forwardTo(group)}); err != nil {
		t.Fatal(err)
	}
	_, err := run(t, plain(r.RemoveTargetGroup), r.group)
	if p := wantProblem(t, err, link.ReasonConflictingRule); !strings.Contains(p.Message, group) {
		t.Errorf("message = %q", p.Message)
	}
}

func TestTargetsOutsideOfTheVPCAreSharedOutAmongZones(t *testing.T) {
	sc := newScene(t, edge())
	r := sc.route(func(w *link.Route) { w.Targets.Attributes = map[string]string{crossZone: "false"} })
	r.req.TargetGroup = must(t, r.EnsureTargetGroup, r.group).ARN
	zones := func() string {
		out, err := sc.elb().DescribeTargetHealth(t.Context(), &elasticloadbalancingv2.DescribeTargetHealthInput{TargetGroupArn: sdk.String(r.req.TargetGroup)})
		if err != nil {
			t.Fatal(err)
		}
		var shown []string
		for _, d := range out.TargetHealthDescriptions {
			if !leaving(d) {
				shown = append(shown, sdk.ToString(d.Target.Id)+"@"+sdk.ToString(d.Target.AvailabilityZone))
			}
		}
		slices.Sort(shown)
		return strings.Join(shown, " ")
	}
	balancers, err := sc.elb().DescribeLoadBalancers(t.Context(), &elasticloadbalancingv2.DescribeLoadBalancersInput{
		LoadBalancerArns: []string{sc.id("consumer", "load-balancer", "edge")}})
	if err != nil {
		t.Fatal(err)
	}
	in := zonesOf(balancers.LoadBalancers[0])
	if len(in) != 2 {
		t.Fatalf("the load balancer is in %q", in)
	}
	ips := []string{"10.2.1.10", "10.2.2.10", "10.2.3.10"}
	targets := activities.TargetsRequest{Place: consumer, TargetGroup: r.req.TargetGroup, Port: 443, Wanted: ips, Owned: ips}
	_, err = run(t, plain(r.EnsureTargets), targets)
	wantProblem(t, err, link.ReasonTargetGroupUnused) // nothing says yet in which zones the load balancer is

	targets.Listener = r.req.Listener
	must(t, plain(r.EnsureTargets), targets)
	if got, want := zones(), fmt.Sprintf("10.2.1.10@%[1]s 10.2.2.10@%[2]s 10.2.3.10@%[1]s", in[0], in[1]); got != want {
		t.Errorf("targets = %s, want %s", got, want)
	}
	if _, writes := sc.callsOf(func() { must(t, plain(r.EnsureTargets), targets) }); writes > 0 {
		t.Errorf("when the targets are there, it writes %d times", writes)
	}
	must(t, r.EnsureRoute, r.req)
	targets.Wanted, targets.Listener = []string{"10.2.1.10", "10.2.4.10"}, ""
	targets.Owned = ips
	must(t, plain(r.EnsureTargets), targets) // by the load balancer that has the rule
	if got, want := zones(), fmt.Sprintf("10.2.1.10@%[1]s 10.2.4.10@%[1]s", in[0]); got != want {
		t.Errorf("targets = %s, want %s", got, want)
	}
	must(t, plain(r.RemoveTargets), targets)
}

// The policy for the spec of a route is enough for all of its steps.

func TestARouteIsMadeWithWhatItsPolicyAllows(t *testing.T) {
	sc := newScene(t, edge())
	r := sc.route(func(w *link.Route) {
		w.Listeners = []link.RouteListener{{Listener: sc.id("consumer", "listener", "edge:443")}}
		w.WebACL, w.AssociateWebACL = sc.id("consumer", "web-acl", "front"), true
		w.Targets.Attributes = map[string]string{crossZone: "false"}
	})
	r.allowed()
	r.room()
	r.made()
	targets := activities.TargetsRequest{
		Place: consumer, TargetGroup: r.req.TargetGroup, Port: 443, Listener: r.req.Listener, Wanted: []string{"10.2.1.10"}, Owned: []string{"10.2.1.10"},
	}
	must(t, plain(r.EnsureTargets), targets)

	// Another flow's group is out of reach.
	theirs := r.group
	theirs.Owner += "-2"
	_, err := run(t, r.EnsureTargetGroup, theirs)
	wantProblem(t, err, link.ReasonMissingPermission)

	r.req.Want.Hosts, r.req.Want.Paths = []string{"*.example.com"}, []string{"/api/*"} // moves, and changes
	if changed := must(t, r.EnsureRoute, r.req); len(changed.Changes) == 0 {
		t.Errorf("route = %+v", changed)
	}
	r.group.Want.HealthCheck.Path = "/healthz"
	must(t, r.EnsureTargetGroup, r.group)
	must(t, plain(r.RemoveTargets), targets)
	must(t, plain(r.RemoveRoute), r.req)
	must(t, plain(r.RemoveTargetGroup), r.group)
	if left := len(sc.rulesNow()) + len(sc.certificatesNow()) + len(sc.groupsNow()); left > 0 {
		t.Errorf("%d things are left behind", left)
	}
}

// allowed lets the consumer's role do what the policy for the spec of the route says, and nothing else.
