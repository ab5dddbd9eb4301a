package workflows_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/workflows"
)

// twoSides is a cloud in memory in which VPCs are peered.
type twoSides struct {
	mu       sync.Mutex
	networks map[string]activities.Network
	peerings []*activities.Peering
	routes   map[string]string // "table destination" to where it leads
	rules    map[string]string // "group source port" to its owner
	// log is what was done, in order.
	log []string
	// turnAway is how many acceptances end with a connection that somebody has rejected.
	turnAway int
}

func (c *twoSides) DescribeNetworks(_ context.Context, req activities.DescribeNetworksRequest) (activities.Networks, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var found activities.Networks
	for _, want := range req.Networks {
		n, ok := c.networks[want.VPC]
		if !ok {
			n = activities.Network{VPC: want.VPC, Problems: []string{want.VPC + " does not exist"}}
		}
		if want.DefaultGroup {
			n.DefaultGroup = "sg-def" + strings.TrimPrefix(want.VPC, "vpc-")
		}
		for _, table := range want.RouteTables {
			if !strings.HasPrefix(table, "rtb-"+strings.TrimPrefix(want.VPC, "vpc-")) {
				n.Problems = append(slices.Clone(n.Problems), table+" does not exist")
			}
		}
		found.Networks = append(found.Networks, n)
	}
	return found, nil
}

func (c *twoSides) FindPeerings(_ context.Context, req activities.FindPeeringsRequest) (activities.FoundPeerings, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var found activities.FoundPeerings
	for _, p := range c.peerings {
		found.Peerings = append(found.Peerings, *p)
	}
	return found, nil
}

func (c *twoSides) between(req activities.PeeringRequest) *activities.Peering {
	for _, p := range c.peerings {
		if p.Live && p.From == req.From && p.To == req.To {
			return p
		}
	}
	return nil
}

func (c *twoSides) EnsurePeering(_ context.Context, req activities.PeeringRequest) (activities.Peering, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p := c.between(req); p != nil {
		return *p, nil
	}
	p := &activities.Peering{ID: fmt.Sprintf("pcx-%d", len(c.peerings)+1), State: "pending-acceptance", From: req.From, To: req.To, Live: true}
	c.peerings = append(c.peerings, p)
	c.log = append(c.log, "ask "+p.ID+" "+req.To.VPC)
	return *p, nil
}

func (c *twoSides) AcceptPeering(_ context.Context, req activities.PeeringRequest) (activities.Peering, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.peerings {
		switch {
		case p.ID != req.ID:
		case c.turnAway > 0:
			c.turnAway--
			p.Live, p.State = false, "rejected"
			return *p, activities.Changed(p.ID + " is rejected")
		default:
			if p.State != "active" {
				c.log = append(c.log, "accept "+p.ID)
			}
			p.State = "active"
			return *p, nil
		}
	}
	return activities.Peering{}, activities.Changed("it is gone")
}

func (c *twoSides) RemovePeering(_ context.Context, req activities.PeeringRequest) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p := c.between(req); p != nil {
		p.Live, p.State = false, "deleted"
		c.log = append(c.log, "delete "+p.ID)
	}
	return nil
}

func (c *twoSides) EnsurePeerRoutes(_ context.Context, req activities.PeerRoutesRequest) (activities.PeerRoutes, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var wanted []string
	for _, table := range req.Tables {
		for _, d := range req.Destinations {
			route := table + " " + d
			leads, there := c.routes[route]
			if there && leads != req.Peering && !slices.Contains(req.Others, leads) {
				return activities.PeerRoutes{}, activities.Blocked(link.Problem{Reason: link.ReasonConflictingPeering, Message: route + " leads to " + leads}, nil)
			}
			if leads != req.Peering {
				wanted = append(wanted, route)
			}
		}
	}
	if req.DryRun {
		return activities.PeerRoutes{}, nil
	}
	for _, route := range wanted {
		c.routes[route] = req.Peering
		c.log = append(c.log, "route "+route+" "+req.Peering)
	}
	return activities.PeerRoutes{Changes: wanted}, nil
}

func (c *twoSides) RemovePeerRoutes(_ context.Context, req activities.PeerRoutesRequest) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, route := range slices.Sorted(maps.Keys(c.routes)) {
		table, _, _ := strings.Cut(route, " ")
		if leads := c.routes[route]; slices.Contains(req.Tables, table) && (leads == req.Peering || slices.Contains(req.Others, leads)) {
			delete(c.routes, route)
			c.log = append(c.log, "unroute "+route)
		}
	}
	return nil
}

