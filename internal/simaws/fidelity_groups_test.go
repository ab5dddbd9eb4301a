package simaws

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

const (
	createGroup = "EC2 API Reference, CreateSecurityGroup"
	vpcQuotas   = `Amazon VPC User Guide, "Amazon VPC quotas"`
)

// tcp443 lets TCP in, or out, on port 443 from, or to, a range.
func tcp443(cidr string) types.IpPermission {
	return types.IpPermission{IpProtocol: aws.String("tcp"), FromPort: aws.Int32(443), ToPort: aws.Int32(443), IpRanges: []types.IpRange{{CidrIp: &cidr}}}
}

// fromGroup lets everything in from a group.
func fromGroup(id, owner string) types.IpPermission {
	return types.IpPermission{IpProtocol: aws.String("-1"), UserIdGroupPairs: []types.UserIdGroupPair{{GroupId: &id, UserId: &owner}}}
}

// group makes a security group in the consumer's VPC.
func (tc testCloud) group(name string) *string {
	tc.t.Helper()
	return must(tc.ec2Of(consumer).CreateSecurityGroup(tc.t.Context(), &awsec2.CreateSecurityGroupInput{
		VpcId: aws.String(tc.id("consumer", "vpc", "main")), GroupName: &name, Description: aws.String("test"),
	}))(tc.t).GroupId
}

func (tc testCloud) allowIn(group *string, permissions ...types.IpPermission) ([]types.SecurityGroupRule, error) {
	out, err := tc.ec2Of(consumer).AuthorizeSecurityGroupIngress(tc.t.Context(), &awsec2.AuthorizeSecurityGroupIngressInput{GroupId: group, IpPermissions: permissions})
	if err != nil {
		return nil, err
	}
	return out.SecurityGroupRules, nil
}

// creatingGroup asks for a group of a name.
func creatingGroup(name, description string) func(context.Context, testCloud, aws.Config) error {
	return func(ctx context.Context, tc testCloud, c aws.Config) error {
		_, err := awsec2.NewFromConfig(c).CreateSecurityGroup(ctx, &awsec2.CreateSecurityGroupInput{
			VpcId: aws.String(tc.id("consumer", "vpc", "main")), GroupName: &name, Description: &description,
		})
		return err
	}
}

// allowingIn asks for rules in a new group.
func allowingIn(permissions ...types.IpPermission) func(context.Context, testCloud, aws.Config) error {
	return func(ctx context.Context, tc testCloud, c aws.Config) error {
		_, err := awsec2.NewFromConfig(c).AuthorizeSecurityGroupIngress(ctx, &awsec2.AuthorizeSecurityGroupIngressInput{
			GroupId: tc.group("rules"), IpPermissions: permissions,
		})
		return err
	}
}

// manyRanges are n ranges that do not overlap.
func manyRanges(n int) types.IpPermission {
	p := tcp443("192.0.2.0/24")
	for i := range n - 1 {
		p.IpRanges = append(p.IpRanges, types.IpRange{CidrIp: aws.String(fmt.Sprintf("10.%d.0.0/16", i))})
	}
	return p
}

