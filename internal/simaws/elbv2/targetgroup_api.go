package elbv2

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

type wireTargetGroup struct {
	ARN                string       `xml:"TargetGroupArn"`
	Name               string       `xml:"TargetGroupName"`
	Protocol           string       `xml:"Protocol"`
	ProtocolVersion    string       `xml:"ProtocolVersion,omitempty"`
	Port               int          `xml:"Port"`
	VPCID              string       `xml:"VpcId"`
	TargetType         string       `xml:"TargetType"`
	IPAddressType      string       `xml:"IpAddressType"`
	CheckEnabled       bool         `xml:"HealthCheckEnabled"`
	CheckProtocol      string       `xml:"HealthCheckProtocol"`
	CheckPort          string       `xml:"HealthCheckPort"`
	CheckPath          string       `xml:"HealthCheckPath,omitempty"`
	CheckInterval      int          `xml:"HealthCheckIntervalSeconds"`
	CheckTimeout       int          `xml:"HealthCheckTimeoutSeconds"`
	HealthyThreshold   int          `xml:"HealthyThresholdCount"`
	UnhealthyThreshold int          `xml:"UnhealthyThresholdCount"`
	Matcher            *wireMatcher `xml:"Matcher"`
	LoadBalancerARNs   []string     `xml:"LoadBalancerArns>member"`
}

type wireMatcher struct {
	HTTPCode string `xml:"HttpCode,omitempty"`
	GRPCCode string `xml:"GrpcCode,omitempty"`
}

type targetGroupsResult struct {
	TargetGroups []wireTargetGroup `xml:"TargetGroups>member"`
	NextMarker   string            `xml:"NextMarker,omitempty"`
}

func (s *Service) wireTargetGroup(tg *TargetGroup) wireTargetGroup {
	h := tg.Health
	w := wireTargetGroup{
		ARN: tg.ARN, Name: tg.Name, Protocol: tg.Protocol, ProtocolVersion: tg.ProtocolVersion, Port: tg.Port,
		VPCID: tg.VPCID, TargetType: tg.TargetType, IPAddressType: tg.IPAddressType,
		CheckEnabled: h.Enabled, CheckProtocol: h.Protocol, CheckPort: h.Port, CheckPath: h.Path,
		CheckInterval: h.IntervalSeconds, CheckTimeout: h.TimeoutSeconds,
		HealthyThreshold: h.HealthyThreshold, UnhealthyThreshold: h.UnhealthyThreshold,
	}
	switch {
	case h.Matcher == "":
	case tg.ProtocolVersion == grpc:
		w.Matcher = &wireMatcher{GRPCCode: h.Matcher}
	default:
		w.Matcher = &wireMatcher{HTTPCode: h.Matcher}
	}
	for _, use := range s.usesOf(tg.ARN) {
		if !slices.Contains(w.LoadBalancerARNs, use.loadBalancerARN) {
			w.LoadBalancerARNs = append(w.LoadBalancerARNs, use.loadBalancerARN)
		}
	}
	return w
}

func (s *Service) targetGroup(r *sim.Request, arn string) (*TargetGroup, error) {
	tg, ok := mine(r, s.state.TargetGroups, arn)
	if !ok {
		return nil, sim.Errorf("TargetGroupNotFound", "One or more target groups not found")
	}
	return tg, nil
}

func (s *Service) createTargetGroup(r *sim.Request, f query.Form) (any, error) {
	tg, err := s.readTargetGroup(r, f)
	if err != nil {
		return nil, err
	}
	tags, err := readTags(f, nil)
	if err != nil {
		return nil, err
	}
	mine := list(r, s.state.TargetGroups, func(*TargetGroup) bool { return true })
	if i := slices.IndexFunc(mine, func(other *TargetGroup) bool { return other.Name == tg.Name }); i >= 0 {
		if !mine[i].same(tg, tags) {
			return nil, sim.Errorf("DuplicateTargetGroupName", "A target group with the same name '%s' exists, but with different settings", tg.Name)
		}
		return targetGroupsResult{TargetGroups: []wireTargetGroup{s.wireTargetGroup(mine[i])}}, nil
	}
	if limit := s.quota(r, sim.QuotaTargetGroups); len(mine) >= limit {
		return nil, sim.Errorf("TooManyTargetGroups", "The maximum number of target groups has been reached: %d", limit)
	}
	tg.Resource = s.newResource(r, fmt.Sprintf("targetgroup/%s/%s", tg.Name, r.Hex(16)), targetGroupAttributes(tg), tags)
	s.state.TargetGroups[tg.ARN] = tg
	return targetGroupsResult{TargetGroups: []wireTargetGroup{s.wireTargetGroup(tg)}}, nil
}

// same reports whether creating other again would make what tg is.
func (tg *TargetGroup) same(other *TargetGroup, tags map[string]string) bool {
	return tg.TargetType == other.TargetType && tg.Protocol == other.Protocol && tg.ProtocolVersion == other.ProtocolVersion &&
		tg.Port == other.Port && tg.VPCID == other.VPCID && tg.IPAddressType == other.IPAddressType &&
		tg.Health == other.Health && maps.Equal(tg.Tags, tags)
}

func (s *Service) describeTargetGroups(r *sim.Request, f query.Form) (any, error) {
	arns, names, lbARN := f.List("TargetGroupArns"), f.List("Names"), f.String("LoadBalancerArn")
	if lbARN != "" {
		if _, err := s.loadBalancer(r, lbARN); err != nil {
			return nil, err
		}
	}
	found := list(r, s.state.TargetGroups, func(tg *TargetGroup) bool {
		switch {
		case lbARN != "":
			return slices.Contains(s.wireTargetGroup(tg).LoadBalancerARNs, lbARN)
		case len(arns)+len(names) > 0:
			return slices.Contains(arns, tg.ARN) || slices.Contains(names, tg.Name)
		}
		return true
	})
	if lbARN == "" && len(arns)+len(names) > len(found) {
		return nil, sim.Errorf("TargetGroupNotFound", "One or more target groups not found")
	}
	found, next, err := page(r, f, found)
	if err != nil {
		return nil, err
	}
	result := targetGroupsResult{NextMarker: next}
	for _, tg := range found {
		result.TargetGroups = append(result.TargetGroups, s.wireTargetGroup(tg))
	}
	return result, nil
}

func (s *Service) modifyTargetGroup(r *sim.Request, f query.Form) (any, error) {
	tg, err := s.targetGroup(r, f.String("TargetGroupArn"))
	if err != nil {
		return nil, err
	}
	health, err := tg.readHealthCheck(f, tg.Health)
	if err != nil {
		return nil, err
	}
	tg.Health = health
	return targetGroupsResult{TargetGroups: []wireTargetGroup{s.wireTargetGroup(tg)}}, nil
}

// deleteTargetGroup takes a target group away that no listener and no rule forwards to. That it is gone already is no
// error.
func (s *Service) deleteTargetGroup(r *sim.Request, f query.Form) (any, error) {
	arn := f.String("TargetGroupArn")
	if !strings.Contains(arn, ":targetgroup/") {
		return nil, sim.Errorf("ValidationError", "'%s' is not a valid target group ARN", arn)
	}
	tg, ok := mine(r, s.state.TargetGroups, arn)
	if !ok {
		return struct{}{}, nil
	}
	if len(s.usesOf(tg.ARN)) > 0 {
		return nil, sim.Errorf("ResourceInUse", "Target group '%s' is currently in use by a listener or a rule", tg.ARN)
	}
	delete(s.state.TargetGroups, tg.ARN)
	return struct{}{}, nil
}