func (c *twoSides) EnsurePeerRules(_ context.Context, req activities.PeerRulesRequest) (activities.PeerRules, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var done activities.PeerRules
	for _, group := range req.Groups {
		want := map[string]bool{}
		for _, source := range req.Sources {
			for _, port := range req.Ports {
				rule := fmt.Sprintf("%s %s %d", group, source, port)
				want[rule] = true
				if c.rules[rule] == "" {
					c.rules[rule] = string(req.Owner)
					c.log = append(c.log, "let in "+rule)
				}
				done.Rules = append(done.Rules, activities.PeerRule{ID: "sgr-" + rule, Group: group, Says: rule})
			}
		}
		for rule, owner := range maps.Clone(c.rules) {
			if strings.HasPrefix(rule, group+" ") && owner == string(req.Owner) && !want[rule] {
				delete(c.rules, rule)
				c.log = append(c.log, "shut out "+rule)
			}
		}
	}
	return done, nil
}

func (c *twoSides) RemovePeerRules(_ context.Context, req activities.PeerRulesRequest) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, rule := range slices.Sorted(maps.Keys(c.rules)) {
		group, _, _ := strings.Cut(rule, " ")
		if slices.Contains(req.Groups, group) && c.rules[rule] == string(req.Owner) {
			delete(c.rules, rule)
			c.log = append(c.log, "shut out "+rule)
		}
	}
	return nil
}

var _ activities.Peerings = (*twoSides)(nil)

// crossing is a VPCPeering in a time-skipping Temporal, with an inventory that a script changes.
type crossing struct {
	*bench
	net       *twoSides
	inventory link.VPCInventorySpec
}

func newCrossing(t *testing.T, vpcs ...string) *crossing {
	env, cloud, around := newEnvironment(t)
	c := &crossing{
		bench: &bench{TestWorkflowEnvironment: env, t: t, cloud: cloud, around: around},
		net: &twoSides{routes: map[string]string{}, rules: map[string]string{}, networks: map[string]activities.Network{
			"vpc-0": {VPC: "vpc-0", Owner: "111111111111", CIDRs: []string{"10.0.0.0/16"}},
			"vpc-a": {VPC: "vpc-a", Owner: "222222222222", CIDRs: []string{"10.1.0.0/16"}},
			"vpc-b": {VPC: "vpc-b", Owner: "222222222222", CIDRs: []string{"10.2.0.0/16", "2001:db8::/56"}},
			"vpc-c": {VPC: "vpc-c", Owner: "222222222222", CIDRs: []string{"10.2.128.0/20"}},
		}},
	}
	c.lists(vpcs...)
	around.answers("vpc-inventory/spokes", "linkwright.inventory", func() any { return c.inventory })
	env.RegisterActivityWithOptions(c.net, activity.RegisterOptions{Name: "aws."})
	return c
}

// lists changes which VPCs the inventory has.
func (c *crossing) lists(vpcs ...string) {
	c.inventory = estateSpec(vpcs...)
	c.inventory.Account = "consumer"
	for i := range c.inventory.AWS.VPCs {
		vpc := &c.inventory.AWS.VPCs[i]
		vpc.RouteTables = []string{"rtb-" + strings.TrimPrefix(vpc.VPC, "vpc-")}
	}
}

func crossingSpec(changes ...func(*link.PeeringSpec)) link.PeeringSpec {
	spec := link.PeeringSpec{
		Hub:       link.PeeringHub{Account: "provider", Region: "us-east-1", VPC: "vpc-0", RouteTables: []string{"rtb-0"}},
		Inventory: "spokes",
	}
	for _, change := range changes {
		change(&spec)
	}
	return spec
}

func (c *crossing) peer(spec link.PeeringSpec) link.Status {
	c.t.Helper()
	c.SetStartWorkflowOptions(clientOptions("peering/hub"))
	c.ExecuteWorkflow(workflows.VPCPeering, workflows.VPCPeeringInput{Name: "hub", Spec: spec, By: "ada"})
	return c.result()
}

func (c *crossing) removeAt(after time.Duration) {
	c.at(after, func() { c.decide(link.Remove, leaveNow, "") })
}

// wantLog compares what was done since the last time.
func (c *crossing) wantLog(want ...string) {
	c.t.Helper()
	if !slices.Equal(c.net.log, want) {
		c.t.Errorf("it did\n  %s\nwant\n  %s", strings.Join(c.net.log, "\n  "), strings.Join(want, "\n  "))
	}
	c.net.log = nil
}

