package workflows

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// site is where an endpoint may stand: an inventory and, where its load balancer matters, the listener of its route.
type site struct{ inventory, listener string }

// sites lists where the spec lets the endpoint stand, the first choice first.
func (c *connection) sites() []site {
	var list []site
	if c.boundToPlace() {
		for _, l := range c.wantedRoute().Listeners {
			list = append(list, site{l.Inventory, l.Listener})
		}
		return list
	}
	for _, inventory := range c.Spec.AWS.Inventories {
		list = append(list, site{inventory: inventory})
	}
	return list
}

// chooses reports whether the spec leaves the choice of the VPC to inventories.
func (c *connection) chooses() bool { return c.Spec.AWS != nil && len(c.Spec.AWS.Inventories) > 0 }

// boundToPlace reports whether the endpoint and its route are placed together.
func (c *connection) boundToPlace() bool {
	route := c.wantedRoute()
	return route != nil && route.Listeners[0].Inventory != ""
}

// findPlace makes sure that the connection holds a place for its endpoint. While no inventory has one, it is blocked
// with what speaks against each VPC; it asks again when an inventory says that there is room.
func (c *connection) findPlace(ctx workflow.Context) error {
	if !c.chooses() || c.Status.Placement != nil {
		return nil
	}
	zones, err := do(ctx, &c.flow, c.Spec.Account, activities.Consumer.LocateService, activities.LocateServiceRequest{
		Place: c.here(), ServiceName: c.Service.Name, ServiceRegion: c.Service.Region,
	})
	if err != nil {
		return err
	}
	_, err = persist(ctx, &c.flow, func() (struct{}, error) { return struct{}{}, c.reserve(ctx, zones.ZoneIDs) })
	return err
}

// reserve asks one site after the other for a place.
func (c *connection) reserve(ctx workflow.Context, zones []string) error {
	var against []link.Objection
	open := false
	for _, at := range c.sites() {
		if at.listener != "" {
			room, err := c.routeRoom(ctx, at.listener)
			if err != nil {
				return err
			}
			if !room.Free {
				open = true
				against = append(against, listenerFull(at, room))
				continue
			}
		}
		answer, err := c.askForPlace(ctx, at.inventory, zones)
		switch {
		case activities.IsGone(err):
			against = append(against, noInventory(at.inventory))
			continue
		case activities.IsRefused(err):
			open = true
			against = append(against, inventoryCloses(at.inventory))
			continue
		case err != nil:
			return err
		}
		open = true
		against = append(against, answer.Against...)
		if answer.Place != nil {
			c.settleAt(ctx, *answer.Place, at.listener, against)
			return nil
		}
	}
	return c.noPlace(against, open)
}

// routeRoom looks for room at a listener. One that has just turned out to be full is not looked at, until the next time.
func (c *connection) routeRoom(ctx workflow.Context, listener string) (activities.RouteRoom, error) {
	if listener == c.FullListener {
		c.FullListener = ""
		return activities.RouteRoom{Full: "it turned out to be"}, nil
	}
	return once(ctx, &c.flow, c.Spec.Ingress.Account, 0, activities.Ingress.RouteRoom, activities.RouteRoomRequest{
		Place: c.balancer(), Owner: c.owner, Listener: listener, Want: *c.wantedRoute(),
	})
}

func listenerFull(at site, room activities.RouteRoom) link.Objection {
	return link.Objection{Inventory: at.inventory, Reason: "its listener " + at.listener + " is full: " + room.Full}
}

func noInventory(name string) link.Objection {
	return link.Objection{Inventory: name, Reason: "no such VPCInventory is open"}
}

func inventoryCloses(name string) link.Objection {
	return link.Objection{Inventory: name, Reason: "it is closing, and gives no more places"}
}

// askForPlace asks an inventory for a place. The update's id makes sure that a lost answer is not a second question.
func (c *connection) askForPlace(ctx workflow.Context, inventory string, zones []string) (promise, error) {
	c.Asks++
	full := ""
	if c.Full != nil && c.Full.Inventory == inventory {
		full = c.Full.VPC
	}
	message, err := json.Marshal(reservation{Holder: workflowID(ctx), ZoneIDs: zones, Full: full})
	if err != nil {
		return promise{}, err
	}
	return attempt[promise](ctx, &c.flow, call{prefix: systemSteps, name: stepName(activities.System.TellFlow), summary: "asks inventory " + inventory + " for a place"},
		activities.TellFlowRequest{
			WorkflowID: VPCInventoryID(inventory), Update: reserveUpdate, Message: message,
			UpdateID: fmt.Sprintf("%s-%d", workflow.GetInfo(ctx).WorkflowExecution.RunID, c.Asks),
		})
}

// settleAt takes a place, and gives back what it takes the place of.
func (c *connection) settleAt(ctx workflow.Context, place link.Placement, listener string, against []link.Objection) {
	left := c.Full
	c.Full = nil
	place.Against = against
	c.Status.Placement = &place
	if left != nil && left.Inventory != place.Inventory {
		c.giveBack(ctx, left.Inventory)
	}
	if listener != "" {
		c.Route = c.Route.at(c.Spec, listener)
	}
	c.condition(ctx, link.Placed, true, "Placed", fmt.Sprintf("in %s of inventory %s: %s", place.VPC, place.Inventory, place.Why))
	c.show(ctx)
}

