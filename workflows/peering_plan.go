package workflows

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// leg is one VPC of the inventory, and what the flow makes so that the hub reaches it; or what is to be removed of that.
type leg struct {
	Place activities.Place `json:"place"`
	VPC   string           `json:"vpc"`
	Owner string           `json:"owner"` // account id
	// ToVPC are the destinations for which the hub's tables lead there, and ToHub those for which the VPC's lead back.
	ToVPC     []string `json:"toVPC,omitempty"`
	ToHub     []string `json:"toHub,omitempty"`
	HubTables []string `json:"hubTables,omitempty"`
	Tables    []string `json:"tables,omitempty"`
	Groups    []string `json:"groups,omitempty"`
	// Peering is the connection, once it was asked for, and Former are those before it.
	Peering string   `json:"peering,omitempty"`
	Former  []string `json:"former,omitempty"`
	// Asked is true once something may have been made.
	Asked bool `json:"asked,omitempty"`
	// Keeps is true for a part of a leg whose connection stays.
	Keeps bool `json:"keeps,omitempty"`
}

// planPeering lists the legs that a spec and the networks come to, or what keeps them from being made: anything that is
// not as it is named, and addresses that overlap. A VPC cannot be peered with one that has addresses in common with it,
// and no route table can lead the same destination to two.
func planPeering(spec link.PeeringSpec, inventory link.VPCInventorySpec, hub activities.Network, networks []activities.Network) ([]leg, []string, []string) {
	mismatches := problemsOf(hub)
	var conflicts []string
	place := activities.Place{Account: inventory.Account, Region: inventory.Region}
	if len(spec.Hub.SecurityGroups) > 0 && place.Region != spec.Hub.Region {
		mismatches = append(mismatches, fmt.Sprintf("rules in %s cannot name security groups of %s: leave them out, and everybody in %s is let in",
			place.Region, spec.Hub.Region, hub.VPC))
	}
	var legs []leg
	for i, vpc := range inventory.AWS.VPCs {
		network := networks[i]
		mismatches = append(mismatches, problemsOf(network)...)
		conflicts = append(conflicts, overlapping(hub, network)...)
		for _, other := range networks[:i] {
			conflicts = append(conflicts, overlapping(other, network)...)
		}
		groups := vpc.SecurityGroups
		if len(groups) == 0 && network.DefaultGroup != "" {
			groups = []string{network.DefaultGroup}
		}
		legs = append(legs, leg{
			Place: place, VPC: vpc.VPC, Owner: network.Owner,
			ToVPC: reachable(network.CIDRs, hub.CIDRs), ToHub: reachable(hub.CIDRs, network.CIDRs),
			HubTables: spec.Hub.RouteTables, Tables: vpc.RouteTables, Groups: groups,
		})
	}
	return legs, mismatches, conflicts
}

func problemsOf(n activities.Network) []string {
	var list []string
	for _, problem := range n.Problems {
		list = append(list, n.VPC+": "+problem)
	}
	return list
}

// overlapping names the address blocks that two VPCs have in common.
func overlapping(a, b activities.Network) []string {
	if a.VPC == b.VPC {
		return []string{a.VPC + " cannot be peered with itself"}
	}
	var list []string
	for _, x := range a.CIDRs {
		for _, y := range b.CIDRs {
			//workflowcheck:ignore (only the zone of an address, which a CIDR block cannot have, is kept in a table)
			p, errP := netip.ParsePrefix(x)
			//workflowcheck:ignore (only the zone of an address, which a CIDR block cannot have, is kept in a table)
			q, errQ := netip.ParsePrefix(y)
			if errP == nil && errQ == nil && p.Overlaps(q) {
				list = append(list, fmt.Sprintf("%s of %s overlaps with %s of %s", x, a.VPC, y, b.VPC))
			}
		}
	}
	return list
}

// reachable are the destinations that can be reached from a VPC with some blocks: those of an address family that it has.
func reachable(destinations, from []string) []string {
	var list []string
	for _, d := range destinations {
		if slices.ContainsFunc(from, func(f string) bool { return isIPv6(f) == isIPv6(d) }) {
			list = append(list, d)
		}
	}
	return list
}

func isIPv6(block string) bool {
	//workflowcheck:ignore (only the zone of an address, which a CIDR block cannot have, is kept in a table)
	p, err := netip.ParsePrefix(block)
	return err == nil && p.Addr().Is6()
}

// succeed makes legs follow others: what these have made they know of, or is to be removed.
//
//	before            now              what becomes of it
//	------------------------------------------------------------------------------
//	the VPC           the VPC          keeps its connection
//	the VPC           –                the whole leg is stale
//	a table or group  the VPC, but     the routes or rules there are stale
//	                  not that
//
// Of a leg for which nothing was asked yet, nothing can be stale.
func succeed(before, now []leg) (legs, stale []leg) {
	for _, l := range now {
		if i := slices.IndexFunc(before, func(b leg) bool { return b.Place == l.Place && b.VPC == l.VPC }); i >= 0 {
			l.Peering, l.Former, l.Asked = before[i].Peering, before[i].Former, before[i].Asked
		}
		legs = append(legs, l)
	}
	for _, b := range before {
		i := slices.IndexFunc(now, func(l leg) bool { return b.Place == l.Place && b.VPC == l.VPC })
		switch {
		case !b.Asked:
		case i < 0:
			stale = append(stale, b)
		default:
			rest := b
			rest.Keeps = true
			rest.HubTables, rest.Tables, rest.Groups = less(b.HubTables, now[i].HubTables), less(b.Tables, now[i].Tables), less(b.Groups, now[i].Groups)
			if len(rest.HubTables)+len(rest.Tables)+len(rest.Groups) > 0 {
				stale = append(stale, rest)
			}
		}
	}
	return legs, stale
}

// less is a without b.
func less(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
}

// know takes in the connections that the cloud shows to be the flow's: it may not remember them, if it was terminated and
// begun anew. Then what leads to them is the flow's as well; and one to a VPC that is in no leg is stale.
func know(legs, stale []leg, found []activities.Peering, unknown func(activities.Peering) leg) []leg {
	var more []leg
	for _, c := range found {
		to := func(l leg) bool { return l.VPC == c.To.VPC && l.Owner == c.To.Owner }
		i := slices.IndexFunc(legs, to)
		switch {
		case i < 0 && c.Live && !slices.ContainsFunc(stale, to):
			more = append(more, unknown(c))
		case i < 0, c.ID == legs[i].Peering, slices.Contains(legs[i].Former, c.ID):
		case c.Live && legs[i].Peering == "":
			legs[i].Peering, legs[i].Asked = c.ID, true
		default:
			legs[i].Former, legs[i].Asked = last(append(legs[i].Former, c.ID), keepFormer), true
		}
	}
	return more
}

// keepFormer is how many earlier connections of a VPC are remembered: routes to the others have been led elsewhere.
const keepFormer = 10
