package aws

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	r53types "github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/activities/aws/permissions"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/internal/simaws"
)

// ledger is a fleet that stands in memory.
type ledger struct {
	expected []activities.Expected
	// gone are the owners whose flows run no longer.
	gone []activities.Owner
}

func (l *ledger) Expected(_ context.Context, place activities.Place, _ string) ([]activities.Expected, error) {
	var there []activities.Expected
	for _, e := range l.expected {
		if e.Place == place {
			there = append(there, e)
		}
	}
	slices.SortStableFunc(there, func(a, b activities.Expected) int { return cmp.Compare(a.Flow, b.Flow) })
	return there, nil
}

func (l *ledger) Owns(_ context.Context, owner activities.Owner) (bool, error) {
	return !slices.Contains(l.gone, owner), nil
}

// Stood is what a flow stands by here.
func (l *ledger) Stood(_ context.Context, owner activities.Owner) ([]activities.Expectation, error) {
	var stood []activities.Expectation
	for _, e := range l.expected {
		if strings.HasSuffix(string(owner), "/"+e.Flow) {
			stood = append(stood, e.Expectation)
		}
	}
	return stood, nil
}

const (
	paymentsFlow = "endpoint-service/payments"
	shopFlow     = "connection/payments/shop"
)

// audited is a link with all that a spec can ask for, which works, as its flows stand by it.
type audited struct {
	*planned
	ledger  ledger
	made    activities.Service
	at      activities.Endpoint
	group   string // the endpoint's security group
	zoneID  string
	proof   activities.Record
	targets activities.TargetsRequest
}

const publishedAs = "/linkwright/payments"

func newAudited(t *testing.T) *audited {
	t.Helper()
	a := &audited{planned: newPlanned(t)}
	a.route = a.scene.route(func(r *link.Route) {
		r.WebACL, r.AssociateWebACL = a.id("consumer", "web-acl", "front"), true
		r.Targets.Attributes = map[string]string{"deregistration_delay.timeout_seconds": "30"}
	})
	a.at = a.apply()
	a.made = a.verified()
	a.proof = a.made.Domain.Proof
	a.group = a.endpoint.Spec.AWS.SecurityGroups[0]
	must(t, NewConsumer(a.config).SetPrivateDNS, activities.SetPrivateDNSRequest{Place: consumer, Endpoint: a.at.ID, Enabled: true})
	a.zoneID = a.zone().ID
	must(t, plain(NewHostedZones(a.config).AssociateVPC), a.seenFrom("plain"))
	a.targets = a.targetsRequest(a.route.req.TargetGroup, a.at)
	a.targets.Owned = a.targets.Wanted
	must(t, NewIngress(a.config).AwaitHealthy, a.targets)
	a.standBy()
	return a
}

// verified has the domain proven, as the service's flow does.
func (a *audited) verified() activities.Service {
	a.t.Helper()
	ask := activities.ServiceRequest{Place: provider, ServiceID: must(a.t, NewProvider(a.config).EnsureService, a.service).ID}
	must(a.t, NewProvider(a.config).StartVerification, ask)
	return a.awaitDomain(ask, activities.DomainVerified)
}

func (a *audited) awaitDomain(ask activities.ServiceRequest, state activities.DomainState) activities.Service {
	a.t.Helper()
	for range 1000 {
		if service := must(a.t, NewProvider(a.config).DescribeService, ask); service.Domain.State == state {
			return service
		}
		time.Sleep(5 * time.Millisecond)
	}
	a.t.Fatalf("the domain is not %s", state)
	return activities.Service{}
}

func (a *audited) seenFrom(vpc string) activities.ZoneVPCRequest {
	a.t.Helper()
	return activities.ZoneVPCRequest{
		Place: consumer, Owner: connectionFlow, ZoneID: a.zoneID, ZoneName: "api.k.example.com", Network: a.network("consumer", vpc),
	}
}

// standBy writes down what the flows have brought about.
func (a *audited) standBy() {
	service := a.service
	service.Known = a.made.ID
	proof := activities.RecordRequest{Place: domains, Record: a.proof}
	name := activities.NameRequest{Place: consumer, Owner: serviceFlow, Parameter: publishedAs, Value: a.made.Name}
	letIn := connectionRequest(a.made, a.at)
	group := a.groupRequest("10.0.0.0/8")
	group.Known = a.group
	endpoint := a.endpoint
	endpoint.Known, endpoint.Spec.DNS.Mode = a.at.ID, link.DNSPrivate
	zone := a.zoneRequest()
	zone.ZoneID = a.zoneID
	records := a.recordsRequest(a.zoneID, &a.at)
	var addresses []string
	for _, address := range a.at.Addresses {
		addresses = append(addresses, address.IP)
	}
	a.ledger.expected = []activities.Expected{
		{Flow: paymentsFlow, Expectation: activities.Expectation{Place: provider, Service: &service, Zones: a.made.Zones, Verified: true}},
		{Flow: paymentsFlow, Expectation: activities.Expectation{Place: domains, Proof: &proof}},
		{Flow: paymentsFlow, Expectation: activities.Expectation{Place: consumer, Name: &name}},
		{Flow: shopFlow, Expectation: activities.Expectation{Place: provider, Connection: &letIn}},
		{Flow: shopFlow, Expectation: activities.Expectation{
			Place: consumer, SecurityGroup: &group, Endpoint: &endpoint, Addresses: addresses,
			Zone: &zone, ZoneVPCs: []activities.ZoneVPCRequest{a.seenFrom("main"), a.seenFrom("plain")}, Records: &records,
			TargetGroup: &a.route.group, Targets: &a.targets, Route: &a.route.req,
		}},
	}
}

