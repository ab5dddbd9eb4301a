package azure

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/privatedns/armprivatedns"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// ledger is a fleet that stands in memory.
type ledger struct {
	expected []activities.Expected
	// gone are the owners whose flows run no longer.
	gone []activities.Owner
}

func (l *ledger) Expected(_ context.Context, place activities.Place, _ string) ([]activities.Expected, error) {
	return slices.DeleteFunc(slices.Clone(l.expected), func(e activities.Expected) bool { return e.Place != place }), nil
}

func (l *ledger) Owns(_ context.Context, owner activities.Owner) (bool, error) {
	return !slices.Contains(l.gone, owner), nil
}

// Stood is what a flow stands by here.
func (l *ledger) Stood(_ context.Context, owner activities.Owner) ([]activities.Expectation, error) {
	var stood []activities.Expectation
	for _, e := range l.expected {
		if strings.HasSuffix(string(owner), "/"+e.Flow) {
			stood = append(stood, e.Expectation)
		}
	}
	return stood, nil
}

const (
	serviceWorkflow    = "endpoint-service/payments"
	connectionWorkflow = "connection/payments/shop"
)

func byWorkflow(x, y activities.Expected) int { return strings.Compare(x.Flow, y.Flow) }

// audited is a link that works, as its flows stand by it.
type audited struct {
	*scene
	ledger   ledger
	service  activities.Service
	endpoint activities.Endpoint
	zone     activities.Zone
	// what the flows ask for
	published activities.EnsureServiceRequest
	connected activities.EnsureEndpointRequest
	zoned     activities.ZoneRequest
	linked    activities.ZoneVPCRequest
	recorded  activities.ZoneRecordsRequest
}

func newAudited(t *testing.T) *audited {
	t.Helper()
	a := &audited{scene: newScene(t)}
	h := NewHostedZones(a.config)
	a.service = a.publish()
	a.endpoint = a.connect(a.service)
	letIn := a.letIn(a.service, a.endpoint)
	a.endpoint = must(a.scene, consumer, NewConsumer(a.config).DescribeEndpoint, activities.EndpointRequest{Place: consumer, Endpoint: a.endpoint.ID})
	a.published, a.connected, a.zoned = a.serviceRequest(), a.endpointRequest(a.service), zoneRequest()
	a.zone = must(a.scene, consumer, h.EnsureZone, a.zoned)
	a.linked = a.networkRequest(a.zone)
	must(a.scene, consumer, plain(h.AssociateVPC), a.linked)
	addresses := []string{a.endpoint.Addresses[0].IP}
	a.recorded = activities.ZoneRecordsRequest{
		Place: consumer, Owner: connectionFlow, ZoneID: a.zone.ID, Addresses: addresses,
		Wanted: []link.ZoneRecord{{Name: "k.example.com", Type: link.RecordA, TTL: 60}},
	}
	must(a.scene, consumer, h.EnsureRecords, a.recorded)
	a.published.Known, a.connected.Known, a.zoned.ZoneID = a.service.ID, a.endpoint.ID, a.zone.ID
	a.ledger.expected = []activities.Expected{
		{Flow: connectionWorkflow, Expectation: activities.Expectation{
			Place: consumer, Endpoint: &a.connected, Addresses: addresses, Zone: &a.zoned, ZoneVPCs: []activities.ZoneVPCRequest{a.linked}, Records: &a.recorded,
		}},
		{Flow: connectionWorkflow, Expectation: activities.Expectation{Place: provider, Connection: &activities.ConnectionRequest{
			Place: provider, ServiceID: a.service.ID, Endpoint: a.endpoint.ID, EndpointOwner: letIn.Owner, Link: letIn.Link,
		}}},
		{Flow: serviceWorkflow, Expectation: activities.Expectation{Place: provider, Service: &a.published}},
	}
	a.cloud.ForgetCalls()
	return a
}

// audit audits a place.
func (a *audited) audit(place activities.Place, changes ...func(*activities.AuditRequest)) activities.Audit {
	a.t.Helper()
	req := activities.AuditRequest{Place: place, Orphans: true}
	for _, change := range changes {
		change(&req)
	}
	return must(a.scene, place, NewAuditor(a.config, &a.ledger).Audit, req)
}

// drift audits both places, and returns what has drifted and whose flow is gone, a line each.
func (a *audited) drift() []string {
	a.t.Helper()
	var lines []string
	for _, place := range []activities.Place{provider, consumer} {
		found := a.audit(place)
		if len(found.Unseen) > 0 {
			a.t.Errorf("it could not see %+v", found.Unseen)
		}
		for _, flow := range found.Drifted {
			for _, d := range flow.Drifts {
				line := fmt.Sprintf("%s: %s of %s, %s", flow.Flow, d.Kind, d.Resource, d.Detail)
				if d.Widens {
					line += " (widens)"
				}
				if d.Account != place.Account || d.Region != place.Region || d.ID == "" {
					a.t.Errorf("%s is of %+v", line, d)
				}
				lines = append(lines, line)
			}
		}
		for _, o := range found.Orphans {
			lines = append(lines, fmt.Sprintf("orphan %s of %s", o.Kind, o.Detail))
		}
	}
	return lines
}

