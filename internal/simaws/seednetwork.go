package simaws

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"net/netip"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// vpc makes a VPC with its subnets, security groups and route tables.
func (b *builder) vpc(ctx context.Context, vpc WorldVPC) error {
	out, err := b.ec2.CreateVpc(ctx, &awsec2.CreateVpcInput{
		CidrBlock: aws.String(vpc.CIDR), AmazonProvidedIpv6CidrBlock: aws.Bool(vpc.IPv6), TagSpecifications: named(ec2types.ResourceTypeVpc, vpc.Name),
	}, b.seeded("vpc", vpc.Name))
	if err != nil {
		return err
	}
	id := aws.ToString(out.Vpc.VpcId)
	b.made("vpc", vpc.Name, id)
	if vpc.DNSSupport != nil {
		input := &awsec2.ModifyVpcAttributeInput{VpcId: &id, EnableDnsSupport: &ec2types.AttributeBooleanValue{Value: vpc.DNSSupport}}
		if _, err := b.ec2.ModifyVpcAttribute(ctx, input); err != nil {
			return err
		}
	}
	if vpc.DNSHostnames != nil {
		input := &awsec2.ModifyVpcAttributeInput{VpcId: &id, EnableDnsHostnames: &ec2types.AttributeBooleanValue{Value: vpc.DNSHostnames}}
		if _, err := b.ec2.ModifyVpcAttribute(ctx, input); err != nil {
			return err
		}
	}
	for i, subnet := range vpc.Subnets {
		if err := b.subnet(ctx, vpc.Name, out.Vpc, i, subnet); err != nil {
			return fmt.Errorf("subnet %s: %w", subnet.Name, err)
		}
	}
	for _, group := range vpc.SecurityGroups {
		if err := b.securityGroup(ctx, vpc.Name, id, group); err != nil {
			return fmt.Errorf("security group %s: %w", group.Name, err)
		}
	}
	for _, table := range vpc.RouteTables {
		if err := b.routeTable(ctx, vpc.Name, id, table); err != nil {
			return fmt.Errorf("route table %s: %w", table.Name, err)
		}
	}
	return nil
}

// subnet makes the nth subnet of a VPC.
func (b *builder) subnet(ctx context.Context, vpcName string, vpc *ec2types.Vpc, n int, subnet WorldSubnet) error {
	name := vpcName + "/" + subnet.Name
	input := &awsec2.CreateSubnetInput{
		VpcId: vpc.VpcId, CidrBlock: aws.String(subnet.CIDR), TagSpecifications: named(ec2types.ResourceTypeSubnet, subnet.Name),
	}
	if subnet.IPv6 {
		block, err := nthBlockV6(vpc, n)
		if err != nil {
			return err
		}
		input.Ipv6CidrBlock = &block
	}
	if subnet.Zone != "" {
		input.AvailabilityZone = aws.String(subnet.Zone)
	}
	if subnet.ZoneID != "" {
		input.AvailabilityZoneId = aws.String(subnet.ZoneID)
	}
	out, err := b.ec2.CreateSubnet(ctx, input, b.seeded("subnet", name))
	if err != nil {
		return err
	}
	b.made("subnet", name, aws.ToString(out.Subnet.SubnetId))
	return nil
}

// nthBlockV6 is the nth block of 64 bits in a VPC's IPv6 block of 56.
func nthBlockV6(vpc *ec2types.Vpc, n int) (string, error) {
	if len(vpc.Ipv6CidrBlockAssociationSet) == 0 {
		return "", errors.New("its VPC has no IPv6 block; say ipv6: true there too")
	}
	whole, err := netip.ParsePrefix(aws.ToString(vpc.Ipv6CidrBlockAssociationSet[0].Ipv6CidrBlock))
	if err != nil {
		return "", err
	}
	if n > math.MaxUint8 {
		return "", fmt.Errorf("the VPC's IPv6 block has room for %d subnets", math.MaxUint8+1)
	}
	address := whole.Addr().As16()
	address[7] = byte(n) // the eight bits between the VPC's 56 and the subnet's 64
	return netip.PrefixFrom(netip.AddrFrom16(address), 64).String(), nil
}

func (b *builder) securityGroup(ctx context.Context, vpcName, vpcID string, group WorldSecurityGroup) error {
	name := vpcName + "/" + group.Name
	out, err := b.ec2.CreateSecurityGroup(ctx, &awsec2.CreateSecurityGroupInput{
		VpcId: &vpcID, GroupName: aws.String(group.Name), Description: aws.String(cmp.Or(group.Description, group.Name)),
		TagSpecifications: named(ec2types.ResourceTypeSecurityGroup, group.Name),
	}, b.seeded("security-group", name))
	if err != nil {
		return err
	}
	b.made("security-group", name, aws.ToString(out.GroupId))
	for _, rule := range group.Ingress {
		permission := ec2types.IpPermission{
			IpProtocol: aws.String(rule.Protocol), FromPort: aws.Int32(rule.Port), ToPort: aws.Int32(rule.Port),
		}
		if rule.CIDR != "" {
			permission.IpRanges = []ec2types.IpRange{{CidrIp: aws.String(rule.CIDR)}}
		}
		if rule.PrefixList != "" {
			list, err := b.find("prefix-list", rule.PrefixList)
			if err != nil {
				return err
			}
			permission.PrefixListIds = []ec2types.PrefixListId{{PrefixListId: &list}}
		}
		input := &awsec2.AuthorizeSecurityGroupIngressInput{GroupId: out.GroupId, IpPermissions: []ec2types.IpPermission{permission}}
		if _, err := b.ec2.AuthorizeSecurityGroupIngress(ctx, input); err != nil {
			return err
		}
	}
	return nil
}

func named(kind ec2types.ResourceType, name string) []ec2types.TagSpecification {
	return []ec2types.TagSpecification{{ResourceType: kind, Tags: []ec2types.Tag{{Key: aws.String("Name"), Value: aws.String(name)}}}}
}
