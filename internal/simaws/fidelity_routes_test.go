package simaws

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

const createRoute = "EC2 API Reference, CreateRoute"

// mainTable is the main route table of the consumer's VPC.
func (tc testCloud) mainTable() types.RouteTable {
	tc.t.Helper()
	return must(tc.ec2Of(consumer).DescribeRouteTables(tc.t.Context(), &awsec2.DescribeRouteTablesInput{Filters: []types.Filter{
		{Name: aws.String("vpc-id"), Values: []string{tc.id("consumer", "vpc", "main")}},
		{Name: aws.String("association.main"), Values: []string{"true"}},
	}}))(tc.t).RouteTables[0]
}

// routing adds a route to the main table, over the connection with the provider.
func routing(cidr string, changes ...func(testCloud, *awsec2.CreateRouteInput)) func(context.Context, testCloud, aws.Config) error {
	return func(ctx context.Context, tc testCloud, c aws.Config) error {
		in := &awsec2.CreateRouteInput{RouteTableId: tc.mainTable().RouteTableId, DestinationCidrBlock: &cidr, VpcPeeringConnectionId: tc.peered()}
		for _, change := range changes {
			change(tc, in)
		}
		_, err := awsec2.NewFromConfig(c).CreateRoute(ctx, in)
		return err
	}
}

func TestFidelityWhatRoutesRefuse(t *testing.T) {
	const invalid = "InvalidParameterValue"
	first := func(tc testCloud, in *awsec2.CreateRouteInput) {
		must(tc.ec2Of(consumer).CreateRoute(tc.t.Context(), in))(tc.t)
	}
	deletingRoute := func(cidr string) func(context.Context, testCloud, aws.Config) error {
		return func(ctx context.Context, tc testCloud, c aws.Config) error {
			_, err := awsec2.NewFromConfig(c).DeleteRoute(ctx, &awsec2.DeleteRouteInput{RouteTableId: tc.mainTable().RouteTableId, DestinationCidrBlock: &cidr})
			return err
		}
	}
	for _, fact := range []refusal{
		{"when a route is there, it is RouteAlreadyExists", createRoute, routing("10.0.0.0/16", first), 400, "RouteAlreadyExists", "10.0.0.0/16"},
		{"when a destination is within the VPC, it is refused", `Amazon VPC User Guide, "Configure route tables"`, routing("10.1.4.0/24"), 400, invalid, "more specific"},
		{"when a table is missing, it is InvalidRouteTableID.NotFound", ec2Errors, routing("10.0.0.0/16", func(_ testCloud, in *awsec2.CreateRouteInput) { in.RouteTableId = aws.String("rtb-1") }), 400, "InvalidRouteTableID.NotFound", "rtb-1"},
		{"when a connection is missing, it is InvalidVpcPeeringConnectionID.NotFound", ec2Errors, routing("10.0.0.0/16", func(_ testCloud, in *awsec2.CreateRouteInput) { in.VpcPeeringConnectionId = aws.String("pcx-1") }), 400, "InvalidVpcPeeringConnectionID.NotFound", "pcx-1"},
		{"when the connection is of another VPC, it is refused", createRoute, routing("10.0.0.0/16", func(tc testCloud, in *awsec2.CreateRouteInput) {
			in.RouteTableId = must(tc.ec2Of(consumer).CreateRouteTable(tc.t.Context(), &awsec2.CreateRouteTableInput{VpcId: aws.String(tc.id("consumer", "vpc", "plain"))}))(tc.t).RouteTable.RouteTableId
		}), 400, invalid, "different networks"},
		{"when there is nothing to replace, it is refused", "EC2 API Reference, ReplaceRoute", func(ctx context.Context, tc testCloud, c aws.Config) error {
			_, err := awsec2.NewFromConfig(c).ReplaceRoute(ctx, &awsec2.ReplaceRouteInput{RouteTableId: tc.mainTable().RouteTableId, DestinationCidrBlock: aws.String("10.0.0.0/16"), VpcPeeringConnectionId: tc.peered()})
			return err
		}, 400, invalid, "Use CreateRoute instead"},
		{"when there is nothing to delete, it is InvalidRoute.NotFound", ec2Errors, deletingRoute("10.77.0.0/16"), 400, "InvalidRoute.NotFound", "10.77.0.0/16"},
		{"when the local route is deleted, it is refused", `Amazon VPC User Guide, "Configure route tables"`, deletingRoute("10.1.0.0/16"), 400, invalid, "local"},
		{"when the main table is deleted, it is DependencyViolation", "EC2 API Reference, DeleteRouteTable", func(ctx context.Context, tc testCloud, c aws.Config) error {
			_, err := awsec2.NewFromConfig(c).DeleteRouteTable(ctx, &awsec2.DeleteRouteTableInput{RouteTableId: tc.mainTable().RouteTableId})
			return err
		}, 400, "DependencyViolation", "rtb-"},
		{"when a subnet has a table, it is Resource.AlreadyAssociated", ec2Errors, func(ctx context.Context, tc testCloud, c aws.Config) error {
			client, subnet := awsec2.NewFromConfig(c), tc.id("consumer", "subnet", "main/one")
			must(client.AssociateRouteTable(ctx, &awsec2.AssociateRouteTableInput{RouteTableId: tc.mainTable().RouteTableId, SubnetId: &subnet}))(tc.t)
			other := must(client.CreateRouteTable(ctx, &awsec2.CreateRouteTableInput{VpcId: aws.String(tc.id("consumer", "vpc", "main"))}))(tc.t).RouteTable
			_, err := client.AssociateRouteTable(ctx, &awsec2.AssociateRouteTableInput{RouteTableId: other.RouteTableId, SubnetId: &subnet})
			return err
		}, 400, "Resource.AlreadyAssociated", "conflicts"},
	} {
		fact.check(t, consumer, inQuery)
	}
	full := refusal{"when a table is full, it is RouteLimitExceeded", vpcQuotas, routing("10.0.0.0/16", func(_ testCloud, in *awsec2.CreateRouteInput) {}), 400, "RouteLimitExceeded", ""}
	full.check(t, consumer, inQuery, withQuota(consumer, "L-93826ACB", 0))
}