func TestFidelityWhatSecurityGroupsRefuse(t *testing.T) {
	const invalid = "InvalidParameterValue"
	inverted := tcp443("10.0.0.0/8")
	inverted.ToPort = aws.Int32(80)
	for _, fact := range []refusal{
		{"when a name is taken, it is InvalidGroup.Duplicate", createGroup, creatingGroup("https", "x"), 400, "InvalidGroup.Duplicate", "https"},
		{"when a name is taken in other case, it is InvalidGroup.Duplicate", createGroup, creatingGroup("HTTPS", "x"), 400, "InvalidGroup.Duplicate", ""},
		{"when a name begins with sg-, it is refused", createGroup, creatingGroup("sg-mine", "x"), 400, invalid, "sg-"},
		{"when a name has 256 characters, it is refused", createGroup, creatingGroup(strings.Repeat("x", 256), "x"), 400, invalid, "256"},
		{"when a description has other characters, it is refused", createGroup, creatingGroup("mine", "<x>"), 400, invalid, "description"},
		{"when a name is default, it is InvalidGroup.Reserved", ec2Errors, creatingGroup("default", "x"), 400, "InvalidGroup.Reserved", "default"},
		{"when the VPC is another account's, it is InvalidVpcID.NotFound", createGroup, func(ctx context.Context, tc testCloud, c aws.Config) error {
			_, err := awsec2.NewFromConfig(c).CreateSecurityGroup(ctx, &awsec2.CreateSecurityGroupInput{
				VpcId: aws.String(tc.id("provider", "vpc", "main")), GroupName: aws.String("a"), Description: aws.String("a")})
			return err
		}, 400, "InvalidVpcID.NotFound", "vpc-"},
		{"when the default group is deleted, it is CannotDelete", ec2Errors, func(ctx context.Context, tc testCloud, c aws.Config) error {
			client := awsec2.NewFromConfig(c)
			groups := must(client.DescribeSecurityGroups(ctx, &awsec2.DescribeSecurityGroupsInput{Filters: []types.Filter{{Name: aws.String("group-name"), Values: []string{"default"}}}}))(tc.t)
			_, err := client.DeleteSecurityGroup(ctx, &awsec2.DeleteSecurityGroupInput{GroupId: groups.SecurityGroups[0].GroupId})
			return err
		}, 400, "CannotDelete", "default"},
		{"when another group of the VPC refers to it, it is DependencyViolation", "EC2 API Reference, DeleteSecurityGroup", func(ctx context.Context, tc testCloud, c aws.Config) error {
			one, other := tc.group("one"), tc.group("other")
			must(tc.allowIn(one, fromGroup(*other, consumer)))(tc.t)
			_, err := awsec2.NewFromConfig(c).DeleteSecurityGroup(ctx, &awsec2.DeleteSecurityGroupInput{GroupId: other})
			return err
		}, 400, "DependencyViolation", "sg-"},
		{"when a load balancer has it, it is DependencyViolation", "EC2 API Reference, DeleteSecurityGroup", func(ctx context.Context, tc testCloud, c aws.Config) error {
			_, err := awsec2.NewFromConfig(c).DeleteSecurityGroup(ctx, &awsec2.DeleteSecurityGroupInput{GroupId: aws.String(tc.id("consumer", "security-group", "main/balanced"))})
			return err
		}, 400, "DependencyViolation", "sg-"},
		{"when a rule is there, with other host bits, it is InvalidPermission.Duplicate", "EC2 API Reference, IpRange", func(ctx context.Context, tc testCloud, c aws.Config) error {
			group := tc.group("one")
			must(tc.allowIn(group, tcp443("100.68.0.0/18")))(tc.t)
			_, err := awsec2.NewFromConfig(c).AuthorizeSecurityGroupIngress(ctx, &awsec2.AuthorizeSecurityGroupIngressInput{GroupId: group, IpPermissions: []types.IpPermission{tcp443("100.68.0.18/18")}})
			return err
		}, 400, "InvalidPermission.Duplicate", "100.68.0.0/18, TCP, from port: 443"},
		{"when ports are the wrong way round, it is refused", "EC2 API Reference, IpPermission", allowingIn(inverted), 400, invalid, "portRange"},
		{"when TCP has no ports, it is refused", "EC2 API Reference, IpPermission", allowingIn(types.IpPermission{IpProtocol: aws.String("tcp"), IpRanges: []types.IpRange{{CidrIp: aws.String("10.0.0.0/8")}}}), 400, invalid, "Must specify both from and to ports"},
		{"when a prefix list is missing, it is InvalidPrefixListID.NotFound", ec2Errors, allowingIn(types.IpPermission{IpProtocol: aws.String("-1"), PrefixListIds: []types.PrefixListId{{PrefixListId: aws.String("pl-1")}}}), 400, "InvalidPrefixListID.NotFound", "pl-1"},
		{"when there are 61 rules of a family and direction, it is RulesPerSecurityGroupLimitExceeded", vpcQuotas, allowingIn(manyRanges(61)), 400, "RulesPerSecurityGroupLimitExceeded", ""},
		{"when a group of another VPC is referred to, it is InvalidGroup.NotFound", `Amazon VPC Peering Guide, "Update your security groups to reference peer security groups"`, func(ctx context.Context, tc testCloud, c aws.Config) error {
			group := must(tc.ec2Of(provider).CreateSecurityGroup(ctx, &awsec2.CreateSecurityGroupInput{
				VpcId: aws.String(tc.id("provider", "vpc", "main")), GroupName: aws.String("a"), Description: aws.String("a")}))(tc.t).GroupId
			return allowingIn(fromGroup(*group, provider))(ctx, tc, c)
		}, 400, "InvalidGroup.NotFound", "different networks"},
		{"when a rule to revoke is of the other direction, it is missing", ec2Errors, func(ctx context.Context, tc testCloud, c aws.Config) error {
			group := tc.group("one")
			rules := must(tc.allowIn(group, tcp443("10.0.0.0/8")))(tc.t)
			_, err := awsec2.NewFromConfig(c).RevokeSecurityGroupEgress(ctx, &awsec2.RevokeSecurityGroupEgressInput{GroupId: group, SecurityGroupRuleIds: []string{*rules[0].SecurityGroupRuleId}})
			return err
		}, 400, "InvalidSecurityGroupRuleId.NotFound", "sgr-"},
	} {
		fact.check(t, consumer, inQuery, balancedConsumer)
	}
	few := refusal{"when the quota of groups is reached, it is SecurityGroupLimitExceeded", vpcQuotas, creatingGroup("one-more", "x"), 400, "SecurityGroupLimitExceeded", ""}
	few.check(t, consumer, inQuery, withQuota(consumer, "L-E79EC296", 3)) // those of two VPCs, and the world file's
}

