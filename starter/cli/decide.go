package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
	"github.com/linkwright/linkwright/starter/cli/render"
)

const howToProve = `

A service may ask for several approvals, and for proof of who decides (see its spec.approval). Where it asks for
the principal, the decision is sent as a signal, and reported once the connection has taken or refused it. Where it
asks for a signature, sign with --sign-with, or by hand:

  linkwright %[1]s payments/shop --print > decision
  ssh-keygen -Y sign -n linkwright -f ~/.ssh/id_ed25519 decision
  linkwright %[1]s payments/shop --signature decision.sig`

func (a *app) approve() *cobra.Command {
	return a.decision(link.Approve, &cobra.Command{
		Use:   "approve CONNECTION | service/NAME",
		Short: "Let a connection in, or have drift set right",
		Long: `Let a connection in. What is let in is exactly the endpoint and owner that are shown, or that --endpoint and
--owner name (in Azure, with --link, the very request); if another one asks by then, the decision is refused. Who decides
is recorded as given. Without a terminal to show them on, they must be named, or --yes be given.

A service, and a connection that is ready, may ask whether to set right what has drifted: it is approved in the same way,
and left as it is otherwise. If something else has drifted by then, the decision is refused.` + fmt.Sprintf(howToProve, link.Approve),
		Example: `  linkwright approve payments/shop
  linkwright approve service/payments
  linkwright approve payments/shop --endpoint vpce-0a1b2c3d4e5f60718 --owner 222222222222 --as alice
  linkwright approve payments/shop --sign-with ~/.ssh/id_ed25519`,
	})
}

func (a *app) reject() *cobra.Command {
	return a.decision(link.Reject, &cobra.Command{
		Use:   "reject CONNECTION",
		Short: "Turn a connection away",
		Long: "Turn a connection away. The consumer sees the endpoint rejected; the reason is recorded with the decision. One\n" +
			"person is enough." + fmt.Sprintf(howToProve, link.Reject),
		Example: "  linkwright reject payments/shop --reason 'ask for the staging service instead'",
	})
}

// verdict is what an approve or reject command was asked to do.
type verdict struct {
	decision link.Decision
	// named is true when the person has said who they are.
	named bool
	proof proof
	yes   bool
}

// decision completes a command that approves or rejects.
func (a *app) decision(verb link.Verb, cmd *cobra.Command) *cobra.Command {
	v := verdict{decision: link.Decision{Verb: verb}}
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if err := cmd.ValidateFlagGroups(); err != nil { // now, while it counts as not understood
			return err
		}
		return object(cmd, args)
	}
	cmd.ValidArgsFunction = a.completeAsking(verb)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		v.named = cmd.Flags().Changed("as")
		return a.withClient(cmd.Context(), func(c *flows.Client) error { return a.decide(cmd.Context(), c, args, v) })
	}
	flags := cmd.Flags()
	flags.StringVar(&v.decision.Endpoint, "endpoint", "", "the endpoint that is decided on (default: the one that asks)")
	flags.StringVar(&v.decision.Owner, "owner", "", "the account id that it must belong to (default: the one that asks)")
	flags.StringVar(&v.decision.Link, "link", "", "the link identifier of its request, in Azure (default: that of the one that asks)")
	flags.StringVar(&v.decision.Reason, "reason", "", "why, as recorded with the decision")
	flags.BoolVarP(&v.yes, "yes", "y", false, "do not ask back")
	asFlag(flags, &v.decision.By)
	v.proof.flags(cmd)
	return cmd
}

