package simaws

import (
	"context"
	"errors"
	"fmt"
	"slices"
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

// zoneVPC is a VPC that a zone is private to, and the client of its owner.
type zoneVPC struct {
	route53types.VPC
	account string
	owner   *awsroute53.Client
}

func (b *builder) hostedZone(ctx context.Context, zone WorldZone) error {
	var vpcs []zoneVPC
	for _, name := range zone.VPCs {
		vpc, err := b.zoneVPC(name)
		if err != nil {
			return err
		}
		vpcs = append(vpcs, vpc)
	}
	reference := "world-file/" + b.account + "/" + zone.Name + "/" + strings.Join(zone.VPCs, ",")
	input := &awsroute53.CreateHostedZoneInput{Name: aws.String(zone.Name), CallerReference: aws.String(reference)}
	if zone.Private {
		if len(vpcs) == 0 || vpcs[0].account != b.account {
			return errors.New("the first VPC of a private zone must be one of its own account")
		}
		input.HostedZoneConfig = &route53types.HostedZoneConfig{PrivateZone: true}
		input.VPC = &vpcs[0].VPC
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
		if err := b.associate(ctx, id, vpc); err != nil {
			return err
		}
	}
	return b.records(ctx, id, zone.Records)
}

// zoneVPC finds a VPC by its name: "us-east-1/main", or "consumer/us-east-1/main" in another account.
func (b *builder) zoneVPC(name string) (zoneVPC, error) {
	parts := strings.Split(name, "/")
	in := *b
	if len(parts) == 3 {
		accounts := b.cloud.config.World.Accounts
		i := slices.IndexFunc(accounts, func(a WorldAccount) bool { return a.Name == parts[0] })
		if i < 0 {
			return zoneVPC{}, fmt.Errorf("the VPC %q is in no account of the world file", name)
		}
		in, parts = *b.cloud.builder(accounts[i], b.at), parts[1:]
	}
	if len(parts) != 2 {
		return zoneVPC{}, fmt.Errorf("the VPC %q must be written REGION/NAME or ACCOUNT/REGION/NAME", name)
	}
	in.at = parts[0]
	id, err := in.find("vpc", parts[1])
	if err != nil {
		return zoneVPC{}, err
	}
	return zoneVPC{route53types.VPC{VPCId: aws.String(id), VPCRegion: route53types.VPCRegion(parts[0])}, in.account, in.route53}, nil
}

// associate makes a zone answer in a VPC, which takes the permission of the zone's owner when it is another account's.
func (b *builder) associate(ctx context.Context, zone string, vpc zoneVPC) error {
	if vpc.account != b.account {
		authorization := &awsroute53.CreateVPCAssociationAuthorizationInput{HostedZoneId: aws.String(zone), VPC: &vpc.VPC}
		if _, err := b.route53.CreateVPCAssociationAuthorization(ctx, authorization); err != nil {
			return err
		}
	}
	input := &awsroute53.AssociateVPCWithHostedZoneInput{HostedZoneId: aws.String(zone), VPC: &vpc.VPC}
	if _, err := vpc.owner.AssociateVPCWithHostedZone(ctx, input); err != nil || vpc.account == b.account {
		return err
	}
	authorization := &awsroute53.DeleteVPCAssociationAuthorizationInput{HostedZoneId: aws.String(zone), VPC: &vpc.VPC}
	_, err := b.route53.DeleteVPCAssociationAuthorization(ctx, authorization)
	return err
}

func (b *builder) records(ctx context.Context, zone string, records []WorldRecord) error {
	if len(records) == 0 {
		return nil
	}
	var changes []route53types.Change
	for _, record := range records {
		set := &route53types.ResourceRecordSet{Name: aws.String(record.Name), Type: route53types.RRType(record.Type), TTL: aws.Int64(record.TTL)}
		for _, value := range record.Values {
			set.ResourceRecords = append(set.ResourceRecords, route53types.ResourceRecord{Value: aws.String(value)})
		}
		changes = append(changes, route53types.Change{Action: route53types.ChangeActionCreate, ResourceRecordSet: set})
	}
	_, err := b.route53.ChangeResourceRecordSets(ctx, &awsroute53.ChangeResourceRecordSetsInput{
		HostedZoneId: aws.String(zone), ChangeBatch: &route53types.ChangeBatch{Changes: changes},
	})
	return err
}
