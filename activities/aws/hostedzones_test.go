package aws

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	r53types "github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/activities/aws/permissions"
	"github.com/linkwright/linkwright/activities/looks"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/internal/simaws"
)

// network is a VPC as Route 53 knows it.
func (sc *scene) network(account, name string) activities.ZoneNetwork {
	sc.t.Helper()
	return activities.ZoneNetwork{VPC: sc.id(account, "vpc", name), Region: "us-east-1"}
}

// zoneRequest asks for the consumer's zone api.k.example.com, which its VPC "main" sees.
func (sc *scene) zoneRequest() activities.ZoneRequest {
	sc.t.Helper()
	return activities.ZoneRequest{Place: consumer, Owner: connectionFlow, Name: "api.k.example.com", Network: sc.network("consumer", "main")}
}

func (sc *scene) zone() activities.Zone {
	sc.t.Helper()
	return must(sc.t, NewHostedZones(sc.config).EnsureZone, sc.zoneRequest())
}

// othersZone makes a zone that no flow knows of; it is public without a VPC.
func (sc *scene) othersZone(place activities.Place, name string, network activities.ZoneNetwork) string {
	sc.t.Helper()
	in := route53.CreateHostedZoneInput{Name: sdk.String(name), CallerReference: sdk.String("by hand " + name + network.VPC)}
	if network.VPC != "" {
		in.VPC = vpcOf(network)
	}
	out, err := sc.clients(place).Route53.CreateHostedZone(sc.t.Context(), &in)
	if err != nil {
		sc.t.Fatal(err)
	}
	return zoneID(out.HostedZone.Id)
}

// lookedAt is a zone and its owner; nil when it does not exist.
func (sc *scene) lookedAt(place activities.Place, id string) *foundZone {
	sc.t.Helper()
	s := &site{Config: sc.config, place: place, Clients: sc.clients(place)}
	z, err := s.lookAtZone(sc.t.Context(), id)
	if hasCode(err, "NoSuchHostedZone") {
		return nil
	}
	if err != nil {
		sc.t.Fatal(err)
	}
	return &z
}

// zones counts the private zones of a name in an account.
func (sc *scene) zones(place activities.Place, name string) int {
	sc.t.Helper()
	s := &site{Config: sc.config, place: place, Clients: sc.clients(place)}
	found, err := s.privateZonesNamed(sc.t.Context(), name)
	if err != nil {
		sc.t.Fatal(err)
	}
	return len(found)
}

// callsBy counts the calls to Route 53 that f makes.
func (sc *scene) callsBy(f func()) int {
	count := func() (n int) {
		for _, c := range sc.cloud.Calls() {
			if c.Service == "route53" {
				n++
			}
		}
		return n
	}
	before := count()
	f()
	return count() - before
}

func TestAZoneIsMadeOnceAndRemoved(t *testing.T) {
	sc := newScene(t)
	h, req := NewHostedZones(sc.config), sc.zoneRequest()
	made := must(t, h.EnsureZone, req)
	if want := []string{"zone " + made.ID + " made"}; made.Name != req.Name || !slices.Equal(made.Networks, []activities.ZoneNetwork{req.Network}) || !slices.Equal(made.Changes, want) {
		t.Errorf("zone = %+v", made)
	}
	if z := sc.lookedAt(consumer, made.ID); z == nil || z.owner != connectionFlow {
		t.Errorf("it is %+v, want it tagged", z)
	}
	for _, known := range []string{"", made.ID} {
		req.ZoneID = known
		var again activities.Zone
		calls := sc.callsBy(func() { again = must(t, h.EnsureZone, req) })
		if again.ID != made.ID || again.Changes != nil || calls != 3 {
			t.Errorf("asked again, zone = %+v by %d calls, want the same by 3", again, calls)
		}
	}
	must(t, plain(h.RemoveZone), req)
	if z := sc.lookedAt(consumer, made.ID); z != nil {
		t.Errorf("after its removal it is still %+v", z)
	}
	must(t, plain(h.RemoveZone), req)
	anew := must(t, h.EnsureZone, req)
	if anew.ID == made.ID || sc.calls("CreateHostedZone") != 2 {
		t.Errorf("made anew, zone = %+v after %d calls", anew, sc.calls("CreateHostedZone"))
	}
	req.ZoneID = "" // a flow that has lost the id
	must(t, plain(h.RemoveZone), req)
	if z := sc.lookedAt(consumer, anew.ID); z != nil {
		t.Errorf("removed by name, it is still %+v", z)
	}
}

