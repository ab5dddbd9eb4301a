package aws

import (
	"context"
	"fmt"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/linkwright/linkwright/activities"
)

// peerNetwork is what EC2 shows of VPCs that are to be peered, by ids.
type peerNetwork struct {
	vpcs     map[string]ec2types.Vpc
	tables   map[string]ec2types.RouteTable
	groups   map[string]ec2types.SecurityGroup
	defaults map[string]string // the VPCs' default security groups
}

// DescribeNetworks implements [activities.Peerings].
func (p *Peerings) DescribeNetworks(ctx context.Context, req activities.DescribeNetworksRequest) (activities.Networks, error) {
	s, err := p.config.at(ctx, req.Place)
	if err != nil {
		return activities.Networks{}, err
	}
	is, err := s.lookAtNetworks(ctx, req.Networks)
	if err != nil {
		return activities.Networks{}, s.failed(err)
	}
	var found activities.Networks
	for _, want := range req.Networks {
		found.Networks = append(found.Networks, networkView(want, is))
	}
	return found, nil
}

func (s *site) lookAtNetworks(ctx context.Context, want []activities.NetworkParts) (peerNetwork, error) {
	is := peerNetwork{map[string]ec2types.Vpc{}, map[string]ec2types.RouteTable{}, map[string]ec2types.SecurityGroup{}, map[string]string{}}
	var vpcs, tables, groups, defaults []string
	for _, w := range want {
		vpcs = append(vpcs, w.VPC)
		tables = append(tables, w.RouteTables...)
		groups = append(groups, w.SecurityGroups...)
		if w.DefaultGroup {
			defaults = append(defaults, w.VPC)
		}
	}
	err := inBatches(once(vpcs), "vpc-id", func(f ec2types.Filter) error {
		pages := ec2.NewDescribeVpcsPaginator(s.EC2, &ec2.DescribeVpcsInput{Filters: []ec2types.Filter{f}})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return err
			}
			for _, v := range page.Vpcs {
				is.vpcs[sdk.ToString(v.VpcId)] = v
			}
		}
		return nil
	})
	if err != nil {
		return is, err
	}
	found, err := s.routeTables(ctx, tables)
	for _, t := range found {
		is.tables[sdk.ToString(t.RouteTableId)] = t
	}
	if err != nil {
		return is, err
	}
	err = inBatches(once(groups), "group-id", func(f ec2types.Filter) error {
		found, err := s.groups(ctx, f)
		for _, g := range found {
			is.groups[sdk.ToString(g.GroupId)] = g
		}
		return err
	})
	if err != nil {
		return is, err
	}
	return is, inBatches(once(defaults), "vpc-id", func(f ec2types.Filter) error {
		found, err := s.groups(ctx, f, filter("group-name", "default"))
		for _, g := range found {
			is.defaults[sdk.ToString(g.VpcId)] = sdk.ToString(g.GroupId)
		}
		return err
	})
}

// networkView finds out what is wrong with a VPC and its parts.
func networkView(want activities.NetworkParts, is peerNetwork) activities.Network {
	view := activities.Network{VPC: want.VPC}
	vpc, ok := is.vpcs[want.VPC]
	if !ok {
		view.Problems = []string{want.VPC + " does not exist in this account and region"}
		return view
	}
	view.Owner, view.CIDRs, view.DefaultGroup = sdk.ToString(vpc.OwnerId), blocksOf(vpc), is.defaults[want.VPC]
	part := func(id, vpc string, there bool) {
		switch {
		case !there:
			view.Problems = append(view.Problems, id+" does not exist in this account and region")
		case vpc != want.VPC:
			view.Problems = append(view.Problems, fmt.Sprintf("%s is of %s, not of %s", id, vpc, want.VPC))
		}
	}
	for _, id := range want.RouteTables {
		table, ok := is.tables[id]
		part(id, sdk.ToString(table.VpcId), ok)
	}
	for _, id := range want.SecurityGroups {
		group, ok := is.groups[id]
		part(id, sdk.ToString(group.VpcId), ok)
	}
	return view
}
