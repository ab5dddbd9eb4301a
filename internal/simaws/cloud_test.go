package simaws

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awsec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	awselb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	awsroute53 "github.com/aws/aws-sdk-go-v2/service/route53"
	awssts "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

const (
	provider = "111111111111"
	consumer = "222222222222"
	stranger = "333333333333"
	region   = "us-east-1"
)

// world is a provider with two load balancers and a zone, a consumer with a network, and a stranger.
const world = `
scale: 6000
accounts:
  - id: "111111111111"
    name: provider
    users: [{name: admin, accessKey: AKIAPROVIDER, secretKey: provider-secret}]
    roles:
      - {name: open, trust: ["arn:aws:iam::111111111111:root"]}
      - {name: agreed, trust: ["arn:aws:iam::222222222222:user/admin"], externalId: secret-word}
    regions:
      us-east-1:
        vpcs:
          - name: main
            cidr: 10.0.0.0/16
            subnets:
              - {name: one, cidr: 10.0.1.0/24, zoneId: use1-az1}
              - {name: two, cidr: 10.0.2.0/24, zoneId: use1-az2}
        networkLoadBalancers:
          - {name: api, subnets: [one, two]}
          - {name: other, subnets: [one]}
    hostedZones: [{name: example.com}]
  - id: "222222222222"
    name: consumer
    users: [{name: admin, accessKey: AKIACONSUMER, secretKey: consumer-secret}]
    roles: [{name: linkwright, trust: ["arn:aws:iam::222222222222:root", "arn:aws:iam::111111111111:role/open"]}]
    regions:
      us-east-1:
        vpcs:
          - name: main
            cidr: 10.1.0.0/16
            dnsHostnames: true
            subnets:
              - {name: one, cidr: 10.1.1.0/24, zoneId: use1-az1}
              - {name: one-more, cidr: 10.1.11.0/24, zoneId: use1-az1}
              - {name: two, cidr: 10.1.2.0/24, zoneId: use1-az2}
              - {name: three, cidr: 10.1.3.0/24, zoneId: use1-az3}
            securityGroups: [{name: https, ingress: [{protocol: tcp, port: 443, cidr: 10.1.0.0/16}]}]
          - name: plain
            cidr: 10.2.0.0/16
            subnets: [{name: plain, cidr: 10.2.1.0/28, zoneId: use1-az1}]
  - id: "333333333333"
    name: stranger
    users: [{name: admin, accessKey: AKIASTRANGER, secretKey: stranger-secret}]
`

// testCloud is a running cloud whose clock stands still until it is advanced.
type testCloud struct {
	*Cloud
	t      *testing.T
	passed *atomic.Int64
}

func startCloud(t *testing.T, changes ...func(*Config)) testCloud {
	t.Helper()
	file, err := ParseWorldFile([]byte(world))
	if err != nil {
		t.Fatal(err)
	}
	config := Config{World: file, Log: slog.New(slog.NewTextHandler(t.Output(), nil))}
	for _, change := range changes {
		change(&config)
	}
	cloud, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	tc := testCloud{Cloud: cloud, t: t, passed: new(atomic.Int64)}
	start := time.Now()
	cloud.world.Clock.Now = func() time.Time { return start.Add(time.Duration(tc.passed.Load())) }
	if err := cloud.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cloud.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	tc.advance(time.Hour) // what the world file made has settled
	return tc
}

// advance lets time pass, in the real service's measure.
func (tc testCloud) advance(d time.Duration) { tc.passed.Add(int64(tc.world.Clock.Scaled(d))) }

func (tc testCloud) config(account string) aws.Config {
	keys := map[string][2]string{
		provider: {"AKIAPROVIDER", "provider-secret"}, consumer: {"AKIACONSUMER", "consumer-secret"}, stranger: {"AKIASTRANGER", "stranger-secret"},
	}
	return aws.Config{
		Region: region, BaseEndpoint: aws.String(tc.URL()), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider(keys[account][0], keys[account][1], ""),
	}
}

func (tc testCloud) ec2Of(account string) *awsec2.Client {
	return awsec2.NewFromConfig(tc.config(account))
}
func (tc testCloud) stsOf(account string) *awssts.Client {
	return awssts.NewFromConfig(tc.config(account))
}
func (tc testCloud) elbOf(account string) *awselb.Client {
	return awselb.NewFromConfig(tc.config(account))
}
func (tc testCloud) route53Of(account string) *awsroute53.Client {
	return awsroute53.NewFromConfig(tc.config(account))
}

// id is that of a resource of the world file.
func (tc testCloud) id(account, kind, name string) string {
	tc.t.Helper()
	for _, r := range tc.Resources() {
		if r.Account == account && r.Kind == kind && r.Name == name {
			return r.ID
		}
	}
	tc.t.Fatalf("the world file made no %s %s in %s", kind, name, account)
	return ""
}

// must stops the test on an error.
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// wantError checks the code of an AWS error.
func wantError(t *testing.T, err error, code string) {
	t.Helper()
	var e smithy.APIError
	if !errors.As(err, &e) || e.ErrorCode() != code {
		t.Fatalf("got the error %v, want the code %s", err, code)
	}
}
