package simaws

import (
	"cmp"
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// routeTable makes a route table of a VPC, or gives the main one its name, and gives it to subnets.
func (b *builder) routeTable(ctx context.Context, vpcName, vpcID string, table WorldRouteTable) error {
	name := vpcName + "/" + table.Name
	id, err := b.newRouteTable(ctx, name, vpcID, table)
	if err != nil {
		return err
	}
	b.made("route-table", name, id)
	for _, subnet := range table.Subnets {
		subnetID, err := b.find("subnet", vpcName+"/"+subnet)
		if err != nil {
			return err
		}
		input := &awsec2.AssociateRouteTableInput{RouteTableId: &id, SubnetId: &subnetID}
		if _, err := b.ec2.AssociateRouteTable(ctx, input); err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) newRouteTable(ctx context.Context, name, vpcID string, table WorldRouteTable) (string, error) {
	if !table.Main {
		out, err := b.ec2.CreateRouteTable(ctx, &awsec2.CreateRouteTableInput{
			VpcId: &vpcID, TagSpecifications: named(ec2types.ResourceTypeRouteTable, table.Name),
		}, b.seeded("route-table", name))
		if err != nil {
			return "", err
		}
		return aws.ToString(out.RouteTable.RouteTableId), nil
	}
	id, ok := b.cloud.ec2.MainRouteTable(vpcID)
	if !ok {
		return "", errors.New("its VPC has no main route table")
	}
	_, err := b.ec2.CreateTags(ctx, &awsec2.CreateTagsInput{
		Resources: []string{id}, Tags: []ec2types.Tag{{Key: aws.String("Name"), Value: aws.String(table.Name)}},
	})
	return id, err
}

// prefixList makes a prefix list.
func (b *builder) prefixList(ctx context.Context, list WorldPrefixList) error {
	input := &awsec2.CreateManagedPrefixListInput{
		PrefixListName: aws.String(list.Name), AddressFamily: aws.String(cmp.Or(list.AddressFamily, "IPv4")),
		MaxEntries: aws.Int32(cmp.Or(list.MaxEntries, int32(len(list.Entries)))), TagSpecifications: named(ec2types.ResourceTypePrefixList, list.Name),
	}
	for _, cidr := range list.Entries {
		input.Entries = append(input.Entries, ec2types.AddPrefixListEntry{Cidr: aws.String(cidr)})
	}
	out, err := b.ec2.CreateManagedPrefixList(ctx, input, b.seeded("prefix-list", list.Name))
	if err != nil {
		return err
	}
	b.made("prefix-list", list.Name, aws.ToString(out.PrefixList.PrefixListId))
	return nil
}
