package workflows_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// hubSpec leaves the choice of the VPC to two inventories, and resolves the service's name in a zone of its own.
func hubSpec() link.ConnectionSpec {
	return link.ConnectionSpec{
		Service: "payments", Account: "consumer", Region: "eu-central-1",
		AWS: &link.AWSConnection{
			Inventories:   []string{"hub-1", "hub-2"},
			SecurityGroup: &link.EndpointSecurityGroup{From: []string{"10.0.0.0/8"}, Ports: []int32{443}},
		},
		DNS: link.ConnectionDNS{Mode: link.DNSHostedZone, HostedZone: &link.HostedZone{
			Name:    "api.k.example.com",
			Records: []link.ZoneRecord{{Name: "api.k.example.com", Type: link.RecordAlias}},
		}},
	}
}

// inventories are the hub's in a test: what they answer, in turn, and what they were told.
type inventories struct {
	asked    map[string][]reservation
	released []string
}

type reservation struct {
	Holder  string   `json:"holder"`
	ZoneIDs []string `json:"zoneIDs"`
	Full    string   `json:"full"`
}

// promise is how an inventory answers.
type promise struct {
	Place   *link.Placement  `json:"place,omitempty"`
	Against []link.Objection `json:"against,omitempty"`
}

func placeIn(inventory, vpc string) promise {
	return promise{Place: &link.Placement{
		Inventory: inventory, VPC: vpc, Subnets: []string{"subnet-of-" + vpc}, SecurityGroups: []string{"sg-inventory"}, Why: "the emptiest",
	}}
}

func noRoomIn(inventory, vpc string) promise {
	return promise{Against: []link.Objection{{Inventory: inventory, VPC: vpc, Reason: "50 of 50 endpoints"}}}
}

// offer lets an inventory answer the reservations, each with the next answer, the last one for ever.
func (b *bench) offer(told *inventories, inventory string, answers ...promise) {
	if told.asked == nil {
		told.asked = map[string][]reservation{}
	}
	b.around.updates["vpc-inventory/"+inventory+" linkwright.reserve"] = func(message json.RawMessage) any {
		var r reservation
		if err := json.Unmarshal(message, &r); err != nil {
			b.t.Error(err)
		}
		nth := len(told.asked[inventory])
		told.asked[inventory] = append(told.asked[inventory], r)
		return answers[min(nth, len(answers)-1)]
	}
	b.OnSignalExternalWorkflow(mock.Anything, "vpc-inventory/"+inventory, mock.Anything, "linkwright.release", mock.Anything).
		Return(func(_, _, _, _ string, _ any) error { told.released = append(told.released, inventory); return nil }).Maybe()
}

func TestAConnectionFindsItsPlaceInAnInventory(t *testing.T) {
	b := newBench(t)
	b.policy.AutoApprove = []string{"222222222222"}
	var told inventories
	b.offer(&told, "hub-1", placeIn("hub-1", "vpc-1"))
	b.at(time.Hour, func() {
		s := b.status()
		if s.Phase != link.Ready || s.Placement == nil || s.Placement.VPC != "vpc-1" {
			t.Errorf("%s, placed at %+v", s.Phase, s.Placement)
		}
		if groups := b.cloud.asked[0].Spec.AWS.SecurityGroups; !slices.Equal(groups, []string{"sg-of-vpc-1"}) {
			t.Errorf("the endpoint was made with security groups %v", groups)
		}
		if zone := b.cloud.zones["Z1"]; zone == nil || zone.Records.Alias != (activities.ZoneAlias{Name: "vpce-1.example", ZoneID: "ZENDPOINTS"}) {
			t.Errorf("the zone is %+v", zone)
		}
		if len(told.released) != 0 {
			t.Errorf("places were given back: %v", told.released)
		}
		b.decide(link.Disconnect, leaveNow, "")
	})
	s := b.connect(hubSpec())
	if len(told.asked["hub-1"]) != 1 || !slices.Equal(told.asked["hub-1"][0].ZoneIDs, []string{"euc1-az1", "euc1-az2"}) {
		t.Errorf("hub-1 was asked %+v", told.asked["hub-1"])
	}
	if s.Phase != link.Disconnected || len(b.cloud.zones)+len(b.cloud.groups)+len(b.cloud.endpoints) != 0 || !slices.Equal(told.released, []string{"hub-1"}) {
		t.Errorf("%s, zones %v, groups %v, released %v", s.Phase, b.cloud.zones, b.cloud.groups, told.released)
	}
	if len(s.Resources) != 0 {
		t.Errorf("still listed: %v", s.Resources)
	}
}

