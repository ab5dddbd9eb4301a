package acm

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/linkwright/linkwright/internal/simaws/awsjson"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// certificateRequest is what RequestCertificate takes.
type certificateRequest struct {
	DomainName              string
	SubjectAlternativeNames []string
	ValidationMethod        string
	IdempotencyToken        string
	KeyAlgorithm            string
	CertificateAuthorityArn string
	Options                 struct{ CertificateTransparencyLoggingPreference string }
	Tags                    []tag
}

var (
	// domainName is a fully qualified domain name, perhaps with a wildcard as its first label, and idempotencyToken
	// what the caller may tell repetitions by (AWS Certificate Manager API Reference, RequestCertificate).
	domainName       = regexp.MustCompile(`^(\*\.)?(([A-Za-z0-9-]{0,62}[A-Za-z0-9])\.)+([A-Za-z0-9-]{1,62}[A-Za-z0-9])$`)
	idempotencyToken = regexp.MustCompile(`^\w{1,32}$`)
)

// maxDomainName is in characters.
const maxDomainName = 253

// requestCertificate makes a certificate that waits for validation. The same token within an hour asks for the same
// certificate (AWS Certificate Manager API Reference, RequestCertificate).
func (s *Service) requestCertificate(r *sim.Request) (any, error) {
	var req certificateRequest
	if err := awsjson.Decode(r, &req); err != nil {
		return nil, err
	}
	names := []string{strings.ToLower(req.DomainName)}
	for _, name := range req.SubjectAlternativeNames {
		if name = strings.ToLower(name); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	tags, err := withTags(nil, req.Tags)
	if err != nil {
		return nil, err
	}
	if err := s.checkRequest(r, req, names); err != nil {
		return nil, err
	}
	mine := s.all(r)
	now := s.world.Clock.Now()
	for _, c := range mine {
		if req.IdempotencyToken != "" && c.Token == req.IdempotencyToken && now.Before(c.Created.Add(s.world.Clock.Scaled(time.Hour))) {
			return struct{ CertificateArn string }{c.ARN}, nil
		}
	}
	if limit := s.quota(r, sim.QuotaCertificates); len(mine) >= limit {
		return nil, sim.Errorf("LimitExceededException", "Error: you have reached your limit of %d certificates.", limit)
	}
	id := r.Hex(32)
	s.state.Made++
	c := &Certificate{
		ARN:       arnPrefix(r) + fmt.Sprintf("%s-%s-%s-%s-%s", id[:8], id[8:12], id[12:16], id[16:20], id[20:]),
		AccountID: r.Caller.AccountID, Region: r.Region, Number: s.state.Made, Names: names, Status: pending,
		Method: cmp.Or(req.ValidationMethod, "EMAIL"), Key: cmp.Or(req.KeyAlgorithm, "RSA_2048"), Token: req.IdempotencyToken,
		Logging: cmp.Or(req.Options.CertificateTransparencyLoggingPreference, "ENABLED"), Tags: tags, Created: now,
	}
	s.state.Certificates[c.ARN] = c
	return struct{ CertificateArn string }{c.ARN}, nil
}

func (s *Service) checkRequest(r *sim.Request, req certificateRequest, names []string) error {
	for _, name := range names {
		if !domainName.MatchString(name) || len(name) > maxDomainName {
			return sim.Errorf("ValidationException", "1 validation error detected: Value '%s' at 'domainName' failed to satisfy constraint: Member must satisfy regular expression pattern: %s", name, domainName)
		}
	}
	switch {
	case req.IdempotencyToken != "" && !idempotencyToken.MatchString(req.IdempotencyToken):
		return sim.Errorf("ValidationException", "1 validation error detected: Value '%s' at 'idempotencyToken' failed to satisfy constraint: Member must satisfy regular expression pattern: \\w+", req.IdempotencyToken)
	case req.CertificateAuthorityArn != "":
		return sim.Errorf("InvalidParameterException", "Private certificate authorities are not simulated.")
	case !slices.Contains([]string{"", "DNS", "EMAIL"}, req.ValidationMethod):
		return sim.Errorf("InvalidParameterException", "The validation method %s is not simulated; DNS and EMAIL are.", req.ValidationMethod)
	case !slices.Contains([]string{"", "RSA_2048", "EC_prime256v1", "EC_secp384r1"}, req.KeyAlgorithm):
		return sim.Errorf("InvalidParameterException", "The key algorithm %s is not supported for public certificates.", req.KeyAlgorithm)
	}
	if limit := s.quota(r, sim.QuotaNamesPerCertificate); len(names) > limit {
		return sim.Errorf("LimitExceededException", "The maximum number of domain names per certificate has been reached: %d", limit)
	}
	return nil
}

// deleteCertificate takes a certificate away that no load balancer uses.
func (s *Service) deleteCertificate(r *sim.Request) (any, error) {
	c, err := s.named(r)
	if err != nil {
		return nil, err
	}
	if len(s.inUseBy(c)) > 0 {
		return nil, sim.Errorf("ResourceInUseException", "Certificate %s in account %s is in use.", c.ARN, c.AccountID)
	}
	delete(s.state.Certificates, c.ARN)
	return struct{}{}, nil
}

// named finds the certificate that a request names.
func (s *Service) named(r *sim.Request) (*Certificate, error) {
	var req struct{ CertificateArn string }
	if err := awsjson.Decode(r, &req); err != nil {
		return nil, err
	}
	return s.find(r, req.CertificateArn)
}
