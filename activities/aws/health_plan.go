package aws

import (
	"fmt"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/linkwright/linkwright/activities"
)

// verdict is what the health of all wanted targets comes to.
type verdict int

const (
	allHealthy     verdict = iota
	stillChecking          // no wanted target is bad, and some are being checked
	someUnhealthy          // some fail their checks, which may pass
	groupUnused            // the group, or the zone of a target, is not part of any load balancer
	someNotPresent         // some are not registered (any more)
)

// judgeHealth looks at the wanted targets in the group's health. The worst of them decides.
func judgeHealth(group []elbtypes.TargetHealthDescription, port int32, wanted []string) ([]activities.TargetHealth, verdict) {
	var all []activities.TargetHealth
	worst := allHealthy
	for _, ip := range unique(wanted) {
		h, v := judgeTarget(group, port, ip)
		all = append(all, h)
		worst = max(worst, v)
	}
	return all, worst
}

// judgeTarget finds the health of one target. States and reasons: Elastic Load Balancing API Reference,
// TargetHealth.
func judgeTarget(group []elbtypes.TargetHealthDescription, port int32, ip string) (activities.TargetHealth, verdict) {
	absent := activities.TargetHealth{
		IP:     ip,
		State:  string(elbtypes.TargetHealthStateEnumUnused),
		Reason: string(elbtypes.TargetHealthReasonEnumNotRegistered),
	}
	i := slices.IndexFunc(group, func(d elbtypes.TargetHealthDescription) bool {
		return d.Target != nil && d.TargetHealth != nil && sdk.ToString(d.Target.Id) == ip && sdk.ToInt32(d.Target.Port) == port
	})
	if i < 0 {
		return absent, someNotPresent
	}
	found := group[i].TargetHealth
	h := activities.TargetHealth{IP: ip, State: string(found.State), Reason: string(found.Reason)}
	switch {
	case found.State == elbtypes.TargetHealthStateEnumHealthy:
		return h, allHealthy
	case found.State == elbtypes.TargetHealthStateEnumInitial:
		return h, stillChecking
	case found.Reason == elbtypes.TargetHealthReasonEnumNotInUse:
		return h, groupUnused
	case leaving(group[i]), found.Reason == elbtypes.TargetHealthReasonEnumNotRegistered:
		return h, someNotPresent
	}
	return h, someUnhealthy
}

// showHealth lists the targets that are not healthy: "10.0.1.5 unhealthy (Target.Timeout)".
func showHealth(all []activities.TargetHealth) string {
	var bad []string
	for _, h := range all {
		switch {
		case h.State == string(elbtypes.TargetHealthStateEnumHealthy):
		case h.Reason == "":
			bad = append(bad, h.IP+" "+h.State)
		default:
			bad = append(bad, fmt.Sprintf("%s %s (%s)", h.IP, h.State, h.Reason))
		}
	}
	return strings.Join(bad, ", ")
}
