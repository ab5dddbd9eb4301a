package elbv2

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
	"github.com/linkwright/linkwright/internal/simcloud"
)

// allZones is the availability zone of a target that takes traffic from nodes in every zone.
const allZones = "all"

// Target is one registration in a target group.
type Target struct {
	ID         string // IP address, instance id, or ARN of an application load balancer
	Port       int
	Zone       string // "all", a zone, or "" for an address of the VPC that is in none of its subnets, and for other types
	Registered time.Time
	// DrainedAt is when a deregistered target is gone; zero while it is registered.
	DrainedAt time.Time
}

func (t Target) draining() bool { return !t.DrainedAt.IsZero() }

// settle forgets the targets that have drained.
func (tg *TargetGroup) settle(c *simcloud.Clock) {
	tg.Targets = slices.DeleteFunc(tg.Targets, func(t Target) bool { return t.draining() && c.Passed(t.DrainedAt) })
}

// index is where the target with an id and port is, -1 when there is none.
func (tg *TargetGroup) index(id string, port int) int {
	return slices.IndexFunc(tg.Targets, func(t Target) bool { return t.ID == id && t.Port == port })
}

// readTargets reads the parameter Targets; a target without a port has the group's.
func readTargets(f query.Form, tg *TargetGroup) ([]Target, error) {
	var targets []Target
	for _, t := range f.Structs("Targets") {
		target := Target{ID: t.String("Id"), Port: tg.Port, Zone: t.String("AvailabilityZone")}
		port, err := t.Int("Port")
		if err != nil {
			return nil, err
		}
		if port != nil {
			target.Port = *port
		}
		if target.ID == "" || target.Port < 1 || target.Port > 65535 {
			return nil, sim.Errorf("ValidationError", "A target needs an Id and a Port between 1 and 65535")
		}
		targets = append(targets, target)
	}
	return targets, nil
}

// registerTargets adds all targets or, when one of them cannot be, none.
func (s *Service) registerTargets(r *sim.Request, f query.Form) (any, error) {
	tg, err := s.targetGroup(r, f.String("TargetGroupArn"))
	if err != nil {
		return nil, err
	}
	targets, err := readTargets(f, tg)
	if err != nil {
		return nil, err
	}
	if len(targets) == 0 {
		return nil, sim.Errorf("ValidationError", "At least one target must be specified")
	}
	tg.settle(s.world.Clock)
	all := slices.Clone(tg.Targets)
	for _, target := range targets {
		if err := s.checkTarget(r, tg, target); err != nil {
			return nil, err
		}
		target.Zone = s.zoneOf(tg, target)
		target.Registered = s.world.Clock.Now()
		i := slices.IndexFunc(all, func(t Target) bool { return t.ID == target.ID && t.Port == target.Port })
		switch {
		case i < 0:
			all = append(all, target)
		case all[i].draining() || all[i].Zone != target.Zone:
			all[i] = target
		}
	}
	if limit := s.quota(r, sim.QuotaTargetsPerGroup); len(all) > limit {
		return nil, sim.Errorf("TooManyTargets", "The maximum number of targets per target group has been reached on target group '%s': %d", tg.ARN, limit)
	}
	tg.Targets = all
	return struct{}{}, nil
}

// checkTarget holds a target against the rules of its group's type.
func (s *Service) checkTarget(r *sim.Request, tg *TargetGroup, t Target) error {
	if tg.TargetType == "ip" {
		return s.checkAddress(r, tg, t)
	}
	if t.Zone != "" {
		return sim.Errorf("ValidationError", "You cannot specify an Availability Zone for a target of a target group of type '%s'", tg.TargetType)
	}
	if tg.TargetType == "alb" {
		lb, ok := mine(r, s.state.LoadBalancers, t.ID)
		if !ok || lb.Type != application || lb.VPCID != tg.VPCID {
			return sim.Errorf("InvalidTarget", "The target '%s' is not an Application Load Balancer in the VPC of the target group", t.ID)
		}
		return nil
	}
	return sim.Errorf("InvalidTarget", "The following targets are not in a running state and cannot be registered: '%s'", t.ID)
}

