package simaws

import (
	"cmp"
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// vpc makes a VPC with its subnets and security groups.
func (b *builder) vpc(ctx context.Context, vpc WorldVPC) error {
	out, err := b.ec2.CreateVpc(ctx, &awsec2.CreateVpcInput{
		CidrBlock: aws.String(vpc.CIDR), TagSpecifications: named(ec2types.ResourceTypeVpc, vpc.Name),
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
	for _, subnet := range vpc.Subnets {
		if err := b.subnet(ctx, vpc.Name, id, subnet); err != nil {
			return fmt.Errorf("subnet %s: %w", subnet.Name, err)
		}
	}
	for _, group := range vpc.SecurityGroups {
		if err := b.securityGroup(ctx, vpc.Name, id, group); err != nil {
			return fmt.Errorf("security group %s: %w", group.Name, err)
		}
	}
	return nil
}

func (b *builder) subnet(ctx context.Context, vpcName, vpcID string, subnet WorldSubnet) error {
	name := vpcName + "/" + subnet.Name
	input := &awsec2.CreateSubnetInput{
		VpcId: &vpcID, CidrBlock: aws.String(subnet.CIDR), TagSpecifications: named(ec2types.ResourceTypeSubnet, subnet.Name),
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
			IpRanges: []ec2types.IpRange{{CidrIp: aws.String(rule.CIDR)}},
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
