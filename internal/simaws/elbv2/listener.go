package elbv2

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// Listener is a port of a load balancer and what happens to the traffic that comes in there.
type Listener struct {
	Resource
	LoadBalancerARN string
	Port            int
	Protocol        string
	SSLPolicy       string // of HTTPS and TLS
	CertificateARN  string // of HTTPS and TLS, the default certificate
	// Certificates is the certificate list, from which a client gets what fits the name that it asks for.
	Certificates  []ListedCertificate
	ALPNPolicy    string // of TLS, or empty
	Actions       []Action
	ForwardsSince time.Time // when Actions last changed
}

// readSettings reads a listener's port, protocol and what a secure protocol needs over what was.
func (l *Listener) readSettings(f query.Form, lb *LoadBalancer) error {
	port, err := f.Int("Port")
	if err != nil {
		return err
	}
	if port != nil {
		l.Port = *port
	}
	if f.Has("Protocol") {
		l.Protocol = f.String("Protocol")
	}
	allowed := networkProtocols
	if lb.Type == application {
		allowed = applicationProtocols
	}
	switch {
	case l.Port < 1 || l.Port > 65535:
		return sim.Errorf("ValidationError", "The port must be between 1 and 65535, not %s", strconv.Itoa(l.Port))
	case !slices.Contains(allowed, l.Protocol):
		return sim.Errorf("ValidationError", "Protocol '%s' must be one of %s", l.Protocol, strings.Join(allowed, ", "))
	}
	return l.readSecurity(f)
}

// sslPolicyPrefix begins the names of all security policies (User Guide for Application Load Balancers, "Security
// policies").
const sslPolicyPrefix = "ELBSecurityPolicy-"

// readSecurity reads what a secure protocol needs over what was, and forgets it for another protocol.
func (l *Listener) readSecurity(f query.Form) error {
	certificates := f.Structs("Certificates")
	if l.Protocol != "HTTPS" && l.Protocol != "TLS" {
		if len(certificates) > 0 {
			return sim.Errorf("ValidationError", "Certificates cannot be specified for %s listeners", l.Protocol)
		}
		l.SSLPolicy, l.CertificateARN, l.ALPNPolicy, l.Certificates = "", "", "", nil
		return nil
	}
	switch {
	case len(certificates) > 1: // CreateListener: "You must provide exactly one certificate"
		return sim.Errorf("TooManyCertificates", "A listener has one default certificate, not %d", len(certificates))
	case len(certificates) == 1:
		l.CertificateARN = certificates[0].String("CertificateArn")
	}
	if policies := f.List("AlpnPolicy"); len(policies) > 0 {
		l.ALPNPolicy = policies[0]
	}
	if f.Has("SslPolicy") {
		l.SSLPolicy = f.String("SslPolicy")
	}
	l.SSLPolicy = cmp.Or(l.SSLPolicy, sslPolicyPrefix+"2016-08")
	switch {
	case l.CertificateARN == "":
		return sim.Errorf("ValidationError", "A certificate must be specified for %s listeners", l.Protocol)
	case !strings.HasPrefix(l.SSLPolicy, sslPolicyPrefix):
		return sim.Errorf("SSLPolicyNotFound", "The SSL policy '%s' does not exist", l.SSLPolicy)
	}
	return nil
}