// balancedConsumer gives the consumer an application load balancer with a security group of its own.
func balancedConsumer(c *Config) {
	has := c.World.Accounts[1].Regions[region]
	has.VPCs[0].SecurityGroups = append(has.VPCs[0].SecurityGroups, WorldSecurityGroup{Name: "balanced"})
	has.ApplicationLoadBalancers = []WorldLoadBalancer{{Name: "web", Subnets: []string{"main/one", "main/two"}, SecurityGroups: []string{"main/balanced"}}}
	c.World.Accounts[1].Regions[region] = has
}

// withQuota sets a quota of VPC for an account.
func withQuota(account, code string, value int) func(*Config) {
	return withQuotaOf(account, "vpc", code, value)
}

// withQuotaOf sets a service's quota for an account.
func withQuotaOf(account, service, code string, value int) func(*Config) {
	return func(c *Config) {
		for i := range c.World.Accounts {
			if c.World.Accounts[i].ID == account {
				has := c.World.Accounts[i].Regions[region]
				has.Quotas = append(has.Quotas, WorldQuota{Service: service, Code: code, Value: value})
				c.World.Accounts[i].Regions[region] = has
			}
		}
	}
}

// A rule has an id, an ARN and tags; it can be changed whole under its id, be described anew, be found by filters, and
// be revoked by id, upon which the answer says what is gone (EC2 API Reference, SecurityGroupRule,
// ModifySecurityGroupRules, RevokeSecurityGroupIngress).
func TestFidelityTheLifeOfARule(t *testing.T) {
	tc := startCloud(t)
	ctx := t.Context()
	config, wire := tc.taped(consumer)
	client := awsec2.NewFromConfig(config)
	group := tc.group("life")
	made := must(client.AuthorizeSecurityGroupIngress(ctx, &awsec2.AuthorizeSecurityGroupIngressInput{
		GroupId: group, IpPermissions: []types.IpPermission{tcp443("100.68.0.18/18")},
		TagSpecifications: []types.TagSpecification{{ResourceType: types.ResourceTypeSecurityGroupRule, Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}}},
	}))(t).SecurityGroupRules[0]
	wire.has(t, "<return>true</return>", "<cidrIpv4>100.68.0.0/18</cidrIpv4>", "<isEgress>false</isEgress>")
	if *made.SecurityGroupRuleArn != "arn:aws:ec2:us-east-1:222222222222:security-group-rule/"+*made.SecurityGroupRuleId || len(made.Tags) != 1 {
		t.Errorf("the SDK has the rule %+v", made)
	}
	must(client.ModifySecurityGroupRules(ctx, &awsec2.ModifySecurityGroupRulesInput{GroupId: group, SecurityGroupRules: []types.SecurityGroupRuleUpdate{{
		SecurityGroupRuleId: made.SecurityGroupRuleId,
		SecurityGroupRule:   &types.SecurityGroupRuleRequest{IpProtocol: aws.String("udp"), FromPort: aws.Int32(53), ToPort: aws.Int32(54), CidrIpv6: aws.String("2001:db8::/32")},
	}}}))(t)
	must(client.UpdateSecurityGroupRuleDescriptionsIngress(ctx, &awsec2.UpdateSecurityGroupRuleDescriptionsIngressInput{GroupId: group,
		SecurityGroupRuleDescriptions: []types.SecurityGroupRuleDescription{{SecurityGroupRuleId: made.SecurityGroupRuleId, Description: aws.String("names")}}}))(t)
	for filter, value := range map[string]string{"group-id": *group, "tag:a": "b", "security-group-rule-id": *made.SecurityGroupRuleId} {
		rules := must(client.DescribeSecurityGroupRules(ctx, &awsec2.DescribeSecurityGroupRulesInput{Filters: []types.Filter{{Name: &filter, Values: []string{value}}}}))(t).SecurityGroupRules
		if i := len(rules) - 1; i < 0 || *rules[i].SecurityGroupRuleId != *made.SecurityGroupRuleId || *rules[i].IpProtocol != "udp" || *rules[i].ToPort != 54 || rules[i].CidrIpv4 != nil || *rules[i].CidrIpv6 != "2001:db8::/32" || *rules[i].Description != "names" {
			t.Errorf("by the filter %s, the SDK has %+v", filter, rules)
		}
	}
	for filter, want := range map[string]int{"ip-permission.from-port": 1, "egress.ip-permission.from-port": 0} {
		found := must(client.DescribeSecurityGroups(ctx, &awsec2.DescribeSecurityGroupsInput{Filters: []types.Filter{{Name: &filter, Values: []string{"53"}}}}))(t).SecurityGroups
		if len(found) != want {
			t.Errorf("by the filter %s there are %d groups, want %d", filter, len(found), want)
		}
	}
	gone := must(client.RevokeSecurityGroupIngress(ctx, &awsec2.RevokeSecurityGroupIngressInput{GroupId: group, SecurityGroupRuleIds: []string{*made.SecurityGroupRuleId}}))(t)
	wire.has(t, "<revokedSecurityGroupRuleSet>")
	if len(gone.RevokedSecurityGroupRules) != 1 || *gone.RevokedSecurityGroupRules[0].SecurityGroupRuleId != *made.SecurityGroupRuleId || *gone.RevokedSecurityGroupRules[0].IsEgress {
		t.Errorf("the SDK has revoked %+v", gone.RevokedSecurityGroupRules)
	}
}

