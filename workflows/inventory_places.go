package workflows

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/internal/link"
)

// reserve promises a connection a place. It is counted from this moment on, so that no two are promised the same
// room; it is the holder's until the holder gives it back.
func (i *inventory) reserve(ctx workflow.Context, r reservation) (promise, error) {
	if err := i.choosing.Lock(ctx); err != nil {
		return promise{}, err
	}
	defer i.choosing.Unlock()
	if err := i.checkOpen(); err != nil { // much may have happened meanwhile
		return promise{}, err
	}
	switch held, ok := i.Held[r.Holder]; {
	case ok && held.VPC != r.Full:
		return i.keep(ctx, r.Holder, held), nil
	case ok:
		i.full(ctx, r) // one without a place has said so before, and much may have been mended since
	}
	given := i.give(ctx, r)
	if given.Place == nil && i.canSurvey() && workflow.Now(ctx).Sub(i.Sought) >= surveyAgain && i.resurvey(ctx) {
		given = i.give(ctx, r) // the quota may have been raised, or endpoints deleted
	}
	if i.Leaving {
		return given, i.checkOpen()
	}
	if given.Place == nil {
		i.Waiters = await(i.Waiters, waiter{Holder: r.Holder, ZoneIDs: r.ZoneIDs})
	} else {
		i.Waiters = dropWaiter(i.Waiters, r.Holder)
	}
	return given, nil
}

// keep promises a holder the place that it has already.
func (i *inventory) keep(ctx workflow.Context, holder string, held promised) promise {
	for _, vpc := range i.Spec.AWS.VPCs {
		if vpc.VPC == held.VPC {
			held.SecurityGroups = vpc.SecurityGroups
		}
	}
	held.Sure = workflow.Now(ctx)
	i.Held[holder] = held
	return promise{Place: i.placement(held.standing, "it was promised before", nil)}
}

// full takes in that a holder's VPC turned out to be full. A survey tells how many endpoints it has; until that
// changes, or people look anew, it is given no more.
func (i *inventory) full(ctx workflow.Context, r reservation) {
	delete(i.Held, r.Holder)
	i.news++
	if _, known := i.Refused[r.Full]; known {
		return
	}
	if i.canSurvey() {
		i.resurvey(ctx)
	}
	if seen, ok := surveyOf(i.Seen, r.Full); ok {
		i.Refused[r.Full] = seen.Endpoints
	}
}

// canSurvey reports whether a connection may have the VPCs looked at: a blocked flow does so by itself.
func (i *inventory) canSurvey() bool { return i.Status.Phase == link.Offering }

// give chooses a place and promises it.
func (i *inventory) give(ctx workflow.Context, r reservation) promise {
	if i.Leaving {
		return promise{}
	}
	offers := i.rooms(ctx)
	best := i.returning(ctx, r, offers)
	if best.at < 0 {
		best = choose(offers, r.ZoneIDs)
	}
	var against []link.Objection
	for _, o := range best.against {
		against = append(against, link.Objection{Inventory: i.in.Name, VPC: o.vpc, Reason: o.reason})
	}
	if best.at < 0 {
		return promise{Against: against}
	}
	vpc := offers[best.at].InventoryVPC
	where := standing{VPC: vpc.VPC, Subnets: best.subnets, SecurityGroups: vpc.SecurityGroups}
	i.Held[r.Holder] = promised{standing: where, Sure: workflow.Now(ctx)}
	i.news++
	return promise{Place: i.placement(where, best.why, against), Against: against}
}

// returning finds the VPC of a connection that has an endpoint there, of which the inventory knows nothing: it may have
// been closed and made anew.
func (i *inventory) returning(ctx workflow.Context, r reservation, offers []vpcRoom) choice {
	for at := range offers {
		if offers[at].VPC == r.Full || !hasEndpoint(i.Seen, offers[at].VPC, i.ownerOf(ctx, r.Holder)) {
			continue
		}
		if subnets := offers[at].subnets(r.ZoneIDs); len(subnets) > 0 {
			return choice{at: at, subnets: subnets, why: "its endpoint stands there already"}
		}
	}
	return choice{at: -1}
}

func (i *inventory) placement(where standing, why string, against []link.Objection) *link.Placement {
	return &link.Placement{
		Inventory: i.in.Name, VPC: where.VPC, Subnets: where.Subnets, SecurityGroups: where.SecurityGroups, Why: why, Against: against,
	}
}

