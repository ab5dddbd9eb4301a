package aws

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// FindCertificate implements [activities.Ingress].
func (i *Ingress) FindCertificate(ctx context.Context, req activities.RouteRequest) (activities.Certificate, error) {
	s, err := i.config.at(ctx, req.Place)
	if err != nil {
		return activities.Certificate{}, err
	}
	return s.routeCertificate(ctx, req)
}

// routeCertificate finds the certificate of a route, and whether its listener has it. An audit stays with the one that
// was found before.
func (s *site) routeCertificate(ctx context.Context, req activities.RouteRequest) (activities.Certificate, error) {
	there, err := s.listenerCertificates(ctx, req.Listener)
	if err != nil {
		return activities.Certificate{}, s.failed(err)
	}
	if s.seen != nil && req.Certificate != "" {
		return activities.Certificate{ARN: req.Certificate, OnListener: lists(there, req.Certificate)}, nil
	}
	var found string
	if req.Want.Certificate != "" {
		found, err = s.namedCertificate(ctx, req.Want.Certificate, req.Want.Hosts)
	} else {
		found, err = s.searchCertificate(ctx, req.Want.Hosts, there)
	}
	if err != nil {
		return activities.Certificate{}, s.failed(err)
	}
	return activities.Certificate{ARN: found, OnListener: lists(there, found)}, nil
}

// namedCertificate makes sure that the certificate that a spec names can be used.
func (s *site) namedCertificate(ctx context.Context, arn string, hosts []string) (string, error) {
	c, err := s.certificate(ctx, arn)
	if err != nil {
		return "", err
	}
	missing := func(message, remedy string) error {
		return s.blocked(link.Problem{Reason: link.ReasonCertificateMissing, Message: message, Remedy: remedy}, nil)
	}
	switch {
	case c.arn == "":
		return "", missing("certificate "+arn+", which the spec names, does not exist in this account and region",
			"name a certificate of AWS Certificate Manager in the load balancer's account and region, or none so that one is searched for")
	case c.status == acmtypes.CertificateStatusPendingValidation:
		return "", missing("certificate "+arn+" is not issued yet: its domains are to be validated",
			"add the records that AWS Certificate Manager asks for (aws acm describe-certificate)")
	case c.status != acmtypes.CertificateStatusIssued:
		return "", missing(fmt.Sprintf("certificate %s is %s", arn, c.status), "name a certificate that is issued, or none so that one is searched for")
	case !c.covers(hosts):
		return "", missing(fmt.Sprintf("certificate %s is for %s, which does not cover %s",
			arn, strings.Join(c.names, ", "), strings.Join(uncovered(c.names, hosts), ", ")),
			"name a certificate that covers all hosts of the route, or none so that one is searched for")
	}
	return c.arn, nil
}

// searchCertificate finds an issued certificate that covers the hosts, one at the listener first; blocked when there is
// none.
func (s *site) searchCertificate(ctx context.Context, hosts []string, there []listed) (string, error) {
	all, err := s.issuedCertificates(ctx)
	if err != nil {
		return "", err
	}
	var fit []certificate
	for _, c := range all {
		if c.covers(hosts) {
			fit = append(fit, c)
		}
	}
	if len(fit) == 0 {
		fit, err = s.furtherNames(ctx, all, hosts)
	}
	if err != nil {
		return "", err
	}
	if len(fit) == 0 {
		return "", s.blocked(link.Problem{
			Reason:  link.ReasonCertificateMissing,
			Message: "no issued certificate of this account and region covers " + strings.Join(hosts, ", "),
			Remedy:  "request one in AWS Certificate Manager that covers all hosts of the route, and validate its domains",
		}, nil)
	}
	return bestCertificate(fit, there), nil
}

// furtherNames looks for certificates that cover the hosts among those with more names than a list shows.
func (s *site) furtherNames(ctx context.Context, all []certificate, hosts []string) ([]certificate, error) {
	var fit []certificate
	for _, c := range all {
		if c.complete {
			continue
		}
		full, err := s.certificate(ctx, c.arn)
		if err != nil {
			return nil, err
		}
		if full.covers(hosts) {
			fit = append(fit, full)
		}
	}
	return fit, nil
}

// bestCertificate is one at the listener, or else the one that is valid longest.
func bestCertificate(fit []certificate, there []listed) string {
	rank := func(c certificate) int {
		if lists(there, c.arn) {
			return 0
		}
		return 1
	}
	return slices.MinFunc(fit, func(a, b certificate) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), b.until.Compare(a.until), cmp.Compare(a.arn, b.arn))
	}).arn
}

// certificate is what is known of a certificate of Certificate Manager; its ARN is empty when there is none.
type certificate struct {
	arn      string
	names    []string
	complete bool // false when there are more names
	status   acmtypes.CertificateStatus
	until    time.Time
}

func (c certificate) covers(hosts []string) bool { return len(uncovered(c.names, hosts)) == 0 }

// uncovered are the hosts that none of a certificate's names covers.
func uncovered(names, hosts []string) []string {
	return slices.DeleteFunc(slices.Clone(hosts), func(host string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return link.Covers(name, host) })
	})
}

