package workflows

import (
	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// place finds the place that the inventories would give to a connection now. It is counted from then on, as the
// inventories would, so that of several connections in one plan none is shown the room of another.
func (p *planning) place(ctx workflow.Context, d *draft) {
	c := d.connection
	if !c.chooses() || c.Status.Placement != nil {
		return
	}
	var zones []string
	if c.Service.Name != "" {
		seen, ok := look(ctx, p, d, c.Spec.Account, activities.Planner.LookUpService, activities.LocateServiceRequest{
			Place: c.here(), ServiceName: c.Service.Name, ServiceRegion: c.Service.Region,
		})
		if ok && seen.Problem != nil {
			d.need(seen.Problem.Message, seen.Problem.Remedy)
		}
		zones = seen.ZoneIDs
	}
	var against []link.Objection
	open := false
	for _, at := range c.sites() {
		if at.listener != "" {
			room, ok := p.roomAt(ctx, d, at.listener)
			if !ok {
				return
			}
			if !room.Free {
				open = true
				against = append(against, listenerFull(at, room))
				continue
			}
		}
		i := p.inventoryNamed(ctx, d, at.inventory)
		switch {
		case i == nil:
			against = append(against, noInventory(at.inventory))
			continue
		case i.Leaving:
			open = true
			against = append(against, inventoryCloses(at.inventory))
			continue
		}
		open = true
		answer := p.promise(ctx, i, reservation{Holder: ConnectionID(d.Service, d.Name), ZoneIDs: zones})
		against = append(against, answer.Against...)
		if answer.Place != nil {
			c.Status.Placement = answer.Place
			if at.listener != "" {
				c.Route = c.Route.at(c.Spec, at.listener)
			}
			return
		}
	}
	full, _ := activities.ProblemOf(c.noPlace(against, open))
	d.add(link.PlannedChange{
		Action: link.ActionCreate, Kind: c.cloud().EndpointKind(), ID: link.KnownAfterApply,
		Account: c.Spec.Account, Region: c.Spec.Region, Problem: &full,
	})
}

// promise is what an inventory would answer.
func (p *planning) promise(ctx workflow.Context, i *inventory, r reservation) promise {
	if held, ok := i.Held[r.Holder]; ok {
		return i.keep(ctx, r.Holder, held)
	}
	return i.give(ctx, r)
}

// roomAt looks whether a listener has room for the connection's route.
func (p *planning) roomAt(ctx workflow.Context, d *draft, listener string) (activities.RouteRoom, bool) {
	c := d.connection
	return look(ctx, p, d, c.Spec.Ingress.Account, activities.Ingress.RouteRoom, activities.RouteRoomRequest{
		Place: c.balancer(), Owner: c.owner, Listener: listener, Want: *c.wantedRoute(),
	})
}
