package azure

import (
	"context"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// What the planner is asked of steps that Azure has no counterpart to, it answers as they do; see missing.go.

const notHere = "name an account of AWS for it, or leave it out of the spec"

// PlanRecord implements [activities.Planner].
func (p *Planner) PlanRecord(_ context.Context, req activities.RecordRequest) ([]link.PlannedChange, error) {
	return nil, p.config.missing(req.Place, "the TXT proof of a domain", notHere)
}

// PlanName implements [activities.Planner].
func (p *Planner) PlanName(_ context.Context, req activities.NameRequest) ([]link.PlannedChange, error) {
	return nil, p.config.missing(req.Place, "a parameter that holds a service's name", notHere)
}

// LookUpName implements [activities.Planner].
func (p *Planner) LookUpName(_ context.Context, req activities.ReadNameRequest) (activities.ServiceName, error) {
	return activities.ServiceName{}, p.config.missing(req.Place, "a parameter that holds a service's name", notHere)
}

// PlanSecurityGroup implements [activities.Planner].
func (p *Planner) PlanSecurityGroup(_ context.Context, req activities.SecurityGroupRequest) (activities.PlannedGroup, error) {
	return activities.PlannedGroup{}, p.config.missing(req.Place, "a security group of an endpoint", noSecurityGroup)
}

// PlanTargetGroup implements [activities.Planner].
func (p *Planner) PlanTargetGroup(_ context.Context, req activities.TargetGroupRequest) (activities.PlannedGroup, error) {
	return activities.PlannedGroup{}, p.config.missing(req.Place, "a load balancer in front of an endpoint", notHere)
}

// PlanTargets implements [activities.Planner].
func (p *Planner) PlanTargets(_ context.Context, req activities.TargetsRequest) ([]link.PlannedChange, error) {
	return nil, p.config.missing(req.Place, "a load balancer in front of an endpoint", notHere)
}

// PlanRoute implements [activities.Planner].
func (p *Planner) PlanRoute(_ context.Context, req activities.RouteRequest) ([]link.PlannedChange, error) {
	return nil, p.config.missing(req.Place, "a load balancer in front of an endpoint", notHere)
}
