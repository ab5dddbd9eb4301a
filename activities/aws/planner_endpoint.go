package aws

import (
	"context"
	"fmt"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// PlanSecurityGroup implements [activities.Planner].
func (p *Planner) PlanSecurityGroup(ctx context.Context, req activities.SecurityGroupRequest) (activities.PlannedGroup, error) {
	s, err := p.config.at(ctx, req.Place)
	if err != nil {
		return activities.PlannedGroup{}, err
	}
	have, elsewhere, err := s.lookForGroup(ctx, req)
	if err != nil {
		changes, err := s.hindered(s.planned(link.ActionCreate, link.KindSecurityGroup, link.KnownAfterApply), err)
		return activities.PlannedGroup{Changes: changes}, err
	}
	var plan activities.PlannedGroup
	for _, id := range elsewhere {
		plan.Changes = append(plan.Changes, s.planned(link.ActionDelete, link.KindSecurityGroup, id, "it is in another VPC"))
	}
	if have == nil {
		rules := planRules(nil, *req.Want).shown()
		plan.Changes = append(plan.Changes, s.planned(link.ActionCreate, link.KindSecurityGroup, link.KnownAfterApply, append(rules, "in "+req.VPC)...))
		return plan, nil
	}
	plan.ID = sdk.ToString(have.GroupId)
	plan.Changes = append(plan.Changes, s.kept(link.KindSecurityGroup, plan.ID, planRules(have.IpPermissions, *req.Want).shown()))
	return plan, nil
}

// PlanEndpoint implements [activities.Planner].
func (p *Planner) PlanEndpoint(ctx context.Context, req activities.EnsureEndpointRequest) (activities.PlannedEndpoint, error) {
	s, err := p.config.at(ctx, req.Place)
	if err != nil {
		return activities.PlannedEndpoint{}, err
	}
	if req.Spec.AWS == nil {
		return activities.PlannedEndpoint{}, s.blocked(specWithoutAWS, nil)
	}
	change := newEndpoint(s, req)
	var found endpointFound
	if req.ServiceName != "" {
		if found, err = s.lookForEndpoint(ctx, req); err == nil && found.missing {
			err = s.blocked(endpointMissing(req.Spec.AWS.Endpoint), nil)
		}
		if err != nil {
			changes, err := s.hindered(change, err)
			return activities.PlannedEndpoint{Changes: changes}, err
		}
	}
	if found.kept != nil {
		return s.standingEndpoint(ctx, req, found)
	}
	var plan activities.PlannedEndpoint
	for _, e := range found.replaced {
		plan.Changes = append(plan.Changes, s.planned(link.ActionDelete, link.KindEndpoint, e.id, e.why))
	}
	made := []link.PlannedChange{change}
	if err := s.checkNewEndpoint(ctx, req); err != nil {
		if made, err = s.hindered(change, err); err != nil {
			return activities.PlannedEndpoint{}, err
		}
	}
	plan.Changes = append(plan.Changes, made...)
	return plan, nil
}

// newEndpoint is the endpoint of a spec, before anything was found of it.
func newEndpoint(s *site, req activities.EnsureEndpointRequest) link.PlannedChange {
	want := req.Spec.AWS
	if want.Endpoint != "" {
		return s.planned(link.ActionAdopt, link.KindEndpoint, want.Endpoint)
	}
	service := req.ServiceName
	if service == "" {
		service = "the service, whose name is known after apply"
	}
	change := s.planned(link.ActionCreate, link.KindEndpoint, link.KnownAfterApply,
		"to "+service, "in "+want.VPC+", subnets "+strings.Join(want.Subnets, ", "))
	if len(want.SecurityGroups) > 0 {
		change.Details = append(change.Details, "security groups "+strings.Join(want.SecurityGroups, ", "))
	} else {
		change.Details = append(change.Details, link.DefaultGroupEffect(want.VPC))
	}
	if req.Spec.DNS.Mode == link.DNSPrivate {
		change.Details = append(change.Details, "private DNS on, once it is let in")
	}
	return change
}

// standingEndpoint plans for an endpoint that is there.
func (s *site) standingEndpoint(ctx context.Context, req activities.EnsureEndpointRequest, found endpointFound) (activities.PlannedEndpoint, error) {
	e := *found.kept
	view := endpointView(e)
	var err error
	if view.Addresses, err = s.addresses(ctx, e); err != nil {
		return activities.PlannedEndpoint{}, s.failed(err)
	}
	differs := planEndpoint(e, req.Spec.AWS).shown()
	private := req.Spec.DNS.Mode == link.DNSPrivate
	if private != view.PrivateDNS {
		differs = append(differs, map[bool]string{true: "private DNS on", false: "private DNS off"}[private])
	}
	change := s.kept(link.KindEndpoint, view.ID, differs)
	if found.untagged {
		change.Action, change.TakesOver = link.ActionAdopt, true
	}
	if len(req.Spec.AWS.SecurityGroups) == 0 && req.Spec.AWS.Endpoint == "" {
		change.Details = append(change.Details, link.DefaultGroupEffect(view.Network))
	}
	changes := []link.PlannedChange{change}
	for _, r := range found.replaced {
		changes = append(changes, s.planned(link.ActionDelete, link.KindEndpoint, r.id, r.why))
	}
	if private && !view.PrivateDNS {
		if err := s.checkPrivateDNS(ctx, view.Network, req.ServiceName, req.ServiceRegion); err != nil {
			hindered, err := s.hindered(change, err)
			if err != nil {
				return activities.PlannedEndpoint{}, err
			}
			changes[0] = hindered[0]
		}
	}
	return activities.PlannedEndpoint{Changes: changes, Endpoint: &view}, nil
}

// checkNewEndpoint looks at what could keep an endpoint from being made, or from having private DNS.
func (s *site) checkNewEndpoint(ctx context.Context, req activities.EnsureEndpointRequest) error {
	vpc := req.Spec.AWS.VPC
	if req.Spec.DNS.Mode == link.DNSPrivate {
		if err := s.checkVPCResolves(ctx, vpc); err != nil {
			return err
		}
	}
	quota, source, err := s.endpointQuota(ctx)
	if err != nil || source != fromServiceQuotas { // a guess keeps nobody from trying
		return err
	}
	there, err := s.endpoints(ctx, filter("vpc-id", vpc), countedEndpoints())
	if err != nil {
		return s.failed(err)
	}
	if len(there) < quota {
		return nil
	}
	return s.blocked(link.Problem{
		Reason:  link.ReasonQuotaFull,
		Message: fmt.Sprintf("%s has %d of %d endpoints", vpc, len(there), quota),
		Remedy: "delete endpoints that nobody needs, or raise the quota of interface endpoints per VPC " +
			"(Service Quotas, vpc, " + endpointQuotaCode + ")",
	}, nil)
}

// countedEndpoints selects the endpoints that count against the quota.
func countedEndpoints() ec2types.Filter {
	return filter("vpc-endpoint-type", string(ec2types.VpcEndpointTypeInterface), string(ec2types.VpcEndpointTypeGatewayLoadBalancer))
}
