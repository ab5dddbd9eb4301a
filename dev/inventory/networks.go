package inventory

import (
	"cmp"
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// securityGroups leaves out the default ones, which come and go with their VPCs.
func securityGroups(ctx context.Context, cfg aws.Config) (Inventory, error) {
	var all Inventory
	pages := ec2.NewDescribeSecurityGroupsPaginator(ec2.NewFromConfig(cfg), &ec2.DescribeSecurityGroupsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, g := range page.SecurityGroups {
			if aws.ToString(g.GroupName) == defaultGroup {
				continue
			}
			all = append(all, Item{Kind: SecurityGroup, ID: aws.ToString(g.GroupId), Owner: ownerOf(g.Tags)})
		}
	}
	return all, nil
}

const defaultGroup = "default"

// securityRules leaves out those that nobody owns in default groups: they come and go with their VPCs.
func securityRules(ctx context.Context, cfg aws.Config) (Inventory, error) {
	defaults := map[string]bool{}
	groups := ec2.NewDescribeSecurityGroupsPaginator(ec2.NewFromConfig(cfg), &ec2.DescribeSecurityGroupsInput{
		Filters: []ec2types.Filter{{Name: aws.String("group-name"), Values: []string{defaultGroup}}},
	})
	for groups.HasMorePages() {
		page, err := groups.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, g := range page.SecurityGroups {
			defaults[aws.ToString(g.GroupId)] = true
		}
	}
	var all Inventory
	pages := ec2.NewDescribeSecurityGroupRulesPaginator(ec2.NewFromConfig(cfg), &ec2.DescribeSecurityGroupRulesInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, r := range page.SecurityGroupRules {
			if defaults[aws.ToString(r.GroupId)] && ownerOf(r.Tags) == "" {
				continue
			}
			all = append(all, Item{Kind: SecurityRule, ID: aws.ToString(r.SecurityGroupRuleId), Detail: "of " + aws.ToString(r.GroupId), Owner: ownerOf(r.Tags)})
		}
	}
	return all, nil
}

// peerings leaves out those that are over, which AWS still lists for a while.
func peerings(ctx context.Context, cfg aws.Config) (Inventory, error) {
	var all Inventory
	pages := ec2.NewDescribeVpcPeeringConnectionsPaginator(ec2.NewFromConfig(cfg), &ec2.DescribeVpcPeeringConnectionsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, p := range page.VpcPeeringConnections {
			switch p.Status.Code {
			case ec2types.VpcPeeringConnectionStateReasonCodeDeleted, ec2types.VpcPeeringConnectionStateReasonCodeRejected,
				ec2types.VpcPeeringConnectionStateReasonCodeExpired, ec2types.VpcPeeringConnectionStateReasonCodeFailed:
				continue
			}
			all = append(all, Item{Kind: Peering, ID: aws.ToString(p.VpcPeeringConnectionId), Owner: ownerOf(p.Tags)})
		}
	}
	return all, nil
}

// networkRoutes are those of route tables, which carry no tags, without the ones that lead to the VPC itself.
func networkRoutes(ctx context.Context, cfg aws.Config) (Inventory, error) {
	var all Inventory
	pages := ec2.NewDescribeRouteTablesPaginator(ec2.NewFromConfig(cfg), &ec2.DescribeRouteTablesInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, t := range page.RouteTables {
			for _, r := range t.Routes {
				if aws.ToString(r.GatewayId) == "local" {
					continue
				}
				to := cmp.Or(aws.ToString(r.DestinationCidrBlock), aws.ToString(r.DestinationIpv6CidrBlock), aws.ToString(r.DestinationPrefixListId))
				by := cmp.Or(aws.ToString(r.VpcPeeringConnectionId), aws.ToString(r.GatewayId), "something else")
				all = append(all, Item{Kind: Route, ID: aws.ToString(t.RouteTableId), Detail: fmt.Sprintf("to %s by %s", to, by)})
			}
		}
	}
	return all, nil
}
