package workflows

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// ballot is a question to people, and what they have answered so far.
type ballot struct {
	// Question is what people are asked, and Questions counts what they were asked so far.
	Question  *question `json:"question,omitempty"`
	Questions int       `json:"questions,omitempty"`
	// Appliers are those who say to have applied the spec, and Starter is whom the server authenticated when the
	// flow was started with it: nil until that was asked, empty when it was nobody.
	Appliers []string `json:"appliers,omitempty"`
	Starter  *string  `json:"starter,omitempty"`
}

// put puts a question, unless it is the one that is asked already. A nonce is never used twice: it is made of the
// flow's run and a count.
func (b *ballot) put(ctx workflow.Context, now subject) {
	if b.Question != nil && b.Question.subject == now {
		return
	}
	b.Questions++
	run := workflow.GetInfo(ctx)
	b.Question = &question{Nonce: fmt.Sprintf("%s-%d", cmp.Or(run.OriginalRunID, run.WorkflowExecution.RunID), b.Questions), subject: now}
}

// posed is the question as the status shows it.
func (b *ballot) posed() *link.Question {
	q := b.Question
	return &link.Question{Nonce: q.Nonce, Terms: q.Terms, Approved: q.approvers(), Excluded: b.excluded()}
}

// count counts an approval, and reports whether there are enough.
func (b *ballot) count(d link.Decision) bool {
	b.Question.Given = append(b.Question.Given, d)
	return len(b.Question.Given) >= int(b.Question.Terms.Approvers)
}

// prove finds out who decides, as far as the service's policy wants that proven, and whether they may: somebody
// who applied the spec may be kept from approving it, and nobody can approve twice. A name that is only
// claimed counts for nothing where proof is asked for.
func (b *ballot) prove(ctx workflow.Context, ask func(workflow.Context), d *link.Decision) error {
	ask(ctx)
	asked := b.Question
	others := b.others(*d)
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
		verdict, err := b.verify(ctx, *d, others)
		if err != nil {
			return err
		}
		d.Proven, d.Key, d.Signature, same = verdict.Signer.Name, verdict.Signer.Key, verdict.Signature, verdict.Same
		d.By, d.Nonce = d.Proven, asked.Nonce
	default:
		d.Signature = "" // nobody has looked at it
		same = namesLike(d.By, others)
	}
	if ask(ctx); b.Question != asked {
		return errors.New("what is asked has changed while the signature was checked: look again and answer the question that is asked now")
	}
	return b.mayApprove(*d, same)
}

// others are those whom an approver must not be.
func (b *ballot) others(d link.Decision) []link.Signer {
	if d.Verb != link.Approve {
		return nil
	}
	var list []link.Signer
	for _, name := range b.excluded() {
		list = append(list, link.Signer{Name: name})
	}
	for _, given := range b.Question.Given {
		list = append(list, link.Signer{Name: given.Who(), Key: given.Key})
	}
	return list
}

// mayApprove judges an approver; same are the names of others that may be theirs as well.
func (b *ballot) mayApprove(d link.Decision, same []string) error {
	if d.Verb != link.Approve || len(same) == 0 {
		return nil
	}
	for _, given := range b.Question.Given {
		if given.Who() == same[0] {
			return fmt.Errorf("%s has approved already, and %d different people must", same[0], b.Question.Terms.Approvers)
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
func (b *ballot) verify(ctx workflow.Context, d link.Decision, others []link.Signer) (activities.SignatureVerdict, error) {
	var verdict activities.SignatureVerdict
	text, err := link.Statement{
		Workflow: workflowID(ctx), Endpoint: d.Endpoint, Owner: d.Owner, Decision: d.Verb, Nonce: b.Question.Nonce,
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
func (b *ballot) excluded() []string {
	if !b.Question.Terms.ExcludeApplier {
		return nil
	}
	names := slices.Clone(b.Appliers)
	if starter := b.Starter; starter != nil && *starter != "" && !slices.Contains(names, *starter) {
		names = append(names, *starter)
	}
	return names
}

// meetStarter finds out whom the server authenticated when the flow was started with its spec: they have applied
// it, whatever name they gave. The beginning of a flow that was started without a spec is nobody's.
func (b *ballot) meetStarter(ctx workflow.Context) {
	if b.Starter != nil {
		return
	}
	var starter string
	if err := soon(ctx, stepName(activities.System.FlowStarter), "who started this flow",
		activities.FlowStarterRequest{FirstRunID: workflow.GetInfo(ctx).FirstRunID}, &starter); err != nil {
		workflow.GetLogger(ctx).Warn("the starter of the flow is not known", "error", err)
		return
	}
	b.Starter = &starter
}

// applied notes who has applied the spec.
func (b *ballot) applied(who string) {
	if who = clip(who, maxName); who != "" && !slices.Contains(b.Appliers, who) {
		b.Appliers = last(append(b.Appliers, who), keepAppliers)
	}
}

// keepAppliers is how many of those who applied the spec are kept from approving.
const keepAppliers = 60
