package aws

import (
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/internal/simaws"
)

func TestEnsureServiceTwiceMakesOneAndChangesNothing(t *testing.T) {
	sc := newScene(t)
	first := sc.publish()
	created, modified := sc.calls("CreateVpcEndpointServiceConfiguration"), sc.calls("ModifyVpcEndpointServiceConfiguration")
	second := sc.publish()
	if second.ID != first.ID || len(second.Changes) != 0 {
		t.Errorf("the second time it answers %+v, the first time %+v", second, first)
	}
	if n := sc.calls("CreateVpcEndpointServiceConfiguration"); n != created {
		t.Errorf("it created %d more", n-created)
	}
	if n := sc.calls("ModifyVpcEndpointServiceConfiguration"); n != modified {
		t.Errorf("it modified %d times more", n-modified)
	}
}

func TestEnsureServiceMakesOneAlthoughTheAnswerIsLost(t *testing.T) {
	for _, c := range []struct {
		name  string
		world []func(*simaws.WorldFile)
	}{
		{"when the service is listed at once", nil},
		{"when the service is listed only after a while", []func(*simaws.WorldFile){hiddenFor(10 * time.Minute)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			sc := newScene(t, c.world...)
			sc.inject(simaws.Fault{Action: "CreateVpcEndpointServiceConfiguration", Effect: simaws.EffectLose, Times: 3})
			service := sc.publish()
			if got := sc.owned(provider, serviceFlow); !slices.Equal(got, []string{service.ID}) {
				t.Errorf("services = %q, want %q alone", got, service.ID)
			}
		})
	}
}

