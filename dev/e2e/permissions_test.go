package e2e

import (
	"flag"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/linkwright/linkwright/internal/link"
)

var everyPermission = flag.Bool("every-permission", false, "withhold each permission in a life of its own, and not only some")

// lives are links that between them need every permission there is.
func lives() map[string]func(*scene) {
	return map[string]func(*scene){
		// A service and two connections with all that they can have, which are changed on the way; one is turned away.
		"a full life": func(s *scene) {
			on := func(loadBalancer string) func(*link.EndpointServiceSpec) {
				return func(spec *link.EndpointServiceSpec) {
					spec.AWS.LoadBalancers = link.LoadBalancers{Tags: s.tagged(loadBalancer)}
				}
			}
			s.publish(on("spare"))
			s.awaitArrival(s.service())
			s.publish(on("main"))
			s.awaitArrival(s.service())
			shop := s.connect("shop", func(spec *link.ConnectionSpec) { spec.AWS.Subnets = s.subnets("a") })
			s.decide(shop, link.Approve)
			s.awaitArrival(shop)
			s.connect("shop")
			s.awaitArrival(shop)
			crm := s.connect("crm", plain)
			s.decide(crm, link.Reject)
			s.awaitPhase(crm, link.Rejected)
			s.wantWhole(shop)
			s.takeDown()
		},
		// An endpoint that the consumer has made, and that a connection takes over.
		"a takeover": func(s *scene) {
			s.publish(bare, openToAll)
			endpoint := s.openEndpoint(s.awaitArrival(s.service()).ServiceName)
			s.awaitArrival(s.connection(endpoint))
			shop := s.connect("shop", plain, func(spec *link.ConnectionSpec) { spec.AWS.Endpoint = endpoint })
			s.awaitArrival(shop)
			s.takeDown()
		},
		// A service that the provider has made by hand, and that is left in the end.
		"an adoption": func(s *scene) {
			id, _ := s.foreignService("main")
			s.publish(bare, func(spec *link.EndpointServiceSpec) {
				spec.AWS.Service, spec.AWS.AcceptanceRequired = id, new(false)
			})
			s.awaitArrival(s.service())
			s.awaitArrival(s.connect("shop", plain))
			s.remove(s.service())
			s.deleteByHand(id)
			s.wantAsBefore()
		},
		// A consumer in another region.
		"a life across regions": func(s *scene) {
			s.publish(bare, openToAll, func(spec *link.EndpointServiceSpec) { spec.AWS.SupportedRegions = []string{otherRegion} })
			vpc, subnet := s.networkIn(otherRegion)
			shop := s.connect("shop", plain, func(spec *link.ConnectionSpec) {
				spec.Region = otherRegion
				spec.AWS = &link.AWSConnection{VPC: vpc, Subnets: []string{subnet}}
			})
			s.awaitArrival(shop)
			s.takeDown()
		},
		// An endpoint of a hub, with a security group of its own, which changes, and a zone that is made for it, and that
		// another account no longer sees in the end.
		"a life in a hub": func(s *scene) {
			s.offerOwn()
			s.publish(bare, openToAll)
			shop := s.connect("shop", s.hub("10.0.0.0/8"))
			s.awaitArrival(shop)
			s.connect("shop", s.hub("10.2.0.0/16"), unseenElsewhere)
			s.awaitArrival(shop)
			s.remove(s.service())
			s.remove(s.inventory())
			s.wantAsBefore()
		},
		// A zone that is there, in another account than the VPC that is to see it.
		"a life in a zone that is there": func(s *scene) {
			zone := s.zoneInside()
			s.publish(bare, openToAll)
			s.awaitArrival(s.connect("shop", plain, s.thereAlready(zone)))
			s.remove(s.service())
			s.deleteZone(s.dns(), zone)
			s.wantAsBefore()
		},
		// A route, whose rule has to move in front of somebody else's, and whose targets are looked after in another way.
		"a life behind a route": func(s *scene) {
			s.publish(bare, openToAll)
			shop := s.connect("shop", s.routed("shop", link.RouteTargets{}))
			s.awaitArrival(shop)
			s.connect("shop", s.routed("shop.pages", link.RouteTargets{
				HealthCheck: link.HealthCheck{Path: "/healthz"}, Attributes: map[string]string{"deregistration_delay.timeout_seconds": "30"},
			}))
			s.awaitArrival(shop)
			s.remove(s.service())
			s.clear()
			s.wantAsBefore()
		},
		// A VPC of an inventory that another account's is peered with, on another port in the end.
		"a life of a peering": func(s *scene) {
			s.offerOwn()
			s.letPeer()
			s.peer(443)
			s.awaitArrival(s.peering())
			s.peer(8443)
			s.awaitArrival(s.peering())
			s.remove(s.peering())
			s.remove(s.inventory())
			s.wantAsBefore()
		},
		// A service that somebody else publishes.
		"a life of a service published elsewhere": func(s *scene) {
			const parameter = "/elsewhere/service-name"
			id, name := s.foreignService("main")
			s.tell(parameter, name)
			shop := s.connect("shop", plain, s.elsewhere(parameter))
			s.awaitArrival(shop)
			s.remove(shop)
			s.forget(parameter)
			s.deleteForeignService(id)
			s.until("the foreign service to be gone", func() bool { return len(s.built()) == 0 }, func() any { return s.built() })
		},
	}
}

