package aws

import (
	"context"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// Auditor plans what flows stand by once more, on a snapshot.
type Auditor struct {
	config Config
	fleet  activities.Fleet
}

var _ activities.Auditor = (*Auditor)(nil)

// NewAuditor returns the audit of what a fleet stands by.
func NewAuditor(c Config, fleet activities.Fleet) *Auditor { return &Auditor{c.withDefaults(), fleet} }

// Audit implements [activities.Auditor].
func (a *Auditor) Audit(ctx context.Context, req activities.AuditRequest) (activities.Audit, error) {
	expected, err := a.fleet.Expected(ctx, req.Place, req.Flows)
	if err != nil {
		return activities.Audit{}, err
	}
	seen := newSnapshot()
	planner := &Planner{config: a.config, seen: seen}
	audit := activities.Audit{Links: len(expected)}
	for _, e := range expected {
		changes, err := planner.drift(ctx, e.Expectation)
		if err != nil {
			return activities.Audit{}, err
		}
		if len(changes) > 0 {
			audit.Drifted = append(audit.Drifted, activities.Drifted{Flow: e.Flow, Changes: changes})
		}
	}
	slices.SortFunc(audit.Drifted, func(x, y activities.Drifted) int { return strings.Compare(x.Flow, y.Flow) })
	if req.Orphans {
		audit.Orphans, err = a.orphans(ctx, req.Place, seen)
	}
	return audit, err
}

// drift is what keeping to an expectation would change.
func (p *Planner) drift(ctx context.Context, e activities.Expectation) ([]link.PlannedChange, error) {
	var all []link.PlannedChange
	if e.Service != nil {
		planned, err := p.PlanService(ctx, *e.Service)
		if err != nil {
			return nil, err
		}
		all = append(all, planned.Changes...)
	}
	if e.SecurityGroup != nil {
		planned, err := p.PlanSecurityGroup(ctx, *e.SecurityGroup)
		if err != nil {
			return nil, err
		}
		all = append(all, planned.Changes...)
	}
	if e.Endpoint != nil {
		planned, err := p.PlanEndpoint(ctx, *e.Endpoint)
		if err != nil {
			return nil, err
		}
		all = append(all, planned.Changes...)
	}
	if e.Connection != nil {
		change, err := p.connectionDrift(ctx, *e.Connection)
		if err != nil {
			return nil, err
		}
		all = append(all, change...)
	}
	return slices.DeleteFunc(all, func(c link.PlannedChange) bool { return c.Action == link.ActionKeep }), nil
}

// connectionDrift says how a connection that was let in stands, when it does not carry traffic.
func (p *Planner) connectionDrift(ctx context.Context, req activities.ConnectionRequest) ([]link.PlannedChange, error) {
	s, err := p.at(ctx, req.Place)
	if err != nil {
		return nil, err
	}
	found, err := s.connections(ctx, filter("service-id", req.ServiceID), filter("vpc-endpoint-id", req.Endpoint))
	if err != nil {
		return nil, s.failed(err)
	}
	how := "gone"
	if len(found) > 0 {
		state := endpointState(found[0].VpcEndpointState)
		if state.LetIn() {
			return nil, nil
		}
		how = string(state)
	}
	return []link.PlannedChange{s.planned(link.ActionChange, link.KindFlow, req.Endpoint, "it was let in, and is "+how)}, nil
}

// orphans are the things in a snapshot whose flow does not run. They are of the kinds that somebody stands by here: of
// others, nobody has allowed us to see any.
func (a *Auditor) orphans(ctx context.Context, at activities.Place, seen *snapshot) ([]link.Resource, error) {
	var all []link.Resource
	runs := map[activities.Owner]bool{}
	check := func(kind, id string, tags []ec2types.Tag) error {
		owner := ownerOf(tags)
		known, ok := runs[owner]
		if !ok && owner != "" {
			var err error
			if known, err = a.fleet.Owns(ctx, owner); err != nil {
				return err
			}
			runs[owner] = known
		}
		if owner != "" && !known {
			all = append(all, link.Resource{Kind: kind, ID: id, Account: at.Account, Region: at.Region, Detail: string(owner)})
		}
		return nil
	}
	for _, c := range seen.services.found {
		if err := check(link.KindService, sdk.ToString(c.ServiceId), c.Tags); err != nil {
			return nil, err
		}
	}
	for _, e := range seen.endpoints.found {
		if err := check(link.KindEndpoint, sdk.ToString(e.VpcEndpointId), e.Tags); err != nil {
			return nil, err
		}
	}
	for _, g := range seen.groups.found {
		if err := check(link.KindSecurityGroup, sdk.ToString(g.GroupId), g.Tags); err != nil {
			return nil, err
		}
	}
	return all, nil
}
