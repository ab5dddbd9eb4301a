package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
	"github.com/linkwright/linkwright/starter/cli/render"
)

func (a *app) get() *cobra.Command {
	var filter flows.Filter
	cloud, drift := choice{of: clouds}, choice{of: driftActions}
	format := render.Table
	cmd := &cobra.Command{
		Use:   "get [services|connections|inventories|peerings] [NAME]",
		Short: "List services, connections, inventories and peerings",
		Long: `List the services, connections, inventories and peerings that are there, from what Temporal knows of them: also while no
worker runs, and possibly a moment behind. AGE counts from the beginning of a flow's current run; flows that live
long begin new runs.

The room in inventories they tell themselves, so that it is left out while no worker runs: VPCS are those that can
be used, of all; ENDPOINTS those in them that count against their quotas, of what these allow; PROMISED the places
that connections hold.`,
		Example: `  linkwright get
  linkwright get connections --service payments --phase AwaitingApproval
  linkwright get connections --blocked
  linkwright get --drift=ask
  linkwright get services --all -o wide
  linkwright get inventories`,
		Args:              cobra.MaximumNArgs(2),
		ValidArgsFunction: a.completeGet,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := narrow(&filter, args); err != nil {
				return err
			}
			filter.Cloud, filter.Drift = cloud.value, drift.value
			return a.withClient(cmd.Context(), func(c *flows.Client) error {
				items, err := c.List(cmd.Context(), filter)
				if err != nil {
					return err
				}
				named := flows.Filter{Kind: filter.Kind, Service: filter.Service, Name: filter.Name, Ended: filter.Ended}
				if len(items) == 0 && filter.Name != "" && filter == named {
					return c.NotFound(cmd.Context(), flows.Ref{Kind: filter.Kind, Service: filter.Service, Name: filter.Name})
				}
				if err := c.AddRoom(cmd.Context(), items); err != nil {
					fmt.Fprintln(a.Err, render.Lines(err.Error()))
				}
				return a.printItems(items, filter, format)
			})
		},
	}
	flags := cmd.Flags()
	flags.VarP(&format, "output", "o", "how to write it: "+strings.Join(render.Formats(), ", "))
	flags.BoolVar(&filter.Ended, "all", false, "include what has ended, for as long as Temporal keeps it")
	flags.StringVar(&filter.Service, "service", "", "only this service and its connections")
	flags.StringVar(&filter.Account, "account", "", "only in this account")
	flags.StringVar(&filter.Region, "region", "", "only in this region")
	flags.Var(&cloud, "cloud", "only on this cloud: "+strings.Join(cloud.of, ", "))
	flags.StringVar(&filter.Phase, "phase", "", "only in this phase, such as AwaitingApproval")
	flags.StringVar(&filter.Blocked, "blocked", "", "only what is blocked; with =REASON, for that reason, such as QuotaFull")
	flags.Lookup("blocked").NoOptDefVal = flows.AnyReason
	flags.Var(&drift, "drift", "only that of which something has drifted; with =ACTION, about which that is done: repair, ask or report")
	flags.Lookup("drift").NoOptDefVal = flows.AnyDrift
	completeFlag(cmd, "output", render.Formats()...)
	completeFlag(cmd, "cloud", clouds...)
	completeFlag(cmd, "drift", driftActions...)
	completeFlag(cmd, "phase", phases()...)
	return cmd
}

// driftActions are what can be done about drift, as flags name it.
var driftActions = []string{flows.AnyDrift, string(link.DriftRepair), string(link.DriftAsk), string(link.DriftReport)}

// narrow makes the filter admit what the arguments name.
func narrow(filter *flows.Filter, args []string) error {
	if len(args) == 1 {
		if kind, ok := flows.ParseKind(args[0]); ok {
			filter.Kind = kind
			return nil
		}
	}
	if len(args) == 0 {
		return nil
	}
	refs, err := flows.ParseRefs(args)
	if err != nil {
		return err
	}
	if len(refs) > 1 {
		return fmt.Errorf("%q and %q: get takes one name", args[0], args[1])
	}
	filter.Kind, filter.Name = refs[0].Kind, refs[0].Name
	if refs[0].Service != "" {
		filter.Service = refs[0].Service
	}
	return nil
}

func (a *app) printItems(items []flows.Item, filter flows.Filter, format render.Format) error {
	if format.ForPrograms() {
		if items == nil {
			items = []flows.Item{}
		}
		return render.Encode(a.Out, format, items)
	}
	if len(items) == 0 {
		remark := "Nothing matches; what has ended shows with --all."
		if filter == (flows.Filter{}) {
			remark = "Nothing is there. Begin with `linkwright apply -f FILE`; what has ended shows with --all."
		}
		_, err := fmt.Fprintln(a.Err, remark)
		return err
	}
	_, err := fmt.Fprint(a.Out, render.Items(items, format == render.Wide, render.StyleFor(a.Out), time.Now()))
	return err
}

// phases are the names of all phases, in the order of the story.
func phases() []string {
	all := []link.Phase{
		link.Publishing, link.VerifyingDomain, link.Serving, link.Withdrawing, link.Withdrawn,
		link.Requesting, link.AwaitingApproval, link.Accepting, link.EnablingDNS, link.RegisteringTargets,
		link.Ready, link.Repairing, link.Disconnecting, link.Disconnected, link.Rejected, link.HandedOver,
		link.Surveying, link.Offering, link.Closing, link.Closed,
		link.Checking, link.Peering, link.Routing, link.Peered, link.Removing, link.Removed,
	}
	names := make([]string, len(all))
	for i, p := range all {
		names[i] = string(p)
	}
	return names
}
