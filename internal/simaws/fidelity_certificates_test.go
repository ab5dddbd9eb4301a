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
	awsacm "github.com/aws/aws-sdk-go-v2/service/acm"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	awselb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	awsroute53 "github.com/aws/aws-sdk-go-v2/service/route53"
	r53types "github.com/aws/aws-sdk-go-v2/service/route53/types"
)

const (
	addCertificates    = "Elastic Load Balancing API Reference, AddListenerCertificates"
	removeCertificates = "Elastic Load Balancing API Reference, RemoveListenerCertificates"
	requestCertificate = "AWS Certificate Manager API Reference, RequestCertificate"
	quotasOfACM        = `AWS Certificate Manager User Guide, "Quotas"`
)

// adding adds certificates, by name or ARN, to the certificate list of the listener.
func adding(names ...string) func(context.Context, testCloud, aws.Config) error {
	return ofFront(func(ctx context.Context, f front, client *awselb.Client) error {
		in := &awselb.AddListenerCertificatesInput{ListenerArn: &f.listener}
		for _, name := range names {
			if !strings.HasPrefix(name, "arn:") {
				name = f.certificate(name)
			}
			in.Certificates = append(in.Certificates, types.Certificate{CertificateArn: aws.String(name)})
		}
		_, err := client.AddListenerCertificates(ctx, in)
		return err
	})
}

func TestFidelityWhatCertificatesOfListenersRefuse(t *testing.T) {
	const none = "arn:aws:acm:us-east-1:222222222222:certificate/01234567-89ab-cdef-0123-456789abcdef"
	for _, fact := range []refusal{
		{"when a certificate is missing, it is CertificateNotFound", addCertificates, func(ctx context.Context, tc testCloud, c aws.Config) error {
			err := adding(none)(ctx, tc, c)
			var typed *types.CertificateNotFoundException
			if !errors.As(err, &typed) {
				return fmt.Errorf("the SDK has no type for %w", err)
			}
			return err
		}, 400, "CertificateNotFound", none},
		{"when a certificate is not issued yet, it is UnsupportedCertificate", "hashicorp/terraform-provider-aws, issue 41789", adding("awaited"), 400, "UnsupportedCertificate", "fully-qualified domain name"},
		{"when two certificates are added at once, it is refused", addCertificates, adding("shop", "blog"), 400, "ValidationError", "one certificate"},
		{"when the listener has 26 certificates, it is TooManyCertificates", quotasOfALBs, ofFront(func(ctx context.Context, f front, client *awselb.Client) error {
			for i := range 25 { // with the one that is there
				in := &awsacm.RequestCertificateInput{DomainName: aws.String(fmt.Sprintf("n%d.example.com", i))}
				arn := must(f.acm.RequestCertificate(ctx, in))(f.t).CertificateArn
				if err := f.testCloud.acm.SetStatus(*arn, "ISSUED"); err != nil {
					return err
				}
				if _, err := client.AddListenerCertificates(ctx, &awselb.AddListenerCertificatesInput{ListenerArn: &f.listener, Certificates: []types.Certificate{{CertificateArn: arn}}}); err != nil {
					return err
				}
			}
			return errors.New("all were taken")
		}), 400, "TooManyCertificates", "25"},
		{"when the default certificate is removed, it is OperationNotPermitted", removeCertificates, ofFront(func(ctx context.Context, f front, client *awselb.Client) error {
			_, err := client.RemoveListenerCertificates(ctx, &awselb.RemoveListenerCertificatesInput{ListenerArn: &f.listener, Certificates: []types.Certificate{{CertificateArn: aws.String(f.certificate("web"))}}})
			return err
		}), 400, "OperationNotPermitted", ""},
		{"when the listener is missing, it is ListenerNotFound", "Elastic Load Balancing API Reference, DescribeListenerCertificates", ofFront(func(ctx context.Context, f front, client *awselb.Client) error {
			_, err := client.DescribeListenerCertificates(ctx, &awselb.DescribeListenerCertificatesInput{ListenerArn: aws.String(f.listener + "0")})
			return err
		}), 400, "ListenerNotFound", ""},
		{"when HTTPS has no certificate, it is refused", "pulumi/pulumi-awsx, issue 1242", ofFront(func(ctx context.Context, f front, client *awselb.Client) error {
			_, err := client.CreateListener(ctx, &awselb.CreateListenerInput{LoadBalancerArn: &f.loadBalancer, Port: aws.Int32(8443), Protocol: "HTTPS", DefaultActions: []types.Action{answering("404")}})
			return err
		}), 400, "ValidationError", "A certificate must be specified for HTTPS listeners"},
	} {
		fact.check(t, consumer, inQuery, withFront)
	}
}