// changed writes the service as somebody else would.
func (a *audited) changed(change func(*armnetwork.PrivateLinkService)) {
	a.t.Helper()
	there := a.there()
	change(&there)
	a.written(there)
}

func (a *audited) written(p armnetwork.PrivateLinkService) {
	a.t.Helper()
	poller, err := a.clients(provider).Services.BeginCreateOrUpdate(a.t.Context(), "services", "payments", p, nil)
	done(a.t, poller, err)
}

// done waits for the end of a change that somebody else has begun.
func done[T any](t *testing.T, p *runtime.Poller[T], err error) {
	t.Helper()
	if err == nil {
		_, err = p.PollUntilDone(t.Context(), pollOften)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (a *audited) deleteConnection() {
	a.t.Helper()
	connection := a.connectionOf(a.service, a.endpoint)
	p, err := a.clients(provider).Services.BeginDeletePrivateEndpointConnection(a.t.Context(), "services", "payments", connection.Name, nil)
	done(a.t, p, err)
}

func (a *audited) deleteService() {
	a.t.Helper()
	a.deleteConnection()
	p, err := a.clients(provider).Services.BeginDelete(a.t.Context(), "services", "payments", nil)
	done(a.t, p, err)
}

func (a *audited) deleteEndpoint() {
	a.t.Helper()
	p, err := a.clients(consumer).Endpoints.BeginDelete(a.t.Context(), "shop", "payments-shop", nil)
	done(a.t, p, err)
}

// putEndpoint writes the endpoint; one that is not there it makes.
func (a *audited) putEndpoint(change func(*armnetwork.PrivateEndpoint)) {
	a.t.Helper()
	e := newEndpoint(a.connected)
	if there, err := a.clients(consumer).Endpoints.Get(a.t.Context(), "shop", "payments-shop", nil); err == nil {
		e = there.PrivateEndpoint
	}
	change(&e)
	p, err := a.clients(consumer).Endpoints.BeginCreateOrUpdate(a.t.Context(), "shop", "payments-shop", e, nil)
	done(a.t, p, err)
}

func (a *audited) tagZone(tags map[string]*string) {
	a.t.Helper()
	p, err := a.clients(consumer).Zones.BeginCreateOrUpdate(a.t.Context(), "shop", a.zone.Name, armprivatedns.PrivateZone{Location: new(global), Tags: tags}, nil)
	done(a.t, p, err)
}

func (a *audited) tagLink(tags map[string]*string) {
	a.t.Helper()
	p, err := a.clients(consumer).ZoneLinks.BeginCreateOrUpdate(a.t.Context(), "shop", a.zone.Name, linkName(a.linked.Network.VPC), armprivatedns.VirtualNetworkLink{
		Location: new(global), Tags: tags, Properties: &armprivatedns.VirtualNetworkLinkProperties{
			RegistrationEnabled: new(false), VirtualNetwork: &armprivatedns.SubResource{ID: &a.linked.Network.VPC},
		},
	}, nil)
	done(a.t, p, err)
}

func (a *audited) deleteLink() {
	a.t.Helper()
	p, err := a.clients(consumer).ZoneLinks.BeginDelete(a.t.Context(), "shop", a.zone.Name, linkName(a.linked.Network.VPC), nil)
	done(a.t, p, err)
}

func (a *audited) deleteRecord() {
	a.t.Helper()
	_, err := a.clients(consumer).Records.Delete(a.t.Context(), "shop", a.zone.Name, armprivatedns.RecordTypeA, "@", nil)
	succeed(a.t, err)
}

// putRecord writes the record.
func (a *audited) putRecord(change func(*armprivatedns.RecordSetProperties)) {
	a.t.Helper()
	set, err := a.clients(consumer).Records.Get(a.t.Context(), "shop", a.zone.Name, armprivatedns.RecordTypeA, "@", nil)
	succeed(a.t, err)
	change(set.Properties)
	_, err = a.clients(consumer).Records.CreateOrUpdate(a.t.Context(), "shop", a.zone.Name, armprivatedns.RecordTypeA, "@", set.RecordSet, nil)
	succeed(a.t, err)
}

// repair takes the steps of the flows once more.
func (a *audited) repair() {
	a.t.Helper()
	h := NewHostedZones(a.config)
	must(a.scene, provider, NewProvider(a.config).EnsureService, a.published)
	must(a.scene, consumer, NewConsumer(a.config).EnsureEndpoint, a.connected)
	must(a.scene, consumer, h.EnsureZone, a.zoned)
	must(a.scene, consumer, plain(h.AssociateVPC), a.linked)
	must(a.scene, consumer, h.EnsureRecords, a.recorded)
}

func frontendOf(name string) string {
	return "/subscriptions/11111111-0000-4000-8000-000000000001/resourceGroups/services/providers/Microsoft.Network/loadBalancers/kubernetes-internal/frontendIPConfigurations/" + name
}

func succeed(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
