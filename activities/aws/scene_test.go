package aws

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/accounts"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/internal/simaws"
)

// world is a provider with load balancers, a consumer with networks and an ingress, and the owner of a domain. A
// fourth account is the worker's, which assumes a role in each.
const world = `
scale: 6000
accounts:
  - id: "999999999999"
    name: platform
    users: [{name: worker, accessKey: AKIAWORKER, secretKey: worker-secret}]
  - id: "111111111111"
    name: provider
    users: [{name: admin, accessKey: AKIAPROVIDER, secretKey: provider-secret}]
    roles: [{name: linkwright, trust: ["arn:aws:iam::999999999999:user/worker"], externalId: agreed}]
    regions:
      us-east-1:
        vpcs:
          - name: main
            cidr: 10.0.0.0/16
            subnets:
              - {name: one, cidr: 10.0.1.0/24, zoneId: use1-az1}
              - {name: two, cidr: 10.0.2.0/24, zoneId: use1-az2}
        networkLoadBalancers:
          - {name: api, subnets: [one, two]}
          - {name: other, subnets: [one]}
        applicationLoadBalancers:
          - {name: web, subnets: [one, two]}
  - id: "222222222222"
    name: consumer
    users: [{name: admin, accessKey: AKIACONSUMER, secretKey: consumer-secret}]
    roles: [{name: linkwright, trust: ["arn:aws:iam::999999999999:user/worker"]}]
    regions:
      us-east-1:
        vpcs:
          - name: main
            cidr: 10.1.0.0/16
            dnsHostnames: true
            subnets:
              - {name: one, cidr: 10.1.1.0/24, zoneId: use1-az1}
              - {name: two, cidr: 10.1.2.0/24, zoneId: use1-az2}
            securityGroups:
              - {name: https, ingress: [{protocol: tcp, port: 443, cidr: 10.1.0.0/16}]}
              - {name: none}
          - name: plain
            cidr: 10.2.0.0/16
            subnets: [{name: plain, cidr: 10.2.1.0/24, zoneId: use1-az1}]
        targetGroups:
          - {name: api, vpc: main, protocol: HTTPS, port: 443}
          - {name: idle, vpc: main, protocol: HTTPS, port: 443}
          - {name: machines, vpc: main, protocol: HTTPS, port: 443, targetType: instance}
        applicationLoadBalancers:
          - {name: ingress, subnets: [one, two], listeners: [{protocol: HTTP, port: 80, targetGroup: api}]}
  - id: "333333333333"
    name: domains
    users: [{name: admin, accessKey: AKIADOMAINS, secretKey: domains-secret}]
    roles: [{name: linkwright, trust: ["arn:aws:iam::999999999999:user/worker"]}]
    hostedZones: [{name: example.com}, {name: k.example.com}]
`

const book = `
limits: {scale: 6000}
accounts:
  provider:
    aws: {accountID: "111111111111", roleARN: arn:aws:iam::111111111111:role/linkwright, externalID: agreed, endpoint: %[1]q}
  misled:
    aws: {accountID: "111111111111", roleARN: arn:aws:iam::111111111111:role/linkwright, externalID: guessed, endpoint: %[1]q}
  consumer:
    aws: {accountID: "222222222222", roleARN: arn:aws:iam::222222222222:role/linkwright, endpoint: %[1]q}
  domains:
    aws: {accountID: "333333333333", roleARN: arn:aws:iam::333333333333:role/linkwright, endpoint: %[1]q}
`

var (
	provider = activities.Place{Account: "provider", Region: "us-east-1"}
	consumer = activities.Place{Account: "consumer", Region: "us-east-1"}
	domains  = activities.Place{Account: "domains", Region: "us-east-1"}
)

const (
	serviceFlow    = activities.Owner("default/endpoint-service/payments")
	connectionFlow = activities.Owner("default/connection/payments/shop")
)

// inject puts a fault in force.
func (sc *scene) inject(f simaws.Fault) {
	sc.t.Helper()
	if _, err := sc.cloud.Inject(f); err != nil {
		sc.t.Fatal(err)
	}
}

// scene is a running cloud and the steps that act in it.
type scene struct {
	t      *testing.T
	cloud  *simaws.Cloud
	config Config
}

