package azure

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/activities/audits"
	"github.com/linkwright/linkwright/activities/azure/permissions"
	"github.com/linkwright/linkwright/internal/accounts"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/internal/simazure"
	"github.com/linkwright/linkwright/internal/simazure/arm"
	"github.com/linkwright/linkwright/internal/simcloud"
)

func workflow(i int) string { return fmt.Sprintf("connection/payments/c%02d", i) }

// many has further flows of the consumer stand by endpoints of their own and the zone that all share.
func (a *audited) many(n int) {
	a.t.Helper()
	for i := range n {
		req := a.connected
		req.Owner, req.Name, req.Known = activities.Owner("default/"+workflow(i)), fmt.Sprintf("payments/c%02d", i), ""
		e := must(a.scene, consumer, NewConsumer(a.config).EnsureEndpoint, req)
		view := a.letIn(a.service, e)
		a.ledger.expected = append(a.ledger.expected,
			activities.Expected{Flow: workflow(i), Expectation: activities.Expectation{
				Place: consumer, Endpoint: &req, Addresses: a.addressesOf(e), ZoneVPCs: []activities.ZoneVPCRequest{a.linked},
			}},
			activities.Expected{Flow: workflow(i), Expectation: activities.Expectation{Place: provider, Connection: &activities.ConnectionRequest{
				Place: provider, ServiceID: a.service.ID, Endpoint: e.ID, EndpointOwner: view.Owner, Link: view.Link,
			}}},
		)
	}
	slices.SortStableFunc(a.ledger.expected, byWorkflow)
}

func (a *audited) addressesOf(e activities.Endpoint) []string {
	a.t.Helper()
	seen := must(a.scene, consumer, NewConsumer(a.config).DescribeEndpoint, activities.EndpointRequest{Place: consumer, Endpoint: e.ID})
	return []string{seen.Addresses[0].IP}
}

func TestAnAuditOfTwentyLinksCostsAsMuchAsOfOne(t *testing.T) {
	a := newAudited(t)
	cost := func(place activities.Place, links int) int {
		t.Helper()
		a.cloud.ForgetCalls()
		found := a.audit(place)
		if calls := len(a.cloud.Calls()); found.Calls != calls || found.Links != links || len(found.Drifted)+len(found.Orphans)+len(found.Unseen) > 0 {
			t.Errorf("after %d calls, the audit is %+v", calls, found)
		}
		return found.Calls
	}
	ofOne := []int{cost(provider, 2), cost(consumer, 1)}
	a.many(19)
	if ofTwenty := []int{cost(provider, 21), cost(consumer, 20)}; !slices.Equal(ofOne, ofTwenty) || !slices.Equal(ofOne, []int{2, 5}) {
		t.Errorf("an audit of one makes %d calls, and one of twenty %d", ofOne, ofTwenty)
	}
}

// zones has flows stand by zones of their own: that is two reads for each.
func (a *audited) zones(n int) {
	a.t.Helper()
	h := NewHostedZones(a.config)
	a.ledger.expected = nil
	for i := range n {
		owner := activities.Owner("default/" + workflow(i))
		zone := activities.ZoneRequest{Place: consumer, Owner: owner, Name: fmt.Sprintf("c%d.example.com", i), ResourceGroup: "shop"}
		made := must(a.scene, consumer, h.EnsureZone, zone)
		network := a.networkRequest(made)
		network.Owner = owner
		must(a.scene, consumer, plain(h.AssociateVPC), network)
		records := a.recorded
		records.Owner, records.ZoneID, records.Wanted = owner, made.ID, []link.ZoneRecord{{Name: made.Name, Type: link.RecordA, TTL: 60}}
		must(a.scene, consumer, h.EnsureRecords, records)
		a.ledger.expected = append(a.ledger.expected, activities.Expected{Flow: workflow(i), Expectation: activities.Expectation{
			Place: consumer, Zone: &zone, ZoneVPCs: []activities.ZoneVPCRequest{network}, Records: &records,
		}})
	}
}

