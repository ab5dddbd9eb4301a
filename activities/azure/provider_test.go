package azure

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/accounts"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/internal/simcloud"
)

// clients act in an account as the worker does.
func (sc *scene) clients(place activities.Place) *accounts.AzureClients {
	sc.t.Helper()
	c, err := sc.config.Accounts.AzureClients(sc.t.Context(), place.Account)
	if err != nil {
		sc.t.Fatal(err)
	}
	return c
}

// there is the service as Azure has it.
func (sc *scene) there() armnetwork.PrivateLinkService {
	sc.t.Helper()
	got, err := sc.clients(provider).Services.Get(sc.t.Context(), "services", "payments", nil)
	if err != nil {
		sc.t.Fatal(err)
	}
	return got.PrivateLinkService
}

func TestEnsureServiceBringsItInStep(t *testing.T) {
	sc := newScene(t)
	first := sc.publish()
	if writes := sc.calls("privateLinkServices/write"); writes != 1 {
		t.Errorf("it was written %d times", writes)
	}
	subnet, err := sc.clients(provider).Subnets.Get(t.Context(), "services", "main", "nat", nil)
	if err != nil || !policiesOff(subnet.Subnet) {
		t.Errorf("the subnet is %+v, %v", subnet.Properties, err)
	}
	if sc.publish(); sc.calls("privateLinkServices/write") != 1 {
		t.Error("when all is as wanted, it is written again")
	}
	second := must(sc, provider, NewProvider(sc.config).EnsureService, sc.serviceRequest(func(s *link.AzureEndpointService) {
		s.Visibility, s.AutoApproval, s.NAT.Count = []string{"*"}, []string{consumerSubscription}, new(int32(2))
	}))
	there := sc.there()
	if second.ID != first.ID || second.Name != first.Name || len(there.Properties.IPConfigurations) != 2 || *there.Properties.Visibility.Subscriptions[0] != "*" ||
		ownerOf(there.Tags) != serviceFlow || value(there.Tags["team"]) != "payments" {
		t.Errorf("it is %+v, with %+v and the tags %v", second, there.Properties, there.Tags)
	}
}

func TestEnsureServiceDoesNotTouchWhatIsNotOurs(t *testing.T) {
	sc := newScene(t)
	sc.publish()
	other := sc.serviceRequest()
	other.Owner = "default/endpoint-service/other"
	if p := blockedBy(sc, provider, NewProvider(sc.config).EnsureService, other); p.Reason != link.ReasonNotOurs {
		t.Errorf("the problem is %+v", p)
	}
	remove := activities.RemoveServiceRequest{Place: provider, Owner: other.Owner, ServiceID: value(sc.there().ID)}
	if p := blockedBy(sc, provider, plain(NewProvider(sc.config).RemoveService), remove); p.Reason != link.ReasonNotOurs {
		t.Errorf("the problem is %+v", p)
	}
}

func TestWhatAzureCannotChangeIsRefusedOrReplaced(t *testing.T) {
	sc := newScene(t)
	several := func(s *link.AzureEndpointService) { s.NAT.Count = new(int32(3)) }
	before := must(sc, provider, NewProvider(sc.config).EnsureService, sc.serviceRequest(several))
	endpoint := sc.connect(before)
	sc.letIn(before, endpoint)
	p := blockedBy(sc, provider, NewProvider(sc.config).EnsureService, sc.serviceRequest())
	if p.Reason != link.ReasonInvalidRequest || !strings.Contains(p.Message, "cut off 1 connections") || !strings.Contains(p.Remedy, "allowReplacement") {
		t.Errorf("the problem is %+v", p)
	}
	allowed := sc.serviceRequest(func(s *link.AzureEndpointService) { s.AllowReplacement = true })
	plan := must(sc, provider, NewPlanner(sc.config).PlanService, allowed)
	if len(plan.Changes) != 2 || plan.Changes[0].Action != link.ActionDelete || plan.Changes[1].Action != link.ActionCreate {
		t.Errorf("the plan is %+v", plan.Changes)
	}
	after := must(sc, provider, NewProvider(sc.config).EnsureService, allowed)
	if after.ID != before.ID || after.Name == before.Name || len(sc.there().Properties.IPConfigurations) != 1 {
		t.Errorf("it is %+v", after)
	}
}

func TestAServiceThatIsThereIsOnlyLookedAt(t *testing.T) {
	sc := newScene(t)
	there := sc.publish()
	sc.cloud.ForgetCalls()
	req := activities.EnsureServiceRequest{Place: provider, Owner: "default/endpoint-service/other", Name: "other", Spec: link.EndpointServiceSpec{
		Account: "provider", Region: "westeurope", Azure: &link.AzureEndpointService{PrivateLinkService: strings.ToUpper(there.ID)},
	}}
	if seen := must(sc, provider, NewProvider(sc.config).EnsureService, req); seen.ID != there.ID || seen.Name != there.Name {
		t.Errorf("it is %+v", seen)
	}
	must(sc, provider, plain(NewProvider(sc.config).RemoveService), activities.RemoveServiceRequest{Place: provider, Owner: req.Owner, ServiceID: there.ID, Existing: true})
	if n := sc.calls("/write", "/delete"); n != 0 {
		t.Errorf("it was changed by %d calls", n)
	}
	req.Spec.Azure.PrivateLinkService += "x"
	if p := blockedBy(sc, provider, NewProvider(sc.config).EnsureService, req); p.Reason != link.ReasonInvalidRequest {
		t.Errorf("when it is not there, the problem is %+v", p)
	}
}

