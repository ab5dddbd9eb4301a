package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
)

// removal is what a delete command was asked to do.
type removal struct {
	files    []string
	decision link.Decision
	yes      bool
	wait     bool
	timeout  time.Duration
}

func (a *app) remove() *cobra.Command {
	var r removal
	cmd := &cobra.Command{
		Use:   "delete OBJECT… | -f FILE",
		Short: "Disconnect connections, withdraw services and close inventories",
		Long: `Take down what the flows made. A connection is disconnected: its routes and targets, then its endpoint, are
removed. A service is withdrawn: all its connections first, then the service, its proof and its published name. An
inventory is closed: it gives no more places and ends once the connections that hold some have given them back; it
disconnects none of them. Connections go before services before inventories. What was there before Linkwright stays.

` + objectForms,
		Example: `  linkwright delete connection/payments/shop
  linkwright delete service/payments --yes
  linkwright delete inventory/hub --reason 'replaced by hub-2'
  linkwright delete -f payments.yaml --reason 'end of the trial'`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(r.files) > 0 && len(args) > 0 {
				return errors.New("name objects or files, not both")
			}
			if len(r.files) > 0 {
				return nil
			}
			return objects(cmd, args)
		},
		ValidArgsFunction: a.completeNames(flows.Filter{}),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			return a.withClient(ctx, func(c *flows.Client) error {
				targets, err := a.targets(ctx, c, args, r.files)
				if err != nil {
					return err
				}
				return a.removeAll(ctx, c, r, targets)
			})
		},
	}
	flags := cmd.Flags()
	filesFlag(cmd, &r.files)
	flags.StringVar(&r.decision.Reason, "reason", "", "why, as recorded with the decision")
	flags.BoolVarP(&r.yes, "yes", "y", false, "do not ask back")
	flags.BoolVar(&r.wait, "wait", true, "wait until everything is gone")
	timeoutFlag(cmd, &r.timeout)
	asFlag(flags, &r.decision.By)
	return cmd
}

// targets are the objects to delete, those first that need others.
func (a *app) targets(ctx context.Context, c *flows.Client, args, files []string) ([]flows.Ref, error) {
	if len(files) == 0 {
		named, err := resolve(ctx, c, args)
		return dependentsFirst(named), err
	}
	docs, err := a.load(files)
	if err != nil {
		return nil, err
	}
	return dependentsFirst(docs.refs()), nil
}

func dependentsFirst(refs []flows.Ref) []flows.Ref {
	slices.SortStableFunc(refs, func(a, b flows.Ref) int { return rank(b) - rank(a) })
	return refs
}

// removeAll asks once for all targets, and then tells each flow. With files, what is gone already is no error.
func (a *app) removeAll(ctx context.Context, c *flows.Client, r removal, targets []flows.Ref) error {
	if !r.yes {
		consequences, err := consequences(ctx, c, targets)
		if err != nil {
			return err
		}
		if !a.interactive {
			return fmt.Errorf("this would take down:\n%snobody is here to ask: say --yes", consequences)
		}
		if err := a.confirm(ctx, "This takes down:\n"+consequences+"Go on?"); err != nil {
			return err
		}
	}
	var leaving []flows.Ref
	for _, ref := range targets {
		recorded, err := c.Remove(ctx, ref, r.decision)
		if len(r.files) > 0 && gone(err) {
			fmt.Fprintf(a.Out, "%s is not there\n", ref)
			continue
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(a.Out, "%s %s\n", ref, done[recorded.Verb])
		leaving = append(leaving, ref)
	}
	if !r.wait || len(leaving) == 0 {
		return nil
	}
	return a.follow(ctx, c, r.timeout, Departure, leaving...)
}

// consequences is what would go, a line each: the targets, and with a service every connection to it. An inventory
// takes nothing with it.
func consequences(ctx context.Context, c *flows.Client, targets []flows.Ref) (string, error) {
	var b strings.Builder
	for _, ref := range targets {
		if ref.Kind == link.KindVPCInventory {
			fmt.Fprintf(&b, "  %s, once no connection holds a place in it\n", ref)
			continue
		}
		fmt.Fprintf(&b, "  %s\n", ref)
		if ref.Kind != link.KindEndpointService {
			continue
		}
		connections, err := c.List(ctx, flows.Filter{Kind: link.KindConnection, Service: ref.Name})
		if err != nil {
			return "", err
		}
		for _, item := range connections {
			if !slices.Contains(targets, item.Ref()) {
				fmt.Fprintf(&b, "  %s of account %s (%s), because it connects to %s\n", item.Ref(), orUnknown(item.Account), item.Phase, ref)
			}
		}
	}
	return b.String(), nil
}

func orUnknown(account string) string {
	if account == "" {
		return "unknown"
	}
	return account
}

// gone reports whether the error is a flow that is over, or never was.
func gone(err error) bool {
	var notFound *flows.NotFoundError
	var ended *flows.EndedError
	return errors.As(err, &notFound) || errors.As(err, &ended)
}
