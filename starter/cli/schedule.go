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

func (a *app) schedule() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "schedule",
		Short: "Reconcile regularly",
		Long: `Reconcile regularly: a schedule in Temporal starts a reconciliation (see linkwright reconcile) every so often, or as a
cron expression says. While one runs, the next is left out; what was missed while Temporal was away is not made up for. Each
run goes on where the last one of its schedule has spent its reads. Schedules of others are left alone.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.scheduleCreate(), a.scheduleList(), a.scheduleDescribe(), a.schedulePause(), a.scheduleResume(), a.scheduleTrigger(), a.scheduleDelete())
	return cmd
}

func (a *app) scheduleCreate() *cobra.Command {
	var what audit
	var s flows.Schedule
	var every, jitter time.Duration
	cmd := &cobra.Command{
		Use:   "create NAME",
		Short: "Begin to reconcile regularly",
		Long: `Begin to reconcile regularly. Two schedules may not audit the same links: narrow each to accounts, regions or services
that the other does not have. A cron expression has five fields, in UTC unless TZ=ZONE stands before it.`,
		Example: `  linkwright schedule create fleet --every 30m --jitter 5m
  linkwright schedule create payments --cron 'TZ=Europe/Berlin 0 3 * * MON-FRI' --service payments --repair
  linkwright schedule create network --every 6h --account network --reads 500 --report-only`,
		Args: what.check(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			in := what.input()
			s.Name, s.Scope, s.Mode, s.Reads = args[0], in.Scope, in.Mode, in.Reads
			s.Every, s.Jitter = link.Duration(every), link.Duration(jitter)
			return a.withClient(cmd.Context(), func(c *flows.Client) error {
				if err := known(cmd.Context(), c, s.Scope.Service); err != nil {
					return err
				}
				if err := c.CreateSchedule(cmd.Context(), s); err != nil {
					return err
				}
				_, err := fmt.Fprintf(a.Out, "schedule %s created: it audits %s, %s\n", s.Name, s.Scope, s.Timing)
				return err
			})
		},
	}
	what.flags(cmd)
	flags := cmd.Flags()
	flags.DurationVar(&every, "every", 0, "how often, such as 30m; at least 1m")
	flags.StringVar(&s.Cron, "cron", "", "when, as a cron expression: minute, hour, day of the month, month, day of the week")
	flags.DurationVar(&jitter, "jitter", 0, "delay each start by a random time up to this, such as 5m")
	flags.BoolVar(&s.Paused, "paused", false, "do not begin before linkwright schedule resume")
	flags.StringVar(&s.Note, "note", "", "what people should know of it")
	cmd.MarkFlagsMutuallyExclusive("every", "cron")
	cmd.MarkFlagsOneRequired("every", "cron")
	return cmd
}

func (a *app) scheduleList() *cobra.Command {
	output := choice{value: "table", of: []string{"table", "json"}}
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the schedules, when each starts next, and what its last run has come to",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withClient(cmd.Context(), func(c *flows.Client) error {
				all, err := c.Schedules(cmd.Context())
				switch {
				case err != nil:
					return err
				case output.value == string(render.JSON):
					return render.Encode(a.Out, render.JSON, append([]flows.Schedule{}, all...))
				case len(all) == 0:
					_, err := fmt.Fprintln(a.Err, "There is no schedule. Begin with `linkwright schedule create NAME --every 30m`.")
					return err
				}
				_, err = fmt.Fprint(a.Out, render.Schedules(all, render.StyleFor(a.Out), time.Now()))
				return err
			})
		},
	}
	scheduleOutput(cmd, &output)
	return cmd
}

func (a *app) scheduleDescribe() *cobra.Command {
	output := choice{value: "text", of: []string{"text", "json"}}
	cmd := &cobra.Command{
		Use:               "describe NAME",
		Short:             "Tell all about a schedule",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeSchedules,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withClient(cmd.Context(), func(c *flows.Client) error {
				s, err := c.Schedule(cmd.Context(), args[0])
				switch {
				case err != nil:
					return err
				case output.value == string(render.JSON):
					return render.Encode(a.Out, render.JSON, s)
				}
				_, err = fmt.Fprint(a.Out, a.describer().Schedule(s))
				return err
			})
		},
	}
	scheduleOutput(cmd, &output)
	return cmd
}

func scheduleOutput(cmd *cobra.Command, output *choice) {
	cmd.Flags().VarP(output, "output", "o", "how to write it: "+strings.Join(output.of, ", "))
	completeFlag(cmd, "output", output.of...)
}

func (a *app) schedulePause() *cobra.Command {
	var note string
	cmd := a.onSchedule("pause NAME", "Start no more reconciliations for now; one that runs goes on", "paused",
		func(ctx context.Context, c *flows.Client, name string) error {
			return c.PauseSchedule(ctx, name, noted(note, "Paused"))
		})
	cmd.Flags().StringVar(&note, "note", "", "why, for those who look at the schedule")
	return cmd
}

func (a *app) scheduleResume() *cobra.Command {
	var note string
	cmd := a.onSchedule("resume NAME", "Start reconciliations again", "goes on",
		func(ctx context.Context, c *flows.Client, name string) error {
			return c.ResumeSchedule(ctx, name, noted(note, "Resumed"))
		})
	cmd.Flags().StringVar(&note, "note", "", "why, for those who look at the schedule")
	return cmd
}

// noted is what stands with a schedule from now on: Temporal keeps one note, and would write one of its own.
func noted(note, what string) string {
	if note != "" {
		return note
	}
	return what + " by " + whoami()
}

func (a *app) scheduleTrigger() *cobra.Command {
	return a.onSchedule("trigger NAME", "Start a reconciliation now", "has started a reconciliation",
		func(ctx context.Context, c *flows.Client, name string) error { return c.TriggerSchedule(ctx, name) })
}

func (a *app) scheduleDelete() *cobra.Command {
	return a.onSchedule("delete NAME", "End a schedule; a reconciliation that it has started goes on", "deleted",
		func(ctx context.Context, c *flows.Client, name string) error { return c.DeleteSchedule(ctx, name) })
}

// onSchedule is a command that does one thing to a schedule.
func (a *app) onSchedule(use, short, done string, do func(context.Context, *flows.Client, string) error) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeSchedules,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withClient(cmd.Context(), func(c *flows.Client) error {
				if err := do(cmd.Context(), c, args[0]); err != nil {
					return err
				}
				_, err := fmt.Fprintf(a.Out, "schedule %s %s\n", args[0], done)
				return err
			})
		},
	}
}
