package simaws

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func TestVPCComesWithItsDefaults(t *testing.T) {
	tc := startCloud(t)
	ctx, client := t.Context(), tc.ec2Of(stranger)
	vpc := must(client.CreateVpc(ctx, &awsec2.CreateVpcInput{CidrBlock: aws.String("10.9.8.7/16")}))(t).Vpc
	if *vpc.CidrBlock != "10.9.0.0/16" {
		t.Errorf("got the block %s", *vpc.CidrBlock)
	}
	for name, want := range map[types.VpcAttributeName]bool{types.VpcAttributeNameEnableDnsSupport: true, types.VpcAttributeNameEnableDnsHostnames: false} {
		out := must(client.DescribeVpcAttribute(ctx, &awsec2.DescribeVpcAttributeInput{VpcId: vpc.VpcId, Attribute: name}))(t)
		value := out.EnableDnsSupport
		if name == types.VpcAttributeNameEnableDnsHostnames {
			value = out.EnableDnsHostnames
		}
		if *value.Value != want {
			t.Errorf("%s is %t", name, *value.Value)
		}
	}
	inVPC := []types.Filter{{Name: aws.String("vpc-id"), Values: []string{*vpc.VpcId}}}
	groups := must(client.DescribeSecurityGroups(ctx, &awsec2.DescribeSecurityGroupsInput{Filters: inVPC}))(t).SecurityGroups
	if len(groups) != 1 || *groups[0].GroupName != "default" || len(groups[0].IpPermissions) != 1 || len(groups[0].IpPermissionsEgress) != 1 {
		t.Errorf("got the security groups %+v", groups)
	}
	tables := must(client.DescribeRouteTables(ctx, &awsec2.DescribeRouteTablesInput{Filters: inVPC}))(t).RouteTables
	if len(tables) != 1 || !*tables[0].Associations[0].Main || *tables[0].Routes[0].GatewayId != "local" {
		t.Errorf("got the route tables %+v", tables)
	}
	acls := must(client.DescribeNetworkAcls(ctx, &awsec2.DescribeNetworkAclsInput{Filters: inVPC}))(t).NetworkAcls
	if len(acls) != 1 || !*acls[0].IsDefault || len(acls[0].Entries) != 4 {
		t.Errorf("got the network ACLs %+v", acls)
	}
	must(client.DeleteVpc(ctx, &awsec2.DeleteVpcInput{VpcId: vpc.VpcId}))(t)
	left := must(client.DescribeSecurityGroups(ctx, &awsec2.DescribeSecurityGroupsInput{}))(t).SecurityGroups
	if len(left) != 0 {
		t.Errorf("the VPC left %+v behind", left)
	}
}

func TestNetworkErrors(t *testing.T) {
	tc := startCloud(t)
	ctx, client := t.Context(), tc.ec2Of(consumer)
	vpc, group := tc.id("consumer", "vpc", "main"), tc.id("consumer", "security-group", "main/https")
	subnet := func(cidr, zone string) error {
		_, err := client.CreateSubnet(ctx, &awsec2.CreateSubnetInput{VpcId: &vpc, CidrBlock: &cidr, AvailabilityZone: &zone})
		return err
	}
	input := tc.connectInput(tc.publish())
	input.SecurityGroupIds = []string{group}
	must(client.CreateVpcEndpoint(ctx, input))(t)
	rule := []types.IpPermission{{
		IpProtocol: aws.String("tcp"), FromPort: aws.Int32(443), ToPort: aws.Int32(443), IpRanges: []types.IpRange{{CidrIp: aws.String("10.1.0.0/16")}},
	}}
	for _, test := range []struct {
		name string
		do   func() error
		code string
	}{
		{"when a VPC is too large", func() error {
			_, err := client.CreateVpc(ctx, &awsec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/8")})
			return err
		}, "InvalidVpc.Range"},
		{"when a VPC's block is none", func() error {
			_, err := client.CreateVpc(ctx, &awsec2.CreateVpcInput{CidrBlock: aws.String("ten")})
			return err
		}, "InvalidParameterValue"},
		{"when a subnet is outside its VPC", func() error { return subnet("10.77.0.0/24", "us-east-1a") }, "InvalidSubnet.Range"},
		{"when a subnet overlaps another", func() error { return subnet("10.1.1.128/25", "us-east-1a") }, "InvalidSubnet.Conflict"},
		{"when a zone does not exist", func() error { return subnet("10.1.50.0/24", "us-east-1z") }, "InvalidParameterValue"},
		{"when a VPC is in use", func() error {
			_, err := client.DeleteVpc(ctx, &awsec2.DeleteVpcInput{VpcId: &vpc})
			return err
		}, "DependencyViolation"},
		{"when a subnet is in use", func() error {
			_, err := client.DeleteSubnet(ctx, &awsec2.DeleteSubnetInput{SubnetId: &input.SubnetIds[0]})
			return err
		}, "DependencyViolation"},
		{"when a security group is in use", func() error {
			_, err := client.DeleteSecurityGroup(ctx, &awsec2.DeleteSecurityGroupInput{GroupId: &group})
			return err
		}, "DependencyViolation"},
		{"when a security group's name is taken", func() error {
			_, err := client.CreateSecurityGroup(ctx, &awsec2.CreateSecurityGroupInput{VpcId: &vpc, GroupName: aws.String("https"), Description: aws.String("x")})
			return err
		}, "InvalidGroup.Duplicate"},
		{"when a rule is there already", func() error {
			_, err := client.AuthorizeSecurityGroupIngress(ctx, &awsec2.AuthorizeSecurityGroupIngressInput{GroupId: &group, IpPermissions: rule})
			return err
		}, "InvalidPermission.Duplicate"},
		{"when a rule is not there", func() error {
			_, err := client.RevokeSecurityGroupEgress(ctx, &awsec2.RevokeSecurityGroupEgressInput{GroupId: &group, IpPermissions: rule})
			return err
		}, "InvalidPermission.NotFound"},
		{"when a resource to tag is another account's", func() error {
			_, err := tc.ec2Of(stranger).CreateTags(ctx, &awsec2.CreateTagsInput{Resources: []string{vpc}, Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}})
			return err
		}, "InvalidID"},
	} {
		t.Run(test.name, func(t *testing.T) { wantError(t, test.do(), test.code) })
	}
}

