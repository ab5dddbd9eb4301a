package azure

import (
	"slices"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/privatedns/armprivatedns"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

func TestAuditFindsDrift(t *testing.T) {
	const other = "33333333-0000-4000-8000-000000000001"
	const service, connection = serviceWorkflow + ": ", connectionWorkflow + ": "
	for _, c := range []struct {
		name    string
		happens func(*audited)
		want    []string
		// mended says that the flows' own steps set it right.
		mended bool
	}{
		{name: "nothing", happens: func(*audited) {}, mended: true},
		{name: "somebody else sees the service", happens: func(a *audited) {
			a.changed(func(p *armnetwork.PrivateLinkService) {
				p.Properties.Visibility.Subscriptions = pointers([]string{consumerSubscription, other})
			})
		}, want: []string{service + "principals of private-link-service, visibility -" + other}, mended: true},
		{name: "the consumer does not see the service any more", happens: func(a *audited) {
			a.changed(func(p *armnetwork.PrivateLinkService) { p.Properties.Visibility.Subscriptions = nil })
		}, want: []string{service + "principals of private-link-service, visibility +" + consumerSubscription + " (widens)"}, mended: true},
		{name: "the consumer is let in without being asked", happens: func(a *audited) {
			a.changed(func(p *armnetwork.PrivateLinkService) {
				p.Properties.AutoApproval.Subscriptions = pointers([]string{consumerSubscription})
			})
		}, want: []string{service + "autoApproval of private-link-service, automatic approval -" + consumerSubscription}, mended: true},
		{name: "the consumer is not let in without being asked any more", happens: func(a *audited) {
			a.published.Spec.Azure.AutoApproval = []string{consumerSubscription}
		}, want: []string{service + "autoApproval of private-link-service, automatic approval +" + consumerSubscription + " (widens)"}, mended: true},
		{name: "the service is offered under another name", happens: func(a *audited) {
			a.changed(func(p *armnetwork.PrivateLinkService) { p.Properties.Fqdns = pointers([]string{"other.example.com"}) })
		}, want: []string{service + "privateDNSName of private-link-service, domain names -other.example.com"}, mended: true},
		{name: "the service sends the PROXY protocol", happens: func(a *audited) {
			a.changed(func(p *armnetwork.PrivateLinkService) { p.Properties.EnableProxyProtocol = new(true) })
		}, want: []string{service + "settings of private-link-service, proxy protocol off"}, mended: true},
		{name: "the service is made anew before another frontend", happens: func(a *audited) {
			there := a.there()
			a.deleteService()
			balancer := parentOf(value(there.Properties.LoadBalancerFrontendIPConfigurations[0].ID))
			there.Properties.LoadBalancerFrontendIPConfigurations[0] = &armnetwork.FrontendIPConfiguration{ID: new(balancer + "/frontendIPConfigurations/other")}
			there.Properties.PrivateEndpointConnections = nil
			a.written(there)
		}, want: []string{
			connection + "connection of connection, it was let in, and is gone",
			service + "loadBalancers of private-link-service, frontends +" + frontendOf("a0a1b2c3d4e5f67890a1b2c3d4e5f678") + " -" + frontendOf("other"),
			connection + "connection of private-endpoint, it is disconnected: the private link service, or the connection there, is gone",
		}},
		{name: "the service is deleted", happens: (*audited).deleteService, want: []string{
			connection + "connection of connection, it was let in, and is gone",
			service + "serviceGone of private-link-service, it is missing",
			connection + "connection of private-endpoint, it is disconnected: the private link service, or the connection there, is gone",
		}},
		{name: "a service that was there already is deleted", happens: func(a *audited) {
			a.published.Spec.Azure = &link.AzureEndpointService{PrivateLinkService: a.service.ID}
			a.ledger.expected = a.ledger.expected[2:]
			a.deleteService()
		}, want: []string{service + "serviceGone of private-link-service, there is no private link service " + serviceID}},
		{name: "the tag of the service is taken off", happens: func(a *audited) {
			a.changed(func(p *armnetwork.PrivateLinkService) { p.Tags = map[string]*string{"team": new("payments")} })
		}, want: []string{service + "tags of private-link-service, ownership tag"}, mended: true},
		{name: "the service is another flow's", happens: func(a *audited) {
			a.changed(func(p *armnetwork.PrivateLinkService) {
				p.Tags = map[string]*string{OwnerTag: new("default/endpoint-service/other")}
			})
		}, want: []string{service + "serviceGone of private-link-service, private link service " + serviceID + " belongs to another flow: its tag linkwrightOwner is default/endpoint-service/other"}},
		{name: "the connection is rejected", happens: func(a *audited) {
			view := a.connectionOf(a.service, a.endpoint)
			must(a.scene, provider, plain(NewProvider(a.config).RejectConnection), activities.ConnectionRequest{
				Place: provider, ServiceID: a.service.ID, Endpoint: a.endpoint.ID, EndpointOwner: view.Owner, Link: view.Link,
			})
		}, want: []string{
			connection + "connection of connection, it was let in, and is rejected",
			connection + "connection of private-endpoint, it is rejected",
		}},
		{name: "somebody has let it in, past those who decide", happens: func(a *audited) {
			a.ledger.expected[1].Unapproved = true
		}, want: []string{connection + "unapproved of connection, it was let in, and nobody here has decided that"}},
		{name: "the connection is deleted", happens: (*audited).deleteConnection, want: []string{
			connection + "connection of connection, it was let in, and is gone",
			connection + "connection of private-endpoint, it is disconnected: the private link service, or the connection there, is gone",
		}},
		{name: "the endpoint is deleted", happens: (*audited).deleteEndpoint, want: []string{
			connection + "connection of connection, it was let in, and is gone",
			connection + "endpointGone of private-endpoint, it is missing",
		}},
		{name: "the endpoint is made anew, under its address", happens: func(a *audited) {
			a.deleteEndpoint()
			a.putEndpoint(func(*armnetwork.PrivateEndpoint) {})
		}, want: []string{
			connection + "connection of connection, it was let in, and is another request, with the link identifier ",
			connection + "connection of private-endpoint, it was let in, and is pendingAcceptance",
		}},
		{name: "the endpoint is made anew, under another address", happens: func(a *audited) {
			a.deleteEndpoint()
			a.putEndpoint(func(e *armnetwork.PrivateEndpoint) {
				e.Properties.IPConfigurations = []*armnetwork.PrivateEndpointIPConfiguration{{
					Name: new("static"), Properties: &armnetwork.PrivateEndpointIPConfigurationProperties{PrivateIPAddress: new("10.2.0.77")},
				}}
			})
			a.letIn(a.service, a.endpoint)
		}, want: []string{
			connection + "connection of connection, it was let in, and is another request, with the link identifier ",
			connection + "addresses of private-endpoint, its addresses are 10.2.0.77, not 10.2.0.4",
		}},
		{name: "the endpoint is in another subnet", happens: func(a *audited) { a.connected.Spec.Azure.Subnet += "x" }, want: []string{
			connection + "subnets of private-endpoint, private endpoint payments-shop is in northeurope, subnet ",
		}},
		{name: "the tag of the endpoint is taken off", happens: func(a *audited) {
			a.putEndpoint(func(e *armnetwork.PrivateEndpoint) { e.Tags = nil })
		}, want: []string{connection + "tags of private-endpoint, private endpoint payments-shop taken over"}, mended: true},
		{name: "the tag of an endpoint that was taken over is taken off", happens: func(a *audited) {
			a.putEndpoint(func(e *armnetwork.PrivateEndpoint) { e.Tags = nil })
			a.connected.Spec.Azure.ResourceGroup, a.connected.Spec.Azure.PrivateEndpoint = "", a.endpoint.ID
		}, want: []string{connection + "tags of private-endpoint, private endpoint payments-shop taken over"}, mended: true},
		{name: "the zone is deleted", happens: func(a *audited) {
			a.deleteLink()
			p, err := a.clients(consumer).Zones.BeginDelete(a.t.Context(), "shop", a.zone.Name, nil)
			done(a.t, p, err)
		}, want: []string{
			connection + "zone of private-dns-zone, it is missing",
			connection + "associations of virtual-network-link, it is missing",
			connection + "records of zone-record, there is no private DNS zone ",
		}, mended: true},
		{name: "the tag of the zone is taken off", happens: func(a *audited) { a.tagZone(map[string]*string{"theirs": new("x")}) }, want: []string{
			connection + "tags of private-dns-zone, its ownership tag is gone",
		}, mended: true},
		{name: "the zone is another flow's", happens: func(a *audited) { a.tagZone(map[string]*string{OwnerTag: new("default/connection/a/b")}) }, want: []string{
			connection + "zone of private-dns-zone, zone ",
		}},
		{name: "the link to the network is deleted", happens: (*audited).deleteLink, want: []string{
			connection + "associations of virtual-network-link, it is missing",
		}, mended: true},
		{name: "the tag of the link is taken off", happens: func(a *audited) { a.tagLink(map[string]*string{"theirs": new("x")}) }, want: []string{
			connection + "tags of virtual-network-link, its ownership tag is gone",
		}, mended: true},
		{name: "the record leads elsewhere", happens: func(a *audited) {
			a.putRecord(func(p *armprivatedns.RecordSetProperties) { p.ARecords[0].IPv4Address = new("10.2.0.99") })
		}, want: []string{connection + "records of zone-record, leads to 10.2.0.4"}, mended: true},
		{name: "the record is deleted", happens: (*audited).deleteRecord, want: []string{connection + "records of zone-record, it is missing"}, mended: true},
		{name: "the record is nobody's", happens: func(a *audited) {
			a.putRecord(func(p *armprivatedns.RecordSetProperties) { p.Metadata = nil })
		}, want: []string{connection + "records of zone-record, zone "}},
		{name: "the flow of the connection is gone", happens: func(a *audited) {
			shared := activities.Owner("default/connection/payments/other")
			stays := a.connected
			stays.Owner, stays.Name, stays.Known = shared, "payments/other", ""
			a.ledger.expected = []activities.Expected{a.ledger.expected[2], {Flow: "connection/payments/other", Expectation: activities.Expectation{
				Place: consumer, Endpoint: &stays, Zone: &activities.ZoneRequest{Place: consumer, Owner: shared, ZoneID: a.zone.ID},
				ZoneVPCs: []activities.ZoneVPCRequest{a.linked},
			}}}
			must(a.scene, consumer, NewConsumer(a.config).EnsureEndpoint, stays)
			a.ledger.expected[1].ZoneVPCs[0].Owner = shared
			a.ledger.gone = []activities.Owner{connectionFlow}
		}, want: []string{
			"orphan private-dns-zone of " + string(connectionFlow), "orphan private-endpoint of " + string(connectionFlow), "orphan virtual-network-link of " + string(connectionFlow),
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := newAudited(t)
			c.happens(a)
			a.cloud.ForgetCalls()
			got := a.drift()
			if !slices.EqualFunc(got, c.want, strings.HasPrefix) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
			if n := a.calls("/write", "/delete", "/action"); n != 0 {
				t.Errorf("it changed something, by %d calls", n)
			}
			if !c.mended {
				return
			}
			a.repair()
			if left := a.drift(); len(left) > 0 {
				t.Errorf("once the steps are taken again, it finds %q", left)
			}
		})
	}
}

func TestANarrowRequestLetsNobodyIn(t *testing.T) {
	const other = "33333333-0000-4000-8000-000000000001"
	a := newAudited(t)
	a.changed(func(p *armnetwork.PrivateLinkService) {
		p.Properties.Visibility.Subscriptions, p.Properties.Fqdns = pointers([]string{other}), pointers([]string{"other.example.com"})
	})
	a.published.Narrow = true
	must(a.scene, provider, NewProvider(a.config).EnsureService, a.published)
	if p := a.there().Properties; len(values(p.Visibility.Subscriptions)) > 0 || len(p.Fqdns) > 0 {
		t.Errorf("it is visible to %q, under the names %q", values(p.Visibility.Subscriptions), values(p.Fqdns))
	}
	a.cloud.ForgetCalls()
	must(a.scene, provider, NewProvider(a.config).EnsureService, a.published)
	if n := a.calls("/write"); n > 0 {
		t.Errorf("then it is written %d times more", n)
	}
	replaced, spec := a.published, *a.published.Spec.Azure
	spec.AllowReplacement, spec.Frontends = true, &link.AzureFrontends{IDs: []string{frontendOf("other")}}
	replaced.Spec.Azure = &spec
	if p := blockedBy(a.scene, provider, NewProvider(a.config).EnsureService, replaced); !strings.Contains(p.Message, "kept out now") {
		t.Errorf("when it would have to be replaced, the problem is %+v", p)
	}
	a.deleteService()
	must(a.scene, provider, NewProvider(a.config).EnsureService, a.published)
	if p := a.there().Properties; !slices.Equal(values(p.Visibility.Subscriptions), []string{consumerSubscription}) {
		t.Errorf("one that was missing is made visible to %q", values(p.Visibility.Subscriptions))
	}
}

func TestANarrowRequestKeepsEndpoints(t *testing.T) {
	a := newAudited(t)
	a.connected.Narrow = true
	a.putEndpoint(func(e *armnetwork.PrivateEndpoint) { e.Tags = nil })
	must(a.scene, consumer, NewConsumer(a.config).EnsureEndpoint, a.connected)
	if left := a.drift(); len(left) > 0 {
		t.Errorf("then it finds %q", left)
	}
	a.deleteEndpoint()
	if e := must(a.scene, consumer, NewConsumer(a.config).EnsureEndpoint, a.connected); e.State != activities.EndpointPendingAcceptance {
		t.Errorf("one that was missing is %+v", e)
	}
}

// TestWhatIsNobodysIsNotReplaced is about things that a flow knows, and that have lost its tag: they are kept, but not
// deleted to be made anew.
func TestWhatIsNobodysIsNotReplaced(t *testing.T) {
	a := newAudited(t)
	a.putEndpoint(func(e *armnetwork.PrivateEndpoint) { e.Tags = nil })
	a.deleteConnection()
	if p := blockedBy(a.scene, consumer, NewConsumer(a.config).EnsureEndpoint, a.connected); p.Reason != link.ReasonNotOurs {
		t.Errorf("of an endpoint, the problem is %+v", p)
	}
	a.changed(func(p *armnetwork.PrivateLinkService) { p.Tags = nil })
	a.published.Spec.Azure.AllowReplacement = true
	a.published.Spec.Azure.Frontends = &link.AzureFrontends{IDs: []string{frontendOf("other")}}
	if p := blockedBy(a.scene, provider, NewProvider(a.config).EnsureService, a.published); p.Reason != link.ReasonNotOurs {
		t.Errorf("of a service, the problem is %+v", p)
	}
	said := serviceWorkflow + ": tags of private-link-service, private link service " + serviceID + " has no tag linkwrightOwner"
	if found := a.drift(); !slices.Contains(found, said) {
		t.Errorf("the audit finds %q", found)
	}
	unknown := a.published
	unknown.Known = ""
	if p := blockedBy(a.scene, provider, NewProvider(a.config).EnsureService, unknown); p.Reason != link.ReasonNotOurs {
		t.Errorf("of a service that the flow does not know, the problem is %+v", p)
	}
}
