package azure

import (
	"strings"
	"testing"
	"time"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/internal/simcloud"
)

func TestEnsureEndpointBringsItInStep(t *testing.T) {
	sc := newScene(t)
	service := sc.publish()
	first := sc.connect(service)
	if again := sc.connect(service); again.ID != first.ID || sc.calls("privateEndpoints/write") != 1 {
		t.Errorf("the second time, it is %+v, after %d writes", again, sc.calls("privateEndpoints/write"))
	}
	must(sc, consumer, NewConsumer(sc.config).EnsureEndpoint, sc.endpointRequest(service, func(s *link.AzureConnection) { s.Tags = map[string]string{"team": "shop"} }))
	there, err := sc.clients(consumer).Endpoints.Get(t.Context(), "shop", "payments-shop", nil)
	if err != nil || value(there.Tags["team"]) != "shop" || ownerOf(there.Tags) != connectionFlow {
		t.Errorf("its tags are %v, %v", there.Tags, err)
	}
}

func TestAnEndpointThatWasTurnedAwayIsReplaced(t *testing.T) {
	sc := newScene(t)
	service := sc.publish()
	endpoint := sc.connect(service)
	before := sc.connectionOf(service, endpoint)
	must(sc, provider, plain(NewProvider(sc.config).RejectConnection), activities.ConnectionRequest{
		Place: provider, ServiceID: service.ID, Endpoint: endpoint.ID, EndpointOwner: before.Owner, Link: before.Link,
	})
	plan := must(sc, consumer, NewPlanner(sc.config).PlanEndpoint, sc.endpointRequest(service))
	if len(plan.Changes) != 2 || plan.Changes[0].Action != link.ActionDelete || plan.Changes[1].Action != link.ActionCreate {
		t.Errorf("the plan is %+v", plan.Changes)
	}
	sc.connect(service)
	if after := sc.connectionOf(service, endpoint); after.State != activities.EndpointPendingAcceptance || after.Link == before.Link {
		t.Errorf("its connection is %+v; before, it was %+v", after, before)
	}
}

// made makes an endpoint that no flow knows.
func (sc *scene) made(service activities.Service, name string) string {
	sc.t.Helper()
	e := newEndpoint(sc.endpointRequest(service))
	e.Tags = nil
	p, err := sc.clients(consumer).Endpoints.BeginCreateOrUpdate(sc.t.Context(), "shop", name, e, nil)
	if err != nil {
		sc.t.Fatal(err)
	}
	done, err := p.PollUntilDone(sc.t.Context(), pollOften)
	if err != nil {
		sc.t.Fatal(err)
	}
	return value(done.ID)
}

func TestAnEndpointThatIsThereIsTakenOver(t *testing.T) {
	sc := newScene(t)
	service := sc.publish()
	id := sc.made(service, "theirs")
	named := func(s *link.AzureConnection) { s.ResourceGroup, s.PrivateEndpoint = "", id }
	req := sc.endpointRequest(service, named)
	if plan := must(sc, consumer, NewPlanner(sc.config).PlanEndpoint, req); len(plan.Changes) != 1 || plan.Changes[0].Action != link.ActionAdopt {
		t.Errorf("the plan is %+v", plan.Changes)
	}
	if e := must(sc, consumer, NewConsumer(sc.config).EnsureEndpoint, req); e.ID != normal(id) {
		t.Errorf("it is %+v", e)
	}
	other := req
	other.Owner = "default/connection/payments/other"
	if p := blockedBy(sc, consumer, NewConsumer(sc.config).EnsureEndpoint, other); p.Reason != link.ReasonNotOurs {
		t.Errorf("when it is another flow's, the problem is %+v", p)
	}
	elsewhere := req
	elsewhere.ServiceName, elsewhere.ServiceID = "x"+req.ServiceName, req.ServiceID+"x"
	if p := blockedBy(sc, consumer, NewConsumer(sc.config).EnsureEndpoint, elsewhere); p.Reason != link.ReasonNetworkMismatch {
		t.Errorf("when it leads elsewhere, the problem is %+v", p)
	}
	missing := sc.endpointRequest(service, func(s *link.AzureConnection) { s.ResourceGroup, s.PrivateEndpoint = "", id+"x" })
	if p := blockedBy(sc, consumer, NewConsumer(sc.config).EnsureEndpoint, missing); p.Reason != link.ReasonEndpointFailed {
		t.Errorf("when it is not there, the problem is %+v", p)
	}
}

