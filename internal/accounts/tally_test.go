package accounts

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/linkwright/linkwright/internal/simaws"
)

func TestEveryAttemptAtACallIsCounted(t *testing.T) {
	cloud, b := start(t)
	clients, err := b.Clients(t.Context(), "provider", "us-east-1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cloud.Inject(simaws.Fault{Action: "DescribeVpcs", Effect: simaws.EffectUnavailable}); err != nil {
		t.Fatal(err)
	}
	ctx, tally := Counted(t.Context())
	for range 2 {
		if _, err := clients.EC2.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := clients.EC2.DescribeVpcs(t.Context(), &ec2.DescribeVpcsInput{}); err != nil { // for another context
		t.Fatal(err)
	}
	if got := tally.Calls(); got != 3 {
		t.Errorf("two calls, one of them asked twice, are counted as %d", got)
	}
}

func TestCallsToAzureAreCounted(t *testing.T) {
	_, b := startAzure(t)
	ctx, tally := Counted(t.Context())
	if err := listServices(ctx, b, "one"); err != nil {
		t.Fatal(err)
	}
	if got := tally.Calls(); got != 1 {
		t.Errorf("a call is counted as %d", got)
	}
}
