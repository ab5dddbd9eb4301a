package aws

import (
	"strings"
	"testing"
	"time"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// TestOneLinkFromPublicationToTeardown takes every step in the order in which the flows do.
func TestOneLinkFromPublicationToTeardown(t *testing.T) {
	sc := newScene(t)
	p, c, i := NewProvider(sc.config), NewConsumer(sc.config), NewIngress(sc.config)
	z, n, w := NewZones(sc.config), NewNames(sc.config), NewWatcher(sc.config)

	service := sc.publish(func(s *link.AWSEndpointService) {
		s.PrivateDNS = &link.ServicePrivateDNS{Name: "*.k.example.com"}
	})
	if service.State != activities.ServiceAvailable || !service.AcceptanceRequired || service.Domain == nil {
		t.Fatalf("service = %+v", service)
	}
	proof := service.Domain.Proof
	if !strings.HasSuffix(proof.Name, ".k.example.com") || !strings.HasPrefix(proof.Value, "vpce:") {
		t.Fatalf("proof = %+v", proof)
	}

	record := activities.RecordRequest{Place: domains, Record: proof}
	if zone := must(t, z.EnsureRecord, record); zone.ZoneName != "k.example.com" {
		t.Fatalf("the proof was written into %+v", zone)
	}
	ask := activities.ServiceRequest{Place: provider, ServiceID: service.ID}
	must(t, p.StartVerification, ask)
	topic := activities.Watched{Topic: activities.Topic{Kind: activities.TopicService, ID: service.ID}, Since: time.Now()}
	for service.Domain.State != activities.DomainVerified {
		change := must(t, w.Poll, activities.PollRequest{Place: provider, Topics: []activities.Watched{topic}}).Changes[0]
		service, topic.Seen = *change.Service, change.Seen
		if service.Domain.State == activities.DomainFailed {
			t.Fatal("the proof was not found")
		}
	}
	name := activities.NameRequest{Place: consumer, Owner: serviceFlow, Parameter: "/linkwright/payments", Value: service.Name}
	must(t, plain(n.PublishName), name)

	endpoint := sc.connect(service)
	if endpoint.State != activities.EndpointPendingAcceptance || endpoint.PrivateDNS {
		t.Fatalf("endpoint = %+v", endpoint)
	}
	connections := must(t, p.ListConnections, ask)
	if len(connections) != 1 || connections[0].Endpoint != endpoint.ID || connections[0].Owner != "222222222222" {
		t.Fatalf("connections = %+v", connections)
	}
	sc.ready(service, endpoint)
	endpoint = must(t, c.SetPrivateDNS, activities.SetPrivateDNSRequest{Place: consumer, Endpoint: endpoint.ID, Enabled: true})
	if !endpoint.PrivateDNS || endpoint.State != activities.EndpointAvailable {
		t.Fatalf("endpoint = %+v", endpoint)
	}
	endpoint = must(t, c.DescribeEndpoint, activities.EndpointRequest{Place: consumer, Endpoint: endpoint.ID})
	if len(endpoint.Addresses) != 2 || !strings.HasPrefix(endpoint.Addresses[0].IP, "10.1.1.") || endpoint.Addresses[0].Zone == "" {
		t.Fatalf("addresses = %+v", endpoint.Addresses)
	}

	targets := activities.TargetsRequest{Place: consumer, TargetGroup: sc.id("consumer", "target-group", "api"), Port: 443}
	for _, a := range endpoint.Addresses {
		targets.Wanted = append(targets.Wanted, a.IP)
	}
	targets.Owned = targets.Wanted
	must(t, plain(i.EnsureTargets), targets)
	if health := must(t, i.AwaitHealthy, targets); len(health) != 2 {
		t.Fatalf("health = %+v", health)
	}

	must(t, plain(i.RemoveTargets), targets)
	must(t, plain(c.RemoveEndpoint), activities.RemoveEndpointRequest{Place: consumer, Owner: connectionFlow, Endpoint: endpoint.ID})
	must(t, plain(p.RejectConnection), connectionRequest(service, endpoint))
	must(t, plain(n.WithdrawName), name)
	must(t, plain(z.RemoveRecord), record)
	must(t, plain(p.RemoveService), activities.RemoveServiceRequest{Place: provider, Owner: serviceFlow, ServiceID: service.ID})

	if left := append(sc.owned(provider, serviceFlow), sc.owned(consumer, connectionFlow)...); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
	if _, err := run(t, p.DescribeService, ask); !activities.IsGone(err) {
		t.Errorf("the removed service is described: %v", err)
	}
	if _, err := run(t, c.DescribeEndpoint, activities.EndpointRequest{Place: consumer, Endpoint: endpoint.ID}); !activities.IsGone(err) {
		t.Errorf("the removed endpoint is described: %v", err)
	}
}
