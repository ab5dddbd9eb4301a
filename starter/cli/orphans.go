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
	"github.com/linkwright/linkwright/starter/cli/render"
)

// orphanage is where a command takes orphans from: what a reconciliation has found of them in a place.
type orphanage struct {
	run   string
	scope link.Scope
}

func (o *orphanage) flags(a *app, cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&o.run, "run", "", "the reconciliation to go by (default: the newest that has looked for orphans)")
	flags.StringVar(&o.scope.Account, "account", "", "only what is in this account")
	flags.StringVar(&o.scope.Region, "region", "", "only what is in this region")
	if err := cmd.RegisterFlagCompletionFunc("run", func(cmd *cobra.Command, _ []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return a.completeReconciliations(cmd, nil, "")
	}); err != nil { // only for a flag that the command does not have
		cmd.PrintErrln(err)
	}
}

func (a *app) orphans() *cobra.Command {
	var from orphanage
	output := choice{value: "table", of: []string{"table", "json"}}
	cmd := &cobra.Command{
		Use:   "orphans",
		Short: "List what flows have left that do not run, and remove it",
		Long: `List the orphans that the newest reconciliation has found, or the one that --run names: what carries the ownership tag
of a flow that does not run, because somebody has terminated it. Nothing removes them but linkwright orphans remove. To keep
them instead, apply the spec of their owner again: its flow takes them up.

Reconciliations of single services look for no orphans.`,
		Example: `  linkwright orphans
  linkwright orphans --account shop -o json
  linkwright orphans remove connection/payments/shop`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			return a.withClient(ctx, func(c *flows.Client) error {
				r, err := from.open(ctx, c)
				if err != nil {
					return err
				}
				return a.printOrphans(r, from.in(r), output.value)
			})
		},
	}
	from.flags(a, cmd)
	cmd.Flags().VarP(&output, "output", "o", "how to write it: "+strings.Join(output.of, ", "))
	completeFlag(cmd, "output", output.of...)
	cmd.AddCommand(a.orphansRemove())
	return cmd
}

// errNoOrphanReport is that nobody has looked for orphans.
var errNoOrphanReport = errors.New("no reconciliation that is kept has looked for orphans there: begin with `linkwright reconcile`")

// lookedThrough is how many reconciliations are looked through for the newest that has looked for orphans.
const lookedThrough = 100

// open finds the reconciliation to go by.
func (o orphanage) open(ctx context.Context, c *flows.Client) (flows.Reconciliation, error) {
	var list []flows.Reconciliation
	if o.run != "" {
		one, err := c.Reconciliation(ctx, o.run)
		if err != nil {
			return one, err
		}
		if one.Running() || one.Scope.Service != "" {
			return one, fmt.Errorf("reconciliation %s is not over, or was of one service, and tells of no orphans", one.Name())
		}
		list = append(list, one)
	} else {
		var err error
		if list, err = c.Reconciliations(ctx, o.scope, lookedThrough); err != nil {
			return flows.Reconciliation{}, err
		}
	}
	for _, r := range list {
		if r.Running() || r.Scope.Service != "" {
			continue
		}
		if err := c.AddReport(ctx, &r); err != nil {
			return r, err
		}
		if r.Report != nil {
			return r, nil
		}
	}
	return flows.Reconciliation{}, errNoOrphanReport
}

// in are the orphans that a reconciliation has found in the place.
func (o orphanage) in(r flows.Reconciliation) []flows.Orphan {
	return slices.DeleteFunc(flows.OrphansIn(*r.Report), func(f flows.Orphan) bool {
		return !o.scope.Overlaps(link.Scope{Account: f.Account, Region: f.Region})
	})
}

func (a *app) printOrphans(r flows.Reconciliation, list []flows.Orphan, format string) error {
	if format == string(render.JSON) {
		return render.Encode(a.Out, render.JSON, append([]flows.Orphan{}, list...))
	}
	text := fmt.Sprintf("Found by %s, %s ago, in %s:\n", render.Printable(r.Name()), render.Duration(time.Since(r.Started)), render.Printable(r.Scope.String()))
	if len(list) == 0 {
		text += "no orphans\n"
	} else {
		text += render.Orphans(list, render.StyleFor(a.Out))
	}
	_, err := fmt.Fprint(a.Out, text)
	return err
}
