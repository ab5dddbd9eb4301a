package accounts

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/linkwright/linkwright/internal/simaws"
)

// limitedBook is a book of accounts with limits of their own.
const limitedBook = `
limits:
  share: 0.5
  scale: 10
  buckets:
    ec2: [{actions: [CreateVpcEndpoint], capacity: 8, refill: 1}]
accounts:
  plain:
    aws: {accountID: "111111111111"}
  namesake:
    aws: {accountID: "111111111111", roleARN: "arn:aws:iam::111111111111:role/R"}
  elsewhere:
    aws: {accountID: "111111111111", endpoint: "http://127.0.0.1:1"}
  own:
    aws:
      accountID: "222222222222"
      limits:
        share: 1
        buckets:
          ec2: [{actions: [DescribeVpcs], capacity: 7, refill: 2}]
          ssm: [{actions: ["*"], shared: true, capacity: 40, refill: 40}]
`

func TestLimits(t *testing.T) {
	b, err := Parse("accounts.yaml", []byte(limitedBook))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, account, service, action string
		capacity, refill               float64
	}{
		{"when a bucket is documented, a share of it counts", "plain", "ec2", "ModifyVpcEndpoint", 2, 1.5},
		{"when the file has another, a share of that counts", "plain", "ec2", "CreateVpcEndpoint", 4, 5},
		{"when an account has a share of its own, that counts", "own", "ec2", "ModifyVpcEndpoint", 4, 3},
		{"when an account has its own, those for all still count", "own", "ec2", "CreateVpcEndpoint", 8, 10},
		{"when an account has one of its own, that counts", "own", "ec2", "DescribeVpcs", 7, 20},
		{"when Service Quotas are asked, they allow a second's more in a burst", "plain", "servicequotas", "GetServiceQuota", 5, 25},
		{"when nothing is documented, the file may know", "own", "ssm", "PutParameter", 40, 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			claims := b.pages[c.account].aws.limiter.services[c.service].Claims(c.action, true)
			if len(claims) != 1 || claims[0].Bucket.Capacity != c.capacity || claims[0].Bucket.Refill != c.refill {
				t.Errorf("%s falls under %+v, want a bucket of %v, refilled %v a second", c.action, claims, c.capacity, c.refill)
			}
		})
	}
	of := func(name string) *limiter { return b.pages[name].aws.limiter }
	if of("plain") != of("namesake") {
		t.Error("when two names stand for one account, they do not share its buckets")
	}
	if of("plain") == of("elsewhere") {
		t.Error("when two clouds have an account of one number, they share its buckets")
	}
	if total := of("plain").services["route53"].Total; total.Capacity != 25 || total.Refill != 50 {
		t.Errorf("of all of Route 53's requests it takes %+v", *total)
	}
}

func TestWhenManyCallAtOnceAWSThrottlesNone(t *testing.T) {
	const scale, many = 100, 30 // the cloud refills 30 tokens a second
	cloud, _ := startWith(t, func(file *simaws.WorldFile) { file.Scale, file.RequestBuckets.Enabled = scale, true })
	b, err := Parse("accounts.yaml", fmt.Appendf(nil, "limits: {scale: %[2]d}\n"+book, cloud.URL(), scale))
	if err != nil {
		t.Fatal(err)
	}
	c, err := b.Clients(t.Context(), "provider", "us-east-1")
	if err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	for range many {
		wait.Go(func() {
			if _, err := c.EC2.DeleteVpcEndpoints(context.WithoutCancel(t.Context()), &ec2.DeleteVpcEndpointsInput{VpcEndpointIds: []string{"vpce-0"}}); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if n := calls(cloud, "DeleteVpcEndpoints"); n != many {
		t.Errorf("%d calls were made, want %d: some were throttled", n, many)
	}
}