func TestAddressesOfASubnetRunOut(t *testing.T) {
	tc := startCloud(t)
	service := tc.publish()
	input := tc.connectInput(service)
	input.VpcId, input.SubnetIds = aws.String(tc.id("consumer", "vpc", "plain")), []string{tc.id("consumer", "subnet", "plain/plain")}
	for range 16 - 5 { // of a /28, without the five that AWS keeps
		must(tc.ec2Of(consumer).CreateVpcEndpoint(t.Context(), input))(t)
	}
	_, err := tc.ec2Of(consumer).CreateVpcEndpoint(t.Context(), input)
	wantError(t, err, "InsufficientFreeAddressesInSubnet")
	subnet := must(tc.ec2Of(consumer).DescribeSubnets(t.Context(), &awsec2.DescribeSubnetsInput{SubnetIds: input.SubnetIds}))(t).Subnets[0]
	if *subnet.AvailableIpAddressCount != 0 {
		t.Errorf("the subnet still has %d addresses", *subnet.AvailableIpAddressCount)
	}
}

func TestTags(t *testing.T) {
	tc := startCloud(t)
	ctx, client, vpc := t.Context(), tc.ec2Of(consumer), tc.id("consumer", "vpc", "main")
	tag := func(key, value string) types.Tag { return types.Tag{Key: &key, Value: &value} }
	tags := func() map[string]string {
		found := map[string]string{}
		for _, d := range must(client.DescribeTags(ctx, &awsec2.DescribeTagsInput{Filters: []types.Filter{{Name: aws.String("resource-id"), Values: []string{vpc}}}}))(t).Tags {
			found[*d.Key] = *d.Value
		}
		return found
	}
	must(client.CreateTags(ctx, &awsec2.CreateTagsInput{Resources: []string{vpc}, Tags: []types.Tag{tag("a", "1"), tag("b", "2"), tag("Name", "changed")}}))(t)
	if got := tags(); len(got) != 3 || got["Name"] != "changed" {
		t.Errorf("got the tags %v", got)
	}
	must(client.DeleteTags(ctx, &awsec2.DeleteTagsInput{Resources: []string{vpc}, Tags: []types.Tag{tag("a", "other"), {Key: aws.String("b")}}}))(t)
	if got := tags(); len(got) != 2 || got["a"] != "1" {
		t.Errorf("a tag with another value was deleted, or one without stayed: %v", got)
	}
	var many []types.Tag
	for i := range 49 { // with the two that are there, one too many
		many = append(many, tag(fmt.Sprint("tag-", i), ""))
	}
	_, err := client.CreateTags(ctx, &awsec2.CreateTagsInput{Resources: []string{vpc}, Tags: many})
	wantError(t, err, "TagLimitExceeded")
}

func TestZonesDifferBetweenAccounts(t *testing.T) {
	tc := startCloud(t)
	zones := func(account string) map[string]string {
		named := map[string]string{}
		for _, z := range must(tc.ec2Of(account).DescribeAvailabilityZones(t.Context(), &awsec2.DescribeAvailabilityZonesInput{}))(t).AvailabilityZones {
			named[*z.ZoneName] = *z.ZoneId
		}
		return named
	}
	one, other := zones(provider), zones(consumer)
	ids, differ := map[string]bool{}, false
	for name, id := range one {
		ids[id] = true
		differ = differ || other[name] != id
	}
	if len(ids) != 6 || !differ {
		t.Errorf("got the zones %v and %v", one, other)
	}
}
