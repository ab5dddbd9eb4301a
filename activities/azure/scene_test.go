package azure

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/accounts"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/internal/simazure"
	"github.com/linkwright/linkwright/internal/simcloud"
)

const (
	providerSubscription = "11111111-0000-4000-8000-000000000001"
	consumerSubscription = "22222222-0000-4000-8000-000000000001"
	serviceUID           = "0a1b2c3d-4e5f-6789-0a1b-2c3d4e5f6789"
)

// world is a provider with load balancers, and a consumer of another tenant with networks and zones.
const world = `
scale: 6000
tenants:
  - name: provider
    id: 11111111-0000-4000-8000-000000000000
    applications: [{name: linkwright, clientId: 11111111-0000-4000-8000-00000000000a, secrets: [provider-secret]}]
    assignments: [{principal: linkwright, role: Network Contributor, scope: payments}]
    subscriptions:
      - name: payments
        id: 11111111-0000-4000-8000-000000000001
        resourceGroups:
          - name: services
            location: westeurope
            virtualNetworks:
              - name: main
                addressSpace: [10.1.0.0/16]
                subnets:
                  - {name: nodes, prefix: 10.1.0.0/24}
                  - {name: nat, prefix: 10.1.1.0/24}
            loadBalancers:
              - name: kubernetes-internal
                frontends: [{name: a0a1b2c3d4e5f67890a1b2c3d4e5f678, subnet: main/nodes, address: 10.1.0.10}, {name: other, subnet: main/nodes, address: 10.1.0.11}]
                backendPools: [{name: nodes}]
              - {name: public, frontends: [{name: api, public: true}]}
  - name: consumer
    id: 22222222-0000-4000-8000-000000000000
    applications: [{name: linkwright, clientId: 22222222-0000-4000-8000-00000000000a, secrets: [consumer-secret]}]
    assignments:
      - {principal: linkwright, role: Network Contributor, scope: apps}
      - {principal: linkwright, role: Private DNS Zone Contributor, scope: apps}
    subscriptions:
      - name: apps
        id: 22222222-0000-4000-8000-000000000001
        resourceGroups:
          - name: shop
            location: northeurope
            virtualNetworks:
              - {name: spoke, addressSpace: [10.2.0.0/16], subnets: [{name: endpoints, prefix: 10.2.0.0/24}]}
            privateDnsZones:
              - name: links.internal
                links: [{name: spoke, virtualNetwork: spoke}]
                records: [{name: old, type: A, ttl: 60, values: [10.2.0.200]}]
          - {name: more, location: northeurope}
`

const book = `
limits: {scale: 6000}
accounts:
  provider:
    azure:
      tenantID: 11111111-0000-4000-8000-000000000000
      subscriptionID: 11111111-0000-4000-8000-000000000001
      credential: {clientSecret: {clientID: 11111111-0000-4000-8000-00000000000a, secret: {env: PROVIDER_SECRET}}}
      endpoint: %[1]q
      caFile: %[2]q
  consumer:
    azure:
      tenantID: 22222222-0000-4000-8000-000000000000
      subscriptionID: 22222222-0000-4000-8000-000000000001
      credential: {clientSecret: {clientID: 22222222-0000-4000-8000-00000000000a, secret: {env: CONSUMER_SECRET}}}
      endpoint: %[1]q
      caFile: %[2]q
  misled:
    azure:
      tenantID: 22222222-0000-4000-8000-000000000000
      subscriptionID: 22222222-0000-4000-8000-000000000001
      credential: {clientSecret: {clientID: 22222222-0000-4000-8000-00000000000a, secret: {env: PROVIDER_SECRET}}}
      endpoint: %[1]q
      caFile: %[2]q
  mistaken:
    azure:
      tenantID: 22222222-0000-4000-8000-000000000000
      subscriptionID: 11111111-0000-4000-8000-000000000001
      credential: {clientSecret: {clientID: 22222222-0000-4000-8000-00000000000a, secret: {env: CONSUMER_SECRET}}}
      endpoint: %[1]q
      caFile: %[2]q
`

var (
	provider = activities.Place{Account: "provider", Region: "westeurope"}
	consumer = activities.Place{Account: "consumer", Region: "northeurope"}
)

const (
	serviceFlow    = activities.Owner("default/endpoint-service/payments")
	connectionFlow = activities.Owner("default/connection/payments/shop")
)

// scene is a running cloud and the steps that act in it.
type scene struct {
	t      *testing.T
	cloud  *simazure.Cloud
	config Config
}

func newScene(t *testing.T) *scene {
	t.Helper()
	file, err := simazure.ParseWorldFile([]byte(world))
	if err != nil {
		t.Fatal(err)
	}
	cloud, err := simazure.New(simazure.Config{World: file, Log: slog.New(slog.DiscardHandler)})
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
	t.Setenv("PROVIDER_SECRET", "provider-secret")
	t.Setenv("CONSUMER_SECRET", "consumer-secret")
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, cloud.CAPEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	book, err := accounts.Parse("accounts.yaml", fmt.Appendf(nil, book, cloud.URL(), ca))
	if err != nil {
		t.Fatal(err)
	}
	return &scene{t: t, cloud: cloud, config: Config{
		Accounts: book, Pace: activities.Pace{Min: 2 * time.Millisecond, Max: 20 * time.Millisecond},
	}}
}

// id is that of something the world file made.
func (sc *scene) id(kind, name string) string {
	sc.t.Helper()
	for _, r := range sc.cloud.Resources() {
		if r.Kind == kind && r.Name == name {
			return string(r.ID)
		}
	}
	sc.t.Fatalf("no %s %q", kind, name)
	return ""
}