func (a *app) decide(ctx context.Context, c *flows.Client, args []string, v verdict) error {
	ref, err := decidable(ctx, c, args, v.decision.Verb)
	if err != nil {
		return err
	}
	status, err := c.Status(ctx, ref)
	if err != nil {
		return err
	}
	given := v.decision
	v.decision, err = complete(v.decision, status)
	if err != nil {
		return err
	}
	if v.proof.print {
		return a.printStatement(ref, v.decision)
	}
	if err := v.proof.fits(ref, v.decision.Verb, status.Question); err != nil {
		return err
	}
	if !a.interactive && !v.yes {
		if err := wantNamed(given, v.decision); err != nil {
			return err
		}
	}
	if v.proof.signed() && !v.named {
		v.decision.By = "" // it is what the workers have listed the key for
	}
	if a.interactive && !v.yes {
		question := fmt.Sprintf("%s%s %s%s?", a.asked(status), capital(given.Verb), subject(status, v.decision), as(v.decision.By))
		if err := a.confirm(ctx, question); err != nil {
			return err
		}
	}
	if v.decision.Signature, err = a.signature(ctx, ref, v.decision, v.proof); err != nil {
		return err
	}
	send := c.Decide
	if status.Question != nil && status.Question.Proof == link.ProofPrincipal {
		send = c.DecideBySignal
	}
	recorded, err := send(ctx, ref, v.decision)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(a.Out, render.Printable(fmt.Sprintf("%s %s: %s, by %s%s", ref, done[recorded.Verb],
		subject(status, recorded), recorded.Who(), a.counted(ctx, c, ref, recorded))))
	return err
}

// subject is what a decision is about.
func subject(s link.Status, d link.Decision) string {
	if s.AsksForRepair() && d.Verb == link.Approve {
		return "the repair of what has drifted"
	}
	return fmt.Sprintf("endpoint %s of account %s", d.Endpoint, d.Owner)
}

// wantNamed makes sure that what is given to the command names the request without help from what asks now. An
// endpoint that was deleted and made again has the same id in Azure, and another link identifier.
func wantNamed(given, completed link.Decision) error {
	flags := "--endpoint and --owner"
	if completed.Link != "" {
		flags = "--endpoint, --owner and --link"
	}
	if given.Endpoint == "" || given.Owner == "" || given.Link == "" && completed.Link != "" {
		return fmt.Errorf("there is no terminal to ask on: name what to %s with %s, or give --yes for whatever asks", given.Verb, flags)
	}
	return nil
}

func as(who string) string {
	if who == "" {
		return ""
	}
	return ", as " + who
}

// counted is how far an approval has brought a connection that needs several; empty where it is not known.
func (a *app) counted(ctx context.Context, c *flows.Client, ref flows.Ref, d link.Decision) string {
	if d.Verb != link.Approve {
		return ""
	}
	status, err := c.Status(ctx, ref)
	if err != nil || status.Phase != link.AwaitingApproval && !status.AsksForRepair() || status.Question == nil || status.Question.Approvers < 2 {
		return ""
	}
	return fmt.Sprintf("; %d of %d approvals", len(status.Question.Approved), status.Question.Approvers)
}

// decidable is the one flow that is decided on; a name alone can only be a connection's here. A service is asked about
// nothing but repairs, which are not rejected.
func decidable(ctx context.Context, c *flows.Client, args []string, verb link.Verb) (flows.Ref, error) {
	parsed, err := flows.ParseRefs(args)
	if err != nil {
		return flows.Ref{}, err
	}
	switch parsed[0].Kind {
	case link.KindEndpointService:
		if verb == link.Reject {
			return flows.Ref{}, fmt.Errorf("%s is a service, and what it asks is approved or left: change its spec, or spec.drift in it, so that it "+
				"asks no more. To turn one of its connections away, name it as %s/NAME", parsed[0], parsed[0].Name)
		}
		return parsed[0], nil
	case link.KindVPCInventory:
		return flows.Ref{}, fmt.Errorf("%s is an inventory: name a connection, as SERVICE/NAME", parsed[0])
	case link.KindVPCPeering:
		return flows.Ref{}, fmt.Errorf("%s is a peering: name a connection, as SERVICE/NAME", parsed[0])
	}
	parsed[0].Kind = link.KindConnection
	resolved, err := c.Resolve(ctx, parsed)
	if err != nil {
		return flows.Ref{}, err
	}
	return resolved[0], nil
}