// The quota of rules is kept for each direction and address family; a prefix list counts as many times as it may have
// entries, and one of S3's once (Amazon VPC User Guide, "Amazon VPC quotas" and "AWS-managed prefix list weight").
func TestFidelityPrefixListsWeighInSecurityGroups(t *testing.T) {
	tc := startCloud(t, withQuota(consumer, "L-0EA8095F", 10), func(c *Config) {
		has := c.World.Accounts[1].Regions[region]
		has.PrefixLists = []WorldPrefixList{{Name: "offices", MaxEntries: 9, Entries: []string{"192.0.2.0/25", "198.51.100.7/24"}}}
		has.VPCs[0].SecurityGroups[0].Ingress = append(has.VPCs[0].SecurityGroups[0].Ingress, WorldRule{Protocol: "tcp", Port: 80, PrefixList: "offices"})
		c.World.Accounts[1].Regions[region] = has
	})
	ctx := t.Context()
	config, wire := tc.taped(consumer)
	client := awsec2.NewFromConfig(config)
	group, offices := tc.id("consumer", "security-group", "main/https"), tc.id("consumer", "prefix-list", "offices")
	_, err := tc.allowIn(&group, tcp443("10.9.0.0/16")) // there is one rule of a range, and nine of the list
	wantError(t, err, "RulesPerSecurityGroupLimitExceeded")
	must(tc.allowIn(&group, types.IpPermission{IpProtocol: aws.String("-1"), Ipv6Ranges: []types.Ipv6Range{{CidrIpv6: aws.String("::/0")}}}))(t)

	lists := must(client.DescribeManagedPrefixLists(ctx, &awsec2.DescribeManagedPrefixListsInput{}))(t).PrefixLists
	wire.has(t, "<prefixListName>com.amazonaws.us-east-1.s3</prefixListName><state>create-complete</state><addressFamily>IPv4</addressFamily><ownerId>AWS</ownerId>")
	if len(lists) != 3 || *lists[0].PrefixListId != offices || *lists[0].MaxEntries != 9 || lists[1].MaxEntries != nil || *lists[1].OwnerId != "AWS" {
		t.Errorf("the SDK has the lists %+v", lists)
	}
	entries := must(client.GetManagedPrefixListEntries(ctx, &awsec2.GetManagedPrefixListEntriesInput{PrefixListId: &offices}))(t).Entries
	if len(entries) != 2 || *entries[1].Cidr != "198.51.100.0/24" {
		t.Errorf("the SDK has the entries %+v", entries)
	}
	older := must(client.DescribePrefixLists(ctx, &awsec2.DescribePrefixListsInput{}))(t).PrefixLists
	if len(older) != 2 || *older[0].PrefixListId != *lists[1].PrefixListId || len(older[0].Cidrs) == 0 {
		t.Errorf("the older look shows %+v", older)
	}
	both := tc.group("both") // a group counts in both families
	must(tc.allowIn(both, fromGroup(group, consumer), types.IpPermission{IpProtocol: aws.String("-1"), Ipv6Ranges: []types.Ipv6Range{
		{CidrIpv6: aws.String("2001:db8:1::/48")}, {CidrIpv6: aws.String("2001:db8:2::/48")}, {CidrIpv6: aws.String("2001:db8:3::/48")},
		{CidrIpv6: aws.String("2001:db8:4::/48")}, {CidrIpv6: aws.String("2001:db8:5::/48")}, {CidrIpv6: aws.String("2001:db8:6::/48")},
		{CidrIpv6: aws.String("2001:db8:7::/48")}, {CidrIpv6: aws.String("2001:db8:8::/48")}, {CidrIpv6: aws.String("2001:db8:9::/48")},
	}}))(t)
	_, err = tc.allowIn(both, types.IpPermission{IpProtocol: aws.String("-1"), Ipv6Ranges: []types.Ipv6Range{{CidrIpv6: aws.String("::/0")}}})
	wantError(t, err, "RulesPerSecurityGroupLimitExceeded")

	other := tc.group("s3")
	s3 := types.IpPermission{IpProtocol: aws.String("-1"), PrefixListIds: []types.PrefixListId{{PrefixListId: older[0].PrefixListId}}}
	must(tc.allowIn(other, s3, manyRanges(9)))(t)
	_, err = tc.allowIn(other, tcp443("203.0.113.0/24"))
	wantError(t, err, "RulesPerSecurityGroupLimitExceeded")
}

