package simaws

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	awsroute53 "github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
)

const (
	associating = "Route 53 API Reference, AssociateVPCWithHostedZone"
	authorizing = "Route 53 API Reference, CreateVPCAssociationAuthorization"
	zoneQuotas  = `Route 53 Developer Guide, "Quotas on hosted zones"`
)

func TestFidelityWhatPrivateZonesRefuse(t *testing.T) {
	for _, fact := range []refusal{
		{"when a VPC of another account has no authorization, it is NotAuthorizedException", associating, func(ctx context.Context, tc testCloud, c aws.Config) error {
			zone := tc.privateZone(tc.config(provider), "links.internal", tc.vpcOf("provider", "main"))
			return associate(ctx, c, zone, tc.vpcOf("consumer", "main"))
		}, 401, "NotAuthorizedException", ""},
		{"when the authorization was deleted, it is NotAuthorizedException", associating, func(ctx context.Context, tc testCloud, c aws.Config) error {
			vpc := tc.vpcOf("consumer", "main")
			zone := tc.privateZone(tc.config(provider), "links.internal", tc.vpcOf("provider", "main"))
			if err := authorize(ctx, tc.config(provider), zone, vpc); err != nil {
				return err
			}
			if err := deauthorize(ctx, tc.config(provider), zone, vpc); err != nil {
				return err
			}
			return associate(ctx, c, zone, vpc)
		}, 401, "NotAuthorizedException", ""},
		{"when the zone's owner associates another account's VPC, it is NotAuthorizedException", associating, func(ctx context.Context, tc testCloud, c aws.Config) error {
			zone, vpc := tc.privateZone(c, "links.internal", tc.vpcOf("consumer", "main")), tc.vpcOf("provider", "main")
			if err := authorize(ctx, c, zone, vpc); err != nil {
				return err
			}
			return associate(ctx, c, zone, vpc)
		}, 401, "NotAuthorizedException", "route53:AssociateVPCWithHostedZone"},
		{"when the zone is public, it is PublicZoneVPCAssociation", associating, func(ctx context.Context, tc testCloud, c aws.Config) error {
			made := must(awsroute53.NewFromConfig(c).CreateHostedZone(ctx, &awsroute53.CreateHostedZoneInput{Name: aws.String("example.org"), CallerReference: aws.String("1")}))(t)
			return associate(ctx, c, made.HostedZone.Id, tc.vpcOf("consumer", "main"))
		}, 400, "PublicZoneVPCAssociation", ""},
		{"when the VPC does not exist, it is InvalidVPCId", associating, func(ctx context.Context, tc testCloud, c aws.Config) error {
			return associate(ctx, c, tc.privateZone(c, "links.internal", tc.vpcOf("consumer", "main")), vpcNumber(1))
		}, 400, "InvalidVPCId", ""},
		{"when the VPC is of another partition, it is InvalidVPCId", associating, func(ctx context.Context, tc testCloud, c aws.Config) error {
			vpc := &types.VPC{VPCId: aws.String("vpc-00000000000000001"), VPCRegion: types.VPCRegionUsGovWest1}
			return authorize(ctx, c, tc.privateZone(c, "links.internal", tc.vpcOf("consumer", "main")), vpc)
		}, 400, "InvalidVPCId", ""},
		{"when the VPC has another zone of the name, it is ConflictingDomainExists", associating, func(ctx context.Context, tc testCloud, c aws.Config) error {
			tc.privateZone(c, "links.internal", tc.vpcOf("consumer", "plain"))
			zone := tc.privateZone(c, "links.internal", tc.vpcOf("consumer", "main"))
			return associate(ctx, c, zone, tc.vpcOf("consumer", "plain"))
		}, 400, "ConflictingDomainExists", "with the same domain name"},
		{"when the VPC has the zone already, it is ConflictingDomainExists", "saltstack/salt#47480", func(ctx context.Context, tc testCloud, c aws.Config) error {
			return associate(ctx, c, tc.privateZone(c, "links.internal", tc.vpcOf("consumer", "main")), tc.vpcOf("consumer", "main"))
		}, 400, "ConflictingDomainExists", ""},
		{"when an endpoint has the name by private DNS, it is ConflictingDomainExists", "hashicorp/terraform-provider-aws#37783", func(_ context.Context, tc testCloud, c aws.Config) error {
			endpointWithPrivateDNS(tc, "api.example.com")
			_, err := awsroute53.NewFromConfig(c).CreateHostedZone(t.Context(), &awsroute53.CreateHostedZoneInput{
				Name: aws.String("api.example.com"), CallerReference: aws.String("1"), VPC: tc.vpcOf("consumer", "main"),
			})
			return err
		}, 400, "ConflictingDomainExists", "with the same domain name"},
		{"when a private zone is made in another account's VPC, it is InvalidVPCId", "Route 53 API Reference, CreateHostedZone", func(ctx context.Context, tc testCloud, c aws.Config) error {
			_, err := awsroute53.NewFromConfig(c).CreateHostedZone(ctx, &awsroute53.CreateHostedZoneInput{
				Name: aws.String("links.internal"), CallerReference: aws.String("1"), VPC: tc.vpcOf("provider", "main"),
			})
			return err
		}, 400, "InvalidVPCId", ""},
		{"when the last VPC is disassociated, it is LastVPCAssociation", "Route 53 API Reference, DisassociateVPCFromHostedZone", func(ctx context.Context, tc testCloud, c aws.Config) error {
			return disassociate(ctx, c, tc.privateZone(c, "links.internal", tc.vpcOf("consumer", "main")), tc.vpcOf("consumer", "main"))
		}, 400, "LastVPCAssociation", ""},
		{"when a VPC is disassociated that is not associated, it is VPCAssociationNotFound", "Route 53 API Reference, DisassociateVPCFromHostedZone", func(ctx context.Context, tc testCloud, c aws.Config) error {
			return disassociate(ctx, c, tc.privateZone(c, "links.internal", tc.vpcOf("consumer", "main")), tc.vpcOf("consumer", "plain"))
		}, 404, "VPCAssociationNotFound", ""},
		{"when somebody else disassociates, it is AccessDenied", "Route 53 API Reference, DisassociateVPCFromHostedZone", func(ctx context.Context, tc testCloud, c aws.Config) error {
			return disassociate(ctx, c, tc.privateZone(tc.config(provider), "links.internal", tc.vpcOf("provider", "main")), tc.vpcOf("provider", "main"))
		}, 403, "AccessDenied", ""},
		{"when an authorization is deleted that there is not, it is VPCAssociationAuthorizationNotFound", "Route 53 API Reference, DeleteVPCAssociationAuthorization", func(ctx context.Context, tc testCloud, c aws.Config) error {
			return deauthorize(ctx, c, tc.privateZone(c, "links.internal", tc.vpcOf("consumer", "main")), tc.vpcOf("provider", "main"))
		}, 404, "VPCAssociationAuthorizationNotFound", ""},
		{"when somebody else authorizes, it is AccessDenied", authorizing, func(ctx context.Context, tc testCloud, c aws.Config) error {
			return authorize(ctx, c, tc.privateZone(tc.config(provider), "links.internal", tc.vpcOf("provider", "main")), tc.vpcOf("consumer", "main"))
		}, 403, "AccessDenied", ""},
		{"when there are 1000 authorizations, it is TooManyVPCAssociationAuthorizations", zoneQuotas, func(ctx context.Context, tc testCloud, c aws.Config) error {
			zone := tc.privateZone(c, "links.internal", tc.vpcOf("consumer", "main"))
			for n := range 1000 {
				if err := authorize(ctx, c, zone, vpcNumber(n)); err != nil {
					return fmt.Errorf("authorization %d: %v", n, err)
				}
			}
			return authorize(ctx, c, zone, vpcNumber(1000))
		}, 400, "TooManyVPCAssociationAuthorizations", "1000"},
		{"when there are 300 VPCs, it is LimitsExceeded", zoneQuotas, func(ctx context.Context, tc testCloud, c aws.Config) error {
			zone := tc.privateZone(c, "links.internal", tc.vpcOf("consumer", "main"))
			for n := range 300 {
				vpc := must(awsec2.NewFromConfig(c).CreateVpc(ctx, &awsec2.CreateVpcInput{CidrBlock: aws.String("10.9.0.0/16")}))(t).Vpc.VpcId
				if err := associate(ctx, c, zone, &types.VPC{VPCId: vpc, VPCRegion: region}); n == 299 {
					return err
				} else if err != nil {
					return fmt.Errorf("VPC %d: %v", n, err)
				}
			}
			return nil
		}, 400, "LimitsExceeded", "300"},
		{"when a token is none, it is InvalidPaginationToken", "Route 53 API Reference, ListHostedZonesByVPC", func(ctx context.Context, tc testCloud, c aws.Config) error {
			vpc := tc.vpcOf("consumer", "main")
			_, err := awsroute53.NewFromConfig(c).ListHostedZonesByVPC(ctx, &awsroute53.ListHostedZonesByVPCInput{VPCId: vpc.VPCId, VPCRegion: vpc.VPCRegion, NextToken: aws.String("Z1")})
			return err
		}, 400, "InvalidPaginationToken", ""},
	} {
		fact.check(t, consumer, inQuery, withQuota(consumer, "L-F678F1CE", 302)) // two VPCs of the world file, and 300
	}
}