func TestMistake03AZoneMadeTwiceAfterALostAnswer(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault simaws.Fault
		made  int // calls of CreateHostedZone
	}{
		{"when the answer is lost, the zone is known by its caller reference",
			simaws.Fault{Action: "CreateHostedZone", Effect: simaws.EffectLose}, 2},
		{"when it is not listed yet, no second one is made",
			simaws.Fault{Action: "ListHostedZonesByName", Effect: simaws.EffectStale, Times: 2}, 2},
		{"when the caller reference is used up by a zone that was deleted, another one is taken",
			simaws.Fault{Action: "CreateHostedZone", Effect: simaws.EffectError, Status: 409, Code: "HostedZoneAlreadyExists", Message: "used", Times: looks.BelievedAfter}, looks.BelievedAfter + 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			sc := newScene(t)
			sc.inject(c.fault)
			zone := sc.zone()
			if again := sc.zone(); again.ID != zone.ID {
				t.Errorf("the second time it is %s, at first it was %s", again.ID, zone.ID)
			}
			if n := sc.zones(consumer, zone.Name); n != 1 {
				t.Errorf("there are %d zones", n)
			}
			if z := sc.lookedAt(consumer, zone.ID); z == nil || z.owner != connectionFlow {
				t.Errorf("it is %+v, want it tagged", z)
			}
			if n := sc.calls("CreateHostedZone"); n != c.made {
				t.Errorf("it was asked for %d times, want %d", n, c.made)
			}
		})
	}
}

func TestAZoneThatIsNotTaggedYetIsTheOwners(t *testing.T) {
	sc := newScene(t)
	h, req := NewHostedZones(sc.config), sc.zoneRequest()
	halfMade := func() {
		t.Helper()
		sc.inject(simaws.Fault{Action: "ChangeTagsForResource", Effect: simaws.EffectAccessDenied})
		_, err := run(t, h.EnsureZone, req)
		wantProblem(t, err, link.ReasonMissingPermission)
	}
	halfMade()
	if zone := must(t, h.EnsureZone, req); sc.lookedAt(consumer, zone.ID).owner != connectionFlow || sc.zones(consumer, req.Name) != 1 {
		t.Errorf("it goes on with %+v of %d", sc.lookedAt(consumer, zone.ID), sc.zones(consumer, req.Name))
	}
	must(t, plain(h.RemoveZone), req)
	halfMade()
	others := req
	others.Owner = "default/connection/payments/other"
	_, err := run(t, h.EnsureZone, others)
	wantProblem(t, err, link.ReasonConflictingZone)
	must(t, plain(h.RemoveZone), others)
	if sc.zones(consumer, req.Name) != 1 {
		t.Error("another flow has removed it")
	}
	must(t, plain(h.RemoveZone), req)
	if n := sc.zones(consumer, req.Name); n != 0 {
		t.Errorf("when the owner goes before it is tagged, %d zones stay", n)
	}
}

