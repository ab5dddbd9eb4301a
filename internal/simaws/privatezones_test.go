package simaws

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	awsroute53 "github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
)

// withZone gives an account of the world file a hosted zone.
func withZone(account int, zone WorldZone) func(*Config) {
	return func(c *Config) {
		c.World.Accounts[account].HostedZones = append(c.World.Accounts[account].HostedZones, zone)
	}
}

func TestWorldFileMakesPrivateZonesInOtherAccounts(t *testing.T) {
	tc := startCloud(t, withZone(0, WorldZone{
		Name: "links.internal", Private: true, VPCs: []string{"us-east-1/main", "consumer/us-east-1/main"},
		Records: []WorldRecord{{Name: "api.links.internal", Type: "A", TTL: 60, Values: []string{"10.0.0.1", "10.0.0.2"}}},
	}))
	if got := tc.seen(tc.vpcOf("consumer", "main"), "api.links.internal", "A"); got != "10.0.0.1 10.0.0.2" {
		t.Errorf("the other account's VPC sees %s", got)
	}
	zone := tc.id("provider", "hosted-zone", "links.internal")
	left := must(tc.route53Of(provider).ListVPCAssociationAuthorizations(t.Context(), &awsroute53.ListVPCAssociationAuthorizationsInput{HostedZoneId: &zone}))(t).VPCs
	if len(left) != 0 {
		t.Errorf("the authorizations %+v are left", left)
	}
}

func TestWorldFileWithAWrongZoneIsRefused(t *testing.T) {
	for name, zone := range map[string]WorldZone{
		"when a private zone has no VPC":             {Name: "a.internal", Private: true},
		"when its first VPC is of another account":   {Name: "a.internal", Private: true, VPCs: []string{"consumer/us-east-1/main"}},
		"when a VPC is in no account":                {Name: "a.internal", Private: true, VPCs: []string{"us-east-1/main", "nobody/us-east-1/main"}},
		"when a VPC is written without Region":       {Name: "a.internal", Private: true, VPCs: []string{"main"}},
		"when a record is none that Route 53 has":    {Name: "a.org", Records: []WorldRecord{{Name: "a.org", Type: "A", TTL: 60, Values: []string{"none"}}}},
		"when a public zone is associated with VPCs": {Name: "a.org", VPCs: []string{"us-east-1/main"}},
	} {
		t.Run(name, func(t *testing.T) {
			config := Config{World: must(ParseWorldFile([]byte(world)))(t)}
			withZone(0, zone)(&config)
			cloud := must(New(config))(t)
			if err := cloud.Start(t.Context()); err == nil {
				t.Error("it started", cloud.Close(t.Context()))
			}
		})
	}
}

func TestPrivateZonesHaveTags(t *testing.T) {
	tc := startCloud(t)
	client := tc.route53Of(consumer)
	id := aws.String((*tc.privateZone(tc.config(consumer), "links.internal", tc.vpcOf("consumer", "main")))[len("/hostedzone/"):])
	must(client.ChangeTagsForResource(t.Context(), &awsroute53.ChangeTagsForResourceInput{
		ResourceType: types.TagResourceTypeHostedzone, ResourceId: id, AddTags: []types.Tag{{Key: aws.String("owner"), Value: aws.String("me")}},
	}))(t)
	sets := must(client.ListTagsForResources(t.Context(), &awsroute53.ListTagsForResourcesInput{ResourceType: types.TagResourceTypeHostedzone, ResourceIds: []string{*id}}))(t).ResourceTagSets
	if len(sets) != 1 || len(sets[0].Tags) != 1 || *sets[0].Tags[0].Value != "me" {
		t.Errorf("got %+v", sets)
	}
	_, err := tc.route53Of(provider).ListTagsForResource(t.Context(), &awsroute53.ListTagsForResourceInput{ResourceType: types.TagResourceTypeHostedzone, ResourceId: id})
	wantError(t, err, "AccessDenied")
}

func TestAForeignZoneExcludesPrivateDNS(t *testing.T) {
	tc := startCloud(t, withZone(0, WorldZone{Name: "api.example.com", Private: true, VPCs: []string{"us-east-1/main", "consumer/us-east-1/main"}}))
	input := tc.connectInput(tc.publishVerified("api.example.com", withoutAcceptance))
	input.PrivateDnsEnabled = aws.Bool(true)
	_, err := tc.ec2Of(consumer).CreateVpcEndpoint(t.Context(), input)
	wantError(t, err, "InvalidParameter")
	if err := disassociate(t.Context(), tc.config(consumer), aws.String(tc.id("provider", "hosted-zone", "api.example.com")), tc.vpcOf("consumer", "main")); err != nil {
		t.Fatal(err)
	}
	must(tc.ec2Of(consumer).CreateVpcEndpoint(t.Context(), input))(t)
}

