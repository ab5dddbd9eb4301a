package aws

import (
	"context"
	"fmt"
	"strconv"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/activities/sets"
	"github.com/linkwright/linkwright/internal/link"
)

// RouteRoom implements [activities.Ingress].
func (i *Ingress) RouteRoom(ctx context.Context, req activities.RouteRoomRequest) (activities.RouteRoom, error) {
	s, err := i.config.at(ctx, req.Place)
	if err != nil {
		return activities.RouteRoom{}, err
	}
	at, err := s.listener(ctx, req.Listener)
	if err != nil {
		return activities.RouteRoom{}, s.failed(err)
	}
	rules, err := s.rules(ctx, req.Listener)
	if err != nil {
		return activities.RouteRoom{}, s.failed(err)
	}
	owned, err := s.ownedRules(ctx, rules, req.Owner)
	if err != nil {
		return activities.RouteRoom{}, s.failed(err)
	}
	if len(owned) > 0 {
		return activities.RouteRoom{Free: true}, nil
	}
	full, err := s.usedUp(ctx, at, rules, req.Want.Hosts)
	if err != nil {
		return activities.RouteRoom{}, s.failed(err)
	}
	return activities.RouteRoom{Free: full == "", Full: full}, nil
}

// usedUp says what a load balancer has no more room for; empty when nothing. The rules are those of the listener, and
// the hosts are those of the route to come.
func (s *site) usedUp(ctx context.Context, at listener, rules []elbtypes.Rule, hosts []string) (string, error) {
	used, err := s.usage(ctx, at, rules)
	if err != nil {
		return "", err
	}
	limits, err := s.routeLimits(ctx)
	if err != nil {
		return "", err
	}
	switch {
	case used.rules >= limits.rules:
		return fmt.Sprintf("%d of %d rules", used.rules, limits.rules), nil
	case len(used.groups) >= limits.groups:
		return fmt.Sprintf("%d of %d target groups", len(used.groups), limits.groups), nil
	case used.certificates < defaultCertificates:
		return "", nil
	}
	most, err := s.certificateLimit(ctx)
	if err != nil || used.certificates < most {
		return "", err
	}
	covered, err := s.coveredBy(ctx, used.here, hosts)
	if err != nil || covered {
		return "", err // a route whose certificate is there already takes no room
	}
	return fmt.Sprintf("%d of %d certificates", used.certificates, most), nil
}

// coveredBy reports whether one of some certificates covers the hosts; none does where no hosts are known.
func (s *site) coveredBy(ctx context.Context, arns, hosts []string) (bool, error) {
	if len(hosts) == 0 {
		return false, nil
	}
	for _, arn := range arns {
		c, err := s.certificate(ctx, arn)
		if err != nil || c.covers(hosts) {
			return err == nil, err
		}
	}
	return false, nil
}

// usage is what a load balancer's routes use up.
type usage struct {
	rules        int             // without the default ones, which do not count
	groups       map[string]bool // target groups, each once
	certificates int             // without the default ones
	here         []string        // ARNs of the certificates of the route's listener
}

// usage looks at all listeners of a load balancer.
func (s *site) usage(ctx context.Context, at listener, rules []elbtypes.Rule) (usage, error) {
	used := usage{groups: map[string]bool{}}
	pages := elasticloadbalancingv2.NewDescribeListenersPaginator(s.ELB,
		&elasticloadbalancingv2.DescribeListenersInput{LoadBalancerArn: sdk.String(at.loadBalancer)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return usage{}, err
		}
		for _, l := range page.Listeners {
			arn := sdk.ToString(l.ListenerArn)
			of := rules
			if arn != at.arn {
				if of, err = s.rules(ctx, arn); err != nil {
					return usage{}, err
				}
			}
			used.add(of)
			if l.Protocol != elbtypes.ProtocolEnumHttps {
				continue
			}
			certificates, err := s.listenerCertificates(ctx, arn)
			if err != nil {
				return usage{}, err
			}
			for _, c := range certificates {
				if !c.isDefault {
					used.certificates++
				}
				if arn == at.arn {
					used.here = append(used.here, c.arn)
				}
			}
		}
	}
	return used, nil
}

// add counts the rules of one listener, its default one among them.
func (u *usage) add(rules []elbtypes.Rule) {
	for _, r := range rules {
		if !sdk.ToBool(r.IsDefault) {
			u.rules++
		}
		for _, a := range r.Actions {
			for _, arn := range forwardsTo(a) {
				u.groups[arn] = true
			}
		}
	}
}

// routeLimits are how many rules and target groups a load balancer may have.
type routeLimits struct{ rules, groups int }

// What an application load balancer may have unless its account is allowed more (User Guide for Application Load
// Balancers, "Quotas"). Default rules and default certificates do not count.
const (
	defaultRules        = 100
	defaultGroups       = 100
	defaultCertificates = 25
)