func TestAConnectionSpillsToTheNextInventory(t *testing.T) {
	b := newBench(t)
	b.policy.AutoApprove = []string{"222222222222"}
	var told inventories
	b.offer(&told, "hub-1", noRoomIn("hub-1", "vpc-1"))
	b.offer(&told, "hub-2", placeIn("hub-2", "vpc-2"))
	b.at(time.Hour, func() {
		p := b.status().Placement
		if p == nil || p.VPC != "vpc-2" || len(p.Against) != 1 || p.Against[0].VPC != "vpc-1" {
			t.Errorf("placed at %+v", p)
		}
		b.decide(link.Disconnect, leaveNow, "")
	})
	b.connect(hubSpec())
}

func TestAVPCThatTurnsOutToBeFullIsLeftForAnother(t *testing.T) {
	b := newBench(t)
	b.policy.AutoApprove = []string{"222222222222"}
	b.cloud.full["vpc-1"] = true
	var told inventories
	b.offer(&told, "hub-1", placeIn("hub-1", "vpc-1"), noRoomIn("hub-1", "vpc-1"))
	b.offer(&told, "hub-2", placeIn("hub-2", "vpc-2"))
	b.at(time.Hour, func() {
		s := b.status()
		if s.Phase != link.Ready || s.Placement.VPC != "vpc-2" {
			t.Errorf("%s, placed at %+v", s.Phase, s.Placement)
		}
		if !slices.Equal(told.released, []string{"hub-1"}) {
			t.Errorf("given back: %v", told.released)
		}
		b.decide(link.Disconnect, leaveNow, "")
	})
	b.connect(hubSpec())
	if asked := told.asked["hub-1"]; len(asked) != 2 || asked[1].Full != "vpc-1" {
		t.Errorf("hub-1 was asked %+v", asked)
	}
	if groups := b.cloud.groups; len(groups) != 0 {
		t.Errorf("security groups are left: %v", groups)
	}
}

func TestWithoutRoomAConnectionIsBlockedUntilThereIsSome(t *testing.T) {
	b := newBench(t)
	b.policy.AutoApprove = []string{"222222222222"}
	var told inventories
	b.offer(&told, "hub-1", noRoomIn("hub-1", "vpc-1"), placeIn("hub-1", "vpc-3"))
	b.at(10*time.Second, func() {
		p := b.status().Blocked
		if p == nil || p.Reason != link.ReasonInventoryFull || !strings.Contains(p.Message, "hub-1 vpc-1: 50 of 50 endpoints") ||
			!strings.Contains(p.Message, "hub-2: no such VPCInventory is open") || !strings.Contains(p.Remedy, "add a VPC") {
			t.Errorf("blocked by %+v", p)
		}
		b.SignalWorkflow("linkwright.room", map[string]any{"inventory": "hub-1"})
	})
	b.at(20*time.Second, func() {
		if s := b.status(); s.Phase != link.Ready || s.Blocked != nil {
			t.Errorf("%s, blocked by %+v", s.Phase, s.Blocked)
		}
		b.decide(link.Disconnect, leaveNow, "")
	})
	b.connect(hubSpec())
}

func TestWithoutAnyInventoryAConnectionSaysWhichIsMissing(t *testing.T) {
	b := newBench(t)
	b.at(time.Minute/2, func() {
		if p := b.status().Blocked; p == nil || p.Reason != link.ReasonInventoryMissing || !strings.Contains(p.Remedy, "hub-1, hub-2") {
			t.Errorf("blocked by %+v", p)
		}
		b.decide(link.Disconnect, leaveNow, "")
	})
	b.connect(hubSpec())
}

