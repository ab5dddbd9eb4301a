package aws

import (
	"slices"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/activities/aws/permissions"
	"github.com/linkwright/linkwright/internal/accounts"
	"github.com/linkwright/linkwright/internal/link"
)

// giveTo gives something of EC2 another owner; none when it is empty.
func giveTo(t *testing.T, clients *accounts.Clients, id string, owner activities.Owner) {
	t.Helper()
	tags := []ec2types.Tag{{Key: sdk.String(ownerTag)}}
	_, err := clients.EC2.DeleteTags(t.Context(), &ec2.DeleteTagsInput{Resources: []string{id}, Tags: tags})
	if err == nil && owner != "" {
		tags[0].Value = sdk.String(string(owner))
		_, err = clients.EC2.CreateTags(t.Context(), &ec2.CreateTagsInput{Resources: []string{id}, Tags: tags})
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestAServiceThatTheFlowKnowsGetsItsTagBack(t *testing.T) {
	sc := newScene(t)
	service := sc.publish()
	giveTo(t, sc.clients(provider), service.ID, "")
	sc.allow("111111111111", permissions.Provider)
	req := sc.serviceRequest()
	req.Known, req.Spec.AWS.AllowedPrincipals = service.ID, nil
	got := must(t, NewProvider(sc.config).EnsureService, req)
	if want := []string{"gets its ownership tag", "allowed principals -arn:aws:iam::222222222222:root"}; got.ID != service.ID || !slices.Equal(got.Changes, want) {
		t.Errorf("service = %+v, want %s with the changes %q", got, service.ID, want)
	}
	again := must(t, NewProvider(sc.config).EnsureService, req)
	if again.ID != service.ID || len(again.Changes) > 0 || sc.calls("CreateVpcEndpointServiceConfiguration") != 1 {
		t.Errorf("asked again, service = %+v", again)
	}
}

func TestAServiceThatTheFlowKnowsIsNotTaken(t *testing.T) {
	for _, c := range []struct {
		name   string
		owner  activities.Owner
		change func(*scene, *activities.EnsureServiceRequest)
	}{
		{"when it belongs to another flow", "default/endpoint-service/other", func(*scene, *activities.EnsureServiceRequest) {}},
		{"when it is behind none of the spec's load balancers", "", func(sc *scene, r *activities.EnsureServiceRequest) {
			r.Spec.AWS.LoadBalancers.ARNs = []string{sc.id("provider", "load-balancer", "other")}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			sc := newScene(t)
			req := sc.serviceRequest()
			req.Known = sc.publish().ID
			giveTo(t, sc.clients(provider), req.Known, c.owner)
			c.change(sc, &req)
			tagged, made := sc.calls("CreateTags"), sc.calls("CreateVpcEndpointServiceConfiguration")
			_, err := run(t, NewProvider(sc.config).EnsureService, req)
			wantProblem(t, err, link.ReasonNotOurs)
			if sc.calls("CreateTags") != tagged || sc.calls("CreateVpcEndpointServiceConfiguration") != made {
				t.Error("it has taken the service, or made another one")
			}
		})
	}
}

func TestAnEndpointThatTheFlowKnowsGetsItsTagBack(t *testing.T) {
	sc := newScene(t)
	service := sc.publish()
	endpoint := sc.ready(service, sc.connect(service))
	giveTo(t, sc.clients(consumer), endpoint.ID, "")
	sc.allow("222222222222", permissions.Consumer)
	req := sc.endpointRequest(service)
	req.Known = endpoint.ID
	got := must(t, NewConsumer(sc.config).EnsureEndpoint, req)
	if want := []string{"endpoint " + endpoint.ID + " gets its ownership tag"}; got.ID != endpoint.ID || !slices.Equal(got.Changes, want) {
		t.Errorf("endpoint = %+v, want %s with the changes %q", got, endpoint.ID, want)
	}
	again := must(t, NewConsumer(sc.config).EnsureEndpoint, req)
	if again.ID != endpoint.ID || len(again.Changes) > 0 || sc.calls("CreateVpcEndpoint") != 1 {
		t.Errorf("asked again, endpoint = %+v", again)
	}
}

func TestAnEndpointThatTheFlowKnowsIsNotTakenFromAnother(t *testing.T) {
	sc := newScene(t)
	service := sc.publish()
	endpoint := sc.ready(service, sc.connect(service))
	giveTo(t, sc.clients(consumer), endpoint.ID, "default/connection/payments/other")
	req := sc.endpointRequest(service)
	req.Known = endpoint.ID
	_, err := run(t, NewConsumer(sc.config).EnsureEndpoint, req)
	wantProblem(t, err, link.ReasonNotOurs)
	if n := sc.calls("CreateVpcEndpoint"); n != 1 {
		t.Errorf("%d endpoints were made", n)
	}
}

// An endpoint that was turned away while it had no tag makes way for another one all the same.
func TestAnEndpointThatIsOverIsNotTakenBack(t *testing.T) {
	sc := newScene(t)
	service := sc.publish()
	endpoint := sc.connect(service)
	must(t, plain(NewProvider(sc.config).RejectConnection), connectionRequest(service, endpoint))
	sc.await(endpoint, activities.EndpointRejected)
	giveTo(t, sc.clients(consumer), endpoint.ID, "")
	req := sc.endpointRequest(service)
	req.Known = endpoint.ID
	if got := must(t, NewConsumer(sc.config).EnsureEndpoint, req); got.ID == endpoint.ID {
		t.Errorf("it goes on with %+v", got)
	}
}

func TestASecurityGroupThatTheFlowKnowsGetsItsTagBack(t *testing.T) {
	sc := newScene(t)
	group := sc.ensureGroup("10.0.0.0/8")
	giveTo(t, sc.clients(consumer), group.ID, "")
	sc.allow("222222222222", permissions.Consumer)
	req := sc.groupRequest("10.9.0.0/16")
	req.Known = group.ID
	got := must(t, NewConsumer(sc.config).EnsureSecurityGroup, req)
	if got.ID != group.ID || len(got.Changes) != 3 || got.Changes[0] != "security group "+group.ID+" gets its ownership tag" {
		t.Errorf("group = %+v", got)
	}
	sc.wantGroup(group.ID, "tcp 443 from 10.9.0.0/16")
}

func TestASecurityGroupThatTheFlowKnowsIsNotTakenFromAnother(t *testing.T) {
	sc := newScene(t)
	req := sc.groupRequest("10.9.0.0/16")
	req.Known = sc.ensureGroup("10.0.0.0/8").ID
	giveTo(t, sc.clients(consumer), req.Known, "default/connection/payments/other")
	sc.config.Patience = time.Millisecond
	_, err := run(t, NewConsumer(sc.config).EnsureSecurityGroup, req)
	wantProblem(t, err, link.ReasonNotOurs)
}