func TestProblemsOfEndpoints(t *testing.T) {
	sc := newScene(t)
	sc.config.Patience = 20 * time.Millisecond
	service := sc.publish()
	sc.made(service, "theirs")
	sc.connect(service)
	for _, c := range []struct {
		name   string
		change func(*link.AzureConnection)
		alias  string
		want   link.Reason
	}{
		{"when the name is somebody's, it says so", func(s *link.AzureConnection) { s.Name = "theirs" }, "", link.ReasonNotOurs},
		{"when the service is not visible, it says so", func(s *link.AzureConnection) { s.Name = "other" }, "x" + alias, link.ReasonServiceNotVisible},
		{"when the subnet is not there, it says so", func(s *link.AzureConnection) { s.Name, s.Subnet = "other", s.Subnet+"x" }, "", link.ReasonNetworkMismatch},
		{"when it is in another subnet, it says so", func(s *link.AzureConnection) { s.Subnet += "x" }, "", link.ReasonNetworkMismatch},
		{"when no resource id is known, it says so", func(s *link.AzureConnection) { s.Name, s.ConnectBy = "other", link.ByResourceID }, alias, link.ReasonInvalidRequest},
	} {
		t.Run(c.name, func(t *testing.T) {
			req := sc.endpointRequest(service, c.change)
			if c.alias != "" {
				req.ServiceName, req.ServiceID = c.alias, ""
			}
			if p := blockedBy(sc, consumer, NewConsumer(sc.config).EnsureEndpoint, req); p.Reason != c.want {
				t.Errorf("the problem is %+v", p)
			}
		})
	}
}

func TestRemoveEndpoint(t *testing.T) {
	sc := newScene(t)
	service := sc.publish()
	endpoint := sc.connect(service)
	c := NewConsumer(sc.config)
	other := activities.RemoveEndpointRequest{Place: consumer, Owner: "default/connection/payments/other", Endpoint: endpoint.ID}
	if p := blockedBy(sc, consumer, plain(c.RemoveEndpoint), other); p.Reason != link.ReasonNotOurs {
		t.Errorf("when it is another flow's, the problem is %+v", p)
	}
	sc.inject(simcloud.Fault{Action: "privateEndpoints/delete", Effect: simcloud.EffectLose, Times: 3})
	for range 2 {
		must(sc, consumer, plain(c.RemoveEndpoint), activities.RemoveEndpointRequest{Place: consumer, Owner: connectionFlow})
	}
	if _, err := run(sc, consumer, c.DescribeEndpoint, activities.EndpointRequest{Place: consumer, Endpoint: endpoint.ID}); !activities.IsGone(err) {
		t.Errorf("then it answers %v", err)
	}
}

func TestWhatAzureHasNoCounterpartTo(t *testing.T) {
	sc := newScene(t)
	c := NewConsumer(sc.config)
	group := activities.SecurityGroupRequest{Place: consumer}
	for name, p := range map[string]link.Problem{
		"a security group":    blockedBy(sc, consumer, c.EnsureSecurityGroup, group),
		"no security group":   blockedBy(sc, consumer, plain(c.RemoveSecurityGroup), group),
		"private DNS":         blockedBy(sc, consumer, c.SetPrivateDNS, activities.SetPrivateDNSRequest{Place: consumer, Enabled: true}),
		"the plan of a proof": blockedBy(sc, consumer, NewPlanner(sc.config).PlanRecord, activities.RecordRequest{Place: consumer}),
	} {
		if p.Reason != link.ReasonInvalidRequest || !strings.Contains(p.Message, `"consumer"`) {
			t.Errorf("asked for %s, the problem is %+v", name, p)
		}
	}
	endpoint := sc.connect(sc.publish())
	if seen := must(sc, consumer, c.SetPrivateDNS, activities.SetPrivateDNSRequest{Place: consumer, Endpoint: endpoint.ID}); seen.ID != endpoint.ID || seen.PrivateDNS {
		t.Errorf("private DNS off is %+v", seen)
	}
}
