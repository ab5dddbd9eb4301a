package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
)

// completeWithin is how long a person waits for a shell to complete a word.
const completeWithin = 2 * time.Second

type completion = func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective)

// completeNames completes the names of the flows that the filter admits. Where Temporal does not answer,
// there is nothing to complete.
func (a *app) completeNames(filter flows.Filter) completion {
	return func(cmd *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		kind := filter.Kind
		if len(args) > 0 {
			if k, ok := flows.ParseKind(args[0]); ok {
				kind = k
			}
		}
		return a.names(cmd.Context(), filter, kind), cobra.ShellCompDirectiveNoFileComp
	}
}

// completeGet completes a kind, and then a name of that kind.
func (a *app) completeGet(cmd *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return []cobra.Completion{"services", "connections"}, cobra.ShellCompDirectiveNoFileComp
	}
	kind, ok := flows.ParseKind(args[0])
	if !ok || len(args) > 1 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return a.names(cmd.Context(), flows.Filter{}, kind), cobra.ShellCompDirectiveNoFileComp
}

func (a *app) names(ctx context.Context, filter flows.Filter, kind link.Kind) []string {
	ctx, cancel := context.WithTimeout(ctx, completeWithin)
	defer cancel()
	var names []string
	err := a.withClient(ctx, func(c *flows.Client) error {
		filter.Kind = kind
		items, err := c.List(ctx, filter)
		names = flows.Names(items, kind)
		return err
	})
	if err != nil {
		cobra.CompDebugln(err.Error(), false)
		return nil
	}
	return names
}

// completeFlag completes a flag from words that are known beforehand.
func completeFlag(cmd *cobra.Command, flag string, words ...string) {
	err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
	if err != nil { // only for a flag that the command does not have
		cmd.PrintErrln(err)
	}
}
