package aws

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/smithy-go/middleware"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/accounts"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/internal/simaws"
)

func TestMistake03AnEndpointMadeTwiceAfterALostAnswer(t *testing.T) {
	for _, c := range []struct {
		name  string
		world []func(*simaws.WorldFile)
	}{
		{"when the endpoint is listed at once", nil},
		{"when the endpoint is listed only after a while", []func(*simaws.WorldFile){hiddenFor(10 * time.Minute)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			sc := newScene(t, c.world...)
			service := sc.publish()
			sc.inject(simaws.Fault{Action: "CreateVpcEndpoint", Effect: simaws.EffectLose, Times: 3})
			endpoint := sc.connect(service)
			if got := sc.owned(consumer, connectionFlow); !slices.Equal(got, []string{endpoint.ID}) {
				t.Errorf("endpoints = %q, want %q alone", got, endpoint.ID)
			}
			must(t, NewConsumer(sc.config).DescribeEndpoint, activities.EndpointRequest{Place: consumer, Endpoint: endpoint.ID})
		})
	}
}

func TestEnsureEndpointAnswersOnceTheEndpointIsListed(t *testing.T) {
	sc := newScene(t)
	service := sc.publish()
	stale := sc.config
	stale.Accounts = rewired{stale.Accounts, func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (
		out middleware.InitializeOutput, meta middleware.Metadata, err error) {
		if _, ok := in.Parameters.(*ec2.DescribeVpcEndpointsInput); ok {
			out.Result = &ec2.DescribeVpcEndpointsOutput{}
			return out, meta, nil
		}
		return next.HandleInitialize(ctx, in)
	}}
	var heartbeat any
	for range 2 {
		if _, err := attempt(t, NewConsumer(stale).EnsureEndpoint, sc.endpointRequest(service), &heartbeat); !isPending(err) {
			t.Fatalf("while the endpoint is not listed, it answers %v", err)
		}
	}
	endpoint := sc.connect(service)
	must(t, NewConsumer(sc.config).DescribeEndpoint, activities.EndpointRequest{Place: consumer, Endpoint: endpoint.ID})
	if got := sc.owned(consumer, connectionFlow); !slices.Equal(got, []string{endpoint.ID}) {
		t.Errorf("endpoints = %q, want %q alone", got, endpoint.ID)
	}
}

func TestEnsureEndpointMakesNoOtherInPlaceOfOneThatIsTurnedAway(t *testing.T) {
	sc := newScene(t)
	service := sc.publish()
	sc.inject(simaws.Fault{Service: "ec2", Action: "DescribeVpcEndpoints", Resource: "vpce-*",
		Effect: simaws.EffectChange, Change: map[string]string{"Action": "RejectVpcEndpointConnections"}})
	endpoint := sc.connect(service)
	if got := sc.owned(consumer, connectionFlow); !slices.Equal(got, []string{endpoint.ID}) || endpoint.State != activities.EndpointRejected {
		t.Errorf("endpoints = %q, want %q alone, which is %q", got, endpoint.ID, endpoint.State)
	}
}

func TestEnsureEndpointTwiceMakesOneAndChangesNothing(t *testing.T) {
	sc := newScene(t)
	service := sc.publish()
	first := sc.connect(service)
	second := sc.connect(service)
	if second.ID != first.ID || len(second.Changes) != 0 || sc.calls("CreateVpcEndpoint") != 1 || sc.calls("ModifyVpcEndpoint") != 0 {
		t.Errorf("the second time it answers %+v, the first time %+v", second, first)
	}
}

func TestMistake04AnEmptyFirstPageTakenForNone(t *testing.T) {
	sc := newScene(t)
	service := sc.publish()
	first := sc.connect(service)
	sc.config.Accounts = rewired{sc.config.Accounts, emptyFirstPage}
	if second := sc.connect(service); second.ID != first.ID {
		t.Errorf("after an empty page, it makes another endpoint: %s after %s", second.ID, first.ID)
	}
	if again := sc.publish(); again.ID != service.ID {
		t.Errorf("after an empty page, it makes another service: %s after %s", again.ID, service.ID)
	}
}