// The default certificate is described with the list, marked as such; what is in the list already is not added again
// (AddListenerCertificates, DescribeListenerCertificates). A listener itself shows the default one, without a mark.
func TestFidelityCertificatesOfListeners(t *testing.T) {
	f := startFront(t)
	for range 2 {
		must(f.elb.AddListenerCertificates(t.Context(), &awselb.AddListenerCertificatesInput{ListenerArn: &f.listener, Certificates: []types.Certificate{{CertificateArn: aws.String(f.certificate("blog"))}}}))(t)
	}
	list := func() string {
		var names []string
		pages := awselb.NewDescribeListenerCertificatesPaginator(f.elb, &awselb.DescribeListenerCertificatesInput{ListenerArn: &f.listener, PageSize: aws.Int32(1)})
		for pages.HasMorePages() {
			for _, c := range must(pages.NextPage(t.Context()))(t).Certificates {
				for _, name := range []string{"web", "shop", "blog"} {
					if f.certificate(name) == *c.CertificateArn {
						names = append(names, fmt.Sprintf("%s %t", name, *c.IsDefault))
					}
				}
			}
		}
		return strings.Join(names, ", ")
	}
	if got := list(); got != "web true, shop false, blog false" {
		t.Errorf("the certificates are %s", got)
	}
	must(f.elb.RemoveListenerCertificates(t.Context(), &awselb.RemoveListenerCertificatesInput{ListenerArn: &f.listener, Certificates: []types.Certificate{{CertificateArn: aws.String(f.certificate("shop"))}}}))(t)
	if got := list(); got != "web true, blog false" {
		t.Errorf("after the removal the certificates are %s", got)
	}
	must(f.elb.DescribeListeners(t.Context(), &awselb.DescribeListenersInput{ListenerArns: []string{f.listener}}))(t)
	f.wire.has(t, "<Certificates><member><CertificateArn>"+f.certificate("web")+"</CertificateArn></member></Certificates>")
}

// requesting asks for a certificate after a change of a good request.
func requesting(change func(*awsacm.RequestCertificateInput)) func(context.Context, testCloud, aws.Config) error {
	return func(ctx context.Context, _ testCloud, config aws.Config) error {
		in := &awsacm.RequestCertificateInput{DomainName: aws.String("x.example.com"), ValidationMethod: acmtypes.ValidationMethodDns}
		change(in)
		_, err := awsacm.NewFromConfig(config).RequestCertificate(ctx, in)
		return err
	}
}

