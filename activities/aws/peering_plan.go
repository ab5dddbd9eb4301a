package aws

import (
	"fmt"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/linkwright/linkwright/activities"
)

// The states of a connection that mean something to a step (Amazon VPC Peering Guide, "VPC peering connection
// lifecycle"). All others are the end of it.
const (
	initiatingRequest = "initiating-request"
	pendingAcceptance = "pending-acceptance"
	provisioning      = "provisioning"
	active            = "active"
	deleting          = "deleting"
)

func peeringState(c ec2types.VpcPeeringConnection) string {
	if c.Status == nil {
		return ""
	}
	return strings.ToLower(string(c.Status.Code))
}

func peeringMessage(c ec2types.VpcPeeringConnection) string {
	if c.Status == nil {
		return ""
	}
	return sdk.ToString(c.Status.Message)
}

// livePeering reports whether a connection is there or can come to be.
func livePeering(c ec2types.VpcPeeringConnection) bool {
	return slices.Contains([]string{initiatingRequest, pendingAcceptance, provisioning, active}, peeringState(c))
}

func peerVPC(v *ec2types.VpcPeeringConnectionVpcInfo) activities.PeerVPC {
	if v == nil {
		return activities.PeerVPC{}
	}
	return activities.PeerVPC{VPC: sdk.ToString(v.VpcId), Owner: sdk.ToString(v.OwnerId), Region: sdk.ToString(v.Region)}
}

func vpcIDOf(v *ec2types.VpcPeeringConnectionVpcInfo) string { return peerVPC(v).VPC }

func peeringView(c ec2types.VpcPeeringConnection) activities.Peering {
	return activities.Peering{
		ID: sdk.ToString(c.VpcPeeringConnectionId), State: peeringState(c), Live: livePeering(c),
		From: peerVPC(c.RequesterVpcInfo), To: peerVPC(c.AccepterVpcInfo),
	}
}

// peeringDiffers says in what a connection is not the one that was asked for; empty when it is.
func peeringDiffers(c ec2types.VpcPeeringConnection, from, to activities.PeerVPC) string {
	var differs []string
	for _, side := range []struct {
		does      string
		has, want activities.PeerVPC
	}{{"asks", peerVPC(c.RequesterVpcInfo), from}, {"is asked", peerVPC(c.AccepterVpcInfo), to}} {
		if side.has != side.want {
			differs = append(differs, fmt.Sprintf("%s of account %s in %s %s, not %s of account %s in %s",
				side.has.VPC, side.has.Owner, side.has.Region, side.does, side.want.VPC, side.want.Owner, side.want.Region))
		}
	}
	return strings.Join(differs, "; ")
}

// peeringsSeen are the connections of two VPCs, as a step has to judge them.
type peeringsSeen struct {
	kept    *ec2types.VpcPeeringConnection // the owner's
	foreign *ec2types.VpcPeeringConnection // somebody else's, beside which there can be none
	over    []ec2types.VpcPeeringConnection
}

// judgePeerings goes through the connections of two VPCs:
//
//	asked for   by the owner                by others
//	---------------------------------------------------------------------
//	live        kept, the furthest of them  foreign, when it is active or coming to be, or a request of the
//	                                        same direction, as AWS answers another one with it
//	over        over                        ignored
//
// A stranger's request in the other direction is nobody's business: it becomes something when it is accepted.
func judgePeerings(found []ec2types.VpcPeeringConnection, owner activities.Owner, from, to activities.PeerVPC) peeringsSeen {
	var is peeringsSeen
	for _, c := range found {
		forward := vpcIDOf(c.RequesterVpcInfo) == from.VPC && vpcIDOf(c.AccepterVpcInfo) == to.VPC
		ours := forward && ownerOf(c.Tags) == owner
		switch {
		case ours && !livePeering(c):
			is.over = append(is.over, c)
		case !livePeering(c):
		case ours:
			if is.kept == nil || further(c, *is.kept) {
				is.kept = &c
			}
		case forward, peeringState(c) == active, peeringState(c) == provisioning:
			is.foreign = &c
		}
	}
	return is
}

// further reports whether a live connection has come further than another one.
func further(a, b ec2types.VpcPeeringConnection) bool {
	order := []string{initiatingRequest, pendingAcceptance, provisioning, active}
	x, y := slices.Index(order, peeringState(a)), slices.Index(order, peeringState(b))
	return x > y || x == y && sdk.ToString(a.VpcPeeringConnectionId) < sdk.ToString(b.VpcPeeringConnectionId)
}

// routeChange is one thing about a table's routes that is not as wanted; applying it is one call.
type routeChange struct {
	verb        routeVerb
	table       string
	destination string
	peering     string // not for a deletion
}

