package simaws

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsacm "github.com/aws/aws-sdk-go-v2/service/acm"
	awselb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	awsquotas "github.com/aws/aws-sdk-go-v2/service/servicequotas"
	awswaf "github.com/aws/aws-sdk-go-v2/service/wafv2"
)

// What applies to an account is what its load balancers, certificates and web ACLs are held to. Each quota is here as
// large as what withFront makes.
func TestFidelityTheQuotasOfWhatStandsInFront(t *testing.T) {
	const elb = "elasticloadbalancing"
	balancing := func(kind types.LoadBalancerTypeEnum) func(context.Context, testCloud, aws.Config) error {
		return ofFront(func(ctx context.Context, f front, client *awselb.Client) error {
			_, err := client.CreateLoadBalancer(ctx, &awselb.CreateLoadBalancerInput{
				Name: aws.String("one-more"), Type: kind, Scheme: types.LoadBalancerSchemeEnumInternal,
				Subnets: []string{f.id("consumer", "subnet", "main/one"), f.id("consumer", "subnet", "main/two")},
			})
			return err
		})
	}
	listening := ofFront(func(ctx context.Context, f front, client *awselb.Client) error {
		_, err := client.CreateListener(ctx, &awselb.CreateListenerInput{
			LoadBalancerArn: &f.loadBalancer, Port: aws.Int32(8080), Protocol: types.ProtocolEnumHttp, DefaultActions: []types.Action{answering("404")},
		})
		return err
	})
	listing := ofFront(func(ctx context.Context, f front, client *awselb.Client) error {
		_, err := client.AddListenerCertificates(ctx, &awselb.AddListenerCertificatesInput{
			ListenerArn: &f.listener, Certificates: []types.Certificate{{CertificateArn: aws.String(f.certificate("blog"))}},
		})
		return err
	})
	anotherGroup := ofFront(func(ctx context.Context, f front, client *awselb.Client) error {
		_, err := client.CreateTargetGroup(ctx, f.aGroup())
		return err
	})
	targeting := ofFront(func(ctx context.Context, f front, client *awselb.Client) error {
		_, err := client.RegisterTargets(ctx, &awselb.RegisterTargetsInput{TargetGroupArn: &f.group, Targets: []types.TargetDescription{{Id: aws.String("10.1.1.9")}}})
		return err
	})
	forwardingElsewhere := ofFront(func(ctx context.Context, f front, client *awselb.Client) error {
		in := f.forHosts(20, "a.example.com")
		in.Actions = []types.Action{forwarding(*f.targetGroup("one-more", types.ProtocolEnumHttps))}
		_, err := client.CreateRule(ctx, in)
		return err
	})
	for _, of := range []struct {
		service, code string
		value         int
		fact          refusal
		mark          func(string) string
	}{
		{elb, "L-53DA6B97", 2, refusal{"of application load balancers", quotasOfALBs, balancing("application"), 400, "TooManyLoadBalancers", "2"}, inQuery},
		{elb, "L-69A177A2", 1, refusal{"of network load balancers", quotasOfALBs, balancing("network"), 400, "TooManyLoadBalancers", "1"}, inQuery},
		{elb, "L-B22855CB", 1, refusal{"of target groups", quotasOfALBs, anotherGroup, 400, "TooManyTargetGroups", "1"}, inQuery},
		{elb, "L-A0D0B863", 0, refusal{"of targets", quotasOfALBs, targeting, 400, "TooManyTargets", "0"}, inQuery},
		{elb, "L-B6DF7632", 2, refusal{"of listeners", quotasOfALBs, listening, 400, "TooManyListeners", "2"}, inQuery},
		{elb, "L-7EED9B64", 1, refusal{"of rules", quotasOfALBs, ruling(func(front, *awselb.CreateRuleInput) {}), 400, "TooManyRules", "1"}, inQuery},
		{elb, "L-822D1B1B", 1, refusal{"of a load balancer's target groups", quotasOfALBs, forwardingElsewhere, 400, "TooManyUniqueTargetGroupsPerLoadBalancer", "1"}, inQuery},
		{elb, "L-9365A611", 1, refusal{"of listed certificates", quotasOfALBs, listing, 400, "TooManyCertificates", "1"}, inQuery},
		{"acm", "L-F141DD1D", 5, refusal{"of certificates", quotasOfACM, requesting(func(*awsacm.RequestCertificateInput) {}), 400, "LimitExceededException", "5"}, inJSON},
		{"acm", "L-FB94F0B0", 2, refusal{"of a certificate's names", quotasOfACM, requesting(func(in *awsacm.RequestCertificateInput) {
			in.SubjectAlternativeNames = []string{"y.example.com", "z.example.com"}
		}), 400, "LimitExceededException", "2"}, inJSON},
		{"wafv2", "L-2EC3DE7B", 2, refusal{"of web ACLs", `AWS WAF Developer Guide, "AWS WAF quotas"`, func(ctx context.Context, _ testCloud, c aws.Config) error {
			_, err := awswaf.NewFromConfig(c).CreateWebACL(ctx, aWebACL("one-more"))
			return err
		}, 400, "WAFLimitsExceededException", "2"}, inJSON},
	} {
		of.fact.check(t, consumer, of.mark, withFront, withQuotaOf(consumer, of.service, of.code, of.value))
	}
}

// DescribeAccountLimits says what Service Quotas says, for the account that asks (Elastic Load Balancing API
// Reference, DescribeAccountLimits).
func TestFidelityTheLimitsOfAnAccount(t *testing.T) {
	tc := startCloud(t, withQuotaOf(consumer, "elasticloadbalancing", "L-7EED9B64", 7))
	for account, want := range map[string]string{consumer: "7", provider: "100"} {
		limits := map[string]string{}
		for _, l := range must(awselb.NewFromConfig(tc.config(account)).DescribeAccountLimits(t.Context(), &awselb.DescribeAccountLimitsInput{}))(t).Limits {
			limits[*l.Name] = *l.Max
		}
		if limits["rules-per-application-load-balancer"] != want || limits["targets-per-network-load-balancer"] != "3000" {
			t.Errorf("the limits of %s are %v", account, limits)
		}
	}
	for service, code := range map[string]string{"acm": "L-FB94F0B0", "wafv2": "L-2EC3DE7B"} {
		out := must(awsquotas.NewFromConfig(tc.config(consumer)).GetServiceQuota(t.Context(), &awsquotas.GetServiceQuotaInput{ServiceCode: &service, QuotaCode: &code}))(t)
		if *out.Quota.Value == 0 || *out.Quota.ServiceName == "" {
			t.Errorf("the quota of %s is %+v", service, out.Quota)
		}
	}
}
