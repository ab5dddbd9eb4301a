package simaws

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// TestPermissionsOfANetwork looks at each action with exactly the permissions that it needs, and without each of them
// in turn (Service Authorization Reference, "Actions, resources, and condition keys for Amazon EC2").
func TestPermissionsOfANetwork(t *testing.T) {
	const own = "arn:aws:ec2:us-east-1:222222222222:"
	for _, test := range []struct {
		name  string
		needs []permission
		call  func(context.Context, testCloud, *awsec2.Client) error
	}{
		{"when a peering connection is asked for with tags", append(
			on("ec2:CreateVpcPeeringConnection", own+"vpc/*", own+"vpc-peering-connection/*"), permission{"ec2:CreateTags", own + "vpc-peering-connection/*"},
		), func(ctx context.Context, tc testCloud, client *awsec2.Client) error {
			_, err := client.CreateVpcPeeringConnection(ctx, &awsec2.CreateVpcPeeringConnectionInput{
				VpcId: aws.String(tc.id("consumer", "vpc", "plain")), PeerVpcId: aws.String(tc.id("provider", "vpc", "main")), PeerOwnerId: aws.String(provider),
				TagSpecifications: named(types.ResourceTypeVpcPeeringConnection, "x"),
			})
			return err
		}},
		{"when a peering connection is accepted", on("ec2:AcceptVpcPeeringConnection", own+"vpc/vpc-?????????????????", own+"vpc-peering-connection/*"),
			func(ctx context.Context, tc testCloud, client *awsec2.Client) error {
				asked := must(tc.ec2Of(provider).CreateVpcPeeringConnection(ctx, &awsec2.CreateVpcPeeringConnectionInput{
					VpcId: aws.String(tc.id("provider", "vpc", "main")), PeerVpcId: aws.String(tc.id("consumer", "vpc", "main")), PeerOwnerId: aws.String(consumer)}))(tc.t)
				tc.advance(time.Minute)
				return accepting(ctx, client, asked.VpcPeeringConnection.VpcPeeringConnectionId)
			}},
		{"when a peering connection is deleted", on("ec2:DeleteVpcPeeringConnection", own+"vpc-peering-connection/*"),
			func(ctx context.Context, tc testCloud, client *awsec2.Client) error {
				return deleting(ctx, client, tc.peered())
			}},
		{"when a route is created", on("ec2:CreateRoute", own+"route-table/*"), func(ctx context.Context, tc testCloud, client *awsec2.Client) error {
			_, err := client.CreateRoute(ctx, &awsec2.CreateRouteInput{RouteTableId: tc.mainTable().RouteTableId, DestinationCidrBlock: aws.String("10.0.0.0/16"), VpcPeeringConnectionId: tc.peered()})
			return err
		}},
		{"when a subnet gets a route table", on("ec2:AssociateRouteTable", own+"route-table/*", own+"subnet/*"), func(ctx context.Context, tc testCloud, client *awsec2.Client) error {
			_, err := client.AssociateRouteTable(ctx, &awsec2.AssociateRouteTableInput{RouteTableId: tc.mainTable().RouteTableId, SubnetId: aws.String(tc.id("consumer", "subnet", "main/one"))})
			return err
		}},
		{"when a rule is changed", on("ec2:ModifySecurityGroupRules", own+"security-group/*", own+"security-group-rule/*"), func(ctx context.Context, tc testCloud, client *awsec2.Client) error {
			group := tc.group("x")
			rules := must(tc.allowIn(group, tcp443("10.0.0.0/8")))(tc.t)
			_, err := client.ModifySecurityGroupRules(ctx, &awsec2.ModifySecurityGroupRulesInput{GroupId: group, SecurityGroupRules: []types.SecurityGroupRuleUpdate{{
				SecurityGroupRuleId: rules[0].SecurityGroupRuleId, SecurityGroupRule: &types.SecurityGroupRuleRequest{IpProtocol: aws.String("-1"), CidrIpv4: aws.String("10.0.0.0/8")}}}})
			return err
		}},
		{"when prefix lists are listed", on("ec2:DescribeManagedPrefixLists", "*"), func(ctx context.Context, _ testCloud, client *awsec2.Client) error {
			_, err := client.DescribeManagedPrefixLists(ctx, &awsec2.DescribeManagedPrefixListsInput{})
			return err
		}},
	} {
		for without := -1; without < len(test.needs); without++ {
			tc := startCloud(t, withLimited)
			given := append([]permission{}, test.needs...)
			if without >= 0 {
				given = append(given[:without], given[without+1:]...)
			}
			tc.mayOnly(consumer, given...)
			err := test.call(t.Context(), tc, awsec2.NewFromConfig(tc.limitedConfig(consumer)))
			switch {
			case without < 0 && err != nil:
				t.Errorf("%s, all is allowed, but: %v", test.name, err)
			case without >= 0:
				wantRefusal(t, err, test.needs[without].action)
			}
		}
	}
}

// TestConditionsOnPeering has policies say with whom one may be connected (Amazon VPC Peering Guide, "Identity and
// access management for VPC peering").
func TestConditionsOnPeering(t *testing.T) {
	for _, test := range []struct {
		name, condition string
		allowed         bool
	}{
		{"when the accepter is the permitted account, it is allowed", `{"ArnLike": {"ec2:AccepterVpc": "arn:aws:ec2:us-east-1:111111111111:vpc/*"}}`, true},
		{"when the accepter is another account, it is refused", `{"ArnLike": {"ec2:AccepterVpc": "arn:aws:ec2:us-east-1:333333333333:vpc/*"}}`, false},
		{"when the requester VPC is the permitted one, it is allowed", `{"ArnLike": {"ec2:RequesterVpc": "arn:aws:ec2:us-east-1:222222222222:vpc/vpc-*"}}`, true},
		{"when the requester VPC is another, it is refused", `{"ArnLike": {"ec2:RequesterVpc": "arn:aws:ec2:us-east-1:222222222222:vpc/other"}}`, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			tc := startCloud(t, withLimited)
			const action = "ec2:CreateVpcPeeringConnection"
			tc.setPolicies(consumer, allow(action, "arn:aws:ec2:*:*:vpc/*", ""), allow(action, "arn:aws:ec2:*:*:vpc-peering-connection/*", test.condition))
			_, err := awsec2.NewFromConfig(tc.limitedConfig(consumer)).CreateVpcPeeringConnection(t.Context(), &awsec2.CreateVpcPeeringConnectionInput{
				VpcId: aws.String(tc.id("consumer", "vpc", "main")), PeerVpcId: aws.String(tc.id("provider", "vpc", "main")), PeerOwnerId: aws.String(provider)})
			if test.allowed && err != nil {
				t.Error(err)
			}
			if !test.allowed {
				wantRefusal(t, err, action)
			}
		})
	}
}
