package cli

import (
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/linkwright/linkwright/starter/cli/flows"
)

func (a *app) watch() *cobra.Command {
	var timeout time.Duration
	cmd := &cobra.Command{
		Use:   "watch [OBJECT…]",
		Short: "Watch services, connections and inventories until they are ready",
		Long: `Watch services, connections and inventories until each serves, is ready or offers VPCs: on a terminal as a
picture that moves, anywhere else as a line for each thing that happens. Without an object, watch everything that is
there. It may be interrupted at any time; the flows go on.

` + objectForms,
		Example:           "  linkwright watch service/payments connection/payments/shop --timeout 10m",
		ValidArgsFunction: a.completeNames(flows.Filter{}),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			return a.withClient(ctx, func(c *flows.Client) error {
				watched, err := a.watched(cmd, c, args)
				if err != nil {
					return err
				}
				return a.follow(ctx, c, timeout, Arrival, watched...)
			})
		},
	}
	timeoutFlag(cmd, &timeout)
	return cmd
}

func (a *app) watched(cmd *cobra.Command, c *flows.Client, args []string) ([]flows.Ref, error) {
	if len(args) > 0 {
		return resolve(cmd.Context(), c, args)
	}
	items, err := c.List(cmd.Context(), flows.Filter{})
	if err != nil {
		return nil, err
	}
	if len(items) == 0 {
		return nil, errors.New("nothing is there to watch: begin with `linkwright apply -f FILE`")
	}
	watched := make([]flows.Ref, len(items))
	for i, item := range items {
		watched[i] = item.Ref()
	}
	return watched, nil
}