// routeLimits asks for the account's own limits. Where that is not allowed, those of every account hold.
func (s *site) routeLimits(ctx context.Context) (routeLimits, error) {
	limits := routeLimits{rules: defaultRules, groups: defaultGroups}
	in := &elasticloadbalancingv2.DescribeAccountLimitsInput{}
	for {
		out, err := s.ELB.DescribeAccountLimits(ctx, in)
		if hasCode(err, unauthorized...) {
			return limits, nil
		}
		if err != nil {
			return limits, err
		}
		for _, l := range out.Limits {
			most, err := strconv.Atoi(sdk.ToString(l.Max))
			if err != nil {
				continue
			}
			switch sdk.ToString(l.Name) { // Elastic Load Balancing API Reference, Limit
			case "rules-per-application-load-balancer":
				limits.rules = most
			case "target-groups-per-application-load-balancer":
				limits.groups = most
			}
		}
		if sdk.ToString(out.NextMarker) == "" {
			return limits, nil
		}
		in.Marker = out.NextMarker
	}
}

// certificatesPerLoadBalancer is the code of the quota that DescribeAccountLimits does not tell (Service Quotas,
// "Certificates per Application Load Balancer").
const certificatesPerLoadBalancer = "L-9365A611"

// certificateLimit asks how many certificates a load balancer may have. Where that is not allowed, or the account has no
// limit of its own, that of every account holds.
func (s *site) certificateLimit(ctx context.Context) (int, error) {
	out, err := s.Quotas.GetServiceQuota(ctx, &servicequotas.GetServiceQuotaInput{
		ServiceCode: sdk.String("elasticloadbalancing"), QuotaCode: sdk.String(certificatesPerLoadBalancer),
	})
	if hasCode(err, append([]string{"NoSuchResourceException"}, unauthorized...)...) {
		return defaultCertificates, nil
	}
	if err != nil {
		return 0, err
	}
	if out.Quota == nil || out.Quota.Value == nil {
		return defaultCertificates, nil
	}
	return int(*out.Quota.Value), nil
}

// listener is where a route is made.
type listener struct{ arn, loadBalancer, vpc string }

// zonesOf are the availability zones that a load balancer is in, by name.
func zonesOf(lb elbtypes.LoadBalancer) []string {
	var zones []string
	for _, z := range lb.AvailabilityZones {
		zones = append(zones, sdk.ToString(z.ZoneName))
	}
	return sets.Sorted(zones)
}

// listener looks at a listener and its load balancer; blocked when they cannot have routes.
func (s *site) listener(ctx context.Context, arn string) (listener, error) {
	l, err := s.httpsListener(ctx, arn)
	if err != nil {
		return listener{}, err
	}
	lb, err := s.loadBalancerOf(ctx, l)
	if err != nil {
		return listener{}, err
	}
	if lb.Type != elbtypes.LoadBalancerTypeEnumApplication {
		return listener{}, s.blocked(listenerMismatch(fmt.Sprintf("listener %s is one of a load balancer of type %s", arn, lb.Type)), nil)
	}
	return listener{arn: arn, loadBalancer: sdk.ToString(lb.LoadBalancerArn), vpc: sdk.ToString(lb.VpcId)}, nil
}

// httpsListener looks at a listener; blocked when it does not exist, or does not speak HTTPS.
func (s *site) httpsListener(ctx context.Context, arn string) (elbtypes.Listener, error) {
	l, err := s.describedListener(ctx, arn)
	if err != nil {
		return elbtypes.Listener{}, err
	}
	if l.Protocol != elbtypes.ProtocolEnumHttps {
		return elbtypes.Listener{}, s.blocked(listenerMismatch(fmt.Sprintf("listener %s speaks %s", arn, l.Protocol)), nil)
	}
	return l, nil
}

func (s *site) loadBalancerOf(ctx context.Context, l elbtypes.Listener) (elbtypes.LoadBalancer, error) {
	arn := sdk.ToString(l.LoadBalancerArn)
	found, err := s.loadBalancersNamed(ctx, link.LoadBalancers{ARNs: []string{arn}})
	if err != nil {
		return elbtypes.LoadBalancer{}, err
	}
	if len(found) == 0 {
		return elbtypes.LoadBalancer{}, fmt.Errorf("AWS does not describe load balancer %s", arn)
	}
	return found[0], nil
}

func listenerMismatch(message string) link.Problem {
	return link.Problem{
		Reason:  link.ReasonListenerMismatch,
		Message: message,
		Remedy:  "name HTTPS listeners of application load balancers, in the connection's region",
	}
}

// rules are those of a listener, in the order in which they are tried. The default one is the last.
func (s *site) rules(ctx context.Context, listener string) ([]elbtypes.Rule, error) {
	return read(s, "rules of "+listener, func() ([]elbtypes.Rule, error) {
		var rules []elbtypes.Rule
		pages := elasticloadbalancingv2.NewDescribeRulesPaginator(s.ELB,
			&elasticloadbalancingv2.DescribeRulesInput{ListenerArn: sdk.String(listener)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			rules = append(rules, page.Rules...)
		}
		if s.seen != nil { // their owners come together, and not a few for each who asks
			if _, err := s.owners(ctx, taggedRules(rules)); err != nil {
				return nil, err
			}
		}
		return rules, nil
	})
}