func TestMistake09AServiceChangedBehindOurBack(t *testing.T) {
	sc := newScene(t)
	service := sc.publish()
	client := sc.clients(provider).EC2
	if _, err := client.ModifyVpcEndpointServiceConfiguration(t.Context(), &ec2.ModifyVpcEndpointServiceConfigurationInput{
		ServiceId: sdk.String(service.ID), AcceptanceRequired: sdk.Bool(false)}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.ModifyVpcEndpointServicePermissions(t.Context(), &ec2.ModifyVpcEndpointServicePermissionsInput{
		ServiceId: sdk.String(service.ID), AddAllowedPrincipals: []string{"*"}}); err != nil {
		t.Fatal(err)
	}
	service = sc.publish()
	if want := []string{"acceptance is required again", "allowed principals -*"}; !slices.Equal(service.Changes, want) {
		t.Errorf("changes = %q, want %q", service.Changes, want)
	}
	if !service.AcceptanceRequired {
		t.Error("acceptance is still off")
	}
}

func TestEnsureServiceMakesAnotherAfterADeletionByHand(t *testing.T) {
	sc := newScene(t)
	first := sc.publish()
	if _, err := sc.clients(provider).EC2.DeleteVpcEndpointServiceConfigurations(t.Context(),
		&ec2.DeleteVpcEndpointServiceConfigurationsInput{ServiceIds: []string{first.ID}}); err != nil {
		t.Fatal(err)
	}
	if second := sc.publish(); second.ID == first.ID || second.State != activities.ServiceAvailable {
		t.Errorf("after the deletion of %s, it answers %+v", first.ID, second)
	}
}

func TestEnsureServiceFindsLoadBalancersByTags(t *testing.T) {
	sc := newScene(t)
	tag := func(key, value string, arns ...string) {
		t.Helper()
		if _, err := sc.clients(provider).ELB.AddTags(t.Context(), &elasticloadbalancingv2.AddTagsInput{
			ResourceArns: arns, Tags: []elbtypes.Tag{{Key: sdk.String(key), Value: sdk.String(value)}}}); err != nil {
			t.Fatal(err)
		}
	}
	api, web := sc.id("provider", "load-balancer", "api"), sc.id("provider", "load-balancer", "web")
	tag("team", "payments", api, web, sc.id("provider", "load-balancer", "other"))
	tag("public", "no", api, web)
	service := sc.publish(func(s *link.AWSEndpointService) {
		s.LoadBalancers = link.LoadBalancers{Tags: map[string]string{"team": "payments", "public": "no"}}
	})
	if !slices.Equal(service.LoadBalancers, []string{api}) {
		t.Errorf("load balancers = %q, want the network load balancer with both tags, %q", service.LoadBalancers, api)
	}
}

func TestEnsureServiceIsBlocked(t *testing.T) {
	sc := newScene(t)
	api := sc.id("provider", "load-balancer", "api")
	other := sc.publish() // uses "api"
	for _, c := range []struct {
		name   string
		change func(*activities.EnsureServiceRequest)
		reason link.Reason
		says   string
	}{
		{"when another service uses the load balancer, it says which",
			func(r *activities.EnsureServiceRequest) { r.Owner = "default/endpoint-service/second" }, link.ReasonLoadBalancerInUse, other.ID},
		{"when the load balancer does not exist, it says so",
			func(r *activities.EnsureServiceRequest) {
				r.Spec.AWS.LoadBalancers.ARNs = []string{strings.Replace(api, "/api/", "/gone/", 1)}
			}, link.ReasonLoadBalancerMissing, "LoadBalancerNotFound"},
		{"when the load balancer is of another type, it says so",
			func(r *activities.EnsureServiceRequest) {
				r.Spec.AWS.LoadBalancers.ARNs = []string{sc.id("provider", "load-balancer", "web")}
			}, link.ReasonLoadBalancerMissing, "application"},
		{"when no load balancer has the tags, it says so",
			func(r *activities.EnsureServiceRequest) {
				r.Spec.AWS.LoadBalancers = link.LoadBalancers{Tags: map[string]string{"team": "nobody"}}
			}, link.ReasonLoadBalancerMissing, "team=nobody"},
		{"when the external ID is wrong, it is about credentials",
			func(r *activities.EnsureServiceRequest) { r.Account = "misled" }, link.ReasonBadCredentials, "AccessDenied"},
		{"when the account is not known, it says which are",
			func(r *activities.EnsureServiceRequest) { r.Account = "nobody" }, link.ReasonUnknownAccount, "provider"},
		{"when the spec is for another cloud, it says so",
			func(r *activities.EnsureServiceRequest) { r.Spec.AWS = nil }, link.ReasonInvalidRequest, "aws section"},
	} {
		t.Run(c.name, func(t *testing.T) {
			req := sc.serviceRequest()
			c.change(&req)
			_, err := run(t, NewProvider(sc.config).EnsureService, req)
			if p := wantProblem(t, err, c.reason); !strings.Contains(p.Message, c.says) {
				t.Errorf("message = %q, want it to say %q", p.Message, c.says)
			}
		})
	}
}

func TestALoadBalancerInUseByTheFlowsOwnServiceIsNoProblem(t *testing.T) {
	sc := newScene(t)
	service := sc.publish()
	s := &site{Config: sc.config, place: provider, Clients: sc.clients(provider), started: time.Now()}
	cause := refused("EC2", "CreateVpcEndpointServiceConfiguration", "InvalidParameter", "already associated with another VPC Endpoint Service")
	if err := s.loadBalancerInUse(t.Context(), serviceFlow, service.LoadBalancers, cause); !isPending(err) {
		t.Errorf("it answers %v", err)
	}
}

func TestMistake01ADeletionThatFailsInsideAnAnswer200(t *testing.T) {
	sc := newScene(t)
	service := sc.publish()
	sc.connect(service)
	s := &site{Config: sc.config, place: provider, Clients: sc.clients(provider)}
	if err := s.deleteService(t.Context(), service.ID); !hasCode(err, "ExistingVpcEndpointConnections") {
		t.Errorf("deleting a service with connections answers %v", err)
	}
	if err := s.deleteService(t.Context(), "vpce-svc-00000000000000000"); err != nil {
		t.Errorf("deleting a service that is gone answers %v", err)
	}
}

func TestEnsureServiceIsBlockedByAMissingPermission(t *testing.T) {
	sc := newScene(t)
	sc.inject(simaws.Fault{Action: "CreateVpcEndpointServiceConfiguration", Effect: simaws.EffectAccessDenied})
	_, err := run(t, NewProvider(sc.config).EnsureService, sc.serviceRequest())
	p := wantProblem(t, err, link.ReasonMissingPermission)
	if p.Call != "ec2:CreateVpcEndpointServiceConfiguration" || !strings.Contains(p.Remedy, "role/linkwright") {
		t.Errorf("problem = %+v", p)
	}
}

func TestStartVerificationNeedsADomain(t *testing.T) {
	sc := newScene(t)
	service := sc.publish()
	_, err := run(t, NewProvider(sc.config).StartVerification, activities.ServiceRequest{Place: provider, ServiceID: service.ID})
	wantProblem(t, err, link.ReasonNoPrivateDNSName)
}

func TestAcceptConnectionLetsInWhatTheApproverSaw(t *testing.T) {
	sc := newScene(t)
	p := NewProvider(sc.config)
	service := sc.publish()
	endpoint := sc.connect(service)
	req := connectionRequest(service, endpoint)

	stranger := req
	stranger.EndpointOwner = "333333333333"
	if _, err := run(t, p.AcceptConnection, stranger); !activities.IsChanged(err) {
		t.Errorf("when the endpoint belongs to somebody else, it answers %v", err)
	}
	if n := sc.calls("AcceptVpcEndpointConnections"); n != 0 {
		t.Fatalf("it let somebody else in, with %d calls", n)
	}
	missing := req
	missing.Endpoint = "vpce-00000000000000000"
	if _, err := run(t, p.AcceptConnection, missing); !activities.IsGone(err) {
		t.Errorf("when the endpoint does not exist, it answers %v", err)
	}
	if view := must(t, p.AcceptConnection, req); !view.State.LetIn() {
		t.Errorf("it answers %+v", view)
	}
	accepted := sc.calls("AcceptVpcEndpointConnections")
	if must(t, p.AcceptConnection, req); sc.calls("AcceptVpcEndpointConnections") != accepted {
		t.Error("it accepts what is let in already")
	}
	must(t, plain(p.RejectConnection), req)
	if _, err := run(t, p.AcceptConnection, req); !activities.IsChanged(err) {
		t.Errorf("when the endpoint was cut off meanwhile, it answers %v", err)
	}
}

func TestAcceptConnectionReadsTheFailuresInsideTheAnswer(t *testing.T) {
	sc := newScene(t)
	service := sc.publish()
	endpoint := sc.connect(service)
	must(t, plain(NewConsumer(sc.config).RemoveEndpoint), activities.RemoveEndpointRequest{Place: consumer, Owner: connectionFlow})
	s := &site{Config: sc.config, place: provider, Clients: sc.clients(provider)}
	out, err := s.EC2.AcceptVpcEndpointConnections(t.Context(), &ec2.AcceptVpcEndpointConnectionsInput{
		ServiceId: sdk.String(service.ID), VpcEndpointIds: []string{endpoint.ID}})
	if err == nil {
		err = unsuccessful("AcceptVpcEndpointConnections", out.Unsuccessful)
	}
	if !hasCode(err, endpointGone...) {
		t.Errorf("accepting an endpoint that is gone answers %v", err)
	}
}

func TestRejectConnectionThatIsGoneDoesNothing(t *testing.T) {
	sc := newScene(t)
	service := sc.publish()
	must(t, plain(NewProvider(sc.config).RejectConnection), connectionRequest(service, activities.Endpoint{ID: "vpce-00000000000000000"}))
	if n := sc.calls("RejectVpcEndpointConnections"); n != 0 {
		t.Errorf("it rejects with %d calls", n)
	}
}

func TestRemoveServiceTurnsLatecomersAway(t *testing.T) {
	sc := newScene(t)
	service := sc.publish()
	endpoint := sc.connect(service)
	must(t, plain(NewProvider(sc.config).RemoveService), activities.RemoveServiceRequest{Place: provider, Owner: serviceFlow})
	if left := sc.owned(provider, serviceFlow); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
	if e := sc.await(endpoint, activities.EndpointRejected); e.State.LetIn() {
		t.Errorf("the latecomer is %+v", e)
	}
}

func TestRemoveServiceDeletesNothingOfOthers(t *testing.T) {
	sc := newScene(t)
	service := sc.publish()
	req := activities.RemoveServiceRequest{Place: provider, Owner: "default/endpoint-service/second", ServiceID: service.ID}
	_, err := run(t, plain(NewProvider(sc.config).RemoveService), req)
	wantProblem(t, err, link.ReasonNotOurs)
	if n := sc.calls("DeleteVpcEndpointServiceConfigurations"); n != 0 {
		t.Errorf("it deleted with %d calls", n)
	}
}

func TestRemoveServiceThatIsGoneDoesNothing(t *testing.T) {
	sc := newScene(t)
	must(t, plain(NewProvider(sc.config).RemoveService),
		activities.RemoveServiceRequest{Place: provider, Owner: serviceFlow, ServiceID: "vpce-svc-00000000000000000"})
}
