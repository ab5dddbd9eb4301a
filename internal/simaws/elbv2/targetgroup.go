package elbv2

import (
	"cmp"
	"slices"
	"strings"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// TargetGroup is targets of one kind, and how their health is checked.
type TargetGroup struct {
	Resource
	Name            string
	TargetType      string // "ip", "instance", "alb"
	Protocol        string // "TCP", "HTTP", …
	ProtocolVersion string // of HTTP and HTTPS: "HTTP1", "HTTP2", "GRPC"
	Port            int
	VPCID           string
	IPAddressType   string
	Health          HealthCheck
	Targets         []Target
}

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
	protocolVersions     = []string{"HTTP1", "HTTP2", grpc}
)

const grpc = "GRPC"

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
		if !slices.Contains(protocolVersions, tg.ProtocolVersion) {
			return nil, sim.Errorf("ValidationError", "The protocol version '%s' is not one of %s", tg.ProtocolVersion, strings.Join(protocolVersions, ", "))
		}
	}
	tg.Health, err = tg.readHealthCheck(f, defaultHealthCheck(tg))
	return tg, err
}
