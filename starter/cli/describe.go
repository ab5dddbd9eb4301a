package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
	"github.com/linkwright/linkwright/starter/cli/render"
)

// objectForms explains how objects are named, for the help of commands that take some.
const objectForms = `An object is written service/NAME, connection/SERVICE/NAME, inventory/NAME or peering/NAME; SERVICE/NAME is a
connection, and NAME alone is whatever has that name, as long as only one has. A kind may also stand first:
connection payments/shop.`

func (a *app) describe() *cobra.Command {
	format := render.Table
	cmd := &cobra.Command{
		Use:   "describe OBJECT…",
		Short: "Tell all about a service, connection or inventory",
		Long: `Tell all about a service, connection or inventory: its phase, what it waits for and the command that answers,
what blocks it and how to mend that, its conditions and resources, who decided what, and how long each phase took;
of a connection whose VPC was chosen also which, and what spoke against each other one; of an inventory the room in
each VPC, and which connections wait for some.

` + objectForms,
		Example: `  linkwright describe service/payments
  linkwright describe connection payments/shop -o yaml
  linkwright describe inventory/hub`,
		Args:              objects,
		ValidArgsFunction: a.completeNames(flows.Filter{Ended: true}),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			return a.withClient(ctx, func(c *flows.Client) error {
				refs, err := resolve(ctx, c, args)
				if err != nil {
					return err
				}
				var statuses []link.Status
				var ended error
				for _, ref := range refs {
					status, err := c.Status(ctx, ref)
					var e *flows.EndedError
					if errors.As(err, &e) { // what it knew last is still worth telling
						ended = errors.Join(ended, err)
					} else if err != nil {
						return err
					}
					statuses = append(statuses, status)
				}
				return errors.Join(a.printStatuses(statuses, format), ended)
			})
		},
	}
	cmd.Flags().VarP(&format, "output", "o", "how to write it: "+strings.Join(render.Formats(), ", "))
	completeFlag(cmd, "output", render.Formats()...)
	return cmd
}

// printStatuses writes statuses; a single one for programs is not wrapped in a list.
func (a *app) printStatuses(statuses []link.Status, format render.Format) error {
	switch {
	case format.ForPrograms() && len(statuses) == 1:
		return render.Encode(a.Out, format, statuses[0])
	case format.ForPrograms():
		return render.Encode(a.Out, format, statuses)
	}
	texts := make([]string, len(statuses))
	for i, s := range statuses {
		texts[i] = a.describer().Describe(s)
	}
	_, err := fmt.Fprint(a.Out, strings.Join(texts, "\n"))
	return err
}

// objects are the arguments of a command that takes one object or more.
func objects(_ *cobra.Command, args []string) error {
	_, err := flows.ParseRefs(args)
	return err
}

// object are the arguments of a command that takes exactly one.
func object(_ *cobra.Command, args []string) error {
	refs, err := flows.ParseRefs(args)
	if err == nil && len(refs) != 1 {
		err = fmt.Errorf("takes one object, got %d", len(refs))
	}
	return err
}