// The owner of the zone permits, the owner of the VPC associates, and the permission is taken back: the association
// stands. Either of them ends it (Route 53 API Reference, AssociateVPCWithHostedZone and the actions beside it).
func TestFidelityAssociationAcrossAccounts(t *testing.T) {
	tc := startCloud(t)
	ctx := t.Context()
	owner, ownerWire := tc.taped(provider)
	user, userWire := tc.taped(consumer)
	zones, vpcs := awsroute53.NewFromConfig(owner), awsroute53.NewFromConfig(user)
	zone, vpc := tc.privateZone(owner, "links.internal", tc.vpcOf("provider", "main")), tc.vpcOf("consumer", "main")
	bare := strings.TrimPrefix(*zone, "/hostedzone/")

	allowed := must(zones.CreateVPCAssociationAuthorization(ctx, &awsroute53.CreateVPCAssociationAuthorizationInput{HostedZoneId: zone, VPC: vpc}))(t)
	ownerWire.has(t, "<HostedZoneId>"+bare+"</HostedZoneId><VPC><VPCRegion>us-east-1</VPCRegion><VPCId>"+*vpc.VPCId+"</VPCId></VPC>")
	if *allowed.VPC.VPCId != *vpc.VPCId {
		t.Errorf("the SDK has the VPC %s", *allowed.VPC.VPCId)
	}
	change := must(vpcs.AssociateVPCWithHostedZone(ctx, &awsroute53.AssociateVPCWithHostedZoneInput{HostedZoneId: zone, VPC: vpc, Comment: aws.String("link")}))(t).ChangeInfo
	userWire.has(t, "<ChangeInfo><Id>/change/C", "<Status>PENDING</Status>", "<Comment>link</Comment>")
	if err := deauthorize(ctx, owner, zone, vpc); err != nil {
		t.Fatal(err)
	}
	tc.advance(time.Minute)
	for name, client := range map[string]*awsroute53.Client{"the zone's owner": zones, "the VPC's owner": vpcs} {
		if got := must(client.GetChange(ctx, &awsroute53.GetChangeInput{Id: change.Id}))(t).ChangeInfo.Status; got != types.ChangeStatusInsync {
			t.Errorf("for %s the change is %s", name, got)
		}
	}
	got := must(zones.GetHostedZone(ctx, &awsroute53.GetHostedZoneInput{Id: zone}))(t)
	if len(got.VPCs) != 2 || *got.VPCs[1].VPCId != *vpc.VPCId || got.DelegationSet != nil {
		t.Errorf("the zone has %+v", got)
	}
	listed := must(vpcs.ListHostedZonesByVPC(ctx, &awsroute53.ListHostedZonesByVPCInput{VPCId: vpc.VPCId, VPCRegion: vpc.VPCRegion}))(t)
	userWire.has(t, "<HostedZoneSummary><HostedZoneId>"+bare+"</HostedZoneId><Name>links.internal.</Name><Owner><OwningAccount>111111111111</OwningAccount></Owner></HostedZoneSummary>")
	if len(listed.HostedZoneSummaries) != 1 {
		t.Errorf("the VPC has %+v", listed.HostedZoneSummaries)
	}
	_, err := vpcs.GetHostedZone(ctx, &awsroute53.GetHostedZoneInput{Id: zone})
	wantError(t, err, "AccessDenied") // hashicorp/terraform-provider-aws#9453

	if err := disassociate(ctx, user, zone, vpc); err != nil {
		t.Errorf("the VPC's owner may not end it: %v", err)
	}
	if err := authorize(ctx, owner, zone, vpc); err != nil {
		t.Fatal(err)
	}
	if err := associate(ctx, user, zone, vpc); err != nil {
		t.Fatal(err)
	}
	if err := disassociate(ctx, owner, zone, vpc); err != nil {
		t.Errorf("the zone's owner may not end it: %v", err)
	}
}