// TestMistake02AZoneAdoptedByNameAlone has zones of the wanted name that are not the flow's.
func TestMistake02AZoneAdoptedByNameAlone(t *testing.T) {
	for _, c := range []struct {
		name string
		make func(*scene) string // and its id
		says string
	}{
		{"when the VPC sees somebody's zone of the name, it blocks", func(sc *scene) string {
			return sc.othersZone(consumer, "api.k.example.com", sc.network("consumer", "main"))
		}, "has no tag linkwright:owner"},
		{"when another VPC of the account sees one, it blocks", func(sc *scene) string {
			return sc.othersZone(consumer, "API.k.example.com", sc.network("consumer", "plain"))
		}, "has no tag linkwright:owner"},
		{"when another flow has one, it blocks", func(sc *scene) string {
			req := sc.zoneRequest()
			req.Owner = "default/connection/payments/other"
			return must(sc.t, NewHostedZones(sc.config).EnsureZone, req).ID
		}, "belongs to another flow: its tag linkwright:owner is default/connection/payments/other"},
		{"when the VPC sees another account's, it blocks", func(sc *scene) string {
			id := sc.othersZone(provider, "api.k.example.com", sc.network("provider", "main"))
			sc.associate(provider, id, consumer, sc.network("consumer", "main"))
			return id
		}, "belongs to account 111111111111"},
	} {
		t.Run(c.name, func(t *testing.T) {
			sc := newScene(t)
			id := c.make(sc)
			h, req := NewHostedZones(sc.config), sc.zoneRequest()
			_, err := run(t, h.EnsureZone, req)
			if p := wantProblem(t, err, link.ReasonConflictingZone); !strings.Contains(p.Message, id) || !strings.Contains(p.Message, c.says) {
				t.Errorf("message = %q, want it to name %s and to say %q", p.Message, id, c.says)
			}
			must(t, plain(h.RemoveZone), req)
			if n := sc.zones(consumer, req.Name) + sc.zones(provider, req.Name); n != 1 {
				t.Errorf("there are %d zones of the name, want that one", n)
			}
			if n := sc.calls("ChangeResourceRecordSets"); n > 0 {
				t.Errorf("it was written to %d times", n)
			}
		})
	}
}

func TestAZoneWhoseTagWasTakenAwayIsLetBe(t *testing.T) {
	sc := newScene(t)
	zone := sc.zone()
	_, err := sc.clients(consumer).Route53.ChangeTagsForResource(t.Context(), &route53.ChangeTagsForResourceInput{
		ResourceType: r53types.TagResourceTypeHostedzone, ResourceId: sdk.String(zone.ID), RemoveTagKeys: []string{ownerTag}})
	if err != nil {
		t.Fatal(err)
	}
	h, req := NewHostedZones(sc.config), sc.zoneRequest()
	req.ZoneID = zone.ID
	_, err = run(t, h.EnsureZone, req)
	wantProblem(t, err, link.ReasonConflictingZone)
	must(t, plain(h.RemoveZone), req)
	if sc.lookedAt(consumer, zone.ID) == nil {
		t.Error("it was removed")
	}
}

func TestAPublicZoneOfTheNameIsNotInTheWay(t *testing.T) {
	sc := newScene(t)
	public := sc.othersZone(consumer, "api.k.example.com", activities.ZoneNetwork{})
	if zone := sc.zone(); zone.ID == public {
		t.Errorf("zone = %+v", zone)
	}
}

func TestAZoneWithoutAVPCOfItsAccountBlocks(t *testing.T) {
	sc := newScene(t)
	h, req := NewHostedZones(sc.config), sc.zoneRequest()
	for name, network := range map[string]activities.ZoneNetwork{
		"when there is none":              {},
		"when it is of another account":   sc.network("provider", "main"),
		"when it is in another region":    {VPC: req.Network.VPC, Region: "eu-west-1"},
		"when it does not exist any more": {VPC: "vpc-0123456789abcdef0", Region: "us-east-1"},
	} {
		t.Run(name, func(t *testing.T) {
			req.Network = network
			_, err := run(t, h.EnsureZone, req)
			wantProblem(t, err, link.ReasonNetworkMismatch)
		})
	}
	if n := sc.zones(consumer, req.Name); n != 0 {
		t.Errorf("%d zones were made", n)
	}
}

func TestAZoneNamedByItsID(t *testing.T) {
	sc := newScene(t)
	h := NewHostedZones(sc.config)
	named := func(id string) activities.ZoneRequest {
		return activities.ZoneRequest{Place: consumer, Owner: connectionFlow, ZoneID: id}
	}
	there := sc.othersZone(consumer, "k.example.com", sc.network("consumer", "plain"))
	var zone activities.Zone
	calls := sc.callsBy(func() { zone = must(t, h.EnsureZone, named(there)) })
	if zone.ID != there || zone.Name != "k.example.com" || len(zone.Networks) != 1 || zone.Changes != nil || calls != 1 {
		t.Errorf("zone = %+v by %d calls", zone, calls)
	}
	if z := sc.lookedAt(consumer, there); z.owner != "" {
		t.Errorf("it was tagged: %+v", z)
	}
	for _, c := range []struct{ name, id, says string }{
		{"when it is public, it blocks", sc.othersZone(consumer, "example.com", activities.ZoneNetwork{}), "is public"},
		{"when it does not exist, it blocks", "Z00000000000000000000", "there is no hosted zone Z00000000000000000000"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := run(t, h.EnsureZone, named(c.id))
			if p := wantProblem(t, err, link.ReasonZoneMissing); !strings.Contains(p.Message, c.says) {
				t.Errorf("message = %q, want it to say %q", p.Message, c.says)
			}
		})
	}
	must(t, plain(h.RemoveZone), named(there))
	if sc.lookedAt(consumer, there) == nil {
		t.Error("it was removed, and is not ours")
	}
}

