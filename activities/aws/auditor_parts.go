package aws

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strconv"

	sdk "github.com/aws/aws-sdk-go-v2/aws"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/activities/audits"
	"github.com/linkwright/linkwright/activities/sets"
	"github.com/linkwright/linkwright/internal/link"
)

// part is one of the things that a flow stands by.
type part struct {
	// alone says that nothing of it can be seen without a look at this one thing.
	alone bool
	look  func(context.Context) ([]link.Drift, error)
}

// parts are the things of an expectation, in the order in which they were made.
func (p *Planner) parts(e activities.Expectation) []part {
	var parts []part
	add := func(alone bool, look func(context.Context) ([]link.Drift, error)) {
		parts = append(parts, part{alone, look})
	}
	if e.Service != nil {
		add(false, func(ctx context.Context) ([]link.Drift, error) { return p.serviceDrifts(ctx, e) })
	}
	if e.Proof != nil {
		add(true, replanned(p.PlanRecord, *e.Proof))
	}
	if e.Name != nil {
		add(false, func(ctx context.Context) ([]link.Drift, error) { return p.nameDrifts(ctx, *e.Name) })
	}
	if e.Connection != nil {
		add(false, func(ctx context.Context) ([]link.Drift, error) {
			return p.connectionDrifts(ctx, *e.Connection, e.Unapproved)
		})
	}
	if e.SecurityGroup != nil {
		add(false, func(ctx context.Context) ([]link.Drift, error) {
			planned, err := p.PlanSecurityGroup(ctx, *e.SecurityGroup)
			return driftsOf(planned.Changes), err
		})
	}
	if e.Endpoint != nil {
		add(false, func(ctx context.Context) ([]link.Drift, error) { return p.endpointDrifts(ctx, e) })
	}
	if e.Zone != nil {
		add(e.Zone.Name == "", func(ctx context.Context) ([]link.Drift, error) {
			planned, err := p.PlanZone(ctx, *e.Zone)
			return driftsOf(planned.Changes), err
		})
	}
	for _, seen := range e.ZoneVPCs {
		add(true, replanned(p.PlanZoneVPC, seen))
	}
	if e.Records != nil {
		add(true, replanned(p.PlanRecords, *e.Records))
	}
	if e.TargetGroup != nil {
		add(false, func(ctx context.Context) ([]link.Drift, error) {
			planned, err := p.PlanTargetGroup(ctx, *e.TargetGroup)
			return driftsOf(planned.Changes), err
		})
	}
	if e.Targets != nil {
		add(true, func(ctx context.Context) ([]link.Drift, error) {
			return p.targetDrifts(ctx, *e.Targets, e.TargetGroup != nil)
		})
	}
	if e.Route != nil {
		add(true, replanned(p.PlanRoute, *e.Route))
	}
	return parts
}

// readsFor reports whether something that a flow stands by takes looks at it alone.
func readsFor(e activities.Expectation) bool {
	return e.Service != nil || e.Proof != nil || e.Zone != nil && e.Zone.Name == "" || len(e.ZoneVPCs) > 0 || e.Records != nil ||
		e.TargetGroup != nil && len(e.TargetGroup.Want.Attributes) > 0 || e.Targets != nil || e.Route != nil
}

// replanned is what has drifted by the plan of a step.
func replanned[Req any](plan func(context.Context, Req) ([]link.PlannedChange, error), req Req) func(context.Context) ([]link.Drift, error) {
	return func(ctx context.Context) ([]link.Drift, error) {
		changes, err := plan(ctx, req)
		return driftsOf(changes), err
	}
}

func driftsOf(changes []link.PlannedChange) []link.Drift {
	var all []link.Drift
	for _, c := range changes {
		all = append(all, c.Drifts()...)
	}
	return all
}

// drifted are differences that no step would set right by itself.
func (s *site) drifted(kind, id string, differences ...link.Difference) []link.Drift {
	return s.kept(kind, id, differences).Drifts()
}

func (p *Planner) serviceDrifts(ctx context.Context, e activities.Expectation) ([]link.Drift, error) {
	planned, err := p.PlanService(ctx, *e.Service)
	if err != nil {
		return nil, err
	}
	drifts, service := driftsOf(planned.Changes), planned.Service
	if service == nil {
		return drifts, nil
	}
	s, err := p.at(ctx, e.Service.Place)
	if err != nil {
		return nil, err
	}
	if known := e.Service.Known; known != "" && known != service.ID {
		drifts = append(drifts, s.drifted(link.KindService, service.ID, inPlaceOf(link.DriftServiceGone, known)...)...)
	}
	if edit := sets.Diff(e.Zones, service.Zones); len(e.Zones) > 0 && !edit.Empty() {
		drifts = append(drifts, s.drifted(link.KindService, service.ID, differing(link.DriftZones, "availability zones "+edit.String())...)...)
	}
	if e.Verified && (service.Domain == nil || service.Domain.State != activities.DomainVerified) {
		how := "it has no private DNS name"
		if service.Domain != nil {
			how = fmt.Sprintf("the domain of %s is %s", service.Domain.Name, service.Domain.State)
		}
		drifts = append(drifts, s.drifted(link.KindService, service.ID, differing(link.DriftVerification, how)...)...)
	}
	return drifts, nil
}