func (c *crossing) wantBlocked(reason link.Reason, says ...string) {
	c.t.Helper()
	p := c.status().Blocked
	if p == nil || p.Reason != reason {
		c.t.Errorf("it is blocked by %+v, want %s", p, reason)
		return
	}
	for _, part := range says {
		if !strings.Contains(p.Message, part) {
			c.t.Errorf("it says %q, want %q in it", p.Message, part)
		}
	}
}

func TestPeeringFromCheckToRemoval(t *testing.T) {
	c := newCrossing(t, "vpc-a", "vpc-b")
	c.at(time.Hour, func() {
		s := c.status()
		active, _ := s.Condition(link.PeeringActive)
		routed, _ := s.Condition(link.Routed)
		applied, _ := s.Condition(link.SpecApplied)
		if s.Phase != link.Peered || !active.OK || !routed.OK || !applied.OK || s.Account != "provider" || s.Cloud != link.AWS {
			t.Errorf("%s: %+v", s.Phase, s.Conditions)
		}
		if len(s.Resources) != 2+4+2 {
			t.Errorf("its resources are %+v", s.Resources)
		}
		c.wantLog("ask pcx-1 vpc-a", "accept pcx-1", "ask pcx-2 vpc-b", "accept pcx-2",
			"route rtb-0 10.1.0.0/16 pcx-1", "route rtb-a 10.0.0.0/16 pcx-1", "route rtb-0 10.2.0.0/16 pcx-2", "route rtb-b 10.0.0.0/16 pcx-2",
			"let in sg-a 10.0.0.0/16 443", "let in sg-b 10.0.0.0/16 443")
	})
	c.at(72*time.Hour, func() {
		c.wantLog() // it has looked three times, and changed nothing
		c.decide(link.Remove, link.Decision{}, "does not say whose it is")
		c.decide(link.Remove, leaveNow, "")
		c.decide(link.Apply, workflows.ApplyPeeringRequest{Spec: crossingSpec(), By: "ada"}, "is being removed")
	})
	s := c.peer(crossingSpec())
	wantPhases(t, s, link.Checking, link.Peering, link.Routing, link.Peered, link.Removing, link.Removed)
	c.wantLog("shut out sg-a 10.0.0.0/16 443", "unroute rtb-0 10.1.0.0/16", "unroute rtb-a 10.0.0.0/16", "delete pcx-1",
		"shut out sg-b 10.0.0.0/16 443", "unroute rtb-0 10.2.0.0/16", "unroute rtb-b 10.0.0.0/16", "delete pcx-2")
	if active, _ := s.Condition(link.PeeringActive); len(s.Resources) > 0 || active.OK || len(c.net.routes)+len(c.net.rules) > 0 {
		t.Errorf("in the end there are %+v, %+v, %v, %v", s.Resources, active, c.net.routes, c.net.rules)
	}
}

func TestWhenSomethingCannotBePeeredNothingIsTouched(t *testing.T) {
	for _, test := range []struct {
		name   string
		vpcs   []string
		spec   func(*link.PeeringSpec)
		before func(*crossing)
		reason link.Reason
		says   []string
	}{
		{"when a VPC overlaps with the hub", []string{"vpc-a", "vpc-b"}, nil, func(c *crossing) {
			c.net.networks["vpc-b"] = activities.Network{VPC: "vpc-b", CIDRs: []string{"10.0.64.0/18"}}
		}, link.ReasonConflictingPeering, []string{"nothing was touched", "10.0.0.0/16 of vpc-0 overlaps with 10.0.64.0/18 of vpc-b"}},
		{"when two VPCs overlap", []string{"vpc-a", "vpc-b", "vpc-c"}, nil, nil,
			link.ReasonConflictingPeering, []string{"10.2.0.0/16 of vpc-b overlaps with 10.2.128.0/20 of vpc-c"}},
		{"when the hub is in the inventory", []string{"vpc-a", "vpc-0"}, nil, nil, link.ReasonConflictingPeering, []string{"vpc-0 cannot be peered with itself"}},
		{"when a VPC does not exist", []string{"vpc-a", "vpc-d"}, nil, nil, link.ReasonNetworkMismatch, []string{"vpc-d does not exist"}},
		{"when a route table of the hub does not exist", []string{"vpc-a"}, func(s *link.PeeringSpec) { s.Hub.RouteTables = []string{"rtb-9"} }, nil,
			link.ReasonNetworkMismatch, []string{"vpc-0: rtb-9 does not exist"}},
		{"when the last route leads elsewhere", []string{"vpc-a", "vpc-b"}, nil, func(c *crossing) { c.net.routes["rtb-b 10.0.0.0/16"] = "tgw-1" },
			link.ReasonConflictingPeering, []string{"tgw-1"}},
		{"when groups of another region are named", []string{"vpc-a"}, func(s *link.PeeringSpec) { s.Hub.SecurityGroups = []string{"sg-0"} }, nil,
			link.ReasonNetworkMismatch, []string{"cannot name security groups of us-east-1"}},
		{"when there is no such inventory", []string{"vpc-a"}, func(s *link.PeeringSpec) { s.Inventory = "others" }, nil, link.ReasonInventoryMissing, []string{"no inventory others"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newCrossing(t, test.vpcs...)
			if test.before != nil {
				test.before(c)
			}
			c.at(24*time.Hour, func() {
				if s := c.status(); s.Phase != link.Checking {
					t.Errorf("it is %s", s.Phase)
				}
				c.wantBlocked(test.reason, test.says...)
			})
			c.removeAt(25 * time.Hour)
			spec := crossingSpec()
			if test.spec != nil {
				test.spec(&spec)
			}
			wantPhases(t, c.peer(spec), link.Checking, link.Removing, link.Removed)
			c.wantLog()
		})
	}
}

