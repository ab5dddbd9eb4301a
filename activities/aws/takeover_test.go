package aws

import (
	"slices"
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/activities/aws/permissions"
	"github.com/linkwright/linkwright/internal/link"
)

// named is a spec that takes over a service as [scene.byHand] makes it.
func named(id string) func(*link.AWSEndpointService) {
	return func(s *link.AWSEndpointService) { s.Service = id }
}

// publishNamed takes a service over.
func (sc *scene) publishNamed(id string) activities.Service {
	sc.t.Helper()
	return sc.publish(named(id))
}

// written are the calls since then that are no looks.
func (sc *scene) written(since int) []string {
	var actions []string
	for _, c := range sc.cloud.Calls()[since:] {
		if !strings.HasPrefix(c.Action, "Describe") && c.Action != "AssumeRole" {
			actions = append(actions, c.Action)
		}
	}
	return actions
}

func TestAServiceIsTakenOverByItsTagAlone(t *testing.T) {
	sc := newScene(t)
	id := sdk.ToString(sc.byHand("api", nil, func(in *ec2.CreateVpcEndpointServiceConfigurationInput) { in.AcceptanceRequired = sdk.Bool(true) }).ServiceId)

	since := len(sc.cloud.Calls())
	plan := must(t, NewPlanner(sc.config).PlanService, sc.serviceRequest(named(id)))
	if c := plan.Changes[0]; c.Action != link.ActionAdopt || !c.TakesOver || c.ID != id || len(c.Details) > 0 || c.Problem != nil {
		t.Errorf("it plans %+v", plan.Changes)
	}
	if got := sc.publishNamed(id); got.ID != id || !slices.Equal(got.Changes, []string{"service " + id + " taken over"}) {
		t.Errorf("it answers %+v", got)
	}
	if got := sc.written(since); !slices.Equal(got, []string{"CreateTags"}) {
		t.Errorf("it has called %v", got)
	}
	if got := sc.publishNamed(id); len(got.Changes) > 0 {
		t.Errorf("the second time it changes %v", got.Changes)
	}
	if plan := must(t, NewPlanner(sc.config).PlanService, sc.serviceRequest(named(id))); plan.Changes[0].Action != link.ActionKeep {
		t.Errorf("once it is taken over, it plans %+v", plan.Changes)
	}
	// From now on it is kept as the spec says, and follows it.
	if got := sc.publish(named(id), func(s *link.AWSEndpointService) { s.AllowedPrincipals = nil }); len(got.Changes) != 1 {
		t.Errorf("a changed spec comes to %v", got.Changes)
	}

	since = len(sc.cloud.Calls())
	remove := activities.RemoveServiceRequest{Place: provider, Owner: serviceFlow, ServiceID: id, Existing: true}
	must(t, plain(NewProvider(sc.config).RemoveService), remove)
	must(t, plain(NewProvider(sc.config).RemoveService), remove)
	if got := sc.written(since); !slices.Equal(got, []string{"DeleteTags"}) {
		t.Errorf("it is let go of by %v", got)
	}
	if left := must(t, NewProvider(sc.config).DescribeService, activities.ServiceRequest{Place: provider, ServiceID: id}); left.State != activities.ServiceAvailable {
		t.Errorf("it is left %+v", left)
	}
	if owned := sc.owned(provider, serviceFlow); len(owned) > 0 {
		t.Errorf("it still belongs to the flow: %v", owned)
	}
}

// What the flow has taken over is no longer new to it: it is kept as the spec says, and not left as it is.
func TestWhatWasTakenOverGetsItsTagBack(t *testing.T) {
	sc := newScene(t)
	id := sdk.ToString(sc.byHand("api", nil, func(in *ec2.CreateVpcEndpointServiceConfigurationInput) { in.AcceptanceRequired = sdk.Bool(true) }).ServiceId)
	service := sc.publishNamed(id)
	giveTo(t, sc.clients(provider), id, "")
	sc.allow("111111111111", permissions.Provider)
	req := sc.serviceRequest(named(id))
	req.Known, req.Spec.AWS.AllowedPrincipals = id, []string{"arn:aws:iam::222222222222:root", "arn:aws:iam::333333333333:root"}
	plan := must(t, NewPlanner(sc.config).PlanService, req)
	if c := plan.Changes[0]; c.Action != link.ActionAdopt || c.TakesOver || c.Problem != nil {
		t.Errorf("it plans %+v", plan.Changes)
	}
	want := []string{"gets its ownership tag", "allowed principals +arn:aws:iam::333333333333:root"}
	if got := must(t, NewProvider(sc.config).EnsureService, req); got.ID != id || !slices.Equal(got.Changes, want) {
		t.Errorf("service = %+v, want the changes %q", got, want)
	}
	if again := must(t, NewProvider(sc.config).EnsureService, req); len(again.Changes) > 0 {
		t.Errorf("the second time it changes %v", again.Changes)
	}

	at := sc.opened(service.Name, nil)
	taken := func(a *link.AWSConnection) {
		a.Endpoint, a.Subnets = at, []string{sc.id("consumer", "subnet", "main/one")}
	}
	sc.connect(service, taken)
	giveTo(t, sc.clients(consumer), at, "")
	known := sc.endpointRequest(service, taken)
	known.Known = at
	if plan := must(t, NewPlanner(sc.config).PlanEndpoint, known); plan.Changes[0].Action != link.ActionAdopt || plan.Changes[0].TakesOver {
		t.Errorf("of the endpoint, it plans %+v", plan.Changes)
	}
	want = []string{"endpoint " + at + " gets its ownership tag"}
	if got := must(t, NewConsumer(sc.config).EnsureEndpoint, known); got.ID != at || !slices.Equal(got.Changes, want) {
		t.Errorf("endpoint = %+v, want the changes %q", got, want)
	}
}

