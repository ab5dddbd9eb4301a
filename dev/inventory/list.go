package inventory

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
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
