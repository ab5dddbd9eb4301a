package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
	"github.com/linkwright/linkwright/starter/cli/render"
	"github.com/linkwright/linkwright/workflows"
)

// errNeedsPerson ends a reconciliation, or a removal of orphans, that leaves something to people.
var errNeedsPerson = errors.New("something is left that needs a person")

// audit is what the flags of a reconciliation, or of a schedule of some, ask for.
type audit struct {
	scope      link.Scope
	repair     bool
	reportOnly bool
	reads      int
}

// scopeFlags add the part of the fleet that is looked at.
func scopeFlags(flags *pflag.FlagSet, scope *link.Scope) {
	flags.StringVar(&scope.Account, "account", "", "only what is in this account")
	flags.StringVar(&scope.Region, "region", "", "only what is in this region")
	flags.StringVar(&scope.Service, "service", "", "only this service and its connections")
}

func (r *audit) flags(cmd *cobra.Command) {
	flags := cmd.Flags()
	scopeFlags(flags, &r.scope)
	flags.BoolVar(&r.repair, "repair", false, "also set right what the policies only report; what lets in more than now is asked about all the same")
	flags.BoolVar(&r.reportOnly, "report-only", false, "only tell what has drifted: no flow hears of it")
	flags.IntVar(&r.reads, "reads", 0, "calls at the most, in each account and region, that look at one thing alone (default: no bound)")
	cmd.MarkFlagsMutuallyExclusive("repair", "report-only")
}

// input is what a Reconcile is started with.
func (r audit) input() workflows.ReconcileInput {
	in := workflows.ReconcileInput{Scope: r.scope, Mode: link.ByPolicy, Reads: r.reads}
	switch {
	case r.repair:
		in.Mode = link.RepairMore
	case r.reportOnly:
		in.Mode = link.ReportOnly
	}
	return in
}

// check is for the arguments of a command with these flags.
func (r *audit) check(args cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, given []string) error {
		if err := cmd.ValidateFlagGroups(); err != nil { // now, while it counts as not understood
			return err
		}
		if r.reads < 0 {
			return fmt.Errorf("--reads %d: give how many there may be, or leave it out", r.reads)
		}
		return args(cmd, given)
	}
}

// known makes sure that there are flows of the service that is named; a mistyped one would be audited as clean.
func known(ctx context.Context, c *flows.Client, service string) error {
	if service == "" {
		return nil
	}
	items, err := c.List(ctx, flows.Filter{Service: service})
	if err != nil {
		return err
	}
	if len(items) == 0 {
		return c.NotFound(ctx, flows.ServiceRef(service))
	}
	return nil
}

func (a *app) reconcile() *cobra.Command {
	var what audit
	var noWait bool
	var timeout time.Duration
	output := choice{value: "text", of: []string{"text", "json"}}
	cmd := &cobra.Command{
		Use:   "reconcile",
		Short: "Audit what flows have brought about, and have drift set right",
		Long: `Audit what flows have brought about, now: compare all of it with what the clouds say, in batches, and tell the flows of
which something has drifted. They do what the policies say (spec.drift of each service): set it right, ask a person, or only
report. It then waits up to ten minutes for what is being set right, and prints the report. When interrupted, the
reconciliation goes on; linkwright drift shows what it comes to. To have it done regularly, see linkwright schedule.

It exits with 0 when all is as it should be, or was set right, or is being set right; with 2 when something is left that
needs a person: drift that waits for a decision or was only reported, or orphans; and with 1 on an error, also when a part
could not be looked at.`,
		Example: `  linkwright reconcile
  linkwright reconcile --service payments --report-only
  linkwright reconcile --account network --region eu-central-1 --repair
  linkwright reconcile -o json | jq '.found[] | select(.action == "ask") | .flow'`,
		Args: what.check(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			return a.withClient(ctx, func(c *flows.Client) error {
				if err := known(ctx, c, what.scope.Service); err != nil {
					return err
				}
				r, err := c.Reconcile(ctx, what.input())
				if err != nil {
					return err
				}
				if noWait {
					_, err := fmt.Fprintf(a.Out, "%s started: see what it comes to with %s drift %s\n", r.Name(), a.command(), r.Name())
					return err
				}
				if err := a.followReconcile(ctx, c, &r, timeout); err != nil {
					return err
				}
				return a.reconciled(r, output.value)
			})
		},
	}
	what.flags(cmd)
	flags := cmd.Flags()
	flags.BoolVar(&noWait, "no-wait", false, "do not wait for the report")
	timeoutFlag(cmd, &timeout)
	flags.VarP(&output, "output", "o", "how to write it: "+strings.Join(output.of, ", "))
	completeFlag(cmd, "output", output.of...)
	cmd.MarkFlagsMutuallyExclusive("no-wait", "output")
	cmd.MarkFlagsMutuallyExclusive("no-wait", "timeout")
	return cmd
}

// reconciled prints the report of a reconciliation that is over, and says what it comes to.
func (a *app) reconciled(r flows.Reconciliation, format string) error {
	if r.Report == nil {
		return fmt.Errorf("reconciliation %s was %s: %s", r.Name(), r.How, orUnknown(r.Problem))
	}
	if err := a.printReport(*r.Report, format); err != nil {
		return err
	}
	switch n := len(r.Report.Unseen); {
	case n == 1:
		return fmt.Errorf("1 part could not be looked at: %s", r.Report.Unseen[0].Where)
	case n > 1:
		return fmt.Errorf("%d parts could not be looked at: %s", n, r.Report.Unseen[0].Where+", …")
	case r.Report.NeedsPerson():
		return errNeedsPerson
	}
	return nil
}

func (a *app) printReport(report link.ReconcileReport, format string) error {
	if format == string(render.JSON) {
		return render.Encode(a.Out, render.JSON, report)
	}
	_, err := fmt.Fprint(a.Out, a.describer().Report(report))
	return err
}

// followReconcile shows how far a reconciliation is until it is over, and reads its report.
func (a *app) followReconcile(ctx context.Context, c *flows.Client, r *flows.Reconciliation, timeout time.Duration) error {
	waiting, stop := limit(ctx, timeout)
	defer stop()
	err := a.awaitReconcile(waiting, c, r)
	if errors.Is(err, errTimeout) {
		return &notOverError{name: r.Name()}
	}
	return err
}

// notOverError is the person's own limit running out before a reconciliation was over.
type notOverError struct{ name string }

func (e *notOverError) Error() string {
	return fmt.Sprintf("reconciliation %[1]s is not over yet; it goes on, and `linkwright drift %[1]s` shows what it comes to", e.name)
}

func (e *notOverError) Unwrap() error { return errTimeout }

func (a *app) awaitReconcile(ctx context.Context, c *flows.Client, r *flows.Reconciliation) error {
	shown := render.NewProgress(a.Err, a.command())
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	heard := time.Now()
	for {
		p, err := c.ReconcileProgress(ctx, *r)
		note := ""
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case away(err):
			note = err.Error()
		case err != nil:
			return err
		case p.Over:
			if err := shown.Show(nil, "", time.Now()); err != nil {
				return err
			}
			return c.AddReport(ctx, r)
		case p.Doing != "":
			heard, note = time.Now(), fmt.Sprintf("%s %s", r.Name(), p.Doing)
		case time.Since(heard) > takenUpWithin:
			return c.Silent(ctx, *r)
		}
		if err := shown.Show(nil, note, time.Now()); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}

// takenUpWithin is how long workers have to take a reconciliation up: one that has just been started among them.
const takenUpWithin = 20 * time.Second
