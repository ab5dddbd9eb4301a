package workflows

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// route is what a connection has at a load balancer, or was about to have.
type route struct {
	Account  string `json:"account"`
	Region   string `json:"region"`
	Listener string `json:"listener"`
	Group    string `json:"group,omitempty"` // ARN of the target group
	Rule     string `json:"rule,omitempty"`
	// Former are the targets in a group that another one has taken the place of, until it is gone.
	Former *targets `json:"former,omitempty"`
	// Certificate is the one that covers the hosts, and Added is true when it was put on the listener for this route.
	Certificate string `json:"certificate,omitempty"`
	Added       bool   `json:"added,omitempty"`
	// Replaced are certificates that were put there for this route before, until they are taken off.
	Replaced []string `json:"replaced,omitempty"`
}

// wantedRoute is the route of the spec; nil when it asks for none.
func (c *connection) wantedRoute() *link.Route {
	if c.Spec == nil || c.Spec.Ingress == nil {
		return nil
	}
	return c.Spec.Ingress.Route
}

// balancer is the place of the load balancer.
func (c *connection) balancer() activities.Place {
	return activities.Place{Account: c.Spec.Ingress.Account, Region: c.Spec.Region}
}

// at is the route at a listener, which is written down before anything is made there.
func (r *route) at(spec *link.ConnectionSpec, listener string) *route {
	if r != nil && r.Account == spec.Ingress.Account && r.Listener == listener {
		return r
	}
	return &route{Account: spec.Ingress.Account, Region: spec.Region, Listener: listener}
}

// fits reports whether the route is at a place that the spec allows.
func (r *route) fits(spec *link.ConnectionSpec) bool {
	in := spec.Ingress
	return in != nil && in.Route != nil && r.Account == in.Account &&
		slices.ContainsFunc(in.Route.Listeners, func(l link.RouteListener) bool { return l.Listener == r.Listener })
}

// ensureTargetGroup makes the target group of the route, at the first listener whose load balancer has room.
func (c *connection) ensureTargetGroup(ctx workflow.Context) error {
	want := c.wantedRoute()
	if c.Route == nil {
		listener, err := c.firstWithRoom(ctx, want, "")
		if err != nil {
			return err
		}
		c.Route = c.Route.at(c.Spec, listener)
	}
	made, err := do(ctx, &c.flow, c.Route.Account, activities.Ingress.EnsureTargetGroup, c.targetGroupRequest())
	if err != nil {
		return err
	}
	c.Route.Group = made.ARN
	c.Status.DropResources(link.KindTargetGroup)
	c.Status.AddResource(link.Resource{Kind: link.KindTargetGroup, ID: made.ARN, Account: c.Route.Account, Region: c.Route.Region})
	return nil
}

// firstWithRoom is the first listener whose load balancer has room, other than one that turned out to be full. The
// only one there is need not be looked at: making the route shows.
func (c *connection) firstWithRoom(ctx workflow.Context, want *link.Route, full string) (string, error) {
	if len(want.Listeners) == 1 && full == "" {
		return want.Listeners[0].Listener, nil
	}
	return persist(ctx, &c.flow, func() (string, error) {
		var against []string
		for _, l := range want.Listeners {
			if l.Listener == full {
				against = append(against, full+": turned out to be full")
				continue
			}
			room, err := c.routeRoom(ctx, l.Listener)
			if err != nil {
				return "", err
			}
			if room.Free {
				return l.Listener, nil
			}
			against = append(against, l.Listener+": "+room.Full)
		}
		return "", c.noListener(against)
	})
}

func (c *connection) noListener(against []string) error {
	return activities.Blocked(link.Problem{
		Reason: link.ReasonQuotaFull, Account: c.Spec.Ingress.Account, Region: c.Spec.Region,
		Message: "no listener has room for the route: " + strings.Join(against, "; "),
		Remedy:  "add a listener of another load balancer to spec.ingress.route.listeners, or raise the quota in Service Quotas",
	}, nil)
}

// openRoute lets the listener send requests to the targets: first the certificate, then the rule. A load balancer
// that turns out to be full is left for the next one, when the route alone may move.
func (c *connection) openRoute(ctx workflow.Context) error {
	request := c.routeRequest()
	request.Certificate = ""
	certificate, err := do(ctx, &c.flow, c.Route.Account, activities.Ingress.FindCertificate, request)
	if err != nil {
		return err
	}
	c.Route.serve(certificate.ARN)
	c.Route.Added = c.Route.Added || !certificate.OnListener // written down before it is put there
	made, err := persist(ctx, &c.flow, func() (activities.Route, error) {
		made, err := once(ctx, &c.flow, c.Route.Account, 0, activities.Ingress.EnsureRoute, c.routeRequest())
		if p, _ := activities.ProblemOf(err); p.Reason == link.ReasonQuotaFull && c.routeMayMove() {
			return made, errFull
		}
		return made, err
	})
	if err != nil {
		return err
	}
	c.Route.Rule, c.Route.Replaced = made.Rule, nil
	c.Status.DropResources(link.KindListenerRule)
	c.Status.AddResource(link.Resource{
		Kind: link.KindListenerRule, ID: made.Rule, Account: c.Route.Account, Region: c.Route.Region,
		Detail: fmt.Sprintf("priority %d, for %s", made.Priority, strings.Join(c.wantedRoute().Hosts, ", ")),
	})
	c.Status.DropResources(link.KindCertificate)
	if c.Route.Added {
		c.Status.AddResource(link.Resource{Kind: link.KindCertificate, ID: certificate.ARN, Account: c.Route.Account, Region: c.Route.Region})
	}
	c.condition(ctx, link.Routed, true, "Routed", strings.Join(c.wantedRoute().Hosts, ", ")+" at "+c.Route.Listener)
	return nil
}