func TestSomebodyElseActsOnPrivateZones(t *testing.T) {
	const name = "api.links.internal"
	get := func(tc testCloud, zone *string) error {
		_, err := tc.route53Of(consumer).GetHostedZone(tc.t.Context(), &awsroute53.GetHostedZoneInput{Id: zone})
		return err
	}
	look := func(tc testCloud, zone *string) error {
		vpc := tc.vpcOf("consumer", "main")
		_, err := tc.route53Of(consumer).ListHostedZonesByVPC(tc.t.Context(), &awsroute53.ListHostedZonesByVPCInput{VPCId: vpc.VPCId, VPCRegion: region})
		return err
	}
	for _, test := range []struct {
		name  string
		fault func(tc testCloud, zone string) Fault
		call  func(testCloud, *string) error
		code  string // of the call that is struck
		want  string // what the VPC "main" sees afterwards
	}{
		{"when the zone is deleted, its records are gone too", func(_ testCloud, zone string) Fault {
			return Fault{Resource: zone, Effect: EffectDelete}
		}, get, "NoSuchHostedZone", "REFUSED"},
		{"when the VPC is disassociated, it sees nothing any more", func(tc testCloud, zone string) Fault {
			return Fault{Resource: zone, Effect: EffectChange, Change: map[string]string{
				"Action": "DisassociateVPCFromHostedZone", "VPCId": *tc.vpcOf("consumer", "main").VPCId, "VPCRegion": region,
			}}
		}, get, "", "REFUSED"},
		{"when another zone is made in the VPC, it covers the name", func(tc testCloud, _ string) Fault {
			return Fault{Resource: *tc.vpcOf("consumer", "main").VPCId, Effect: EffectChange, Change: map[string]string{"Action": "CreateHostedZone", "Name": name}}
		}, look, "", "NOERROR"},
		{"when the record is changed, the VPC sees it", func(testCloud, string) Fault {
			return Fault{Resource: name, Effect: EffectChange, Change: map[string]string{"Value": "10.1.0.9"}}
		}, func(tc testCloud, zone *string) error {
			_, err := tc.route53Of(consumer).ListResourceRecordSets(tc.t.Context(), &awsroute53.ListResourceRecordSetsInput{HostedZoneId: zone, StartRecordName: aws.String(name)})
			return err
		}, "", "10.1.0.9"},
	} {
		t.Run(test.name, func(t *testing.T) {
			tc := startCloud(t)
			config, main := tc.config(consumer), tc.vpcOf("consumer", "main")
			zone := tc.privateZone(config, "links.internal", main)
			if err := associate(t.Context(), config, zone, tc.vpcOf("consumer", "plain")); err != nil {
				t.Fatal(err)
			}
			tc.records(config, zone, sets("CREATE", "A", []string{name}, "10.1.0.1")...)
			injected := must(tc.Inject(test.fault(tc, (*zone)[len("/hostedzone/"):])))(t)
			err := test.call(tc, zone)
			if test.code != "" {
				wantError(t, err, test.code)
			} else if err != nil {
				t.Fatal(err)
			}
			if struck := injected[0].Struck(); struck != 1 {
				t.Errorf("it has struck %d times", struck)
			}
			tc.advance(time.Minute)
			if got := tc.seen(main, name, "A"); got != test.want {
				t.Errorf("the VPC sees %s, want %s", got, test.want)
			}
		})
	}
}