// A zone of another account: the owner of the VPC associates it, by an authorization that is taken back.
func TestMistake05AuthorizationsAreTakenBack(t *testing.T) {
	b := newBench(t)
	b.policy.AutoApprove = []string{"222222222222"}
	var told inventories
	b.offer(&told, "hub-1", placeIn("hub-1", "vpc-1"))
	b.cloud.refuse("AssociateVPC", activities.Blocked(link.Problem{Reason: link.ReasonMissingPermission, Message: "no"}, nil))
	spec := hubSpec()
	spec.DNS.HostedZone.VPCs = []link.ZoneVPC{
		{Account: "consumer", Region: "eu-central-1", VPC: "vpc-0b"},
		{Account: "provider", Region: "us-east-1", VPC: "vpc-0c"},
	}
	b.at(10*time.Second, func() { // in the middle: authorized, and not associated
		if s := b.status(); s.Blocked == nil || len(b.cloud.granted) != 1 {
			t.Errorf("blocked by %+v, authorizations %v", s.Blocked, b.cloud.granted)
		}
		b.decide(link.Disconnect, leaveNow, "")
	})
	b.connect(spec)
	if len(b.cloud.granted) != 0 || len(b.cloud.zones) != 0 {
		t.Errorf("authorizations %v, zones %v are left", b.cloud.granted, b.cloud.zones)
	}
}

func TestAZoneThatIsThereKeepsWhatItHad(t *testing.T) {
	b := newBench(t)
	b.policy.AutoApprove = []string{"222222222222"}
	b.cloud.zones["ZSHARED"] = &memoryZone{Name: "k.example.com", Networks: []activities.ZoneNetwork{{VPC: "vpc-0e", Region: "eu-central-1"}}}
	spec := shopSpec()
	spec.Ingress = nil
	spec.DNS = link.ConnectionDNS{Mode: link.DNSHostedZone, HostedZone: &link.HostedZone{
		Account: "provider", ZoneID: "ZSHARED",
		Records: []link.ZoneRecord{{Name: "shop.k.example.com", Type: link.RecordA, TTL: 60}},
		VPCs:    []link.ZoneVPC{{VPC: "vpc-0e"}, {VPC: "vpc-0f"}},
	}}
	b.at(time.Hour, func() {
		zone := b.cloud.zones["ZSHARED"]
		if len(zone.Networks) != 2 || !slices.Equal(zone.Records.Addresses, []string{"10.1.0.7", "10.1.1.7"}) {
			t.Errorf("the zone is %+v", zone)
		}
		b.decide(link.Disconnect, leaveNow, "")
	})
	b.connect(spec)
	if zone := b.cloud.zones["ZSHARED"]; len(zone.Networks) != 1 || zone.Networks[0].VPC != "vpc-0e" || len(zone.Records.Wanted) != 0 {
		t.Errorf("the zone is left as %+v", zone)
	}
}

func TestRecordsFollowTheInterfaces(t *testing.T) {
	b := newBench(t)
	b.policy.AutoApprove = []string{"222222222222"}
	spec := shopSpec()
	spec.Ingress = nil
	spec.DNS = link.ConnectionDNS{Mode: link.DNSHostedZone, HostedZone: &link.HostedZone{
		Name: "k.example.com", Records: []link.ZoneRecord{{Name: "k.example.com", Type: link.RecordA, TTL: 60}},
	}}
	written := func() (n int) {
		for _, taken := range b.cloud.steps() {
			if taken == "EnsureRecords" {
				n++
			}
		}
		return n
	}
	b.at(time.Hour, func() {
		e := b.cloud.endpoints["vpce-1"]
		e.Interfaces = []string{"eni-1", "eni-9"}
		b.cloud.reaches(*e)
	})
	b.at(2*time.Hour, func() {
		if s := b.status(); s.Phase != link.Ready || written() != 2 {
			t.Errorf("%s, records were looked at %d times", s.Phase, written())
		}
		b.decide(link.Disconnect, leaveNow, "")
	})
	b.connect(spec)
}

// listener is the ARN of the HTTPS listener of a load balancer.
func listener(balancer string) string {
	return "arn:aws:elasticloadbalancing:eu-central-1:222222222222:listener/app/" + balancer + "/0123456789abcdef/0123456789abcdef"
}