// A rerun takes in what has changed in the inventory, and takes away what has left it, with the parts of what stays.
func TestWhenAPeeringIsAddedAgainItTakesInWhatHasChanged(t *testing.T) {
	c := newCrossing(t, "vpc-a")
	again := workflows.ApplyPeeringRequest{Spec: crossingSpec(), By: "ada"}
	c.at(0, func() { c.decide(link.Apply, again, "") }) // comes with the start
	c.at(time.Hour, func() {
		c.net.log = nil
		c.lists("vpc-a", "vpc-b")
		c.inventory.AWS.VPCs[0].SecurityGroups = nil // the default one, then
		c.decide(link.Apply, again, "")
	})
	c.at(2*time.Hour, func() {
		c.wantLog("shut out sg-a 10.0.0.0/16 443", "ask pcx-2 vpc-b", "accept pcx-2", "route rtb-0 10.2.0.0/16 pcx-2", "route rtb-b 10.0.0.0/16 pcx-2",
			"let in sg-b 10.0.0.0/16 443", "let in sg-defa 10.0.0.0/16 443")
		c.lists("vpc-b")
		changed := crossingSpec(func(s *link.PeeringSpec) { s.Ports, s.Hub.RouteTables = []int32{8443}, []string{"rtb-01"} })
		c.decide(link.Apply, workflows.ApplyPeeringRequest{Spec: changed, By: "ada"}, "")
	})
	c.at(3*time.Hour, func() {
		c.wantLog("shut out sg-defa 10.0.0.0/16 443", "unroute rtb-0 10.1.0.0/16", "unroute rtb-a 10.0.0.0/16", "delete pcx-1", "unroute rtb-0 10.2.0.0/16",
			"route rtb-01 10.2.0.0/16 pcx-2", "let in sg-b 10.0.0.0/16 8443", "shut out sg-b 10.0.0.0/16 443")
		s := c.status()
		if s.Phase != link.Peered || s.Generation != 2 || len(s.Resources) != 1+2+1 {
			t.Errorf("it is %s, generation %d, with %+v", s.Phase, s.Generation, s.Resources)
		}
		c.decide(link.Apply, workflows.ApplyPeeringRequest{Spec: crossingSpec(func(s *link.PeeringSpec) { s.Hub.VPC = "vpc-1" })}, "stays with its hub")
	})
	c.removeAt(4 * time.Hour)
	c.peer(crossingSpec())
	if len(c.net.routes)+len(c.net.rules) > 0 {
		t.Errorf("left are %v, %v", c.net.routes, c.net.rules)
	}
}

// Lesson 9: what somebody takes away is noticed within a day, and made again; routes lead to the new connection.
func TestMistake09APeeringWhoseRoutesWereTakenAway(t *testing.T) {
	c := newCrossing(t, "vpc-a")
	c.at(time.Hour, func() {
		c.net.log = nil
		c.net.peerings[0].Live, c.net.peerings[0].State = false, "deleted"
		delete(c.net.rules, "sg-a 10.0.0.0/16 443")
	})
	c.at(30*time.Hour, func() {
		c.wantLog("ask pcx-2 vpc-a", "accept pcx-2", "route rtb-0 10.1.0.0/16 pcx-2", "route rtb-a 10.0.0.0/16 pcx-2", "let in sg-a 10.0.0.0/16 443")
		s := c.status()
		if active, _ := s.Condition(link.PeeringActive); s.Phase != link.Peered || !active.OK || len(s.Resources) != 1+2+1 {
			t.Errorf("it is %s, %+v with %+v", s.Phase, active, s.Resources)
		}
	})
	c.removeAt(31 * time.Hour)
	c.peer(crossingSpec())
}

