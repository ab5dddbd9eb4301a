package aws

import (
	"context"
	"fmt"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// Planner says what the steps would do. It looks with their eyes: what it finds and compares are the functions that the
// steps themselves find and compare with. It makes no call that changes anything.
type Planner struct {
	config Config
	seen   *snapshot
}

var _ activities.Planner = (*Planner)(nil)

// NewPlanner returns the planner's looks.
func NewPlanner(c Config) *Planner { return &Planner{config: c.withDefaults()} }

// at goes to a place, with what was seen there.
func (p *Planner) at(ctx context.Context, place activities.Place) (*site, error) {
	s, err := p.config.at(ctx, place)
	if err == nil {
		s.seen = p.seen
	}
	return s, err
}

func (s *site) planned(action link.Action, kind, id string, details ...string) link.PlannedChange {
	return s.place.Planned(action, kind, id, details...)
}

func (s *site) kept(kind, id string, differences []link.Difference) link.PlannedChange {
	return s.place.Kept(kind, id, differences)
}

// keptOrAdopted is something that is there, untagged when it has lost its tag or never had any.
func (s *site) keptOrAdopted(kind, id string, differences []link.Difference, untagged bool) link.PlannedChange {
	change := s.kept(kind, id, differences)
	if untagged {
		change.Action, change.Differences = link.ActionAdopt, append(change.Differences, lostTag)
	}
	return change
}

func (s *site) hindered(change link.PlannedChange, err error) ([]link.PlannedChange, error) {
	return activities.Hindered(change, s.failed(err))
}

// PlanService implements [activities.Planner].
func (p *Planner) PlanService(ctx context.Context, req activities.EnsureServiceRequest) (activities.PlannedService, error) {
	s, err := p.at(ctx, req.Place)
	if err != nil {
		return activities.PlannedService{}, err
	}
	found, err := s.lookForService(ctx, req)
	if err == nil && found.missing {
		err = s.blocked(serviceMissing(req.Spec.AWS.Service), nil)
	}
	if err != nil {
		return s.hinderedService(ctx, req, err)
	}
	have := found.have
	if have == nil || serviceState(have.ServiceState).Over() {
		changes, err := s.newService(ctx, found.want)
		if have != nil && serviceState(have.ServiceState) == activities.ServiceFailed {
			changes = append([]link.PlannedChange{
				s.planned(link.ActionDelete, link.KindService, sdk.ToString(have.ServiceId), "it has failed"),
			}, changes...)
		}
		return activities.PlannedService{Changes: changes}, err
	}
	view := serviceView(*have)
	plan, err := s.serviceChanges(ctx, *have, found.want)
	if err != nil {
		return activities.PlannedService{}, err
	}
	planned := activities.PlannedService{Service: &view}
	if found.takesOver {
		planned.Changes, err = s.plannedTakeover(view.ID, plan)
	} else {
		planned.Changes = []link.PlannedChange{s.keptOrAdopted(link.KindService, view.ID, differencesOf(plan), found.untagged)}
	}
	return planned, err
}

// hinderedService is the plan of a service that could not be made as the spec says, or kept so.
func (s *site) hinderedService(ctx context.Context, req activities.EnsureServiceRequest, cause error) (activities.PlannedService, error) {
	change := s.planned(link.ActionCreate, link.KindService, link.KnownAfterApply)
	found, err := s.servicesOf(ctx, req.Owner)
	if err != nil {
		return activities.PlannedService{}, s.failed(err)
	}
	if req.Spec.AWS != nil && req.Spec.AWS.Service != "" {
		change.Action, change.ID = link.ActionAdopt, req.Spec.AWS.Service
		found = slices.DeleteFunc(found, func(c ec2types.ServiceConfiguration) bool {
			return sdk.ToString(c.ServiceId) != change.ID || serviceState(c.ServiceState).Over()
		})
	}
	var have *activities.Service
	if len(found) > 0 {
		view := serviceView(found[0])
		have, change.Action, change.ID = &view, link.ActionChange, view.ID
	}
	changes, err := s.hindered(change, cause)
	if err == nil && have != nil { // what is in the way of one that is there are its load balancers
		changes[0].Differences = differing(link.DriftLoadBalancers, changes[0].Problem.Message)
	}
	return activities.PlannedService{Changes: changes, Service: have}, err
}

// newService plans a service that is not there, and looks whether its load balancers are free. An audit only wants to know
// that it is missing.
func (s *site) newService(ctx context.Context, want wantedService) ([]link.PlannedChange, error) {
	change := s.planned(link.ActionCreate, link.KindService, link.KnownAfterApply, want.shown(s.place.Region)...)
	if s.seen != nil {
		return []link.PlannedChange{change}, nil
	}
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

// PlanRecord implements [activities.Planner].
func (p *Planner) PlanRecord(ctx context.Context, req activities.RecordRequest) ([]link.PlannedChange, error) {
	s, err := p.at(ctx, req.Place)
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
	s, err := p.at(ctx, req.Place)
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
	s, err := p.at(ctx, req.Place)
	if err != nil {
		return activities.ServiceName{}, err
	}
	return s.nameIn(ctx, req.Parameter)
}

// LookUpService implements [activities.Planner].
func (p *Planner) LookUpService(ctx context.Context, req activities.LocateServiceRequest) (activities.VisibleService, error) {
	s, err := p.at(ctx, req.Place)
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