// rewired gives out clients whose EC2 calls pass through a step of a test's own first.
type rewired struct {
	Accounts
	step func(context.Context, middleware.InitializeInput, middleware.InitializeHandler) (
		middleware.InitializeOutput, middleware.Metadata, error)
}

func (r rewired) Clients(ctx context.Context, account, region string) (*accounts.Clients, error) {
	c, err := r.Accounts.Clients(ctx, account, region)
	if err != nil {
		return nil, err
	}
	changed := *c
	changed.EC2 = ec2.New(c.EC2.Options(), ec2.WithAPIOptions(func(s *middleware.Stack) error {
		return s.Initialize.Add(middleware.InitializeMiddlewareFunc("Rewired", r.step), middleware.Before)
	}))
	return &changed, nil
}

// emptyFirstPage makes lists begin with a page that is empty although another one follows, as EC2's do when a
// filter leaves nothing of a page.
func emptyFirstPage(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (
	out middleware.InitializeOutput, meta middleware.Metadata, err error) {
	follows := sdk.String("follows")
	switch p := in.Parameters.(type) {
	case *ec2.DescribeVpcEndpointsInput:
		if p.NextToken == nil {
			out.Result = &ec2.DescribeVpcEndpointsOutput{NextToken: follows}
			return out, meta, nil
		}
		p.NextToken = nil
	case *ec2.DescribeVpcEndpointServiceConfigurationsInput:
		if p.NextToken == nil {
			out.Result = &ec2.DescribeVpcEndpointServiceConfigurationsOutput{NextToken: follows}
			return out, meta, nil
		}
		p.NextToken = nil
	}
	return next.HandleInitialize(ctx, in)
}

func TestDescribeEndpointWaitsForAllInterfaces(t *testing.T) {
	sc := newScene(t)
	service := sc.publish()
	endpoint := sc.ready(service, sc.connect(service))
	looks := 0
	sc.config.Accounts = rewired{sc.config.Accounts, func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (
		out middleware.InitializeOutput, meta middleware.Metadata, err error) {
		if _, ok := in.Parameters.(*ec2.DescribeNetworkInterfacesInput); ok {
			if looks++; looks == 1 {
				out.Result = &ec2.DescribeNetworkInterfacesOutput{}
				return out, meta, nil
			}
		}
		return next.HandleInitialize(ctx, in)
	}}
	got := must(t, NewConsumer(sc.config).DescribeEndpoint, activities.EndpointRequest{Place: consumer, Endpoint: endpoint.ID})
	if len(got.Addresses) != 2 || looks != 2 {
		t.Errorf("after %d looks, addresses = %+v", looks, got.Addresses)
	}
}

func TestEnsureEndpointBringsItInStep(t *testing.T) {
	sc := newScene(t)
	service := sc.publish()
	endpoint := sc.ready(service, sc.connect(service))
	one, two := sc.id("consumer", "subnet", "main/one"), sc.id("consumer", "subnet", "main/two")
	https, none := sc.id("consumer", "security-group", "main/https"), sc.id("consumer", "security-group", "main/none")
	changed := sc.connect(service, func(a *link.AWSConnection) {
		a.Subnets, a.SecurityGroups = []string{one}, []string{none}
	})
	want := []string{"subnets -" + two, "security groups +" + none, "security groups -" + https}
	if changed.ID != endpoint.ID || !slices.Equal(changed.Changes, want) {
		t.Errorf("it answers %+v, want the changes %q", changed, want)
	}
}

func TestMistake07ARejectedEndpointTakenForAvailable(t *testing.T) {
	sc := newScene(t)
	service := sc.publish()
	first := sc.connect(service)
	must(t, plain(NewProvider(sc.config).RejectConnection), connectionRequest(service, first))
	sc.await(first, activities.EndpointRejected)
	second := sc.connect(service)
	if second.ID == first.ID || second.State != activities.EndpointPendingAcceptance {
		t.Errorf("after the rejection of %s, it answers %+v", first.ID, second)
	}
	if got := sc.owned(consumer, connectionFlow); !slices.Equal(got, []string{second.ID}) {
		t.Errorf("endpoints = %q, want %q alone", got, second.ID)
	}
}

func TestMistake10AnEndpointToAServiceThatWasMadeAnew(t *testing.T) {
	sc := newScene(t)
	old := sc.publish()
	first := sc.connect(old)
	must(t, plain(NewProvider(sc.config).RemoveService), activities.RemoveServiceRequest{Place: provider, Owner: serviceFlow})
	service := sc.publish()
	second := sc.connect(service)
	if second.ID == first.ID || !strings.Contains(strings.Join(second.Changes, " "), first.ID+" deleted") {
		t.Errorf("the endpoint to the old service stays: %+v", second)
	}
}

func TestEnsureEndpointTakesOverTheOneThatTheSpecNames(t *testing.T) {
	sc := newScene(t)
	service := sc.publish()
	made, err := sc.clients(consumer).EC2.CreateVpcEndpoint(t.Context(), &ec2.CreateVpcEndpointInput{
		VpcEndpointType: "Interface", VpcId: sdk.String(sc.id("consumer", "vpc", "main")), ServiceName: sdk.String(service.Name),
		SubnetIds:        []string{sc.id("consumer", "subnet", "main/one")},
		SecurityGroupIds: []string{sc.id("consumer", "security-group", "main/none")},
	})
	if err != nil {
		t.Fatal(err)
	}
	id := sdk.ToString(made.VpcEndpoint.VpcEndpointId)
	named := func(a *link.AWSConnection) {
		a.Endpoint, a.SecurityGroups, a.Subnets = id, nil, []string{sc.id("consumer", "subnet", "main/one")}
	}

	elsewhere := sc.endpointRequest(service, named, func(a *link.AWSConnection) { a.VPC = sc.id("consumer", "vpc", "plain") })
	_, err = run(t, NewConsumer(sc.config).EnsureEndpoint, elsewhere)
	wantProblem(t, err, link.ReasonNetworkMismatch)
	another := sc.endpointRequest(activities.Service{Name: "com.amazonaws.vpce.us-east-1.vpce-svc-00000000000000000"}, named)
	_, err = run(t, NewConsumer(sc.config).EnsureEndpoint, another)
	wantProblem(t, err, link.ReasonNetworkMismatch)

	if got := sc.connect(service, named); got.ID != id || len(got.Changes) != 1 {
		t.Errorf("it answers %+v, want %s taken over", got, id)
	}
	if n := sc.calls("ModifyVpcEndpoint"); n != 0 {
		t.Errorf("it changed what the spec leaves out, with %d calls", n)
	}
	others := sc.endpointRequest(service, named)
	others.Owner = "default/connection/payments/other"
	_, err = run(t, NewConsumer(sc.config).EnsureEndpoint, others)
	wantProblem(t, err, link.ReasonNotOurs)

	must(t, plain(NewConsumer(sc.config).RemoveEndpoint), activities.RemoveEndpointRequest{Place: consumer, Owner: connectionFlow, Endpoint: id})
	_, err = run(t, NewConsumer(sc.config).EnsureEndpoint, sc.endpointRequest(service, named))
	wantProblem(t, err, link.ReasonEndpointFailed)
}

func TestEnsureEndpointIsBlocked(t *testing.T) {
	sc := newScene(t, func(f *simaws.WorldFile) { f.EndpointsPerVPC = 1 })
	sc.config.Patience = time.Nanosecond
	service := sc.publish()
	for _, c := range []struct {
		name   string
		change func(*activities.EnsureEndpointRequest)
		reason link.Reason
	}{
		{"when the service cannot be seen, it says so", func(r *activities.EnsureEndpointRequest) {
			r.ServiceName = "com.amazonaws.vpce.us-east-1.vpce-svc-00000000000000000"
		}, link.ReasonServiceNotVisible},
		{"when the VPC does not exist, it says so", func(r *activities.EnsureEndpointRequest) { r.Spec.AWS.VPC = "vpc-00000000000000000" },
			link.ReasonNetworkMismatch},
		{"when a subnet does not exist, it says so", func(r *activities.EnsureEndpointRequest) {
			r.Spec.AWS.Subnets = []string{"subnet-00000000000000000"}
		}, link.ReasonNetworkMismatch},
		{"when the VPC has all the endpoints it may have, it is a quota", func(r *activities.EnsureEndpointRequest) {
			sc.connect(service)
			r.Owner = "default/connection/payments/second"
		}, link.ReasonQuotaFull},
		{"when the flow's endpoint is in another VPC, it says so", func(r *activities.EnsureEndpointRequest) {
			r.Spec.AWS.VPC = sc.id("consumer", "vpc", "plain")
		}, link.ReasonNetworkMismatch},
		{"when the spec is for another cloud, it says so", func(r *activities.EnsureEndpointRequest) { r.Spec.AWS = nil },
			link.ReasonInvalidRequest},
	} {
		t.Run(c.name, func(t *testing.T) {
			req := sc.endpointRequest(service)
			c.change(&req)
			_, err := run(t, NewConsumer(sc.config).EnsureEndpoint, req)
			p := wantProblem(t, err, c.reason)
			if c.reason == link.ReasonQuotaFull && (p.Call != "ec2:CreateVpcEndpoint" || !strings.Contains(p.Remedy, "L-29B6F2EB")) {
				t.Errorf("a flow that looks for room cannot tell what is full: %+v", p)
			}
		})
	}
}

func TestEnsureEndpointWaitsForAPermissionOnItsWay(t *testing.T) {
	sc := newScene(t)
	req := sc.endpointRequest(activities.Service{Name: "com.amazonaws.vpce.us-east-1.vpce-svc-00000000000000000"})
	var heartbeat any
	_, err := attempt(t, NewConsumer(sc.config).EnsureEndpoint, req, &heartbeat)
	if _, blocked := activities.ProblemOf(err); err == nil || blocked {
		t.Errorf("a moment after publication, it answers %v", err)
	}
}

func TestSetPrivateDNSLooksAtWhatTheNetworkNeeds(t *testing.T) {
	sc := newScene(t)
	c := NewConsumer(sc.config)
	set := func(e activities.Endpoint) error {
		_, err := run(t, c.SetPrivateDNS, activities.SetPrivateDNSRequest{Place: consumer, Endpoint: e.ID, Enabled: true})
		return err
	}
	service := sc.publish()
	endpoint := sc.ready(service, sc.connect(service))
	wantProblem(t, set(endpoint), link.ReasonNoPrivateDNSName)

	service = sc.publish(func(s *link.AWSEndpointService) { s.PrivateDNS = &link.ServicePrivateDNS{Name: "api.example.com"} })
	wantProblem(t, set(endpoint), link.ReasonDomainNotVerified)

	req := sc.endpointRequest(service, func(a *link.AWSConnection) {
		a.VPC, a.Subnets, a.SecurityGroups = sc.id("consumer", "vpc", "plain"), []string{sc.id("consumer", "subnet", "plain/plain")}, nil
	})
	req.Owner = "default/connection/payments/second"
	wantProblem(t, set(sc.ready(service, must(t, c.EnsureEndpoint, req))), link.ReasonVPCWithoutDNS)

	if n := sc.calls("ModifyVpcEndpoint"); n != 0 {
		t.Errorf("it spent %d calls on what could not succeed", n)
	}
	must(t, plain(NewProvider(sc.config).RejectConnection), connectionRequest(service, endpoint))
	sc.await(endpoint, activities.EndpointRejected)
	if err := set(endpoint); !activities.IsChanged(err) {
		t.Errorf("when the endpoint is rejected, it answers %v", err)
	}
	if err := set(activities.Endpoint{ID: "vpce-00000000000000000"}); !activities.IsGone(err) {
		t.Errorf("when the endpoint does not exist, it answers %v", err)
	}
}

func TestRemoveEndpointDeletesNothingOfOthers(t *testing.T) {
	sc := newScene(t)
	endpoint := sc.connect(sc.publish())
	_, err := run(t, plain(NewConsumer(sc.config).RemoveEndpoint),
		activities.RemoveEndpointRequest{Place: consumer, Owner: "default/connection/payments/other", Endpoint: endpoint.ID})
	wantProblem(t, err, link.ReasonNotOurs)
	if n := sc.calls("DeleteVpcEndpoints"); n != 0 {
		t.Errorf("it deleted with %d calls", n)
	}
}
