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

// completeAsking completes what asks people: connections that are to be let in, and what can be approved beside that.
func (a *app) completeAsking(verb link.Verb) completion {
	return func(cmd *cobra.Command, _ []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		names := a.ask(cmd.Context(), func(ctx context.Context, c *flows.Client) ([]string, error) {
			asking, err := c.List(ctx, flows.Filter{Kind: link.KindConnection, Phase: string(link.AwaitingApproval)})
			if err == nil && verb == link.Approve {
				var repairs []flows.Item
				repairs, err = c.List(ctx, flows.Filter{Drift: string(link.DriftAsk)})
				asking = append(asking, repairs...)
			}
			var names []string
			for _, item := range asking {
				names = append(names, item.Ref().Argument())
			}
			slices.Sort(names)
			return slices.Compact(names), err
		})
		return names, cobra.ShellCompDirectiveNoFileComp
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
	return a.ask(ctx, func(ctx context.Context, c *flows.Client) ([]string, error) {
		filter.Kind = kind
		items, err := c.List(ctx, filter)
		return flows.Names(items, kind), err
	})
}

// completeWith completes the only argument of a command with the names that Temporal knows.
func (a *app) completeWith(ctx context.Context, args []string, list func(context.Context, *flows.Client) ([]string, error)) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return a.ask(ctx, list), cobra.ShellCompDirectiveNoFileComp
}

// ask asks for names, for as long as a person waits for a shell.
func (a *app) ask(ctx context.Context, list func(context.Context, *flows.Client) ([]string, error)) []string {
	ctx, cancel := context.WithTimeout(ctx, completeWithin)
	defer cancel()
	var names []string
	err := a.withClient(ctx, func(c *flows.Client) (err error) {
		names, err = list(ctx, c)
		return err
	})
	if err != nil {
		cobra.CompDebugln(err.Error(), false)
		return nil
	}
	return slices.DeleteFunc(names, unsafe)
}

// unsafe reports whether a name has characters that no spec may have in one, and that mean something to a shell.
// Whoever may start workflows chooses their ids.
func unsafe(name string) bool {
	return strings.ContainsFunc(name, func(r rune) bool {
		return !strings.ContainsRune("/-.:", r) && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}

// completeFlag completes a flag from words that are known beforehand.
func completeFlag(cmd *cobra.Command, flag string, words ...string) {
	err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
	if err != nil { // only for a flag that the command does not have
		cmd.PrintErrln(err)
	}
}