// Lesson 7: a connection that was turned away is not taken for an active one. It blocks, and is asked for again.
func TestMistake07APeeringThatIsTurnedAwayBlocks(t *testing.T) {
	c := newCrossing(t, "vpc-a")
	c.net.turnAway = 1
	c.at(30*time.Second, func() {
		c.wantBlocked(link.ReasonConflictingPeering, "is rejected")
		if active, _ := c.status().Condition(link.PeeringActive); active.OK || len(c.net.routes) > 0 {
			t.Errorf("it is %+v, with routes %v", active, c.net.routes)
		}
		c.decide(link.Retry, leaveNow, "")
	})
	c.at(50*time.Second, func() {
		if s := c.status(); s.Phase != link.Peered || s.Blocked != nil {
			t.Errorf("it is %s, %+v", s.Phase, s.Blocked)
		}
	})
	c.removeAt(time.Hour)
	c.peer(crossingSpec())
	if c.net.peerings[1].State != "deleted" {
		t.Errorf("the second is %s", c.net.peerings[1].State)
	}
}

// Lesson 11: a flow that was terminated, and begun anew, finds what it has made by its tag, and removes it.
func TestMistake11APeeringBegunAnewFindsWhatItHasMade(t *testing.T) {
	c := newCrossing(t, "vpc-a")
	of := func(vpc string) activities.Peering {
		return activities.Peering{ID: "pcx-" + vpc, State: "active", Live: true,
			From: activities.PeerVPC{VPC: "vpc-0", Owner: "111111111111", Region: "us-east-1"},
			To:   activities.PeerVPC{VPC: vpc, Owner: "222222222222", Region: "eu-central-1"}}
	}
	a, b := of("vpc-a"), of("vpc-b")
	c.net.peerings = []*activities.Peering{&a, &b}
	c.net.routes = map[string]string{"rtb-0 10.1.0.0/16": "pcx-vpc-a", "rtb-0 10.2.0.0/16": "pcx-vpc-b"}
	c.at(time.Hour, func() {
		c.wantLog("unroute rtb-0 10.2.0.0/16", "delete pcx-vpc-b", "route rtb-a 10.0.0.0/16 pcx-vpc-a", "let in sg-a 10.0.0.0/16 443")
	})
	c.removeAt(2 * time.Hour)
	c.peer(crossingSpec())
	if a.Live || len(c.net.routes) > 0 {
		t.Errorf("left are %+v, %v", a, c.net.routes)
	}
}

func TestWhenAPeeringIsCancelledItRemovesWhatItMade(t *testing.T) {
	c := newCrossing(t, "vpc-a")
	c.at(time.Hour, c.CancelWorkflow)
	s := c.peer(crossingSpec())
	if s.Phase != link.Removed || len(c.net.routes)+len(c.net.rules) > 0 || c.net.peerings[0].Live {
		t.Errorf("it is %s, and left are %v, %v", s.Phase, c.net.routes, c.net.rules)
	}
	if d := s.Decisions[len(s.Decisions)-1]; d.Verb != link.Remove || d.Via != link.ViaCancel {
		t.Errorf("the last decision is %+v", d)
	}
}

func TestAPeeringContinuesAsNewAndForgetsNothing(t *testing.T) {
	c := newCrossing(t, "vpc-a")
	c.at(time.Hour, func() { c.SetContinueAsNewSuggested(true) })
	c.SetStartWorkflowOptions(clientOptions("peering/hub"))
	c.ExecuteWorkflow(workflows.VPCPeering, workflows.VPCPeeringInput{Name: "hub", Spec: crossingSpec()})
	in := continuation[workflows.VPCPeeringInput](t, c.GetWorkflowError())

	next := newCrossing(t, "vpc-a")
	next.net.peerings, next.net.routes, next.net.rules = c.net.peerings, c.net.routes, c.net.rules
	next.removeAt(30 * time.Hour)
	next.SetStartWorkflowOptions(clientOptions("peering/hub"))
	next.SetContinuedExecutionRunID("the run before")
	next.ExecuteWorkflow(workflows.VPCPeering, in)
	wantPhases(t, next.result(), link.Checking, link.Peering, link.Routing, link.Peered, link.Removing, link.Removed)
	next.wantLog("shut out sg-a 10.0.0.0/16 443", "unroute rtb-0 10.1.0.0/16", "unroute rtb-a 10.0.0.0/16", "delete pcx-1")
}
