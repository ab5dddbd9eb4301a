package azure

import (
	"context"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"

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

func (s *site) kept(kind, id string, differences []link.Difference) link.PlannedChange {
	return s.place.Kept(kind, id, differences)
}

// hindered puts what a step would be blocked by into the plan: were the thing there once, a drift of the kind.
func (s *site) hindered(change link.PlannedChange, kind link.DriftKind, err error) ([]link.PlannedChange, error) {
	changes, err := activities.Hindered(change, s.failed(err))
	for i, c := range changes {
		changes[i].Differences = []link.Difference{{Kind: kind, Text: c.Problem.Message}}
	}
	return changes, err
}

// PlanService implements [activities.Planner].
func (p *Planner) PlanService(ctx context.Context, req activities.EnsureServiceRequest) (activities.PlannedService, error) {
	s, err := p.config.at(ctx, req.Place)
	if err != nil {
		return activities.PlannedService{}, err
	}
	return s.planService(ctx, req)
}

func (s *site) planService(ctx context.Context, req activities.EnsureServiceRequest) (activities.PlannedService, error) {
	if req.Spec.Azure == nil {
		return activities.PlannedService{}, s.blocked(specWithoutAzure, nil)
	}
	if id := req.Spec.Azure.PrivateLinkService; id != "" {
		return s.planStanding(ctx, id)
	}
	found, err := s.lookForService(ctx, req)
	id := normalID(found.id).String()
	switch {
	case err != nil:
		change := s.planned(link.ActionCreate, link.KindPrivateLinkService, id)
		var plan activities.PlannedService
		if found.have != nil {
			view := serviceView(*found.have)
			plan.Service, change.Action = &view, link.ActionChange
		}
		plan.Changes, err = s.hindered(change, found.blockedOn, err)
		return plan, err
	case found.have == nil:
		return activities.PlannedService{Changes: append(s.plannedSubnet(found),
			s.planned(link.ActionCreate, link.KindPrivateLinkService, id, found.want.shown()...))}, nil
	}
	view := serviceView(*found.have)
	plan := activities.PlannedService{Service: &view}
	kept := s.kept(link.KindPrivateLinkService, id, append(found.plan.Cannot, found.plan.Changes...))
	switch {
	case len(found.plan.Cannot) == 0:
		if len(found.plan.Changes) > 0 {
			plan.Changes = s.plannedSubnet(found)
		}
		plan.Changes = append(plan.Changes, kept)
	case req.Spec.Azure.AllowReplacement:
		gone := s.planned(link.ActionDelete, link.KindPrivateLinkService, id, strings.Join(texts(found.plan.Cannot), "; ")+replacementEffect(*found.have))
		gone.Differences = kept.Differences
		plan.Changes = append(s.plannedSubnet(found), gone,
			s.planned(link.ActionCreate, link.KindPrivateLinkService, id, append(found.want.shown(), "under another alias")...))
	default:
		plan.Changes, err = activities.Hindered(kept, s.blocked(irreplaceable(*found.have, found.plan.Cannot), nil))
	}
	return plan, err
}

// planStanding plans for a service that is there already, about which nothing is changed.
func (s *site) planStanding(ctx context.Context, id string) (activities.PlannedService, error) {
	view, err := s.standingService(ctx, id)
	if err != nil {
		changes, err := s.hindered(s.planned(link.ActionKeep, link.KindPrivateLinkService, id), link.DriftServiceGone, err)
		return activities.PlannedService{Changes: changes}, err
	}
	return activities.PlannedService{Service: &view, Changes: []link.PlannedChange{s.kept(link.KindPrivateLinkService, view.ID, nil)}}, nil
}

// plannedSubnet is the change of the subnet that a service is made in; none when it is ready for one.
func (s *site) plannedSubnet(found serviceFound) []link.PlannedChange {
	if found.subnet == nil || policiesOff(*found.subnet) {
		return nil
	}
	return []link.PlannedChange{s.kept(link.KindSubnet, normal(value(found.subnet.ID)), []link.Difference{
		{Kind: link.DriftSettings, Text: "its network policies for private link services are switched off"},
	})}
}

// LookUpService implements [activities.Planner]. Whether a service is visible, Azure says when an endpoint is made.
func (*Planner) LookUpService(context.Context, activities.LocateServiceRequest) (activities.VisibleService, error) {
	return activities.VisibleService{Visible: true}, nil
}

// PlanEndpoint implements [activities.Planner].
func (p *Planner) PlanEndpoint(ctx context.Context, req activities.EnsureEndpointRequest) (activities.PlannedEndpoint, error) {
	s, err := p.config.at(ctx, req.Place)
	if err != nil {
		return activities.PlannedEndpoint{}, err
	}
	changes, have, err := s.endpointChanges(ctx, req)
	if err != nil || have == nil {
		return activities.PlannedEndpoint{Changes: changes}, err
	}
	view := endpointView(*have)
	if view.Addresses, err = s.addresses(ctx, *have); err != nil {
		return activities.PlannedEndpoint{}, s.failed(err)
	}
	return activities.PlannedEndpoint{Endpoint: &view, Changes: changes}, nil
}

// endpointChanges are what is to become of an endpoint, and the endpoint when it is to stay.
func (s *site) endpointChanges(ctx context.Context, req activities.EnsureEndpointRequest) ([]link.PlannedChange, *armnetwork.PrivateEndpoint, error) {
	if req.Spec.Azure == nil {
		return nil, nil, s.blocked(specWithoutAzure, nil)
	}
	made := s.plannedEndpoint(req)
	if req.ServiceName == "" {
		return []link.PlannedChange{made}, nil, nil
	}
	found, err := s.lookForEndpoint(ctx, req)
	if err == nil && found.have == nil && req.Spec.Azure.PrivateEndpoint != "" {
		err = s.blocked(endpointMissing(req.Spec.Azure.PrivateEndpoint), nil)
	}
	if err == nil && found.have != nil && found.fate == decideEndpoint {
		err = s.blocked(endpointDisconnected(found.id, found.why), nil)
	}
	switch {
	case err != nil:
		changes, err := s.hindered(made, found.blockedOn, err)
		return changes, nil, err
	case found.have == nil:
		return []link.PlannedChange{made}, nil, nil
	case found.fate == replaceEndpoint:
		gone := s.planned(link.ActionDelete, link.KindPrivateEndpoint, made.ID, found.why)
		gone.Differences = []link.Difference{{Kind: link.DriftConnection, Text: found.why}}
		return []link.PlannedChange{gone, made}, nil, nil
	}
	differences, _ := planEndpoint(*found.have, req.Owner, req.Spec.Azure.Tags)
	change := s.kept(link.KindPrivateEndpoint, normal(value(found.have.ID)), differences)
	if ownerOf(found.have.Tags) != req.Owner {
		change.Action = link.ActionAdopt
		if !link.SameAzureID(change.ID, req.Known) {
			change.TakesOver, change.Details = true, nil
		}
	}
	return []link.PlannedChange{change}, found.have, nil
}

// plannedEndpoint is the endpoint of a spec, before anything was found of it.
func (s *site) plannedEndpoint(req activities.EnsureEndpointRequest) link.PlannedChange {
	want := req.Spec.Azure
	if want.PrivateEndpoint != "" {
		return s.planned(link.ActionAdopt, link.KindPrivateEndpoint, normal(want.PrivateEndpoint))
	}
	service := target(req)
	if service == "" {
		service = "the service, whose name is known after apply"
	}
	return s.planned(link.ActionCreate, link.KindPrivateEndpoint, normalID(s.idOf(typeEndpoint, want.ResourceGroup, endpointName(req))).String(),
		"to "+service, "in subnet "+want.Subnet, "it waits until its connection is approved")
}
