package workflows_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/workflows"
)

// memory is a cloud in a few maps: it keeps the contracts of package activities, so that the flows can be
// run through days in milliseconds. The real implementation is proven against the simulated cloud.
type memory struct {
	mu        sync.Mutex
	made      int  // endpoints so far
	undecided bool // verifications come to no verdict
	endpoints map[string]*activities.Endpoint
	targets   map[string]bool
	service   *activities.Service
	// links are the marks by which the provider knows requests; nil on a cloud that has none.
	links   map[string]string
	records map[string]string
	names   map[string]string
	hub
	// refusals are answered by a step, in order, before it works.
	refusals map[string][]error
	// narrow says of each EnsureService whether it was to leave undone what lets in more.
	narrow []bool
	// log is every step that was taken, in order.
	log []string
	// reaches is called when an endpoint has changed, in place of a Watch.
	reaches func(activities.Endpoint)
}

var (
	_ activities.Provider = (*memory)(nil)
	_ activities.Consumer = (*memory)(nil)
	_ activities.Ingress  = (*memory)(nil)
	_ activities.Zones    = (*memory)(nil)
	_ activities.Names    = (*memory)(nil)
)

func newMemory() *memory {
	return &memory{
		endpoints: map[string]*activities.Endpoint{}, targets: map[string]bool{},
		records: map[string]string{}, names: map[string]string{}, refusals: map[string][]error{},
		hub: newHub(),
	}
}

// take logs a step, and answers with the refusal that was prepared for it.
func (m *memory) take(step string) error {
	m.log = append(m.log, step)
	if waiting := m.refusals[step]; len(waiting) > 0 {
		m.refusals[step] = waiting[1:]
		return waiting[0]
	}
	return nil
}

func (m *memory) steps() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]string(nil), m.log...)
}

func (m *memory) refuse(step string, errs ...error) {
	m.refusals[step] = append(m.refusals[step], errs...)
}

func (m *memory) changed(e *activities.Endpoint) {
	if m.reaches != nil {
		m.reaches(*e)
	}
}

func (m *memory) EnsureService(_ context.Context, req activities.EnsureServiceRequest) (activities.Service, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.take("EnsureService"); err != nil {
		return activities.Service{}, err
	}
	m.narrow = append(m.narrow, req.Narrow)
	if m.service == nil {
		m.service = &activities.Service{ID: "vpce-svc-1", Name: "com.amazonaws.vpce.eu-central-1.vpce-svc-1", State: activities.ServiceAvailable}
	}
	if dns := req.Spec.AWS.PrivateDNS; dns != nil && m.service.Domain == nil {
		m.service.Domain = &activities.Domain{
			Name: dns.Name, State: activities.DomainUnverified,
			Proof: activities.Record{Name: "_proof.k.acme.com", Value: "vpce:token"},
		}
	}
	return *m.service, nil
}

func (m *memory) DescribeService(context.Context, activities.ServiceRequest) (activities.Service, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.take("DescribeService"); err != nil {
		return activities.Service{}, err
	}
	if m.service == nil {
		return activities.Service{}, activities.Gone("the service is gone", nil)
	}
	return *m.service, nil
}

func (m *memory) StartVerification(context.Context, activities.ServiceRequest) (activities.Service, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.take("StartVerification"); err != nil {
		return activities.Service{}, err
	}
	domain := *m.service.Domain
	switch {
	case m.undecided:
	case m.records[domain.Proof.Name] == domain.Proof.Value:
		domain.State = activities.DomainVerified
	default:
		domain.State = activities.DomainFailed
	}
	m.service.Domain = &domain
	return *m.service, nil
}

func (m *memory) ListConnections(context.Context, activities.ServiceRequest) ([]activities.ConnectionView, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.take("ListConnections"); err != nil {
		return nil, err
	}
	var all []activities.ConnectionView
	for _, e := range m.endpoints {
		all = append(all, activities.ConnectionView{Endpoint: e.ID, Owner: e.Owner, State: e.State})
	}
	return all, nil
}

func (m *memory) DescribeConnection(_ context.Context, req activities.ConnectionRequest) (activities.ConnectionView, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.take("DescribeConnection"); err != nil {
		return activities.ConnectionView{}, err
	}
	e, ok := m.endpoints[req.Endpoint]
	if !ok {
		return activities.ConnectionView{}, activities.Gone(req.Endpoint+" is gone", nil)
	}
	return activities.ConnectionView{Endpoint: e.ID, Owner: e.Owner, State: e.State, Link: m.links[e.ID], Message: "please"}, nil
}

