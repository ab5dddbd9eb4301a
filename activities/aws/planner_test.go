package aws

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/internal/simaws"
)

// planned is a link with all that a spec can ask for, as it is planned.
type planned struct {
	*scene
	plan     *Planner
	route    *routeSteps
	service  activities.EnsureServiceRequest
	endpoint activities.EnsureEndpointRequest
	// changes are what was planned last.
	changes []link.PlannedChange
}

func newPlanned(t *testing.T, changes ...func(*simaws.WorldFile)) *planned {
	t.Helper()
	sc := newScene(t, append([]func(*simaws.WorldFile){edge()}, changes...)...)
	return &planned{
		scene: sc, plan: NewPlanner(sc.config), route: sc.route(),
		service: sc.serviceRequest(func(s *link.AWSEndpointService) {
			s.PrivateDNS = &link.ServicePrivateDNS{Name: "*.k.example.com"}
		}),
		endpoint: sc.endpointRequest(activities.Service{}),
	}
}

// look plans everything anew, and makes sure that nothing but looks was asked of the cloud.
func (p *planned) look() []string {
	p.t.Helper()
	before := len(p.cloud.Calls())
	p.changes = nil
	add := func(changes []link.PlannedChange) { p.changes = append(p.changes, changes...) }
	service := must(p.t, p.plan.PlanService, p.service)
	add(service.Changes)
	name := activities.NameRequest{Place: consumer, Owner: serviceFlow, Parameter: "/linkwright/payments"}
	if s := service.Service; s != nil {
		name.Value, p.endpoint.ServiceName = s.Name, s.Name
		add(must(p.t, p.plan.PlanRecord, activities.RecordRequest{Place: domains, Record: s.Domain.Proof}))
	}
	add(must(p.t, p.plan.PlanName, name))
	group := must(p.t, p.plan.PlanSecurityGroup, p.groupRequest("10.0.0.0/8"))
	add(group.Changes)
	endpoint := p.endpoint
	if group.ID != "" {
		aws := *endpoint.Spec.AWS
		aws.SecurityGroups = []string{group.ID}
		endpoint.Spec.AWS = &aws
	}
	there := must(p.t, p.plan.PlanEndpoint, endpoint)
	add(there.Changes)
	zone := must(p.t, p.plan.PlanZone, p.zoneRequest())
	add(zone.Changes)
	seen := activities.ZoneVPCRequest{Place: consumer, ZoneName: "api.k.example.com", Network: p.network("consumer", "main")}
	if zone.Zone != nil {
		seen.ZoneID = zone.Zone.ID
		add(must(p.t, p.plan.PlanRecords, p.recordsRequest(zone.Zone.ID, there.Endpoint)))
	}
	add(must(p.t, p.plan.PlanZoneVPC, seen))
	targets := must(p.t, p.plan.PlanTargetGroup, p.route.group)
	add(targets.Changes)
	route := p.route.req
	route.TargetGroup, route.Certificate = targets.ID, ""
	if targets.ID != "" && there.Endpoint != nil {
		add(must(p.t, p.plan.PlanTargets, p.targetsRequest(targets.ID, *there.Endpoint)))
	}
	add(must(p.t, p.plan.PlanRoute, route))
	for _, c := range p.cloud.Calls()[before:] {
		if c.Action != "AssumeRole" && !strings.HasPrefix(c.Action, "Describe") && !strings.HasPrefix(c.Action, "Get") && !strings.HasPrefix(c.Action, "List") {
			p.t.Errorf("to plan, it calls %s", c.Action)
		}
	}
	var lines []string
	for _, c := range p.changes {
		lines = append(lines, fmt.Sprint(c.Action, " ", c.Kind))
	}
	return lines
}

