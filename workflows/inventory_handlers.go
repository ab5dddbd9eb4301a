package workflows

import (
	"fmt"
	"strings"

	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/internal/link"
)

// handle opens the inventory to people and to other flows. It comes before anything that blocks.
func (i *inventory) handle(ctx workflow.Context) error {
	if err := workflow.SetQueryHandlerWithOptions(ctx, StatusQuery, func() (link.Status, error) { return i.report(), nil },
		workflow.QueryHandlerOptions{Description: "The inventory's phase, conditions, room, who waits for some, and decisions."}); err != nil {
		return err
	}
	if err := workflow.SetUpdateHandlerWithOptions(ctx, ApplyUpdate, i.apply, workflow.UpdateHandlerOptions{
		Validator: i.checkApply, Description: "Carry out a changed spec. The command linkwright apply sends it.",
	}); err != nil {
		return err
	}
	for _, d := range []decisionHandler{
		{link.Retry, `Try again at once what is blocked. Paste {"by": "your name"}`, func(link.Decision) error { return i.checkRetry() }, i.flow.retry, nil},
		{link.Close, `Give no more places, and end when all are given back. Paste {"by": "your name", "reason": "why"}`, i.checkLeaving, i.closeFor, nil},
	} {
		if err := d.open(ctx, &i.flow); err != nil {
			return err
		}
	}
	if err := workflow.SetUpdateHandlerWithOptions(ctx, reserveUpdate, i.reserve, workflow.UpdateHandlerOptions{
		Validator: i.checkReserve, Description: betweenFlows,
	}); err != nil {
		return err
	}
	if err := answer(ctx, inventoryQuery, func() (link.VPCInventorySpec, error) { return i.Spec, nil }); err != nil {
		return err
	}
	if err := answer(ctx, stateQuery, func() (inventoryState, error) { return i.inventoryState, nil }); err != nil {
		return err
	}
	listen(ctx, &i.flow, releaseSignal, i.released)
	return nil
}

// report is the status together with those who wait for room.
func (i *inventory) report() link.Status {
	s := i.Status
	for _, w := range i.Waiters {
		s.Seeking = append(s.Seeking, w.Holder)
	}
	return s
}

// apply carries a changed spec out on the running inventory. Places in a VPC that has left the spec stay promised.
func (i *inventory) apply(ctx workflow.Context, req ApplyInventoryRequest) (ApplyResult, error) {
	first := !i.Introduced && i.Status.Generation == 1
	i.Introduced = true
	changed, _ := link.InventoryChanges(i.Spec, req.Spec)
	if len(changed) > 0 {
		i.adopt(req.Spec, req.By)
		i.condition(ctx, link.SpecApplied, false, "Applying", strings.Join(changed, ", "))
		i.record(ctx, link.Decision{Verb: link.Apply, By: req.By, Via: link.ViaUpdate, Reason: strings.Join(changed, ", ")})
		i.interrupt()
	}
	return ApplyResult{
		Created: first && len(changed) == 0, Generation: i.Status.Generation, Changes: changed,
	}, nil
}

func (i *inventory) checkApply(_ workflow.Context, req ApplyInventoryRequest) error {
	if i.Leaving {
		return fmt.Errorf("inventory %s is being closed; apply the spec again when it is closed", i.in.Name)
	}
	if err := fit(maxName, req.By); err != nil {
		return fmt.Errorf("who applies the spec: %w", err)
	}
	if err := req.Spec.Validate(); err != nil {
		return err
	}
	if _, refused := link.InventoryChanges(i.Spec, req.Spec); len(refused) > 0 {
		return refused
	}
	return nil
}

func (i *inventory) checkLeaving(d link.Decision) error {
	if i.Leaving {
		return errUnderWay
	}
	return checkAuthor(d)
}

func (i *inventory) closeFor(ctx workflow.Context, d link.Decision) {
	d.Verb = link.Close
	i.leave(ctx, d)
}