func (c *connection) noPlace(against []link.Objection, open bool) error {
	var lines []string
	for _, o := range against {
		lines = append(lines, strings.TrimSpace(o.Inventory+" "+o.VPC)+": "+o.Reason)
	}
	names := strings.Join(c.Spec.AWS.Inventories, ", ")
	p := link.Problem{
		Reason: link.ReasonInventoryFull, Account: c.Spec.Account, Region: c.Spec.Region,
		Message: "no VPC has a place for the endpoint: " + strings.Join(lines, "; "),
		Remedy: "add a VPC, or subnets in the service's zones, to one of the inventories " + names +
			" and apply it; or raise the quota in Service Quotas. The connection goes on by itself",
	}
	if !open {
		p.Reason, p.Remedy = link.ReasonInventoryMissing, "apply the VPCInventory "+names+"; or name another one in spec.aws.inventories"
	}
	return activities.Blocked(p, nil)
}

// roomFound asks again for a place at once.
func (c *connection) roomFound(_ workflow.Context, _ roomFound) {
	if c.Status.Placement == nil {
		c.retries++
	}
}

var (
	// errFull ends a step in a VPC, or at a load balancer, that has turned out to be full.
	errFull = errors.New("it is full")
	// errMoved ends a step whose endpoint has been given up for one in another place.
	errMoved = errors.New("the endpoint is made anew in another place")
)

// endpointRequest is about the endpoint, where it was placed.
func (c *connection) endpointRequest() activities.EnsureEndpointRequest {
	return activities.EnsureEndpointRequest{
		Place: c.here(), Owner: c.owner, Name: c.readableName(),
		ServiceName: c.Service.Name, ServiceRegion: c.Service.Region, ServiceID: c.Service.ID, Spec: c.placed(), Known: c.Endpoint.ID,
	}
}

// makeEndpoint makes the endpoint, or brings it in step. A chosen VPC that turns out to be full is left for another
// one: the inventory counts what it knows of, and others may have used the room.
func (c *connection) makeEndpoint(ctx workflow.Context) (activities.Endpoint, error) {
	for {
		if err := c.findPlace(ctx); err != nil {
			return activities.Endpoint{}, err
		}
		if err := c.ensureGroup(ctx); err != nil {
			return activities.Endpoint{}, err
		}
		c.Asked = true
		endpoint, err := persist(ctx, &c.flow, func() (activities.Endpoint, error) {
			request := c.endpointRequest()
			request.Narrow = c.narrow()
			endpoint, err := once(ctx, &c.flow, c.Spec.Account, 0, activities.Consumer.EnsureEndpoint, request)
			if p, _ := activities.ProblemOf(err); p.Reason == link.ReasonQuotaFull && c.mayMove() {
				return endpoint, errFull
			}
			return endpoint, err
		})
		if !errors.Is(err, errFull) {
			return endpoint, err
		}
		if err := c.moveOn(ctx); err != nil {
			return endpoint, err
		}
	}
}

// mayMove reports whether the endpoint can be made in another VPC: the choice is the inventories', and it does not
// stand anywhere yet.
func (c *connection) mayMove() bool {
	return c.Status.Placement != nil && (c.Endpoint.ID == "" || c.Seen.State.Over())
}

// moveOn leaves a place that is full. The inventory keeps it for us until we have another one.
func (c *connection) moveOn(ctx workflow.Context) error {
	if err := c.removeGroup(ctx); err != nil {
		return err
	}
	if c.boundToPlace() {
		if err := c.removeRoute(ctx); err != nil {
			return err
		}
	}
	c.Full = c.held()
	c.condition(ctx, link.Placed, false, "Full", c.Full.VPC+" turned out to be full")
	c.Status.Placement = nil
	return nil
}

// leavePlace gives the place back, once nothing stands there any more.
func (c *connection) leavePlace(ctx workflow.Context) {
	left := []*placeHeld{c.held(), c.Full}
	c.Status.Placement, c.Full = nil, nil // first, for the inventory asks back
	for _, held := range left {
		if held != nil {
			c.giveBack(ctx, held.Inventory)
		}
	}
}

// held is the place that the connection holds.
func (c *connection) held() *placeHeld {
	if c.Status.Placement == nil {
		return nil
	}
	return &placeHeld{Inventory: c.Status.Placement.Inventory, VPC: c.Status.Placement.VPC}
}

// answerPlace tells an inventory which place the connection holds: the one that it uses, or the full one that it is
// about to leave.
func (c *connection) answerPlace() (placeHeld, error) {
	if held := cmp.Or(c.held(), c.Full); held != nil {
		return *held, nil
	}
	return placeHeld{}, nil
}

// giveBack tells an inventory that its place is free again. One that is not told finds out by itself.
func (c *connection) giveBack(ctx workflow.Context, inventory string) {
	if _, err := tell(ctx, VPCInventoryID(inventory), releaseSignal, release{Holder: workflowID(ctx)}); err != nil {
		workflow.GetLogger(ctx).Warn("the inventory was not told", "inventory", inventory, "error", err)
	}
}

// placed is the spec with the VPC, the subnets and the security groups that were chosen.
func (c *connection) placed() link.ConnectionSpec {
	spec := *c.Spec
	if spec.AWS == nil {
		return spec
	}
	aws := *spec.AWS
	if p := c.Status.Placement; p != nil {
		aws.VPC, aws.Subnets = p.VPC, slices.Clone(p.Subnets)
		if len(aws.SecurityGroups) == 0 {
			aws.SecurityGroups = slices.Clone(p.SecurityGroups)
		}
	}
	if c.Group != nil && aws.SecurityGroup != nil {
		aws.SecurityGroups = []string{c.Group.ID}
	}
	spec.AWS = &aws
	return spec
}

func (c *connection) readableName() string { return c.in.Service + "/" + c.in.Name }
