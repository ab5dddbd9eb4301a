package azure

import (
	"strings"
	"testing"
	"time"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// TestStory takes a link from nothing to traffic and back to nothing, across two tenants.
func TestStory(t *testing.T) {
	sc := newScene(t)
	p, c, h := NewProvider(sc.config), NewConsumer(sc.config), NewHostedZones(sc.config)

	service := sc.publish()
	if service.State != activities.ServiceAvailable || service.Name == "" || len(service.LoadBalancers) != 1 {
		t.Fatalf("the service is %+v", service)
	}
	endpoint := sc.connect(service)
	if endpoint.State != activities.EndpointPendingAcceptance || endpoint.Owner != consumerSubscription || !endpoint.LinkAtProvider {
		t.Fatalf("the endpoint is %+v", endpoint)
	}
	all := must(sc, provider, p.ListConnections, activities.ServiceRequest{Place: provider, ServiceID: service.ID})
	if len(all) != 1 || all[0].Endpoint != endpoint.ID || all[0].Owner != consumerSubscription || all[0].Link == "" || all[0].Region != "northeurope" ||
		all[0].Message != "Linkwright: connection shop of service payments asks" {
		t.Fatalf("the provider sees %+v", all)
	}
	if view := sc.letIn(service, endpoint); view.State != activities.EndpointAvailable {
		t.Errorf("once it is let in, the connection is %+v", view)
	}
	endpoint = must(sc, consumer, c.DescribeEndpoint, activities.EndpointRequest{Place: consumer, Endpoint: endpoint.ID})
	if endpoint.State != activities.EndpointAvailable || len(endpoint.Interfaces) != 1 || len(endpoint.Addresses) != 1 || endpoint.Addresses[0].Interface != endpoint.Interfaces[0] {
		t.Fatalf("the endpoint is %+v", endpoint)
	}

	zoneRequest := activities.ZoneRequest{Place: consumer, Owner: connectionFlow, Name: "k.example.com", ResourceGroup: "shop"}
	zone := must(sc, consumer, h.EnsureZone, zoneRequest)
	network := activities.ZoneVPCRequest{
		Place: consumer, Owner: connectionFlow, ZoneID: zone.ID, ZoneName: zone.Name, Network: activities.ZoneNetwork{VPC: endpoint.Network, Region: "northeurope"},
	}
	must(sc, consumer, plain(h.AuthorizeVPC), network)
	must(sc, consumer, plain(h.AssociateVPC), network)
	records := activities.ZoneRecordsRequest{
		Place: consumer, Owner: connectionFlow, ZoneID: zone.ID, Addresses: []string{endpoint.Addresses[0].IP},
		Wanted: []link.ZoneRecord{{Name: "k.example.com", Type: link.RecordA, TTL: 60}, {Name: "*.k.example.com", Type: link.RecordA, TTL: 30}},
	}
	if made := must(sc, consumer, h.EnsureRecords, records); len(made.Changes) != 2 {
		t.Errorf("the records were %q", made.Changes)
	}
	if again := must(sc, consumer, h.EnsureRecords, records); len(again.Changes) != 0 {
		t.Errorf("the second time, the records were %q", again.Changes)
	}
	if answer, err := sc.cloud.Resolve(endpoint.Network, "api.k.example.com", "A"); err != nil || len(answer.Records) != 1 || !strings.HasSuffix(answer.Records[0], " A "+endpoint.Addresses[0].IP) {
		t.Errorf("the network resolves %+v, %v", answer, err)
	}
	if zone = must(sc, consumer, h.EnsureZone, zoneRequest); len(zone.Networks) != 1 || zone.Networks[0].VPC != endpoint.Network {
		t.Errorf("the zone is %+v", zone)
	}

	must(sc, consumer, plain(h.RemoveZone), activities.ZoneRequest{Place: consumer, Owner: connectionFlow, Name: "k.example.com", ZoneID: zone.ID, ResourceGroup: "shop"})
	must(sc, consumer, plain(c.RemoveEndpoint), activities.RemoveEndpointRequest{Place: consumer, Owner: connectionFlow, Endpoint: endpoint.ID})
	must(sc, provider, plain(p.RemoveService), activities.RemoveServiceRequest{Place: provider, Owner: serviceFlow, ServiceID: service.ID})
	if _, err := run(sc, provider, p.DescribeService, activities.ServiceRequest{Place: provider, ServiceID: service.ID}); !activities.IsGone(err) {
		t.Errorf("in the end the service answers %v", err)
	}
	if _, err := run(sc, consumer, c.DescribeEndpoint, activities.EndpointRequest{Place: consumer, Endpoint: endpoint.ID}); !activities.IsGone(err) {
		t.Errorf("in the end the endpoint answers %v", err)
	}
}

func TestWhenAServiceIsTakenDownItsConnectionsAreCutOffAndEndpointsReplaced(t *testing.T) {
	sc := newScene(t)
	service := sc.publish()
	endpoint := sc.connect(service)
	before := sc.letIn(service, endpoint)
	must(sc, provider, plain(NewProvider(sc.config).RemoveService), activities.RemoveServiceRequest{Place: provider, Owner: serviceFlow, ServiceID: service.ID})
	seen := must(sc, consumer, NewConsumer(sc.config).DescribeEndpoint, activities.EndpointRequest{Place: consumer, Endpoint: endpoint.ID})
	if seen.State != activities.EndpointDisconnected {
		t.Fatalf("the endpoint is %+v", seen)
	}
	again := sc.publish()
	if again.ID != service.ID || again.Name == service.Name {
		t.Errorf("published anew, it is %+v", again)
	}
	wait := sc.endpointRequest(again, func(s *link.AzureConnection) { s.OnDisconnected = link.DisconnectedWait })
	if p := blockedBy(sc, consumer, NewConsumer(sc.config).EnsureEndpoint, wait); p.Reason != link.ReasonEndpointDisconnected {
		t.Errorf("when a person is to decide, the problem is %+v", p)
	}
	anew := sc.connect(again)
	if after := sc.connectionOf(again, anew); anew.ID != endpoint.ID || after.State != activities.EndpointPendingAcceptance || after.Link == before.Link {
		t.Errorf("the endpoint is %+v, its connection %+v; before, that was %+v", anew, after, before)
	}
}

func TestWatch(t *testing.T) {
	sc := newScene(t)
	service := sc.publish()
	endpoint := sc.connect(service)
	watch := func(at activities.Place, topics ...activities.Topic) activities.PollResult {
		var watched []activities.Watched
		for _, topic := range topics {
			watched = append(watched, activities.Watched{Topic: topic, Since: time.Now()})
		}
		return must(sc, at, NewWatcher(sc.config).Poll, activities.PollRequest{Place: at, Topics: watched})
	}
	sc.cloud.ForgetCalls()
	seen := watch(provider, activities.Topic{Kind: activities.TopicService, ID: service.ID}, activities.Topic{Kind: activities.TopicConnections, ID: service.ID},
		activities.Topic{Kind: activities.TopicConnection, ID: endpoint.ID, Service: service.ID})
	if len(seen.Changes) != 3 || len(seen.Changes[1].Connections) != 1 || seen.Changes[2].Connection == nil || seen.Changes[2].Connection.Link == "" {
		t.Errorf("the provider's Watch saw %+v", seen.Changes)
	}
	if all := sc.cloud.Calls(); len(all) != 1 {
		t.Errorf("it made the calls %+v", all)
	}
	if seen := watch(consumer, activities.Topic{Kind: activities.TopicEndpoint, ID: endpoint.ID}); len(seen.Changes) != 1 || seen.Changes[0].Endpoint.State != activities.EndpointPendingAcceptance {
		t.Errorf("the consumer's Watch saw %+v", seen.Changes)
	}
}