// spared are permissions for want of which no flow need be blocked, and why they are asked for all the same.
var spared = map[permission]string{
	{"consumer", "InventoryLooks", "servicequotas:GetServiceQuota"}:            "without it, AWS's default goes for the account's quota",
	{"consumer", "RouteLooksAtQuotas", "servicequotas:GetServiceQuota"}:        "without it, AWS's default goes for the account's quota; and only a choice among listeners asks",
	{"consumer", "IngressLooks", "elasticloadbalancing:DescribeAccountLimits"}: "without it, AWS's defaults go for the account's limits; and only a choice among listeners asks",
	{"provider", "ParameterKeeps", "ssm:GetParameters"}:                        "only an audit asks for several at once",
	{"consumer", "ZoneCreates", "route53:ListHostedZonesByVPC"}:                "it is asked to say which other zone of the name a VPC sees, when there is one",
	// The consumer has both the zone and a VPC that sees it.
	{"consumer", "NetworkAwaitsChanges", "route53:GetChange"}: "ZoneAwaitsChanges allows the same",
	{"consumer", "ZoneAwaitsChanges", "route53:GetChange"}:    "NetworkAwaitsChanges allows the same",
	{"dns", "NetworkAwaitsChanges", "route53:GetChange"}:      "without it, that the zone is listed for the VPC is enough",
	// So do these, of a VPC that an inventory offers, and that is to see a zone of the same account.
	{"consumer", "ConsumerLooks", "ec2:DescribeSecurityGroups"}:             "InventoryLooks allows the same",
	{"consumer", "InventoryLooks", "ec2:DescribeSecurityGroups"}:            "ConsumerLooks allows the same",
	{"consumer", "ZoneSeesVPCs", "ec2:DescribeVpcs"}:                        "NetworkSeesVPCs allows the same",
	{"consumer", "NetworkSeesVPCs", "ec2:DescribeVpcs"}:                     "ZoneSeesVPCs allows the same",
	{"consumer", "NetworkLooks", "route53:ListHostedZonesByVPC"}:            "it is asked when Route 53 does not let a VPC see a zone, or not tell whether it does",
	{"dns", "NetworkLooks", "route53:ListHostedZonesByVPC"}:                 "it is asked when Route 53 does not let a VPC see a zone, or not tell whether it does",
	{"consumer", "PeeringLooks", "ec2:DescribeSecurityGroups"}:              "InventoryLooks allows the same",
	{"consumer", "PeeringLooks", "ec2:DescribeVpcs"}:                        "InventoryLooks allows the same",
	{"consumer", "PeeringRoutes", "ec2:ReplaceRoute"}:                       "it is asked for when a route leads nowhere any more",
	{"dns", "PeeringRoutes", "ec2:ReplaceRoute"}:                            "it is asked for when a route leads nowhere any more",
	{"consumer", "PeeringLetsInRules", "ec2:AuthorizeSecurityGroupIngress"}: "AWS names rules as resources of the call, too; the simulated cloud holds it against the group alone",
	{"dns", "PeeringLetsInRules", "ec2:AuthorizeSecurityGroupIngress"}:      "AWS names rules as resources of the call, too; the simulated cloud holds it against the group alone",
	{"consumer", "ConsumerLooks", "ec2:DescribeAvailabilityZones"}:          "it is asked where AWS names a service's zones without their ids, which it does not do any more",
}

