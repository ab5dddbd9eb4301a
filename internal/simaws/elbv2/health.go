package elbv2

import (
	"slices"
	"strconv"
	"time"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// The states of a target (Elastic Load Balancing API Reference, TargetHealth).
const (
	unused    = "unused"
	initial   = "initial"
	healthy   = "healthy"
	unhealthy = "unhealthy"
	draining  = "draining"
)

// wireHealth is a target's state and, unless it is healthy, why.
type wireHealth struct {
	State       string `xml:"State"`
	Reason      string `xml:"Reason,omitempty"`
	Description string `xml:"Description,omitempty"`
}

type wireTarget struct {
	ID   string `xml:"Id"`
	Port int    `xml:"Port"`
	Zone string `xml:"AvailabilityZone,omitempty"`
}

type targetHealth struct {
	Target    wireTarget `xml:"Target"`
	CheckPort string     `xml:"HealthCheckPort,omitempty"`
	Health    wireHealth `xml:"TargetHealth"`
}

// drain is how long a deregistered target still ends its connections.
func (tg *TargetGroup) drain() time.Duration {
	seconds, err := strconv.Atoi(tg.Attributes[deregistrationDelay])
	if err != nil { // "off" is no delay
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// health says how a target is now. Nothing probes it: a target that a load balancer in use sends traffic to
// is initial for one health check's interval, and then as healthy as what stands behind it.
func (s *Service) health(tg *TargetGroup, t Target) wireHealth {
	if t.draining() {
		return wireHealth{draining, "Target.DeregistrationInProgress", "Target deregistration is in progress"}
	}
	uses := s.usesOf(tg.ARN)
	if len(uses) == 0 {
		return wireHealth{unused, "Target.NotInUse", "Target group is not configured to receive traffic from the load balancer"}
	}
	lb, ok := s.state.LoadBalancers[uses[0].loadBalancerARN]
	if !ok || !lb.hasZone(t.Zone) {
		return wireHealth{unused, "Target.NotInUse", "Target is in an Availability Zone that is not enabled for the load balancer"}
	}
	inUse := latest(t.Registered, uses[0].since, lb.ActiveAt)
	switch {
	case !s.world.Clock.Passed(inUse):
		return wireHealth{initial, "Elb.RegistrationInProgress", "Target registration is in progress"}
	case !s.world.Clock.Passed(inUse.Add(s.world.Clock.Scaled(tg.Health.interval()))):
		return wireHealth{initial, "Elb.InitialHealthChecking", "Initial health checks in progress"}
	case s.answers(tg, t):
		return wireHealth{State: healthy}
	case tg.Protocol == "HTTP" || tg.Protocol == "HTTPS":
		return wireHealth{unhealthy, "Target.Timeout", "Request timed out"}
	}
	return wireHealth{unhealthy, "Target.FailedHealthChecks", "Health checks failed"}
}

// answers reports whether a health check of a target would pass.
func (s *Service) answers(tg *TargetGroup, t Target) bool {
	if tg.TargetType == "alb" {
		lb, ok := s.state.LoadBalancers[t.ID]
		return ok && lb.state(s.world.Clock) == "active"
	}
	return s.world.Networks.AnswersAt(tg.Region, t.ID)
}

// describeTargetHealth tells of all targets of a group, or of those that the request names.
func (s *Service) describeTargetHealth(r *sim.Request, f query.Form) (any, error) {
	tg, err := s.targetGroup(r, f.String("TargetGroupArn"))
	if err != nil {
		return nil, err
	}
	asked, err := readTargets(f, tg)
	if err != nil {
		return nil, err
	}
	tg.settle(s.world.Clock)
	var result struct {
		Descriptions []targetHealth `xml:"TargetHealthDescriptions>member"`
	}
	if len(asked) == 0 {
		asked = slices.Clone(tg.Targets)
	}
	for _, t := range asked {
		d := targetHealth{
			Target:    wireTarget{t.ID, t.Port, t.Zone},
			CheckPort: strconv.Itoa(t.Port),
			Health:    wireHealth{unused, "Target.NotRegistered", "Target is not registered to the target group"},
		}
		if tg.Health.Port != "traffic-port" {
			d.CheckPort = tg.Health.Port
		}
		if i := tg.index(t.ID, t.Port); i >= 0 {
			d.Target.Zone = tg.Targets[i].Zone
			d.Health = s.health(tg, tg.Targets[i])
		}
		result.Descriptions = append(result.Descriptions, d)
	}
	return result, nil
}
