package elbv2

import (
	"fmt"
	"slices"
	"strings"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

type wireListener struct {
	ARN             string            `xml:"ListenerArn"`
	LoadBalancerARN string            `xml:"LoadBalancerArn"`
	Port            int               `xml:"Port"`
	Protocol        string            `xml:"Protocol"`
	SSLPolicy       string            `xml:"SslPolicy,omitempty"`
	Certificates    []wireCertificate `xml:"Certificates>member"`
	ALPNPolicy      []string          `xml:"AlpnPolicy>member"`
	Actions         []wireAction      `xml:"DefaultActions>member"`
	MutualTLS       *wireMutualTLS    `xml:"MutualAuthentication"`
}

type wireMutualTLS struct {
	Mode string `xml:"Mode"`
}

type listenersResult struct {
	Listeners  []wireListener `xml:"Listeners>member"`
	NextMarker string         `xml:"NextMarker,omitempty"`
}

func (l *Listener) wire() wireListener {
	w := wireListener{
		ARN: l.ARN, LoadBalancerARN: l.LoadBalancerARN, Port: l.Port, Protocol: l.Protocol,
		SSLPolicy: l.SSLPolicy, Actions: wireActions(l.Actions),
	}
	if l.CertificateARN != "" {
		w.Certificates = []wireCertificate{{ARN: l.CertificateARN}}
	}
	if l.ALPNPolicy != "" {
		w.ALPNPolicy = []string{l.ALPNPolicy}
	}
	if l.Protocol == "HTTPS" {
		w.MutualTLS = &wireMutualTLS{Mode: "off"}
	}
	return w
}

func (s *Service) listener(r *sim.Request, arn string) (*Listener, error) {
	l, ok := mine(r, s.state.Listeners, arn)
	if !ok {
		return nil, sim.Errorf("ListenerNotFound", "One or more listeners not found")
	}
	return l, nil
}

func (s *Service) createListener(r *sim.Request, f query.Form) (any, error) {
	lb, err := s.loadBalancer(r, f.String("LoadBalancerArn"))
	if err != nil {
		return nil, err
	}
	l := &Listener{LoadBalancerARN: lb.ARN}
	if err := l.readSettings(f, lb); err != nil {
		return nil, err
	}
	if err := s.checkCertificate(r, l.CertificateARN); err != nil {
		return nil, err
	}
	if l.Actions, err = s.readActions(r, f, "DefaultActions", lb, ""); err != nil {
		return nil, err
	}
	tags, err := readTags(f, nil)
	if err != nil {
		return nil, err
	}
	others := s.listenersOf(r, lb.ARN)
	if slices.ContainsFunc(others, func(other *Listener) bool { return other.Port == l.Port }) {
		return nil, sim.Errorf("DuplicateListener", "A listener already exists on this port for this load balancer '%s'", lb.ARN)
	}
	if limit := s.listenersPerLoadBalancer(r, lb.Type); len(others) >= limit {
		return nil, sim.Errorf("TooManyListeners", "The maximum number of listeners has been reached on load balancer '%s': %d", lb.ARN, limit)
	}
	_, path, _ := strings.Cut(lb.ARN, ":loadbalancer/")
	l.Resource = s.newResource(r, fmt.Sprintf("listener/%s/%s", path, r.Hex(16)), listenerAttributes(l.Protocol), tags)
	l.ForwardsSince = s.world.Clock.Now()
	s.state.Listeners[l.ARN] = l
	return listenersResult{Listeners: []wireListener{l.wire()}}, nil
}

func (s *Service) listenersOf(r *sim.Request, lbARN string) []*Listener {
	return list(r, s.state.Listeners, func(l *Listener) bool { return l.LoadBalancerARN == lbARN })
}

func (s *Service) describeListeners(r *sim.Request, f query.Form) (any, error) {
	arns, lbARN := f.List("ListenerArns"), f.String("LoadBalancerArn")
	if (len(arns) > 0) == (lbARN != "") {
		return nil, sim.Errorf("ValidationError", "You must specify either listener ARNs or a load balancer ARN")
	}
	found := s.listenersOf(r, lbARN)
	if lbARN != "" {
		if _, err := s.loadBalancer(r, lbARN); err != nil {
			return nil, err
		}
	}
	for _, arn := range arns {
		l, err := s.listener(r, arn)
		if err != nil {
			return nil, err
		}
		found = append(found, l)
	}
	found, next, err := page(r, f, found)
	if err != nil {
		return nil, err
	}
	result := listenersResult{NextMarker: next}
	for _, l := range found {
		result.Listeners = append(result.Listeners, l.wire())
	}
	return result, nil
}

func (s *Service) modifyListener(r *sim.Request, f query.Form) (any, error) {
	l, err := s.listener(r, f.String("ListenerArn"))
	if err != nil {
		return nil, err
	}
	lb, err := s.loadBalancer(r, l.LoadBalancerARN)
	if err != nil {
		return nil, err
	}
	changed := *l
	if err := changed.readSettings(f, lb); err != nil {
		return nil, err
	}
	if changed.CertificateARN != l.CertificateARN {
		if err := s.checkCertificate(r, changed.CertificateARN); err != nil {
			return nil, err
		}
	}
	if len(f.Structs("DefaultActions")) > 0 {
		if changed.Actions, err = s.readActions(r, f, "DefaultActions", lb, l.ARN); err != nil {
			return nil, err
		}
		if !slices.Equal(targetGroupsOf(changed.Actions), targetGroupsOf(l.Actions)) {
			changed.ForwardsSince = s.world.Clock.Now()
		}
	}
	if slices.ContainsFunc(s.listenersOf(r, lb.ARN), func(other *Listener) bool { return other.ARN != l.ARN && other.Port == changed.Port }) {
		return nil, sim.Errorf("DuplicateListener", "A listener already exists on this port for this load balancer '%s'", lb.ARN)
	}
	if changed.Protocol != l.Protocol {
		changed.Attributes = listenerAttributes(changed.Protocol)
	}
	*l = changed
	return listenersResult{Listeners: []wireListener{l.wire()}}, nil
}

// forget takes a listener away, and its rules with it (Elastic Load Balancing API Reference, DeleteListener; User
// Guide for Application Load Balancers, "Listener rules").
func (s *Service) forget(l *Listener) {
	for _, rule := range s.rulesOf(l) {
		delete(s.state.Rules, rule.ARN)
	}
	delete(s.state.Listeners, l.ARN)
}

func (s *Service) deleteListener(r *sim.Request, f query.Form) (any, error) {
	l, err := s.listener(r, f.String("ListenerArn"))
	if err != nil {
		return nil, err
	}
	s.forget(l)
	return struct{}{}, nil
}