// otherRegion is where nothing is in any scene but what a test makes.
const otherRegion = "eu-west-1"

// Each life begins with nothing allowed. Whatever blocks it must be named, be among what is printed for its specs, and
// be all that is missing; then it is allowed, and the life goes on by itself to its end. So no permission is
// missing; and one that blocks no life is one too many.
func TestEveryPermissionIsNeededAndNoneIsMissing(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	printed, needed := map[permission]string{}, map[permission][]string{} // by the names of lives
	t.Run("when nothing is allowed at first", func(t *testing.T) {
		for name, live := range lives() {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				s := newScene(t)
				s.withholdAll()
				s.onMissing(s.give)
				live(s)
				s.reviewMissing(s.give)
				mu.Lock()
				defer mu.Unlock()
				for _, p := range s.allowed() {
					needed[s.anywhere(p)] = append(needed[s.anywhere(p)], name)
				}
				for _, p := range s.printed() {
					printed[s.anywhere(p)] = name
				}
			})
		}
	})
	if t.Failed() {
		return
	}
	// The policy for a peering is that of both ends: what one of them needs is not too much for the other.
	either := func(p permission) bool {
		return strings.HasPrefix(p.sid, "Peering") && slices.ContainsFunc(slices.Collect(maps.Keys(needed)), func(other permission) bool {
			return other.sid == p.sid && other.action == p.action
		})
	}
	for p, life := range printed {
		_, free := spared[p]
		if _, ok := needed[p]; !ok && !free && !either(p) {
			t.Errorf("%s is allowed for %s (%s), for which %s goes without it", p.action, p.account, p.sid, life)
		}
	}
	withheld := needed
	if !*everyPermission {
		withheld = map[permission][]string{}
		for _, p := range []permission{
			{"provider", "ProviderTags", "ec2:CreateTags"}, {"provider", "ProviderKeeps", "ec2:RejectVpcEndpointConnections"},
			{"provider", "ParameterKeeps", "ssm:DeleteParameter"}, {"dns", "DNSAwaitsChanges", "route53:GetChange"},
			{"consumer", "ConsumerMoves", "ec2:ModifyVpcEndpoint"}, {"consumer", "IngressKeepsTargets", "elasticloadbalancing:DeregisterTargets"},
		} {
			if withheld[p] = needed[p]; len(needed[p]) == 0 {
				t.Fatalf("%v is needed by no life", p)
			}
		}
	}
	for p, of := range withheld {
		if _, free := spared[p]; free {
			continue
		}
		t.Run("when "+p.account+" may not "+p.action+" for "+p.sid, func(t *testing.T) {
			t.Parallel()
			for _, life := range of { // in some of them, another statement may allow the same
				if liveWithout(t, p, lives()[life]) {
					return
				}
			}
			t.Errorf("none of %v was blocked for want of it", of)
		})
	}
}

// liveWithout lets a link live that lacks a permission at first, and reports whether it was blocked for want of it; of
// anything else is an error.
func liveWithout(t *testing.T, p permission, live func(*scene)) bool {
	t.Helper()
	s := newScene(t)
	p.account = s.name + "-" + p.account
	s.withhold(p)
	s.onMissing(s.give)
	live(s)
	s.reviewMissing(s.give)
	got := s.allowed()
	if len(got) > 0 && !slices.Equal(got, []permission{p}) {
		t.Errorf("the life was blocked for want of %v, want %v alone", got, p)
	}
	return len(got) > 0
}

