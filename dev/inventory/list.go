package inventory

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	r53types "github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

func services(ctx context.Context, cfg aws.Config) (Inventory, error) {
	var all Inventory
	pages := ec2.NewDescribeVpcEndpointServiceConfigurationsPaginator(ec2.NewFromConfig(cfg), &ec2.DescribeVpcEndpointServiceConfigurationsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, s := range page.ServiceConfigurations {
			all = append(all, Item{Kind: Service, ID: aws.ToString(s.ServiceId), Owner: ownerOf(s.Tags)})
		}
	}
	return all, nil
}

// endpoints leaves out those that AWS still lists for a while after they are deleted.
func endpoints(ctx context.Context, cfg aws.Config) (Inventory, error) {
	var all Inventory
	pages := ec2.NewDescribeVpcEndpointsPaginator(ec2.NewFromConfig(cfg), &ec2.DescribeVpcEndpointsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, e := range page.VpcEndpoints {
			if !strings.EqualFold(string(e.State), string(ec2types.StateDeleted)) {
				all = append(all, Item{Kind: Endpoint, ID: aws.ToString(e.VpcEndpointId), Owner: ownerOf(e.Tags)})
			}
		}
	}
	return all, nil
}

func interfaces(ctx context.Context, cfg aws.Config) (Inventory, error) {
	var all Inventory
	pages := ec2.NewDescribeNetworkInterfacesPaginator(ec2.NewFromConfig(cfg), &ec2.DescribeNetworkInterfacesInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, i := range page.NetworkInterfaces {
			all = append(all, Item{Kind: Interface, ID: aws.ToString(i.NetworkInterfaceId), Detail: aws.ToString(i.PrivateIpAddress)})
		}
	}
	return all, nil
}

// targets are those that are registered in target groups.
func targets(ctx context.Context, cfg aws.Config) (Inventory, error) {
	var all Inventory
	client := elasticloadbalancingv2.NewFromConfig(cfg)
	groups := elasticloadbalancingv2.NewDescribeTargetGroupsPaginator(client, &elasticloadbalancingv2.DescribeTargetGroupsInput{})
	for groups.HasMorePages() {
		page, err := groups.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, g := range page.TargetGroups {
			health, err := client.DescribeTargetHealth(ctx, &elasticloadbalancingv2.DescribeTargetHealthInput{TargetGroupArn: g.TargetGroupArn})
			if err != nil {
				return nil, err
			}
			for _, t := range health.TargetHealthDescriptions {
				all = append(all, Item{Kind: Target, ID: aws.ToString(t.Target.Id), Detail: "in " + aws.ToString(g.TargetGroupName)})
			}
		}
	}
	return all, nil
}

// records are those of every hosted zone.
func records(ctx context.Context, cfg aws.Config) (Inventory, error) {
	var all Inventory
	client := route53.NewFromConfig(cfg)
	zones := route53.NewListHostedZonesPaginator(client, &route53.ListHostedZonesInput{})
	for zones.HasMorePages() {
		page, err := zones.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, z := range page.HostedZones {
			sets := route53.NewListResourceRecordSetsPaginator(client, &route53.ListResourceRecordSetsInput{HostedZoneId: z.Id})
			for sets.HasMorePages() {
				page, err := sets.NextPage(ctx)
				if err != nil {
					return nil, err
				}
				for _, set := range page.ResourceRecordSets {
					all = append(all, Item{Kind: Record, ID: aws.ToString(set.Name), Detail: string(set.Type) + " " + values(set)})
				}
			}
		}
	}
	return all, nil
}

func values(set r53types.ResourceRecordSet) string {
	var list []string
	for _, r := range set.ResourceRecords {
		list = append(list, aws.ToString(r.Value))
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

// parameters are those of Parameter Store.
func parameters(ctx context.Context, cfg aws.Config) (Inventory, error) {
	var all Inventory
	client := ssm.NewFromConfig(cfg)
	pages := ssm.NewDescribeParametersPaginator(client, &ssm.DescribeParametersInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, p := range page.Parameters {
			value, err := client.GetParameter(ctx, &ssm.GetParameterInput{Name: p.Name})
			if err != nil {
				return nil, err
			}
			tags, err := client.ListTagsForResource(ctx, &ssm.ListTagsForResourceInput{
				ResourceType: ssmtypes.ResourceTypeForTaggingParameter, ResourceId: p.Name,
			})
			if err != nil {
				return nil, err
			}
			item := Item{Kind: Parameter, ID: aws.ToString(p.Name), Detail: "= " + aws.ToString(value.Parameter.Value)}
			for _, t := range tags.TagList {
				if aws.ToString(t.Key) == ownerTag {
					item.Owner = aws.ToString(t.Value)
				}
			}
			all = append(all, item)
		}
	}
	return all, nil
}

func ownerOf(tags []ec2types.Tag) string {
	for _, t := range tags {
		if aws.ToString(t.Key) == ownerTag {
			return aws.ToString(t.Value)
		}
	}
	return ""
}