func TestFidelityWhatCertificateManagerRefuses(t *testing.T) {
	const none = "arn:aws:acm:us-east-1:222222222222:certificate/01234567-89ab-cdef-0123-456789abcdef"
	for _, fact := range []refusal{
		{"when a certificate is missing, it is ResourceNotFoundException", "AWS Certificate Manager API Reference, DescribeCertificate", func(ctx context.Context, _ testCloud, c aws.Config) error {
			_, err := awsacm.NewFromConfig(c).DescribeCertificate(ctx, &awsacm.DescribeCertificateInput{CertificateArn: aws.String(none)})
			var typed *acmtypes.ResourceNotFoundException
			if !errors.As(err, &typed) {
				return fmt.Errorf("the SDK has no type for %w", err)
			}
			return err
		}, 400, "ResourceNotFoundException", none},
		{"when a load balancer has the certificate, it is ResourceInUseException", "AWS Certificate Manager API Reference, DeleteCertificate", func(ctx context.Context, tc testCloud, c aws.Config) error {
			_, err := awsacm.NewFromConfig(c).DeleteCertificate(ctx, &awsacm.DeleteCertificateInput{CertificateArn: aws.String(frontOf(tc).certificate("shop"))})
			return err
		}, 400, "ResourceInUseException", "in use"},
		{"when an ARN is none, it is InvalidArnException", "AWS Certificate Manager API Reference, DescribeCertificate", func(ctx context.Context, _ testCloud, c aws.Config) error {
			_, err := awsacm.NewFromConfig(c).DescribeCertificate(ctx, &awsacm.DescribeCertificateInput{CertificateArn: aws.String("certificate of example.com")})
			return err
		}, 400, "InvalidArnException", ""},
		{"when a domain has a wildcard inside, it is refused", requestCertificate, requesting(func(in *awsacm.RequestCertificateInput) { in.DomainName = aws.String("a.*.example.com") }), 400, "ValidationException", "a.*.example.com"},
		{"when there are eleven names, it is LimitExceededException", quotasOfACM, requesting(func(in *awsacm.RequestCertificateInput) {
			for i := range 10 {
				in.SubjectAlternativeNames = append(in.SubjectAlternativeNames, fmt.Sprintf("n%d.example.com", i))
			}
		}), 400, "LimitExceededException", "10"},
		{"when only the order of a sort is given, it is refused", "AWS Certificate Manager API Reference, ListCertificates", func(ctx context.Context, _ testCloud, c aws.Config) error {
			_, err := awsacm.NewFromConfig(c).ListCertificates(ctx, &awsacm.ListCertificatesInput{SortOrder: acmtypes.SortOrderDescending})
			return err
		}, 400, "InvalidArgsException", ""},
	} {
		fact.check(t, consumer, inJSON, withFront)
	}
	hurried := refusal{"when certificates are listed twice in a second, it is ThrottlingException", quotasOfACM, func(ctx context.Context, _ testCloud, c aws.Config) error {
		client := awsacm.NewFromConfig(c)
		for range 2 {
			if _, err := client.ListCertificates(ctx, &awsacm.ListCertificatesInput{}); err != nil {
				return err
			}
		}
		return nil
	}, 400, "ThrottlingException", ""}
	hurried.check(t, stranger, inJSON, func(c *Config) { c.World.RequestBuckets.Enabled = true })
}

// Lists have the RSA certificates that they are asked for by status, with all names, in pages (ListCertificates,
// CertificateSummary); a certificate says which load balancers have it (CertificateDetail).
func TestFidelityCertificates(t *testing.T) {
	f := startFront(t)
	list := func(in awsacm.ListCertificatesInput) string {
		var names []string
		pages := awsacm.NewListCertificatesPaginator(f.acm, &in)
		for pages.HasMorePages() {
			for _, c := range must(pages.NextPage(t.Context()))(t).CertificateSummaryList {
				names = append(names, *c.DomainName)
			}
		}
		return strings.Join(names, " ")
	}
	if got := list(awsacm.ListCertificatesInput{MaxItems: aws.Int32(2), CertificateStatuses: []acmtypes.CertificateStatus{"ISSUED", "EXPIRED"}}); got != "example.com shop.example.com blog.example.com old.example.com" {
		t.Errorf("the certificates are %s", got)
	}
	if got := list(awsacm.ListCertificatesInput{Includes: &acmtypes.Filters{KeyTypes: []acmtypes.KeyAlgorithm{"EC_prime256v1"}}}); got != "" {
		t.Errorf("certificates with another key are %s", got)
	}
	answer := f.send(consumer, "acm", http.MethodPost, "/", `{"CertificateStatuses":["ISSUED"],"MaxItems":1}`, http.Header{"Content-Type": {"application/x-amz-json-1.1"}, "X-Amz-Target": {"CertificateManager.ListCertificates"}})
	answer.has(t, `"SubjectAlternativeNameSummaries":["example.com","*.example.com"]`, `"HasAdditionalSubjectAlternativeNames":false`, `"InUse":true`, `"Status":"ISSUED"`, `"NextToken":"`)
	for name, want := range map[string]int{"web": 1, "shop": 1, "blog": 0} {
		c := must(f.acm.DescribeCertificate(t.Context(), &awsacm.DescribeCertificateInput{CertificateArn: aws.String(f.certificate(name))}))(t).Certificate
		if len(c.InUseBy) != want || want == 1 && c.InUseBy[0] != f.loadBalancer || c.NotAfter.Sub(*c.NotBefore) <= 0 {
			t.Errorf("%s is %+v", name, c)
		}
	}
	must(f.acm.AddTagsToCertificate(t.Context(), &awsacm.AddTagsToCertificateInput{CertificateArn: aws.String(f.certificate("web")), Tags: []acmtypes.Tag{{Key: aws.String("a"), Value: aws.String("b")}}}))(t)
	again := frontOf(startCloud(t, withFront, func(c *Config) { c.Snapshot = must(f.Snapshot())(t) }))
	if tags := must(again.acm.ListTagsForCertificate(t.Context(), &awsacm.ListTagsForCertificateInput{CertificateArn: aws.String(f.certificate("web"))}))(t).Tags; len(tags) != 2 || *tags[1].Value != "b" {
		t.Errorf("after a restart the tags are %+v", tags)
	}
}

