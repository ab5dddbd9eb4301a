package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/linkwright/linkwright/starter/cli/flows"
	"github.com/linkwright/linkwright/workflows"
)

func (a *app) apply() *cobra.Command {
	var files []string
	var by string
	var wait, noPlan, adopt bool
	var timeout time.Duration
	cmd := &cobra.Command{
		Use:   "apply -f FILE…",
		Short: "Publish services, connect to them and offer VPCs, as specs say",
		Long: `Publish services, connect to them and offer VPCs to connections, as specs say. A spec whose flow does not run
starts it; one whose flow runs is carried out on what runs, as far as it differs. All specs are checked before the
first is applied, inventories before services before connections, and a flow answers at once whether it takes its
spec. What the specs ask for is then brought about by the flows: wait for it with --wait, or see linkwright watch.

First, it says on the standard error what will be done, as linkwright plan does. Specs that name something which
belongs to nobody yet, as linkwright import prints them, are applied with --adopt alone: it takes over what is there as it
is, and is refused, before anything is done, when the plan shows anything else.`,
		Example: `  linkwright apply -f payments.yaml
  linkwright apply -f specs/ --wait --timeout 15m
  linkwright apply -f imported.yaml --adopt --wait`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			docs, err := a.load(files)
			if err != nil {
				return err
			}
			ctx := cmd.Context()
			return a.withClient(ctx, func(c *flows.Client) error {
				if !noPlan {
					if err := a.previewApply(ctx, c, docs, adopt); err != nil {
						return err
					}
				}
				if err := a.applyAll(ctx, c, docs, by); err != nil || !wait {
					return err
				}
				return a.follow(ctx, c, timeout, Arrival, docs.refs()...)
			})
		},
	}
	filesFlag(cmd, &files)
	cmd.Flags().BoolVar(&noPlan, "no-plan", false, "do not look first at what will be done")
	cmd.Flags().BoolVar(&adopt, "adopt", false, "take over what the specs name and nobody owns, and do nothing else")
	cmd.MarkFlagsMutuallyExclusive("no-plan", "adopt")
	cmd.Flags().BoolVar(&wait, "wait", false, "wait until every service serves, every connection is ready and every inventory offers VPCs")
	timeoutFlag(cmd, &timeout)
	asFlag(cmd.Flags(), &by)
	return cmd
}

// applyAll applies the documents in order. A flow that refuses its spec does not keep the others from theirs.
func (a *app) applyAll(ctx context.Context, c *flows.Client, docs documents, by string) error {
	var refusals error
	for _, doc := range docs {
		result, err := c.Apply(ctx, doc, by)
		var refused *flows.RefusedError
		if errors.As(err, &refused) {
			refusals = errors.Join(refusals, err)
			continue
		}
		if err != nil {
			return errors.Join(refusals, err)
		}
		if _, err := fmt.Fprintln(a.Out, flows.RefOfDocument(doc), appliedText(result)); err != nil {
			return err
		}
	}
	return refusals
}

// appliedText is what applying a spec came to, in the words that kubectl has made familiar.
func appliedText(r workflows.ApplyResult) string {
	switch {
	case r.Created:
		return "created"
	case len(r.Changes) > 0:
		return "configured (" + strings.Join(r.Changes, ", ") + ")"
	}
	return "unchanged"
}
