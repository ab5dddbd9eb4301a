package workflows

import (
	"fmt"
	"strings"

	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/internal/link"
)

// handle opens the peering to people. It comes before anything that blocks.
func (p *peering) handle(ctx workflow.Context) error {
	if err := workflow.SetQueryHandlerWithOptions(ctx, StatusQuery, func() (link.Status, error) { return p.Status, nil },
		workflow.QueryHandlerOptions{Description: "The peering's phase, conditions, resources and decisions."}); err != nil {
		return err
	}
	if err := workflow.SetUpdateHandlerWithOptions(ctx, ApplyUpdate, p.apply, workflow.UpdateHandlerOptions{
		Validator: p.checkApply, Description: "Carry out a changed peering, and take in what has changed in the inventory. The command linkwright peer add sends it.",
	}); err != nil {
		return err
	}
	for _, d := range []decisionHandler{
		{link.Retry, `Try again at once what is blocked. Paste {"by": "your name"}`, func(link.Decision) error { return p.checkRetry() }, p.flow.retry, nil},
		{link.Remove, `Take away the rules, the routes, then the peering connections. Paste {"by": "your name", "reason": "why"}`, p.checkLeaving, p.removeFor, nil},
	} {
		if err := d.open(ctx, &p.flow); err != nil {
			return err
		}
	}
	return nil
}

// apply carries a changed spec out on the running peering. The same spec once more makes it ask the inventory anew.
func (p *peering) apply(ctx workflow.Context, req ApplyPeeringRequest) (ApplyResult, error) {
	first := !p.Introduced && p.Status.Generation == 1
	p.Introduced = true
	changed, _ := link.PeeringChanges(p.Spec, req.Spec)
	created := first && len(changed) == 0
	if len(changed) > 0 {
		p.adopt(req.Spec, req.By)
		p.record(ctx, link.Decision{Verb: link.Apply, By: req.By, Via: link.ViaUpdate, Reason: strings.Join(changed, ", ")})
	}
	if !created {
		what := strings.Join(changed, ", ")
		if what == "" {
			what = "asks the inventory again"
		}
		p.condition(ctx, link.SpecApplied, false, "Applying", what)
		p.interrupt()
	}
	return ApplyResult{Created: created, Generation: p.Status.Generation, Changes: changed}, nil
}

func (p *peering) checkApply(_ workflow.Context, req ApplyPeeringRequest) error {
	if p.Leaving {
		return fmt.Errorf("peering %s is being removed; add it again when it is gone", p.in.Name)
	}
	if err := fit(maxName, req.By); err != nil {
		return fmt.Errorf("who adds the peering: %w", err)
	}
	if err := req.Spec.Validate(); err != nil {
		return err
	}
	if _, refused := link.PeeringChanges(p.Spec, req.Spec); len(refused) > 0 {
		return refused
	}
	return nil
}

func (p *peering) checkLeaving(d link.Decision) error {
	if p.Leaving {
		return errUnderWay
	}
	return checkAuthor(d)
}

func (p *peering) removeFor(ctx workflow.Context, d link.Decision) {
	d.Verb = link.Remove
	p.leave(ctx, d)
}