// associate lets a VPC of another account see a zone, step by step.
func (sc *scene) associate(owner activities.Place, zone string, place activities.Place, network activities.ZoneNetwork) {
	sc.t.Helper()
	h := NewHostedZones(sc.config)
	req := activities.ZoneVPCRequest{Place: owner, ZoneID: zone, ZoneName: "api.k.example.com", Network: network}
	must(sc.t, plain(h.AuthorizeVPC), req)
	req.Place = place
	must(sc.t, plain(h.AssociateVPC), req)
	req.Place = owner
	must(sc.t, plain(h.DeauthorizeVPC), req)
}

// authorized counts the authorizations of the consumer's zone.
func (sc *scene) authorized(zone string) int {
	sc.t.Helper()
	out, err := sc.clients(consumer).Route53.ListVPCAssociationAuthorizations(sc.t.Context(),
		&route53.ListVPCAssociationAuthorizationsInput{HostedZoneId: sdk.String(zone)})
	if err != nil {
		sc.t.Fatal(err)
	}
	return len(out.VPCs)
}

func TestAVPCOfAnotherAccountSeesAZone(t *testing.T) {
	sc := newScene(t)
	h, zone, network := NewHostedZones(sc.config), sc.zone(), sc.network("provider", "main")
	owners := activities.ZoneVPCRequest{Place: consumer, ZoneID: zone.ID, ZoneName: zone.Name, Network: network}
	theirs := owners
	theirs.Place = provider

	var heartbeat any
	if _, err := attempt(t, plain(h.AssociateVPC), theirs, &heartbeat); err == nil || !strings.Contains(err.Error(), "has not authorized") {
		t.Errorf("without an authorization: %v, want it pending", err)
	}
	must(t, plain(h.AuthorizeVPC), owners)
	must(t, plain(h.AuthorizeVPC), owners)
	must(t, plain(h.AssociateVPC), theirs)
	for range 2 {
		must(t, plain(h.DeauthorizeVPC), owners)
		if n := sc.authorized(zone.ID); n != 0 {
			t.Errorf("%d authorizations are left", n)
		}
	}
	sees := func() bool { return slices.Contains(sc.zone().Networks, network) }
	if !sees() {
		t.Error("the VPC does not see the zone")
	}

	calls := sc.calls("AssociateVPCWithHostedZone")
	must(t, plain(h.AssociateVPC), theirs)
	must(t, plain(h.AuthorizeVPC), owners)
	must(t, plain(h.AssociateVPC), theirs)
	must(t, plain(h.DeauthorizeVPC), owners)
	if sc.calls("AssociateVPCWithHostedZone") != calls+2 || !sees() {
		t.Errorf("for a VPC that sees the zone, it asks %d times more, want 2", sc.calls("AssociateVPCWithHostedZone")-calls)
	}

	for range 2 {
		must(t, plain(h.DisassociateVPC), theirs)
		if sees() {
			t.Error("the VPC still sees the zone")
		}
	}
	owners.Network = sc.network("consumer", "main")
	_, err := run(t, plain(h.DisassociateVPC), owners)
	wantProblem(t, err, link.ReasonInvalidRequest) // the last one
	must(t, plain(h.RemoveZone), sc.zoneRequest())
	must(t, plain(h.DisassociateVPC), theirs)
	must(t, plain(h.DeauthorizeVPC), owners)
}

