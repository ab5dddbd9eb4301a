package activities

import (
	"context"
	"slices"

	"github.com/linkwright/linkwright/internal/link"
)

// Planner looks, on behalf of a plan, at what the steps that make and keep things would find, and says what they would
// do. None of its steps changes anything, and none waits: what a step would wait for, or be blocked by, stands in the
// plan. An error says that the planner was kept from looking.
type Planner interface {
	// PlanService is about [Provider.EnsureService].
	PlanService(context.Context, EnsureServiceRequest) (PlannedService, error)
	// PlanRecord is about [Zones.EnsureRecord].
	PlanRecord(context.Context, RecordRequest) ([]link.PlannedChange, error)
	// PlanName is about [Names.PublishName]. The value is empty while it is not known.
	PlanName(context.Context, NameRequest) ([]link.PlannedChange, error)
	// LookUpName is [Names.ReadName] without its patience: the name is empty while there is none.
	LookUpName(context.Context, ReadNameRequest) (ServiceName, error)
	// LookUpService is [Consumer.LocateService] without its patience.
	LookUpService(context.Context, LocateServiceRequest) (VisibleService, error)
	// PlanSecurityGroup is about [Consumer.EnsureSecurityGroup].
	PlanSecurityGroup(context.Context, SecurityGroupRequest) (PlannedGroup, error)
	// PlanEndpoint is about [Consumer.EnsureEndpoint] and [Consumer.SetPrivateDNS]. The service's name is empty while
	// it is not known.
	PlanEndpoint(context.Context, EnsureEndpointRequest) (PlannedEndpoint, error)
	// PlanZone is about [HostedZones.EnsureZone].
	PlanZone(context.Context, ZoneRequest) (PlannedZone, error)
	// PlanZoneVPC is about [HostedZones.AssociateVPC].
	PlanZoneVPC(context.Context, ZoneVPCRequest) ([]link.PlannedChange, error)
	// PlanRecords is about [HostedZones.EnsureRecords].
	PlanRecords(context.Context, ZoneRecordsRequest) ([]link.PlannedChange, error)
	// PlanTargetGroup is about [Ingress.EnsureTargetGroup].
	PlanTargetGroup(context.Context, TargetGroupRequest) (PlannedGroup, error)
	// PlanTargets is about [Ingress.EnsureTargets].
	PlanTargets(context.Context, TargetsRequest) ([]link.PlannedChange, error)
	// PlanRoute is about [Ingress.FindCertificate] and [Ingress.EnsureRoute]. The target group is empty while it is not
	// known.
	PlanRoute(context.Context, RouteRequest) ([]link.PlannedChange, error)
}

// PlannedService is what is to become of a service.
type PlannedService struct {
	Changes []link.PlannedChange `json:"changes"`
	// Service is how it is now; nil when it is not there.
	Service *Service `json:"service,omitempty"`
}

// VisibleService is what a consumer sees of a service.
type VisibleService struct {
	ServiceLocation
	// Visible is false when the consumer does not see the service, and Problem says why it cannot be connected to.
	Visible bool          `json:"visible"`
	Problem *link.Problem `json:"problem,omitempty"`
}

// PlannedGroup is what is to become of a security group or a target group.
type PlannedGroup struct {
	Changes []link.PlannedChange `json:"changes"`
	// ID is its id, or its ARN; empty when it is not there.
	ID string `json:"id,omitempty"`
}

// PlannedEndpoint is what is to become of an endpoint.
type PlannedEndpoint struct {
	Changes []link.PlannedChange `json:"changes"`
	// Endpoint is how it is now, its addresses included; nil when it is not there, or is to be replaced.
	Endpoint *Endpoint `json:"endpoint,omitempty"`
}

// PlannedZone is what is to become of a private hosted zone.
type PlannedZone struct {
	Changes []link.PlannedChange `json:"changes"`
	// Zone is how it is now; nil when it is not there.
	Zone *Zone `json:"zone,omitempty"`
}

// Planned is what is to become of something in the place.
func (p Place) Planned(action link.Action, kind, id string, details ...string) link.PlannedChange {
	return link.PlannedChange{Action: action, Kind: kind, ID: id, Account: p.Account, Region: p.Region, Details: details}
}

// Kept is something that is there, and what about it would be changed.
func (p Place) Kept(kind, id string, differences []link.Difference) link.PlannedChange {
	kept := p.Planned(link.ActionKeep, kind, id)
	for _, d := range differences {
		kept.Action, kept.Details = link.ActionChange, append(kept.Details, d.Text)
	}
	kept.Differences = differences
	return kept
}

// Hindered puts what a step would be blocked by into the plan. What keeps the planner from looking stays an error.
func Hindered(change link.PlannedChange, err error) ([]link.PlannedChange, error) {
	p, ok := ProblemOf(err)
	if !ok || slices.Contains([]link.Reason{
		link.ReasonMissingPermission, link.ReasonBadCredentials, link.ReasonUnknownAccount, link.ReasonNoWorker, link.ReasonUnavailable,
	}, p.Reason) {
		return nil, err
	}
	change.Problem = &p
	return []link.PlannedChange{change}, nil
}
