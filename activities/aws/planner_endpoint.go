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
	s, err := p.at(ctx, req.Place)
	if err != nil {
		return activities.PlannedGroup{}, err
	}
	found, err := s.lookForGroup(ctx, req)
	if err != nil {
		changes, err := s.hindered(s.planned(link.ActionCreate, link.KindSecurityGroup, link.KnownAfterApply), err)
		return activities.PlannedGroup{Changes: changes}, err
	}
	var plan activities.PlannedGroup
	for _, id := range found.elsewhere {
		plan.Changes = append(plan.Changes, s.planned(link.ActionDelete, link.KindSecurityGroup, id, "it is in another VPC"))
	}
	have := found.have
	if have == nil {
		rules := texts(planRules(nil, *req.Want).differences())
		plan.Changes = append(plan.Changes, s.planned(link.ActionCreate, link.KindSecurityGroup, link.KnownAfterApply, append(rules, "in "+req.VPC)...))
		return plan, nil
	}
	plan.ID = sdk.ToString(have.GroupId)
	plan.Changes = append(plan.Changes,
		s.keptOrAdopted(link.KindSecurityGroup, plan.ID, planRules(have.IpPermissions, *req.Want).differences(), found.untagged))
	return plan, nil
}

// PlanEndpoint implements [activities.Planner].
func (p *Planner) PlanEndpoint(ctx context.Context, req activities.EnsureEndpointRequest) (activities.PlannedEndpoint, error) {
	s, err := p.at(ctx, req.Place)
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
	plan := activities.PlannedEndpoint{Changes: s.replacedEndpoints(found)}
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
	differs := planEndpoint(e, req.Spec.AWS).differences()
	private := req.Spec.DNS.Mode == link.DNSPrivate
	if private != view.PrivateDNS {
		differs = append(differs, differing(link.DriftPrivateDNS, map[bool]string{true: "private DNS on", false: "private DNS off"}[private])...)
	}
	change := s.keptOrAdopted(link.KindEndpoint, view.ID, differs, found.untagged || found.takesOver)
	change.TakesOver = found.takesOver
	if len(req.Spec.AWS.SecurityGroups) == 0 && req.Spec.AWS.Endpoint == "" {
		change.Details = append(change.Details, link.DefaultGroupEffect(view.Network))
	}
	changes := append([]link.PlannedChange{change}, s.replacedEndpoints(found)...)
	if private && !view.PrivateDNS && s.seen == nil {
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

// replacedEndpoints are planned to be deleted.
func (s *site) replacedEndpoints(found endpointFound) []link.PlannedChange {
	var changes []link.PlannedChange
	for _, e := range found.replaced {
		change := s.planned(link.ActionDelete, link.KindEndpoint, e.id, e.gone.Text)
		change.Differences = []link.Difference{e.gone}
		changes = append(changes, change)
	}
	return changes
}

// checkNewEndpoint looks at what could keep an endpoint from being made, or from having private DNS. An audit only wants
// to know that it is missing.
func (s *site) checkNewEndpoint(ctx context.Context, req activities.EnsureEndpointRequest) error {
	if s.seen != nil {
		return nil
	}
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