// A route over a connection that waits for acceptance is a black hole until that is active, and again when it is gone
// (Amazon VPC Peering Guide, "Update your route tables for a VPC peering connection"; EC2 API Reference, Route).
func TestFidelityRoutesOverAPeeringConnection(t *testing.T) {
	tc := startCloud(t)
	ctx := t.Context()
	config, wire := tc.taped(consumer)
	client := awsec2.NewFromConfig(config)
	table, id := tc.mainTable().RouteTableId, tc.requestPeering().VpcPeeringConnectionId
	must(client.CreateRoute(ctx, &awsec2.CreateRouteInput{RouteTableId: table, DestinationCidrBlock: aws.String("10.0.9.9/16"), VpcPeeringConnectionId: id}))(t)
	for _, step := range []struct {
		do    func() error
		state types.RouteState
	}{
		{func() error { tc.advance(time.Minute); return nil }, types.RouteStateBlackhole},
		{func() error { defer tc.advance(time.Minute); return accepting(ctx, tc.ec2Of(provider), id) }, types.RouteStateActive},
		{func() error { return deleting(ctx, tc.ec2Of(provider), id) }, types.RouteStateBlackhole},
		{func() error { tc.advance(72 * time.Hour); return nil }, types.RouteStateBlackhole}, // forgotten
	} {
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		for filter, value := range map[string]string{"route.vpc-peering-connection-id": *id, "route.destination-cidr-block": "10.0.0.0/16", "route.state": string(step.state)} {
			found := must(client.DescribeRouteTables(ctx, &awsec2.DescribeRouteTablesInput{Filters: []types.Filter{
				{Name: &filter, Values: []string{value}}, {Name: aws.String("route-table-id"), Values: []string{*table}}}}))(t).RouteTables
			if len(found) != 1 {
				t.Fatalf("by the filter %s there are %d", filter, len(found))
			}
			wire.has(t, fmt.Sprintf("<item><destinationCidrBlock>10.0.0.0/16</destinationCidrBlock><vpcPeeringConnectionId>%s</vpcPeeringConnectionId><state>%s</state><origin>CreateRoute</origin></item>", *id, step.state))
			if got := found[0].Routes[1]; got.State != step.state || got.Origin != types.RouteOriginCreateRoute {
				t.Errorf("the SDK has %+v, want it %s", got, step.state)
			}
		}
	}
	must(client.DeleteRoute(ctx, &awsec2.DeleteRouteInput{RouteTableId: table, DestinationCidrBlock: aws.String("10.0.0.0/16")}))(t)
	if routes := tc.mainTable().Routes; len(routes) != 1 || *routes[0].GatewayId != "local" {
		t.Errorf("afterwards the SDK has %+v", routes)
	}
}

// A table of the world file has its subnets; it can become the main one, and the one of another subnet (EC2 API
// Reference, ReplaceRouteTableAssociation).
func TestFidelityTheSubnetsOfARouteTable(t *testing.T) {
	tc := startCloud(t, func(c *Config) {
		c.World.HiddenFor = Duration(time.Minute)
		has := c.World.Accounts[1].Regions[region]
		has.VPCs[0].RouteTables = []WorldRouteTable{{Name: "standard", Main: true}, {Name: "private", Subnets: []string{"one", "two"}}}
		c.World.Accounts[1].Regions[region] = has
	})
	ctx, client := t.Context(), tc.ec2Of(consumer)
	main, id := tc.mainTable(), tc.id("consumer", "route-table", "main/private")
	if *main.RouteTableId != tc.id("consumer", "route-table", "main/standard") {
		t.Errorf("the main table is %s", *main.RouteTableId)
	}
	private := must(client.DescribeRouteTables(ctx, &awsec2.DescribeRouteTablesInput{Filters: []types.Filter{{Name: aws.String("tag:Name"), Values: []string{"private"}}}}))(t).RouteTables[0]
	if len(private.Associations) != 2 || *private.Associations[0].Main || *private.Associations[0].SubnetId != tc.id("consumer", "subnet", "main/one") || *private.RouteTableId != id {
		t.Errorf("the SDK has %+v", private)
	}
	replaced := must(client.ReplaceRouteTableAssociation(ctx, &awsec2.ReplaceRouteTableAssociationInput{AssociationId: main.Associations[0].RouteTableAssociationId, RouteTableId: &id}))(t)
	now := tc.mainTable()
	if *now.RouteTableId != id || *now.Associations[0].RouteTableAssociationId != *replaced.NewAssociationId {
		t.Errorf("the main table is now %+v", now)
	}
	must(client.DisassociateRouteTable(ctx, &awsec2.DisassociateRouteTableInput{AssociationId: private.Associations[1].RouteTableAssociationId}))(t)
	if left := tc.mainTable().Associations; len(left) != 2 {
		t.Errorf("there are left %+v", left)
	}
	must(client.DeleteRouteTable(ctx, &awsec2.DeleteRouteTableInput{RouteTableId: main.RouteTableId}))(t)
	_, err := client.DisassociateRouteTable(ctx, &awsec2.DisassociateRouteTableInput{AssociationId: replaced.NewAssociationId})
	wantError(t, err, "InvalidParameterValue")
}