// TestPermissionsOfAssociations: the actions are on the zone, with the VPC as condition key; what looks at a VPC needs
// ec2:DescribeVpcs too.
func TestPermissionsOfAssociations(t *testing.T) {
	for _, test := range []struct {
		action    string
		describes bool
		prepare   func(tc testCloud, zone *string, vpc *types.VPC) error
		call      func(tc testCloud, config aws.Config, zone *string, vpc *types.VPC) error
	}{
		{"AssociateVPCWithHostedZone", true, nil, func(tc testCloud, config aws.Config, zone *string, vpc *types.VPC) error {
			return associate(tc.t.Context(), config, zone, vpc)
		}},
		{"DisassociateVPCFromHostedZone", true, func(tc testCloud, zone *string, vpc *types.VPC) error {
			return associate(tc.t.Context(), tc.config(consumer), zone, vpc)
		}, func(tc testCloud, config aws.Config, zone *string, vpc *types.VPC) error {
			return disassociate(tc.t.Context(), config, zone, vpc)
		}},
		{"CreateVPCAssociationAuthorization", false, nil, func(tc testCloud, config aws.Config, zone *string, vpc *types.VPC) error {
			return authorize(tc.t.Context(), config, zone, vpc)
		}},
		{"DeleteVPCAssociationAuthorization", false, func(tc testCloud, zone *string, vpc *types.VPC) error {
			return authorize(tc.t.Context(), tc.config(consumer), zone, vpc)
		}, func(tc testCloud, config aws.Config, zone *string, vpc *types.VPC) error {
			return deauthorize(tc.t.Context(), config, zone, vpc)
		}},
	} {
		t.Run(test.action, func(t *testing.T) {
			s := newScene(t)
			config, vpc := s.limitedConfig(consumer), s.vpcOf("consumer", "plain")
			zone := s.privateZone(s.config(consumer), "links.internal", s.vpcOf("consumer", "main"))
			if test.prepare != nil {
				if err := test.prepare(s.testCloud, zone, vpc); err != nil {
					t.Fatal(err)
				}
			}
			arn := "arn:aws:route53:::hostedzone/" + (*zone)[len("/hostedzone/"):]
			action := "route53:" + test.action
			describe := allow("ec2:DescribeVpcs", "*", "")
			of := func(vpc string) string {
				return `{"ForAllValues:StringEquals": {"route53:VPCs": "VPCId=` + vpc + `,VPCRegion=us-east-1"}}`
			}
			s.setPolicies(consumer, allow(action, arn, of(*s.vpcOf("consumer", "main").VPCId)), describe)
			wantRefusal(t, test.call(s.testCloud, config, zone, vpc), action)
			s.setPolicies(consumer, allow(action, "arn:aws:route53:::hostedzone/Z1", ""), describe)
			wantRefusal(t, test.call(s.testCloud, config, zone, vpc), action)
			s.setPolicies(consumer, allow(action, arn, of(*vpc.VPCId)))
			if test.describes {
				wantRefusal(t, test.call(s.testCloud, config, zone, vpc), "ec2:DescribeVpcs")
				s.setPolicies(consumer, allow(action, arn, of(*vpc.VPCId)), describe)
			}
			if err := test.call(s.testCloud, config, zone, vpc); err != nil {
				t.Error(err)
			}
		})
	}
}

// Associations have buckets of their own (Route 53 API Reference, "Throttling API requests").
func TestAssociationsAreThrottled(t *testing.T) {
	for _, test := range []struct {
		action   string
		capacity int
		call     func(tc testCloud) error
	}{
		{"AssociateVPCWithHostedZone", 20, func(tc testCloud) error {
			return associate(tc.t.Context(), tc.config(consumer), aws.String("Z1"), vpcNumber(1))
		}},
		{"DisassociateVPCFromHostedZone", 10, func(tc testCloud) error {
			return disassociate(tc.t.Context(), tc.config(consumer), aws.String("Z1"), vpcNumber(1))
		}},
		{"CreateHostedZone", 40, func(tc testCloud) error {
			_, err := tc.route53Of(consumer).CreateHostedZone(tc.t.Context(), &awsroute53.CreateHostedZoneInput{Name: aws.String("a..b"), CallerReference: aws.String("1")})
			return err
		}},
	} {
		t.Run(test.action, func(t *testing.T) {
			tc := startCloud(t, func(c *Config) { c.World.RequestBuckets.Enabled = true })
			code := map[bool]string{true: "InvalidDomainName", false: "NoSuchHostedZone"}[test.action == "CreateHostedZone"]
			for range test.capacity {
				wantError(t, test.call(tc), code)
			}
			wantError(t, test.call(tc), "Throttling")
		})
	}
}

func TestTheZoneOwnerEndsTheAssociationOfAVPCThatIsGone(t *testing.T) {
	tc := startCloud(t)
	config := tc.config(consumer)
	zone := tc.privateZone(config, "links.internal", tc.vpcOf("consumer", "main"))
	id := must(tc.ec2Of(consumer).CreateVpc(t.Context(), &awsec2.CreateVpcInput{CidrBlock: aws.String("10.9.0.0/16")}))(t).Vpc.VpcId
	vpc := &types.VPC{VPCId: id, VPCRegion: region}
	if err := associate(t.Context(), config, zone, vpc); err != nil {
		t.Fatal(err)
	}
	must(tc.ec2Of(consumer).DeleteVpc(t.Context(), &awsec2.DeleteVpcInput{VpcId: id}))(t)
	if err := disassociate(t.Context(), config, zone, vpc); err != nil {
		t.Error(err)
	}
}
