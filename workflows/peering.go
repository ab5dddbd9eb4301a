package workflows

import (
	"errors"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// VPCPeering peers a hub's VPC with the VPCs of an inventory, and keeps them peered until it is told to remove all that
// it has made. It answers with its last status.
func VPCPeering(ctx workflow.Context, in VPCPeeringInput) (link.Status, error) {
	p, err := newPeering(ctx, in)
	if err != nil {
		return link.Status{}, err
	}
	return p.run(ctx)
}

// peering is a running VPCPeering.
type peering struct {
	flow
	peeringState
	in VPCPeeringInput
}

// peeringState is what a peering remembers when it continues as new.
type peeringState struct {
	Status link.Status      `json:"status"`
	Spec   link.PeeringSpec `json:"spec"` // with defaults
	// Inventory is what the inventory's flow has said of it last.
	Inventory link.VPCInventorySpec `json:"inventory,omitzero"`
	// Hub is the hub's VPC as it was seen last.
	Hub activities.Network `json:"hub,omitzero"`
	// Legs are the VPCs that are peered with the hub. Each is written down before anything is made for it.
	Legs []leg `json:"legs,omitempty"`
	// Stale are legs, or parts of some, that are wanted no longer and are to be removed.
	Stale []leg `json:"stale,omitempty"`
	// Leaving is true once all is to be removed.
	Leaving bool `json:"leaving,omitempty"`
	// Turned is true when the flow was told to turn elsewhere while it made ready to continue as new.
	Turned bool `json:"turned,omitempty"`
	// Introduced is true once the flow has answered to the command that started it.
	Introduced bool `json:"introduced,omitempty"`
}

func newPeering(ctx workflow.Context, in VPCPeeringInput) (*peering, error) {
	p := &peering{in: in}
	if in.Carried != nil {
		if err := checkCarried(workflow.GetInfo(ctx)); err != nil {
			return nil, err
		}
		p.peeringState = *in.Carried
	} else {
		p.Status = link.Status{Kind: link.KindVPCPeering, Name: in.Name}
		if err := errors.Join(link.Metadata{Name: in.Name}.Validate(), in.Spec.Validate()); err != nil {
			return nil, temporal.NewNonRetryableApplicationError(err.Error(), "InvalidSpec", nil)
		}
		p.adopt(in.Spec, in.By)
	}
	p.flow = newFlow(ctx, &p.Status)
	heard, _ := workflow.NewDisconnectedContext(ctx) // a flow that was cancelled listens until all is removed
	return p, p.handle(heard)
}

// adopt makes a spec the one to carry out.
func (p *peering) adopt(spec link.PeeringSpec, by string) {
	p.Spec = spec.WithDefaults()
	p.Status.Account, p.Status.Region = spec.Hub.Account, spec.Hub.Region
	p.Status.AppliedBy = clip(by, maxName)
	p.Status.Generation++
}

// peeringStory is what a peering goes through, in order.
func peeringStory() phases[*peering] {
	return phases[*peering]{
		{link.Checking, (*peering).check},
		{link.Peering, (*peering).connect},
		{link.Routing, (*peering).lead},
		{link.Peered, (*peering).keep},
		{link.Removing, (*peering).remove},
	}
}

func (p *peering) run(ctx workflow.Context) (link.Status, error) {
	ctx = outlive(ctx, func(ctx workflow.Context) {
		p.leave(ctx, link.Decision{Verb: link.Remove, Via: link.ViaCancel, Reason: "the workflow was cancelled"})
	})
	err := follow(ctx, &p.flow, peeringStory(), p, p.goOn(), p.turned)
	if errors.Is(err, errLong) {
		err = p.continueAsNew(ctx)
	}
	return p.Status, err
}

// goOn is where the run begins: with the first phase, or where the run before it was.
func (p *peering) goOn() link.Phase {
	switch {
	case p.Turned:
		p.Turned = false
		return p.turned()
	case p.Status.Phase == "":
		return link.Checking
	}
	return p.Status.Phase
}

// turned is where an interrupted flow goes on.
func (p *peering) turned() link.Phase {
	if p.Leaving {
		return link.Removing
	}
	return link.Checking
}

func (p *peering) continueAsNew(ctx workflow.Context) error {
	if err := p.settle(ctx); err != nil {
		return err
	}
	p.Turned = p.interrupted()
	in := p.in
	in.Carried = &p.peeringState
	return workflow.NewContinueAsNewError(ctx, VPCPeeringWorkflow, in)
}

// leave begins the removal.
func (p *peering) leave(ctx workflow.Context, why link.Decision) {
	if p.Leaving || !p.Status.Phase.Open() {
		return
	}
	p.Leaving = true
	p.record(ctx, why)
	p.interrupt()
}

// place is where the hub is.
func (p *peering) place() activities.Place {
	return activities.Place{Account: p.Spec.Hub.Account, Region: p.Spec.Hub.Region}
}
