package workflows_test

import (
	"context"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// planner is a cloud that has what is marked as there, and cannot do what has a problem.
type planner struct {
	there    map[string]bool // by kind
	problems map[string]link.Problem
	// denied are the kinds that may not be looked at.
	denied map[string]bool
	rooms  activities.Survey
	// asked are the requests for endpoints.
	asked []activities.EnsureEndpointRequest
}

var _ activities.Planner = (*planner)(nil)

func (p *planner) plan(at activities.Place, kind, id string) ([]link.PlannedChange, error) {
	if p.denied[kind] {
		return nil, activities.Blocked(link.Problem{Reason: link.ReasonMissingPermission, Message: "not allowed to look at " + kind, Remedy: "allow it"}, nil)
	}
	c := link.PlannedChange{Action: link.ActionCreate, Kind: kind, ID: id, Account: at.Account, Region: at.Region}
	if p.there[kind] {
		c.Action = link.ActionKeep
	}
	if problem, ok := p.problems[kind]; ok {
		c.Problem = &problem
	}
	return []link.PlannedChange{c}, nil
}

func (p *planner) PlanService(_ context.Context, req activities.EnsureServiceRequest) (activities.PlannedService, error) {
	changes, err := p.plan(req.Place, link.KindService, req.Name)
	plan := activities.PlannedService{Changes: changes}
	if p.there[link.KindService] {
		plan.Service = &activities.Service{ID: "vpce-svc-1", Name: "com.amazonaws.vpce.eu-central-1.vpce-svc-1", State: activities.ServiceAvailable}
		if dns := req.Spec.AWS.PrivateDNS; dns != nil {
			plan.Service.Domain = &activities.Domain{Name: dns.Name, State: activities.DomainUnverified, Proof: activities.Record{Name: "_1." + dns.Name, Value: "vpce:1"}}
		}
	}
	return plan, err
}

func (p *planner) PlanRecord(_ context.Context, req activities.RecordRequest) ([]link.PlannedChange, error) {
	return p.plan(req.Place, link.KindTXTRecord, req.Record.Name)
}

func (p *planner) PlanName(_ context.Context, req activities.NameRequest) ([]link.PlannedChange, error) {
	return p.plan(req.Place, link.KindParameter, req.Parameter)
}

func (p *planner) LookUpName(context.Context, activities.ReadNameRequest) (activities.ServiceName, error) {
	return activities.ServiceName{}, nil
}

func (p *planner) LookUpService(context.Context, activities.LocateServiceRequest) (activities.VisibleService, error) {
	return activities.VisibleService{Visible: true}, nil
}

func (p *planner) PlanSecurityGroup(_ context.Context, req activities.SecurityGroupRequest) (activities.PlannedGroup, error) {
	changes, err := p.plan(req.Place, link.KindSecurityGroup, "")
	return activities.PlannedGroup{Changes: changes}, err
}

func (p *planner) PlanEndpoint(_ context.Context, req activities.EnsureEndpointRequest) (activities.PlannedEndpoint, error) {
	p.asked = append(p.asked, req)
	changes, err := p.plan(req.Place, link.KindEndpoint, "")
	plan := activities.PlannedEndpoint{Changes: changes}
	if p.there[link.KindEndpoint] {
		plan.Endpoint = &activities.Endpoint{
			ID: "vpce-1", Network: req.Spec.AWS.VPC, State: activities.EndpointAvailable, DNSNames: []string{"vpce-1.example"}, DNSZone: "ZE",
			Addresses: []activities.Address{{IP: "10.0.0.1"}},
		}
	}
	return plan, err
}

func (p *planner) PlanZone(_ context.Context, req activities.ZoneRequest) (activities.PlannedZone, error) {
	changes, err := p.plan(req.Place, link.KindHostedZone, req.Name)
	plan := activities.PlannedZone{Changes: changes}
	if p.there[link.KindHostedZone] {
		plan.Zone = &activities.Zone{ID: "Z1", Name: req.Name, Networks: []activities.ZoneNetwork{req.Network}}
	}
	return plan, err
}

func (p *planner) PlanZoneVPC(_ context.Context, req activities.ZoneVPCRequest) ([]link.PlannedChange, error) {
	return p.plan(req.Place, link.KindZoneVPC, req.Network.VPC)
}

func (p *planner) PlanRecords(_ context.Context, req activities.ZoneRecordsRequest) ([]link.PlannedChange, error) {
	return p.plan(req.Place, link.KindZoneRecord, req.Wanted[0].Name)
}

func (p *planner) PlanTargetGroup(_ context.Context, req activities.TargetGroupRequest) (activities.PlannedGroup, error) {
	changes, err := p.plan(req.Place, link.KindTargetGroup, "")
	return activities.PlannedGroup{Changes: changes}, err
}

func (p *planner) PlanTargets(_ context.Context, req activities.TargetsRequest) ([]link.PlannedChange, error) {
	return p.plan(req.Place, link.KindTarget, req.Wanted[0])
}

func (p *planner) PlanRoute(_ context.Context, req activities.RouteRequest) ([]link.PlannedChange, error) {
	return p.plan(req.Place, link.KindListenerRule, "")
}

// surveyor answers surveys.
type surveyor struct{ *planner }

func (s surveyor) survey(context.Context, activities.SurveyRequest) (activities.Survey, error) {
	return s.rooms, nil
}
