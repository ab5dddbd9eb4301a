package workflows

import (
	"fmt"
	"slices"
	"strings"

	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// check looks at everything, and writes down what is about to be made. Before it has ended, nothing was touched.
func (p *peering) check(ctx workflow.Context) (link.Phase, error) {
	if err := knowAccount(ctx, &p.flow, p.Spec.Hub.Account); err != nil {
		return "", err
	}
	_, err := persist(ctx, &p.flow, func() (struct{}, error) {
		said, err := ask[link.VPCInventorySpec](ctx, &p.flow, VPCInventoryID(p.Spec.Inventory), inventoryQuery, 0)
		switch {
		case activities.IsGone(err):
			return struct{}{}, activities.Blocked(p.noInventory(), err)
		case err != nil:
			return struct{}{}, err
		case said.AWS == nil:
			return struct{}{}, activities.Blocked(p.noInventory(), nil)
		}
		return struct{}{}, p.survey(ctx, said)
	})
	return link.Peering, err
}

func (p *peering) noInventory() link.Problem {
	return link.Problem{
		Reason:  link.ReasonInventoryMissing,
		Message: "there is no inventory " + p.Spec.Inventory + ", which says what is to be peered",
		Remedy:  "apply the VPCInventory " + p.Spec.Inventory + ", or remove the peering",
	}
}

// survey is a look at all networks, and at all route tables; a problem when something is not as it must be. It changes
// nothing but what the flow knows.
func (p *peering) survey(ctx workflow.Context, inventory link.VPCInventorySpec) error {
	hub, err := once(ctx, &p.flow, p.Spec.Hub.Account, 0, activities.Peerings.DescribeNetworks, activities.DescribeNetworksRequest{
		Place: p.place(), Networks: []activities.NetworkParts{{
			VPC: p.Spec.Hub.VPC, RouteTables: p.Spec.Hub.RouteTables, SecurityGroups: p.Spec.Hub.SecurityGroups,
		}},
	})
	if err != nil {
		return err
	}
	req := activities.DescribeNetworksRequest{Place: activities.Place{Account: inventory.Account, Region: inventory.Region}}
	for _, vpc := range inventory.AWS.VPCs {
		req.Networks = append(req.Networks, activities.NetworkParts{
			VPC: vpc.VPC, RouteTables: vpc.RouteTables, SecurityGroups: vpc.SecurityGroups, DefaultGroup: len(vpc.SecurityGroups) == 0,
		})
	}
	seen, err := once(ctx, &p.flow, inventory.Account, 0, activities.Peerings.DescribeNetworks, req)
	if err != nil {
		return err
	}
	if len(hub.Networks) != 1 || len(seen.Networks) != len(req.Networks) {
		return activities.Blocked(link.Problem{
			Reason: link.ReasonUnavailable, Message: "the networks were not all described", Remedy: "see whether all workers are of the same version",
		}, nil)
	}
	legs, mismatches, conflicts := planPeering(p.Spec, inventory, hub.Networks[0], seen.Networks)
	if err := p.refuse(mismatches, conflicts); err != nil {
		return err
	}
	found, err := once(ctx, &p.flow, p.Spec.Hub.Account, 0, activities.Peerings.FindPeerings, activities.FindPeeringsRequest{Place: p.place(), Owner: p.owner})
	if err != nil {
		return err
	}
	legs, stale := succeed(p.Legs, legs)
	stale = append(stale, know(legs, slices.Concat(p.Stale, stale), found.Peerings, p.unknown(inventory))...)
	for i := range legs {
		if err := p.tryRoutes(ctx, &legs[i]); err != nil {
			return err
		}
	}
	p.Inventory, p.Hub, p.Legs, p.Stale = inventory, hub.Networks[0], legs, append(p.Stale, stale...)
	return nil
}

// unknown is the leg of a connection to a VPC that neither the inventory nor the flow knows of.
func (p *peering) unknown(inventory link.VPCInventorySpec) func(activities.Peering) leg {
	return func(c activities.Peering) leg {
		return leg{
			Place: activities.Place{Account: inventory.Account, Region: c.To.Region}, VPC: c.To.VPC, Owner: c.To.Owner,
			HubTables: p.Spec.Hub.RouteTables, Peering: c.ID, Asked: true,
		}
	}
}

// refuse is the problem of what cannot be peered; nil when all can.
func (p *peering) refuse(mismatches, conflicts []string) error {
	problem := link.Problem{Account: p.Spec.Hub.Account, Region: p.Spec.Hub.Region}
	before := ""
	if !slices.ContainsFunc(p.Legs, func(l leg) bool { return l.Asked }) {
		before = "nothing was touched: "
	}
	switch {
	case len(conflicts) > 0:
		problem.Reason = link.ReasonConflictingPeering
		problem.Message = before + clip(strings.Join(conflicts, "; "), maxReason)
		problem.Remedy = "take the VPC whose addresses overlap out of the inventory, or give it other addresses"
	case len(mismatches) > 0:
		problem.Reason = link.ReasonNetworkMismatch
		problem.Message = before + clip(strings.Join(mismatches, "; "), maxReason)
		problem.Remedy = "correct the inventory's spec and apply it, or correct what linkwright peer add names"
	default:
		return nil
	}
	return activities.Blocked(problem, nil)
}

// tryRoutes looks whether the routes of a leg can be made.
func (p *peering) tryRoutes(ctx workflow.Context, l *leg) error {
	there, back := p.routes(l)
	for _, req := range []activities.PeerRoutesRequest{there, back} {
		req.DryRun = true
		if len(req.Tables) == 0 {
			continue
		}
		if _, err := once(ctx, &p.flow, req.Account, 0, activities.Peerings.EnsurePeerRoutes, req); err != nil {
			return err
		}
	}
	return nil
}

// connect removes what is wanted no longer, and makes the connections.
func (p *peering) connect(ctx workflow.Context) (link.Phase, error) {
	if err := p.clear(ctx); err != nil {
		return "", err
	}
	return link.Routing, p.connectAll(ctx)
}

func (p *peering) connectAll(ctx workflow.Context) error {
	for i := range p.Legs {
		if err := p.connectOne(ctx, &p.Legs[i]); err != nil {
			return err
		}
	}
	p.condition(ctx, link.PeeringActive, true, "Active", fmt.Sprintf("%s with %d VPCs", p.Spec.Hub.VPC, len(p.Legs)))
	return nil
}

// connectOne has one side ask and the other accept. What was accepted is what was asked for, or the step refuses.
func (p *peering) connectOne(ctx workflow.Context, l *leg) error {
	l.Asked = true // written down before it is made
	_, err := persist(ctx, &p.flow, func() (struct{}, error) {
		req := p.request(l)
		asked, err := once(ctx, &p.flow, req.Account, 0, activities.Peerings.EnsurePeering, req)
		if err != nil {
			return struct{}{}, err
		}
		p.took(ctx, l, asked)
		req.Place, req.ID = l.Place, asked.ID
		accepted, err := once(ctx, &p.flow, req.Account, 0, activities.Peerings.AcceptPeering, req)
		switch {
		case activities.IsChanged(err):
			p.condition(ctx, link.PeeringActive, false, "NotActive", clip(err.Error(), maxReason))
			return struct{}{}, activities.Blocked(link.Problem{
				Reason: link.ReasonConflictingPeering, Account: l.Place.Account, Region: l.Place.Region, Message: clip(err.Error(), maxReason),
				Remedy: "see who has turned the connection away or deleted it; Linkwright asks for another one",
			}, err)
		case err != nil:
			return struct{}{}, err
		}
		p.took(ctx, l, accepted)
		return struct{}{}, nil
	})
	return err
}

// took takes in which connection a leg has.
func (p *peering) took(ctx workflow.Context, l *leg, seen activities.Peering) {
	if l.Peering != "" && l.Peering != seen.ID {
		l.Former = last(append(l.Former, l.Peering), keepFormer)
		p.condition(ctx, link.PeeringActive, false, "Replaced", l.Peering+" is gone, and "+seen.ID+" takes its place")
		p.dropResources(func(r link.Resource) bool {
			return r.ID == l.Peering || r.Kind == link.KindRoute && r.Detail == l.Peering
		})
	}
	l.Peering = seen.ID
	p.Status.AddResource(link.Resource{
		Kind: link.KindPeering, ID: seen.ID, Account: p.Spec.Hub.Account, Region: p.Spec.Hub.Region, Detail: l.VPC + ", " + seen.State,
	})
	p.show(ctx)
}

// lead makes the routes and rules.
func (p *peering) lead(ctx workflow.Context) (link.Phase, error) {
	return link.Peered, p.leadAll(ctx)
}

func (p *peering) leadAll(ctx workflow.Context) error {
	routes := 0
	for i := range p.Legs {
		there, back := p.routes(&p.Legs[i])
		for _, req := range []activities.PeerRoutesRequest{there, back} {
			if len(req.Tables) == 0 {
				continue
			}
			if _, err := do(ctx, &p.flow, req.Account, activities.Peerings.EnsurePeerRoutes, req); err != nil {
				return err
			}
			routes += len(req.Tables) * len(req.Destinations)
			for _, table := range req.Tables {
				for _, d := range req.Destinations {
					p.Status.AddResource(link.Resource{Kind: link.KindRoute, ID: table + " " + d, Account: req.Account, Region: req.Region, Detail: req.Peering})
				}
			}
		}
	}
	p.condition(ctx, link.Routed, true, "RoutesMade", fmt.Sprintf("%d routes", routes))
	return p.letInAll(ctx)
}

func (p *peering) letInAll(ctx workflow.Context) error {
	groups := groupsOf(p.Legs)
	if len(groups) == 0 {
		return nil
	}
	req := activities.PeerRulesRequest{
		Place: p.Legs[0].Place, Owner: p.owner, Name: p.in.Name, Groups: groups, Sources: sourcesOf(p.Legs), Ports: p.Spec.Ports,
	}
	if len(p.Spec.Hub.SecurityGroups) > 0 {
		req.Sources, req.SourceOwner = p.Spec.Hub.SecurityGroups, p.Hub.Owner
	}
	seen, err := do(ctx, &p.flow, req.Account, activities.Peerings.EnsurePeerRules, req)
	if err != nil {
		return err
	}
	var rules []link.Resource
	for _, r := range seen.Rules {
		rules = append(rules, link.Resource{Kind: link.KindSecurityRule, ID: r.ID, Account: req.Account, Region: req.Region, Detail: r.Group + ": " + r.Says})
	}
	p.Status.SetResources(link.KindSecurityRule, rules)
	return nil
}

// keep looks now and then whether all is as it was made, and makes it so again. Each step changes only what is not.
func (p *peering) keep(ctx workflow.Context) (link.Phase, error) {
	for {
		_, err := awaitFor(ctx, dailyLook, "a look of its own, once a day", func() bool { return p.interrupted() || isLong(ctx) })
		switch {
		case err != nil:
			return "", err
		case p.interrupted():
			return "", errTurned
		case isLong(ctx):
			return "", errLong
		}
		if err := p.mend(ctx); err != nil {
			return "", err
		}
		p.show(ctx)
	}
}

func (p *peering) mend(ctx workflow.Context) error {
	if _, err := persist(ctx, &p.flow, func() (struct{}, error) { return struct{}{}, p.survey(ctx, p.Inventory) }); err != nil {
		return err
	}
	if err := p.clear(ctx); err != nil {
		return err
	}
	if err := p.connectAll(ctx); err != nil {
		return err
	}
	return p.leadAll(ctx)
}

// remove takes away all that was made.
func (p *peering) remove(ctx workflow.Context) (link.Phase, error) {
	for _, l := range p.Legs {
		if l.Asked {
			p.Stale = append(p.Stale, l)
		}
	}
	p.Legs = nil
	if err := p.clear(ctx); err != nil {
		return "", err
	}
	p.settleConditions(ctx, string(link.Removed))
	return link.Removed, nil
}

// clear removes what is stale: who is let in first, then the ways, then the connections.
func (p *peering) clear(ctx workflow.Context) error {
	for len(p.Stale) > 0 {
		l := p.Stale[0]
		if err := p.shutOut(ctx, l); err != nil {
			return err
		}
		there, back := p.routes(&l)
		for _, req := range []activities.PeerRoutesRequest{there, back} {
			req.Destinations = nil
			if len(req.Tables) == 0 || req.Peering == "" && len(req.Others) == 0 {
				continue
			}
			if err := effect(ctx, &p.flow, req.Account, activities.Peerings.RemovePeerRoutes, req); err != nil {
				return err
			}
			p.dropResources(func(r link.Resource) bool {
				table, _, _ := strings.Cut(r.ID, " ")
				return r.Kind == link.KindRoute && slices.Contains(req.Tables, table) && r.Detail == req.Peering
			})
		}
		if !l.Keeps {
			req := p.request(&l)
			req.ID = l.Peering
			if err := effect(ctx, &p.flow, req.Account, activities.Peerings.RemovePeering, req); err != nil {
				return err
			}
			p.dropResources(func(r link.Resource) bool { return r.Kind == link.KindPeering && r.ID == l.Peering })
		}
		p.Stale = p.Stale[1:]
		p.show(ctx)
	}
	return nil
}

// shutOut takes the rules out of the groups of a stale leg that no other leg has.
func (p *peering) shutOut(ctx workflow.Context, l leg) error {
	groups := less(l.Groups, groupsOf(slices.DeleteFunc(slices.Clone(p.Legs), func(o leg) bool { return o.Place != l.Place })))
	if len(groups) == 0 {
		return nil
	}
	if err := effect(ctx, &p.flow, l.Place.Account, activities.Peerings.RemovePeerRules, activities.PeerRulesRequest{
		Place: l.Place, Owner: p.owner, Name: p.in.Name, Groups: groups,
	}); err != nil {
		return err
	}
	p.dropResources(func(r link.Resource) bool {
		group, _, _ := strings.Cut(r.Detail, ":")
		return r.Kind == link.KindSecurityRule && slices.Contains(groups, group)
	})
	return nil
}

// groupsOf are the security groups of legs, each once: one can be of several VPCs.
func groupsOf(legs []leg) []string {
	var groups []string
	for _, l := range legs {
		groups = append(groups, l.Groups...)
	}
	slices.Sort(groups)
	return slices.Compact(groups)
}

// sourcesOf are the hub's addresses from which the VPCs of legs can be reached, each once.
func sourcesOf(legs []leg) []string {
	var sources []string
	for _, l := range legs {
		sources = append(sources, l.ToHub...)
	}
	slices.Sort(sources)
	return slices.Compact(sources)
}

func (p *peering) request(l *leg) activities.PeeringRequest {
	return activities.PeeringRequest{
		Place: p.place(), Owner: p.owner, Name: p.in.Name,
		From: activities.PeerVPC{VPC: p.Spec.Hub.VPC, Owner: p.Hub.Owner, Region: p.Spec.Hub.Region},
		To:   activities.PeerVPC{VPC: l.VPC, Owner: l.Owner, Region: l.Place.Region},
	}
}

// routes are those of the hub's tables to a VPC, and those back.
func (p *peering) routes(l *leg) (there, back activities.PeerRoutesRequest) {
	there = activities.PeerRoutesRequest{Place: p.place(), Tables: l.HubTables, Peering: l.Peering, Others: l.Former, Destinations: l.ToVPC}
	back = activities.PeerRoutesRequest{Place: l.Place, Tables: l.Tables, Peering: l.Peering, Others: l.Former, Destinations: l.ToHub}
	return there, back
}

func (p *peering) dropResources(is func(link.Resource) bool) {
	p.Status.Resources = slices.DeleteFunc(p.Status.Resources, is)
}
