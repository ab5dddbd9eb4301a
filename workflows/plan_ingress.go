package workflows

import (
	"cmp"
	"net"
	"strconv"

	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// planIngress plans the targets of a load balancer, and the route to them.
func (p *planning) planIngress(ctx workflow.Context, d *draft) {
	c := d.connection
	if c.Route != nil && !c.Route.fits(c.Spec) {
		d.removeRoute()
	}
	if c.Targets != nil && !c.Targets.fits(c.Spec, c.Route) {
		d.removeTargets()
	}
	switch {
	case c.Spec.Ingress == nil:
	case c.wantedRoute() == nil:
		p.planTargets(ctx, d, targets{Group: c.Spec.Ingress.TargetGroup})
	default:
		p.planRoute(ctx, d)
	}
}

func (d *draft) removeRoute() {
	c := d.connection
	d.remove(link.KindListenerRule, c.Route.Rule, c.Route.place())
	if c.Route.Added {
		d.remove(link.KindCertificate, c.Route.Certificate, c.Route.place())
	}
	if c.Targets != nil {
		d.removeTargets()
	}
	d.remove(link.KindTargetGroup, c.Route.Group, c.Route.place())
	c.Route = nil
}

func (d *draft) removeTargets() {
	t := d.connection.Targets
	for _, ip := range t.Owned {
		d.remove(link.KindTarget, hostPort(ip, t.Port), activities.Place{Account: t.Account, Region: t.Region})
	}
	d.connection.Targets = nil
}

// planRoute plans a route at the listener that it is at, or at the first one whose load balancer has room.
func (p *planning) planRoute(ctx workflow.Context, d *draft) {
	c := d.connection
	if c.Route == nil && !p.chooseListener(ctx, d) {
		return
	}
	planned, ok := look(ctx, p, d, c.Route.Account, activities.Planner.PlanTargetGroup, activities.TargetGroupRequest{
		Place: c.Route.place(), Owner: c.owner, Name: c.readableName(),
		Listener: c.Route.Listener, Port: c.Spec.Ingress.Port, Want: c.wantedRoute().Targets,
	})
	if !ok {
		return
	}
	d.add(planned.Changes...)
	if former := c.Route.Group; former != "" && former != planned.ID {
		if c.Targets != nil {
			d.removeTargets()
		}
		d.remove(link.KindTargetGroup, former, c.Route.place())
	}
	c.Route.Group = planned.ID
	p.planTargets(ctx, d, targets{Group: planned.ID, Listener: c.Route.Listener})
	request := c.routeRequest()
	request.Certificate = ""
	if changes, ok := look(ctx, p, d, c.Route.Account, activities.Planner.PlanRoute, request); ok {
		d.add(changes...)
	}
}

// chooseListener finds the first listener whose load balancer has room.
func (p *planning) chooseListener(ctx workflow.Context, d *draft) bool {
	c := d.connection
	var against []string
	for _, l := range c.wantedRoute().Listeners {
		room, ok := p.roomAt(ctx, d, l.Listener)
		if !ok {
			return false
		}
		if room.Free {
			c.Route = c.Route.at(c.Spec, l.Listener)
			return true
		}
		against = append(against, l.Listener+": "+room.Full)
	}
	full, _ := activities.ProblemOf(c.noListener(against))
	d.add(link.PlannedChange{
		Action: link.ActionCreate, Kind: link.KindListenerRule, ID: link.KnownAfterApply,
		Account: c.Spec.Ingress.Account, Region: c.Spec.Region, Problem: &full,
	})
	return false
}

// planTargets plans the endpoint's addresses in a target group. Either of them may not be there yet.
func (p *planning) planTargets(ctx workflow.Context, d *draft, at targets) {
	c := d.connection
	at.Account, at.Region, at.Port = c.Spec.Ingress.Account, c.Spec.Region, c.Spec.Ingress.Port
	where := activities.Place{Account: at.Account, Region: at.Region}
	addresses := ips(c.Endpoint.Addresses)
	if at.Group != "" && len(addresses) > 0 {
		request := c.Targets.owning(at, nil).request(addresses)
		if changes, ok := look(ctx, p, d, at.Account, activities.Planner.PlanTargets, request); ok {
			d.add(changes...)
		}
		return
	}
	in := "in " + cmp.Or(at.Group, "the target group that is made")
	for _, ip := range addresses {
		d.create(link.KindTarget, hostPort(ip, at.Port), where, in)
	}
	if len(addresses) > 0 {
		return
	}
	for _, subnet := range c.placed().AWS.Subnets {
		d.create(link.KindTarget, link.KnownAfterApply, where, "the endpoint's address in "+subnet, in)
	}
}

func hostPort(ip string, port int32) string { return net.JoinHostPort(ip, strconv.Itoa(int(port))) }
