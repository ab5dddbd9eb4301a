package ec2

import (
	"context"
	"crypto/rand"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// PrivateDNS is the private DNS name of an endpoint service and the proof that its owner owns the domain: a
// TXT record of the given label in the domain, or in one above it, with the given value (AWS PrivateLink
// Guide, "Manage DNS names for VPC endpoint services").
type PrivateDNS struct {
	Name  string // "api.example.com", "*.example.com"
	State string
	Label string // "_6e86v84tqgqubxbwii1m"
	Value string // "vpce:l6p0ERxlTt45jevFwOCp"
	// VerifyAt is when the verification that is under way looks at the DNS; zero when none is.
	VerifyAt time.Time
	// Proven is whether the name has ever been verified.
	Proven bool
	// RecheckAt is when EC2 looks again whether the proof of a verified name still stands.
	RecheckAt time.Time
}

// The states of a private DNS name (EC2 API Reference, PrivateDnsNameConfiguration).
const (
	dnsPending  = "pendingVerification"
	dnsVerified = "verified"
	dnsFailed   = "failed"
)

// How long after it was asked for EC2 looks for the record, and how often it looks again; nothing is documented.
const (
	verification        = 60 * time.Second
	DefaultReverifyEach = 24 * time.Hour
)

// lookupTimeout bounds one look into the DNS; it is not scaled, for the DNS is real.
const lookupTimeout = 5 * time.Second

var domainName = regexp.MustCompile(`^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$`)

func newPrivateDNS(name string) (*PrivateDNS, error) {
	if !domainName.MatchString(name) || len(name) > 253 {
		return nil, sim.Errorf("InvalidParameter", "The private DNS name %s is not a valid lowercase domain name.", name)
	}
	return &PrivateDNS{
		Name:  name,
		State: dnsPending,
		Label: "_" + sim.Hex(20),
		Value: "vpce:" + sim.Hex(10) + rand.Text()[:10], // small and capital letters: the case counts
	}, nil
}

// records are the names at which the proof may stand: below the domain itself or below any parent of it.
func (d *PrivateDNS) records() []string {
	var names []string
	domain := strings.TrimPrefix(d.Name, "*.")
	for strings.Contains(domain, ".") {
		names = append(names, d.Label+"."+domain)
		_, domain, _ = strings.Cut(domain, ".")
	}
	return names
}

func (s *Service) startVerification(r *sim.Request, f query.Form) (any, error) {
	service, err := s.endpointService(r, f)
	if err != nil {
		return nil, err
	}
	if service.PrivateDNS == nil {
		return nil, sim.Errorf("InvalidParameter", "The service %s does not provide a private DNS name.", service.ID)
	}
	service.PrivateDNS.State = dnsPending
	underWay := !service.PrivateDNS.VerifyAt.IsZero()
	if !underWay {
		service.PrivateDNS.VerifyAt = s.world.Clock.In(verification)
		s.verify(service)
	}
	return done{true}, nil
}

// recheck looks again for the proof of a verified name once that is due. The name stays as it is until the look is
// over.
func (s *Service) recheck(service *EndpointService) {
	dns := service.PrivateDNS
	if dns == nil || dns.State != dnsVerified || !dns.VerifyAt.IsZero() || !s.world.Clock.Passed(dns.RecheckAt) || s.verifying.Err() != nil {
		return
	}
	dns.VerifyAt = s.world.Clock.Now()
	s.verify(service)
}

// lapsed reports whether a name was verified once and is so no more: its service takes no new connections, and keeps
// those it has (AWS PrivateLink Guide, "Manage DNS names for VPC endpoint services").
func (d *PrivateDNS) lapsed() bool {
	return d != nil && d.Proven && d.State != dnsVerified
}

// verify looks for the proof when its time has come and writes down what it found. It runs beside the world,
// as the look into the DNS must not hold everything else up.
func (s *Service) verify(service *EndpointService) {
	id, dns := service.ID, *service.PrivateDNS
	s.running.Go(func() {
		wait := time.NewTimer(dns.VerifyAt.Sub(s.world.Clock.Now()))
		defer wait.Stop()
		select {
		case <-wait.C:
		case <-s.verifying.Done():
			return
		}
		found := s.proven(dns)
		if s.verifying.Err() != nil {
			return
		}
		s.world.Lock()
		defer s.world.Unlock()
		s.recordVerification(id, dns, found)
	})
}

// recordVerification keeps the outcome, unless the name has changed meanwhile.
func (s *Service) recordVerification(id string, checked PrivateDNS, found bool) {
	service, ok := s.state.EndpointServices[id]
	if !ok || service.PrivateDNS == nil || service.PrivateDNS.Label != checked.Label {
		return
	}
	service.PrivateDNS.VerifyAt = time.Time{}
	service.PrivateDNS.State = dnsFailed
	if found {
		service.PrivateDNS.State, service.PrivateDNS.Proven = dnsVerified, true
		service.PrivateDNS.RecheckAt = s.world.Clock.In(s.options.ReverifyEach)
	}
}

func (s *Service) proven(dns PrivateDNS) bool {
	if s.options.LookupTXT == nil {
		return false
	}
	for _, name := range dns.records() {
		ctx, cancel := context.WithTimeout(s.verifying, lookupTimeout)
		values, err := s.options.LookupTXT(ctx, name)
		cancel()
		if err == nil && slices.Contains(values, dns.Value) {
			return true
		}
	}
	return false
}

// privateDNSItem is an empty element until a private DNS name is set.
type privateDNSItem struct {
	State string `xml:"state,omitempty"`
	Type  string `xml:"type,omitempty"`
	Value string `xml:"value,omitempty"`
	Name  string `xml:"name,omitempty"`
}

func (d *PrivateDNS) item() privateDNSItem {
	if d == nil {
		return privateDNSItem{}
	}
	return privateDNSItem{State: d.State, Type: "TXT", Value: d.Value, Name: d.Label}
}
