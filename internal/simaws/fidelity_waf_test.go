package simaws

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awselb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	awswaf "github.com/aws/aws-sdk-go-v2/service/wafv2"
	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"
)

const associateWebACL = "AWS WAF API Reference, AssociateWebACL"

func aWebACL(name string) *awswaf.CreateWebACLInput {
	return &awswaf.CreateWebACLInput{
		Name: &name, Scope: types.ScopeRegional, DefaultAction: &types.DefaultAction{Allow: &types.AllowAction{}},
		VisibilityConfig: &types.VisibilityConfig{MetricName: &name},
	}
}

// protecting puts a web ACL before a resource.
func protecting(of func(front) (resource, acl string)) func(context.Context, testCloud, aws.Config) error {
	return func(ctx context.Context, tc testCloud, config aws.Config) error {
		resource, acl := of(frontOf(tc))
		_, err := awswaf.NewFromConfig(config).AssociateWebACL(ctx, &awswaf.AssociateWebACLInput{ResourceArn: &resource, WebACLArn: &acl})
		return err
	}
}

func (f front) webACL(name string) string { return f.id("consumer", "web-acl", name) }

func TestFidelityWhatWAFRefuses(t *testing.T) {
	for _, fact := range []refusal{
		{"when a web ACL is missing, it is WAFNonexistentItemException", associateWebACL, func(ctx context.Context, tc testCloud, c aws.Config) error {
			err := protecting(func(f front) (string, string) { return f.loadBalancer, f.webACL("wall") + "0" })(ctx, tc, c)
			var typed *types.WAFNonexistentItemException
			if !errors.As(err, &typed) {
				return fmt.Errorf("the SDK has no type for %w", err)
			}
			return err
		}, 400, "WAFNonexistentItemException", ""},
		{"when a load balancer is missing, it is WAFNonexistentItemException", associateWebACL, protecting(func(f front) (string, string) { return f.loadBalancer + "0", f.webACL("wall") }), 400, "WAFNonexistentItemException", ""},
		{"when a web ACL is new, it is WAFUnavailableEntityException", associateWebACL, protecting(func(f front) (string, string) {
			return f.loadBalancer, *must(f.waf.CreateWebACL(f.t.Context(), aWebACL("new")))(f.t).Summary.ARN
		}), 400, "WAFUnavailableEntityException", "Retry"},
		{"when the resource is a network load balancer, it is WAFInvalidParameterException", `AWS WAF Developer Guide, "Resources that you can protect"`,
			protecting(func(f front) (string, string) { return f.network, f.webACL("wall") }), 400, "WAFInvalidParameterException", "RESOURCE_ARN"},
		{"when the name is taken, it is WAFDuplicateItemException", "AWS WAF API Reference, CreateWebACL", func(ctx context.Context, _ testCloud, c aws.Config) error {
			_, err := awswaf.NewFromConfig(c).CreateWebACL(ctx, aWebACL("wall"))
			return err
		}, 400, "WAFDuplicateItemException", ""},
		{"when a web ACL that protects something is deleted, it is WAFAssociatedItemException", "AWS WAF API Reference, DeleteWebACL", deletingWebACL("wall", ""), 400, "WAFAssociatedItemException", ""},
		{"when a web ACL is deleted with an old token, it is WAFOptimisticLockException", "AWS WAF API Reference, DeleteWebACL", deletingWebACL("fence", "01234567-89ab-cdef-0123-456789abcdef"), 400, "WAFOptimisticLockException", ""},
	} {
		fact.check(t, consumer, inJSON, withFront)
	}
	hurried := refusal{"when two web ACLs are associated in two seconds, it is ThrottlingException", `AWS WAF Developer Guide, "AWS WAF quotas"`, func(ctx context.Context, tc testCloud, c aws.Config) error {
		both := protecting(func(f front) (string, string) { return f.loadBalancer, f.webACL("fence") })
		if err := both(ctx, tc, c); err != nil {
			return err
		}
		return both(ctx, tc, c)
	}, 400, "ThrottlingException", ""}
	hurried.check(t, consumer, inJSON, withFront, func(c *Config) { c.World.RequestBuckets.Enabled = true })
}

func deletingWebACL(name, token string) func(context.Context, testCloud, aws.Config) error {
	return func(ctx context.Context, tc testCloud, config aws.Config) error {
		f := frontOf(tc)
		in := &awswaf.DeleteWebACLInput{Scope: types.ScopeRegional, LockToken: &token}
		for _, acl := range must(f.waf.ListWebACLs(ctx, &awswaf.ListWebACLsInput{Scope: types.ScopeRegional}))(tc.t).WebACLs {
			if *acl.Name == name {
				in.Id, in.Name = acl.Id, acl.Name
				if token == "" {
					in.LockToken = acl.LockToken
				}
			}
		}
		_, err := awswaf.NewFromConfig(config).DeleteWebACL(ctx, in)
		return err
	}
}

