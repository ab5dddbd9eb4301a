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

type wireCertificate struct {
	ARN string `xml:"CertificateArn"`
}

type wireAction struct {
	Type           string         `xml:"Type"`
	TargetGroupARN string         `xml:"TargetGroupArn,omitempty"`
	Order          int            `xml:"Order,omitempty"`
	Forward        *Forward       `xml:"ForwardConfig"`
	FixedResponse  *FixedResponse `xml:"FixedResponseConfig"`
	Redirect       *Redirect      `xml:"RedirectConfig"`
}

type wireRule struct {
	ARN        string       `xml:"RuleArn"`
	Priority   string       `xml:"Priority"`
	Conditions struct{}     `xml:"Conditions"`
	Actions    []wireAction `xml:"Actions>member"`
	IsDefault  bool         `xml:"IsDefault"`
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
		w.Certificates = []wireCertificate{{l.CertificateARN}}
	}
	if l.ALPNPolicy != "" {
		w.ALPNPolicy = []string{l.ALPNPolicy}
	}
	if l.Protocol == "HTTPS" {
		w.MutualTLS = &wireMutualTLS{Mode: "off"}
	}
	return w
}

// wireActions writes actions; one that forwards to a single target group says so in the older way too.
func wireActions(actions []Action) []wireAction {
	var list []wireAction
	for _, a := range actions {
		w := wireAction{Type: a.Type, Order: a.Order, Forward: a.Forward, FixedResponse: a.FixedResponse, Redirect: a.Redirect}
		if a.Forward != nil && len(a.Forward.TargetGroups) == 1 {
			w.TargetGroupARN = a.Forward.TargetGroups[0].ARN
		}
		list = append(list, w)
	}
	return list
}

// defaultRule is the one rule that every listener has.
func (l *Listener) defaultRule() wireRule {
	arn := strings.Replace(l.ARN, ":listener/", ":listener-rule/", 1) + "/" + l.ARN[len(l.ARN)-16:]
	return wireRule{ARN: arn, Priority: "default", Actions: wireActions(l.Actions), IsDefault: true}
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
	if l.Actions, err = s.readActions(r, f, lb); err != nil {
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
	if limit := s.Quotas.ListenersPerLoadBalancer; len(others) >= limit {
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
	if len(f.Structs("DefaultActions")) > 0 {
		if changed.Actions, err = s.readActions(r, f, lb); err != nil {
			return nil, err
		}
		changed.ForwardsSince = s.world.Clock.Now()
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

func (s *Service) deleteListener(r *sim.Request, f query.Form) (any, error) {
	l, err := s.listener(r, f.String("ListenerArn"))
	if err != nil {
		return nil, err
	}
	delete(s.state.Listeners, l.ARN)
	return struct{}{}, nil
}

// describeRules tells of listeners' default rules; there are no others here.
func (s *Service) describeRules(r *sim.Request, f query.Form) (any, error) {
	arns, listenerARN := f.List("RuleArns"), f.String("ListenerArn")
	if (len(arns) > 0) == (listenerARN != "") {
		return nil, sim.Errorf("ValidationError", "You must specify either listener rule ARNs or a listener ARN")
	}
	var result struct {
		Rules []wireRule `xml:"Rules>member"`
	}
	if listenerARN != "" {
		l, err := s.listener(r, listenerARN)
		if err != nil {
			return nil, err
		}
		result.Rules = []wireRule{l.defaultRule()}
		return result, nil
	}
	for _, l := range list(r, s.state.Listeners, func(*Listener) bool { return true }) {
		if rule := l.defaultRule(); slices.Contains(arns, rule.ARN) {
			result.Rules = append(result.Rules, rule)
		}
	}
	if len(result.Rules) < len(arns) {
		return nil, sim.Errorf("RuleNotFound", "One or more rules not found")
	}
	return result, nil
}
