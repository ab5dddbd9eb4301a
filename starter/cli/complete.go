package cli

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"

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
		return []cobra.Completion{"services", "connections", "inventories", "peerings"}, cobra.ShellCompDirectiveNoFileComp
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
		names = slices.DeleteFunc(flows.Names(items, kind), unsafe)
		return err
	})
	if err != nil {
		cobra.CompDebugln(err.Error(), false)
		return nil
	}
	return names
}

// unsafe reports whether a name has characters that no spec may have in one, and that mean something to a shell.
// Whoever may start workflows chooses their ids.
func unsafe(name string) bool {
	return strings.ContainsFunc(name, func(r rune) bool {
		return r != '/' && r != '-' && r != '.' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}

// completeFlag completes a flag from words that are known beforehand.
func completeFlag(cmd *cobra.Command, flag string, words ...string) {
	err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
	if err != nil { // only for a flag that the command does not have
		cmd.PrintErrln(err)
	}
}