// privateRanges are where the addresses of targets may lie besides the VPC's own subnets
// (User Guide for Network Load Balancers, "Target groups", IP addresses as targets).
var privateRanges = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"),
	netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"),
}

// checkAddress holds an IP target against the rules: its address is in the VPC or a private range, and
// outside the VPC it needs an availability zone, or "all" (Elastic Load Balancing API Reference,
// TargetDescription).
func (s *Service) checkAddress(r *sim.Request, tg *TargetGroup, t Target) error {
	addr, err := netip.ParseAddr(t.ID)
	if err != nil || addr.Is6() != (tg.IPAddressType == "ipv6") {
		return sim.Errorf("ValidationError", "The IP address '%s' is not a valid %s address", t.ID, tg.IPAddressType)
	}
	inVPC, err := s.inVPC(tg, addr)
	if err != nil {
		return err
	}
	private := slices.ContainsFunc(privateRanges, func(p netip.Prefix) bool { return p.Contains(addr) })
	switch {
	case !inVPC && !private:
		return sim.Errorf("InvalidTarget", "The IP address '%s' is not within the target group's VPC and not in a private range that targets may be in", t.ID)
	case !inVPC && t.Zone == "":
		return sim.Errorf("ValidationError", "The IP address '%s' is outside of the VPC '%s'. You must specify an Availability Zone, or 'all'", t.ID, tg.VPCID)
	case !inVPC && t.Zone == allZones && tg.keepsToZones():
		return sim.Errorf("ValidationError", "The Availability Zone 'all' is not supported for the IP address '%s': cross-zone load balancing is off for the target group. You must specify an Availability Zone of the VPC '%s'", t.ID, tg.VPCID)
	case t.Zone != "" && t.Zone != allZones && !strings.HasPrefix(t.Zone, r.Region):
		return sim.Errorf("ValidationError", "The Availability Zone '%s' is not valid", t.Zone)
	}
	return nil
}

// keepsToZones reports whether an application load balancer's nodes send to targets of their own zone alone, which
// takes a zone for each target outside the VPC.
func (tg *TargetGroup) keepsToZones() bool {
	return lbTypeOf(tg.Protocol) == application && tg.Attributes[crossZone] == "false"
}

func (s *Service) inVPC(tg *TargetGroup, addr netip.Addr) (bool, error) {
	cidrs, ok := s.world.Networks.VPC(tg.AccountID, tg.Region, tg.VPCID)
	if !ok {
		return false, sim.Errorf("InvalidConfigurationRequest", "The VPC '%s' of the target group does not exist any more", tg.VPCID)
	}
	for _, cidr := range cidrs {
		prefix, err := netip.ParsePrefix(cidr)
		if err == nil && prefix.Contains(addr) {
			return true, nil
		}
	}
	return false, nil
}

// zoneOf is the availability zone of a target: the one that was given, or the one found by the address in the
// VPC (Elastic Load Balancing API Reference, TargetDescription).
func (s *Service) zoneOf(tg *TargetGroup, t Target) string {
	if t.Zone != "" || tg.TargetType != "ip" {
		return t.Zone
	}
	zone, _ := s.world.Networks.ZoneAt(tg.AccountID, tg.Region, tg.VPCID, t.ID)
	return zone
}

// deregisterTargets lets targets drain, if they have had traffic. A target that is not registered is no
// error, and one that was registered with another port than the one given stays.
func (s *Service) deregisterTargets(r *sim.Request, f query.Form) (any, error) {
	tg, err := s.targetGroup(r, f.String("TargetGroupArn"))
	if err != nil {
		return nil, err
	}
	targets, err := readTargets(f, tg)
	if err != nil {
		return nil, err
	}
	tg.settle(s.world.Clock)
	for _, target := range targets {
		i := tg.index(target.ID, target.Port)
		if i < 0 || tg.Targets[i].draining() {
			continue
		}
		if s.health(tg, tg.Targets[i]).State == unused {
			tg.Targets = slices.Delete(tg.Targets, i, i+1)
			continue
		}
		tg.Targets[i].DrainedAt = s.world.Clock.In(tg.drain())
	}
	return struct{}{}, nil
}
