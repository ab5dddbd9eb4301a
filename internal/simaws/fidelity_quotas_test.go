package simaws

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	awsquotas "github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas/types"
)

const getQuota = "Service Quotas API Reference, GetServiceQuota"

func askingQuota(service, code string) func(context.Context, testCloud, aws.Config) error {
	return func(ctx context.Context, _ testCloud, c aws.Config) error {
		_, err := awsquotas.NewFromConfig(c).GetServiceQuota(ctx, &awsquotas.GetServiceQuotaInput{ServiceCode: &service, QuotaCode: &code})
		return err
	}
}

func TestFidelityWhatServiceQuotasRefuses(t *testing.T) {
	for _, fact := range []refusal{
		{"when a quota is missing, it is NoSuchResourceException", getQuota, func(ctx context.Context, tc testCloud, c aws.Config) error {
			err := askingQuota("vpc", "L-00000000")(ctx, tc, c)
			var typed *types.NoSuchResourceException
			if !errors.As(err, &typed) {
				return fmt.Errorf("the SDK has no type for %w", err)
			}
			return err
		}, 400, "NoSuchResourceException", "does not exist"},
		{"when a service has none, it is NoSuchResourceException", "Service Quotas API Reference, ListServiceQuotas", func(ctx context.Context, _ testCloud, c aws.Config) error {
			_, err := awsquotas.NewFromConfig(c).ListServiceQuotas(ctx, &awsquotas.ListServiceQuotasInput{ServiceCode: aws.String("none")})
			return err
		}, 400, "NoSuchResourceException", ""},
		{"when a token is none, it is InvalidPaginationTokenException", "Service Quotas API Reference, ListServiceQuotas", func(ctx context.Context, _ testCloud, c aws.Config) error {
			_, err := awsquotas.NewFromConfig(c).ListServiceQuotas(ctx, &awsquotas.ListServiceQuotasInput{ServiceCode: aws.String("vpc"), NextToken: aws.String("x")})
			return err
		}, 400, "InvalidPaginationTokenException", ""},
		{"when a page is too large, it is IllegalArgumentException", "Service Quotas API Reference, ListServiceQuotas", func(ctx context.Context, _ testCloud, c aws.Config) error {
			_, err := awsquotas.NewFromConfig(c).ListServiceQuotas(ctx, &awsquotas.ListServiceQuotasInput{ServiceCode: aws.String("vpc"), MaxResults: aws.Int32(101)})
			return err
		}, 400, "IllegalArgumentException", "100"},
	} {
		fact.check(t, consumer, inJSON)
	}
	denied := refusal{"when a policy does not allow it, it is AccessDeniedException", "Service Authorization Reference, Service Quotas", askingQuota("vpc", "L-29B6F2EB"), 400, "AccessDeniedException", "servicequotas:GetServiceQuota"}
	denied.check(t, consumer, inJSON, func(c *Config) { c.World.Accounts[1].Users[0].Policies = PolicyDocuments{} })
	throttled := refusal{"when it is asked too often, it is TooManyRequestsException", getQuota, askingQuota("vpc", "L-29B6F2EB"), 400, "TooManyRequestsException", ""}
	throttled.check(t, consumer, inJSON, func(c *Config) { c.Faults = []Fault{{Service: "servicequotas", Effect: EffectThrottle}} })
}

