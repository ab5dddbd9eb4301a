package aws

import (
	"context"
	"fmt"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// Planner says what the steps would do. It looks with their eyes: what it finds and compares are the functions that the
// steps themselves find and compare with. It makes no call that changes anything.
type Planner struct{ config Config }

var _ activities.Planner = (*Planner)(nil)

// NewPlanner returns the planner's looks.
func NewPlanner(c Config) *Planner { return &Planner{c.withDefaults()} }

func (s *site) planned(action link.Action, kind, id string, details ...string) link.PlannedChange {
	return s.place.Planned(action, kind, id, details...)
}

func (s *site) kept(kind, id string, changes []string) link.PlannedChange {
	return s.place.Kept(kind, id, changes)
}

func (s *site) hindered(change link.PlannedChange, err error) ([]link.PlannedChange, error) {
	return activities.Hindered(change, s.failed(err))
}

// PlanService implements [activities.Planner].
func (p *Planner) PlanService(ctx context.Context, req activities.EnsureServiceRequest) (activities.PlannedService, error) {
	s, err := p.config.at(ctx, req.Place)
	if err != nil {
		return activities.PlannedService{}, err
	}
	want, found, err := s.lookForService(ctx, req)
	if err == nil && found.missing {
		err = s.blocked(serviceMissing(req.Spec.AWS.Service), nil)
	}
	switch {
	case err != nil:
		return s.hinderedService(ctx, req, err)
	case found.have == nil:
		changes, err := s.newService(ctx, want)
		return activities.PlannedService{Changes: changes}, err
	case serviceState(found.have.ServiceState).Over():
		changes, err := s.newService(ctx, want)
		if serviceState(found.have.ServiceState) == activities.ServiceFailed {
			changes = append([]link.PlannedChange{
				s.planned(link.ActionDelete, link.KindService, sdk.ToString(found.have.ServiceId), "it has failed"),
			}, changes...)
		}
		return activities.PlannedService{Changes: changes}, err
	}
	return s.standingService(ctx, found, want)
}

// standingService plans for a service that is there.
func (s *site) standingService(ctx context.Context, found serviceFound, want wantedService) (activities.PlannedService, error) {
	view := serviceView(*found.have)
	plan, err := s.serviceChanges(ctx, *found.have, want)
	if err != nil {
		return activities.PlannedService{}, err
	}
	planned := activities.PlannedService{Service: &view}
	if !found.untagged {
		planned.Changes = []link.PlannedChange{s.kept(link.KindService, view.ID, serviceChangeLines(plan))}
		return planned, nil
	}
	change := s.planned(link.ActionAdopt, link.KindService, view.ID)
	change.TakesOver = true
	planned.Changes = []link.PlannedChange{change}
	if err := s.checkAsItIs(view.ID, plan); err != nil {
		planned.Changes, err = s.hindered(change, err)
		return planned, err
	}
	return planned, nil
}

// hinderedService is the plan of a service that could not be made as the spec says, or kept so.
func (s *site) hinderedService(ctx context.Context, req activities.EnsureServiceRequest, cause error) (activities.PlannedService, error) {
	change := s.planned(link.ActionCreate, link.KindService, link.KnownAfterApply)
	if req.Spec.AWS != nil && req.Spec.AWS.Service != "" {
		change.Action, change.ID = link.ActionAdopt, req.Spec.AWS.Service
		changes, err := s.hindered(change, cause)
		return activities.PlannedService{Changes: changes}, err
	}
	found, err := s.servicesOf(ctx, req.Owner)
	if err != nil {
		return activities.PlannedService{}, s.failed(err)
	}
	var have *activities.Service
	if len(found) > 0 {
		view := serviceView(found[0])
		have, change.Action, change.ID = &view, link.ActionChange, view.ID
	}
	changes, err := s.hindered(change, cause)
	return activities.PlannedService{Changes: changes, Service: have}, err
}

// newService plans a service that is not there, and looks whether its load balancers are free.
func (s *site) newService(ctx context.Context, want wantedService) ([]link.PlannedChange, error) {
	change := s.planned(link.ActionCreate, link.KindService, link.KnownAfterApply, want.shown(s.place.Region)...)
	behind, err := s.servicesBehind(ctx, want.LoadBalancers)
	if err != nil {
		return nil, s.failed(err)
	}
	if len(behind) > 0 {
		return s.hindered(change, s.blocked(link.Problem{
			Reason:  link.ReasonLoadBalancerInUse,
			Message: fmt.Sprintf("service %s uses the load balancer", sdk.ToString(behind[0].ServiceId)),
			Remedy:  loadBalancerInUseRemedy,
		}, nil))
	}
	return []link.PlannedChange{change}, nil
}

func serviceChangeLines(plan []serviceChange) []string {
	var shown []string
	for _, change := range plan {
		shown = append(shown, change.String())
	}
	return shown
}

// PlanRecord implements [activities.Planner].
func (p *Planner) PlanRecord(ctx context.Context, req activities.RecordRequest) ([]link.PlannedChange, error) {
	s, err := p.config.at(ctx, req.Place)
	if err != nil {
		return nil, err
	}
	change := s.planned(link.ActionCreate, link.KindTXTRecord, req.Record.Name, req.Record.Value)
	zone, needed, err := s.recordChange(ctx, req)
	switch {
	case err != nil:
		return s.hindered(change, err)
	case needed == nil:
		change.Action, change.Details = link.ActionKeep, nil
	case len(needed.ResourceRecordSet.ResourceRecords) > 1:
		change.Action = link.ActionChange
		change.Details = []string{req.Record.Value + " joins the values of others, in zone " + zone.ZoneName}
	default:
		change.Details = append(change.Details, "in zone "+zone.ZoneName)
	}
	return []link.PlannedChange{change}, nil
}

// PlanName implements [activities.Planner].
func (p *Planner) PlanName(ctx context.Context, req activities.NameRequest) ([]link.PlannedChange, error) {
	s, err := p.config.at(ctx, req.Place)
	if err != nil {
		return nil, err
	}
	value := req.Value
	if value == "" {
		value = link.KnownAfterApply
	}
	change := s.planned(link.ActionCreate, link.KindParameter, req.Parameter, "holds "+value)
	if change.Action, err = s.parameterAction(ctx, req); err != nil {
		change.Action = link.ActionCreate
		return s.hindered(change, err)
	}
	if change.Action == link.ActionKeep {
		change.Details = nil
	}
	return []link.PlannedChange{change}, nil
}

// LookUpName implements [activities.Planner].
func (p *Planner) LookUpName(ctx context.Context, req activities.ReadNameRequest) (activities.ServiceName, error) {
	s, err := p.config.at(ctx, req.Place)
	if err != nil {
		return activities.ServiceName{}, err
	}
	return s.nameIn(ctx, req.Parameter)
}

// LookUpService implements [activities.Planner].
func (p *Planner) LookUpService(ctx context.Context, req activities.LocateServiceRequest) (activities.VisibleService, error) {
	s, err := p.config.at(ctx, req.Place)
	if err != nil {
		return activities.VisibleService{}, err
	}
	seen, err := s.visibleService(ctx, req)
	if err != nil {
		return activities.VisibleService{}, s.failed(err)
	}
	if seen.Problem != nil {
		seen.Problem.Account, seen.Problem.Region = req.Account, req.Region
	}
	return seen, nil
}

// shown says what a service that is made will be like.
func (w wantedService) shown(home string) []string {
	lines := []string{"load balancers " + strings.Join(w.LoadBalancers, ", ")}
	if !w.AcceptanceRequired {
		lines = append(lines, "whoever may ask is let in at once")
	}
	for _, list := range []struct {
		what  string
		items []string
	}{{"allowed principals ", w.Principals}, {"supported regions " + home + ", ", w.Regions}, {"address types ", w.AddressTypes}} {
		if len(list.items) > 0 {
			lines = append(lines, list.what+strings.Join(list.items, ", "))
		}
	}
	if w.PrivateDNSName != "" {
		lines = append(lines, "private DNS name "+w.PrivateDNSName)
	}
	return lines
}
