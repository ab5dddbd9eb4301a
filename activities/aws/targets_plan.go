package aws

import (
	"net/netip"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/linkwright/linkwright/activities/sets"
)

// targetPlan is what makes the targets of one connection as wanted.
type targetPlan struct {
	Register, Deregister []elbtypes.TargetDescription
}

// planTargets compares the targets in a group with the addresses wanted at a port:
//
//	in the group    wanted  owned  change
//	----------------------------------------
//	no, or leaving  yes     any    register
//	yes             yes     any    –
//	yes             no      yes    deregister
//	yes             no      no     – (somebody else's)
//	no, or leaving  no      any    –
//
// A target that is deregistered is described as it is registered.
func planTargets(group []elbtypes.TargetHealthDescription, port int32, wanted, owned []string, vpc []netip.Prefix) targetPlan {
	registered := map[string]*elbtypes.TargetDescription{}
	for _, d := range group {
		if d.Target != nil && sdk.ToInt32(d.Target.Port) == port && !leaving(d) {
			registered[sdk.ToString(d.Target.Id)] = d.Target
		}
	}
	var plan targetPlan
	for _, ip := range unique(wanted) {
		if registered[ip] == nil {
			plan.Register = append(plan.Register, target(ip, port, vpc))
		}
	}
	for _, ip := range unique(owned) {
		if have := registered[ip]; have != nil && !slices.Contains(wanted, ip) {
			plan.Deregister = append(plan.Deregister, elbtypes.TargetDescription{
				Id: have.Id, Port: have.Port, AvailabilityZone: have.AvailabilityZone,
			})
		}
	}
	return plan
}

// target describes an address to Elastic Load Balancing. One outside the target group's VPC needs the availability
// zone "all", or one of the VPC's; inside, the zone is found by itself (Elastic Load Balancing API Reference, TargetDescription).
func target(ip string, port int32, vpc []netip.Prefix) elbtypes.TargetDescription {
	t := elbtypes.TargetDescription{Id: sdk.String(ip), Port: sdk.Int32(port)}
	addr, err := netip.ParseAddr(ip)
	inside := err == nil && slices.ContainsFunc(vpc, func(p netip.Prefix) bool { return p.Contains(addr) })
	if !inside {
		t.AvailabilityZone = sdk.String(allZones)
	}
	return t
}

// allZones is the availability zone of a target that the nodes of all zones send requests to.
const allZones = "all"

// outside reports whether a target is to be registered for all zones.
func (p targetPlan) outside() bool {
	return slices.ContainsFunc(p.Register, func(t elbtypes.TargetDescription) bool { return sdk.ToString(t.AvailabilityZone) == allZones })
}

// spreadOutside gives the targets outside of the VPC zones of the load balancer, in turn: where cross-zone load balancing
// is off, "all" is refused, and the nodes of a zone send requests to that zone's targets alone.
func (p targetPlan) spreadOutside(zones []string) {
	n := 0
	for i := range p.Register {
		if sdk.ToString(p.Register[i].AvailabilityZone) == allZones {
			p.Register[i].AvailabilityZone = sdk.String(zones[n%len(zones)])
			n++
		}
	}
}

// leaving reports whether a target has been deregistered and only finishes what it has begun.
func leaving(d elbtypes.TargetHealthDescription) bool {
	if d.TargetHealth == nil {
		return false
	}
	return d.TargetHealth.State == elbtypes.TargetHealthStateEnumDraining ||
		d.TargetHealth.State == elbtypes.TargetHealthStateEnumUnhealthyDraining
}

func unique(s []string) []string { return slices.Compact(sets.Sorted(s)) }