func newScene(t *testing.T, changes ...func(*simaws.WorldFile)) *scene {
	t.Helper()
	file, err := simaws.ParseWorldFile([]byte(world))
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range changes {
		change(&file)
	}
	cloud, err := simaws.New(simaws.Config{World: file, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if err := cloud.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cloud.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAWORKER")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "worker-secret")
	t.Setenv("AWS_SESSION_TOKEN", "")
	t.Setenv("AWS_PROFILE", "")
	t.Setenv("AWS_CONFIG_FILE", t.TempDir()+"/none")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", t.TempDir()+"/none")
	book, err := accounts.Parse("accounts.yaml", fmt.Appendf(nil, book, cloud.URL()))
	if err != nil {
		t.Fatal(err)
	}
	return &scene{t: t, cloud: cloud, config: Config{
		Accounts: book,
		Pace:     activities.Pace{Min: time.Millisecond, Max: 20 * time.Millisecond},
	}}
}

// hiddenFor makes new resources invisible for a while, as EC2 is eventually consistent.
func hiddenFor(d time.Duration) func(*simaws.WorldFile) {
	return func(f *simaws.WorldFile) { f.HiddenFor = simaws.Duration(d) }
}

// id finds what the world file made.
func (sc *scene) id(account, kind, name string) string {
	sc.t.Helper()
	for _, r := range sc.cloud.Resources() {
		if r.Account == account && r.Kind == kind && r.Name == name {
			return r.ID
		}
	}
	sc.t.Fatalf("no %s %q of %s", kind, name, account)
	return ""
}

// clients act in an account as the worker's role does.
func (sc *scene) clients(place activities.Place) *accounts.Clients {
	sc.t.Helper()
	c, err := sc.config.Accounts.Clients(sc.t.Context(), place.Account, place.Region)
	if err != nil {
		sc.t.Fatal(err)
	}
	return c
}

// calls counts the calls of an action, in all accounts.
func (sc *scene) calls(action string) int {
	n := 0
	for _, c := range sc.cloud.Calls() {
		if c.Action == action {
			n++
		}
	}
	return n
}

// attempt takes one attempt at a step, with what the attempt before has left in the heartbeat.
func attempt[Req, Res any](t *testing.T, step func(context.Context, Req) (Res, error), req Req, heartbeat *any) (Res, error) {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(quiet{})
	env := suite.NewTestActivityEnvironment()
	env.RegisterActivityWithOptions(step, activity.RegisterOptions{Name: "step"})
	if *heartbeat != nil {
		env.SetHeartbeatDetails(*heartbeat)
	}
	env.SetOnActivityHeartbeatListener(func(_ *activity.Info, details converter.EncodedValues) {
		if err := details.Get(heartbeat); err != nil {
			t.Error(err)
		}
	})
	var result Res
	value, err := env.ExecuteActivity("step", req)
	if err == nil {
		err = value.Get(&result)
	}
	return result, err
}

// run takes a step as Temporal does: what is pending is asked again after the delay it names, and so is, a few
// times, what fails in passing.
func run[Req, Res any](t *testing.T, step func(context.Context, Req) (Res, error), req Req) (Res, error) {
	t.Helper()
	var heartbeat any
	failures := 0
	patience := time.After(time.Minute) // a hung step fails its test alone
	for {
		result, err := attempt(t, step, req, &heartbeat)
		var app *temporal.ApplicationError
		var panicked *temporal.PanicError
		switch {
		case errors.As(err, &panicked):
			t.Fatalf("%v\n%s", err, panicked.StackTrace())
		case errors.As(err, &app) && app.Type() == activities.ErrTypePending:
			select {
			case <-time.After(app.NextRetryDelay()):
			case <-patience:
				t.Fatalf("still pending: %v", err)
			}
		case err != nil && (!errors.As(err, &app) || !app.NonRetryable()) && failures < 5:
			failures++
		default:
			return result, err
		}
	}
}

// must takes a step that has to succeed.
func must[Req, Res any](t *testing.T, step func(context.Context, Req) (Res, error), req Req) Res {
	t.Helper()
	result, err := run(t, step, req)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// plain makes a step that answers with nothing look like the others.
func plain[Req any](step func(context.Context, Req) error) func(context.Context, Req) (struct{}, error) {
	return func(ctx context.Context, req Req) (struct{}, error) { return struct{}{}, step(ctx, req) }
}

// wantProblem checks that a step was blocked for a reason.
func wantProblem(t *testing.T, err error, reason link.Reason) link.Problem {
	t.Helper()
	p, ok := activities.ProblemOf(err)
	if !ok || p.Reason != reason {
		t.Fatalf("err = %v (%+v), want the problem %s", err, p, reason)
	}
	if p.Remedy == "" || p.RetryAfter == 0 || p.Account == "" {
		t.Errorf("the problem is not complete: %+v", p)
	}
	return p
}

// quiet keeps the SDK's log of expected failures out of the tests' output.
type quiet struct{}

func (quiet) Debug(string, ...any) {}
func (quiet) Info(string, ...any)  {}
func (quiet) Warn(string, ...any)  {}
func (quiet) Error(string, ...any) {}

// serviceRequest asks for a service behind the provider's load balancer "api", open to the consumer.
func (sc *scene) serviceRequest(changes ...func(*link.AWSEndpointService)) activities.EnsureServiceRequest {
	spec := &link.AWSEndpointService{
		LoadBalancers:     link.LoadBalancers{ARNs: []string{sc.id("provider", "load-balancer", "api")}},
		AllowedPrincipals: []string{"arn:aws:iam::222222222222:root"},
	}
	for _, change := range changes {
		change(spec)
	}
	return activities.EnsureServiceRequest{Place: provider, Owner: serviceFlow, Name: "payments", Spec: link.EndpointServiceSpec{AWS: spec}}
}

func (sc *scene) publish(changes ...func(*link.AWSEndpointService)) activities.Service {
	sc.t.Helper()
	return must(sc.t, NewProvider(sc.config).EnsureService, sc.serviceRequest(changes...))
}

// endpointRequest asks for an endpoint in the consumer's VPC "main".
func (sc *scene) endpointRequest(service activities.Service, changes ...func(*link.AWSConnection)) activities.EnsureEndpointRequest {
	spec := &link.AWSConnection{
		VPC:            sc.id("consumer", "vpc", "main"),
		Subnets:        []string{sc.id("consumer", "subnet", "main/one"), sc.id("consumer", "subnet", "main/two")},
		SecurityGroups: []string{sc.id("consumer", "security-group", "main/https")},
	}
	for _, change := range changes {
		change(spec)
	}
	return activities.EnsureEndpointRequest{
		Place: consumer, Owner: connectionFlow, Name: "payments/shop",
		ServiceName: service.Name, ServiceRegion: provider.Region, Spec: link.ConnectionSpec{AWS: spec},
	}
}

func (sc *scene) connect(service activities.Service, changes ...func(*link.AWSConnection)) activities.Endpoint {
	sc.t.Helper()
	return must(sc.t, NewConsumer(sc.config).EnsureEndpoint, sc.endpointRequest(service, changes...))
}

func (sc *scene) accept(service activities.Service, endpoint activities.Endpoint) {
	sc.t.Helper()
	must(sc.t, NewProvider(sc.config).AcceptConnection, connectionRequest(service, endpoint))
}

func connectionRequest(service activities.Service, endpoint activities.Endpoint) activities.ConnectionRequest {
	return activities.ConnectionRequest{Place: provider, ServiceID: service.ID, Endpoint: endpoint.ID, EndpointOwner: "222222222222"}
}

// ready lets an endpoint in and waits until it is available.
func (sc *scene) ready(service activities.Service, endpoint activities.Endpoint) activities.Endpoint {
	sc.t.Helper()
	sc.accept(service, endpoint)
	return sc.await(endpoint, activities.EndpointAvailable)
}

// await waits as a flow does: with a Watch.
func (sc *scene) await(endpoint activities.Endpoint, state activities.EndpointState) activities.Endpoint {
	sc.t.Helper()
	topic := activities.Watched{Topic: activities.Topic{Kind: activities.TopicEndpoint, ID: endpoint.ID}, Since: time.Now()}
	for {
		result := must(sc.t, NewWatcher(sc.config).Poll, activities.PollRequest{Place: consumer, Topics: []activities.Watched{topic}})
		change := result.Changes[0]
		if change.Endpoint != nil && change.Endpoint.State == state {
			return *change.Endpoint
		}
		topic.Seen = change.Seen
	}
}

// owned lists the ids of the endpoints and services of a flow that are not on their way out.
func (sc *scene) owned(place activities.Place, owner activities.Owner) []string {
	sc.t.Helper()
	s := &site{Config: sc.config, place: place, Clients: sc.clients(place)}
	var ids []string
	services, err := s.servicesOf(sc.t.Context(), owner)
	if err != nil {
		sc.t.Fatal(err)
	}
	for _, c := range services {
		ids = append(ids, sdk.ToString(c.ServiceId))
	}
	endpoints, err := s.endpointsOf(sc.t.Context(), owner)
	if err != nil {
		sc.t.Fatal(err)
	}
	for _, e := range endpoints {
		if endpointState(e.State) != activities.EndpointDeleting {
			ids = append(ids, sdk.ToString(e.VpcEndpointId))
		}
	}
	slices.Sort(ids)
	return ids
}