// inject puts faults in force.
func (sc *scene) inject(faults ...simcloud.Fault) {
	sc.t.Helper()
	if _, err := sc.cloud.Inject(faults...); err != nil {
		sc.t.Fatal(err)
	}
}

// calls counts the calls whose action ends in one of those named, in all accounts.
func (sc *scene) calls(actions ...string) int {
	n := 0
	for _, c := range sc.cloud.Calls() {
		for _, action := range actions {
			if strings.HasSuffix(strings.ToLower(c.Action), strings.ToLower(action)) {
				n++
			}
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

// once takes a step as Temporal does: what is pending is asked again after the delay it names, and so is, a few
// times, what fails in passing.
func once[Req, Res any](t *testing.T, step func(context.Context, Req) (Res, error), req Req) (Res, error) {
	t.Helper()
	var heartbeat any
	failures := 0
	patience := time.After(2 * time.Minute) // a hung step fails its test alone
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

// run takes a step as flows do: again once each operation that it has begun is over. The operations are those of the
// account in the place.
func run[Req, Res any](sc *scene, at activities.Place, step func(context.Context, Req) (Res, error), req Req) (Res, error) {
	sc.t.Helper()
	for {
		result, err := once(sc.t, step, req)
		op, begun := activities.OperationOf(err)
		if !begun {
			return result, err
		}
		await := activities.OperationRequest{Place: at, Operation: op}
		if _, err := once(sc.t, plain(NewOperations(sc.config).AwaitOperation), await); err != nil {
			return result, err
		}
	}
}

// must takes a step that has to succeed.
func must[Req, Res any](sc *scene, at activities.Place, step func(context.Context, Req) (Res, error), req Req) Res {
	sc.t.Helper()
	result, err := run(sc, at, step, req)
	if err != nil {
		sc.t.Fatal(err)
	}
	return result
}

// blockedBy takes a step that a person has to help, and returns with what.
func blockedBy[Req, Res any](sc *scene, at activities.Place, step func(context.Context, Req) (Res, error), req Req) link.Problem {
	sc.t.Helper()
	_, err := run(sc, at, step, req)
	p, ok := activities.ProblemOf(err)
	if !ok {
		sc.t.Fatalf("it answers %v", err)
	}
	if p.Message == "" || p.Remedy == "" || p.Account != at.Account {
		sc.t.Errorf("the problem is %+v", p)
	}
	return p
}

// plain makes a step that answers with nothing look like the others.
func plain[Req any](step func(context.Context, Req) error) func(context.Context, Req) (struct{}, error) {
	return func(ctx context.Context, req Req) (struct{}, error) { return struct{}{}, step(ctx, req) }
}

// quiet is a logger of nothing.
type quiet struct{}

func (quiet) Debug(string, ...any) {}
func (quiet) Info(string, ...any)  {}
func (quiet) Warn(string, ...any)  {}
func (quiet) Error(string, ...any) {}

func (sc *scene) serviceRequest(changes ...func(*link.AzureEndpointService)) activities.EnsureServiceRequest {
	spec := &link.AzureEndpointService{
		ResourceGroup: "services",
		Frontends:     &link.AzureFrontends{Kubernetes: &link.AzureKubernetesFrontend{ResourceGroup: "services", LoadBalancer: "kubernetes-internal", UID: serviceUID}},
		NAT:           &link.AzureNAT{Subnet: sc.id("subnet", "main/nat")},
		Visibility:    []string{consumerSubscription},
		Tags:          map[string]string{"team": "payments"},
	}
	for _, change := range changes {
		change(spec)
	}
	return activities.EnsureServiceRequest{
		Place: provider, Owner: serviceFlow, Name: "payments",
		Spec: link.EndpointServiceSpec{Account: "provider", Region: "westeurope", Azure: spec}.WithDefaults(),
	}
}

func (sc *scene) publish() activities.Service {
	sc.t.Helper()
	return must(sc, provider, NewProvider(sc.config).EnsureService, sc.serviceRequest())
}

func (sc *scene) endpointRequest(service activities.Service, changes ...func(*link.AzureConnection)) activities.EnsureEndpointRequest {
	spec := &link.AzureConnection{ResourceGroup: "Shop", Subnet: sc.id("subnet", "spoke/endpoints")}
	for _, change := range changes {
		change(spec)
	}
	return activities.EnsureEndpointRequest{
		Place: consumer, Owner: connectionFlow, Name: "payments/shop", ServiceName: service.Name, ServiceRegion: "westeurope", ServiceID: service.ID,
		Spec: link.ConnectionSpec{Service: "payments", Account: "consumer", Region: "northeurope", Azure: spec}.WithDefaults(),
	}
}

func (sc *scene) connect(service activities.Service) activities.Endpoint {
	sc.t.Helper()
	return must(sc, consumer, NewConsumer(sc.config).EnsureEndpoint, sc.endpointRequest(service))
}

// connectionOf is the connection of an endpoint, as its provider sees it.
func (sc *scene) connectionOf(service activities.Service, endpoint activities.Endpoint) activities.ConnectionView {
	sc.t.Helper()
	return must(sc, provider, NewProvider(sc.config).DescribeConnection, activities.ConnectionRequest{
		Place: provider, ServiceID: service.ID, Endpoint: endpoint.ID,
	})
}

// letIn accepts an endpoint.
func (sc *scene) letIn(service activities.Service, endpoint activities.Endpoint) activities.ConnectionView {
	sc.t.Helper()
	seen := sc.connectionOf(service, endpoint)
	return must(sc, provider, NewProvider(sc.config).AcceptConnection, activities.ConnectionRequest{
		Place: provider, ServiceID: service.ID, Endpoint: endpoint.ID, EndpointOwner: seen.Owner, Link: seen.Link,
	})
}