func TestAZoneThatVPCsSeeIsRemoved(t *testing.T) {
	sc := newScene(t)
	zone := sc.zone()
	sc.associate(consumer, zone.ID, provider, sc.network("provider", "main"))
	must(t, plain(NewHostedZones(sc.config).RemoveZone), sc.zoneRequest())
	if sc.lookedAt(consumer, zone.ID) != nil {
		t.Error("it is still there")
	}
}

func TestAnAssociationThatIsNeverAuthorizedBlocks(t *testing.T) {
	sc := newScene(t)
	zone := sc.zone()
	sc.config.Patience = time.Nanosecond
	_, err := run(t, plain(NewHostedZones(sc.config).AssociateVPC), activities.ZoneVPCRequest{
		Place: provider, ZoneID: zone.ID, ZoneName: zone.Name, Network: sc.network("provider", "main")})
	wantProblem(t, err, link.ReasonMissingPermission)
}

func TestAVPCThatSeesAnotherZoneOfTheNameIsBlocked(t *testing.T) {
	sc := newScene(t)
	zone, network := sc.zone(), sc.network("provider", "main")
	other := sc.othersZone(provider, zone.Name, network)
	parent := sc.othersZone(provider, "k.example.com", sc.network("provider", "main"))
	h := NewHostedZones(sc.config)
	req := activities.ZoneVPCRequest{Place: consumer, ZoneID: zone.ID, ZoneName: zone.Name, Network: network}
	must(t, plain(h.AuthorizeVPC), req)
	req.Place = provider
	_, err := run(t, plain(h.AssociateVPC), req)
	p := wantProblem(t, err, link.ReasonConflictingZone)
	if !strings.Contains(p.Message, other) || !strings.Contains(p.Message, "111111111111") || strings.Contains(p.Message, parent) {
		t.Errorf("message = %q, want it to name %s and its account", p.Message, other)
	}
}

func TestAnAssociationIsWaitedFor(t *testing.T) {
	sc := newScene(t, func(f *simaws.WorldFile) { f.Scale = 0.001 })
	there := sc.othersZone(consumer, "k.example.com", sc.network("consumer", "plain"))
	h := NewHostedZones(sc.config)
	req := activities.ZoneVPCRequest{Place: consumer, ZoneID: there, Network: sc.network("consumer", "main")}
	var heartbeat any
	for n := range 3 {
		calls := sc.callsBy(func() {
			if _, err := attempt(t, plain(h.AssociateVPC), req, &heartbeat); err == nil {
				t.Fatalf("attempt %d answers before the resolver knows the zone", n)
			}
		})
		if n > 0 && calls != 1 {
			t.Errorf("waiting takes %d calls, want 1", calls)
		}
	}
	if sc.calls("AssociateVPCWithHostedZone") != 1 || sc.calls("GetChange") != 2 {
		t.Errorf("it associated %d and asked %d times, want 1 and 2", sc.calls("AssociateVPCWithHostedZone"), sc.calls("GetChange"))
	}
	sc.inject(simaws.Fault{Action: "GetChange", Effect: simaws.EffectError, Status: 403, Code: "AccessDenied", Message: "not yours"})
	if _, err := attempt(t, plain(h.AssociateVPC), req, &heartbeat); err != nil {
		t.Errorf("when it may not ask for the change, the zone's being listed is not enough: %v", err)
	}
}