// anywhere is a permission as it is called in every scene.
func (s *scene) anywhere(p permission) permission {
	p.account = strings.TrimPrefix(p.account, s.name+"-")
	return p
}

// withhold takes permissions out of all policies from now on.
func (s *scene) withhold(ps ...permission) {
	s.policies.mu.Lock()
	defer s.policies.mu.Unlock()
	for _, p := range ps {
		s.policies.withheld[p] = true
	}
	s.enforce()
}

// withholdAll begins with nothing: whatever is printed later is withheld too, until it is allowed.
func (s *scene) withholdAll() {
	s.policies.mu.Lock()
	defer s.policies.mu.Unlock()
	s.policies.onDemand = true
}

// printed are the permissions in all policies that were printed for the scene.
func (s *scene) printed() []permission {
	s.policies.mu.Lock()
	defer s.policies.mu.Unlock()
	return slices.Collect(maps.Keys(s.policies.seen))
}

// allowed are the permissions that were withheld at first, and allowed since.
func (s *scene) allowed() []permission {
	s.policies.mu.Lock()
	defer s.policies.mu.Unlock()
	return slices.Collect(maps.Keys(s.policies.allowed))
}

// refusedOn finds the resource in a refusal of AWS's.
var refusedOn = regexp.MustCompile(`on resource: (arn:[^ ]+)`)

// give allows a role what a flow is blocked for want of, unless it may do that since.
func (s *scene) give(problem link.Problem) {
	s.policies.mu.Lock()
	defer s.policies.mu.Unlock()
	if !strings.Contains(problem.Remedy, "allow "+problem.Call+" for "+roleARN(s.idOf(problem.Account))) {
		s.t.Errorf("%s is missing, and the remedy is %q", problem.Call, problem.Remedy)
	}
	resource := "*"
	if found := refusedOn.FindStringSubmatch(problem.Message); found != nil {
		resource = found[1]
	}
	tried := problem.NextTry.Add(-retriedWithin) // at the latest, if there has been another try
	there, inVain := false, true
	for _, p := range s.policies.granted[problem.Account] {
		for _, st := range p.Statement {
			one := permission{problem.Account, st.purpose(), problem.Call}
			if !slices.Contains(st.Action, problem.Call) || !st.isAbout(resource) {
				continue
			}
			if s.policies.withheld[one] {
				delete(s.policies.withheld, one)
				s.policies.allowed[one] = time.Now()
				s.enforce()
				return
			}
			since, given := s.policies.allowed[one]
			there, inVain = true, inVain && (!given || tried.After(since))
		}
	}
	switch {
	case !there:
		s.t.Errorf("a flow is blocked for want of %s on %s, which no policy allows: %s", problem.Call, resource, problem.Message)
		s.giveUp()
	case inVain:
		s.t.Errorf("a flow is blocked for want of %s on %s, which the policy allows too narrowly: %s", problem.Call, resource, problem.Message)
		s.giveUp()
	}
}

// retriedWithin is longer than a blocked flow of the shared worker ever waits before it tries again.
const retriedWithin = 10 * time.Second

// isAbout compares the kinds of resources: the service, and the type before the first slash.
func (st statement) isAbout(resource string) bool {
	kind := func(arn string) string {
		parts := strings.SplitN(arn, ":", 6)
		if len(parts) < 6 {
			return arn
		}
		of, _, _ := strings.Cut(parts[5], "/")
		return parts[2] + ":" + of
	}
	return slices.ContainsFunc(st.Resource, func(r string) bool { return r == "*" || kind(r) == kind(resource) })
}

func (s *scene) idOf(account string) string {
	return map[string]string{s.provider(): s.providerID, s.consumer(): s.consumerID, s.dns(): s.dnsID}[account]
}
