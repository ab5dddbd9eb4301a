package workflows

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// approve counts an approval, and lets the endpoint in when there are enough.
func (c *connection) approve(ctx workflow.Context, d link.Decision) {
	c.record(ctx, d)
	q := c.Question
	q.Given = append(q.Given, d)
	if len(q.Given) >= int(q.Terms.Approvers) {
		c.Approved, c.ApprovedBy = &d, q.approvers()
	}
	c.showQuestion()
	if w := c.Status.Waiting; w != nil && w.Approve != nil { // it goes on being asked
		w.Details = c.question().Details
		c.show(ctx)
	}
}

// admit lets the endpoint in without asking anybody.
func (c *connection) admit(ctx workflow.Context, d link.Decision) {
	d.Verb = link.Approve
	c.record(ctx, d)
	c.Approved, c.ApprovedBy = &d, nil
}

// prove finds out who decides, as far as the service's policy wants that proven, and whether they may: somebody
// who applied the spec may be kept from approving it, and nobody can approve twice. A name that is only
// claimed counts for nothing where proof is asked for.
func (c *connection) prove(ctx workflow.Context, d *link.Decision) error {
	c.ask(ctx)
	asked := c.Question
	others := c.others(*d)
	var same []string
	switch asked.Terms.Proof {
	case link.ProofPrincipal:
		if d.Principal == "" {
			return errNoPrincipal(d.Via)
		}
		d.Proven, same = d.Principal, namesLike(d.Principal, others)
	case link.ProofSignature:
		if d.Signature == "" || d.Signature == signHere {
			return errNoSignature
		}
		verdict, err := c.verify(ctx, *d, others)
		if err != nil {
			return err
		}
		d.Proven, d.Key, d.Signature, same = verdict.Signer.Name, verdict.Signer.Key, verdict.Signature, verdict.Same
		d.By, d.Nonce = d.Proven, asked.Nonce
	default:
		d.Signature = "" // nobody has looked at it
		same = namesLike(d.By, others)
	}
	if c.ask(ctx); c.Question != asked {
		return errors.New("what is asked has changed while the signature was checked: look again and answer the question that is asked now")
	}
	return c.mayApprove(*d, same)
}

// others are those whom an approver must not be.
func (c *connection) others(d link.Decision) []link.Signer {
	if d.Verb != link.Approve {
		return nil
	}
	var list []link.Signer
	for _, name := range c.excluded() {
		list = append(list, link.Signer{Name: name})
	}
	for _, given := range c.Question.Given {
		list = append(list, link.Signer{Name: given.Who(), Key: given.Key})
	}
	return list
}

// mayApprove judges an approver; same are the names of others that may be theirs as well.
func (c *connection) mayApprove(d link.Decision, same []string) error {
	if d.Verb != link.Approve || len(same) == 0 {
		return nil
	}
	for _, given := range c.Question.Given {
		if given.Who() == same[0] {
			return fmt.Errorf("%s has approved already, and %d different people must", same[0], c.Question.Terms.Approvers)
		}
	}
	return fmt.Errorf("%s has applied the spec, and whoever has may not approve it: somebody else must", same[0])
}

// namesLike are the names among others that are a name's, however they are written.
func namesLike(name string, others []link.Signer) []string {
	var same []string
	for _, other := range others {
		if strings.EqualFold(strings.TrimSpace(other.Name), strings.TrimSpace(name)) {
			same = append(same, other.Name)
		}
	}
	return same
}

// signHere stands for the signature in the decision that is offered to be sent.
const signHere = "the signature"

var errNoSignature = errors.New("the decision is not signed: sign what `linkwright approve --print` (or reject) shows with ssh-keygen -Y sign " +
	"and send the signature with it, or use --sign-with")

func errNoPrincipal(via link.Via) error {
	if via == link.ViaUpdate {
		return errors.New("the server must have authenticated who decides, which it does not tell of an update: send the signal of the same name, as linkwright does")
	}
	return errors.New("the server has not authenticated who sent the decision: send it with credentials of your own, to a server that " +
		"propagates principals")
}

// verify asks a worker whose signature it is. A decision is refused when no worker can tell.
func (c *connection) verify(ctx workflow.Context, d link.Decision, others []link.Signer) (activities.SignatureVerdict, error) {
	var verdict activities.SignatureVerdict
	text, err := link.Statement{
		Workflow: workflowID(ctx), Endpoint: d.Endpoint, Owner: d.Owner, Decision: d.Verb, Nonce: c.Question.Nonce,
	}.Text()
	if err != nil {
		return verdict, err
	}
	err = soon(ctx, stepName(activities.System.VerifySignature), "whose signature it is",
		activities.VerifySignatureRequest{Text: text, Signature: d.Signature, By: d.By, Others: others}, &verdict)
	switch {
	case err != nil:
		workflow.GetLogger(ctx).Warn("a signature was not verified", "error", err)
		return verdict, errors.New("no worker could verify the signature just now: send the decision again")
	case verdict.Refused != "":
		return verdict, errors.New(verdict.Refused)
	}
	return verdict, nil
}

// excluded are those who may not approve: whoever applied the spec, where the policy says so.
func (c *connection) excluded() []string {
	if !c.Question.Terms.ExcludeApplier {
		return nil
	}
	names := slices.Clone(c.Appliers)
	if starter := c.Starter; starter != nil && *starter != "" && !slices.Contains(names, *starter) {
		names = append(names, *starter)
	}
	return names
}

// meetStarter finds out whom the server authenticated when the flow was started with its spec: they have applied
// it, whatever name they gave. The beginning of a flow that was started without a spec is nobody's.
func (c *connection) meetStarter(ctx workflow.Context) {
	if c.Starter != nil || c.in.Spec == nil || !c.Service.Approval.ExcludeApplier {
		return
	}
	var starter string
	if err := soon(ctx, stepName(activities.System.FlowStarter), "who started this flow",
		activities.FlowStarterRequest{FirstRunID: workflow.GetInfo(ctx).FirstRunID}, &starter); err != nil {
		workflow.GetLogger(ctx).Warn("the starter of the flow is not known", "error", err)
		return
	}
	c.Starter = &starter
}

// applied notes who has applied the spec.
func (c *connection) applied(who string) {
	if who = clip(who, maxName); who != "" && !slices.Contains(c.Appliers, who) {
		c.Appliers = last(append(c.Appliers, who), keepAppliers)
	}
}

// keepAppliers is how many of those who applied the spec are kept from approving.
const keepAppliers = 60