func (m *memory) AcceptConnection(_ context.Context, req activities.ConnectionRequest) (activities.ConnectionView, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.take("AcceptConnection"); err != nil {
		return activities.ConnectionView{}, err
	}
	e, ok := m.endpoints[req.Endpoint]
	if !ok {
		return activities.ConnectionView{}, activities.Gone(req.Endpoint+" is gone", nil)
	}
	if e.Owner != req.EndpointOwner || m.links[e.ID] != req.Link {
		return activities.ConnectionView{}, activities.Changed("the endpoint belongs to " + e.Owner + " and asks by " + m.links[e.ID])
	}
	e.State = activities.EndpointAvailable
	m.changed(e)
	return activities.ConnectionView{Endpoint: e.ID, Owner: e.Owner, State: activities.EndpointPending}, nil
}

func (m *memory) RejectConnection(_ context.Context, req activities.ConnectionRequest) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.take("RejectConnection"); err != nil {
		return err
	}
	if e, ok := m.endpoints[req.Endpoint]; ok {
		e.State = activities.EndpointRejected
	}
	return nil
}

func (m *memory) RemoveService(context.Context, activities.RemoveServiceRequest) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.take("RemoveService"); err != nil {
		return err
	}
	m.service = nil
	return nil
}

func (m *memory) EnsureEndpoint(_ context.Context, req activities.EnsureEndpointRequest) (activities.Endpoint, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.take("EnsureEndpoint"); err != nil {
		return activities.Endpoint{}, err
	}
	m.asked = append(m.asked, req)
	for _, e := range m.endpoints {
		if !e.State.Over() {
			return *e, nil
		}
	}
	if m.links != nil {
		return m.makePrivateEndpoint(req), nil
	}
	if m.full[req.Spec.AWS.VPC] {
		return activities.Endpoint{}, activities.Blocked(link.Problem{Reason: link.ReasonQuotaFull, Message: "VpcEndpointLimitExceeded"}, nil)
	}
	m.made++
	e := &activities.Endpoint{
		ID: fmt.Sprintf("vpce-%d", m.made), Owner: "222222222222", State: activities.EndpointPendingAcceptance, Network: req.Spec.AWS.VPC,
		DNSNames: []string{fmt.Sprintf("vpce-%d.example", m.made)}, DNSZone: "ZENDPOINTS", Interfaces: []string{"eni-1", "eni-2"},
	}
	m.endpoints[e.ID] = e
	return *e, nil
}

func (m *memory) DescribeEndpoint(_ context.Context, req activities.EndpointRequest) (activities.Endpoint, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.take("DescribeEndpoint"); err != nil {
		return activities.Endpoint{}, err
	}
	e, ok := m.endpoints[req.Endpoint]
	if !ok {
		return activities.Endpoint{}, activities.Gone(req.Endpoint+" is gone", nil)
	}
	seen := *e
	seen.Addresses = []activities.Address{{IP: "10.1.0.7", Interface: "eni-1"}, {IP: "10.1.1.7", Interface: "eni-2"}}
	return seen, nil
}

func (m *memory) SetPrivateDNS(_ context.Context, req activities.SetPrivateDNSRequest) (activities.Endpoint, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.take("SetPrivateDNS"); err != nil {
		return activities.Endpoint{}, err
	}
	e, ok := m.endpoints[req.Endpoint]
	if !ok {
		return activities.Endpoint{}, activities.Gone(req.Endpoint+" is gone", nil)
	}
	if e.State.Over() {
		return activities.Endpoint{}, activities.Changed(req.Endpoint + " is " + string(e.State))
	}
	e.PrivateDNS = req.Enabled
	return *e, nil
}

func (m *memory) RemoveEndpoint(_ context.Context, req activities.RemoveEndpointRequest) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.take("RemoveEndpoint"); err != nil {
		return err
	}
	delete(m.endpoints, req.Endpoint)
	return nil
}

func (m *memory) EnsureTargets(_ context.Context, req activities.TargetsRequest) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.take("EnsureTargets"); err != nil {
		return err
	}
	for _, ip := range req.Owned {
		delete(m.targets, ip)
	}
	for _, ip := range req.Wanted {
		m.targets[ip] = true
	}
	return nil
}