// certificate looks one certificate up. A server certificate of IAM, which a listener may have too, has no names here.
func (s *site) certificate(ctx context.Context, arn string) (certificate, error) {
	if !strings.Contains(arn, ":acm:") {
		return certificate{}, nil
	}
	out, err := s.ACM.DescribeCertificate(ctx, &acm.DescribeCertificateInput{CertificateArn: sdk.String(arn)})
	if hasCode(err, "ResourceNotFoundException") {
		return certificate{}, nil
	}
	if err != nil {
		return certificate{}, err
	}
	c := out.Certificate
	if c == nil {
		return certificate{}, fmt.Errorf("AWS does not describe certificate %s", arn)
	}
	return certificate{
		arn: arn, status: c.Status, complete: true, until: sdk.ToTime(c.NotAfter),
		names: unique(append(slices.Clone(c.SubjectAlternativeNames), sdk.ToString(c.DomainName))),
	}, nil
}

// usableKeys are the algorithms of the keys that load balancers take (User Guide for Application Load Balancers, "SSL
// certificates for your Application Load Balancer"). Certificate Manager lists no others than RSA of up to 2048 bits
// unless it is asked to.
var usableKeys = []acmtypes.KeyAlgorithm{
	acmtypes.KeyAlgorithmRsa2048, acmtypes.KeyAlgorithmRsa3072, acmtypes.KeyAlgorithmRsa4096,
	acmtypes.KeyAlgorithmEcPrime256v1, acmtypes.KeyAlgorithmEcSecp384r1, acmtypes.KeyAlgorithmEcSecp521r1,
}

// listedAtOnce is how many certificates come on one page at most (AWS Certificate Manager API Reference,
// ListCertificates).
const listedAtOnce = 1000

// issuedCertificates lists the certificates that a load balancer can use.
func (s *site) issuedCertificates(ctx context.Context) ([]certificate, error) {
	var all []certificate
	pages := acm.NewListCertificatesPaginator(s.ACM, &acm.ListCertificatesInput{
		CertificateStatuses: []acmtypes.CertificateStatus{acmtypes.CertificateStatusIssued},
		Includes:            &acmtypes.Filters{KeyTypes: usableKeys},
		MaxItems:            sdk.Int32(listedAtOnce),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, c := range page.CertificateSummaryList {
			all = append(all, certificate{
				arn: sdk.ToString(c.CertificateArn), status: c.Status, until: sdk.ToTime(c.NotAfter),
				complete: !sdk.ToBool(c.HasAdditionalSubjectAlternativeNames),
				names:    unique(append(slices.Clone(c.SubjectAlternativeNameSummaries), sdk.ToString(c.DomainName))),
			})
		}
	}
	return all, nil
}

// listed is a certificate that a listener has.
type listed struct {
	arn       string
	isDefault bool
}

// listenerCertificates are those of a listener, the default one among them.
func (s *site) listenerCertificates(ctx context.Context, listener string) ([]listed, error) {
	return read(s, "certificates of "+listener, func() ([]listed, error) {
		var all []listed
		pages := elasticloadbalancingv2.NewDescribeListenerCertificatesPaginator(s.ELB,
			&elasticloadbalancingv2.DescribeListenerCertificatesInput{ListenerArn: sdk.String(listener)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			for _, c := range page.Certificates {
				all = append(all, listed{arn: sdk.ToString(c.CertificateArn), isDefault: sdk.ToBool(c.IsDefault)})
			}
		}
		return all, nil
	})
}

func lists(all []listed, arn string) bool {
	return slices.ContainsFunc(all, func(c listed) bool { return c.arn == arn })
}

// addCertificate puts a certificate on a listener, unless it is there.
func (s *site) addCertificate(ctx context.Context, listener, arn string) (bool, error) {
	there, err := s.listenerCertificates(ctx, listener)
	if err != nil || lists(there, arn) {
		return false, err
	}
	_, err = s.ELB.AddListenerCertificates(ctx, &elasticloadbalancingv2.AddListenerCertificatesInput{
		ListenerArn: sdk.String(listener), Certificates: []elbtypes.Certificate{{CertificateArn: sdk.String(arn)}},
	})
	return err == nil, err
}

// removeCertificate takes a certificate off a listener, unless it is the default one or one of the rules there, without
// those of the flow itself, is for a host that it covers.
func (s *site) removeCertificate(ctx context.Context, listener, arn string, rules []elbtypes.Rule) error {
	there, err := s.listenerCertificates(ctx, listener)
	if err != nil || slices.Contains(there, listed{arn: arn, isDefault: true}) {
		return err
	}
	// One that is not listed is taken off all the same: the list may lag behind, and nobody would ask again.
	c, err := s.certificate(ctx, arn)
	if err != nil {
		return err
	}
	for _, r := range rules {
		for _, host := range matchOf(r).hosts {
			if c.serves(host) {
				return nil
			}
		}
	}
	_, err = s.ELB.RemoveListenerCertificates(ctx, &elasticloadbalancingv2.RemoveListenerCertificatesInput{
		ListenerArn: sdk.String(listener), Certificates: []elbtypes.Certificate{{CertificateArn: sdk.String(arn)}},
	})
	return err
}

// serves reports whether a request for a host that a rule's pattern takes may be served with a certificate: one covers
// the other, or the other way round.
func (c certificate) serves(pattern string) bool {
	return slices.ContainsFunc(c.names, func(name string) bool {
		return link.Covers(name, pattern) || contains(pattern, name)
	})
}