// complete names in the decision exactly what is asked, unless the person has named it, and the question that is answered.
func complete(decision link.Decision, s link.Status) (link.Decision, error) {
	if s.Question != nil {
		decision.Nonce = s.Question.Nonce
	}
	ref := flows.RefOf(s)
	if decision.Verb == link.Reject && s.AsksForRepair() {
		if decision.Endpoint == "" || decision.Owner == "" {
			return decision, fmt.Errorf("%[1]s asks whether to set right what has drifted, which is approved or left: to be asked no more, change its spec, or "+
				"spec.drift of %[2]s. To cut it off, name what is connected with --endpoint and --owner, or use `linkwright delete %[1]s`", ref, flows.ServiceRef(s.Service))
		}
		return decision, nil
	}
	if s.Waiting != nil && s.Waiting.Approve != nil {
		if decision.Endpoint == "" {
			decision.Endpoint = s.Waiting.Approve.Endpoint
		}
		if decision.Owner == "" {
			decision.Owner = s.Waiting.Approve.Owner
		}
		if decision.Link == "" && decision.Endpoint == s.Waiting.Approve.Endpoint {
			decision.Link = s.Waiting.Approve.Link
		}
	}
	switch {
	case decision.Endpoint != "" && decision.Owner != "":
		return decision, nil
	case s.Kind == link.KindEndpointService:
		return decision, fmt.Errorf("%s is a service that asks nothing now, it is %s: name one of its connections, as %s/NAME", ref, s.Phase, s.Name)
	}
	return decision, fmt.Errorf("%s does not wait for approval, it is %s: name what to %s with --endpoint and --owner, or see "+
		"`linkwright describe %s`", ref, s.Phase, decision.Verb, ref)
}

// asked is what the flow itself says of its question.
func (a *app) asked(s link.Status) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s is %s.\n", flows.RefOf(s), s.Phase)
	if s.Waiting != nil {
		for _, line := range s.Waiting.Details {
			b.WriteString("  " + render.Printable(line) + "\n")
		}
	}
	return b.String()
}

// done is how to say that a decision was taken.
var done = map[link.Verb]string{
	link.Approve:    "approved",
	link.Reject:     "rejected",
	link.Disconnect: "is being disconnected",
	link.Withdraw:   "is being withdrawn",
	link.Close:      "is being closed",
	link.Remove:     "is being removed",
}

func capital(v link.Verb) string { return strings.ToUpper(string(v[:1])) + string(v[1:]) }

func (a *app) retry() *cobra.Command {
	decision := link.Decision{Verb: link.Retry}
	cmd := &cobra.Command{
		Use:   "retry OBJECT…",
		Short: "Tell something that is blocked to try again now",
		Long: `Tell a service, connection or inventory that is blocked to try again now, rather than when it would by itself.
There is no need to: whatever was mended is found in time.

` + objectForms,
		Example: `  linkwright retry connection/payments/shop
  linkwright retry inventory/hub`,
		Args:              objects,
		ValidArgsFunction: a.completeNames(flows.Filter{Blocked: flows.AnyReason}),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withClient(cmd.Context(), func(c *flows.Client) error {
				refs, err := resolve(cmd.Context(), c, args)
				if err != nil {
					return err
				}
				for _, ref := range refs {
					if _, err := c.Decide(cmd.Context(), ref, decision); err != nil {
						return err
					}
					if _, err := fmt.Fprintf(a.Out, "%s tries again\n", ref); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
	asFlag(cmd.Flags(), &decision.By)
	return cmd
}

// timeoutFlag adds the limit of a command that waits.
func timeoutFlag(cmd *cobra.Command, timeout *time.Duration) {
	cmd.Flags().DurationVar(timeout, "timeout", 0, "give up waiting after this time, such as 10m (default: never)")
}