func routeSpec(listeners ...link.RouteListener) link.ConnectionSpec {
	spec := shopSpec()
	spec.DNS = link.ConnectionDNS{}
	spec.Ingress = &link.Ingress{Port: 80, Route: &link.Route{Listeners: listeners, Hosts: []string{"shop.example.com"}}}
	return spec
}

func TestARouteIsMadeAndTakenDown(t *testing.T) {
	b := newBench(t)
	b.policy.AutoApprove = []string{"222222222222"}
	b.at(time.Hour, func() {
		if s := b.status(); s.Phase != link.Ready || b.cloud.routes[listener("edge")] != (memoryRoute{"group-80-at-" + listener("edge"), "cert-1"}) || len(b.cloud.targets) != 2 {
			t.Errorf("%s, routes %v, targets %v", s.Phase, b.cloud.routes, b.cloud.targets)
		}
		b.decide(link.Disconnect, leaveNow, "")
	})
	s := b.connect(routeSpec(link.RouteListener{Listener: listener("edge")}))
	if s.Phase != link.Disconnected || len(b.cloud.routes)+len(b.cloud.targets)+len(b.cloud.targetGroups)+len(s.Resources) != 0 {
		t.Errorf("%s, routes %v, targets %v, groups %v, resources %v", s.Phase, b.cloud.routes, b.cloud.targets, b.cloud.targetGroups, s.Resources)
	}
	steps := b.cloud.steps()
	rule, targets := slices.Index(steps, "RemoveRoute"), slices.Index(steps, "RemoveTargets")
	if rule < 0 || rule > targets || slices.Index(steps, "EnsureTargets") > slices.Index(steps, "EnsureRoute") {
		t.Errorf("the rule must come after the targets, and go before them: %v", steps)
	}
}

func TestARouteOnAnotherPortIsOpenBeforeTheFormerIsClosed(t *testing.T) {
	b := newBench(t)
	b.policy.AutoApprove = []string{"222222222222"}
	before := routeSpec(link.RouteListener{Listener: listener("edge")})
	after := routeSpec(link.RouteListener{Listener: listener("edge")})
	after.Ingress.Port = 8080
	b.at(time.Hour, func() { b.decide(link.Apply, map[string]any{"spec": after, "by": "ada"}, "") })
	b.at(2*time.Hour, func() {
		if s := b.status(); s.Phase != link.Ready || len(b.cloud.targetGroups) != 1 || b.cloud.routes[listener("edge")].Group != "group-8080-at-"+listener("edge") {
			t.Errorf("%s, routes %v, groups %v", s.Phase, b.cloud.routes, b.cloud.targetGroups)
		}
		steps := b.cloud.steps()
		opened, closed := 0, slices.Index(steps, "RemoveTargets")
		for i, taken := range steps {
			if taken == "EnsureRoute" {
				opened = i // the last time
			}
		}
		if closed < opened {
			t.Errorf("the former targets were taken away first: %v", steps)
		}
		b.decide(link.Disconnect, leaveNow, "")
	})
	b.connect(before)
}

func TestACertificateThatAnotherOneReplacesIsTakenOff(t *testing.T) {
	b := newBench(t)
	b.policy.AutoApprove = []string{"222222222222"}
	with := func(certificate string) link.ConnectionSpec {
		spec := routeSpec(link.RouteListener{Listener: listener("edge")})
		spec.Ingress.Route.Certificate = "arn:aws:acm:eu-central-1:222222222222:certificate/" + certificate
		return spec
	}
	only := func(certificate string) func() {
		return func() {
			s, want := b.status(), with(certificate).Ingress.Route.Certificate
			if s.Phase != link.Ready || len(b.cloud.certificates) != 1 || !b.cloud.certificates[want] {
				t.Errorf("%s, certificates %v, want %s alone", s.Phase, b.cloud.certificates, want)
			}
		}
	}
	first, second := "0a1b2c3d-4e5f-6789-abcd-ef0123456789", "1a1b2c3d-4e5f-6789-abcd-ef0123456789"
	b.at(time.Hour, only(first))
	b.at(2*time.Hour, func() { b.decide(link.Apply, map[string]any{"spec": with(second), "by": "ada"}, "") })
	b.at(3*time.Hour, only(second))
	b.at(4*time.Hour, func() { b.decide(link.Disconnect, leaveNow, "") })
	if s := b.connect(with(first)); s.Phase != link.Disconnected || len(b.cloud.certificates) > 0 {
		t.Errorf("%s, certificates %v are left", s.Phase, b.cloud.certificates)
	}
}

