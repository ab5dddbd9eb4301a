package elbv2

import (
	"cmp"
	"slices"
	"time"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// TargetGroup is targets of one kind, and how their health is checked.
type TargetGroup struct {
	Resource
	Name            string
	TargetType      string // "ip", "instance", "alb"
	Protocol        string // "TCP", "HTTP", …
	ProtocolVersion string // of HTTP and HTTPS
	Port            int
	VPCID           string
	IPAddressType   string
	Health          HealthCheck
	Targets         []Target
}

// HealthCheck is how targets are probed.
type HealthCheck struct {
	Enabled            bool
	Protocol           string
	Port               string // "traffic-port" or a number
	Path               string // of HTTP and HTTPS
	Matcher            string // HTTP codes, "200" or "200-399"
	IntervalSeconds    int
	TimeoutSeconds     int
	HealthyThreshold   int
	UnhealthyThreshold int
}

func (h HealthCheck) interval() time.Duration { return time.Duration(h.IntervalSeconds) * time.Second }

// lbTypeOf is the type of load balancer that speaks a protocol.
func lbTypeOf(protocol string) string {
	if protocol == "HTTP" || protocol == "HTTPS" {
		return application
	}
	return network
}

var (
	networkProtocols     = []string{"TCP", "TLS", "UDP", "TCP_UDP"}
	applicationProtocols = []string{"HTTP", "HTTPS"}
)

// readTargetGroup reads what a new target group shall be.
func (s *Service) readTargetGroup(r *sim.Request, f query.Form) (*TargetGroup, error) {
	tg := &TargetGroup{
		Name:          f.String("Name"),
		TargetType:    cmp.Or(f.String("TargetType"), "instance"),
		Protocol:      f.String("Protocol"),
		VPCID:         f.String("VpcId"),
		IPAddressType: cmp.Or(f.String("IpAddressType"), "ipv4"),
	}
	if err := checkName("target group", tg.Name); err != nil {
		return nil, err
	}
	port, err := f.Int("Port")
	if err != nil {
		return nil, err
	}
	switch {
	case !slices.Contains([]string{"ip", "instance", "alb"}, tg.TargetType):
		return nil, sim.Errorf("ValidationError", "The target type '%s' is not simulated; ip, instance and alb are", tg.TargetType)
	case !slices.Contains(networkProtocols, tg.Protocol) && !slices.Contains(applicationProtocols, tg.Protocol):
		return nil, sim.Errorf("ValidationError", "The protocol '%s' of a target group is not one of HTTP, HTTPS, TCP, TLS, UDP, TCP_UDP", tg.Protocol)
	case tg.TargetType == "alb" && tg.Protocol != "TCP":
		return nil, sim.Errorf("ValidationError", "The protocol of a target group of type alb must be TCP")
	case port == nil || *port < 1 || *port > 65535:
		return nil, sim.Errorf("ValidationError", "A port between 1 and 65535 must be specified")
	}
	tg.Port = *port
	if _, ok := s.world.Networks.VPC(r.Caller.AccountID, r.Region, tg.VPCID); !ok {
		return nil, sim.Errorf("ValidationError", "The VPC ID '%s' is not found", tg.VPCID)
	}
	if lbTypeOf(tg.Protocol) == application {
		tg.ProtocolVersion = cmp.Or(f.String("ProtocolVersion"), "HTTP1")
	}
	tg.Health, err = readHealthCheck(f, defaultHealthCheck(tg))
	return tg, err
}

// defaultHealthCheck is how targets are probed when the caller does not say
// (Elastic Load Balancing API Reference, CreateTargetGroup).
func defaultHealthCheck(tg *TargetGroup) HealthCheck {
	h := HealthCheck{
		Enabled: true, Protocol: "TCP", Port: "traffic-port",
		IntervalSeconds: 30, TimeoutSeconds: 10, HealthyThreshold: 5, UnhealthyThreshold: 2,
	}
	if lbTypeOf(tg.Protocol) == application || tg.TargetType == "alb" {
		h.Protocol = "HTTP"
	}
	if lbTypeOf(tg.Protocol) == application {
		h.TimeoutSeconds = 5
	}
	return h
}

// readHealthCheck reads the health check's parameters over what was.
func readHealthCheck(f query.Form, h HealthCheck) (HealthCheck, error) {
	enabled, err := f.Bool("HealthCheckEnabled")
	if err != nil {
		return h, err
	}
	if enabled != nil {
		h.Enabled = *enabled
	}
	for name, limited := range map[string]struct {
		value     *int
		low, high int
	}{
		"HealthCheckIntervalSeconds": {&h.IntervalSeconds, 5, 300},
		"HealthCheckTimeoutSeconds":  {&h.TimeoutSeconds, 2, 120},
		"HealthyThresholdCount":      {&h.HealthyThreshold, 2, 10},
		"UnhealthyThresholdCount":    {&h.UnhealthyThreshold, 2, 10},
	} {
		n, err := f.Int(name)
		if err != nil {
			return h, err
		}
		if n == nil {
			continue
		}
		if *n < limited.low || *n > limited.high {
			return h, sim.Errorf("ValidationError", "%s must be between %d and %d", name, limited.low, limited.high)
		}
		*limited.value = *n
	}
	h.Protocol = cmp.Or(f.String("HealthCheckProtocol"), h.Protocol)
	h.Port = cmp.Or(f.String("HealthCheckPort"), h.Port)
	if !slices.Contains([]string{"TCP", "HTTP", "HTTPS"}, h.Protocol) {
		return h, sim.Errorf("ValidationError", "Health check protocol '%s' must be one of HTTP, HTTPS, TCP", h.Protocol)
	}
	if h.Protocol == "TCP" {
		h.Path, h.Matcher = "", ""
		return h, nil
	}
	h.Path = cmp.Or(f.String("HealthCheckPath"), h.Path, "/")
	h.Matcher = cmp.Or(f.Sub("Matcher").String("HttpCode"), h.Matcher, "200")
	return h, nil
}