// TestAStepThatDiesBeginsNothingTwice loses what a step has begun: the next look finds it.
func TestAStepThatDiesBeginsNothingTwice(t *testing.T) {
	sc := newScene(t)
	sc.inject(simcloud.Fault{Action: "privateLinkServices/write", Effect: simcloud.EffectLose})
	p := NewProvider(sc.config)
	forgetful := func(ctx context.Context, req activities.EnsureServiceRequest) (activities.Service, error) {
		service, err := p.EnsureService(ctx, req)
		if op, ok := activities.OperationOf(err); ok {
			return service, activities.Pending(op.What, sc.config.Pace.Min)
		}
		return service, err
	}
	if service := must(sc, provider, forgetful, sc.serviceRequest()); service.State != activities.ServiceAvailable {
		t.Errorf("it is %+v", service)
	}
}

func TestAcceptLetsInTheRequestThatTheApproverSaw(t *testing.T) {
	sc := newScene(t)
	service := sc.publish()
	endpoint := sc.connect(service)
	seen := sc.connectionOf(service, endpoint)
	good := activities.ConnectionRequest{Place: provider, ServiceID: service.ID, Endpoint: endpoint.ID, EndpointOwner: seen.Owner, Link: seen.Link}
	for name, change := range map[string]func(*activities.ConnectionRequest){
		"of another owner":   func(r *activities.ConnectionRequest) { r.EndpointOwner = providerSubscription },
		"of another request": func(r *activities.ConnectionRequest) { r.Link = "1" },
		"of no request":      func(r *activities.ConnectionRequest) { r.Link = "" },
	} {
		bad := good
		change(&bad)
		if _, err := run(sc, provider, NewProvider(sc.config).AcceptConnection, bad); !activities.IsChanged(err) {
			t.Errorf("when the approver saw one %s, it answers %v", name, err)
		}
	}
	for range 2 {
		if view := must(sc, provider, NewProvider(sc.config).AcceptConnection, good); view.State != activities.EndpointAvailable {
			t.Errorf("it is %+v", view)
		}
	}
	described := false
	for _, c := range sc.there().Properties.PrivateEndpointConnections {
		described = described || strings.HasPrefix(value(c.Properties.PrivateLinkServiceConnectionState.Description), "Approved by Linkwright, ")
	}
	if !described {
		t.Error("nobody is told who has let it in")
	}
	must(sc, provider, plain(NewProvider(sc.config).RejectConnection), good)
	if _, err := run(sc, provider, NewProvider(sc.config).AcceptConnection, good); !activities.IsChanged(err) {
		t.Errorf("once it was turned away, it answers %v", err)
	}
	must(sc, consumer, plain(NewConsumer(sc.config).RemoveEndpoint), activities.RemoveEndpointRequest{Place: consumer, Owner: connectionFlow, Endpoint: endpoint.ID})
	if _, err := run(sc, provider, NewProvider(sc.config).AcceptConnection, good); !activities.IsGone(err) {
		t.Errorf("once it is gone, it answers %v", err)
	}
	must(sc, provider, plain(NewProvider(sc.config).RejectConnection), good)
}

func TestProblemsOfServices(t *testing.T) {
	sc := newScene(t)
	for _, c := range []struct {
		name   string
		change func(*link.AzureEndpointService)
		want   link.Reason
	}{
		{"when there is no load balancer, it says so", func(s *link.AzureEndpointService) { s.Frontends.Kubernetes.LoadBalancer = "none" }, link.ReasonLoadBalancerMissing},
		{"when it has no such frontend, it says so", func(s *link.AzureEndpointService) { s.Frontends.Kubernetes.UID = consumerSubscription }, link.ReasonLoadBalancerNotReady},
		{"when the frontend is public, it says so", func(s *link.AzureEndpointService) {
			s.Frontends = &link.AzureFrontends{IDs: []string{sc.id("frontend", "public/api")}}
		}, link.ReasonLoadBalancerNotReady},
		{"when there is no subnet, it says so", func(s *link.AzureEndpointService) { s.NAT.Subnet += "x" }, link.ReasonNetworkMismatch},
		{"when the subnet is in another subscription, it says so", func(s *link.AzureEndpointService) { s.NAT.Subnet = sc.id("subnet", "spoke/endpoints") }, link.ReasonNetworkMismatch},
		{"when there is no resource group, it says so", func(s *link.AzureEndpointService) { s.ResourceGroup = "none" }, link.ReasonInvalidRequest},
	} {
		t.Run(c.name, func(t *testing.T) {
			req := sc.serviceRequest(c.change)
			if p := blockedBy(sc, provider, NewProvider(sc.config).EnsureService, req); p.Reason != c.want {
				t.Errorf("the problem is %+v", p)
			}
			plan, err := run(sc, provider, NewPlanner(sc.config).PlanService, req)
			planned := slices.ContainsFunc(plan.Changes, func(change link.PlannedChange) bool { return change.Problem != nil && change.Problem.Reason == c.want })
			if err != nil || !planned && c.want != link.ReasonInvalidRequest {
				t.Errorf("the plan is %+v, %v", plan, err)
			}
		})
	}
}

func TestCredentialsProblems(t *testing.T) {
	sc := newScene(t)
	for _, account := range []string{"misled", "mistaken"} {
		at := activities.Place{Account: account, Region: "westeurope"}
		p := blockedBy(sc, at, NewProvider(sc.config).ListConnections, activities.ServiceRequest{Place: at, ServiceID: strings.Replace(serviceID, providerSubscription,
			map[string]string{"misled": consumerSubscription, "mistaken": providerSubscription}[account], 1)})
		if p.Reason != link.ReasonBadCredentials && p.Reason != link.ReasonMissingPermission || strings.Contains(p.Message+p.Remedy, "-secret") {
			t.Errorf("of account %s, the problem is %+v", account, p)
		}
	}
}