func TestAnAuditStaysWithinItsReadsAndTheNextGoesOn(t *testing.T) {
	a := newAudited(t)
	a.zones(5)
	for _, a.zone.Name = range []string{"c0.example.com", "c4.example.com"} {
		a.deleteRecord()
	}
	for _, c := range []struct {
		name        string
		reads       int
		after       string
		deep, spent int
		last        string
		drifted     []string
	}{
		{"when nothing bounds it, all are looked at", 0, "", 5, 10, workflow(4), []string{workflow(0), workflow(4)}},
		{"when two fit, the first two are", 4, "", 2, 4, workflow(1), []string{workflow(0)}},
		{"when half a flow would fit, it waits", 5, workflow(1), 2, 4, workflow(3), nil},
		{"after the last, it begins again with the first", 4, workflow(3), 2, 4, workflow(0), []string{workflow(0), workflow(4)}},
		{"when the last was the last, it begins with the first", 2, workflow(4), 1, 2, workflow(0), []string{workflow(0)}},
		{"when the last runs no longer, it goes on behind where that was", 2, workflow(2) + "x", 1, 2, workflow(3), nil},
		{"when not even one fits, one is looked at", 1, workflow(3), 1, 2, workflow(4), []string{workflow(4)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			a.t = t
			a.cloud.ForgetCalls()
			found := a.audit(consumer, func(r *activities.AuditRequest) { r.Reads, r.After = c.reads, c.after })
			var drifted []string
			for _, d := range found.Drifted {
				drifted = append(drifted, d.Flow)
			}
			if found.Links != 5 || found.Deep != c.deep || found.Last != c.last || !slices.Equal(drifted, c.drifted) {
				t.Errorf("it is %+v", found)
			}
			if asked := a.calls("virtualNetworkLinks/read", "ALL/read"); found.Reads != c.spent || asked != c.spent {
				t.Errorf("it says %d reads, and makes %d", found.Reads, asked)
			}
		})
	}
}

func TestAnAuditListsNoMoreThanFitsIntoAnAnswer(t *testing.T) {
	a := newAudited(t)
	a.ledger.expected = nil
	for i := range activities.MaxDrifted + 1 {
		a.ledger.expected = append(a.ledger.expected, activities.Expected{Flow: fmt.Sprintf("connection/%04d", i), Expectation: activities.Expectation{
			Place: consumer, Zone: &activities.ZoneRequest{Place: consumer, Name: fmt.Sprintf("c%d.example.com", i), ResourceGroup: "shop"},
		}})
	}
	if found := a.audit(consumer); len(found.Drifted) != activities.MaxDrifted || !found.More || found.Calls != 1 {
		t.Errorf("of %d it lists %d, more: %t, with %d calls", found.Links, len(found.Drifted), found.More, found.Calls)
	}
}

// TestThePrintedRolesSufficeForAnAudit lets the identities do what linkwright permissions prints for the link, and nothing
// besides.
func TestThePrintedRolesSufficeForAnAudit(t *testing.T) {
	a := newAudited(t)
	a.restrict(func(string) bool { return true })
	for _, place := range []activities.Place{provider, consumer} {
		if found := a.audit(place); len(found.Unseen)+len(found.Drifted)+len(found.Orphans) > 0 {
			t.Errorf("the audit of %s is %+v", place.Account, found)
		}
	}
}

// restrict has the identities have those of the printed actions that are let through.
func (a *audited) restrict(allowed func(action string) bool) {
	a.t.Helper()
	connection := a.connected.Spec
	connection.DNS = link.ConnectionDNS{Mode: link.DNSHostedZone, HostedZone: &link.HostedZone{Name: a.zone.Name}}
	docs := []link.Document{
		{Service: &link.EndpointService{Spec: a.published.Spec}}, {Connection: &link.Connection{Spec: connection}},
	}
	for _, grant := range permissions.For(docs, permissions.Options{Accounts: map[string]permissions.Account{
		"provider": {SubscriptionID: providerSubscription}, "consumer": {SubscriptionID: consumerSubscription},
	}}) {
		var assigned []simazure.RoleAssignment
		for _, r := range grant.CustomRoles {
			actions := slices.DeleteFunc(slices.Clone(r.Definition.Actions), func(action string) bool { return !allowed(action) })
			for _, scope := range r.Scopes {
				if len(actions) > 0 {
					assigned = append(assigned, simazure.RoleAssignment{Actions: actions, Scope: arm.ID(scope)})
				}
			}
		}
		succeed(a.t, a.cloud.SetRoleAssignments(a.cloud.PrincipalID(grant.Account, "linkwright"), assigned))
	}
}

func TestWhatMayNotBeLookedAtIsUnseenAndTheRestIsAudited(t *testing.T) {
	for _, c := range []struct {
		action  string
		place   activities.Place
		happens func(*audited)
		unseen  string // the flow
	}{
		{"Microsoft.Network/privateDnsZones/ALL/read", consumer, (*audited).deleteLink, connectionWorkflow},
		{"Microsoft.Network/networkInterfaces/read", consumer, (*audited).deleteLink, connectionWorkflow},
		{"Microsoft.Network/loadBalancers/read", provider, (*audited).deleteConnection, serviceWorkflow},
	} {
		t.Run(c.action, func(t *testing.T) {
			a := newAudited(t)
			c.happens(a)
			a.restrict(func(action string) bool { return action != c.action })
			found := a.audit(c.place)
			if len(found.Unseen) != 1 || found.Unseen[0].Flow != c.unseen || found.Unseen[0].Problem.Call != c.action || found.Unseen[0].Problem.Reason != link.ReasonMissingPermission {
				t.Errorf("it could not see %+v", found.Unseen)
			}
			if len(found.Drifted) != 1 || found.Drifted[0].Flow != connectionWorkflow {
				t.Errorf("it found %+v", found.Drifted)
			}
		})
	}
}

