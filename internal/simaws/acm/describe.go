package acm

import (
	"cmp"
	"errors"
	"slices"

	"github.com/linkwright/linkwright/internal/simaws/awsjson"
	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// wireTimes are a certificate's moments; those that have not come are left out.
type wireTimes struct {
	CreatedAt float64
	IssuedAt  *float64 `json:",omitempty"`
	NotBefore *float64 `json:",omitempty"`
	NotAfter  *float64 `json:",omitempty"`
	RevokedAt *float64 `json:",omitempty"`
}

func (s *Service) times(c *Certificate) wireTimes {
	times := wireTimes{CreatedAt: awsjson.Epoch(c.Created)}
	if !c.Issued.IsZero() {
		from, until := awsjson.Epoch(c.Issued), awsjson.Epoch(c.Issued.Add(s.world.Clock.Scaled(validity)))
		times.IssuedAt, times.NotBefore, times.NotAfter = &from, &from, &until
	}
	if !c.RevokedAt.IsZero() {
		at := awsjson.Epoch(c.RevokedAt)
		times.RevokedAt = &at
	}
	return times
}

type wireValidation struct {
	DomainName       string
	ValidationDomain string
	ValidationStatus string
	ValidationMethod string
	ResourceRecord   *resourceRecord `json:",omitempty"`
}

type wireDetail struct {
	CertificateArn          string
	DomainName              string
	SubjectAlternativeNames []string
	DomainValidationOptions []wireValidation
	Subject                 string
	Issuer                  string
	Status                  string
	FailureReason           string `json:",omitempty"`
	Type                    string
	KeyAlgorithm            string
	InUseBy                 []string
	RenewalEligibility      string
	Options                 map[string]string
	wireTimes
}

func (s *Service) describeCertificate(r *sim.Request) (any, error) {
	c, err := s.named(r)
	if err != nil {
		return nil, err
	}
	detail := wireDetail{
		CertificateArn: c.ARN, DomainName: c.Names[0], SubjectAlternativeNames: c.Names, Subject: "CN=" + c.Names[0],
		Issuer: "Amazon", Status: c.Status, FailureReason: c.FailReason, Type: "AMAZON_ISSUED", KeyAlgorithm: c.Key,
		InUseBy: s.inUseBy(c), RenewalEligibility: s.renewal(c), wireTimes: s.times(c),
		Options: map[string]string{"CertificateTransparencyLoggingPreference": c.Logging, "Export": "DISABLED"},
	}
	for _, name := range c.Names {
		detail.DomainValidationOptions = append(detail.DomainValidationOptions, s.validation(c, name))
	}
	return struct{ Certificate wireDetail }{detail}, nil
}

func (s *Service) validation(c *Certificate, name string) wireValidation {
	w := wireValidation{DomainName: name, ValidationDomain: name, ValidationMethod: c.Method, ValidationStatus: "SUCCESS"}
	switch {
	case c.Status == pending && !s.provenName(c, name):
		w.ValidationStatus = pending
	case c.Status == timedOut, c.Status == failed:
		w.ValidationStatus = "FAILED"
	}
	if c.Method == "DNS" {
		proof := c.proof(name)
		w.ResourceRecord = &proof
	}
	return w
}

// renewal: a certificate is renewed that is in use (AWS Certificate Manager User Guide, "Managed certificate renewal").
func (s *Service) renewal(c *Certificate) string {
	if c.Status == issued && len(s.inUseBy(c)) > 0 {
		return "ELIGIBLE"
	}
	return "INELIGIBLE"
}

type wireSummary struct {
	CertificateArn                       string
	DomainName                           string
	SubjectAlternativeNameSummaries      []string
	HasAdditionalSubjectAlternativeNames bool
	Status                               string
	Type                                 string
	KeyAlgorithm                         string
	InUse                                bool
	RenewalEligibility                   string
	wireTimes
}

// defaultKeys are those that are listed unless others are asked for: "Default filtering returns only RSA_1024 and
// RSA_2048 certificates" (AWS Certificate Manager API Reference, Filters).
var defaultKeys = []string{"RSA_1024", "RSA_2048"}

// maxSummaries is how many names of a certificate a list shows (AWS Certificate Manager API Reference,
// CertificateSummary).
const maxSummaries = 100

func (s *Service) listCertificates(r *sim.Request) (any, error) {
	var req struct {
		CertificateStatuses []string
		Includes            struct{ KeyTypes []string }
		MaxItems            *int
		NextToken           string
		SortBy, SortOrder   string
	}
	if err := awsjson.Decode(r, &req); err != nil {
		return nil, err
	}
	size, keys := 1000, req.Includes.KeyTypes
	if req.MaxItems != nil {
		size = *req.MaxItems
	}
	if len(keys) == 0 {
		keys = defaultKeys
	}
	switch {
	case size < 1 || size > 1000:
		return nil, sim.Errorf("ValidationException", "1 validation error detected: Value '%d' at 'maxItems' failed to satisfy constraint: Member must have value between 1 and 1000", size)
	case (req.SortBy == "") != (req.SortOrder == ""):
		return nil, sim.Errorf("InvalidArgsException", "SortBy and SortOrder must be specified together.")
	}
	found := slices.DeleteFunc(s.all(r), func(c *Certificate) bool {
		return !slices.Contains(keys, c.Key) || len(req.CertificateStatuses) > 0 && !slices.Contains(req.CertificateStatuses, c.Status)
	})
	key := func(c *Certificate) int { return c.Number }
	if req.SortOrder == "DESCENDING" {
		slices.Reverse(found)
		key = func(c *Certificate) int { return s.state.Made - c.Number }
	}
	page, next, err := query.Page(r, found, key, size, req.NextToken)
	var refused *sim.Error
	if errors.As(err, &refused) {
		return nil, sim.Errorf("InvalidArgsException", "%s", refused.Message)
	}
	result := struct {
		CertificateSummaryList []wireSummary
		NextToken              string `json:",omitempty"`
	}{[]wireSummary{}, next}
	for _, c := range page {
		result.CertificateSummaryList = append(result.CertificateSummaryList, wireSummary{
			CertificateArn: c.ARN, DomainName: c.Names[0], SubjectAlternativeNameSummaries: c.Names[:min(len(c.Names), maxSummaries)],
			HasAdditionalSubjectAlternativeNames: len(c.Names) > maxSummaries, Status: c.Status, Type: "AMAZON_ISSUED",
			KeyAlgorithm: c.Key, InUse: len(s.inUseBy(c)) > 0, RenewalEligibility: s.renewal(c), wireTimes: s.times(c),
		})
	}
	return result, err
}

// all are the caller's certificates, the oldest first, with their statuses of now.
func (s *Service) all(r *sim.Request) []*Certificate {
	var found []*Certificate
	for _, c := range s.state.Certificates {
		if c.AccountID == r.Caller.AccountID && c.Region == r.Region {
			s.settle(c)
			found = append(found, c)
		}
	}
	slices.SortFunc(found, func(a, b *Certificate) int { return cmp.Compare(a.Number, b.Number) })
	return found
}
