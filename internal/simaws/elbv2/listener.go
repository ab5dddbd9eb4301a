package elbv2

import (
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
	CertificateARN  string // of HTTPS and TLS
	ALPNPolicy      string // of TLS, or empty
	Actions         []Action
	ForwardsSince   time.Time // when Actions last changed
}

// Action is a listener's default action. One of Forward, FixedResponse and Redirect is set, as Type says.
type Action struct {
	Type          string // "forward", "fixed-response", "redirect"
	Order         int
	Forward       *Forward
	FixedResponse *FixedResponse
	Redirect      *Redirect
}

// Forward shares traffic among target groups by weight.
type Forward struct {
	TargetGroups      []WeightedTargetGroup `xml:"TargetGroups>member"`
	Sticky            bool                  `xml:"TargetGroupStickinessConfig>Enabled"`
	StickinessSeconds int                   `xml:"TargetGroupStickinessConfig>DurationSeconds,omitempty"`
}

// WeightedTargetGroup is a share of the traffic.
type WeightedTargetGroup struct {
	ARN    string `xml:"TargetGroupArn"`
	Weight int    `xml:"Weight"`
}

// FixedResponse is an HTTP answer that the load balancer gives by itself.
type FixedResponse struct {
	MessageBody string `xml:"MessageBody,omitempty"`
	StatusCode  string `xml:"StatusCode"`
	ContentType string `xml:"ContentType,omitempty"`
}

// Redirect sends the client elsewhere.
type Redirect struct {
	Protocol   string `xml:"Protocol"`
	Port       string `xml:"Port"`
	Host       string `xml:"Host"`
	Path       string `xml:"Path"`
	Query      string `xml:"Query"`
	StatusCode string `xml:"StatusCode"`
}

// targetGroupsOf are the target groups that actions forward to.
func targetGroupsOf(actions []Action) []string {
	var arns []string
	for _, a := range actions {
		if a.Forward == nil {
			continue
		}
		for _, tg := range a.Forward.TargetGroups {
			arns = append(arns, tg.ARN)
		}
	}
	return arns
}

// readActions reads DefaultActions and checks that the load balancer can do them.
func (s *Service) readActions(r *sim.Request, f query.Form, lb *LoadBalancer) ([]Action, error) {
	var actions []Action
	for _, form := range f.Structs("DefaultActions") {
		a, err := readAction(form)
		if err != nil {
			return nil, err
		}
		if a.Type != "forward" && lb.Type == network {
			return nil, sim.Errorf("InvalidLoadBalancerAction", "Only forward actions are supported on listeners of a Network Load Balancer")
		}
		actions = append(actions, a)
	}
	if len(actions) != 1 {
		return nil, sim.Errorf("ValidationError", "A listener has one default action here, not %d", len(actions))
	}
	for _, arn := range targetGroupsOf(actions) {
		if err := s.mayForward(r, lb, arn); err != nil {
			return nil, err
		}
	}
	return actions, nil
}

// mayForward holds a target group against its use by a load balancer.
func (s *Service) mayForward(r *sim.Request, lb *LoadBalancer, arn string) error {
	tg, ok := mine(r, s.state.TargetGroups, arn)
	switch {
	case !ok:
		return sim.Errorf("TargetGroupNotFound", "Target groups '%s' not found", arn)
	case lbTypeOf(tg.Protocol) != lb.Type:
		return sim.Errorf("IncompatibleProtocols", "The protocol %s of target group '%s' does not fit a load balancer of type %s", tg.Protocol, arn, lb.Type)
	case tg.VPCID != lb.VPCID:
		return sim.Errorf("InvalidConfigurationRequest", "The target group '%s' and the load balancer must be in the same VPC", arn)
	}
	for _, l := range s.forwardingTo(arn) {
		if l.LoadBalancerARN != lb.ARN {
			return sim.Errorf("TargetGroupAssociationLimit", "The following target groups cannot be associated with more than one load balancer: %s", arn)
		}
	}
	return nil
}

