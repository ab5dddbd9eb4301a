package workflows

import (
	"fmt"
	"slices"
	"strings"

	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/internal/link"
)

// handle opens the connection to people and to other flows. It comes before anything that blocks.
func (c *connection) handle(ctx workflow.Context) error {
	if err := workflow.SetQueryHandlerWithOptions(ctx, StatusQuery, func() (link.Status, error) { return c.Status, nil },
		workflow.QueryHandlerOptions{Description: "The connection's phase, conditions, resources and decisions."}); err != nil {
		return err
	}
	if err := workflow.SetUpdateHandlerWithOptions(ctx, ApplyUpdate, c.apply, workflow.UpdateHandlerOptions{
		Validator: c.checkApply, Description: "Carry out a changed spec. The command linkwright apply sends it.",
	}); err != nil {
		return err
	}
	for _, d := range []decisionHandler{
		{link.Approve, "Let the waiting endpoint in. The JSON to paste is on the User Metadata tab; put your name and reason in it.", c.checkApproval, c.approve, c.prove},
		{link.Reject, "Turn the endpoint away, or cut it off when it is connected. Same JSON as for approve.", c.checkRejection, c.reject, c.prove},
		{link.Retry, `Try again at once what is blocked. Paste {"by": "your name"}`, c.checkRetry, c.flow.retry, nil},
		{link.Disconnect, `Take the connection down. Paste {"by": "your name", "reason": "why"}`, c.checkLeaving, c.disconnectFor, nil},
	} {
		if err := d.open(ctx, &c.flow); err != nil {
			return err
		}
	}
	if err := c.heedDrift(ctx, func() *link.DriftPolicy { return c.Service.Drift }); err != nil {
		return err
	}
	if err := answer(ctx, membershipQuery, c.sayMembership); err != nil {
		return err
	}
	if err := answer(ctx, stateQuery, func() (connectionState, error) { return c.connectionState, nil }); err != nil {
		return err
	}
	if err := answer(ctx, placeQuery, c.answerPlace); err != nil {
		return err
	}
	listen(ctx, &c.flow, roomSignal, c.roomFound)
	listen(ctx, &c.flow, serviceSignal, c.serviceSpoke)
	listen(ctx, &c.flow, changesSignal, c.changed)
	listen(ctx, &c.flow, inheritSignal, c.inherit)
	listen(ctx, &c.flow, handOverSignal, c.handOver)
	return nil
}

// apply carries a changed spec out on the running link.
func (c *connection) apply(ctx workflow.Context, req ApplyConnectionRequest) (ApplyResult, error) {
	first := !c.Introduced && c.Status.Generation == 1
	c.Introduced = true
	var result ApplyResult
	if c.Spec == nil {
		c.take(req.Spec, req.By) // it was opened by its consumer, and has a spec from now on
		c.interrupt()
		result.Changes = []string{"spec"}
	} else if changed, _ := link.ConnectionChanges(*c.Spec, req.Spec); len(changed) > 0 {
		c.take(req.Spec, req.By)
		c.interrupt()
		result.Changes = changed
	}
	if len(result.Changes) > 0 {
		c.condition(ctx, link.SpecApplied, false, "Applying", strings.Join(result.Changes, ", "))
		c.record(ctx, link.Decision{Verb: link.Apply, By: req.By, Via: link.ViaUpdate, Reason: strings.Join(result.Changes, ", ")})
	}
	result.Generation, result.Created = c.Status.Generation, first && len(result.Changes) == 0
	return result, nil
}

func (c *connection) checkApply(_ workflow.Context, req ApplyConnectionRequest) error {
	if c.Leaving != "" || c.Heir != "" {
		return fmt.Errorf("connection %s is being taken down; apply the spec again when it is gone", c.in.Name)
	}
	if err := fit(maxName, req.By); err != nil {
		return fmt.Errorf("who applies the spec: %w", err)
	}
	if err := checkConnectionSpec(c.in.Service, req.Spec); err != nil {
		return err
	}
	if c.Spec == nil {
		if !link.SameAzureID(req.Spec.ExistingEndpoint(), c.Seen.Endpoint) {
			return fmt.Errorf("this connection is endpoint %s, which its consumer opened; a spec for it must name that endpoint", c.Seen.Endpoint)
		}
		return nil
	}
	if _, refused := link.ConnectionChanges(*c.Spec, req.Spec); len(refused) > 0 {
		return refused
	}
	return nil
}

func (c *connection) checkApproval(d link.Decision) error {
	if c.askedToRepair() != "" {
		return c.checkSubject(d)
	}
	if c.elsewhere() {
		return errElsewhere
	}
	if c.Status.Phase != link.AwaitingApproval {
		return fmt.Errorf("the connection is %s: there is nothing to approve", c.Status.Phase)
	}
	if c.approvalHolds() {
		return fmt.Errorf("the connection was approved by %s already", c.Approved.By)
	}
	return c.checkSubject(d)
}