func (p *planned) recordsRequest(zone string, e *activities.Endpoint) activities.ZoneRecordsRequest {
	req := activities.ZoneRecordsRequest{
		Place: consumer, Owner: connectionFlow, ZoneID: zone,
		Wanted: []link.ZoneRecord{{Name: "api.k.example.com", Type: link.RecordAlias}},
	}
	if e != nil {
		req.Alias = activities.ZoneAlias{Name: e.DNSNames[0], ZoneID: e.DNSZone}
	}
	return req
}

func (p *planned) targetsRequest(group string, e activities.Endpoint) activities.TargetsRequest {
	req := activities.TargetsRequest{Place: consumer, TargetGroup: group, Port: 443, Listener: p.route.req.Listener}
	for _, a := range e.Addresses {
		req.Wanted = append(req.Wanted, a.IP)
	}
	return req
}

// apply takes the steps that were planned.
func (p *planned) apply() activities.Endpoint {
	p.t.Helper()
	service := must(p.t, NewProvider(p.config).EnsureService, p.service)
	must(p.t, NewZones(p.config).EnsureRecord, activities.RecordRequest{Place: domains, Record: service.Domain.Proof})
	must(p.t, plain(NewNames(p.config).PublishName), activities.NameRequest{
		Place: consumer, Owner: serviceFlow, Parameter: "/linkwright/payments", Value: service.Name,
	})
	p.endpoint.ServiceName = service.Name
	aws := *p.endpoint.Spec.AWS
	aws.SecurityGroups = []string{p.ensureGroup("10.0.0.0/8").ID}
	p.endpoint.Spec.AWS = &aws
	made := must(p.t, NewConsumer(p.config).EnsureEndpoint, p.endpoint)
	p.ready(service, made)
	endpoint := must(p.t, NewConsumer(p.config).DescribeEndpoint, activities.EndpointRequest{Place: consumer, Endpoint: made.ID})
	zone := p.zone()
	must(p.t, NewHostedZones(p.config).EnsureRecords, p.recordsRequest(zone.ID, &endpoint))
	p.route.made()
	must(p.t, plain(NewIngress(p.config).EnsureTargets), p.targetsRequest(p.route.req.TargetGroup, endpoint))
	return endpoint
}

// find is the change of a kind.
func (p *planned) find(kind string) link.PlannedChange {
	p.t.Helper()
	i := slices.IndexFunc(p.changes, func(c link.PlannedChange) bool { return c.Kind == kind })
	if i < 0 {
		p.t.Fatalf("nothing is planned for a %s", kind)
	}
	return p.changes[i]
}

// wantDetail checks what is planned for a kind.
func (p *planned) wantDetail(kind string, action link.Action, detail string) {
	p.t.Helper()
	c := p.find(kind)
	if c.Action != action || !strings.Contains(strings.Join(c.Details, "\n"), detail) {
		p.t.Errorf("%s: %s %q, want %s with %q", kind, c.Action, c.Details, action, detail)
	}
}

func TestAPlanFindsWhatTheStepsWouldDo(t *testing.T) {
	p := newPlanned(t)
	want := []string{
		"create vpc-endpoint-service", "create ssm-parameter", "create security-group", "create vpc-endpoint",
		"create hosted-zone", "create zone-association", "create target-group", "create listener-certificate", "create listener-rule",
	}
	if got := p.look(); !slices.Equal(got, want) {
		t.Errorf("when nothing is there, it plans %q, want %q", got, want)
	}
	p.wantDetail(link.KindService, link.ActionCreate, "allowed principals arn:aws:iam::222222222222:root")
	p.wantDetail(link.KindParameter, link.ActionCreate, link.KnownAfterApply)
	p.wantDetail(link.KindSecurityGroup, link.ActionCreate, "lets in tcp 443 from 10.0.0.0/8")

	endpoint := p.apply()
	for _, line := range p.look() {
		if !strings.HasPrefix(line, "keep ") {
			t.Errorf("when all is there, it plans to %s", line)
		}
	}
	if len(p.changes) != 13 { // with the TXT record, the zone's record, and two targets
		t.Errorf("it plans for %d things: %+v", len(p.changes), p.changes)
	}

	ec2Of := p.clients(consumer).EC2
	if _, err := ec2Of.ModifyVpcEndpoint(t.Context(), &ec2.ModifyVpcEndpointInput{
		VpcEndpointId: sdk.String(endpoint.ID), RemoveSubnetIds: []string{p.id("consumer", "subnet", "main/two")},
	}); err != nil {
		t.Fatal(err)
	}
	p.service.Spec.AWS.AllowedPrincipals = nil
	p.route.req.Want.Hosts = []string{"shop.example.com", "edge.example.com"}
	p.look()
	p.wantDetail(link.KindEndpoint, link.ActionChange, "subnets +"+p.id("consumer", "subnet", "main/two"))
	p.wantDetail(link.KindService, link.ActionChange, "allowed principals -arn:aws:iam::222222222222:root")
	if c := p.find(link.KindCertificate); c.Problem == nil || c.Problem.Reason != link.ReasonCertificateMissing {
		t.Errorf("the certificate is planned as %+v", c)
	}
	p.wantDetail(link.KindListenerRule, link.ActionChange, "rule matches as specified again")
}

