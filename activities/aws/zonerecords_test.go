package aws

import (
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	r53types "github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/internal/simaws"
)

// recordsRequest asks for an A record at a zone's own name.
func (sc *scene) recordsRequest(zone activities.Zone) activities.ZoneRecordsRequest {
	return activities.ZoneRecordsRequest{
		Place: consumer, Owner: connectionFlow, ZoneID: zone.ID, Addresses: []string{"10.1.2.5", "10.1.1.4"},
		Wanted: []link.ZoneRecord{{Name: zone.Name, Type: link.RecordA, TTL: 60}},
	}
}

// records are those of a zone, but for the two that each zone must have, in one line each.
func (sc *scene) records(zone string) []string {
	sc.t.Helper()
	s := &site{Config: sc.config, place: consumer, Clients: sc.clients(consumer)}
	sets, err := s.recordSets(sc.t.Context(), zone)
	if err != nil {
		sc.t.Fatal(err)
	}
	var shown []string
	for _, set := range sets {
		if set.Type != r53types.RRTypeNs && set.Type != r53types.RRTypeSoa {
			shown = append(shown, shownSet(set))
		}
	}
	return shown
}

// record is put into the consumer's zone by somebody else, or taken out of it.
func (sc *scene) record(zone string, action r53types.ChangeAction, s r53types.ResourceRecordSet) {
	sc.t.Helper()
	_, err := sc.clients(consumer).Route53.ChangeResourceRecordSets(sc.t.Context(), &route53.ChangeResourceRecordSetsInput{
		HostedZoneId: sdk.String(zone), ChangeBatch: &r53types.ChangeBatch{Changes: []r53types.Change{{Action: action, ResourceRecordSet: &s}}},
	})
	if err != nil {
		sc.t.Fatal(err)
	}
}

// resolved are the addresses that a VPC's resolver answers a name with.
func (sc *scene) resolved(vpc, name string) []string {
	sc.t.Helper()
	answer, err := sc.cloud.Resolve(vpc, name, "A")
	if err != nil {
		sc.t.Fatal(err)
	}
	var addresses []string
	for _, record := range answer.Records {
		addresses = append(addresses, record[strings.LastIndex(record, " ")+1:])
	}
	slices.Sort(addresses)
	return addresses
}

