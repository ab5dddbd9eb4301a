package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
	"github.com/linkwright/linkwright/starter/cli/render"
	"github.com/linkwright/linkwright/starter/cli/report"
)

// lastReconciliations is how many are shown unless told otherwise.
const lastReconciliations = 10

func (a *app) drift() *cobra.Command {
	var scope link.Scope
	var last int
	var page string
	output := choice{value: "table", of: []string{"table", "json"}}
	cmd := &cobra.Command{
		Use:   "drift [RUN]",
		Short: "Show what reconciliations have found",
		Long: `Show what the last reconciliations have found, the newest first, and what has drifted according to the newest that is
over, or to the one that is named: of which flow, what, and what is done about it; orphans, which carry the tag of a flow
that does not run; and what could not be looked at. Temporal keeps reports for as long as it keeps what has ended.

--account, --region and --service leave out reconciliations that had nothing to do with these, and what was found of others;
counts are those of whole reconciliations. As JSON, reports are left as they are, and that of a reconciliation which is named
stands alone.

--html writes all this and the state of the fleet, with a picture of who is connected to what, into one page that needs
nothing else: no network, no script.`,
		Example: `  linkwright drift
  linkwright drift --service payments --last 3
  linkwright drift fleet-2026-11-30T12:00:00Z -o json
  linkwright drift --html fleet.html`,
		Args: func(cmd *cobra.Command, args []string) error {
			if last < 1 {
				return fmt.Errorf("--last %d: there must be one at least", last)
			}
			return cobra.MaximumNArgs(1)(cmd, args)
		},
		ValidArgsFunction: a.completeReconciliations,
		RunE: func(cmd *cobra.Command, args []string) error {
			var file *report.File
			if page != "" {
				var err error
				if file, err = report.Create(page); err != nil { // before anything is asked
					return err
				}
				defer file.Discard()
			}
			ctx := cmd.Context()
			return a.withClient(ctx, func(c *flows.Client) error {
				list, err := reconciliations(ctx, c, args, scope, last)
				if err != nil {
					return err
				}
				if file != nil {
					if err := writePage(ctx, c, file, list, scope); err != nil {
						return err
					}
				}
				if output.value == string(render.JSON) {
					return a.encodeDrift(list, len(args) > 0)
				}
				return a.printDrift(narrowed(list, scope))
			})
		},
	}
	flags := cmd.Flags()
	scopeFlags(flags, &scope)
	flags.IntVar(&last, "last", lastReconciliations, "how many reconciliations to show")
	flags.StringVar(&page, "html", "", "file to write a page for browsers to")
	flags.VarP(&output, "output", "o", "how to write it: "+strings.Join(output.of, ", "))
	completeFlag(cmd, "output", output.of...)
	return cmd
}

// reconciliations are the last ones, or the one that is named, with what they have found in a scope.
func reconciliations(ctx context.Context, c *flows.Client, args []string, scope link.Scope, last int) ([]flows.Reconciliation, error) {
	var list []flows.Reconciliation
	if len(args) == 1 {
		one, err := c.Reconciliation(ctx, args[0])
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	} else {
		var err error
		if list, err = c.Reconciliations(ctx, scope, last); err != nil {
			return nil, err
		}
	}
	for i := range list {
		if list[i].Running() {
			continue
		}
		if err := c.AddReport(ctx, &list[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// narrowed are reconciliations without what they have found outside a scope. Other counts than those of the kinds are those
// of whole reconciliations.
func narrowed(list []flows.Reconciliation, scope link.Scope) []flows.Reconciliation {
	list = slices.Clone(list)
	elsewhere := func(account, region, service string) bool {
		return !scope.Overlaps(link.Scope{Account: account, Region: region, Service: service})
	}
	for i := range list {
		if list[i].Report == nil || scope == (link.Scope{}) {
			continue
		}
		r := *list[i].Report
		r.Found = slices.DeleteFunc(slices.Clone(r.Found), func(f link.FoundDrift) bool {
			return elsewhere(f.Account, f.Region, flows.ServiceOf(f.Flow))
		})
		r.Orphans = slices.DeleteFunc(slices.Clone(r.Orphans), func(o link.Resource) bool { return elsewhere(o.Account, o.Region, "") })
		r.Kinds = map[link.DriftKind]int{}
		for _, f := range r.Found {
			r.Kinds[f.Kind]++
		}
		list[i].Report = &r
	}
	return list
}

// encodeDrift writes reconciliations with their reports, or the one report that was asked for.
func (a *app) encodeDrift(list []flows.Reconciliation, named bool) error {
	if named && list[0].Report != nil {
		return render.Encode(a.Out, render.JSON, list[0].Report)
	}
	return render.Encode(a.Out, render.JSON, append([]flows.Reconciliation{}, list...))
}

// printDrift writes reconciliations, and the details of the newest that is over.
func (a *app) printDrift(list []flows.Reconciliation) error {
	if len(list) == 0 {
		_, err := fmt.Fprintln(a.Err, "There is no reconciliation. Begin with `linkwright reconcile`, or `linkwright schedule create NAME --every 30m`.")
		return err
	}
	text := render.Reconciliations(list, render.StyleFor(a.Out), time.Now())
	if i := slices.IndexFunc(list, func(r flows.Reconciliation) bool { return r.Report != nil }); i >= 0 {
		text += "\n" + render.Printable(list[i].Name()) + "\n" + a.describer().Report(*list[i].Report)
	}
	_, err := fmt.Fprint(a.Out, text)
	return err
}

// writePage writes the page for browsers.
func writePage(ctx context.Context, c *flows.Client, file *report.File, list []flows.Reconciliation, scope link.Scope) error {
	items, err := c.List(ctx, flows.Filter{Service: scope.Service})
	if err != nil {
		return err
	}
	return file.Write(report.Page{Items: items, Reconciliations: narrowed(list, scope), Scope: scope, Made: time.Now()})
}

// completeSchedules and completeReconciliations complete their names.
func (a *app) completeSchedules(cmd *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return a.completeWith(cmd.Context(), args, func(ctx context.Context, c *flows.Client) ([]string, error) {
		return c.ScheduleNames(ctx)
	})
}

func (a *app) completeReconciliations(cmd *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return a.completeWith(cmd.Context(), args, func(ctx context.Context, c *flows.Client) (names []string, err error) {
		list, err := c.Reconciliations(ctx, link.Scope{}, lastReconciliations)
		for _, r := range list {
			names = append(names, r.Name())
		}
		return names, err
	})
}