// audit looks at one place, and makes sure that nothing but looks was asked of the cloud.
func (a *audited) audit(req activities.AuditRequest) activities.Audit {
	a.t.Helper()
	var found activities.Audit
	all, writes := a.callsOf(func() { found = must(a.t, NewAuditor(a.config, &a.ledger).Audit, req) })
	if writes > 0 {
		a.t.Errorf("to audit, it makes %d calls that change something: %+v", writes, a.cloud.Calls()[len(a.cloud.Calls())-all:])
	}
	if all != found.Calls {
		a.t.Errorf("it counts %d calls, and there were %d", found.Calls, all)
	}
	return found
}

// drift audits all places, and returns what has drifted, whose flow is gone and what was not seen, a line each.
func (a *audited) drift() []string {
	a.t.Helper()
	var lines []string
	for _, place := range []activities.Place{provider, consumer, domains} {
		found := a.audit(activities.AuditRequest{Place: place, Orphans: true})
		for _, d := range found.Drifted {
			for _, drift := range d.Drifts {
				who, _, _ := strings.Cut(d.Flow, "/")
				widens := map[bool]string{true: " (widens)"}[drift.Widens]
				lines = append(lines, fmt.Sprintf("%s %s%s: %s", who, drift.Kind, widens, drift.Detail))
			}
		}
		for _, o := range found.Orphans {
			lines = append(lines, fmt.Sprintf("orphan %s of %s", o.Kind, o.Detail))
		}
		for _, u := range found.Unseen {
			lines = append(lines, fmt.Sprintf("unseen of %s: %s", u.Flow, u.Problem.Message))
		}
	}
	return lines
}

// wantDrift checks what an audit finds, by the beginnings of its lines.
func (a *audited) wantDrift(want ...string) {
	a.t.Helper()
	if got := a.drift(); !slices.EqualFunc(got, want, strings.HasPrefix) {
		a.t.Errorf("drift:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func (a *audited) consumer() *ec2.Client { return a.clients(consumer).EC2 }
func (a *audited) provider() *ec2.Client { return a.clients(provider).EC2 }

// modifyService changes the service behind the flow's back.
func (a *audited) modifyService(in ec2.ModifyVpcEndpointServiceConfigurationInput) error {
	in.ServiceId = sdk.String(a.made.ID)
	_, err := a.provider().ModifyVpcEndpointServiceConfiguration(a.t.Context(), &in)
	return err
}

func (a *audited) permit(in ec2.ModifyVpcEndpointServicePermissionsInput) error {
	in.ServiceId = sdk.String(a.made.ID)
	_, err := a.provider().ModifyVpcEndpointServicePermissions(a.t.Context(), &in)
	return err
}

// modifyEndpoint changes the endpoint behind the flow's back, and waits until it has taken effect.
func (a *audited) modifyEndpoint(in ec2.ModifyVpcEndpointInput) error {
	in.VpcEndpointId = sdk.String(a.at.ID)
	_, err := a.consumer().ModifyVpcEndpoint(a.t.Context(), &in)
	if err == nil {
		a.await(a.at, activities.EndpointAvailable)
	}
	return err
}

func (a *audited) reject() error {
	_, err := a.provider().RejectVpcEndpointConnections(a.t.Context(), &ec2.RejectVpcEndpointConnectionsInput{
		ServiceId: sdk.String(a.made.ID), VpcEndpointIds: []string{a.at.ID}})
	if err == nil {
		a.await(a.at, activities.EndpointRejected)
	}
	return err
}

// recordSet is the A record of the endpoint in the zone.
func (a *audited) recordSet(zone string) r53types.ResourceRecordSet {
	a.t.Helper()
	s := &site{Config: a.config, place: consumer, Clients: a.clients(consumer)}
	sets, err := s.recordSets(a.t.Context(), zone)
	if err != nil {
		a.t.Fatal(err)
	}
	i := slices.IndexFunc(sets, func(s r53types.ResourceRecordSet) bool { return s.Type == r53types.RRTypeA })
	return sets[i]
}

// rule is the ARN of the route's rule.
func (a *audited) rule() string {
	a.t.Helper()
	s := &site{Config: a.config, place: consumer, Clients: a.clients(consumer)}
	all, err := s.rules(a.t.Context(), a.route.req.Listener)
	if err != nil {
		a.t.Fatal(err)
	}
	own, err := s.ownedRules(a.t.Context(), all, connectionFlow)
	if err != nil || len(own) != 1 {
		a.t.Fatalf("rules = %+v, %v", own, err)
	}
	return sdk.ToString(own[0].RuleArn)
}

// allowRoles gives an account's role what the policies of roles allow, and nothing else.
func (a *audited) allowRoles(account string, roles ...permissions.Role) {
	a.t.Helper()
	var policies []simaws.PolicyDocument
	for _, role := range roles {
		policy, err := json.Marshal(permissions.Of(role, "", permissions.Options{}).Policy)
		if err != nil {
			a.t.Fatal(err)
		}
		policies = append(policies, simaws.PolicyDocument(policy))
	}
	if err := a.cloud.SetPolicies("arn:aws:iam::"+account+":role/linkwright", policies); err != nil {
		a.t.Fatal(err)
	}
}
