package simaws

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsacm "github.com/aws/aws-sdk-go-v2/service/acm"
	awselb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	awswaf "github.com/aws/aws-sdk-go-v2/service/wafv2"
)

// TestSomebodyElseActsOnAFront has the owner of a load balancer change what is before and behind it, just before it is
// looked at.
func TestSomebodyElseActsOnAFront(t *testing.T) {
	rules := func(f front) int {
		return len(must(f.elb.DescribeRules(f.t.Context(), &awselb.DescribeRulesInput{ListenerArn: &f.listener}))(f.t).Rules)
	}
	certificates := func(f front) int {
		return len(must(f.elb.DescribeListenerCertificates(f.t.Context(), &awselb.DescribeListenerCertificatesInput{ListenerArn: &f.listener}))(f.t).Certificates)
	}
	targets := func(f front) int {
		return len(must(f.elb.DescribeTargetHealth(f.t.Context(), &awselb.DescribeTargetHealthInput{TargetGroupArn: &f.group}))(f.t).TargetHealthDescriptions)
	}
	webACLs := func(f front) int {
		if must(f.waf.GetWebACLForResource(f.t.Context(), &awswaf.GetWebACLForResourceInput{ResourceArn: &f.loadBalancer}))(f.t).WebACL == nil {
			return 0
		}
		return 1
	}
	for _, test := range []struct {
		name   string
		fault  func(f front) Fault
		trip   func(f front) // names the resource, so that the fault strikes
		count  func(f front) int
		before int
		after  int
	}{
		{"when a rule is deleted, it is gone", func(f front) Fault { return Fault{Resource: f.rule, Effect: EffectDelete} }, func(f front) {
			must(f.elb.DescribeTags(f.t.Context(), &awselb.DescribeTagsInput{ResourceArns: []string{f.listener}}))(f.t)
			_, err := f.elb.DescribeRules(f.t.Context(), &awselb.DescribeRulesInput{RuleArns: []string{f.rule}})
			wantError(f.t, err, "RuleNotFound")
		}, rules, 2, 1},
		{"when a certificate is removed, it is not in the list", func(f front) Fault {
			return Fault{Resource: f.listener, Action: "DescribeListeners", Effect: EffectChange, Change: map[string]string{
				"Action": "RemoveListenerCertificates", "Certificates.member.1.CertificateArn": f.certificate("shop")}}
		}, func(f front) {
			must(f.elb.DescribeListeners(f.t.Context(), &awselb.DescribeListenersInput{ListenerArns: []string{f.listener}}))(f.t)
		}, certificates, 2, 1},
		{"when a foreign target is registered, it is there", func(f front) Fault {
			return Fault{Resource: f.group, Action: "DescribeTargetGroups", Effect: EffectChange, Change: map[string]string{"Action": "RegisterTargets", "Targets.member.1.Id": "10.1.1.77"}}
		}, func(f front) {
			must(f.elb.DescribeTargetGroups(f.t.Context(), &awselb.DescribeTargetGroupsInput{TargetGroupArns: []string{f.group}}))(f.t)
		}, targets, 0, 1},
		{"when the web ACL is taken off, there is none", func(f front) Fault {
			return Fault{Resource: f.loadBalancer, Action: "AssociateWebACL", Nth: 2, Effect: EffectDelete}
		}, func(f front) {
			in := &awswaf.AssociateWebACLInput{ResourceArn: &f.loadBalancer, WebACLArn: aws.String(f.webACL("wall") + "0")}
			for range 2 { // what the call itself wants does not exist
				_, err := f.waf.AssociateWebACL(f.t.Context(), in)
				wantError(f.t, err, "WAFNonexistentItemException")
			}
		}, webACLs, 1, 0},
		{"when the web ACL is deleted, there is none", func(f front) Fault {
			return Fault{Resource: f.webACL("wall"), Effect: EffectDelete}
		}, func(f front) {
			_, err := f.waf.ListResourcesForWebACL(f.t.Context(), &awswaf.ListResourcesForWebACLInput{WebACLArn: aws.String(f.webACL("wall"))})
			wantError(f.t, err, "WAFNonexistentItemException")
		}, webACLs, 1, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := startFront(t)
			if got := test.count(f); got != test.before {
				t.Errorf("before there are %d, want %d", got, test.before)
			}
			injected := f.inject(test.fault(f))[0]
			test.trip(f)
			if got := test.count(f); got != test.after {
				t.Errorf("after it there are %d, want %d", got, test.after)
			}
			if injected.Struck() != 1 {
				t.Errorf("it has struck %d times", injected.Struck())
			}
		})
	}
}

func TestACertificateRunsOutBetweenALookAndItsUse(t *testing.T) {
	f := startFront(t)
	arn := f.certificate("blog")
	f.inject(Fault{Resource: arn, Service: "acm", Effect: EffectChange, Nth: 2, Change: map[string]string{"Status": "EXPIRED"}})
	for _, want := range []string{"ISSUED", "EXPIRED"} {
		got := must(f.acm.DescribeCertificate(t.Context(), &awsacm.DescribeCertificateInput{CertificateArn: &arn}))(t).Certificate.Status
		if string(got) != want {
			t.Errorf("the certificate is %s, want %s", got, want)
		}
	}
	_, err := f.elb.AddListenerCertificates(t.Context(), &awselb.AddListenerCertificatesInput{ListenerArn: &f.listener, Certificates: []elbtypes.Certificate{{CertificateArn: &arn}}})
	wantError(t, err, "UnsupportedCertificate")
}