func TestAPlanSaysWhatAPersonHasToMend(t *testing.T) {
	quota := func(f *simaws.WorldFile) { f.EndpointsPerVPC = 1 }
	p := newPlanned(t, quota)
	other := p.publish(func(s *link.AWSEndpointService) {
		s.LoadBalancers.ARNs = []string{p.id("provider", "load-balancer", "other")}
	})
	theirs := p.endpointRequest(other, func(c *link.AWSConnection) { c.Subnets = c.Subnets[:1] })
	theirs.Owner = "default/connection/payments/another"
	must(t, NewConsumer(p.config).EnsureEndpoint, theirs)
	p.othersZone(consumer, "api.k.example.com", p.network("consumer", "main"))
	p.service.Owner = "default/endpoint-service/second"
	p.service.Spec.AWS.LoadBalancers.ARNs = []string{p.id("provider", "load-balancer", "other")}
	p.endpoint.ServiceName = other.Name
	p.endpoint.Spec.DNS.Mode = link.DNSPrivate
	p.look()
	for kind, reason := range map[string]link.Reason{
		link.KindService: link.ReasonLoadBalancerInUse, link.KindEndpoint: link.ReasonQuotaFull,
		link.KindHostedZone: link.ReasonConflictingZone, link.KindZoneVPC: link.ReasonConflictingZone,
	} {
		if c := p.find(kind); c.Problem == nil || c.Problem.Reason != reason || c.Problem.Remedy == "" {
			t.Errorf("the %s is planned as %+v with %+v, want the problem %s", kind, c, c.Problem, reason)
		}
	}
	p.endpoint.Spec.AWS.VPC = p.id("consumer", "vpc", "plain")
	plan := must(t, p.plan.PlanEndpoint, p.endpoint)
	if c := plan.Changes[0]; c.Problem == nil || c.Problem.Reason != link.ReasonVPCWithoutDNS {
		t.Errorf("in a VPC without DNS, the endpoint is planned as %+v", c)
	}
	p.endpoint.Spec.AWS.SecurityGroups, p.endpoint.Spec.DNS.Mode = nil, link.DNSNone
	plan = must(t, p.plan.PlanEndpoint, p.endpoint)
	if text := strings.Join(plan.Changes[0].Details, "\n"); !strings.Contains(text, link.DefaultGroupEffect(p.endpoint.Spec.AWS.VPC)) {
		t.Errorf("without security groups, it says %s", text)
	}
}

func TestAPlanThatIsKeptFromLookingSaysSo(t *testing.T) {
	p := newPlanned(t)
	p.allBut("ec2:DescribeVpcEndpoints")
	p.endpoint.ServiceName = "com.amazonaws.vpce.us-east-1.vpce-svc-0a"
	_, err := run(t, p.plan.PlanEndpoint, p.endpoint)
	wantProblem(t, err, link.ReasonMissingPermission)
}
