package aws

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

func inventoryVPC(id string, blocks ...string) ec2types.Vpc {
	vpc := ec2types.Vpc{VpcId: sdk.String(id)}
	for _, b := range blocks {
		b, leaving := strings.CutPrefix(b, "leaving ")
		state := &ec2types.VpcCidrBlockState{State: ec2types.VpcCidrBlockStateCodeAssociated}
		if leaving {
			state.State = ec2types.VpcCidrBlockStateCodeDisassociated
		}
		if strings.Contains(b, ":") {
			vpc.Ipv6CidrBlockAssociationSet = append(vpc.Ipv6CidrBlockAssociationSet,
				ec2types.VpcIpv6CidrBlockAssociation{Ipv6CidrBlock: sdk.String(b), Ipv6CidrBlockState: state})
			continue
		}
		vpc.CidrBlockAssociationSet = append(vpc.CidrBlockAssociationSet, ec2types.VpcCidrBlockAssociation{CidrBlock: sdk.String(b), CidrBlockState: state})
	}
	return vpc
}

func subnetOf(id, vpc, zone string, free int32) ec2types.Subnet {
	return ec2types.Subnet{SubnetId: sdk.String(id), VpcId: sdk.String(vpc), AvailabilityZoneId: sdk.String(zone), AvailableIpAddressCount: sdk.Int32(free)}
}

func endpointOf(vpc, state string, owner activities.Owner) ec2types.VpcEndpoint {
	e := ec2types.VpcEndpoint{VpcId: sdk.String(vpc), State: ec2types.State(state)}
	if owner != "" {
		e.Tags = []ec2types.Tag{{Key: sdk.String(ownerTag), Value: sdk.String(string(owner))}}
	}
	return e
}

func TestRoomIn(t *testing.T) {
	is := network{
		vpcs: map[string]ec2types.Vpc{
			"vpc-1": inventoryVPC("vpc-1", "10.1.0.0/16", "10.9.0.0/16", "leaving 10.2.0.0/16", "2001:db8:1::/56"),
			"vpc-2": inventoryVPC("vpc-2", "10.2.0.0/16", "2001:db8:2::/56"),
			"vpc-3": inventoryVPC("vpc-3", "10.3.0.0/16", "10.1.128.0/17"),
		},
		subnets: map[string]ec2types.Subnet{
			"subnet-1a": subnetOf("subnet-1a", "vpc-1", "az1", 250), "subnet-1b": subnetOf("subnet-1b", "vpc-1", "az2", 0),
			"subnet-1c": subnetOf("subnet-1c", "vpc-1", "az1", 9), "subnet-2a": subnetOf("subnet-2a", "vpc-2", "az1", 3),
			"subnet-3a": subnetOf("subnet-3a", "vpc-3", "az1", 3),
		},
		groups: map[string]ec2types.SecurityGroup{
			"sg-1": {GroupId: sdk.String("sg-1"), VpcId: sdk.String("vpc-1")}, "sg-2": {GroupId: sdk.String("sg-2"), VpcId: sdk.String("vpc-2")},
		},
		endpoints: []ec2types.VpcEndpoint{
			endpointOf("vpc-1", "available", "b"), endpointOf("vpc-1", "Rejected", ""), endpointOf("vpc-1", "deleting", "a"),
			endpointOf("vpc-1", "failed", "a"), endpointOf("vpc-1", "deleted", "c"), endpointOf("vpc-2", "available", ""),
		},
	}
	one := link.InventoryVPC{VPC: "vpc-1", Subnets: []link.InventorySubnet{{ZoneID: "az1", Subnet: "subnet-1a"}, {ZoneID: "az2", Subnet: "subnet-1b"}}}
	two := link.InventoryVPC{VPC: "vpc-2", Subnets: []link.InventorySubnet{{ZoneID: "az1", Subnet: "subnet-2a"}}}
	three := link.InventoryVPC{VPC: "vpc-3", Subnets: []link.InventorySubnet{{ZoneID: "az1", Subnet: "subnet-3a"}}}
	with := func(v link.InventoryVPC, change func(*link.InventoryVPC)) link.InventoryVPC {
		v.Subnets = slices.Clone(v.Subnets)
		change(&v)
		return v
	}
	for _, c := range []struct {
		name     string
		want     []link.InventoryVPC
		problems [][]string
	}{
		{"when everything is as stated, nothing is wrong", []link.InventoryVPC{one, two}, [][]string{nil, nil}},
		{"when a VPC does not exist, it alone cannot be used", []link.InventoryVPC{{VPC: "vpc-9"}, two},
			[][]string{{"vpc-9 does not exist in this account and region"}, nil}},
		{"when a subnet does not exist, it says so", []link.InventoryVPC{with(one, func(v *link.InventoryVPC) { v.Subnets[1].Subnet = "subnet-9" })},
			[][]string{{"subnet-9 does not exist in this account and region"}}},
		{"when a subnet is in another VPC, it says in which", []link.InventoryVPC{with(one, func(v *link.InventoryVPC) { v.Subnets[0].Subnet = "subnet-2a" })},
			[][]string{{"subnet-2a is in vpc-2, not in vpc-1"}}},
		{"when a subnet is in another zone, it says in which", []link.InventoryVPC{with(one, func(v *link.InventoryVPC) { v.Subnets[1].ZoneID = "az3" })},
			[][]string{{"subnet-1b is in the availability zone az2, not in az3"}}},
		{"when two subnets are in one zone, it names both", []link.InventoryVPC{with(one, func(v *link.InventoryVPC) {
			v.Subnets = append(v.Subnets, link.InventorySubnet{ZoneID: "az1", Subnet: "subnet-1c"})
		})}, [][]string{{"subnet-1a and subnet-1c are both in the availability zone az1, where an endpoint takes one"}}},
		{"when a security group does not exist or is another VPC's, it says so", []link.InventoryVPC{with(one, func(v *link.InventoryVPC) {
			v.SecurityGroups = []string{"sg-1", "sg-2", "sg-9"}
		})}, [][]string{{"sg-2 is of vpc-2, not of vpc-1", "sg-9 does not exist in this account and region"}}},
		{"when addresses of two VPCs overlap, both cannot be used", []link.InventoryVPC{one, two, three}, [][]string{
			{"its addresses 10.1.0.0/16 overlap with 10.1.128.0/17 of vpc-3: no network can reach both"}, nil,
			{"its addresses 10.1.128.0/17 overlap with 10.1.0.0/16 of vpc-1: no network can reach both"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var problems [][]string
			for _, room := range roomIn(c.want, is) {
				problems = append(problems, room.Problems)
			}
			if !reflect.DeepEqual(problems, c.problems) {
				t.Errorf("problems = %q, want %q", problems, c.problems)
			}
		})
	}

	got := roomIn([]link.InventoryVPC{one}, is)[0]
	want := activities.VPCRoom{
		VPC: "vpc-1", CIDRs: []string{"10.1.0.0/16", "10.9.0.0/16", "2001:db8:1::/56"}, Endpoints: 4, Owners: []activities.Owner{"a", "b"},
		Subnets: []activities.SubnetRoom{{Subnet: "subnet-1a", ZoneID: "az1", Free: 250}, {Subnet: "subnet-1b", ZoneID: "az2"}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the room is %s\nwant %s", fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want))
	}
}
