package acm

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// Certificate is a public certificate that Amazon issues.
type Certificate struct {
	ARN        string
	AccountID  string
	Region     string
	Number     int      // in the order of creation
	Names      []string // the domain name first
	Status     string
	Method     string // of validation: "DNS", "EMAIL"
	Key        string // its algorithm
	Logging    string // of certificate transparency: "ENABLED", "DISABLED"
	Token      string // of the request that made it, or empty
	Tags       map[string]string
	Created    time.Time
	Issued     time.Time // zero until it is
	RevokedAt  time.Time
	FailReason string
}

// The statuses of a certificate (AWS Certificate Manager API Reference, CertificateDetail).
const (
	pending  = "PENDING_VALIDATION"
	issued   = "ISSUED"
	inactive = "INACTIVE"
	expired  = "EXPIRED"
	timedOut = "VALIDATION_TIMED_OUT"
	revoked  = "REVOKED"
	failed   = "FAILED"
)

// Statuses are all of them.
func Statuses() []string {
	return []string{pending, issued, inactive, expired, timedOut, revoked, failed}
}

const (
	// validationTime is how long a domain can be validated (AWS Certificate Manager User Guide, "Troubleshoot
	// certificate validation").
	validationTime = 72 * time.Hour
	// validity is how long a certificate is valid: 13 months, 395 days (AWS Certificate Manager User Guide,
	// "Certificate characteristics and limitations").
	validity = 395 * 24 * time.Hour
)

// arnPrefix begins the ARNs of the caller's certificates in the region.
func arnPrefix(r *sim.Request) string {
	return fmt.Sprintf("arn:%s:acm:%s:%s:certificate/", r.Partition, r.Region, r.Caller.AccountID)
}

// find looks one of the caller's certificates up, and brings its status up to date.
func (s *Service) find(r *sim.Request, arn string) (*Certificate, error) {
	if !strings.HasPrefix(arn, "arn:") || !strings.Contains(arn, ":certificate/") {
		return nil, sim.Errorf("InvalidArnException", "'%s' is not a valid certificate ARN", arn)
	}
	c, ok := s.state.Certificates[arn]
	if !ok || c.AccountID != r.Caller.AccountID || c.Region != r.Region {
		return nil, sim.Errorf("ResourceNotFoundException", "Could not find certificate %s.", arn)
	}
	s.settle(c)
	return c, nil
}

// CertificateStatus implements sim.Certificates.
func (s *Service) CertificateStatus(accountID, region, arn string) (string, bool) {
	c, ok := s.state.Certificates[arn]
	if !ok || c.AccountID != accountID || c.Region != region {
		return "", false
	}
	s.settle(c)
	return c.Status, true
}

// settle brings a certificate's status up to date: a pending one is issued when the public DNS has the proof for each of
// its names, and given up after a while. AWS looks every few minutes; here it is looked when the certificate is.
func (s *Service) settle(c *Certificate) {
	now := s.world.Clock.Now()
	switch {
	case c.Status == pending && c.Method == "DNS" && s.proven(c):
		c.Status, c.Issued = issued, now
	case c.Status == pending && s.world.Clock.Passed(c.Created.Add(s.world.Clock.Scaled(validationTime))):
		c.Status = timedOut
	}
}

func (s *Service) proven(c *Certificate) bool {
	return !slices.ContainsFunc(c.Names, func(name string) bool { return !s.provenName(c, name) })
}

// provenName reports whether the public DNS has the proof of a name.
func (s *Service) provenName(c *Certificate, name string) bool {
	if s.world.HostedZones == nil {
		return false
	}
	proof := c.proof(name)
	target, ok := s.world.HostedZones.PublicCNAME(proof.Name)
	return ok && strings.EqualFold(strings.TrimSuffix(target, "."), strings.TrimSuffix(proof.Value, "."))
}

// resourceRecord is a record that proves that its maker owns a domain.
type resourceRecord struct{ Name, Type, Value string }

// proof is the record that proves a name, the same for all certificates of an account; a wildcard name has that of the
// domain it stands under (AWS Certificate Manager User Guide, "DNS validation").
func (c *Certificate) proof(name string) resourceRecord {
	domain := strings.TrimPrefix(name, "*.")
	label := func(of string) string {
		sum := sha256.Sum256([]byte(strings.Join([]string{of, c.AccountID, domain}, "/")))
		return "_" + hex.EncodeToString(sum[:16])
	}
	return resourceRecord{Name: label("name") + "." + domain + ".", Type: "CNAME", Value: label("value") + ".acm-validations.aws."}
}

// inUseBy are the ARNs of the load balancers that have the certificate.
func (s *Service) inUseBy(c *Certificate) []string {
	if s.world.LoadBalancers == nil {
		return []string{}
	}
	return append([]string{}, s.world.LoadBalancers.CertificateUsers(c.ARN)...)
}

// SetStatus gives a certificate a status that it came to by itself.
func (s *Service) SetStatus(arn, status string) error {
	c, ok := s.state.Certificates[arn]
	if !ok {
		return sim.Errorf("ResourceNotFoundException", "Could not find certificate %s.", arn)
	}
	if !slices.Contains(Statuses(), status) {
		return fmt.Errorf("a certificate's status is one of %v, not %q", Statuses(), status)
	}
	now := s.world.Clock.Now()
	c.Status = status
	switch status {
	case issued, inactive, expired, revoked:
		if c.Issued.IsZero() {
			c.Issued = now
		}
		if status == revoked {
			c.RevokedAt = now
		}
	case failed:
		c.FailReason = "DOMAIN_NOT_ALLOWED"
	}
	return nil
}
