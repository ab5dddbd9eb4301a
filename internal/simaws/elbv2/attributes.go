package elbv2

import (
	"maps"
	"slices"
	"strconv"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// Attributes are strings by name. A new resource has all that its kind knows, at their defaults; a name
// that is not among them is an error (Elastic Load Balancing API Reference, LoadBalancerAttribute,
// TargetGroupAttribute, ListenerAttribute).

const (
	deletionProtection  = "deletion_protection.enabled"
	deregistrationDelay = "deregistration_delay.timeout_seconds"
	crossZone           = "load_balancing.cross_zone.enabled"
)

func loadBalancerAttributes(lb *LoadBalancer) map[string]string {
	attributes := map[string]string{
		deletionProtection:           "false",
		"access_logs.s3.enabled":     "false",
		"access_logs.s3.bucket":      "",
		"access_logs.s3.prefix":      "",
		"ipv6.deny_all_igw_traffic":  strconv.FormatBool(lb.Scheme == "internal"),
		"zonal_shift.config.enabled": "false",
	}
	if lb.Type == network {
		attributes[crossZone] = "false"
		attributes["dns_record.client_routing_policy"] = "any_availability_zone"
		attributes["secondary_ips.auto_assigned.per_subnet"] = "0"
		return attributes
	}
	maps.Copy(attributes, map[string]string{
		crossZone:                                                  "true",
		"idle_timeout.timeout_seconds":                             "60",
		"client_keep_alive.seconds":                                "3600",
		"connection_logs.s3.enabled":                               "false",
		"connection_logs.s3.bucket":                                "",
		"connection_logs.s3.prefix":                                "",
		"health_check_logs.s3.enabled":                             "false",
		"health_check_logs.s3.bucket":                              "",
		"health_check_logs.s3.prefix":                              "",
		"routing.http.desync_mitigation_mode":                      "defensive",
		"routing.http.drop_invalid_header_fields.enabled":          "false",
		"routing.http.preserve_host_header.enabled":                "false",
		"routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "false",
		"routing.http.xff_client_port.enabled":                     "false",
		"routing.http.xff_header_processing.mode":                  "append",
		"routing.http2.enabled":                                    "true",
		"waf.fail_open.enabled":                                    "false",
	})
	return attributes
}

func targetGroupAttributes(tg *TargetGroup) map[string]string {
	attributes := map[string]string{
		deregistrationDelay:  "300",
		"stickiness.enabled": "false",
		crossZone:            "use_load_balancer_configuration",
		"target_group_health.dns_failover.minimum_healthy_targets.count":                 "1",
		"target_group_health.dns_failover.minimum_healthy_targets.percentage":            "off",
		"target_group_health.unhealthy_state_routing.minimum_healthy_targets.count":      "1",
		"target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage": "off",
	}
	if lbTypeOf(tg.Protocol) == network {
		datagrams := tg.Protocol == "UDP" || tg.Protocol == "TCP_UDP"
		maps.Copy(attributes, map[string]string{
			"stickiness.type": "source_ip",
			"deregistration_delay.connection_termination.enabled":          strconv.FormatBool(datagrams),
			"preserve_client_ip.enabled":                                   strconv.FormatBool(datagrams || tg.TargetType != "ip"),
			"proxy_protocol_v2.enabled":                                    "false",
			"target_health_state.unhealthy.connection_termination.enabled": strconv.FormatBool(!datagrams),
			"target_health_state.unhealthy.draining_interval_seconds":      "0",
		})
		return attributes
	}
	maps.Copy(attributes, map[string]string{
		"stickiness.type":                             "lb_cookie",
		"stickiness.lb_cookie.duration_seconds":       "86400",
		"stickiness.app_cookie.cookie_name":           "",
		"stickiness.app_cookie.duration_seconds":      "86400",
		"slow_start.duration_seconds":                 "0",
		"load_balancing.algorithm.type":               "round_robin",
		"load_balancing.algorithm.anomaly_mitigation": "off",
	})
	return attributes
}

func listenerAttributes(protocol string) map[string]string {
	switch protocol {
	case "TCP":
		return map[string]string{"tcp.idle_timeout.seconds": "350"}
	case "HTTP", "HTTPS":
	default:
		return map[string]string{}
	}
	attributes := map[string]string{"routing.http.response.server.enabled": "true"}
	for _, header := range []string{
		"strict_transport_security", "access_control_allow_origin", "access_control_allow_methods",
		"access_control_allow_headers", "access_control_allow_credentials", "access_control_expose_headers",
		"access_control_max_age", "content_security_policy", "x_content_type_options", "x_frame_options",
	} {
		attributes["routing.http.response."+header+".header_value"] = ""
	}
	if protocol == "HTTPS" {
		for _, header := range []string{
			"mtls_clientcert_serial_number", "mtls_clientcert_issuer", "mtls_clientcert_subject",
			"mtls_clientcert_validity", "mtls_clientcert_leaf", "mtls_clientcert", "tls_version", "tls_cipher_suite",
		} {
			attributes["routing.http.request.x_amzn_"+header+".header_name"] = ""
		}
	}
	return attributes
}

type wireAttribute struct {
	Key   string `xml:"Key"`
	Value string `xml:"Value"`
}

type attributesResult struct {
	Attributes []wireAttribute `xml:"Attributes>member"`
}

// attributes lists a resource's attributes by name.
func (r *Resource) attributes() attributesResult {
	var result attributesResult
	for _, key := range slices.Sorted(maps.Keys(r.Attributes)) {
		result.Attributes = append(result.Attributes, wireAttribute{key, r.Attributes[key]})
	}
	return result
}

// setAttributes carries a Modify…Attributes request out: all of it or nothing.
func (r *Resource) setAttributes(kind string, f query.Form) (any, error) {
	changed := maps.Clone(r.Attributes)
	for _, a := range f.Structs("Attributes") {
		key, value := a.String("Key"), a.String("Value")
		was, known := r.Attributes[key]
		if !known {
			return nil, sim.Errorf("ValidationError", "%s attribute key '%s' is not recognized", kind, key)
		}
		if !sameKind(was, value) {
			return nil, sim.Errorf("ValidationError", "%s attribute '%s' has an invalid value '%s'", kind, key, value)
		}
		changed[key] = value
	}
	r.Attributes = changed
	return r.attributes(), nil
}

// sameKind reports whether a value can replace another: a Boolean a Boolean, and a number a number or "off".
func sameKind(was, value string) bool {
	if was == "true" || was == "false" {
		return value == "true" || value == "false"
	}
	if _, err := strconv.Atoi(was); err == nil {
		_, err := strconv.Atoi(value)
		return err == nil || value == "off"
	}
	return true
}

func (s *Service) describeLoadBalancerAttributes(r *sim.Request, f query.Form) (any, error) {
	lb, err := s.loadBalancer(r, f.String("LoadBalancerArn"))
	if err != nil {
		return nil, err
	}
	return lb.attributes(), nil
}

func (s *Service) modifyLoadBalancerAttributes(r *sim.Request, f query.Form) (any, error) {
	lb, err := s.loadBalancer(r, f.String("LoadBalancerArn"))
	if err != nil {
		return nil, err
	}
	return lb.setAttributes("Load balancer", f)
}

func (s *Service) describeTargetGroupAttributes(r *sim.Request, f query.Form) (any, error) {
	tg, err := s.targetGroup(r, f.String("TargetGroupArn"))
	if err != nil {
		return nil, err
	}
	return tg.attributes(), nil
}

func (s *Service) modifyTargetGroupAttributes(r *sim.Request, f query.Form) (any, error) {
	tg, err := s.targetGroup(r, f.String("TargetGroupArn"))
	if err != nil {
		return nil, err
	}
	return tg.setAttributes("Target group", f)
}

func (s *Service) describeListenerAttributes(r *sim.Request, f query.Form) (any, error) {
	l, err := s.listener(r, f.String("ListenerArn"))
	if err != nil {
		return nil, err
	}
	return l.attributes(), nil
}

func (s *Service) modifyListenerAttributes(r *sim.Request, f query.Form) (any, error) {
	l, err := s.listener(r, f.String("ListenerArn"))
	if err != nil {
		return nil, err
	}
	return l.setAttributes("Listener", f)
}