func TestWhenNothingMayBeLookedAtTheAuditIsBlocked(t *testing.T) {
	a := newAudited(t)
	a.restrict(func(action string) bool { return action != "Microsoft.Network/privateLinkServices/read" })
	req := activities.AuditRequest{Place: provider}
	if p := blockedBy(a.scene, provider, NewAuditor(a.config, &a.ledger).Audit, req); p.Reason != link.ReasonMissingPermission || p.Call != "Microsoft.Network/privateLinkServices/read" {
		t.Errorf("the problem is %+v", p)
	}
}

func TestWhatFailsInPassingIsAuditedOnceMore(t *testing.T) {
	a := newAudited(t)
	a.deleteRecord()
	a.inject(simcloud.Fault{Action: "privateDnsZones/ALL/read", Effect: simcloud.EffectInternalError, Times: 4})
	if found := a.audit(consumer); len(found.Unseen) > 0 || len(found.Drifted) != 1 || found.Deep != 1 {
		t.Errorf("it is %+v", found)
	}
}

func TestNoLoadBalancerIsLookedAtForFrontendsThatAreNamed(t *testing.T) {
	a := newAudited(t)
	a.published.Spec.Azure.Frontends = &link.AzureFrontends{IDs: []string{frontendOf("A0a1b2c3d4e5f67890a1b2c3d4e5f678")}}
	found := a.audit(provider)
	if n := a.calls("loadBalancers/read"); n > 0 || len(found.Drifted)+len(found.Unseen) > 0 {
		t.Errorf("after %d looks at load balancers, it is %+v", n, found)
	}
}

// TestConnectionsThatAListShowsByHalvesAreReadAlone has the list of services leave out what tells one request from the
// next.
func TestConnectionsThatAListShowsByHalvesAreReadAlone(t *testing.T) {
	a := newAudited(t)
	flow := audits.Flow{ID: connectionWorkflow, Things: []activities.Expectation{a.ledger.expected[1].Expectation}}
	a.deleteConnection()
	a.many(1)
	type seen struct{ Things, Looks, Shallow, Deep, Reads int }
	got := must(a.scene, provider, func(ctx context.Context, at activities.Place) (seen, error) {
		ctx, s := a.lookingAt(ctx, at, func(p *armnetwork.PrivateLinkService) {
			for _, c := range p.Properties.PrivateEndpointConnections {
				c.Properties.LinkIdentifier = nil
			}
		})
		var got seen
		got.Things, got.Looks = s.apart(ctx, flow)
		shallow, err := s.drift(ctx, flow, false)
		succeed(t, err)
		deep, err := s.drift(ctx, flow, true)
		got.Shallow, got.Deep, got.Reads = len(shallow), len(deep), s.seen.reads
		return got, err
	}, provider)
	if want := (seen{Things: 1, Looks: 1, Deep: 1, Reads: 1}); got != want {
		t.Errorf("it is %+v", got)
	}
}

// TestWhatIsJustBeingChangedIsLeftToTheNextAudit has the list of services show one that Azure has not described yet.
func TestWhatIsJustBeingChangedIsLeftToTheNextAudit(t *testing.T) {
	a := newAudited(t)
	flow := audits.Flow{ID: serviceWorkflow, Things: []activities.Expectation{a.ledger.expected[2].Expectation}}
	drifts := must(a.scene, provider, func(ctx context.Context, at activities.Place) ([]link.Drift, error) {
		ctx, s := a.lookingAt(ctx, at, func(p *armnetwork.PrivateLinkService) { p.Properties = nil })
		return s.drift(ctx, flow, true)
	}, provider)
	if len(drifts) > 0 {
		t.Errorf("it is %+v", drifts)
	}
}

// lookingAt goes to a place with a snapshot in which the services are other than they are.
func (a *audited) lookingAt(ctx context.Context, at activities.Place, change func(*armnetwork.PrivateLinkService)) (context.Context, *site) {
	a.t.Helper()
	s, err := a.config.withDefaults().at(ctx, at)
	succeed(a.t, err)
	ctx, tally := accounts.Counted(ctx)
	s.seen = newSnapshot(tally)
	services, err := s.servicesSeen(ctx)
	succeed(a.t, err)
	for id, p := range services {
		change(&p)
		services[id] = p
	}
	return ctx, s
}
