package simaws

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// TestSomebodyElseActsOnANetwork has the owner of a part of a network act just before it is looked at.
func TestSomebodyElseActsOnANetwork(t *testing.T) {
	for _, test := range []struct {
		name                   string
		fault                  Fault
		rules, routes          int
		peering, othersPeering string
	}{
		{"when nobody acts, all is there", Fault{Resource: "none", Effect: EffectDelete}, 1, 2, "active", "active"},
		{"when a rule is revoked by name, it is gone", Fault{Resource: "sgr-*", Effect: EffectDelete}, 0, 2, "active", "active"},
		{"when all rules are revoked, none is left", Fault{Resource: "sg-*", Effect: EffectChange, Change: map[string]string{"Action": "RevokeSecurityGroupIngress"}}, 0, 2, "active", "active"},
		{"when a rule is revoked by what it says, it is gone", Fault{Resource: "sg-*", Effect: EffectChange, Change: map[string]string{
			"Action": "RevokeSecurityGroupIngress", "IpProtocol": "tcp", "FromPort": "443", "ToPort": "443", "CidrIp": "10.1.0.0/16"}}, 0, 2, "active", "active"},
		{"when a rule is added, there is one more", Fault{Resource: "sg-*", Effect: EffectChange, Change: map[string]string{
			"Action": "AuthorizeSecurityGroupIngress", "IpProtocol": "tcp", "FromPort": "22", "ToPort": "22", "CidrIp": "0.0.0.0/0"}}, 2, 2, "active", "active"},
		{"when a route is deleted, it is gone", Fault{Resource: "rtb-*", Effect: EffectChange, Change: map[string]string{"Action": "DeleteRoute", "DestinationCidrBlock": "10.0.0.0/16"}}, 1, 1, "active", "active"},
		{"when all routes are deleted, the local one is left", Fault{Resource: "rtb-*", Effect: EffectChange, Change: map[string]string{"Action": "DeleteRoute"}}, 1, 1, "active", "active"},
		{"when the peering connection is deleted, it is", Fault{Resource: "pcx-*", Effect: EffectDelete}, 1, 2, "deleted", "deleted"},
	} {
		t.Run(test.name, func(t *testing.T) {
			tc := startCloud(t)
			ctx, client := t.Context(), tc.ec2Of(consumer)
			id, table, group := tc.peered(), tc.mainTable().RouteTableId, tc.id("consumer", "security-group", "main/https")
			must(client.CreateRoute(ctx, &awsec2.CreateRouteInput{RouteTableId: table, DestinationCidrBlock: aws.String("10.0.0.0/16"), VpcPeeringConnectionId: id}))(t)
			rule := must(client.DescribeSecurityGroupRules(ctx, &awsec2.DescribeSecurityGroupRulesInput{Filters: []types.Filter{{Name: aws.String("group-id"), Values: []string{group}}}}))(t).SecurityGroupRules[1]
			tc.inject(test.fault)
			if test.fault.Resource == "sgr-*" { // the look at it comes too late
				_, err := client.DescribeSecurityGroupRules(ctx, &awsec2.DescribeSecurityGroupRulesInput{SecurityGroupRuleIds: []string{*rule.SecurityGroupRuleId}})
				wantError(t, err, "InvalidSecurityGroupRuleId.NotFound")
			}
			groups := must(client.DescribeSecurityGroups(ctx, &awsec2.DescribeSecurityGroupsInput{GroupIds: []string{group}}))(t).SecurityGroups
			rules := 0
			for _, p := range groups[0].IpPermissions {
				rules += len(p.IpRanges)
			}
			routes := must(client.DescribeRouteTables(ctx, &awsec2.DescribeRouteTablesInput{RouteTableIds: []string{*table}}))(t).RouteTables[0].Routes
			if got := tc.peering(consumer, id); rules != test.rules || len(routes) != test.routes || got != test.peering || tc.peering(provider, id) != test.othersPeering {
				t.Errorf("there are %d rules and %d routes, and the connection is %s", rules, len(routes), got)
			}
		})
	}
}

// Of an active connection it is the other party than the one that looks who deletes it.
func TestTheOtherPartyDeletesAPeeringConnection(t *testing.T) {
	for account, other := range map[string]string{consumer: provider, provider: consumer} {
		tc := startCloud(t)
		id := tc.peered()
		tc.inject(Fault{Resource: "pcx-*", Effect: EffectDelete})
		seen := must(tc.ec2Of(account).DescribeVpcPeeringConnections(t.Context(), &awsec2.DescribeVpcPeeringConnectionsInput{VpcPeeringConnectionIds: []string{*id}}))(t)
		if got := *seen.VpcPeeringConnections[0].Status.Message; got != "Deleted by "+other {
			t.Errorf("when %s looks, it is %q", account, got)
		}
	}
}
