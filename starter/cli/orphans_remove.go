package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/linkwright/linkwright/starter/cli/flows"
	"github.com/linkwright/linkwright/starter/cli/render"
)

// cleanup is what a command was asked to remove.
type cleanup struct {
	from    orphanage
	all     bool
	yes     bool
	by      string
	timeout time.Duration
}

func (a *app) orphansRemove() *cobra.Command {
	var r cleanup
	cmd := &cobra.Command{
		Use:   "remove OWNER… | --all",
		Short: "Remove what flows have left that do not run",
		Long: `Remove the orphans of owners, or all, as the newest reconciliation has found them, or the one that --run names. It shows
them and asks back; then each owner's are removed in order: routes, names, endpoints, security groups, services. What of them is
gone, or does not carry its owner's tag any more, is not touched, and neither is anything that was not shown.

A service that somebody is connected to is kept. One that was there before its flow only loses the tag, as far as Temporal keeps
the record of the flow. While it goes on, a flow of the same name cannot begin. When interrupted, the removal goes on.

It exits with 2 when something is kept.`,
		Example: `  linkwright orphans remove connection/payments/shop
  linkwright orphans remove --all --account shop --region eu-central-1 --yes`,
		Args: func(_ *cobra.Command, args []string) error {
			if r.all == (len(args) > 0) {
				return errors.New("name owners, as linkwright orphans lists them, or say --all")
			}
			return nil
		},
		ValidArgsFunction: func(cmd *cobra.Command, _ []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return a.ask(cmd.Context(), r.owners), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			return a.withClient(ctx, func(c *flows.Client) error { return a.removeOrphans(ctx, c, r, args) })
		},
	}
	r.from.flags(a, cmd)
	flags := cmd.Flags()
	flags.BoolVar(&r.all, "all", false, "the orphans of all owners")
	flags.BoolVarP(&r.yes, "yes", "y", false, "do not ask back")
	timeoutFlag(cmd, &r.timeout)
	asFlag(flags, &r.by)
	return cmd
}

// owners are the names that the command takes.
func (r *cleanup) owners(ctx context.Context, c *flows.Client) ([]string, error) {
	found, err := r.from.open(ctx, c)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, o := range r.from.in(found) {
		names = append(names, o.Owner)
	}
	return slices.Compact(names), nil
}

// removeOrphans asks once for all, and then removes what each owner has left: of those first that are connected to others.
func (a *app) removeOrphans(ctx context.Context, c *flows.Client, r cleanup, owners []string) error {
	found, err := r.from.open(ctx, c)
	if err != nil {
		return err
	}
	chosen := r.from.in(found)
	if !r.all {
		if chosen, err = ofOwners(chosen, owners); err != nil {
			return fmt.Errorf("%w in reconciliation %s: see `linkwright orphans`", err, found.Name())
		}
	}
	if len(chosen) == 0 {
		return a.printOrphans(found, nil, "table")
	}
	shown := render.Orphans(chosen, render.StyleFor(a.Err))
	switch {
	case r.yes:
	case !a.interactive:
		return fmt.Errorf("this would remove, as reconciliation %s has found it:\n%snobody is here to ask: say --yes", found.Name(), shown)
	default:
		if err := a.confirm(ctx, fmt.Sprintf("This removes, as reconciliation %s has found it:\n%sGo on?", found.Name(), shown)); err != nil {
			return err
		}
	}
	ctx, stop := limit(ctx, r.timeout)
	defer stop()
	left, refs, kept := map[flows.Ref][]flows.Orphan{}, []flows.Ref(nil), false
	for _, o := range chosen {
		ref, ok := o.Ref()
		if !ok {
			kept = true
			fmt.Fprintf(a.Err, "%s %s is kept: its tag names no flow, but %s. Look at it by hand.\n", o.Kind, o.ID, render.Printable(o.Owner))
			continue
		}
		if left[ref] == nil {
			refs = append(refs, ref)
		}
		left[ref] = append(left[ref], o)
	}
	var failed error
	for _, together := range byRank(dependentsFirst(refs)) {
		keeps, err := a.cleanUp(ctx, c, r.by, together, left)
		kept = kept || keeps
		failed = errors.Join(failed, err)
		if ctx.Err() != nil {
			break
		}
	}
	if failed == nil && kept {
		return errNeedsPerson
	}
	return failed
}

// ofOwners are the orphans of those that are named.
func ofOwners(orphans []flows.Orphan, owners []string) ([]flows.Orphan, error) {
	var chosen []flows.Orphan
	for _, owner := range owners {
		refs, err := flows.ParseRefs([]string{owner})
		of := func(o flows.Orphan) bool {
			ref, _ := o.Ref()
			return o.Owner == owner || err == nil && refs[0].Complete() && ref == refs[0]
		}
		before := len(chosen)
		for _, o := range orphans {
			if of(o) && !slices.Contains(chosen, o) {
				chosen = append(chosen, o)
			}
		}
		if len(chosen) == before {
			return nil, fmt.Errorf("there are no orphans of %s", owner)
		}
	}
	return chosen, nil
}

// byRank are flows that none of the same group is connected to another of, in order.
func byRank(sorted []flows.Ref) [][]flows.Ref {
	var groups [][]flows.Ref
	for _, ref := range sorted {
		if last := len(groups) - 1; last >= 0 && rank(groups[last][0]) == rank(ref) {
			groups[last] = append(groups[last], ref)
			continue
		}
		groups = append(groups, []flows.Ref{ref})
	}
	return groups
}

// cleanUp removes what some flows have left, all at the same time, and reports whether something of it is kept. A flow that
// runs does not keep the others from it.
func (a *app) cleanUp(ctx context.Context, c *flows.Client, by string, refs []flows.Ref, left map[flows.Ref][]flows.Orphan) (kept bool, failed error) {
	var begun []flows.Cleanup
	var leaving []flows.Ref
	for _, ref := range refs {
		one, err := c.CleanUp(ctx, ref, left[ref], by)
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		begun, leaving = append(begun, one), append(leaving, ref)
	}
	if len(begun) == 0 {
		return false, failed
	}
	if err := a.follow(ctx, c, 0, Departure, leaving...); err != nil {
		return false, errors.Join(failed, err)
	}
	for _, one := range begun {
		report, err := c.CleanupReport(ctx, one)
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		kept = kept || len(report.Kept) > 0
		if _, err := fmt.Fprint(a.Out, a.describer().Cleanup(one.Ref, report)); err != nil {
			return kept, err
		}
	}
	return kept, failed
}
