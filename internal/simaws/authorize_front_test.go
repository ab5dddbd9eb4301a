package simaws

import (
	"context"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsacm "github.com/aws/aws-sdk-go-v2/service/acm"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	awselb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	awswaf "github.com/aws/aws-sdk-go-v2/service/wafv2"
	waftypes "github.com/aws/aws-sdk-go-v2/service/wafv2/types"
)

func TestEachPermissionOnAFrontIsNeeded(t *testing.T) {
	const certificates = "arn:aws:acm:us-east-1:222222222222:certificate/*"
	ruleARNs := func(f front) string { return f.rule[:len(f.rule)-16] + "*" }
	for _, test := range []struct {
		name  string
		needs func(f front) []permission
		call  func(ctx context.Context, f front, config aws.Config) error
	}{
		{"CreateRule with tags", func(f front) []permission {
			return append(on("elasticloadbalancing:CreateRule", f.listener), on("elasticloadbalancing:AddTags", ruleARNs(f))...)
		}, func(ctx context.Context, f front, config aws.Config) error {
			in := f.forHosts(20, "a.example.com")
			in.Tags = []elbtypes.Tag{{Key: aws.String("k"), Value: aws.String("v")}}
			_, err := awselb.NewFromConfig(config).CreateRule(ctx, in)
			return err
		}},
		{"ModifyRule", func(f front) []permission { return on("elasticloadbalancing:ModifyRule", f.rule) }, func(ctx context.Context, f front, config aws.Config) error {
			_, err := awselb.NewFromConfig(config).ModifyRule(ctx, &awselb.ModifyRuleInput{RuleArn: &f.rule, Actions: []elbtypes.Action{answering("404")}})
			return err
		}},
		{"SetRulePriorities", func(f front) []permission { return on("elasticloadbalancing:SetRulePriorities", f.rule) }, func(ctx context.Context, f front, config aws.Config) error {
			_, err := awselb.NewFromConfig(config).SetRulePriorities(ctx, &awselb.SetRulePrioritiesInput{RulePriorities: []elbtypes.RulePriorityPair{{RuleArn: &f.rule, Priority: aws.Int32(11)}}})
			return err
		}},
		{"DeleteRule", func(f front) []permission { return on("elasticloadbalancing:DeleteRule", f.rule) }, func(ctx context.Context, f front, config aws.Config) error {
			_, err := awselb.NewFromConfig(config).DeleteRule(ctx, &awselb.DeleteRuleInput{RuleArn: &f.rule})
			return err
		}},
		{"AddListenerCertificates", func(f front) []permission {
			return on("elasticloadbalancing:AddListenerCertificates", f.listener)
		}, func(ctx context.Context, f front, config aws.Config) error {
			_, err := awselb.NewFromConfig(config).AddListenerCertificates(ctx, &awselb.AddListenerCertificatesInput{ListenerArn: &f.listener, Certificates: []elbtypes.Certificate{{CertificateArn: aws.String(f.certificate("blog"))}}})
			return err
		}},
		{"DescribeListenerCertificates", func(front) []permission {
			return on("elasticloadbalancing:DescribeListenerCertificates", "*")
		}, func(ctx context.Context, f front, config aws.Config) error {
			_, err := awselb.NewFromConfig(config).DescribeListenerCertificates(ctx, &awselb.DescribeListenerCertificatesInput{ListenerArn: &f.listener})
			return err
		}},
		{"RequestCertificate with tags", func(front) []permission {
			return append(on("acm:RequestCertificate", "*"), on("acm:AddTagsToCertificate", certificates)...)
		}, func(ctx context.Context, _ front, config aws.Config) error {
			_, err := awsacm.NewFromConfig(config).RequestCertificate(ctx, &awsacm.RequestCertificateInput{DomainName: aws.String("a.example.com"), Tags: []acmtypes.Tag{{Key: aws.String("k")}}})
			return err
		}},
		{"DescribeCertificate", func(f front) []permission { return on("acm:DescribeCertificate", f.certificate("web")) }, func(ctx context.Context, f front, config aws.Config) error {
			_, err := awsacm.NewFromConfig(config).DescribeCertificate(ctx, &awsacm.DescribeCertificateInput{CertificateArn: aws.String(f.certificate("web"))})
			return err
		}},
		{"ListCertificates", func(front) []permission { return on("acm:ListCertificates", "*") }, func(ctx context.Context, _ front, config aws.Config) error {
			_, err := awsacm.NewFromConfig(config).ListCertificates(ctx, &awsacm.ListCertificatesInput{})
			return err
		}},
		{"AssociateWebACL", func(f front) []permission {
			return append(on("wafv2:AssociateWebACL", f.webACL("fence")), on("elasticloadbalancing:SetWebACL", f.loadBalancer)...)
		}, func(ctx context.Context, f front, config aws.Config) error {
			_, err := awswaf.NewFromConfig(config).AssociateWebACL(ctx, &awswaf.AssociateWebACLInput{ResourceArn: &f.loadBalancer, WebACLArn: aws.String(f.webACL("fence"))})
			return err
		}},
		{"DisassociateWebACL", func(f front) []permission {
			return append(on("wafv2:DisassociateWebACL", f.loadBalancer), on("elasticloadbalancing:SetWebACL", f.loadBalancer)...)
		}, func(ctx context.Context, f front, config aws.Config) error {
			_, err := awswaf.NewFromConfig(config).DisassociateWebACL(ctx, &awswaf.DisassociateWebACLInput{ResourceArn: &f.loadBalancer})
			return err
		}},
		{"GetWebACLForResource", func(f front) []permission {
			return append(on("wafv2:GetWebACLForResource", f.loadBalancer), on("wafv2:GetWebACL", f.webACL("wall"))...)
		}, func(ctx context.Context, f front, config aws.Config) error {
			_, err := awswaf.NewFromConfig(config).GetWebACLForResource(ctx, &awswaf.GetWebACLForResourceInput{ResourceArn: &f.loadBalancer})
			return err
		}},
		{"ListWebACLs", func(front) []permission { return on("wafv2:ListWebACLs", "*") }, func(ctx context.Context, _ front, config aws.Config) error {
			_, err := awswaf.NewFromConfig(config).ListWebACLs(ctx, &awswaf.ListWebACLsInput{Scope: waftypes.ScopeRegional})
			return err
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := startFront(t, withLimited)
			config, needs := f.limitedConfig(consumer), test.needs(f)
			for i, missing := range needs {
				f.mayOnly(consumer, slices.Delete(slices.Clone(needs), i, i+1)...)
				wantRefusal(t, test.call(t.Context(), f, config), missing.action)
			}
			f.mayOnly(consumer, needs...)
			if err := test.call(t.Context(), f, config); err != nil {
				t.Errorf("with all permissions: %v", err)
			}
		})
	}
}

