package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
	"github.com/linkwright/linkwright/starter/cli/render"
)

// planTimeout is how long a plan may take unless told otherwise.
const planTimeout = 3 * time.Minute

// errChanges ends a plan with changes, for those who asked for an exit code that tells.
var errChanges = errors.New("there are changes")

func (a *app) plan() *cobra.Command {
	var files []string
	var detailed bool
	var timeout time.Duration
	output := choice{value: "text", of: []string{"text", "json"}}
	cmd := &cobra.Command{
		Use:   "plan -f FILE…",
		Short: "Show what applying specs would do, without changing anything",
		Long: `Show what applying specs would do, without changing anything: in each account, what would be created (+), changed (~),
adopted (<), deleted (-) and left alone (=), which flows would begin or be given another spec, and what needs a person.
Workers look, with the credentials that they have, and by the same functions that the flows decide with. What depends on
something that is not there yet is ` + link.KnownAfterApply + `.

A spec that its flow would refuse, and a part that could not be looked at, make the command fail after it has shown the
rest. With --detailed-exitcode, it exits with 0 when there is nothing to change, 1 on an error, and 2 when there are
changes.`,
		Example: `  linkwright plan -f payments.yaml
  linkwright plan -f specs/ --detailed-exitcode
  linkwright plan -f payments.yaml -o json | jq '.documents[].changes[] | select(.action == "delete")'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			docs, err := a.load(files)
			if err != nil {
				return err
			}
			return a.withClient(cmd.Context(), func(c *flows.Client) error {
				plan, err := c.Plan(cmd.Context(), docs, timeout)
				if err != nil {
					return err
				}
				if err := a.printPlan(plan, output.value); err != nil {
					return err
				}
				return planOutcome(plan, detailed)
			})
		},
	}
	filesFlag(cmd, &files)
	flags := cmd.Flags()
	flags.BoolVar(&detailed, "detailed-exitcode", false, "exit with 0 when there is nothing to change, 1 on an error, 2 when there are changes")
	flags.DurationVar(&timeout, "timeout", planTimeout, "give up when there is no plan after this time")
	flags.VarP(&output, "output", "o", "how to write it: "+strings.Join(output.of, ", "))
	completeFlag(cmd, "output", output.of...)
	return cmd
}

func (a *app) printPlan(plan link.Plan, format string) error {
	if format == string(render.JSON) {
		return render.Encode(a.Out, render.JSON, plan)
	}
	_, err := fmt.Fprint(a.Out, render.Plan(plan, render.StyleFor(a.Out)))
	return err
}

// planOutcome is what a plan that was shown comes to.
func planOutcome(plan link.Plan, detailed bool) error {
	var wrong []error
	for _, d := range plan.Documents {
		ref := flows.Ref{Kind: d.Kind, Service: d.Service, Name: d.Name}
		if d.Refused != "" {
			wrong = append(wrong, &flows.RefusedError{Ref: ref, Verb: link.Apply, Reason: d.Refused})
		}
		for _, u := range d.Unseen {
			wrong = append(wrong, fmt.Errorf("%s: account %s could not be looked at: %s", ref, u.Account, u.Message))
		}
	}
	switch {
	case len(wrong) > 0:
		return errors.Join(wrong...)
	case detailed && plan.Pending():
		return errChanges
	}
	return nil
}

// previewApply shows what is about to be done. That there is no plan, or not all of it, keeps nobody from applying, but
// from adopting: what nobody owns yet is taken over on purpose, and as it is.
func (a *app) previewApply(ctx context.Context, c *flows.Client, docs documents, adopt bool) error {
	plan, err := c.Plan(ctx, docs, planTimeout)
	switch {
	case ctx.Err() != nil, err != nil && adopt:
		return err
	case err != nil:
		fmt.Fprintln(a.Err, "There is no plan:", render.Lines(err.Error()))
		return nil
	}
	fmt.Fprint(a.Err, render.Plan(plan, render.StyleFor(a.Err)))
	return checkAdoption(plan, adopt)
}
