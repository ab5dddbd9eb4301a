package e2e

import (
	"slices"
	"strings"
	"testing"

	r53types "github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/internal/simaws"
	"github.com/linkwright/linkwright/starter/cli/flows"
)

// badDay is something in the surroundings that keeps a link from being made until a person has mended it.
type badDay struct {
	name string
	// spoil breaks the surroundings, and returns what mends them.
	spoil func(*scene) (mend func())
	// service and connection change the specs, where the bad day needs it.
	service    func(*link.EndpointServiceSpec)
	connection func(*scene, *link.ConnectionSpec)
	// atService is true when it is the service that is blocked, and not the connection.
	atService bool
	reason    link.Reason
	call      string
	// says is a part of the remedy.
	says string
	// tidy takes away what the person has done, after the link is gone.
	tidy func(*scene)
}

// always is more often than any test lasts.
const always = 1_000_000

// refused makes calls of an action be refused until it is mended.
func refused(account func(*scene) string, service, action string, status int, code string) func(*scene) func() {
	return func(s *scene) func() {
		return s.inject(simaws.Fault{
			Account: account(s), Service: service, Action: action, Times: always, Effect: simaws.EffectError,
			Status: status, Code: code, Message: "You are not authorized to perform this operation.",
		}).Mend
	}
}

func atProvider(s *scene) string { return s.providerID }
func atConsumer(s *scene) string { return s.consumerID }
func atDNS(s *scene) string      { return s.dnsID }

func badDays() []badDay {
	return []badDay{{
		name:      "when the role may not create services",
		spoil:     refused(atProvider, "ec2", "CreateVpcEndpointServiceConfiguration", 403, "UnauthorizedOperation"),
		atService: true, reason: link.ReasonMissingPermission, call: "ec2:CreateVpcEndpointServiceConfiguration", says: ":role/Linkwright",
	}, {
		name:      "when the role may not write records",
		spoil:     refused(atDNS, "route53", "ChangeResourceRecordSets", 403, "AccessDenied"),
		atService: true, reason: link.ReasonMissingPermission, call: "route53:ChangeResourceRecordSets", says: "allow route53:ChangeResourceRecordSets",
	}, {
		name:      "when the role may not write parameters",
		spoil:     refused(atProvider, "ssm", "PutParameter", 400, "AccessDeniedException"),
		atService: true, reason: link.ReasonMissingPermission, call: "ssm:PutParameter", says: "allow ssm:PutParameter",
	}, {
		name:   "when the role may not accept connections",
		spoil:  refused(atProvider, "ec2", "AcceptVpcEndpointConnections", 403, "UnauthorizedOperation"),
		reason: link.ReasonMissingPermission, call: "ec2:AcceptVpcEndpointConnections", says: "allow ec2:AcceptVpcEndpointConnections",
	}, {
		name:   "when the role may not register targets",
		spoil:  refused(atConsumer, "elasticloadbalancing", "RegisterTargets", 403, "AccessDenied"),
		reason: link.ReasonMissingPermission, call: "elasticloadbalancing:RegisterTargets", says: "allow elasticloadbalancing:RegisterTargets",
	}, {
		name:      "when the credentials have expired",
		spoil:     refused(atProvider, "elasticloadbalancing", "DescribeLoadBalancers", 403, "ExpiredToken"),
		atService: true, reason: link.ReasonBadCredentials, call: "elasticloadbalancing:DescribeLoadBalancers", says: "renew",
	}, {
		name: "when the quota of endpoints is full",
		spoil: func(s *scene) func() {
			service, name := s.foreignService("spare")
			var others []string
			for range endpointsPerVPC {
				others = append(others, s.openEndpoint(name))
			}
			return func() {
				s.deleteEndpoints(others...)
				s.deleteForeignService(service)
			}
		},
		reason: link.ReasonQuotaFull, call: "ec2:CreateVpcEndpoint", says: "Service Quotas",
	}, {
		name: "when another service uses the load balancer",
		spoil: func(s *scene) func() {
			service, _ := s.foreignService("main")
			return func() { s.deleteForeignService(service) }
		},
		atService: true, reason: link.ReasonLoadBalancerInUse, call: "ec2:CreateVpcEndpointServiceConfiguration", says: "name another load balancer",
	}, {
		name: "when the VPC has no DNS support",
		spoil: func(s *scene) func() {
			s.setDNSSupport(false)
			return func() { s.setDNSSupport(true) }
		},
		reason: link.ReasonVPCWithoutDNS, says: "enableDnsSupport",
	}, {
		name: "when the VPC has a zone of the same name",
		spoil: func(s *scene) func() {
			zone := s.privateZone(strings.TrimPrefix(s.privateName(), "*."))
			return func() { s.deleteZone(s.consumer(), zone) }
		},
		reason: link.ReasonConflictingDomain, call: "ec2:ModifyVpcEndpoint", says: "private hosted zone",
	}, {
		name: "when nobody has added the proof",
		spoil: func(s *scene) func() {
			return func() {
				name, value := s.proof()
				s.changeTXT(r53types.ChangeActionCreate, name, value)
			}
		},
		service: func(spec *link.EndpointServiceSpec) {
			spec.AWS.PrivateDNS.Verification = link.DomainVerification{ByHand: &link.ByHand{}}
		},
		atService: true, reason: link.ReasonProofMissing, says: "add the TXT record",
		tidy: func(s *scene) {
			for _, item := range s.built() {
				value := strings.Trim(strings.TrimPrefix(item.Detail, "TXT "), `"`)
				s.changeTXT(r53types.ChangeActionDelete, item.ID, value)
			}
		},
	}, {
		name:       "when no load balancer uses the target group",
		spoil:      func(s *scene) func() { return func() { s.attach("lonely", 81) } },
		connection: func(s *scene, spec *link.ConnectionSpec) { spec.Ingress.TargetGroup = s.targetGroup("lonely") },
		reason:     link.ReasonTargetGroupUnused, says: "listener",
	}}
}