func (m *memory) AwaitHealthy(_ context.Context, req activities.TargetsRequest) ([]activities.TargetHealth, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.take("AwaitHealthy"); err != nil {
		return nil, err
	}
	var health []activities.TargetHealth
	for _, ip := range req.Wanted {
		health = append(health, activities.TargetHealth{IP: ip, State: "healthy"})
	}
	return health, nil
}

func (m *memory) RemoveTargets(_ context.Context, req activities.TargetsRequest) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.take("RemoveTargets"); err != nil {
		return err
	}
	for _, ip := range req.Owned {
		delete(m.targets, ip)
	}
	return nil
}

func (m *memory) EnsureRecord(_ context.Context, req activities.RecordRequest) (activities.RecordSet, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.take("EnsureRecord"); err != nil {
		return activities.RecordSet{}, err
	}
	m.records[req.Record.Name] = req.Record.Value
	return activities.RecordSet{ZoneID: "Z1", ZoneName: "k.acme.com"}, nil
}

func (m *memory) RemoveRecord(_ context.Context, req activities.RecordRequest) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.take("RemoveRecord"); err != nil {
		return err
	}
	delete(m.records, req.Record.Name)
	return nil
}

func (m *memory) PublishName(_ context.Context, req activities.NameRequest) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.take("PublishName"); err != nil {
		return err
	}
	m.names[req.Parameter] = req.Value
	return nil
}

func (m *memory) WithdrawName(_ context.Context, req activities.NameRequest) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.take("WithdrawName"); err != nil {
		return err
	}
	delete(m.names, req.Parameter)
	return nil
}

// resolver sees the records of a memory.
type resolver struct{ cloud *memory }

func (r *resolver) FindRecord(_ context.Context, req activities.FindRecordRequest) (activities.RecordSighting, error) {
	r.cloud.mu.Lock()
	defer r.cloud.mu.Unlock()
	if err := r.cloud.take("FindRecord"); err != nil {
		return activities.RecordSighting{}, err
	}
	if r.cloud.records[req.Record.Name] != req.Record.Value {
		return activities.RecordSighting{}, activities.Blocked(link.Problem{
			Reason: link.ReasonProofMissing, Message: "no TXT " + req.Record.Name, Remedy: "add it",
		}, nil)
	}
	return activities.RecordSighting{Seen: true}, nil
}

// newEnvironment is a time-skipping Temporal with the memory cloud behind it.
func newEnvironment(t *testing.T) (*testsuite.TestWorkflowEnvironment, *memory, *surroundings) {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(quiet{})
	measured := newStopwatch()
	suite.SetMetricsHandler(measured)
	env := suite.NewTestWorkflowEnvironment()
	// A busy machine may keep a workflow from its turn for longer than the second after which the SDK calls it stuck.
	env.SetWorkerOptions(worker.Options{DeadlockDetectionTimeout: time.Minute})
	cloud := newMemory()
	around := &surroundings{cloud: cloud, measured: measured, unknown: map[string]bool{}, flows: map[string]func() any{},
		updates: map[string]func(json.RawMessage) any{}}
	env.RegisterActivityWithOptions(cloud, activity.RegisterOptions{Name: "aws."})
	env.RegisterActivityWithOptions(around, activity.RegisterOptions{Name: "system."})
	env.RegisterActivityWithOptions(&resolver{cloud}, activity.RegisterOptions{Name: "dns."})
	return env, cloud, around
}

// quiet drops the SDK's log.
type quiet struct{}

func (quiet) Debug(string, ...any) {}
func (quiet) Info(string, ...any)  {}
func (quiet) Warn(string, ...any)  {}
func (quiet) Error(string, ...any) {}

func clientOptions(id string) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{ID: id, TaskQueue: workflows.TaskQueue}
}

// continuation is the input of the run that a flow has continued as.
func continuation[In any](t *testing.T, err error) In {
	t.Helper()
	var next *workflow.ContinueAsNewError
	if !errors.As(err, &next) {
		t.Fatalf("it did not continue as new: %v", err)
	}
	var in In
	if err := converter.GetDefaultDataConverter().FromPayloads(next.Input, &in); err != nil {
		t.Fatal(err)
	}
	return in
}
