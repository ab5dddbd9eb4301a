package simaws

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awsec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	awssts "github.com/aws/aws-sdk-go-v2/service/sts"
)

func TestRestoredCloudGoesOn(t *testing.T) {
	tc := startCloud(t)
	service := tc.publish(withPrivateDNS("api.example.com"))
	proof := service.PrivateDnsNameConfiguration
	tc.record(*proof.Name+".api.example.com", *proof.Value)
	endpoint := tc.connect(service)
	tc.accept(service, endpoint)
	session := must(assume(t.Context(), tc.stsOf(provider), "arn:aws:iam::111111111111:role/open"))(t).Credentials
	must(tc.ec2Of(provider).StartVpcEndpointServicePrivateDnsVerification(t.Context(), &awsec2.StartVpcEndpointServicePrivateDnsVerificationInput{ServiceId: service.ServiceId}))(t)
	snapshot := must(tc.Snapshot())(t)

	again := startCloud(t, func(c *Config) { c.Snapshot = snapshot })
	again.advance(time.Hour)
	if got := again.endpoint(endpoint.VpcEndpointId).State; got != "available" {
		t.Errorf("the pending endpoint has become %s", got)
	}
	config := again.config(provider)
	config.Credentials = credentials.NewStaticCredentialsProvider(*session.AccessKeyId, *session.SecretAccessKey, *session.SessionToken)
	must(awssts.NewFromConfig(config).GetCallerIdentity(t.Context(), &awssts.GetCallerIdentityInput{}))(t)
	if got := again.id("consumer", "vpc", "main"); got != tc.id("consumer", "vpc", "main") {
		t.Errorf("the VPC is another: %s", got)
	}
	if got := again.verify(service); got != types.DnsNameStateVerified {
		t.Errorf("the private DNS name is %s", got)
	}
}

func TestWorldFileMakesTheSameIDs(t *testing.T) {
	one, other := startCloud(t).Resources(), startCloud(t).Resources()
	if len(one) != len(other) {
		t.Fatalf("%d resources and %d", len(one), len(other))
	}
	seen := map[string]bool{}
	for i := range one {
		if one[i] != other[i] {
			t.Errorf("got %v and %v", one[i], other[i])
		}
		if seen[one[i].ID] {
			t.Errorf("two resources are %s", one[i].ID)
		}
		seen[one[i].ID] = true
	}
}

func TestWorldFile(t *testing.T) {
	for _, test := range []struct {
		name, file string
		ok         bool
	}{
		{"when it is complete, it is read", world, true},
		{"when it is empty, it is refused", "", false},
		{"when a key is unknown, it is refused", "accounts: [{id: \"111111111111\", nom: provider}]", false},
		{"when an account id is too short, it is refused", "accounts: [{id: \"1111\", name: a}]", false},
		{"when two accounts share an id, it is refused", "accounts: [{id: \"111111111111\", name: a}, {id: \"111111111111\", name: b}]", false},
		{"when two users share a key, it is refused", "accounts: [{id: \"111111111111\", name: a, users: [{name: u, accessKey: K, secretKey: s}, {name: v, accessKey: K, secretKey: s}]}]", false},
		{"when a role trusts nobody, it is refused", "accounts: [{id: \"111111111111\", name: a, roles: [{name: r}]}]", false},
		{"when nobody can build, it is refused", "accounts: [{id: \"111111111111\", name: a, hostedZones: [{name: example.com}]}]", false},
		{"when a duration is none, it is refused", "hiddenFor: soon\naccounts: [{id: \"111111111111\", name: a}]", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := ParseWorldFile([]byte(test.file))
			if (err == nil) != test.ok {
				t.Errorf("got the error %v", err)
			}
		})
	}
}

func TestWorldFileWithABrokenReferenceIsRefused(t *testing.T) {
	file := must(ParseWorldFile([]byte(world)))(t)
	consumerRegion := file.Accounts[1].Regions[region]
	consumerRegion.TargetGroups = []WorldTargetGroup{{Name: "web", VPC: "nowhere", Protocol: "TCP", Port: 443}}
	file.Accounts[1].Regions[region] = consumerRegion
	cloud := must(New(Config{World: file}))(t)
	if err := cloud.Start(t.Context()); err == nil {
		t.Error("it started", cloud.Close(t.Context()))
	}
}

func TestHiddenResourcesDoNotKeepAWorldFileFromBeingBuilt(t *testing.T) {
	tc := startCloud(t, func(c *Config) { c.World.HiddenFor = Duration(time.Hour) })
	out := must(tc.ec2Of(consumer).DescribeVpcs(t.Context(), &awsec2.DescribeVpcsInput{MaxResults: aws.Int32(5)}))(t)
	if len(out.Vpcs) != 2 {
		t.Errorf("an hour later %d VPCs are seen", len(out.Vpcs))
	}
}