// A load balancer has one web ACL at most, and says which; without one the answer is empty (GetWebACLForResource). A web
// ACL says what it protects (ListResourcesForWebACL), which is nothing any more when the load balancer is deleted.
func TestFidelityWebACLs(t *testing.T) {
	f := startFront(t)
	of := func() string {
		t.Helper()
		got := must(f.waf.GetWebACLForResource(t.Context(), &awswaf.GetWebACLForResourceInput{ResourceArn: &f.loadBalancer}))(t)
		if got.WebACL == nil {
			return ""
		}
		return *got.WebACL.ARN
	}
	protected := func(name string) int {
		t.Helper()
		return len(must(f.waf.ListResourcesForWebACL(t.Context(), &awswaf.ListResourcesForWebACLInput{WebACLArn: aws.String(f.webACL(name))}))(t).ResourceArns)
	}
	if got := of(); got != f.webACL("wall") || protected("wall") != 1 {
		t.Errorf("at first it has %s", got)
	}
	must(f.waf.AssociateWebACL(t.Context(), &awswaf.AssociateWebACLInput{ResourceArn: &f.loadBalancer, WebACLArn: aws.String(f.webACL("fence"))}))(t)
	if got := of(); got != f.webACL("fence") || protected("wall") != 0 {
		t.Errorf("then it has %s", got)
	}
	f = frontOf(startCloud(t, withFront, func(c *Config) { c.Snapshot = must(f.Snapshot())(t) }))
	if got := of(); got != f.webACL("fence") {
		t.Errorf("after a restart it has %s", got)
	}
	must(f.waf.DisassociateWebACL(t.Context(), &awswaf.DisassociateWebACLInput{ResourceArn: &f.loadBalancer}))(t)
	answer := f.send(consumer, "wafv2", http.MethodPost, "/", `{"ResourceArn":"`+f.loadBalancer+`"}`, http.Header{"Content-Type": {"application/x-amz-json-1.1"}, "X-Amz-Target": {"AWSWAF_20190729.GetWebACLForResource"}})
	if answer.body != "{}" {
		t.Errorf("without a web ACL the answer is %s", answer.body)
	}
	fresh := must(f.waf.CreateWebACL(t.Context(), aWebACL("fresh")))(t).Summary
	f.advance(time.Minute)
	must(f.waf.AssociateWebACL(t.Context(), &awswaf.AssociateWebACLInput{ResourceArn: &f.loadBalancer, WebACLArn: fresh.ARN}))(t)
	must(f.elb.DeleteLoadBalancer(t.Context(), &awselb.DeleteLoadBalancerInput{LoadBalancerArn: &f.loadBalancer}))(t)
	must(f.waf.DeleteWebACL(t.Context(), &awswaf.DeleteWebACLInput{Id: fresh.Id, Name: fresh.Name, Scope: types.ScopeRegional, LockToken: fresh.LockToken}))(t)
	if list := must(f.waf.ListWebACLs(t.Context(), &awswaf.ListWebACLsInput{Scope: types.ScopeRegional, Limit: aws.Int32(1)}))(t); len(list.WebACLs) != 1 || list.NextMarker == nil {
		t.Errorf("a page of web ACLs is %+v", list)
	}
}

// The tags of a web ACL come in an object of their own, as a list that is there even when it is empty, and only from a
// web ACL that there is (ListTagsForResource).
func TestFidelityTagsOfWebACLs(t *testing.T) {
	f := startFront(t)
	header := http.Header{"Content-Type": {"application/x-amz-json-1.1"}, "X-Amz-Target": {"AWSWAF_20190729.ListTagsForResource"}}
	plain := f.webACL("wall")
	answer := f.send(consumer, "wafv2", http.MethodPost, "/", `{"ResourceARN":"`+plain+`"}`, header)
	if want := `{"TagInfoForResource":{"ResourceARN":"` + plain + `","TagList":[]}}`; answer.body != want {
		t.Errorf("without tags the answer is %s, want %s", answer.body, want)
	}
	in := aWebACL("tagged")
	in.Tags = []types.Tag{{Key: aws.String("team"), Value: aws.String("edge")}}
	tagged := must(f.waf.CreateWebACL(t.Context(), in))(t).Summary.ARN
	tags := must(f.waf.ListTagsForResource(t.Context(), &awswaf.ListTagsForResourceInput{ResourceARN: tagged}))(t).TagInfoForResource.TagList
	if len(tags) != 1 || *tags[0].Key != "team" || *tags[0].Value != "edge" {
		t.Errorf("tags = %+v", tags)
	}
	gone := strings.Replace(plain, "/wall/", "/gone/", 1)
	var missing *types.WAFNonexistentItemException
	if _, err := f.waf.ListTagsForResource(t.Context(), &awswaf.ListTagsForResourceInput{ResourceARN: &gone}); !errors.As(err, &missing) {
		t.Errorf("of a web ACL that there is not: %v", err)
	}
}