func TestARouteSpillsToTheNextLoadBalancer(t *testing.T) {
	for name, refused := range map[string]bool{"known to be full": false, "turns out to be full": true} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.policy.AutoApprove = []string{"222222222222"}
			if refused {
				b.cloud.refuse("EnsureRoute", activities.Blocked(link.Problem{Reason: link.ReasonQuotaFull, Message: "TooManyRules"}, nil))
			} else {
				b.cloud.full[listener("edge-1")] = true
			}
			b.at(time.Hour, func() {
				if s := b.status(); s.Phase != link.Ready || len(b.cloud.routes) != 1 || b.cloud.routes[listener("edge-2")].Group != "group-80-at-"+listener("edge-2") {
					t.Errorf("%s, routes %v, blocked by %+v", s.Phase, b.cloud.routes, s.Blocked)
				}
				b.decide(link.Disconnect, leaveNow, "")
			})
			b.connect(routeSpec(link.RouteListener{Listener: listener("edge-1")}, link.RouteListener{Listener: listener("edge-2")}))
		})
	}
}

func TestEndpointAndRoutePlacedTogether(t *testing.T) {
	b := newBench(t)
	b.policy.AutoApprove = []string{"222222222222"}
	b.cloud.full[listener("edge-1")] = true
	var told inventories
	b.offer(&told, "hub-1", placeIn("hub-1", "vpc-1"))
	b.offer(&told, "hub-2", placeIn("hub-2", "vpc-2"))
	spec := routeSpec(link.RouteListener{Listener: listener("edge-1"), Inventory: "hub-1"}, link.RouteListener{Listener: listener("edge-2"), Inventory: "hub-2"})
	spec.AWS = &link.AWSConnection{Inventories: []string{"hub-1", "hub-2"}}
	b.at(time.Hour, func() {
		s := b.status()
		if s.Phase != link.Ready || s.Placement.VPC != "vpc-2" || b.cloud.routes[listener("edge-2")].Group == "" {
			t.Errorf("%s, placed at %+v, routes %v", s.Phase, s.Placement, b.cloud.routes)
		}
		if groups := b.cloud.asked[0].Spec.AWS.SecurityGroups; !slices.Equal(groups, []string{"sg-inventory"}) {
			t.Errorf("the endpoint was made with security groups %v", groups)
		}
		b.decide(link.Disconnect, leaveNow, "")
	})
	b.connect(spec)
	if len(told.asked["hub-1"]) != 0 {
		t.Errorf("a place was asked for in hub-1, whose load balancer is full: %+v", told.asked["hub-1"])
	}
}

func TestWhenTheLoadBalancerOfAPlaceTurnsOutToBeFullTheEndpointMoves(t *testing.T) {
	b := newBench(t)
	b.policy.AutoApprove = []string{"222222222222"}
	b.cloud.refuse("EnsureRoute", activities.Blocked(link.Problem{Reason: link.ReasonQuotaFull, Message: "TooManyRules"}, nil))
	var told inventories
	b.offer(&told, "hub-1", placeIn("hub-1", "vpc-1"))
	b.offer(&told, "hub-2", placeIn("hub-2", "vpc-2"))
	spec := routeSpec(link.RouteListener{Listener: listener("edge-1"), Inventory: "hub-1"}, link.RouteListener{Listener: listener("edge-2"), Inventory: "hub-2"})
	spec.AWS = &link.AWSConnection{Inventories: []string{"hub-1", "hub-2"}}
	b.at(time.Hour, func() {
		s := b.status()
		if s.Phase != link.Ready || s.Placement.VPC != "vpc-2" || len(b.cloud.routes) != 1 || b.cloud.routes[listener("edge-2")].Group == "" {
			t.Errorf("%s, placed at %+v, routes %v, blocked by %+v", s.Phase, s.Placement, b.cloud.routes, s.Blocked)
		}
		if e := b.cloud.endpoints; len(e) != 1 || e["vpce-2"] == nil || e["vpce-2"].Network != "vpc-2" {
			t.Errorf("endpoints %v", e)
		}
		if !slices.Equal(told.released, []string{"hub-1"}) {
			t.Errorf("given back: %v", told.released)
		}
		b.decide(link.Disconnect, leaveNow, "")
	})
	b.connect(spec)
}