func wantRecords(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("records:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestRecordsLeadToTheEndpoint(t *testing.T) {
	sc := newScene(t)
	service := sc.publish()
	endpoint := sc.ready(service, sc.connect(service))
	seen := must(t, NewConsumer(sc.config).DescribeEndpoint, activities.EndpointRequest{Place: consumer, Endpoint: endpoint.ID})
	var addresses []string
	for _, a := range seen.Addresses {
		addresses = append(addresses, a.IP)
	}
	slices.Sort(addresses)
	zone, main := sc.zone(), sc.id("consumer", "vpc", "main")
	h := NewHostedZones(sc.config)
	req := activities.ZoneRecordsRequest{
		Place: consumer, Owner: connectionFlow, ZoneID: zone.ID, Addresses: addresses,
		Alias: activities.ZoneAlias{Name: seen.DNSNames[0], ZoneID: seen.DNSZone},
		Wanted: []link.ZoneRecord{{Name: zone.Name, Type: link.RecordAlias}, {Name: "*." + zone.Name, Type: link.RecordAlias},
			{Name: "plain." + zone.Name, Type: link.RecordA, TTL: 60}},
	}
	done := must(t, h.EnsureRecords, req)
	if want := []string{"record *." + zone.Name + " made", "record " + zone.Name + " made", "record plain." + zone.Name + " made"}; !slices.Equal(done.Changes, want) {
		t.Errorf("it says %q, want %q", done.Changes, want)
	}
	if n := sc.calls("ChangeResourceRecordSets"); n != 1 {
		t.Errorf("it wrote %d times", n)
	}
	for _, name := range []string{zone.Name, "any." + zone.Name, "plain." + zone.Name} {
		if got := sc.resolved(main, name); !slices.Equal(got, addresses) || len(got) == 0 {
			t.Errorf("%s leads to %q, want %q", name, got, addresses)
		}
	}
	var again activities.ZoneRecords
	calls := sc.callsBy(func() { again = must(t, h.EnsureRecords, req) })
	if again.Changes != nil || calls != 1 || sc.calls("ChangeResourceRecordSets") != 1 {
		t.Errorf("when all is as wanted, it does %q by %d calls, want 1", again.Changes, calls)
	}

	req.Wanted = []link.ZoneRecord{{Name: zone.Name, Type: link.RecordA, TTL: 30}}
	must(t, h.EnsureRecords, req)
	wantRecords(t, sc.records(zone.ID), zone.Name+" A 30 "+strings.Join(addresses, " "), zone.Name+" TXT 300 "+zonesNote)
	req.Wanted = nil
	must(t, h.EnsureRecords, req)
	wantRecords(t, sc.records(zone.ID))
}

func TestRecordsWaitForTheEndpoint(t *testing.T) {
	sc := newScene(t)
	zone := sc.zone()
	h, req := NewHostedZones(sc.config), sc.recordsRequest(zone)
	req.Addresses = nil
	var heartbeat any
	for _, kind := range []link.RecordType{link.RecordA, link.RecordAlias} {
		req.Wanted[0].Type = kind
		if _, err := attempt(t, h.EnsureRecords, req, &heartbeat); err == nil || !strings.Contains(err.Error(), "yet") {
			t.Errorf("for a record of type %s, it answers %v", kind, err)
		}
	}
}

func TestRecordsAreWaitedFor(t *testing.T) {
	sc := newScene(t, func(f *simaws.WorldFile) { f.Scale = 0.001 })
	id := sc.othersZone(consumer, "k.example.com", sc.network("consumer", "main"))
	h, req := NewHostedZones(sc.config), sc.recordsRequest(activities.Zone{ID: id, Name: "k.example.com"})
	var heartbeat any
	for n := range 3 {
		calls := sc.callsBy(func() {
			if _, err := attempt(t, h.EnsureRecords, req, &heartbeat); err == nil {
				t.Fatalf("attempt %d answers before the resolvers have the records", n)
			}
		})
		if n > 0 && calls != 1 {
			t.Errorf("waiting takes %d calls, want 1", calls)
		}
	}
	if sc.calls("ChangeResourceRecordSets") != 1 || sc.calls("GetChange") != 2 {
		t.Errorf("it wrote %d and asked %d times, want 1 and 2", sc.calls("ChangeResourceRecordSets"), sc.calls("GetChange"))
	}
}

func TestRecordsOfOthersInAPrivateZoneStay(t *testing.T) {
	sc := newScene(t)
	id := sc.othersZone(consumer, "k.example.com", sc.network("consumer", "main"))
	zone := activities.Zone{ID: id, Name: "api.k.example.com"}
	spf, www := set(r53types.RRTypeTxt, "api.k.example.com", 120, `"v=spf1 -all"`), set(r53types.RRTypeA, "www.k.example.com", 60, "10.9.9.9")
	sc.record(id, r53types.ChangeActionCreate, spf)
	sc.record(id, r53types.ChangeActionCreate, www)
	h, req := NewHostedZones(sc.config), sc.recordsRequest(zone)
	must(t, h.EnsureRecords, req)
	wantRecords(t, sc.records(id), "api.k.example.com A 60 10.1.1.4 10.1.2.5", "api.k.example.com TXT 120 "+zonesNote+` "v=spf1 -all"`, shownSet(www))

	other := req
	other.Owner = "default/connection/payments/other"
	_, err := run(t, h.EnsureRecords, other)
	if p := wantProblem(t, err, link.ReasonConflictingRecord); !strings.Contains(p.Message, "A record api.k.example.com (of "+string(connectionFlow)+")") {
		t.Errorf("message = %q, want it to name the record and whose it is", p.Message)
	}
	must(t, plain(h.RemoveZone), activities.ZoneRequest{Place: consumer, Owner: other.Owner, ZoneID: id})
	must(t, h.EnsureRecords, req)
	if n := len(sc.records(id)); n != 3 {
		t.Errorf("after another flow has gone, %d sets are left", n)
	}
	must(t, plain(h.RemoveZone), activities.ZoneRequest{Place: consumer, Owner: connectionFlow, ZoneID: id})
	wantRecords(t, sc.records(id), shownSet(spf), shownSet(www))
	if sc.lookedAt(consumer, id) == nil {
		t.Error("the zone was removed, and is not ours")
	}
}

func TestARecordWithoutANoteBlocks(t *testing.T) {
	sc := newScene(t)
	zone := sc.zone()
	theirs := set(r53types.RRTypeA, zone.Name, 60, "10.9.9.9")
	sc.record(zone.ID, r53types.ChangeActionCreate, theirs)
	h, req := NewHostedZones(sc.config), sc.recordsRequest(zone)
	_, err := run(t, h.EnsureRecords, req)
	if p := wantProblem(t, err, link.ReasonConflictingRecord); !strings.Contains(p.Message, "A record "+zone.Name) {
		t.Errorf("message = %q, want it to name the record", p.Message)
	}
	wantRecords(t, sc.records(zone.ID), shownSet(theirs))
	sc.record(zone.ID, r53types.ChangeActionCreate, set(r53types.RRTypeTxt, zone.Name, 60, zonesNote)) // handed over
	must(t, h.EnsureRecords, req)
	wantRecords(t, sc.records(zone.ID), zone.Name+" A 60 10.1.1.4 10.1.2.5", zone.Name+" TXT 60 "+zonesNote)
}

func TestANameOutsideOfTheZoneBlocks(t *testing.T) {
	sc := newScene(t)
	req := sc.recordsRequest(sc.zone())
	req.Wanted[0].Name = "another-api.k.example.com"
	_, err := run(t, NewHostedZones(sc.config).EnsureRecords, req)
	wantProblem(t, err, link.ReasonInvalidRequest)
}

func TestAZoneWithRecordsOfOthersIsNotRemoved(t *testing.T) {
	sc := newScene(t)
	zone := sc.zone()
	h := NewHostedZones(sc.config)
	must(t, h.EnsureRecords, sc.recordsRequest(zone))
	www := set(r53types.RRTypeA, "www."+zone.Name, 60, "10.9.9.9")
	sc.record(zone.ID, r53types.ChangeActionCreate, www)
	for range 2 {
		_, err := run(t, plain(h.RemoveZone), sc.zoneRequest())
		if p := wantProblem(t, err, link.ReasonConflictingRecord); !strings.Contains(p.Message, "A record www."+zone.Name) || !strings.Contains(p.Message, zone.ID) {
			t.Errorf("message = %q, want it to name the record and the zone", p.Message)
		}
		wantRecords(t, sc.records(zone.ID), shownSet(www))
	}
	sc.record(zone.ID, r53types.ChangeActionDelete, www)
	must(t, plain(h.RemoveZone), sc.zoneRequest())
	if sc.lookedAt(consumer, zone.ID) != nil {
		t.Error("it is still there")
	}
}

// hold takes a step whose write to a zone is held, until release; then it answers.
func hold[Req, Res any](sc *scene, step func(Req) (Res, error), req Req) (release func() error) {
	sc.t.Helper()
	sc.inject(simaws.Fault{Action: "ChangeResourceRecordSets", Effect: simaws.EffectHold})
	ended := make(chan error, 1)
	go func() {
		_, err := step(req)
		ended <- err
	}()
	for deadline := time.Now().Add(time.Minute); len(sc.cloud.HeldCalls()) == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			sc.t.Fatal("no write is held")
		}
	}
	return func() error {
		sc.cloud.ClearFaults()
		return <-ended
	}
}