func TestBadDays(t *testing.T) {
	t.Parallel()
	for _, day := range badDays() {
		t.Run(day.name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			mend := day.spoil(s)
			specs := []func(*link.EndpointServiceSpec){openToAll}
			if day.service != nil {
				specs = append(specs, day.service)
			}
			s.publish(specs...)
			shop := s.connect("shop", func(spec *link.ConnectionSpec) {
				if day.connection != nil {
					day.connection(s, spec)
				}
			})
			ref := shop
			if day.atService {
				ref = s.service()
			}
			s.survive(ref, mend, day.reason, day.call, day.says)
			s.awaitArrival(shop)
			s.wantWhole(shop)
			s.remove(s.service())
			if day.tidy != nil {
				day.tidy(s)
			}
			s.wantAsBefore()
		})
	}
}

// survive waits until a flow is blocked as it should be and is found by that, mends the cause, and makes sure
// that the flow goes on by itself with all that it had built.
func (s *stage) survive(ref flows.Ref, mend func(), reason link.Reason, call, says string) {
	s.t.Helper()
	blocked := s.await(ref, "to be blocked: "+string(reason), func(st link.Status) bool {
		return st.Blocked != nil && st.Blocked.Reason == reason
	})
	problem := blocked.Blocked
	if problem.Call != call || problem.Message == "" || !strings.Contains(problem.Remedy, says) || problem.NextTry.IsZero() {
		s.t.Errorf("the problem is %+v, want call %q and a remedy with %q", problem, call, says)
	}
	s.awaitListed(ref, reason, true)
	mend()
	arrived := s.awaitArrival(ref)
	for _, r := range blocked.Resources {
		if !slices.ContainsFunc(arrived.Resources, func(now link.Resource) bool { return now.Kind == r.Kind && now.ID == r.ID }) {
			s.t.Errorf("%s %s was built before and lost: %+v", r.Kind, r.ID, arrived.Resources)
		}
	}
	for _, d := range arrived.Decisions {
		if d.Verb == link.Retry {
			s.t.Errorf("somebody had to help: %+v", d)
		}
	}
	s.awaitListed(ref, reason, false)
}

// awaitListed waits until a flow is, or is not, found as blocked for a reason.
func (s *stage) awaitListed(ref flows.Ref, reason link.Reason, wanted bool) {
	s.t.Helper()
	var items []flows.Item
	s.until("the list of what is blocked to be up to date", func() bool {
		var err error
		items, err = s.flows.List(s.ctx, flows.Filter{Kind: ref.Kind, Service: ref.Service, Name: ref.Name, Blocked: string(reason)})
		if err != nil {
			s.t.Fatal(err)
		}
		return (len(items) == 1) == wanted
	}, func() any { return items })
}
