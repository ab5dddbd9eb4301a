package workflows

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// question is what people are asked about an endpoint, and what they have answered so far.
type question struct {
	Nonce string `json:"nonce"`
	subject
	// Given are the approvals, by different people.
	Given []link.Decision `json:"given,omitempty"`
}

// subject is what an answer is about. When any of it changes, the question is another one, and approvals that
// were given before are void.
type subject struct {
	Endpoint   string     `json:"endpoint"`
	Owner      string     `json:"owner"`
	Link       string     `json:"link,omitempty"`
	Generation int        `json:"generation"` // of the connection's spec
	Terms      link.Terms `json:"terms"`
	// Since is when the flow began to wait for the answer; zero while it waits for none, and a person may still
	// reject the endpoint.
	Since time.Time `json:"since,omitzero"`
	// Drift is what is to be set right, where that is what is asked.
	Drift string `json:"drift,omitempty"`
}

// ask puts the question that fits the endpoint, the spec and the service's policy as they are: whether to let the
// endpoint in, or to set right what has drifted.
func (c *connection) ask(ctx workflow.Context) {
	now := subject{Endpoint: c.Seen.Endpoint, Owner: c.Seen.Owner, Link: c.Seen.Link, Generation: c.Status.Generation, Terms: c.Service.Approval.Terms()}
	if c.Status.Phase == link.AwaitingApproval {
		now.Since = c.Status.Since.UTC().Round(0) // comparable
	}
	now.Drift = c.askedToRepair()
	c.put(ctx, now)
	c.Status.Question = c.posed()
}

// answer is the approval that is offered to be sent.
func (q *question) answer() *link.Decision {
	d := &link.Decision{Endpoint: q.Endpoint, Owner: q.Owner, Link: q.Link, Nonce: q.Nonce, By: placeholder, Reason: "why"}
	if q.Terms.Proof == link.ProofSignature {
		d.Signature = signHere
	}
	return d
}

// approvers are those who have approved so far.
func (q *question) approvers() []string {
	var names []string
	for _, d := range q.Given {
		names = append(names, d.Who())
	}
	return names
}

// asksFor is what people are asked about the connection just now.
func (c *connection) asksFor() link.Waiting {
	if c.Question.Drift != "" {
		return c.repairQuestion(c.Question)
	}
	return c.question()
}

// conditions say what the answers must fulfil, as far as that is out of the ordinary.
func (c *connection) conditions() []string {
	var lines []string
	terms := c.Question.Terms
	if terms.Approvers > 1 {
		line := fmt.Sprintf("%d of %d approvals", len(c.Status.Question.Approved), terms.Approvers)
		if len(c.Status.Question.Approved) > 0 {
			line += ": " + strings.Join(c.Status.Question.Approved, ", ")
		}
		lines = append(lines, line+".")
	}
	if len(c.Status.Question.Excluded) > 0 {
		lines = append(lines, "Who has applied it may not approve it: "+strings.Join(c.Status.Question.Excluded, ", ")+".")
	}
	switch terms.Proof {
	case link.ProofPrincipal:
		lines = append(lines, "Only a decision whose sender the Temporal server has authenticated counts: send a signal, not an update.")
	case link.ProofSignature:
		lines = append(lines, "Only a decision with an SSH signature counts.")
	}
	return lines
}

// approvalHolds reports whether the endpoint that is there is the one that was let in.
func (c *connection) approvalHolds() bool {
	return c.Approved != nil && c.Approved.Endpoint == c.Seen.Endpoint && c.Approved.Owner == c.Seen.Owner && c.Approved.Link == c.Seen.Link
}

// unapproved reports whether somebody has let the endpoint in past those who are to decide.
func (c *connection) unapproved() bool {
	return c.LetInOutside != "" && c.LetInOutside == c.Seen.Endpoint && !c.approvalHolds() && c.Service.Approval.Mode == link.ApproveManually
}

// policyDecision is the decision that the service's policy takes by itself, if it does.
func policyDecision(policy link.ApprovalPolicy, seen activities.ConnectionView) (link.Decision, bool) {
	d := link.Decision{Endpoint: seen.Endpoint, Owner: seen.Owner, Link: seen.Link, By: "policy", Via: link.ViaPolicy}
	switch {
	case policy.Mode == link.ApproveAutomatically:
		d.Reason = "spec.approval.mode is auto"
	case slices.Contains(policy.AutoApprove, seen.Owner):
		d.Reason = "spec.approval.autoApprove lists account " + seen.Owner
	default:
		return link.Decision{}, false
	}
	return d, true
}

// question is what the approver is asked, with the answer ready to be sent.
func (c *connection) question() link.Waiting {
	q := link.Waiting{
		For: "approval",
		Details: []string{
			fmt.Sprintf("Account %s asks to connect to service %s.", c.asker(), c.in.Service),
			fmt.Sprintf("Its endpoint is %s.", c.Seen.Endpoint),
		},
		Approve: c.Question.answer(),
	}
	if c.Seen.Link != "" {
		q.Details = append(q.Details, "The request has the link identifier "+c.Seen.Link+".")
	}
	if c.Seen.Message != "" {
		q.Details = append(q.Details, fmt.Sprintf("The consumer says: %q", c.Seen.Message))
	}
	if c.Spec == nil {
		q.Details = append(q.Details, "The consumer opened it by itself; no Connection was applied for it.")
	} else {
		q.Details = append(q.Details, fmt.Sprintf("It was applied for as connection %s by %s.", c.in.Name, orUnknown(c.Status.AppliedBy)))
	}
	q.Details = append(q.Details, c.conditions()...)
	if timeout := time.Duration(c.Service.Approval.Timeout); timeout > 0 && !c.overdue() {
		q.Until = c.Status.Since.Add(timeout)
		q.Details = append(q.Details, fmt.Sprintf("Without a decision by %s: %s.", moment(q.Until), c.Service.Approval.OnTimeout))
	}
	return q
}

// approvers are those whose approval let the endpoint in.
func (c *connection) approvers() []string {
	if len(c.ApprovedBy) == 0 {
		return []string{c.Approved.Who()}
	}
	return c.ApprovedBy
}

// asker is the consumer's account, with its name where it has one here.
func (c *connection) asker() string {
	if c.Spec == nil {
		return c.Seen.Owner
	}
	return fmt.Sprintf("%s (%s)", c.Seen.Owner, c.Spec.Account)
}

const reasonOverdue = "Overdue"

// overdue reports whether the deadline of this question has passed and the policy is to go on waiting.
func (c *connection) overdue() bool {
	approved, ok := c.Status.Condition(link.Approved)
	return ok && approved.Reason == reasonOverdue
}

func (c *connection) showApproval(ctx workflow.Context) {
	if c.approvalHolds() {
		c.condition(ctx, link.Approved, true, "Approved", "by "+strings.Join(c.approvers(), " and "))
		return
	}
	if c.elsewhere() {
		c.condition(ctx, link.Approved, true, "LetInByProvider", "the provider of "+c.Service.Name+" has let the endpoint in")
		return
	}
	c.condition(ctx, link.Approved, true, "LetInOutside", "the endpoint was let in without a decision here: acceptance is off, or somebody accepted it in the cloud")
}
