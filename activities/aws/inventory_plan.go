package aws

import (
	"fmt"
	"net/netip"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// network is what EC2 shows of the VPCs of an inventory, by ids, and of their endpoints.
type network struct {
	vpcs      map[string]ec2types.Vpc
	subnets   map[string]ec2types.Subnet
	groups    map[string]ec2types.SecurityGroup
	endpoints []ec2types.VpcEndpoint
}

// roomIn finds the room in each VPC of an inventory, and what keeps it from being used: that it does not exist, that its
// subnets or security groups are not as the spec says, or that another VPC of the inventory has some of its addresses.
func roomIn(want []link.InventoryVPC, is network) []activities.VPCRoom {
	var rooms []activities.VPCRoom
	for _, w := range want {
		room := activities.VPCRoom{VPC: w.VPC}
		vpc, ok := is.vpcs[w.VPC]
		if !ok {
			room.Problems = []string{w.VPC + " does not exist in this account and region"}
			rooms = append(rooms, room)
			continue
		}
		room.CIDRs = blocksOf(vpc)
		room.Endpoints, room.Owners = endpointsIn(w.VPC, is.endpoints)
		room.Subnets, room.Problems = subnetsIn(w, is.subnets)
		room.Problems = append(room.Problems, groupProblems(w, is.groups)...)
		rooms = append(rooms, room)
	}
	for i := range rooms {
		for j := range rooms {
			if rooms[i].VPC == rooms[j].VPC {
				continue
			}
			for _, o := range overlaps(rooms[i].CIDRs, rooms[j].CIDRs) {
				rooms[i].Problems = append(rooms[i].Problems,
					fmt.Sprintf("its addresses %s overlap with %s of %s: no network can reach both", o[0], o[1], rooms[j].VPC))
			}
		}
	}
	return rooms
}

// endpointsIn counts the endpoints of a VPC, and lists the flows that some of them belong to. AWS says that interface and
// Gateway Load Balancer endpoints count together against the quota (AWS PrivateLink Guide, "AWS PrivateLink quotas"), and
// not in which states; so all do but those that are deleted: one that was rejected or has failed is there until its
// owner deletes it, and one on its way out until it is gone. To count too many costs a place for a while, to count too
// few a refused call.
func endpointsIn(vpc string, all []ec2types.VpcEndpoint) (count int, owners []activities.Owner) {
	for _, e := range all {
		if sdk.ToString(e.VpcId) != vpc || endpointState(e.State) == activities.EndpointDeleted {
			continue
		}
		count++
		if owner := ownerOf(e.Tags); owner != "" {
			owners = append(owners, owner)
		}
	}
	slices.Sort(owners)
	return count, slices.Compact(owners)
}

// subnetsIn are the subnets of a VPC that endpoints may use, in the order of the spec, and what is wrong with others.
func subnetsIn(want link.InventoryVPC, is map[string]ec2types.Subnet) (rooms []activities.SubnetRoom, problems []string) {
	inZone := map[string]string{}
	for _, w := range want.Subnets {
		subnet, ok := is[w.Subnet]
		zone := sdk.ToString(subnet.AvailabilityZoneId)
		switch {
		case !ok:
			problems = append(problems, w.Subnet+" does not exist in this account and region")
		case sdk.ToString(subnet.VpcId) != want.VPC:
			problems = append(problems, fmt.Sprintf("%s is in %s, not in %s", w.Subnet, sdk.ToString(subnet.VpcId), want.VPC))
		case zone != w.ZoneID:
			problems = append(problems, fmt.Sprintf("%s is in the availability zone %s, not in %s", w.Subnet, zone, w.ZoneID))
		case inZone[zone] != "":
			problems = append(problems, fmt.Sprintf("%s and %s are both in the availability zone %s, where an endpoint takes one", inZone[zone], w.Subnet, zone))
		default:
			inZone[zone] = w.Subnet
			rooms = append(rooms, activities.SubnetRoom{Subnet: w.Subnet, ZoneID: zone, Free: int(sdk.ToInt32(subnet.AvailableIpAddressCount))})
		}
	}
	return rooms, problems
}

func groupProblems(want link.InventoryVPC, is map[string]ec2types.SecurityGroup) []string {
	var problems []string
	for _, id := range want.SecurityGroups {
		group, ok := is[id]
		switch {
		case !ok:
			problems = append(problems, id+" does not exist in this account and region")
		case sdk.ToString(group.VpcId) != want.VPC:
			problems = append(problems, fmt.Sprintf("%s is of %s, not of %s", id, sdk.ToString(group.VpcId), want.VPC))
		}
	}
	return problems
}

// blocksOf are the address blocks of a VPC: those of IPv4 first. Blocks on their way out are none any more.
func blocksOf(vpc ec2types.Vpc) []string {
	var blocks []string
	for _, a := range vpc.CidrBlockAssociationSet {
		if a.CidrBlockState != nil && counts(a.CidrBlockState.State) {
			blocks = append(blocks, sdk.ToString(a.CidrBlock))
		}
	}
	for _, a := range vpc.Ipv6CidrBlockAssociationSet {
		if a.Ipv6CidrBlockState != nil && counts(a.Ipv6CidrBlockState.State) {
			blocks = append(blocks, sdk.ToString(a.Ipv6CidrBlock))
		}
	}
	return blocks
}

func counts(s ec2types.VpcCidrBlockStateCode) bool {
	return s == ec2types.VpcCidrBlockStateCodeAssociated || s == ec2types.VpcCidrBlockStateCodeAssociating
}

// overlaps are the pairs of blocks, one of each list, that have addresses in common.
func overlaps(a, b []string) [][2]string {
	var pairs [][2]string
	for _, x := range a {
		for _, y := range b {
			p, errP := netip.ParsePrefix(x)
			q, errQ := netip.ParsePrefix(y)
			if errP == nil && errQ == nil && p.Overlaps(q) {
				pairs = append(pairs, [2]string{x, y})
			}
		}
	}
	return pairs
}
