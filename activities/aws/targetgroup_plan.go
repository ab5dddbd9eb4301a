package aws

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// A target group has a name of its account's own, so two makers of the same group cannot make two. All that AWS does
// not let be changed is in the name: a group that has to be another one has another name, and is made beside the old
// one. A group serves one load balancer alone, so that is in it, too.
//
//	lw-payments-sho-1f0c2b3a-9d8e7f
//	   readable     owner    settings

// targetGroupName is what the target group of a route is called: at most 32 letters, digits and hyphens, none of these at
// either end (Elastic Load Balancing API Reference, CreateTargetGroup).
func targetGroupName(owner activities.Owner, name string, at listener, want link.RouteTargets, port int32) string {
	settings := fmt.Sprintf("%s\n%s\n%s\n%d", at.loadBalancer, at.vpc, want.Protocol, port)
	return "lw-" + readable(name) + ownerMark(owner) + shortHash(settings, 6)
}

// ownerMark is the part of the name that all groups of an owner have.
func ownerMark(owner activities.Owner) string { return "-" + shortHash(string(owner), 8) + "-" }

// marked reports whether a group may be one of the owner's, by its name. Whether it is, its tag says.
func marked(name string, owner activities.Owner) bool {
	return namedByUs(name) && strings.Contains(name, ownerMark(owner))
}

// namedByUs reports whether a group may be any flow's, by its name.
func namedByUs(name string) bool { return strings.HasPrefix(name, "lw-") }

// readable makes the first letters of a name fit into one of AWS.
func readable(name string) string {
	const most = 12
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() == most {
			break
		}
	}
	if s := strings.TrimSuffix(b.String(), "-"); s != "" {
		return s
	}
	return "route"
}

func shortHash(s string, digits int) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])[:digits]
}

// newTargetGroup is the request that makes the target group of a route.
func newTargetGroup(req activities.TargetGroupRequest, at listener) *elasticloadbalancingv2.CreateTargetGroupInput {
	check := checkOf(req.Want)
	return &elasticloadbalancingv2.CreateTargetGroupInput{
		Name:                       sdk.String(targetGroupName(req.Owner, req.Name, at, req.Want, req.Port)),
		TargetType:                 elbtypes.TargetTypeEnumIp,
		VpcId:                      sdk.String(at.vpc),
		Protocol:                   elbtypes.ProtocolEnum(req.Want.Protocol),
		Port:                       sdk.Int32(req.Port),
		Tags:                       balancerTags(req.Owner, req.Name),
		HealthCheckProtocol:        check.HealthCheckProtocol,
		HealthCheckPort:            check.HealthCheckPort,
		HealthCheckPath:            check.HealthCheckPath,
		HealthCheckIntervalSeconds: check.HealthCheckIntervalSeconds,
		HealthCheckTimeoutSeconds:  check.HealthCheckTimeoutSeconds,
		HealthyThresholdCount:      check.HealthyThresholdCount,
		UnhealthyThresholdCount:    check.UnhealthyThresholdCount,
		Matcher:                    check.Matcher,
	}
}

// checkOf is the health check of a spec, in a request that changes a group to it. It speaks the targets' protocol,
// which AWS would take for HTTP.
func checkOf(want link.RouteTargets) *elasticloadbalancingv2.ModifyTargetGroupInput {
	h := want.HealthCheck
	port := "traffic-port"
	if h.Port != 0 {
		port = strconv.Itoa(int(h.Port))
	}
	return &elasticloadbalancingv2.ModifyTargetGroupInput{
		HealthCheckProtocol:        elbtypes.ProtocolEnum(want.Protocol),
		HealthCheckPort:            sdk.String(port),
		HealthCheckPath:            sdk.String(h.Path),
		HealthCheckIntervalSeconds: seconds(h.Interval),
		HealthCheckTimeoutSeconds:  seconds(h.Timeout),
		HealthyThresholdCount:      sdk.Int32(h.Healthy),
		UnhealthyThresholdCount:    sdk.Int32(h.Unhealthy),
		Matcher:                    &elbtypes.Matcher{HttpCode: sdk.String(h.Codes)},
	}
}

func seconds(d link.Duration) *int32 { return sdk.Int32(int32(time.Duration(d) / time.Second)) }

// targetGroupChange is what about a target group is not as wanted.
type targetGroupChange struct {
	group      string // ARN
	check      *elasticloadbalancingv2.ModifyTargetGroupInput
	attributes []elbtypes.TargetGroupAttribute
	shown      []string
}

// planHealthCheck compares a group's health check with the wanted one. It tells what differs, "health check path /healthz,
// was /", and how to mend it; nil when nothing does.
func planHealthCheck(have elbtypes.TargetGroup, want link.RouteTargets) (*elasticloadbalancingv2.ModifyTargetGroupInput, []string) {
	check := checkOf(want)
	var changes []string
	differ := func(what, have, want string) {
		if have != want {
			changes = append(changes, fmt.Sprintf("health check %s %s, was %s", what, want, have))
		}
	}
	number := func(n *int32) string { return strconv.Itoa(int(sdk.ToInt32(n))) }
	codes := ""
	if have.Matcher != nil {
		codes = sdk.ToString(have.Matcher.HttpCode)
	}
	differ("protocol", string(have.HealthCheckProtocol), string(check.HealthCheckProtocol))
	differ("port", sdk.ToString(have.HealthCheckPort), sdk.ToString(check.HealthCheckPort))
	differ("path", sdk.ToString(have.HealthCheckPath), sdk.ToString(check.HealthCheckPath))
	differ("codes", codes, sdk.ToString(check.Matcher.HttpCode))
	differ("interval", number(have.HealthCheckIntervalSeconds)+"s", number(check.HealthCheckIntervalSeconds)+"s")
	differ("timeout", number(have.HealthCheckTimeoutSeconds)+"s", number(check.HealthCheckTimeoutSeconds)+"s")
	differ("healthy threshold", number(have.HealthyThresholdCount), number(check.HealthyThresholdCount))
	differ("unhealthy threshold", number(have.UnhealthyThresholdCount), number(check.UnhealthyThresholdCount))
	if changes == nil {
		return nil, nil
	}
	check.TargetGroupArn = have.TargetGroupArn
	return check, changes
}

// planAttributes compares the attributes of a group with those that a spec lists. Others are left as they are.
func planAttributes(have []elbtypes.TargetGroupAttribute, want map[string]string) ([]elbtypes.TargetGroupAttribute, []string) {
	was := map[string]string{}
	for _, a := range have {
		was[sdk.ToString(a.Key)] = sdk.ToString(a.Value)
	}
	var set []elbtypes.TargetGroupAttribute
	var changes []string
	for _, key := range slices.Sorted(maps.Keys(want)) {
		value, known := was[key]
		if known && value == want[key] {
			continue
		}
		set = append(set, elbtypes.TargetGroupAttribute{Key: sdk.String(key), Value: sdk.String(want[key])})
		changes = append(changes, fmt.Sprintf("attribute %s %s, was %q", key, want[key], value))
	}
	return set, changes
}
