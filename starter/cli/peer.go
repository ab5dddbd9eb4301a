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

func (a *app) peer() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "peer",
		Short: "Peer a hub's VPC with the VPCs of an inventory",
		Long: `Peer a hub's VPC with the VPCs of an inventory, so that what is in the hub reaches the endpoints in them: VPC
peering connections, asked for by the hub's account and accepted by the inventory's; routes in the named route
tables, both ways; and rules in the inventory's security groups. Each peering is a flow that keeps all this as it
is, until it is removed; describe, watch, retry and delete take it as peering/NAME.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.peerAdd(), a.peerRemove(), a.peerList())
	return cmd
}

func (a *app) peerAdd() *cobra.Command {
	var spec link.PeeringSpec
	var by string
	var wait bool
	var timeout time.Duration
	cmd := &cobra.Command{
		Use:   "add NAME --inventory NAME --hub-account NAME --hub-region REGION --hub-vpc VPC --hub-route-table TABLE…",
		Short: "Peer a hub's VPC with all VPCs of an inventory",
		Long: `Peer a hub's VPC with all VPCs of an inventory, which must have been applied. Everything is looked at before
anything is touched: addresses that overlap, route tables and security groups that do not exist, and routes that
lead elsewhere already block the peering, with what to do about it.

The VPCs' own route tables stand in the inventory (routeTables), and so do the security groups that let the hub in
(securityGroups; where none are named, the VPC's default one). Run it again, with the same words or others, and what
has changed is carried out: VPCs, route tables and groups that the inventory has gained are taken in, and what it has
lost is taken away.

Nothing is taken over: routes that lead to Linkwright's connections are its own, and so are connections and rules
with its tag; all others are left alone.`,
		Example: `  linkwright peer add hub --inventory spokes --hub-account network --hub-region eu-central-1 \
    --hub-vpc vpc-0a1b2c3d4e5f67890 --hub-route-table rtb-0a1b2c3d4e5f67890 --wait`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkPeering(args[0], spec); err != nil {
				return err
			}
			ctx := cmd.Context()
			return a.withClient(ctx, func(c *flows.Client) error {
				ref := flows.PeeringRef(args[0])
				result, err := c.ApplyPeering(ctx, args[0], spec, by)
				if err != nil {
					return err
				}
				if _, err := fmt.Fprintln(a.Out, ref, appliedText(result)); err != nil || !wait {
					return err
				}
				return a.follow(ctx, c, timeout, Arrival, ref)
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&spec.Inventory, "inventory", "", "the inventory whose VPCs are peered with the hub, by its name")
	flags.StringVar(&spec.Hub.Account, "hub-account", "", "the account that owns the hub's VPC, by its name in the workers' accounts file")
	flags.StringVar(&spec.Hub.Region, "hub-region", "", "the region of the hub's VPC")
	flags.StringVar(&spec.Hub.VPC, "hub-vpc", "", "the hub's VPC, by its id")
	flags.StringSliceVar(&spec.Hub.RouteTables, "hub-route-table", nil, "route table of the hub that leads to the inventory's VPCs; may be repeated")
	flags.StringSliceVar(&spec.Hub.SecurityGroups, "security-group", nil,
		"let in only members of this security group of the hub, and not all of its addresses; in one region only; may be repeated")
	flags.Int32SliceVar(&spec.Ports, "port", []int32{443}, "TCP port on which the hub is let in; may be repeated")
	flags.BoolVar(&wait, "wait", false, "wait until the hub is peered with all VPCs")
	timeoutFlag(cmd, &timeout)
	asFlag(flags, &by)
	return cmd
}

// peeringFlags are the flags that say what stands at a path of the spec.
var peeringFlags = map[string]string{
	"hub.account": "--hub-account", "hub.region": "--hub-region", "hub.vpc": "--hub-vpc", "hub.routeTables": "--hub-route-table",
	"hub.securityGroups": "--security-group", "inventory": "--inventory", "ports": "--port",
}

// checkPeering finds all that is wrong with a command line, in the words of its flags.
func checkPeering(name string, spec link.PeeringSpec) error {
	if err := (link.Metadata{Name: name}).Validate(); err != nil {
		return fmt.Errorf("%q is no name for a peering: %w", name, err)
	}
	err := spec.Validate()
	var wrong link.Errors
	if !errors.As(err, &wrong) {
		return err
	}
	for i := range wrong {
		path, _, _ := strings.Cut(wrong[i].Path, "[")
		if flag, ok := peeringFlags[path]; ok {
			wrong[i].Path = flag
		}
	}
	return wrong
}

func (a *app) peerRemove() *cobra.Command {
	var r removal
	cmd := &cobra.Command{
		Use:   "remove NAME",
		Short: "Take away what a peering has made",
		Long: `Take away what a peering has made: its security-group rules, its routes, then its peering connections, each until
it is gone. What others have made stays.`,
		Example:           "  linkwright peer remove hub --reason 'moved to a transit gateway'",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeNames(flows.Filter{Kind: link.KindVPCPeering}),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := (link.Metadata{Name: args[0]}).Validate(); err != nil {
				return fmt.Errorf("%q is no name of a peering: %w", args[0], err)
			}
			ctx := cmd.Context()
			return a.withClient(ctx, func(c *flows.Client) error {
				return a.removeAll(ctx, c, r, []flows.Ref{flows.PeeringRef(args[0])})
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&r.decision.Reason, "reason", "", "why, as recorded with the decision")
	flags.BoolVarP(&r.yes, "yes", "y", false, "do not ask back")
	flags.BoolVar(&r.wait, "wait", true, "wait until everything is gone")
	timeoutFlag(cmd, &r.timeout)
	asFlag(flags, &r.decision.By)
	return cmd
}

func (a *app) peerList() *cobra.Command {
	filter := flows.Filter{Kind: link.KindVPCPeering}
	format := render.Table
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the peerings that are there",
		Example: "  linkwright peer list --all",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withClient(cmd.Context(), func(c *flows.Client) error { return a.listPeerings(cmd.Context(), c, filter, format) })
		},
	}
	cmd.Flags().VarP(&format, "output", "o", "how to write it: "+strings.Join(render.Formats(), ", "))
	cmd.Flags().BoolVar(&filter.Ended, "all", false, "include what has ended, for as long as Temporal keeps it")
	completeFlag(cmd, "output", render.Formats()...)
	return cmd
}

func (a *app) listPeerings(ctx context.Context, c *flows.Client, filter flows.Filter, format render.Format) error {
	items, err := c.List(ctx, filter)
	if err != nil {
		return err
	}
	return a.printItems(items, filter, format)
}