type routeVerb string

const (
	createRoute  routeVerb = "made"
	replaceRoute routeVerb = "led elsewhere"
	deleteRoute  routeVerb = "deleted"
)

func (c routeChange) String() string {
	return fmt.Sprintf("route of %s to %s %s", c.table, c.destination, c.verb)
}

// planPeerRoutes lists what makes a table lead the destinations to a connection, and what is in the way:
//
//	route to the destination       change or conflict
//	---------------------------------------------------------
//	none                           createRoute
//	to the connection              none
//	to an earlier one of ours      replaceRoute
//	to anything else               conflict
//
//	route to another destination   change
//	---------------------------------------------------------
//	to the connection, or to an    deleteRoute
//	earlier one of ours
//	to anything else               none: it is not ours
func planPeerRoutes(table ec2types.RouteTable, peering string, others, destinations []string) (changes []routeChange, conflicts []string) {
	id := sdk.ToString(table.RouteTableId)
	there := map[string]string{}
	for _, r := range table.Routes {
		there[routeDestination(r)] = routeTarget(r)
	}
	ours := func(target string) bool {
		return target != "" && (target == peering || slices.Contains(others, target))
	}
	wanted := map[string]bool{}
	for _, d := range destinations {
		d = canonicalSource(d)
		wanted[d] = true
		switch target, ok := there[d]; {
		case !ok:
			changes = append(changes, routeChange{createRoute, id, d, peering})
		case target == peering:
		case ours(target):
			changes = append(changes, routeChange{replaceRoute, id, d, peering})
		default:
			conflicts = append(conflicts, fmt.Sprintf("route table %s leads %s to %s", id, d, target))
		}
	}
	for _, r := range table.Routes {
		if d := routeDestination(r); ours(routeTarget(r)) && !wanted[d] {
			changes = append(changes, routeChange{deleteRoute, id, d, ""})
		}
	}
	return changes, conflicts
}

func routeDestination(r ec2types.Route) string {
	for _, d := range []*string{r.DestinationCidrBlock, r.DestinationIpv6CidrBlock, r.DestinationPrefixListId} {
		if d != nil {
			return *d
		}
	}
	return ""
}

// routeTarget is what a route leads to, whatever that is.
func routeTarget(r ec2types.Route) string {
	for _, target := range []*string{
		r.VpcPeeringConnectionId, r.GatewayId, r.NatGatewayId, r.TransitGatewayId, r.NetworkInterfaceId, r.InstanceId,
		r.EgressOnlyInternetGatewayId, r.LocalGatewayId, r.CarrierGatewayId, r.CoreNetworkArn,
	} {
		if target != nil {
			return *target
		}
	}
	return "something unknown"
}

// peerRuleChange is what makes the rules of a group as wanted.
type peerRuleChange struct {
	Authorize []ingressRule
	Revoke    []ec2types.SecurityGroupRule
	kept      []ec2types.SecurityGroupRule // the owner's
}

// planPeerRules compares the rules of a group, which is somebody else's and has rules of his own, with what an owner is
// to let in:
//
//	rule            wanted      not wanted
//	------------------------------------------
//	none            Authorize
//	the owner's     kept        Revoke
//	of others       none        none
func planPeerRules(have []ec2types.SecurityGroupRule, owner activities.Owner, want []ingressRule) peerRuleChange {
	var change peerRuleChange
	there := map[ingressRule]bool{}
	for _, r := range have {
		if sdk.ToBool(r.IsEgress) {
			continue
		}
		rule := ruleOf(r)
		there[rule] = true
		switch {
		case ownerOf(r.Tags) != owner:
		case slices.Contains(want, rule):
			change.kept = append(change.kept, r)
		default:
			change.Revoke = append(change.Revoke, r)
		}
	}
	for _, rule := range want {
		if !there[rule] {
			change.Authorize = append(change.Authorize, rule)
		}
	}
	return change
}

// ruleOf is what a rule says.
func ruleOf(r ec2types.SecurityGroupRule) ingressRule {
	rule := ingressRule{protocol: sdk.ToString(r.IpProtocol), from: sdk.ToInt32(r.FromPort), to: sdk.ToInt32(r.ToPort)}
	switch {
	case r.ReferencedGroupInfo != nil:
		rule.source = sdk.ToString(r.ReferencedGroupInfo.GroupId)
	case r.PrefixListId != nil:
		rule.source = *r.PrefixListId
	case r.CidrIpv6 != nil:
		rule.source = canonicalSource(*r.CidrIpv6)
	default:
		rule.source = canonicalSource(sdk.ToString(r.CidrIpv4))
	}
	return rule
}
