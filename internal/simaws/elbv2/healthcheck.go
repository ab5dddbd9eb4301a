package elbv2

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// HealthCheck is how targets are probed.
type HealthCheck struct {
	Enabled            bool
	Protocol           string
	Port               string // "traffic-port" or a number
	Path               string // of HTTP and HTTPS
	Matcher            string // HTTP codes, "200" or "200-399"; gRPC codes of a group that speaks gRPC
	IntervalSeconds    int
	TimeoutSeconds     int
	HealthyThreshold   int
	UnhealthyThreshold int
}

func (h HealthCheck) interval() time.Duration { return time.Duration(h.IntervalSeconds) * time.Second }

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
	if tg.ProtocolVersion == grpc {
		h.Path, h.Matcher = "/AWS.ALB/healthcheck", "12"
	}
	return h
}

// readHealthCheck reads the health check's parameters over what was.
func (tg *TargetGroup) readHealthCheck(f query.Form, h HealthCheck) (HealthCheck, error) {
	enabled, err := f.True("HealthCheckEnabled")
	if err != nil {
		return h, err
	}
	if f.Has("HealthCheckEnabled") && !enabled {
		// "If the target type is instance, ip, or alb, health checks are always enabled and can't be disabled"
		// (Elastic Load Balancing API Reference, CreateTargetGroup).
		return h, sim.Errorf("ValidationError", "Health checks cannot be disabled for target groups with target type '%s'", tg.TargetType)
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
	h.Path = cmp.Or(f.String("HealthCheckPath"), h.Path, "/")
	matcher := f.Sub("Matcher")
	h.Matcher = cmp.Or(matcher.String("HttpCode"), matcher.String("GrpcCode"), h.Matcher, "200")
	if h.Protocol == "TCP" {
		h.Path, h.Matcher = "", ""
	}
	return h, tg.checkHealthCheck(h, matcher)
}

var (
	httpCodes = regexp.MustCompile(`^[2-4]\d\d([,-][2-4]\d\d)*$`)
	grpcCodes = regexp.MustCompile(`^\d\d?([,-]\d\d?)*$`)
)

// maxHealthCheckPath is in characters (Elastic Load Balancing API Reference, CreateTargetGroup).
const maxHealthCheckPath = 1024

// checkHealthCheck holds a health check against the rules of CreateTargetGroup and Matcher (Elastic Load Balancing API
// Reference).
func (tg *TargetGroup) checkHealthCheck(h HealthCheck, given query.Form) error {
	port, err := strconv.Atoi(h.Port)
	codes, wrong := httpCodes, "GrpcCode"
	if tg.ProtocolVersion == grpc {
		codes, wrong = grpcCodes, "HttpCode"
	}
	switch {
	case !slices.Contains([]string{"TCP", "HTTP", "HTTPS"}, h.Protocol):
		return sim.Errorf("ValidationError", "Health check protocol '%s' must be one of HTTP, HTTPS, TCP", h.Protocol)
	case h.Protocol == "TCP" && lbTypeOf(tg.Protocol) == application:
		return sim.Errorf("ValidationError", "Health check protocol 'TCP' is not supported for target groups with protocol %s", tg.Protocol)
	case h.Port != "traffic-port" && (err != nil || port < 1 || port > 65535):
		return sim.Errorf("ValidationError", "Health check port '%s' must be 'traffic-port' or between 1 and 65535", h.Port)
	case h.Protocol == "TCP":
		return nil
	case !strings.HasPrefix(h.Path, "/") || len(h.Path) > maxHealthCheckPath:
		return sim.Errorf("ValidationError", "Health check path '%s' must begin with '/' and have at most %d characters", h.Path, maxHealthCheckPath)
	case given.Has(wrong):
		return sim.Errorf("ValidationError", "%s cannot be specified for a target group with the protocol version '%s'", wrong, tg.ProtocolVersion)
	case !codes.MatchString(h.Matcher):
		return sim.Errorf("ValidationError", "Health check matcher '%s' is not valid", h.Matcher)
	}
	return nil
}