// Lists come in pages, 50 authorizations in each when nothing is said (Route 53 API Reference,
// ListVPCAssociationAuthorizations). A parent's zone and a child's get on in one VPC. A zone that EC2 made is a
// service's (ibid., ListHostedZonesByVPC).
func TestFidelityListsOfPrivateZones(t *testing.T) {
	tc := startCloud(t)
	ctx, config := t.Context(), tc.config(consumer)
	client, vpc := awsroute53.NewFromConfig(config), tc.vpcOf("consumer", "main")
	endpointWithPrivateDNS(tc, "*.api.example.com")
	zone := tc.privateZone(config, "links.internal", vpc)
	tc.privateZone(config, "a.links.internal", vpc)
	for n := range 60 {
		if err := authorize(ctx, config, zone, vpcNumber(n)); err != nil {
			t.Fatal(err)
		}
	}
	var ids []string
	var pages []int
	authorizations := &awsroute53.ListVPCAssociationAuthorizationsInput{HostedZoneId: zone}
	for {
		page := must(client.ListVPCAssociationAuthorizations(ctx, authorizations))(t)
		pages = append(pages, len(page.VPCs))
		for _, vpc := range page.VPCs {
			ids = append(ids, *vpc.VPCId)
		}
		if authorizations.NextToken = page.NextToken; page.NextToken == nil {
			break
		}
	}
	if !slices.Equal(pages, []int{50, 10}) || len(slices.Compact(ids)) != 60 {
		t.Errorf("pages of %v", pages)
	}
	owners := map[string]string{}
	byVPC := &awsroute53.ListHostedZonesByVPCInput{VPCId: vpc.VPCId, VPCRegion: vpc.VPCRegion, MaxItems: aws.Int32(2)}
	for {
		page := must(client.ListHostedZonesByVPC(ctx, byVPC))(t)
		for _, z := range page.HostedZoneSummaries {
			owners[*z.Name] = aws.ToString(z.Owner.OwningAccount) + aws.ToString(z.Owner.OwningService)
		}
		if byVPC.NextToken = page.NextToken; page.NextToken == nil {
			break
		}
	}
	if len(owners) != 3 || owners["links.internal."] != consumer || owners["a.links.internal."] != consumer || owners["api.example.com."] != "vpce.amazonaws.com" {
		t.Errorf("the VPC has the zones %v", owners)
	}
	byName := must(client.ListHostedZonesByName(ctx, &awsroute53.ListHostedZonesByNameInput{DNSName: aws.String("links.internal"), MaxItems: aws.Int32(1)}))(t).HostedZones
	if len(byName) != 1 || *byName[0].Name != "links.internal." || !byName[0].Config.PrivateZone {
		t.Errorf("by name there is %+v", byName)
	}
}