func TestConditionKeysOfAFront(t *testing.T) {
	f := startFront(t, withLimited)
	may := func(action, resource, conditions string, call func(config aws.Config) error) bool {
		t.Helper()
		f.setPolicies(consumer, allow(action, resource, conditions))
		return call(f.limitedConfig(consumer)) == nil
	}
	deleting := func(config aws.Config) error {
		_, err := awselb.NewFromConfig(config).DeleteRule(t.Context(), &awselb.DeleteRuleInput{RuleArn: &f.rule})
		return err
	}
	if may("elasticloadbalancing:DeleteRule", "*", `{"StringEquals": {"aws:ResourceTag/owner": "shop"}}`, deleting) {
		t.Error("a rule with another tag was deleted")
	}
	if !may("elasticloadbalancing:DeleteRule", "*", `{"StringEquals": {"aws:ResourceTag/owner": "web"}}`, deleting) {
		t.Error("a rule with the tag was not deleted")
	}
	asking := func(config aws.Config) error {
		_, err := awsacm.NewFromConfig(config).RequestCertificate(t.Context(), &awsacm.RequestCertificateInput{DomainName: aws.String("a.example.com"), ValidationMethod: "DNS"})
		return err
	}
	for key, want := range map[string]bool{"*.example.com": true, "*.example.net": false} {
		if may("acm:RequestCertificate", "*", `{"ForAllValues:StringLike": {"acm:DomainNames": "`+key+`"}}`, asking) != want {
			t.Errorf("names like %s are not told apart", key)
		}
	}
	listening := func(config aws.Config) error {
		_, err := awselb.NewFromConfig(config).ModifyListener(t.Context(), &awselb.ModifyListenerInput{ListenerArn: &f.listener, SslPolicy: aws.String("ELBSecurityPolicy-TLS13-1-2-2021-06")})
		return err
	}
	for pattern, want := range map[string]bool{"ELBSecurityPolicy-TLS13-*": true, "ELBSecurityPolicy-FS-*": false} {
		if may("elasticloadbalancing:ModifyListener", "*", `{"StringLike": {"elasticloadbalancing:SecurityPolicy": "`+pattern+`"}}`, listening) != want {
			t.Errorf("security policies like %s are not told apart", pattern)
		}
	}
}