// The value that applies is the account's in the Region, the default is AWS's, and both are what EC2 enforces; lists
// have pages (Service Quotas API Reference, ServiceQuota; AWS PrivateLink Guide, "AWS PrivateLink quotas").
func TestFidelityAppliedAndDefaultQuotas(t *testing.T) {
	tc := startCloud(t, withQuota(consumer, "L-29B6F2EB", 1), func(c *Config) { c.World.EndpointsPerVPC = 2 })
	ctx := t.Context()
	for account, want := range map[string]float64{consumer: 1, provider: 2} {
		config, wire := tc.taped(account)
		client := awsquotas.NewFromConfig(config)
		code, service := aws.String("L-29B6F2EB"), aws.String("vpc")
		applied := must(client.GetServiceQuota(ctx, &awsquotas.GetServiceQuotaInput{ServiceCode: service, QuotaCode: code}))(t).Quota
		wire.has(t, fmt.Sprintf(`"QuotaArn":"arn:aws:servicequotas:us-east-1:%s:vpc/L-29B6F2EB"`, account), fmt.Sprintf(`"Value":%.1f`, want))
		usual := must(client.GetAWSDefaultServiceQuota(ctx, &awsquotas.GetAWSDefaultServiceQuotaInput{ServiceCode: service, QuotaCode: code}))(t).Quota
		wire.has(t, `"QuotaArn":"arn:aws:servicequotas:us-east-1::vpc/L-29B6F2EB"`)
		if *applied.Value != want || *usual.Value != 50 || !applied.Adjustable || *applied.QuotaName != "Interface VPC endpoints per VPC" {
			t.Errorf("%s has %+v, and by default %+v", account, applied, usual)
		}
		for _, list := range []func() (float64, int){
			func() (value float64, pages int) {
				p := awsquotas.NewListServiceQuotasPaginator(client, &awsquotas.ListServiceQuotasInput{ServiceCode: service, MaxResults: aws.Int32(3)})
				for ; p.HasMorePages(); pages++ {
					value += valueOf(*code, must(p.NextPage(ctx))(t).Quotas)
				}
				return value, pages
			},
			func() (value float64, pages int) {
				p := awsquotas.NewListAWSDefaultServiceQuotasPaginator(client, &awsquotas.ListAWSDefaultServiceQuotasInput{ServiceCode: service, MaxResults: aws.Int32(3)})
				for ; p.HasMorePages(); pages++ {
					value += valueOf(*code, must(p.NextPage(ctx))(t).Quotas)
				}
				return value + want - 50, pages
			},
		} {
			if value, pages := list(); value != want || pages != 4 {
				t.Errorf("the list says %v for %s, on %d pages", value, account, pages)
			}
		}
	}
	in := tc.connectInput(tc.publish())
	must(tc.ec2Of(consumer).CreateVpcEndpoint(ctx, in))(t)
	_, err := tc.ec2Of(consumer).CreateVpcEndpoint(ctx, in)
	wantError(t, err, "VpcEndpointLimitExceeded")

	answer := tc.send(consumer, "servicequotas", http.MethodPost, "/", `{"ServiceCode":"elasticloadbalancing","QuotaCode":"L-7EED9B64"}`,
		http.Header{"Content-Type": {"application/x-amz-json-1.1"}, "X-Amz-Target": {"ServiceQuotasV20190624.GetServiceQuota"}})
	answer.has(t, `"QuotaName":"Rules per Application Load Balancer"`, `"Value":100.0`)
}

// valueOf is the value of a quota among others, 0 when it is not there.
func valueOf(code string, quotas []types.ServiceQuota) float64 {
	for _, q := range quotas {
		if *q.QuotaCode == code {
			return *q.Value
		}
	}
	return 0
}

// An account may have five VPCs in a Region unless it has asked for more (vpcQuotas); the world file is not bound.
func TestFidelityTheQuotaOfVPCs(t *testing.T) {
	tc := startCloud(t)
	for i := range 4 { // beside the two of the world file
		_, err := tc.ec2Of(consumer).CreateVpc(t.Context(), &awsec2.CreateVpcInput{CidrBlock: aws.String("10.50.0.0/16")})
		if i < 3 && err != nil {
			t.Fatal(err)
		}
		if i == 3 {
			wantError(t, err, "VpcLimitExceeded")
		}
	}
}

func TestWorldFileWithAQuotaThatIsNoneIsRefused(t *testing.T) {
	for name, quota := range map[string]WorldQuota{
		"of a code that there is not": {Service: "vpc", Code: "L-1", Value: 1}, "below zero": {Service: "vpc", Code: "L-29B6F2EB", Value: -1},
	} {
		file := must(ParseWorldFile([]byte(world)))(t)
		has := file.Accounts[1].Regions[region]
		has.Quotas = []WorldQuota{quota}
		file.Accounts[1].Regions[region] = has
		if _, err := New(Config{World: file}); err == nil {
			t.Errorf("a quota %s is taken", name)
		}
	}
}