// inPlaceOf is the difference of something that was made by somebody else after ours was gone.
func inPlaceOf(kind link.DriftKind, known string) []link.Difference {
	return differing(kind, "it stands in the place of "+known+", which is gone")
}

// connectionDrifts says how a connection that was let in stands, when it does not carry traffic, or carries some that
// nobody has approved.
func (p *Planner) connectionDrifts(ctx context.Context, req activities.ConnectionRequest, unapproved bool) ([]link.Drift, error) {
	s, err := p.at(ctx, req.Place)
	if err != nil {
		return nil, err
	}
	found, err := s.connections(ctx, filter("service-id", req.ServiceID), filter("vpc-endpoint-id", req.Endpoint))
	if err != nil {
		return nil, s.failed(err)
	}
	how := "gone"
	for _, c := range found {
		state := endpointState(c.VpcEndpointState)
		switch {
		case state.LetIn() && unapproved:
			return s.drifted(link.KindFlow, req.Endpoint, audits.Unapproved()), nil
		case state.LetIn():
			return nil, nil
		}
		how = string(state)
	}
	return s.drifted(link.KindFlow, req.Endpoint, differing(link.DriftConnection, "it was let in, and is "+how)...), nil
}

func (p *Planner) endpointDrifts(ctx context.Context, e activities.Expectation) ([]link.Drift, error) {
	planned, err := p.PlanEndpoint(ctx, *e.Endpoint)
	if err != nil {
		return nil, err
	}
	endpoint := planned.Endpoint
	if endpoint == nil {
		return driftsOf(planned.Changes[:max(1, len(planned.Changes)-1)]), nil // that another is made says nothing new
	}
	s, err := p.at(ctx, e.Endpoint.Place)
	if err != nil {
		return nil, err
	}
	drifts := driftsOf(planned.Changes)
	if known := e.Endpoint.Known; known != "" && known != endpoint.ID {
		drifts = append(drifts, s.drifted(link.KindEndpoint, endpoint.ID, inPlaceOf(link.DriftEndpointGone, known)...)...)
	}
	var have []string
	for _, a := range endpoint.Addresses {
		have = append(have, a.IP)
	}
	if edit := sets.Diff(e.Addresses, have); len(e.Addresses) > 0 && !edit.Empty() {
		drifts = append(drifts, s.drifted(link.KindEndpoint, endpoint.ID, differing(link.DriftAddresses, "addresses "+edit.String())...)...)
	}
	return drifts, nil
}

// targetDrifts looks at the targets of a connection, and, in a group that is ours, at all others.
func (p *Planner) targetDrifts(ctx context.Context, req activities.TargetsRequest, ours bool) ([]link.Drift, error) {
	s, err := p.at(ctx, req.Place)
	if err != nil {
		return nil, err
	}
	group, err := s.targetHealth(ctx, req.TargetGroup)
	if hasCode(err, "TargetGroupNotFound") {
		return s.drifted(link.KindTargetGroup, req.TargetGroup, differing(link.DriftTargetGroup, "it is missing")...), nil
	}
	if err != nil {
		return nil, s.failed(err)
	}
	var differs []link.Difference
	plan := planTargets(group, req.Port, req.Wanted, req.Owned, nil)
	for _, t := range plan.Register {
		differs = append(differs, differing(link.DriftTargets, targetID(t)+" is missing")...)
	}
	for _, t := range plan.Deregister {
		differs = append(differs, differing(link.DriftTargets, targetID(t)+" is not wanted any more")...)
	}
	for _, d := range group {
		if !ours || d.Target == nil || leaving(d) {
			continue
		}
		if ip, port := sdk.ToString(d.Target.Id), sdk.ToInt32(d.Target.Port); !p.seen.wanted.targets[groupTarget{req.TargetGroup, ip, port}] {
			differs = append(differs, differing(link.DriftForeignTargets, net.JoinHostPort(ip, strconv.Itoa(int(port)))+" is nobody's")...)
		}
	}
	present := slices.DeleteFunc(slices.Clone(req.Wanted), func(ip string) bool {
		_, v := judgeTarget(group, req.Port, ip)
		return v == someNotPresent
	})
	if health, v := judgeHealth(group, req.Port, present); v == someUnhealthy || v == groupUnused {
		differs = append(differs, differing(link.DriftTargetHealth, showHealth(health))...)
	}
	return s.drifted(link.KindTarget, req.TargetGroup, differs...), nil
}