// serve makes a certificate the route's. One that was put on the listener before is remembered until it is taken off.
func (r *route) serve(certificate string) {
	if r.Certificate == certificate {
		return
	}
	if r.Added {
		r.Replaced = append(r.Replaced, r.Certificate)
	}
	r.Certificate, r.Added = certificate, slices.Contains(r.Replaced, certificate)
	r.Replaced = slices.DeleteFunc(r.Replaced, func(arn string) bool { return arn == certificate })
}

// routeMayMove reports whether another listener may have room, and no rule is at this one yet.
func (c *connection) routeMayMove() bool {
	return c.Route.Rule == "" && len(c.wantedRoute().Listeners) > 1
}

// moveRoute leaves a load balancer that is full. An endpoint that was placed together with the route leaves, too, which
// ends the step: both are made anew where there is room.
func (c *connection) moveRoute(ctx workflow.Context) error {
	if c.boundToPlace() {
		return c.relocate(ctx)
	}
	full := c.Route.Listener
	if err := c.removeRoute(ctx); err != nil {
		return err
	}
	listener, err := c.firstWithRoom(ctx, c.wantedRoute(), full)
	if err != nil {
		return err
	}
	c.Route = c.Route.at(c.Spec, listener)
	return nil
}

// relocate takes down what was made in a place whose load balancer is full, and leaves the place for another one.
func (c *connection) relocate(ctx workflow.Context) error {
	c.FullListener = c.Route.Listener
	if err := c.removeRoute(ctx); err != nil {
		return err
	}
	if err := c.removeZone(ctx); err != nil {
		return err
	}
	if err := c.removeEndpoint(ctx); err != nil {
		return err
	}
	c.leavePlace(ctx)
	c.condition(ctx, link.Placed, false, "LoadBalancerFull", c.FullListener+" turned out to be full")
	return errMoved
}

// removeRoute takes the route down: the rule, so that no more requests come, then the targets, then their group.
func (c *connection) removeRoute(ctx workflow.Context) error {
	if c.Route == nil {
		return nil
	}
	if err := effect(ctx, &c.flow, c.Route.Account, activities.Ingress.RemoveRoute, c.routeRequest()); err != nil {
		return err
	}
	if err := c.removeTargets(ctx); err != nil {
		return err
	}
	if err := effect(ctx, &c.flow, c.Route.Account, activities.Ingress.RemoveTargetGroup, activities.TargetGroupRequest{
		Place: c.Route.place(), Owner: c.owner, Name: c.readableName(),
	}); err != nil {
		return err
	}
	c.Route = nil
	for _, kind := range []string{link.KindListenerRule, link.KindTargetGroup, link.KindCertificate} {
		c.Status.DropResources(kind)
	}
	c.condition(ctx, link.Routed, false, "Removed", "")
	return nil
}

// registerAtRoute makes the addresses targets of the route's own group, and opens the route to them.
func (c *connection) registerAtRoute(ctx workflow.Context, addresses []string) error {
	for {
		if err := c.ensureTargetGroup(ctx); err != nil {
			return err
		}
		if was := c.Targets; was != nil && was.Group != c.Route.Group {
			c.Route.Former, c.Targets = was, nil
		}
		if err := c.register(ctx, targets{Group: c.Route.Group, Listener: c.Route.Listener}, addresses); err != nil {
			return err
		}
		err := c.openRoute(ctx)
		switch {
		case err == nil:
			return c.dropFormer(ctx)
		case !errors.Is(err, errFull):
			return err
		}
		if err := c.moveRoute(ctx); err != nil {
			return err
		}
	}
}

// dropFormer removes the group that the rule no longer sends requests to, once its targets have drained.
func (c *connection) dropFormer(ctx workflow.Context) error {
	if c.Route.Former == nil {
		return nil
	}
	if err := effect(ctx, &c.flow, c.Route.Account, activities.Ingress.RemoveTargets, c.Route.Former.request(nil)); err != nil {
		return err
	}
	if err := effect(ctx, &c.flow, c.Route.Account, activities.Ingress.RemoveTargetGroup, activities.TargetGroupRequest{
		Place: c.Route.place(), Owner: c.owner, Name: c.readableName(), Keep: c.Route.Group,
	}); err != nil {
		return err
	}
	c.Route.Former = nil
	return nil
}

func (r *route) place() activities.Place {
	return activities.Place{Account: r.Account, Region: r.Region}
}

// routeRequest is about the route as it was written down; what is wanted of it goes along while the spec has it.
func (c *connection) routeRequest() activities.RouteRequest {
	request := activities.RouteRequest{
		Place: c.Route.place(), Owner: c.owner, Name: c.readableName(), Listener: c.Route.Listener,
		TargetGroup: c.Route.Group, Certificate: c.Route.Certificate, AddedCertificate: c.Route.Added,
		FormerCertificates: slices.Clone(c.Route.Replaced),
	}
	if want := c.wantedRoute(); want != nil {
		request.Want = *want
	}
	return request
}
