package e2e

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/linkwright/linkwright/dev/inventory"
	"github.com/linkwright/linkwright/dev/temporal"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/internal/simaws"
	"github.com/linkwright/linkwright/starter/cli/flows"
)

// scene is a provider, a consumer and the owner of a domain, all of them one test's own.
type scene struct {
	t     *testing.T
	ctx   context.Context
	name  string // of the service; the accounts' names and the domain begin with it
	cloud *simaws.Cloud
	flows *flows.Client
	// providerID, consumerID and dnsID are the ids of the accounts.
	providerID, consumerID, dnsID string
	// before is what was there at the beginning.
	before inventory.Inventory
}

// taken counts the scenes that tests have taken.
var taken atomic.Int64

// newScene takes a scene that no test has had before.
func newScene(t *testing.T) *scene {
	t.Helper()
	n := int(taken.Add(1))
	if n > sceneCount {
		t.Fatalf("all %d scenes are taken: raise sceneCount", sceneCount)
	}
	return openScene(t, sceneName(n-1), n, shared.Cloud)
}

func openScene(t *testing.T, name string, n int, cloud *simaws.Cloud) *scene {
	t.Helper()
	// No wait is meant to end by this; it only turns a hang into a failure that says what was waited for.
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	t.Cleanup(cancel)
	s := &scene{
		t: t, ctx: ctx, name: name, cloud: cloud,
		flows:      flows.New(shared.Client, shared.Temporal.Address(), temporal.Namespace),
		providerID: providerID(n), consumerID: consumerID(n), dnsID: dnsID(n),
	}
	s.before = s.look()
	return s
}

// The names of the scene's accounts, and its flows.
func (s *scene) provider() string              { return s.name + "-provider" }
func (s *scene) consumer() string              { return s.name + "-consumer" }
func (s *scene) dns() string                   { return s.name + "-dns" }
func (s *scene) service() flows.Ref            { return flows.ServiceRef(s.name) }
func (s *scene) connection(n string) flows.Ref { return flows.ConnectionRef(s.name, n) }

// privateName is the domain that the service is published under.
func (s *scene) privateName() string { return "*.k." + domainOf(s.name) }

// admin acts in an account as its own administrator does.
func (s *scene) admin(account string) aws.Config {
	user := userOf("admin", account)
	return aws.Config{
		Region: region, BaseEndpoint: aws.String(s.cloud.URL()), RetryMaxAttempts: 10, // people are patient, too
		Credentials: credentials.NewStaticCredentialsProvider(user.AccessKey, user.SecretKey, ""),
	}
}

// id is that of something in the scene's surroundings.
func (s *scene) id(account, kind, name string) string {
	s.t.Helper()
	for _, r := range s.cloud.Resources() {
		if r.Account == account && r.Kind == kind && r.Name == name {
			return r.ID
		}
	}
	s.t.Fatalf("account %s has no %s %s", account, kind, name)
	return ""
}

func (s *scene) subnets(names ...string) []string {
	s.t.Helper()
	var ids []string
	for _, name := range names {
		ids = append(ids, s.id(s.consumer(), "subnet", "internet/"+name))
	}
	return ids
}

func (s *scene) vpc() string { return s.id(s.consumer(), "vpc", "internet") }
func (s *scene) group(name string) string {
	return s.id(s.consumer(), "security-group", "internet/"+name)
}
func (s *scene) targetGroup(name string) string { return s.id(s.consumer(), "target-group", name) }

// serviceSpec is a service with all that a service can have; changes alter it.
func (s *scene) serviceSpec(changes ...func(*link.EndpointServiceSpec)) link.EndpointService {
	doc := link.EndpointService{Metadata: link.Metadata{Name: s.name}, Spec: link.EndpointServiceSpec{
		Account: s.provider(), Region: region,
		AWS: &link.AWSEndpointService{
			LoadBalancers:     link.LoadBalancers{ARNs: []string{s.id(s.provider(), "load-balancer", "main")}},
			AllowedPrincipals: []string{"arn:aws:iam::" + s.consumerID + ":root"},
			PrivateDNS: &link.ServicePrivateDNS{
				Name:         s.privateName(),
				Verification: link.DomainVerification{Route53: &link.Route53Zone{Account: s.dns()}},
			},
		},
		Publish: &link.Publish{SSMParameter: &link.SSMParameter{Account: s.provider(), Name: "/linkwright/" + s.name}},
	}}
	for _, change := range changes {
		change(&doc.Spec)
	}
	return doc
}

