package simaws

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsroute53 "github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
)

// vpcOf names a VPC of the world file.
func (tc testCloud) vpcOf(account, name string) *types.VPC {
	tc.t.Helper()
	return &types.VPC{VPCId: aws.String(tc.id(account, "vpc", name)), VPCRegion: region}
}

// privateZone makes a private zone in a VPC of an account's, and lets it propagate.
func (tc testCloud) privateZone(config aws.Config, name string, vpc *types.VPC) *string {
	tc.t.Helper()
	made := must(awsroute53.NewFromConfig(config).CreateHostedZone(tc.t.Context(), &awsroute53.CreateHostedZoneInput{
		Name: &name, CallerReference: aws.String(name + "/" + *vpc.VPCId), VPC: vpc,
	}))(tc.t)
	tc.advance(time.Minute)
	return made.HostedZone.Id
}

func associate(ctx context.Context, config aws.Config, zone *string, vpc *types.VPC) error {
	_, err := awsroute53.NewFromConfig(config).AssociateVPCWithHostedZone(ctx, &awsroute53.AssociateVPCWithHostedZoneInput{HostedZoneId: zone, VPC: vpc})
	return err
}

func disassociate(ctx context.Context, config aws.Config, zone *string, vpc *types.VPC) error {
	_, err := awsroute53.NewFromConfig(config).DisassociateVPCFromHostedZone(ctx, &awsroute53.DisassociateVPCFromHostedZoneInput{HostedZoneId: zone, VPC: vpc})
	return err
}

func authorize(ctx context.Context, config aws.Config, zone *string, vpc *types.VPC) error {
	_, err := awsroute53.NewFromConfig(config).CreateVPCAssociationAuthorization(ctx, &awsroute53.CreateVPCAssociationAuthorizationInput{HostedZoneId: zone, VPC: vpc})
	return err
}

func deauthorize(ctx context.Context, config aws.Config, zone *string, vpc *types.VPC) error {
	_, err := awsroute53.NewFromConfig(config).DeleteVPCAssociationAuthorization(ctx, &awsroute53.DeleteVPCAssociationAuthorizationInput{HostedZoneId: zone, VPC: vpc})
	return err
}

// vpcNumber is a VPC of which nothing is known but that its id could be one.
func vpcNumber(n int) *types.VPC {
	return &types.VPC{VPCId: aws.String(fmt.Sprintf("vpc-%017x", n)), VPCRegion: region}
}

// endpointWithPrivateDNS connects the consumer's VPC "main" to a service, with private DNS on.
func endpointWithPrivateDNS(tc testCloud, name string) *string {
	tc.t.Helper()
	input := tc.connectInput(tc.publishVerified(name, withoutAcceptance))
	input.PrivateDnsEnabled = aws.Bool(true)
	made := must(tc.ec2Of(consumer).CreateVpcEndpoint(tc.t.Context(), input))(tc.t)
	tc.advance(time.Minute)
	return made.VpcEndpoint.VpcEndpointId
}