func TestWritesToAZoneComeOneByOne(t *testing.T) {
	sc := newScene(t)
	zone := sc.zone()
	h, first := NewHostedZones(sc.config), sc.recordsRequest(zone)
	second := first
	second.Owner, second.Wanted = "default/connection/payments/other", []link.ZoneRecord{{Name: "b." + zone.Name, Type: link.RecordA}}
	release := hold(sc, func(req activities.ZoneRecordsRequest) (activities.ZoneRecords, error) {
		var heartbeat any
		return attempt(t, h.EnsureRecords, req, &heartbeat)
	}, first)
	var heartbeat any
	if _, err := attempt(t, h.EnsureRecords, second, &heartbeat); err == nil || !strings.Contains(err.Error(), "another step is writing") {
		t.Errorf("while one writes, another answers %v, want it pending", err)
	}
	if n := len(sc.cloud.HeldCalls()); n != 1 {
		t.Errorf("%d writes are under way", n)
	}
	if err := release(); err == nil {
		t.Error("the first answers before the resolvers have the record")
	}
	must(t, h.EnsureRecords, second)
	must(t, h.EnsureRecords, first)
	if got := sc.records(zone.ID); len(got) != 4 {
		t.Errorf("records = %q", got)
	}
}

func TestWhatOthersWriteMeanwhileIsNotOverwritten(t *testing.T) {
	sc := newScene(t)
	zone := sc.zone()
	h, req := NewHostedZones(sc.config), sc.recordsRequest(zone)
	text := set(r53types.RRTypeTxt, zone.Name, 60, `"a"`)
	sc.record(zone.ID, r53types.ChangeActionCreate, text)
	release := hold(sc, func(req activities.ZoneRecordsRequest) (activities.ZoneRecords, error) {
		return run(t, h.EnsureRecords, req)
	}, req)
	sc.record(zone.ID, r53types.ChangeActionUpsert, set(r53types.RRTypeTxt, zone.Name, 60, `"a"`, `"b"`))
	if err := release(); err != nil {
		t.Fatal(err)
	}
	wantRecords(t, sc.records(zone.ID), zone.Name+" A 60 10.1.1.4 10.1.2.5", zone.Name+" TXT 60 "+`"a" "b" `+zonesNote)
}

func TestAZoneThatHasJustBeenMadeIsNotSearched(t *testing.T) {
	sc := newScene(t)
	zone := sc.zone()
	h, req := NewHostedZones(sc.config), sc.recordsRequest(zone)
	req.New = true
	must(t, h.EnsureRecords, req)
	if n := sc.calls("ListResourceRecordSets"); n != 0 {
		t.Errorf("it was searched %d times", n)
	}
	// As when the answer to the change was lost: the same is asked for once more.
	must(t, h.EnsureRecords, req)
	wantRecords(t, sc.records(zone.ID), zone.Name+" A 60 10.1.1.4 10.1.2.5", zone.Name+" TXT 300 "+zonesNote)
}

func TestSomebodyWhoWasQuickerInANewZoneIsNotOverwritten(t *testing.T) {
	sc := newScene(t)
	zone := sc.zone()
	h, req := NewHostedZones(sc.config), sc.recordsRequest(zone)
	req.New = true
	sc.record(zone.ID, r53types.ChangeActionCreate, set(r53types.RRTypeA, zone.Name, 60, "192.0.2.1"))
	_, err := run(t, h.EnsureRecords, req)
	wantProblem(t, err, link.ReasonConflictingRecord)
	wantRecords(t, sc.records(zone.ID), zone.Name+" A 60 192.0.2.1")
}