func readAction(f query.Form) (Action, error) {
	a := Action{Type: f.String("Type")}
	order, err := f.Int("Order")
	if err != nil {
		return a, err
	}
	if order != nil {
		a.Order = *order
	}
	switch a.Type {
	case "forward":
		a.Forward, err = readForward(f)
	case "fixed-response":
		c := f.Sub("FixedResponseConfig")
		a.FixedResponse = &FixedResponse{c.String("MessageBody"), c.String("StatusCode"), c.String("ContentType")}
		if a.FixedResponse.StatusCode == "" {
			err = sim.Errorf("ValidationError", "A fixed response needs a status code")
		}
	case "redirect":
		a.Redirect, err = readRedirect(f.Sub("RedirectConfig"))
	default:
		err = sim.Errorf("InvalidLoadBalancerAction", "The action type '%s' is not simulated; forward, fixed-response and redirect are", a.Type)
	}
	return a, err
}

func readForward(f query.Form) (*Forward, error) {
	config := f.Sub("ForwardConfig")
	fw := &Forward{}
	for _, tuple := range config.Structs("TargetGroups") {
		weight, err := tuple.Int("Weight")
		if err != nil {
			return nil, err
		}
		tg := WeightedTargetGroup{ARN: tuple.String("TargetGroupArn"), Weight: 1}
		if weight != nil {
			tg.Weight = *weight
		}
		fw.TargetGroups = append(fw.TargetGroups, tg)
	}
	sticky := config.Sub("TargetGroupStickinessConfig")
	var err error
	if fw.Sticky, err = sticky.True("Enabled"); err != nil {
		return nil, err
	}
	seconds, err := sticky.Int("DurationSeconds")
	if err != nil {
		return nil, err
	}
	if seconds != nil {
		fw.StickinessSeconds = *seconds
	}
	arn := f.String("TargetGroupArn")
	switch {
	case len(fw.TargetGroups) == 0 && arn == "":
		return nil, sim.Errorf("ValidationError", "A target group ARN must be specified for a forward action")
	case len(fw.TargetGroups) == 0:
		fw.TargetGroups = []WeightedTargetGroup{{ARN: arn, Weight: 1}}
	case arn != "" && !slices.ContainsFunc(fw.TargetGroups, func(tg WeightedTargetGroup) bool { return tg.ARN == arn }):
		return nil, sim.Errorf("ValidationError", "The target group ARN must be among those of the forward configuration")
	}
	return fw, nil
}

func readRedirect(f query.Form) (*Redirect, error) {
	rd := &Redirect{Protocol: "#{protocol}", Port: "#{port}", Host: "#{host}", Path: "/#{path}", Query: "#{query}", StatusCode: f.String("StatusCode")}
	for name, field := range map[string]*string{
		"Protocol": &rd.Protocol, "Port": &rd.Port, "Host": &rd.Host, "Path": &rd.Path, "Query": &rd.Query,
	} {
		if f.Has(name) {
			*field = f.String(name)
		}
	}
	if rd.StatusCode != "HTTP_301" && rd.StatusCode != "HTTP_302" {
		return nil, sim.Errorf("ValidationError", "The status code of a redirect is HTTP_301 or HTTP_302")
	}
	return rd, nil
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
	secure := l.Protocol == "HTTPS" || l.Protocol == "TLS"
	if !secure {
		l.SSLPolicy, l.CertificateARN, l.ALPNPolicy = "", "", ""
		return nil
	}
	for _, c := range f.Structs("Certificates") {
		l.CertificateARN = c.String("CertificateArn")
	}
	if policies := f.List("AlpnPolicy"); len(policies) > 0 {
		l.ALPNPolicy = policies[0]
	}
	if f.Has("SslPolicy") || l.SSLPolicy == "" {
		l.SSLPolicy = f.String("SslPolicy")
	}
	if l.SSLPolicy == "" {
		l.SSLPolicy = "ELBSecurityPolicy-2016-08"
	}
	if l.CertificateARN == "" {
		return sim.Errorf("CertificateNotFound", "A certificate must be specified for a listener with protocol %s", l.Protocol)
	}
	return nil
}