// connectionSpec is a connection with all that a connection can have; changes alter it.
func (s *scene) connectionSpec(name string, changes ...func(*link.ConnectionSpec)) link.Connection {
	doc := link.Connection{Metadata: link.Metadata{Name: name}, Spec: link.ConnectionSpec{
		Service: s.name, Account: s.consumer(), Region: region,
		AWS:     &link.AWSConnection{VPC: s.vpc(), Subnets: s.subnets(subnets()...), SecurityGroups: []string{s.group("endpoints")}},
		DNS:     link.ConnectionDNS{Mode: link.DNSPrivate},
		Ingress: &link.Ingress{TargetGroup: s.targetGroup("attached"), Port: 443},
	}}
	for _, change := range changes {
		change(&doc.Spec)
	}
	return doc
}

// bare leaves out of a service what many tests have no use for: a name, its proof, and the parameter.
func bare(spec *link.EndpointServiceSpec) { spec.AWS.PrivateDNS, spec.Publish = nil, nil }

// plain leaves out of a connection what needs the service's name, and the ingress.
func plain(spec *link.ConnectionSpec) { spec.DNS, spec.Ingress = link.ConnectionDNS{}, nil }

// openToAll lets in whoever may ask.
func openToAll(spec *link.EndpointServiceSpec) {
	spec.Approval = &link.ApprovalPolicy{Mode: link.ApproveAutomatically}
}

// publish applies a service.
func (s *scene) publish(changes ...func(*link.EndpointServiceSpec)) {
	s.t.Helper()
	if _, err := s.flows.ApplyService(s.ctx, s.serviceSpec(changes...), "tester"); err != nil {
		s.t.Fatal(err)
	}
}

// connect applies a connection.
func (s *scene) connect(name string, changes ...func(*link.ConnectionSpec)) flows.Ref {
	s.t.Helper()
	if _, err := s.flows.ApplyConnection(s.ctx, s.connectionSpec(name, changes...), "tester"); err != nil {
		s.t.Fatal(err)
	}
	return s.connection(name)
}

// glance is how often a flow is asked how it gets on while a test waits.
const glance = 100 * time.Millisecond

// until asks again and again until the answer is yes.
func (s *scene) until(what string, done func() bool, last func() any) {
	s.t.Helper()
	tick := time.NewTicker(glance)
	defer tick.Stop()
	for !done() {
		select {
		case <-s.ctx.Done():
			shown, err := json.MarshalIndent(last(), "", "  ")
			s.t.Fatalf("waited in vain for %s; last seen: %s %v", what, shown, errors.Join(err, s.ctx.Err()))
		case <-tick.C:
		}
	}
}

// await waits until a flow's status is as wanted. A flow that does not exist yet, or is too new to answer, is
// waited for.
func (s *scene) await(ref flows.Ref, what string, wanted func(link.Status) bool) link.Status {
	s.t.Helper()
	var status link.Status
	s.until(ref.String()+" "+what, func() bool {
		seen, err := s.flows.Status(s.ctx, ref)
		var notFound *flows.NotFoundError
		var silent *flows.NoWorkerError
		switch {
		case s.ctx.Err() != nil, errors.As(err, &notFound), errors.As(err, &silent):
			return false
		case err != nil:
			s.t.Fatal(err)
		}
		status = seen
		return wanted(status)
	}, func() any { return status })
	return status
}

func (s *scene) awaitPhase(ref flows.Ref, phase link.Phase) link.Status {
	s.t.Helper()
	return s.await(ref, "to be "+string(phase), func(st link.Status) bool { return st.Phase == phase })
}

// awaitArrival waits until a link does what it is for, as currently specified.
func (s *scene) awaitArrival(ref flows.Ref) link.Status {
	s.t.Helper()
	return s.await(ref, "to arrive", flows.Arrived)
}

// awaitQuestion waits until a connection asks for a decision, and returns the one that would let it in.
func (s *scene) awaitQuestion(ref flows.Ref) link.Decision {
	s.t.Helper()
	status := s.await(ref, "to ask for approval", func(st link.Status) bool { return st.Waiting != nil && st.Waiting.Approve != nil })
	return *status.Waiting.Approve
}

// decide answers a connection's question.
func (s *scene) decide(ref flows.Ref, verb link.Verb) {
	s.t.Helper()
	d := s.awaitQuestion(ref)
	d.Verb, d.By, d.Reason = verb, "bob", "as agreed"
	if _, err := s.flows.Decide(s.ctx, ref, d); err != nil {
		s.t.Fatal(err)
	}
}