// released takes in that a place was given back. Its holder is asked: whoever else says so could have the place given to
// somebody else.
func (i *inventory) released(_ workflow.Context, r release) {
	i.Waiters = dropWaiter(i.Waiters, r.Holder)
	if held, ok := i.Held[r.Holder]; ok {
		held.Sure = time.Time{}
		i.Held[r.Holder] = held
		i.news++
	}
}

// usher frees what was given back, tells connections that wait when there is room, and shows how much there is.
func (i *inventory) usher(ctx workflow.Context) {
	workflow.Go(ctx, func(ctx workflow.Context) {
		i.news++ // an earlier run may have left some
		for seen := 0; ; {
			if err := i.awaitNews(ctx, seen); err != nil {
				return
			}
			seen = i.news
			i.handling++
			i.askReleased(ctx)
			i.invite(ctx)
			if !i.empty() {
				i.refresh(ctx)
			}
			i.handling--
		}
	})
}

// awaitNews waits for what the usher has to look at. When others wait behind those who were told that there is room,
// it is their turn after a while.
func (i *inventory) awaitNews(ctx workflow.Context, seen int) error {
	news := func() bool { return i.news != seen }
	if slices.ContainsFunc(i.Waiters, waiter.invited) && !i.Leaving {
		_, err := awaitFor(ctx, inviteFor, "leaves room for those who were told of it", news)
		return err
	}
	return workflow.Await(ctx, news)
}

// invite tells as many of those who wait as there is room for, and no more: they all would come.
func (i *inventory) invite(ctx workflow.Context) {
	if len(i.Waiters) == 0 || i.Leaving {
		return
	}
	var told []string
	i.Waiters, told = invitees(i.Waiters, i.rooms(ctx), workflow.Now(ctx))
	var calls []workflow.Future
	for _, holder := range told {
		calls = append(calls, workflow.SignalExternalWorkflow(ctx, holder, "", roomSignal, roomFound{Inventory: i.in.Name}))
	}
	for n, holder := range told {
		there, err := heard(ctx, calls[n])
		if err != nil {
			workflow.GetLogger(ctx).Warn("a connection was not told that there is room", "holder", holder, "error", err)
		}
		if !there {
			i.Waiters = dropWaiter(i.Waiters, holder)
			i.news++ // its place is another one's
		}
	}
}

func (i *inventory) rooms(ctx workflow.Context) []vpcRoom {
	return rooms(i.Spec, i.Seen, i.Held, i.Refused, workflow.GetInfo(ctx).Namespace)
}

// refresh shows how much room there is, and who is waited for.
func (i *inventory) refresh(ctx workflow.Context) {
	i.Status.Room = nil
	inSpec := map[string]bool{}
	for _, r := range i.rooms(ctx) {
		inSpec[r.VPC] = true
		i.Status.Room = append(i.Status.Room, link.VPCRoom{
			VPC: r.VPC, Endpoints: r.used, Promised: r.promised, Quota: r.quota, Problems: r.problems,
		})
	}
	left := map[string]int{}
	for _, holder := range sortedKeys(i.Held) {
		if vpc := i.Held[holder].VPC; !inSpec[vpc] {
			left[vpc]++
		}
	}
	for _, vpc := range sortedKeys(left) {
		i.Status.Room = append(i.Status.Room, link.VPCRoom{
			VPC: vpc, Endpoints: left[vpc], Promised: left[vpc], Problems: []string{"it has left the spec, and is given no more endpoints"},
		})
	}
	if i.Status.Phase == link.Closing && i.Status.Waiting != nil {
		i.Status.Waiting.Details = i.holders()
	}
	i.show(ctx)
}

// holders lists those who hold places, the first of them.
func (i *inventory) holders() []string {
	all := sortedKeys(i.Held)
	list := all[:min(len(all), namedHolders)]
	for n, holder := range list {
		list[n] = holder + " in " + i.Held[holder].VPC
	}
	if more := len(all) - len(list); more > 0 {
		list = append(list[:len(list):len(list)], fmt.Sprintf("and %d more", more))
	}
	return list
}

// empty reports whether nothing keeps the inventory from ending.
func (i *inventory) empty() bool { return i.Leaving && len(i.Held) == 0 }

// namedHolders is how many of those who hold places are named.
const namedHolders = 20

// checkOpen refuses to give places when there are to be none any more.
func (i *inventory) checkOpen() error {
	if i.Leaving {
		return fmt.Errorf("inventory %s is being closed, and gives no more places", i.in.Name)
	}
	return nil
}

func (i *inventory) checkReserve(_ workflow.Context, r reservation) error {
	return errors.Join(i.checkOpen(), r.check())
}
