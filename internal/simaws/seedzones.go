package simaws

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsroute53 "github.com/aws/aws-sdk-go-v2/service/route53"
	route53types "github.com/aws/aws-sdk-go-v2/service/route53/types"
)

// hostedZones makes the zones of an account. Route 53 is global: its resources have no Region.
func (b *builder) hostedZones(ctx context.Context, zones []WorldZone) error {
	for _, zone := range zones {
		if err := b.hostedZone(ctx, zone); err != nil {
			return fmt.Errorf("hosted zone %s: %w", zone.Name, err)
		}
	}
	return nil
}

func (b *builder) hostedZone(ctx context.Context, zone WorldZone) error {
	var vpcs []route53types.VPC
	for _, name := range zone.VPCs {
		region, vpcName, ok := strings.Cut(name, "/")
		if !ok {
			return fmt.Errorf("the VPC %q must be written REGION/NAME", name)
		}
		in := *b
		in.at = region
		id, err := in.find("vpc", vpcName)
		if err != nil {
			return err
		}
		vpcs = append(vpcs, route53types.VPC{VPCId: aws.String(id), VPCRegion: route53types.VPCRegion(region)})
	}
	reference := "world-file/" + b.account + "/" + zone.Name + "/" + strings.Join(zone.VPCs, ",")
	input := &awsroute53.CreateHostedZoneInput{Name: aws.String(zone.Name), CallerReference: aws.String(reference)}
	if zone.Private {
		if len(vpcs) == 0 {
			return fmt.Errorf("a private zone needs a VPC")
		}
		input.HostedZoneConfig = &route53types.HostedZoneConfig{PrivateZone: true}
		input.VPC = &vpcs[0]
		vpcs = vpcs[1:]
	}
	out, err := b.route53.CreateHostedZone(ctx, input, awsroute53.WithAPIOptions(b.seedOf("hosted-zone", reference)...))
	if err != nil {
		return err
	}
	id := strings.TrimPrefix(aws.ToString(out.HostedZone.Id), "/hostedzone/")
	global := *b
	global.at = ""
	global.made("hosted-zone", zone.Name, id)
	for _, vpc := range vpcs {
		input := &awsroute53.AssociateVPCWithHostedZoneInput{HostedZoneId: aws.String(id), VPC: &vpc}
		if _, err := b.route53.AssociateVPCWithHostedZone(ctx, input); err != nil {
			return err
		}
	}
	return nil
}