// An endpoint without groups has the VPC's default one; groups can be added and taken away, of its VPC alone, and no
// more than a network interface may have (EC2 API Reference, CreateVpcEndpoint and ModifyVpcEndpoint).
func TestFidelityTheSecurityGroupsOfAnEndpoint(t *testing.T) {
	tc := startCloud(t)
	service := tc.publish()
	endpoint := tc.connect(service)
	if len(endpoint.Groups) != 1 || *endpoint.Groups[0].GroupName != "default" {
		t.Fatalf("without groups the SDK has %+v", endpoint.Groups)
	}
	tc.accept(service, endpoint)
	tc.advance(time.Hour)
	client := tc.ec2Of(consumer)
	modify := func(add, remove []string) error {
		_, err := client.ModifyVpcEndpoint(t.Context(), &awsec2.ModifyVpcEndpointInput{VpcEndpointId: endpoint.VpcEndpointId, AddSecurityGroupIds: add, RemoveSecurityGroupIds: remove})
		tc.advance(time.Hour)
		return err
	}
	https := tc.id("consumer", "security-group", "main/https")
	if err := modify([]string{https}, []string{*endpoint.Groups[0].GroupId}); err != nil {
		t.Fatal(err)
	}
	if got := tc.endpoint(endpoint.VpcEndpointId).Groups; len(got) != 1 || *got[0].GroupId != https {
		t.Errorf("afterwards the SDK has %+v", got)
	}
	elsewhere := must(client.CreateSecurityGroup(t.Context(), &awsec2.CreateSecurityGroupInput{
		VpcId: aws.String(tc.id("consumer", "vpc", "plain")), GroupName: aws.String("a"), Description: aws.String("a")}))(t).GroupId
	wantError(t, modify([]string{*elsewhere}, nil), "InvalidParameter")
	var many []string
	for i := range 5 {
		many = append(many, *tc.group(fmt.Sprint("many-", i)))
	}
	wantError(t, modify(many, nil), "SecurityGroupsPerInterfaceLimitExceeded")
	wantError(t, modify(nil, []string{https}), "InvalidParameter")
}