func TestAServiceThatIsPublishedElsewhere(t *testing.T) {
	b := newBench(t)
	b.cloud.names["/payments"] = "com.amazonaws.vpce.eu-central-1.vpce-svc-9"
	spec := shopSpec()
	spec.DNS, spec.Ingress = link.ConnectionDNS{}, nil
	spec.NameFrom = &link.NameFrom{SSMParameter: &link.SSMParameter{Account: "consumer", Name: "/payments"}}
	b.at(time.Hour, func() {
		s := b.status()
		if s.Phase != link.AwaitingApproval || s.Waiting == nil || !strings.Contains(s.Waiting.For, "vpce-svc-9") || s.Waiting.Approve != nil {
			t.Errorf("%s, waits for %+v", s.Phase, s.Waiting)
		}
		b.decide(link.Approve, seenByApprover, "whoever publishes the service")
		b.decide(link.Reject, seenByApprover, "whoever publishes the service")
	})
	b.at(2*time.Hour, func() {
		e := b.cloud.endpoints["vpce-1"]
		e.State = activities.EndpointAvailable
		b.cloud.reaches(*e)
	})
	b.at(3*time.Hour, func() {
		s := b.status()
		if let, _ := s.Condition(link.Approved); s.Phase != link.Ready || let.Reason != "LetInByProvider" {
			t.Errorf("%s, %+v, blocked by %+v", s.Phase, let, s.Blocked)
		}
		b.decide(link.Disconnect, leaveNow, "")
	})
	s := b.connect(spec)
	if steps := b.cloud.steps(); slices.Contains(steps, "AcceptConnection") || slices.Contains(steps, "RejectConnection") || b.left {
		t.Errorf("it acted for the provider: %v", steps)
	}
	if s.Phase != link.Disconnected || len(b.cloud.endpoints) != 0 {
		t.Errorf("%s, endpoints %v", s.Phase, b.cloud.endpoints)
	}
}

func TestDNSModesExcludeOneAnother(t *testing.T) {
	b := newBench(t)
	b.policy.AutoApprove = []string{"222222222222"}
	spec := shopSpec() // private
	spec.Ingress = nil
	zoned := spec
	zoned.DNS = link.ConnectionDNS{Mode: link.DNSHostedZone, HostedZone: &link.HostedZone{
		Name: "k.example.com", Records: []link.ZoneRecord{{Name: "k.example.com", Type: link.RecordAlias}},
	}}
	apply := func(s link.ConnectionSpec) { b.decide(link.Apply, map[string]any{"spec": s, "by": "ada"}, "") }
	b.at(time.Hour, func() { apply(zoned) })
	b.at(2*time.Hour, func() {
		if b.cloud.endpoints["vpce-1"].PrivateDNS || len(b.cloud.zones) != 1 {
			t.Errorf("private DNS %v, zones %v", b.cloud.endpoints["vpce-1"].PrivateDNS, b.cloud.zones)
		}
		apply(spec)
	})
	b.at(3*time.Hour, func() {
		if !b.cloud.endpoints["vpce-1"].PrivateDNS || len(b.cloud.zones) != 0 {
			t.Errorf("private DNS %v, zones %v", b.cloud.endpoints["vpce-1"].PrivateDNS, b.cloud.zones)
		}
		b.decide(link.Disconnect, leaveNow, "")
	})
	b.connect(spec)
	var order []string
	for _, taken := range b.cloud.steps() {
		if taken == "SetPrivateDNS" || taken == "EnsureZone" || taken == "RemoveZone" {
			order = append(order, taken)
		}
	}
	if want := []string{"SetPrivateDNS", "SetPrivateDNS", "EnsureZone", "RemoveZone", "SetPrivateDNS"}; !slices.Equal(order, want) {
		t.Errorf("the order is %v, want %v", order, want)
	}
}