func TestWhatIsNotTakenOver(t *testing.T) {
	sc := newScene(t)
	sc.config.Patience = 1
	id := sdk.ToString(sc.byHand("api", map[string]string{"hypershift.openshift.io/owner": "blue"}).ServiceId)
	free := func(s *link.AWSEndpointService) { s.AllowManaged = true }
	for _, c := range []struct {
		name   string
		change func(*activities.EnsureServiceRequest)
		reason link.Reason
		says   string
	}{
		{"when another tool manages it, it says which", func(*activities.EnsureServiceRequest) {}, link.ReasonNotOurs, "HyperShift (tag hypershift.openshift.io/owner: blue)"},
		{"when the spec differs, it says how", func(r *activities.EnsureServiceRequest) {
			free(r.Spec.AWS)
			r.Spec.AWS.AllowedPrincipals = nil
		}, link.ReasonNotOurs, "allowed principals -arn:aws:iam::222222222222:root"},
		{"when it does not exist, it says so", func(r *activities.EnsureServiceRequest) { r.Spec.AWS.Service = "vpce-svc-0123456789abcdef0" },
			link.ReasonInvalidRequest, "does not exist"},
		{"when it is another flow's, it says whose", func(r *activities.EnsureServiceRequest) {
			sc.publish(named(id), free)
			r.Owner = "default/endpoint-service/other"
		}, link.ReasonNotOurs, string(serviceFlow)},
	} {
		t.Run(c.name, func(t *testing.T) {
			req := sc.serviceRequest(named(id))
			c.change(&req)
			since := len(sc.cloud.Calls())
			_, err := run(t, NewProvider(sc.config).EnsureService, req)
			if p := wantProblem(t, err, c.reason); !strings.Contains(p.Message, c.says) {
				t.Errorf("it says %q", p.Message)
			}
			plan := must(t, NewPlanner(sc.config).PlanService, req)
			if p := plan.Changes[0]; len(plan.Changes) != 1 || p.Action != link.ActionAdopt || p.Problem == nil || !strings.Contains(p.Problem.Message, c.says) {
				t.Errorf("it plans %+v", plan.Changes)
			}
			if got := sc.written(since); len(got) > 0 {
				t.Errorf("it has called %v", got)
			}
		})
	}
}

func TestAnEndpointThatAnotherToolManagesIsNotTakenOver(t *testing.T) {
	sc := newScene(t)
	service := sc.publish()
	id := sc.opened(service.Name, map[string]string{"api.openshift.com/id": "blue"})
	named := func(a *link.AWSConnection) {
		a.Endpoint, a.Subnets = id, []string{sc.id("consumer", "subnet", "main/one")}
	}
	_, err := run(t, NewConsumer(sc.config).EnsureEndpoint, sc.endpointRequest(service, named))
	if p := wantProblem(t, err, link.ReasonNotOurs); !strings.Contains(p.Message, "OpenShift Cluster Manager") {
		t.Errorf("it says %q", p.Message)
	}
	allowed := func(a *link.AWSConnection) { a.AllowManaged = true }
	if plan := must(t, NewPlanner(sc.config).PlanEndpoint, sc.endpointRequest(service, named, allowed)); !plan.Changes[0].TakesOver || len(plan.Changes[0].Details) > 0 {
		t.Errorf("where the spec allows it, it plans %+v", plan.Changes)
	}
	if got := sc.connect(service, named, allowed); got.ID != id {
		t.Errorf("where the spec allows it, it answers %+v", got)
	}
}