// Requests that are under way at once get in each other's way; those that follow each other do not (Route 53 API
// Reference, ConcurrentModification and PriorRequestNotComplete).
func TestFidelityChangesAtTheSameTime(t *testing.T) {
	for _, test := range []struct {
		action, code string
		prepare      func(ctx context.Context, config aws.Config, zone *string, vpc *types.VPC) error
		do           func(ctx context.Context, config aws.Config, zone *string, vpc *types.VPC) error
	}{
		{"CreateVPCAssociationAuthorization", "ConcurrentModification", nil, authorize},
		{"DeleteVPCAssociationAuthorization", "ConcurrentModification", authorize, deauthorize},
		{"AssociateVPCWithHostedZone", "PriorRequestNotComplete", nil, associate},
	} {
		t.Run(test.action, func(t *testing.T) {
			tc := startCloud(t)
			ctx, config := t.Context(), tc.config(consumer)
			other := must(tc.ec2Of(consumer).CreateVpc(ctx, &awsec2.CreateVpcInput{CidrBlock: aws.String("10.9.0.0/16")}))(t).Vpc.VpcId
			vpcs := []*types.VPC{tc.vpcOf("consumer", "plain"), {VPCId: other, VPCRegion: region}}
			zone := tc.privateZone(config, "links.internal", tc.vpcOf("consumer", "main"))
			for _, vpc := range vpcs {
				if test.prepare != nil {
					if err := test.prepare(ctx, config, zone, vpc); err != nil {
						t.Fatal(err)
					}
				}
			}
			must(tc.Inject(Fault{Action: test.action, Effect: EffectHold}))(t)
			held := make(chan error)
			go func() { held <- test.do(ctx, config, zone, vpcs[0]) }()
			for len(tc.HeldCalls()) == 0 {
				time.Sleep(time.Millisecond)
			}
			if err := test.do(ctx, config, zone, vpcs[1]); err != nil {
				t.Errorf("the one that is carried out first: %v", err)
			}
			tc.ClearFaults()
			wantError(t, <-held, test.code)
			if err := test.do(ctx, config, zone, vpcs[0]); err != nil {
				t.Errorf("tried again: %v", err)
			}
		})
	}
}
