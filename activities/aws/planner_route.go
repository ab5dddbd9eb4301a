package aws

import (
	"context"
	"fmt"
	"net"
	"strconv"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// PlanTargetGroup implements [activities.Planner].
func (p *Planner) PlanTargetGroup(ctx context.Context, req activities.TargetGroupRequest) (activities.PlannedGroup, error) {
	s, err := p.at(ctx, req.Place)
	if err != nil {
		return activities.PlannedGroup{}, err
	}
	change := s.planned(link.ActionCreate, link.KindTargetGroup, link.KnownAfterApply)
	at, have, err := s.lookForTargetGroup(ctx, req)
	if err != nil {
		changes, err := s.hindered(change, err)
		return activities.PlannedGroup{Changes: changes}, err
	}
	if have == nil {
		change.ID = targetGroupName(req.Owner, req.Name, at, req.Want, req.Port)
		change.Details = []string{fmt.Sprintf("%s on port %d, in %s", req.Want.Protocol, req.Port, at.vpc)}
		return activities.PlannedGroup{Changes: []link.PlannedChange{change}}, nil
	}
	arn := sdk.ToString(have.TargetGroupArn)
	differs, err := s.targetGroupChange(ctx, *have, req)
	if err != nil {
		change.ID = arn
		changes, err := s.hindered(change, err)
		return activities.PlannedGroup{Changes: changes, ID: arn}, err
	}
	return activities.PlannedGroup{ID: arn, Changes: []link.PlannedChange{s.kept(link.KindTargetGroup, arn, differing(link.DriftTargetGroup, differs.shown...))}}, nil
}

// PlanTargets implements [activities.Planner].
func (p *Planner) PlanTargets(ctx context.Context, req activities.TargetsRequest) ([]link.PlannedChange, error) {
	s, err := p.at(ctx, req.Place)
	if err != nil {
		return nil, err
	}
	in := "in " + req.TargetGroup
	plan, err := s.targetPlan(ctx, req)
	if err != nil {
		return s.hindered(s.planned(link.ActionCreate, link.KindTarget, link.KnownAfterApply, in), err)
	}
	var all []link.PlannedChange
	missing := map[string]bool{}
	for _, t := range plan.Register {
		missing[sdk.ToString(t.Id)] = true
		all = append(all, s.planned(link.ActionCreate, link.KindTarget, targetID(t), in))
	}
	for _, ip := range unique(req.Wanted) {
		if !missing[ip] {
			all = append(all, s.planned(link.ActionKeep, link.KindTarget, net.JoinHostPort(ip, strconv.Itoa(int(req.Port)))))
		}
	}
	for _, t := range plan.Deregister {
		all = append(all, s.planned(link.ActionDelete, link.KindTarget, targetID(t), in))
	}
	return all, nil
}

func targetID(t elbtypes.TargetDescription) string {
	return net.JoinHostPort(sdk.ToString(t.Id), strconv.Itoa(int(sdk.ToInt32(t.Port))))
}

// PlanRoute implements [activities.Planner]. A load balancer that is full is said to be.
func (p *Planner) PlanRoute(ctx context.Context, req activities.RouteRequest) ([]link.PlannedChange, error) {
	s, err := p.at(ctx, req.Place)
	if err != nil {
		return nil, err
	}
	l, err := s.httpsListener(ctx, req.Listener)
	if err != nil {
		return s.hindered(s.planned(link.ActionCreate, link.KindListenerRule, link.KnownAfterApply, "at "+req.Listener), err)
	}
	var all []link.PlannedChange
	for _, part := range []func() ([]link.PlannedChange, error){
		func() ([]link.PlannedChange, error) {
			return s.planWebACL(ctx, sdk.ToString(l.LoadBalancerArn), req.Want)
		},
		func() ([]link.PlannedChange, error) { return s.planCertificate(ctx, req) },
		func() ([]link.PlannedChange, error) { return s.planListenerRule(ctx, req) },
	} {
		changes, err := part()
		if err != nil {
			return nil, s.failed(err)
		}
		all = append(all, changes...)
	}
	return all, nil
}

func (s *site) planWebACL(ctx context.Context, loadBalancer string, want link.Route) ([]link.PlannedChange, error) {
	if want.WebACL == "" {
		return nil, nil
	}
	change := s.planned(link.ActionCreate, link.KindWebACL, want.WebACL, "before "+loadBalancer)
	lacks, err := s.lacksWebACL(ctx, loadBalancer, want)
	switch {
	case err != nil:
		return s.hindered(change, err)
	case !lacks:
		change.Action, change.Details = link.ActionKeep, nil
	}
	return []link.PlannedChange{change}, nil
}

func (s *site) planCertificate(ctx context.Context, req activities.RouteRequest) ([]link.PlannedChange, error) {
	found, err := s.routeCertificate(ctx, req)
	change := s.planned(link.ActionCreate, link.KindCertificate, found.ARN, "at "+req.Listener)
	switch {
	case err != nil:
		change.ID = link.KnownAfterApply
		return s.hindered(change, err)
	case found.OnListener:
		change.Action, change.Details = link.ActionKeep, nil
	}
	return []link.PlannedChange{change}, nil
}

func (s *site) planListenerRule(ctx context.Context, req activities.RouteRequest) ([]link.PlannedChange, error) {
	want := matchFor(req.Want)
	group := req.TargetGroup
	if group == "" {
		group = link.KnownAfterApply
	}
	change := s.planned(link.ActionCreate, link.KindListenerRule, link.KnownAfterApply, "for "+want.String(), "at "+req.Listener)
	plan, err := s.rulePlan(ctx, req, want)
	switch {
	case err != nil:
		return s.hindered(change, err)
	case plan.Create:
		change.Details = append(change.Details, fmt.Sprintf("at priority %d", plan.Priority))
		return []link.PlannedChange{change}, nil
	}
	return []link.PlannedChange{s.kept(link.KindListenerRule, sdk.ToString(plan.Rule.RuleArn), differing(link.DriftRoute, plan.shown(group)...))}, nil
}
