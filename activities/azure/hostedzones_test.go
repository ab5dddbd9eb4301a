package azure

import (
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/privatedns/armprivatedns"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

var pollOften = &runtime.PollUntilDoneOptions{Frequency: 5 * time.Millisecond}

func zoneRequest() activities.ZoneRequest {
	return activities.ZoneRequest{Place: consumer, Owner: connectionFlow, Name: "k.example.com", ResourceGroup: "shop"}
}

func (sc *scene) networkRequest(zone activities.Zone) activities.ZoneVPCRequest {
	return activities.ZoneVPCRequest{
		Place: consumer, Owner: connectionFlow, ZoneID: zone.ID, ZoneName: zone.Name,
		Network: activities.ZoneNetwork{VPC: sc.id("virtual-network", "spoke"), Region: "northeurope"},
	}
}

func TestAZoneOfTheNameThatIsNotOursBlocks(t *testing.T) {
	sc := newScene(t)
	h := NewHostedZones(sc.config)
	must(sc, consumer, h.EnsureZone, zoneRequest())
	other := zoneRequest()
	other.Owner = "default/connection/payments/other"
	if p := blockedBy(sc, consumer, h.EnsureZone, other); p.Reason != link.ReasonConflictingZone {
		t.Errorf("the problem is %+v", p)
	}
	must(sc, consumer, plain(h.RemoveZone), other)
	if zone := must(sc, consumer, h.EnsureZone, zoneRequest()); zone.Name != "k.example.com" {
		t.Errorf("it is %+v", zone)
	}
	missing := activities.ZoneRequest{Place: consumer, Owner: connectionFlow, ZoneID: sc.id("private-dns-zone", "links.internal") + "x"}
	if p := blockedBy(sc, consumer, h.EnsureZone, missing); p.Reason != link.ReasonZoneMissing {
		t.Errorf("when it is not there, the problem is %+v", p)
	}
}

func TestANetworkThatSeesAnotherZoneOfTheNameBlocks(t *testing.T) {
	sc := newScene(t)
	h := NewHostedZones(sc.config)
	req := zoneRequest()
	req.Name, req.ResourceGroup = "links.internal", "more"
	zone := must(sc, consumer, h.EnsureZone, req)
	p := blockedBy(sc, consumer, plain(h.AssociateVPC), sc.networkRequest(zone))
	if p.Reason != link.ReasonConflictingZone || !strings.Contains(strings.ToLower(p.Message), strings.ToLower(sc.id("private-dns-zone", "links.internal"))) {
		t.Errorf("the problem is %+v", p)
	}
	if plan, err := run(sc, consumer, NewPlanner(sc.config).PlanZoneVPC, sc.networkRequest(zone)); err != nil || plan[0].Problem == nil {
		t.Errorf("the plan is %+v, %v", plan, err)
	}
	must(sc, consumer, plain(h.RemoveZone), req)
}

func TestInAZoneThatIsThereNothingButOurOwnIsTouched(t *testing.T) {
	sc := newScene(t)
	h := NewHostedZones(sc.config)
	id := sc.id("private-dns-zone", "links.internal")
	zone := must(sc, consumer, h.EnsureZone, activities.ZoneRequest{Place: consumer, Owner: connectionFlow, ZoneID: id})
	if len(zone.Networks) != 1 {
		t.Errorf("it is %+v", zone)
	}
	network := sc.networkRequest(zone)
	must(sc, consumer, plain(h.AssociateVPC), network)
	if n := sc.calls("virtualNetworkLinks/write"); n > 1 { // the world file's own
		t.Errorf("a link that was there was written: %d", n)
	}
	must(sc, consumer, plain(h.DisassociateVPC), network)
	records := activities.ZoneRecordsRequest{
		Place: consumer, Owner: connectionFlow, ZoneID: zone.ID, Addresses: []string{"10.2.0.9"},
		Wanted: []link.ZoneRecord{{Name: "api.links.internal", Type: link.RecordA, TTL: 60}},
	}
	must(sc, consumer, h.EnsureRecords, records)
	taken := records
	taken.Wanted = []link.ZoneRecord{{Name: "old.links.internal", Type: link.RecordA}}
	if p := blockedBy(sc, consumer, h.EnsureRecords, taken); p.Reason != link.ReasonConflictingRecord {
		t.Errorf("the problem is %+v", p)
	}
	outside := records
	outside.Wanted = []link.ZoneRecord{{Name: "api.example.com", Type: link.RecordA}}
	if p := blockedBy(sc, consumer, h.EnsureRecords, outside); p.Reason != link.ReasonInvalidRequest {
		t.Errorf("the problem is %+v", p)
	}
	must(sc, consumer, plain(h.RemoveZone), activities.ZoneRequest{Place: consumer, Owner: connectionFlow, ZoneID: zone.ID})
	if answer, err := sc.cloud.Resolve(network.Network.VPC, "old.links.internal", "A"); err != nil || len(answer.Records) != 1 {
		t.Errorf("what was there is %+v, %v", answer, err)
	}
	if answer, err := sc.cloud.Resolve(network.Network.VPC, "api.links.internal", "A"); err != nil || len(answer.Records) != 0 {
		t.Errorf("what was made is %+v, %v", answer, err)
	}
}

func TestAZoneInWhichOthersHaveRecordsStays(t *testing.T) {
	sc := newScene(t)
	h := NewHostedZones(sc.config)
	zone := must(sc, consumer, h.EnsureZone, zoneRequest())
	must(sc, consumer, plain(h.AssociateVPC), sc.networkRequest(zone))
	records := sc.clients(consumer).Records
	_, err := records.CreateOrUpdate(t.Context(), "shop", zone.Name, armprivatedns.RecordTypeA, "theirs", armprivatedns.RecordSet{
		Properties: &armprivatedns.RecordSetProperties{TTL: new(int64(60)), ARecords: []*armprivatedns.ARecord{{IPv4Address: new("10.2.0.7")}}},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if p := blockedBy(sc, consumer, plain(h.RemoveZone), zoneRequest()); p.Reason != link.ReasonConflictingRecord || !strings.Contains(p.Message, "theirs."+zone.Name) {
		t.Errorf("the problem is %+v", p)
	}
	if _, err := records.Delete(t.Context(), "shop", zone.Name, armprivatedns.RecordTypeA, "theirs", nil); err != nil {
		t.Fatal(err)
	}
	must(sc, consumer, plain(h.RemoveZone), zoneRequest())
	if plan := must(sc, consumer, NewPlanner(sc.config).PlanZone, zoneRequest()); plan.Zone != nil || plan.Changes[0].Action != link.ActionCreate {
		t.Errorf("then the plan is %+v", plan)
	}
}
