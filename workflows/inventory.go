package workflows

import (
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// VPCInventory offers the VPCs of a hub to connections, until it is closed: each is promised a place for its endpoint,
// and keeps it until it gives it back. It answers with its last status.
func VPCInventory(ctx workflow.Context, in VPCInventoryInput) (link.Status, error) {
	i, err := newInventory(ctx, in)
	if err != nil {
		return link.Status{}, err
	}
	return i.run(ctx)
}

// inventory is a running VPCInventory.
type inventory struct {
	flow
	inventoryState
	in VPCInventoryInput
	// choosing lets one connection at a time look for a place.
	choosing workflow.Mutex
	// looking is true while the VPCs are being looked at on behalf of connections, or now and then.
	looking bool
	// strangers have said that they hold no place here.
	strangers map[string]bool
	// news counts what the usher has to look at.
	news int
}

// inventoryState is what an inventory remembers when it continues as new.
type inventoryState struct {
	Status link.Status           `json:"status"`
	Spec   link.VPCInventorySpec `json:"spec"`
	// Seen is what the last survey saw, and Sought when one was last tried.
	Seen   activities.Survey `json:"seen,omitzero"`
	Sought time.Time         `json:"sought,omitzero"`
	// Refused are the VPCs in which the cloud would not make another endpoint, with the number of those that it had.
	// What people look at anew is tried anew.
	Refused map[string]int `json:"refused,omitempty"`
	// Held are the places that connections hold, and Waiters those that were given none.
	Held    promises `json:"held,omitempty"`
	Waiters []waiter `json:"waiters,omitempty"`
	// Leaving is true once the inventory is to be closed.
	Leaving bool `json:"leaving,omitempty"`
	// Turned is true when the flow was told to turn elsewhere while it made ready to continue as new.
	Turned bool `json:"turned,omitempty"`
	// Introduced is true once the flow has answered to the command that started it.
	Introduced bool `json:"introduced,omitempty"`
}

func newInventory(ctx workflow.Context, in VPCInventoryInput) (*inventory, error) {
	i := &inventory{in: in, choosing: workflow.NewMutex(ctx), strangers: map[string]bool{}}
	if in.Carried != nil {
		if err := checkCarried(workflow.GetInfo(ctx)); err != nil {
			return nil, err
		}
		i.inventoryState = *in.Carried
	} else {
		i.Status = link.Status{Kind: link.KindVPCInventory, Name: in.Name}
		if err := errors.Join(link.Metadata{Name: in.Name}.Validate(), in.Spec.Validate()); err != nil {
			return nil, temporal.NewNonRetryableApplicationError(err.Error(), "InvalidSpec", nil)
		}
		i.adopt(in.Spec, in.By)
	}
	if i.Held == nil {
		i.Held = promises{}
	}
	if i.Refused == nil {
		i.Refused = map[string]int{}
	}
	i.flow = newFlow(ctx, &i.Status)
	i.idle = slowLook                                // nobody else looks how much room there is
	heard, _ := workflow.NewDisconnectedContext(ctx) // a flow that was cancelled listens until it is closed
	return i, i.handle(heard)
}

// adopt makes a spec the one to carry out.
func (i *inventory) adopt(spec link.VPCInventorySpec, by string) {
	i.Spec = spec
	i.Status.Account, i.Status.Region = spec.Account, spec.Region
	i.Status.AppliedBy = clip(by, maxName)
	i.Status.Generation++
}

// inventoryStory is what an inventory goes through, in order.
func inventoryStory() phases[*inventory] {
	return phases[*inventory]{
		{link.Surveying, (*inventory).survey},
		{link.Offering, (*inventory).offer},
		{link.Closing, (*inventory).close},
	}
}

func (i *inventory) run(ctx workflow.Context) (link.Status, error) {
	ctx = outlive(ctx, func(ctx workflow.Context) {
		i.leave(ctx, link.Decision{Verb: link.Close, Via: link.ViaCancel, Reason: "the workflow was cancelled"})
	})
	i.usher(ctx)
	err := follow(ctx, &i.flow, inventoryStory(), i, i.goOn(), i.turned)
	if errors.Is(err, errLong) {
		err = i.continueAsNew(ctx)
	}
	return i.Status, err
}

// goOn is where the run begins: with the first phase, or where the run before it was.
func (i *inventory) goOn() link.Phase {
	switch {
	case i.Turned:
		i.Turned = false
		return i.turned()
	case i.Status.Phase == "":
		return link.Surveying
	}
	return i.Status.Phase
}

// turned is where an interrupted flow goes on.
func (i *inventory) turned() link.Phase {
	if i.Leaving {
		return link.Closing
	}
	return link.Surveying
}

func (i *inventory) continueAsNew(ctx workflow.Context) error {
	if err := i.settle(ctx); err != nil {
		return err
	}
	i.Turned = i.interrupted()
	in := i.in
	in.Carried = &i.inventoryState
	return workflow.NewContinueAsNewError(ctx, VPCInventoryWorkflow, in)
}

// leave begins to close the inventory.
func (i *inventory) leave(ctx workflow.Context, why link.Decision) {
	if i.Leaving || !i.Status.Phase.Open() {
		return
	}
	i.Leaving = true
	i.record(ctx, why)
	i.interrupt()
}

// offer gives places to connections, until something about the inventory itself changes.
func (i *inventory) offer(ctx workflow.Context) (link.Phase, error) {
	if _, err := i.wait(ctx, link.Waiting{}, func() bool { return !i.usable() }, i.look); err != nil {
		return "", err
	}
	return link.Surveying, nil
}

// close waits until nobody holds a place any more.
func (i *inventory) close(ctx workflow.Context) (link.Phase, error) {
	i.Waiters = nil // they are refused when they ask again
	i.news++        // what was given back a moment ago has not been looked at
	what := link.Waiting{For: "the connections to give their places back", Details: i.holders()}
	if _, err := i.wait(ctx, what, i.empty, i.look); err != nil {
		return "", err
	}
	i.settleConditions(ctx, string(link.Closed))
	i.Status.Room = nil
	return link.Closed, nil
}

// place is where the VPCs are.
func (i *inventory) place() activities.Place {
	return activities.Place{Account: i.Spec.Account, Region: i.Spec.Region}
}