// remove takes a service or a connection down and waits until it has ended.
func (s *scene) remove(ref flows.Ref) link.Status {
	s.t.Helper()
	if _, err := s.flows.Remove(s.ctx, ref, link.Decision{By: "tester", Reason: "the test is over"}); err != nil {
		s.t.Fatal(err)
	}
	return s.await(ref, "to end", func(st link.Status) bool { return !st.Phase.Open() })
}

// takeDown withdraws the service and makes sure that the accounts are as they were before the test.
func (s *scene) takeDown() {
	s.t.Helper()
	s.remove(s.service())
	s.wantAsBefore()
}

func (s *scene) wantAsBefore() {
	s.t.Helper()
	now := s.look()
	for _, item := range s.before.Added(now) {
		s.t.Errorf("left behind: %s", item)
	}
	for _, item := range s.before.Missing(now) {
		s.t.Errorf("missing now: %s", item)
	}
}

// look lists what there is in the scene's accounts.
func (s *scene) look() inventory.Inventory {
	s.t.Helper()
	var all inventory.Inventory
	for _, account := range []string{s.provider(), s.consumer(), s.dns()} {
		found, err := inventory.Take(s.ctx, account, s.admin(account))
		if err != nil {
			s.t.Fatal(err)
		}
		all = append(all, found...)
	}
	return all
}

// built lists what was not there before the test.
func (s *scene) built() inventory.Inventory {
	s.t.Helper()
	return s.before.Added(s.look())
}

// wantWhole makes sure that the whole link of serviceSpec and connectionSpec stands, each of its resources
// once and marked with its flow.
func (s *scene) wantWhole(connection flows.Ref) {
	s.t.Helper()
	built := s.built()
	service, endpoint := s.owner(s.service()), s.owner(connection)
	for _, want := range []struct {
		kind, account, owner string
		count                int
	}{
		{inventory.Service, s.provider(), service, 1},
		{inventory.Parameter, s.provider(), service, 1},
		{inventory.Record, s.dns(), "", 1},
		{inventory.Endpoint, s.consumer(), endpoint, 1},
		{inventory.Interface, s.consumer(), "", len(subnets())},
		{inventory.Target, s.consumer(), "", len(subnets())},
	} {
		found := built.Of(want.kind)
		if len(found) != want.count {
			s.t.Errorf("%d of kind %s were built, want %d: %v", len(found), want.kind, want.count, found)
		}
		for _, item := range found {
			if item.Account != want.account || item.Owner != want.owner {
				s.t.Errorf("%s is in account %s and of flow %q, want %s and %q", item, item.Account, item.Owner, want.account, want.owner)
			}
		}
		built = slices.DeleteFunc(built, func(i inventory.Item) bool { return i.Kind == want.kind })
	}
	if len(built) > 0 {
		s.t.Errorf("nobody asked for %v", built)
	}
}

// owner is the ownership tag of a flow's resources.
func (s *scene) owner(ref flows.Ref) string { return temporal.Namespace + "/" + ref.WorkflowID() }

// write is a call that changes something in a cloud.
type write struct{ account, service, action string }

// writes are the calls by which Linkwright has changed the scene's accounts since then, in order.
func (s *scene) writes(since time.Time) []write {
	var all []write
	for _, c := range s.cloud.Calls() {
		reads := []string{"Describe", "List", "Get", "AssumeRole"}
		mine := c.Account == s.providerID || c.Account == s.consumerID || c.Account == s.dnsID
		if mine && c.Time.After(since) && strings.Contains(c.Principal, ":assumed-role/") && !slices.ContainsFunc(reads, func(p string) bool { return strings.HasPrefix(c.Action, p) }) {
			all = append(all, write{c.Account, c.Service, c.Action})
		}
	}
	return all
}

func (w write) compare(other write) int {
	return cmp.Or(cmp.Compare(w.account, other.account), cmp.Compare(w.service, other.service), cmp.Compare(w.action, other.action))
}

// resource finds the one resource of a kind in a status.
func (s *scene) resource(status link.Status, kind string) link.Resource {
	s.t.Helper()
	var found []link.Resource
	for _, r := range status.Resources {
		if r.Kind == kind {
			found = append(found, r)
		}
	}
	if len(found) != 1 {
		s.t.Fatalf("the status has %d resources of kind %s, want one: %+v", len(found), kind, status.Resources)
	}
	return found[0]
}

// runs is how many flows of a name there have been.
func (s *scene) runs(ref flows.Ref) int {
	s.t.Helper()
	items, err := s.flows.List(s.ctx, flows.Filter{Kind: ref.Kind, Service: ref.Service, Name: ref.Name, Ended: true})
	if err != nil {
		s.t.Fatal(err)
	}
	return len(items)
}
