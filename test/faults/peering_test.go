package faults

import (
	"context"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
)

// offices is the peering of the peering's life, and hub its inventory.
var offices = flows.PeeringRef("offices")

// peered are the steps of a peering, which nobody has to approve.
func peered() []step {
	return []step{{applied, peer, (*lane).untilPeered}, {withdrawn, unpeer, (*lane).untilApart}}
}

func peer(ctx context.Context, l *lane, _ cell) error {
	if err := l.Apply(ctx); err != nil {
		return err
	}
	return l.WhenHeard(ctx, "the peering to be applied", func() (bool, error) {
		_, err := l.Flows.ApplyPeering(ctx, offices.Name, link.PeeringSpec{
			Hub: link.PeeringHub{
				Account: "operators", Region: "eu-central-1", VPC: l.Cloud.Resource("operators", "vpc", "offices"),
				RouteTables: []string{l.Cloud.Resource("operators", "route-table", "offices/private")},
			},
			Inventory: hub.Name,
		}, "lab")
		return true, err
	})
}

// untilPeered waits for the inventory, too: a peering asks it for its VPCs, and not whether it has looked at them yet.
func (l *lane) untilPeered(ctx context.Context, _ cell, got *outcome) error {
	if err := l.Reach(ctx, offices, link.Peered); err != nil {
		return err
	}
	if err := l.Reach(ctx, hub, link.Offering); err != nil {
		return err
	}
	return l.observeReady(ctx, got)
}

func unpeer(ctx context.Context, l *lane, _ cell) error { return l.tell(ctx, offices) }

func (l *lane) untilApart(ctx context.Context, _ cell, got *outcome) error {
	if err := l.Reach(ctx, offices, link.Removed); err != nil {
		return err
	}
	if err := l.tell(ctx, hub); err != nil {
		return err
	}
	if err := l.Reach(ctx, hub, link.Closed); err != nil {
		return err
	}
	return l.observeGone(ctx, got)
}

// tell has a flow take all away that it has made.
func (l *lane) tell(ctx context.Context, ref flows.Ref) error {
	return l.WhenHeard(ctx, ref.String()+" to hear", func() (bool, error) {
		_, err := l.Flows.Remove(ctx, ref, link.Decision{By: "lab", Reason: "the test is over"})
		return true, err
	})
}