// TestThePoliciesOfPrivateZonesSuffice takes the steps with nothing allowed but what the policies say.
func TestThePoliciesOfPrivateZonesSuffice(t *testing.T) {
	for _, c := range []struct{ name, zone string }{
		{"when the zone is made", "name: api.k.example.com"}, {"when the zone is there", "zoneID: %s"},
	} {
		t.Run(c.name, func(t *testing.T) {
			sc := newScene(t)
			network, req := sc.network("provider", "main"), sc.zoneRequest()
			if strings.HasPrefix(c.zone, "zoneID") {
				id := sc.othersZone(consumer, req.Name, req.Network)
				req = activities.ZoneRequest{Place: consumer, Owner: connectionFlow, ZoneID: id}
				c.zone = fmt.Sprintf(c.zone, id)
			}
			sc.restrict(fmt.Sprintf(`
apiVersion: linkwright/v1
kind: Connection
metadata: {name: shop}
spec:
  service: payments
  account: consumer
  region: us-east-1
  aws: {vpc: %[1]s, subnets: [subnet-0a], securityGroups: [sg-0a]}
  dns:
    mode: hostedZone
    hostedZone:
      %[3]s
      records: [{name: api.k.example.com}, {name: "*.api.k.example.com"}]
      vpcs: [{vpc: %[1]s}, {account: provider, vpc: %[2]s}]
`, sc.id("consumer", "vpc", "main"), network.VPC, c.zone))
			h := NewHostedZones(sc.config)
			zone := must(t, h.EnsureZone, req)
			must(t, plain(h.AssociateVPC), activities.ZoneVPCRequest{Place: consumer, ZoneID: zone.ID, Network: sc.network("consumer", "main")})
			sc.associate(consumer, zone.ID, provider, network)
			records := sc.recordsRequest(zone)
			records.Wanted = append(records.Wanted, link.ZoneRecord{Name: "*." + zone.Name, Type: link.RecordA})
			must(t, h.EnsureRecords, records)
			must(t, plain(h.DisassociateVPC), activities.ZoneVPCRequest{Place: provider, ZoneID: zone.ID, Network: network})
			must(t, plain(h.RemoveZone), req)

			_, err := run(t, plain(h.AssociateVPC), activities.ZoneVPCRequest{Place: consumer, ZoneID: zone.ID, Network: sc.network("consumer", "plain")})
			wantProblem(t, err, link.ReasonMissingPermission)
		})
	}
}

// restrict takes all permissions from the roles but those that private zones take.
func (sc *scene) restrict(specs string) {
	sc.t.Helper()
	docs, err := link.Decode(link.File{Name: "specs.yaml", Data: []byte(specs)})
	if err != nil {
		sc.t.Fatal(err)
	}
	known := map[string]permissions.Account{}
	for name, id := range map[string]string{"provider": "111111111111", "consumer": "222222222222"} {
		known[name] = permissions.Account{ID: id, Partition: "aws", RoleARN: "arn:aws:iam::" + id + ":role/linkwright"}
	}
	for _, g := range permissions.For(docs, permissions.Options{
		Accounts: known, Owner: func(link.Document) string { return string(connectionFlow) },
		Only: []permissions.Role{permissions.Zone, permissions.Network},
	}) {
		policy, err := json.Marshal(g.Policy)
		if err != nil {
			sc.t.Fatal(err)
		}
		if err := sc.cloud.SetPolicies(g.RoleARN, []simaws.PolicyDocument{simaws.PolicyDocument(policy)}); err != nil {
			sc.t.Fatal(err)
		}
	}
}

func TestStepsAboutZonesGoOnWhenOthersChangeThem(t *testing.T) {
	for _, c := range []struct {
		code, action string
		times        int
	}{
		{"ConcurrentModification", "AssociateVPCWithHostedZone", 7}, // more than what a step may fail
		{"ConcurrentModification", "DisassociateVPCFromHostedZone", 7},
		{"ConcurrentModification", "CreateVPCAssociationAuthorization", 7},
		{"ConcurrentModification", "DeleteVPCAssociationAuthorization", 7},
		{"ConcurrentModification", "ChangeResourceRecordSets", 7},
		{"ConcurrentModification", "DeleteHostedZone", 7},
		{"PriorRequestNotComplete", "ChangeResourceRecordSets", 4}, // which the SDK tries again by itself, and slowly
	} {
		t.Run(c.code+" at "+c.action, func(t *testing.T) {
			sc := newScene(t)
			h, zone, network := NewHostedZones(sc.config), sc.zone(), sc.network("provider", "main")
			sc.inject(simaws.Fault{Action: c.action, Effect: simaws.EffectError, Status: 400, Code: c.code, Message: "wait", Times: c.times})
			sc.associate(consumer, zone.ID, provider, network)
			must(t, h.EnsureRecords, sc.recordsRequest(zone))
			must(t, plain(h.DisassociateVPC), activities.ZoneVPCRequest{Place: provider, ZoneID: zone.ID, Network: network})
			must(t, plain(h.RemoveZone), sc.zoneRequest())
			if n := sc.calls(c.action); n <= c.times {
				t.Errorf("%s was called %d times", c.action, n)
			}
		})
	}
}