// A certificate is pending until the public DNS has the record of each name, a wildcard's being that of its domain, and
// no longer than 72 hours (AWS Certificate Manager User Guide, "DNS validation"). A token within an hour asks again for
// the same one (RequestCertificate).
func TestFidelityValidationOfCertificates(t *testing.T) {
	tc := startCloud(t)
	client := awsacm.NewFromConfig(tc.config(provider))
	in := &awsacm.RequestCertificateInput{
		DomainName: aws.String("shop.example.com"), SubjectAlternativeNames: []string{"*.shop.example.com"}, ValidationMethod: acmtypes.ValidationMethodDns, IdempotencyToken: aws.String("once"),
	}
	arn := must(client.RequestCertificate(t.Context(), in))(t).CertificateArn
	if again := must(client.RequestCertificate(t.Context(), in))(t).CertificateArn; *again != *arn {
		t.Errorf("the same request made %s and %s", *arn, *again)
	}
	in.IdempotencyToken = aws.String("twice")
	other := must(client.RequestCertificate(t.Context(), in))(t).CertificateArn
	described := func(arn *string) *acmtypes.CertificateDetail {
		t.Helper()
		return must(client.DescribeCertificate(t.Context(), &awsacm.DescribeCertificateInput{CertificateArn: arn}))(t).Certificate
	}
	waiting := described(arn)
	proofs := waiting.DomainValidationOptions
	if waiting.Status != "PENDING_VALIDATION" || *other == *arn || len(proofs) != 2 || *proofs[0].ResourceRecord.Name != *proofs[1].ResourceRecord.Name || proofs[0].ValidationStatus != "PENDING_VALIDATION" {
		t.Fatalf("the new certificate is %+v", waiting)
	}
	if name := *proofs[0].ResourceRecord.Name; !strings.HasPrefix(name, "_") || !strings.HasSuffix(name, ".shop.example.com.") || !strings.HasSuffix(*proofs[0].ResourceRecord.Value, ".acm-validations.aws.") {
		t.Errorf("the proof is %+v", proofs[0].ResourceRecord)
	}
	must(tc.route53Of(provider).ChangeResourceRecordSets(t.Context(), &awsroute53.ChangeResourceRecordSetsInput{
		HostedZoneId: aws.String(tc.id("provider", "hosted-zone", "example.com")), ChangeBatch: &r53types.ChangeBatch{Changes: []r53types.Change{{
			Action: r53types.ChangeActionUpsert, ResourceRecordSet: &r53types.ResourceRecordSet{
				Name: proofs[0].ResourceRecord.Name, Type: r53types.RRTypeCname, TTL: aws.Int64(60), ResourceRecords: []r53types.ResourceRecord{{Value: proofs[0].ResourceRecord.Value}},
			}}}}}))(t)
	if got := described(arn).Status; got != "PENDING_VALIDATION" {
		t.Errorf("before the record has arrived, the certificate is %s", got)
	}
	tc.advance(time.Minute)
	if got := described(arn); got.Status != "ISSUED" || got.IssuedAt == nil {
		t.Errorf("the certificate is %+v", got)
	}
	in.DomainName, in.SubjectAlternativeNames, in.IdempotencyToken = aws.String("never.example.com"), nil, nil
	never := must(client.RequestCertificate(t.Context(), in))(t).CertificateArn
	tc.advance(72 * time.Hour)
	if got := described(never).Status; got != "VALIDATION_TIMED_OUT" {
		t.Errorf("without a record, the certificate is %s", got)
	}
}