func (c *connection) checkRejection(d link.Decision) error {
	switch {
	case c.elsewhere():
		return errElsewhere
	case c.Leaving != "":
		return fmt.Errorf("the connection is being taken down already")
	case c.Seen.Endpoint == "":
		return fmt.Errorf("the connection is %s and has no endpoint yet: there is nothing to reject; use disconnect to give it up", c.Status.Phase)
	}
	return c.checkSubject(d)
}

// checkSubject makes sure that a decision is about what is there, and says whose it is.
func (c *connection) checkSubject(d link.Decision) error {
	if err := checkAuthor(d); err != nil {
		return err
	}
	if d.Link != c.Seen.Link && d.Endpoint == c.Seen.Endpoint {
		return fmt.Errorf("the decision is about the request with the link identifier %q, but the endpoint asks by the one with %s: look again and decide on that", d.Link, c.Seen.Link)
	}
	if d.Endpoint != c.Seen.Endpoint || d.Owner != c.Seen.Owner {
		return fmt.Errorf("the decision is about endpoint %q of account %q, but the connection is endpoint %s of account %s: look again and decide on that",
			d.Endpoint, d.Owner, c.Seen.Endpoint, c.Seen.Owner)
	}
	if d.Nonce != "" && (c.Question == nil || d.Nonce != c.Question.Nonce) {
		return fmt.Errorf("the decision answers an earlier question about this endpoint: look again and answer the one that is asked now")
	}
	return nil
}

func (c *connection) checkRetry(link.Decision) error { return c.flow.checkRetry() }

func (c *connection) checkLeaving(d link.Decision) error {
	if c.Leaving != "" {
		return errUnderWay
	}
	return checkAuthor(d)
}

// approve counts an approval, and lets the endpoint in when there are enough, or has what has drifted set right.
func (c *connection) approve(ctx workflow.Context, d link.Decision) {
	c.record(ctx, d)
	enough := c.count(d)
	switch {
	case enough && c.Question.Drift != "":
		c.letStay(ctx, d)
		c.letRepair(ctx)
	case enough:
		c.Approved, c.ApprovedBy = &d, c.Question.approvers()
	}
	c.Status.Question = c.posed()
	if w := c.Status.Waiting; w != nil && w.Approve != nil { // it goes on being asked
		w.Details = c.asksFor().Details
		c.show(ctx)
	}
}

// letStay takes an approval for the one that was passed over, if that is among what was asked.
func (c *connection) letStay(ctx workflow.Context, d link.Decision) {
	if slices.ContainsFunc(c.asked(), func(o link.OpenDrift) bool { return o.Kind == link.DriftUnapproved }) {
		c.Approved, c.ApprovedBy = &d, c.Question.approvers()
		c.showApproval(ctx)
	}
}

// admit lets the endpoint in without asking anybody.
func (c *connection) admit(ctx workflow.Context, d link.Decision) {
	d.Verb = link.Approve
	c.record(ctx, d)
	c.Approved, c.ApprovedBy = &d, nil
}

func (c *connection) prove(ctx workflow.Context, d *link.Decision) error {
	return c.ballot.prove(ctx, c.ask, d)
}

func (c *connection) reject(ctx workflow.Context, d link.Decision) {
	d.Verb = link.Reject
	c.condition(ctx, link.Approved, false, "Rejected", "by "+d.By)
	c.leave(ctx, link.Rejected, d)
}

func (c *connection) disconnectFor(ctx workflow.Context, d link.Decision) {
	d.Verb = link.Disconnect
	c.leave(ctx, link.Disconnected, d)
}

// handOver gives the endpoint to the connection that has a spec for it, and ends this flow.
func (c *connection) handOver(ctx workflow.Context, h handOver) {
	if c.Spec != nil || c.Leaving != "" || c.Heir != "" {
		return // only what nobody had a spec for is given away
	}
	there, err := tell(ctx, ConnectionID(c.in.Service, h.To), inheritSignal, inheritance{Decisions: c.Status.Decisions})
	if err != nil || !there {
		workflow.GetLogger(ctx).Warn("the endpoint stays here: its new connection is not running", "to", h.To, "error", err)
		return
	}
	c.Heir = h.To
	c.interrupt()
}

// inherit keeps what was decided on the endpoint before.
func (c *connection) inherit(ctx workflow.Context, from inheritance) {
	var before []link.Decision
	for _, d := range last(from.Decisions, keepDecisions/2) {
		d = clipped(d)
		d.Principal, d.Proven, d.Key, d.Via = "", "", "", link.ViaPredecessor
		before = append(before, d)
	}
	c.Status.Decisions = last(append(before, c.Status.Decisions...), keepDecisions)
	c.show(ctx)
}

func orUnknown(who string) string {
	if who == "" {
		return "an unknown person"
	}
	return who
}
