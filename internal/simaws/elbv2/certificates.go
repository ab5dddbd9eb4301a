package elbv2

import (
	"slices"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// ListedCertificate is in a listener's certificate list.
type ListedCertificate struct {
	ARN    string
	Number int // in the order in which they were added
}

// wireCertificate says whether it is the default one where listener certificates are described, and leaves that out
// where listeners are (Elastic Load Balancing API Reference, Certificate).
type wireCertificate struct {
	ARN       string `xml:"CertificateArn"`
	IsDefault *bool  `xml:"IsDefault"`
}

func certificateOf(arn string, isDefault bool) wireCertificate {
	return wireCertificate{arn, &isDefault}
}

type certificatesResult struct {
	Certificates []wireCertificate `xml:"Certificates>member"`
	NextMarker   string            `xml:"NextMarker,omitempty"`
}

// checkCertificate looks a certificate of a listener up in ACM; "" is none. One that is not issued is refused with a
// code that the API Reference does not list, and with what it lacks in the text (hashicorp/terraform-provider-aws,
// issue 41789, of one that is pending validation; that the others fare the same is assumed).
func (s *Service) checkCertificate(r *sim.Request, arn string) error {
	if arn == "" {
		return nil
	}
	status, ok := "", false
	if s.world.Certificates != nil {
		status, ok = s.world.Certificates.CertificateStatus(r.Caller.AccountID, r.Region, arn)
	}
	switch {
	case !ok:
		return sim.Errorf("CertificateNotFound", "Certificate '%s' not found", arn)
	case status != "ISSUED":
		return sim.Errorf("UnsupportedCertificate", "The certificate '%s' must have a fully-qualified domain name, a supported signature, and a supported key size.", arn)
	}
	return nil
}

// CertificateUsers implements sim.LoadBalancers.
func (s *Service) CertificateUsers(arn string) []string {
	var users []string
	for _, l := range s.state.Listeners {
		if l.CertificateARN == arn || l.lists(arn) {
			users = append(users, l.LoadBalancerARN)
		}
	}
	slices.Sort(users)
	return slices.Compact(users)
}

// lists reports whether a certificate is in the listener's certificate list.
func (l *Listener) lists(arn string) bool {
	return slices.ContainsFunc(l.Certificates, func(c ListedCertificate) bool { return c.ARN == arn })
}

// secureListener finds the listener of a request about certificates, and the one certificate that it names ("You can
// specify one certificate per call": Elastic Load Balancing API Reference, AddListenerCertificates).
func (s *Service) secureListener(r *sim.Request, f query.Form) (*Listener, string, error) {
	l, err := s.listener(r, f.String("ListenerArn"))
	if err != nil {
		return nil, "", err
	}
	certificates := f.Structs("Certificates")
	switch {
	case l.CertificateARN == "":
		return nil, "", sim.Errorf("ValidationError", "Certificates cannot be specified for %s listeners", l.Protocol)
	case len(certificates) != 1:
		return nil, "", sim.Errorf("ValidationError", "You must specify one certificate, not %d", len(certificates))
	case certificates[0].Has("IsDefault"):
		return nil, "", sim.Errorf("ValidationError", "You cannot specify whether a certificate is the default certificate")
	}
	return l, certificates[0].String("CertificateArn"), nil
}

// addListenerCertificates adds to the certificate list, once, what may be the default certificate too.
func (s *Service) addListenerCertificates(r *sim.Request, f query.Form) (any, error) {
	l, arn, err := s.secureListener(r, f)
	if err != nil {
		return nil, err
	}
	if err := s.checkCertificate(r, arn); err != nil {
		return nil, err
	}
	if !l.lists(arn) {
		listed := 0
		for _, other := range s.listenersOf(r, l.LoadBalancerARN) {
			listed += len(other.Certificates)
		}
		if limit := s.certificatesPerLoadBalancer(r, s.state.LoadBalancers[l.LoadBalancerARN].Type); listed >= limit {
			return nil, sim.Errorf("TooManyCertificates", "The maximum number of certificates has been reached on load balancer '%s': %d", l.LoadBalancerARN, limit)
		}
		s.state.Made++
		l.Certificates = append(l.Certificates, ListedCertificate{arn, s.state.Made})
	}
	var result certificatesResult
	for _, c := range l.Certificates {
		result.Certificates = append(result.Certificates, certificateOf(c.ARN, false))
	}
	return result, nil
}

// removeListenerCertificates takes from the certificate list; the default certificate can only be replaced (User Guide
// for Application Load Balancers, "Remove certificates from the certificate list"). RemoveListenerCertificates has no
// error for a certificate that is not in the list.
func (s *Service) removeListenerCertificates(r *sim.Request, f query.Form) (any, error) {
	l, arn, err := s.secureListener(r, f)
	if err != nil {
		return nil, err
	}
	if arn == l.CertificateARN && !l.lists(arn) {
		return nil, sim.Errorf("OperationNotPermitted", "The default certificate '%s' cannot be removed", arn)
	}
	l.Certificates = slices.DeleteFunc(l.Certificates, func(c ListedCertificate) bool { return c.ARN == arn })
	return struct{}{}, nil
}

// describeListenerCertificates tells of the default certificate and then of the list, in which the default one may be
// again (Elastic Load Balancing API Reference, DescribeListenerCertificates).
func (s *Service) describeListenerCertificates(r *sim.Request, f query.Form) (any, error) {
	l, err := s.listener(r, f.String("ListenerArn"))
	if err != nil {
		return nil, err
	}
	var all []ListedCertificate
	if l.CertificateARN != "" {
		all = append(all, ListedCertificate{ARN: l.CertificateARN})
	}
	all = append(all, l.Certificates...)
	size, err := pageSizes.Size(f, "PageSize")
	if err != nil {
		return nil, err
	}
	found, next, err := query.Page(r, all, func(c ListedCertificate) int { return c.Number }, size, f.String("Marker"))
	if err != nil {
		return nil, err
	}
	result := certificatesResult{NextMarker: next}
	for _, c := range found {
		result.Certificates = append(result.Certificates, certificateOf(c.ARN, c.Number == 0))
	}
	return result, nil
}
