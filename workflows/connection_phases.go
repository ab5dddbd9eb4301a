package workflows

import (
	"errors"
	"fmt"
	"slices"

	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// request meets the service and makes the endpoint.
func (c *connection) request(ctx workflow.Context) (link.Phase, error) {
	if err := c.meetService(ctx); err != nil {
		return "", err
	}
	if c.Spec != nil {
		endpoint, err := c.makeEndpoint(ctx)
		if err != nil {
			return "", err
		}
		c.observe(ctx, endpoint)
		if err := c.dropGroup(ctx); err != nil {
			return "", err
		}
		c.showAccess(ctx)
	}
	if err := c.announce(ctx); err != nil {
		return "", err
	}
	c.showEndpoint()
	if c.approvalHolds() {
		return link.Accepting, nil
	}
	in, err := c.letIn(ctx)
	if err != nil {
		return "", err
	}
	if in {
		return link.Accepting, nil
	}
	return link.AwaitingApproval, nil
}

// awaitDecision waits until enough people have decided on exactly this endpoint, or the service's policy has.
func (c *connection) awaitDecision(ctx workflow.Context) (link.Phase, error) {
	if c.elsewhere() {
		return c.awaitProvider(ctx)
	}
	if err := c.consult(ctx); err != nil {
		return "", err
	}
	if c.in.Spec != nil && c.Service.Approval.ExcludeApplier {
		c.meetStarter(ctx)
	}
	if err := c.identify(ctx); activities.IsGone(err) {
		return c.gone(ctx)
	} else if err != nil {
		return "", err
	}
	if d, ok := policyDecision(c.Service.Approval, c.Seen); ok && !c.approvalHolds() {
		c.admit(ctx, d)
	}
	c.ask(ctx)
	if !c.overdue() {
		c.condition(ctx, link.Approved, false, "AwaitingApproval",
			fmt.Sprintf("endpoint %s of account %s asks to connect to %s", c.Seen.Endpoint, c.Seen.Owner, c.in.Service))
	}
	policy := c.Service.Approval
	decided, err := c.wait(ctx, c.question(), func() bool {
		return c.approvalHolds() || c.Seen.State.LetIn() || c.Seen.State.Over() || !same(policy, c.Service.Approval)
	}, c.look)
	switch {
	case err != nil:
		return "", err
	case !decided:
		return c.undecided(ctx)
	case c.approvalHolds():
		return link.Accepting, nil
	case c.Seen.State.Over():
		return c.lost(ctx)
	}
	in, err := c.letIn(ctx)
	switch {
	case err != nil:
		return "", err
	case !in:
		return link.AwaitingApproval, nil // the policy has changed
	}
	c.LetInOutside = c.Seen.Endpoint
	return link.Accepting, nil
}

// identify finds out by which mark the provider knows the endpoint's request, where only the provider can tell: a
// decision is about that request and no other.
func (c *connection) identify(ctx workflow.Context) error {
	if !c.Endpoint.LinkAtProvider {
		return nil
	}
	request := c.connectionRequest()
	request.Link = ""
	seen, err := do(ctx, &c.flow, c.Service.Account, activities.Provider.DescribeConnection, request)
	if err == nil && seen.Endpoint == c.Seen.Endpoint && seen.Owner == c.Seen.Owner {
		c.Seen.Link, c.Seen.Message = seen.Link, seen.Message
	}
	return err
}

// undecided is what happens when nobody answered in time.
func (c *connection) undecided(ctx workflow.Context) (link.Phase, error) {
	late := fmt.Sprintf("nobody decided within %v", c.Service.Approval.Timeout)
	if c.Service.Approval.OnTimeout == link.TimeoutReject {
		c.leave(ctx, link.Rejected, link.Decision{
			Verb: link.Reject, Via: link.ViaTimeout, Endpoint: c.Seen.Endpoint, Owner: c.Seen.Owner, Reason: late,
		})
		return "", errTurned
	}
	c.condition(ctx, link.Approved, false, reasonOverdue, late+"; still waiting")
	return link.AwaitingApproval, nil
}

// accept lets in exactly the endpoint that the approver saw, and waits until it carries traffic.
func (c *connection) accept(ctx workflow.Context) (link.Phase, error) {
	if before := c.Seen; !before.State.LetIn() {
		seen, err := do(ctx, &c.flow, c.Service.Account, activities.Provider.AcceptConnection, c.connectionRequest())
		switch {
		case activities.IsGone(err):
			return c.gone(ctx)
		case activities.IsChanged(err):
			c.Approved = nil // what was to be let in is not what is there
			return c.changedMeanwhile(ctx)
		case err != nil:
			return "", err
		}
		if c.Seen == before { // else the Watch has seen more meanwhile, and tells it only once
			c.Seen = seen
		}
	}
	c.showApproval(ctx)
	if !c.elsewhere() {
		c.ask(ctx) // for those who want to reject it after all
	}
	if _, err := c.wait(ctx, link.Waiting{For: "the endpoint to become available"}, func() bool {
		return c.Seen.State == activities.EndpointAvailable || c.Seen.State.Over()
	}, c.look); err != nil {
		return "", err
	}
	if c.Seen.State.Over() {
		return c.lost(ctx)
	}
	c.condition(ctx, link.EndpointAvailable, true, "Available", c.Seen.Endpoint)
	if c.Spec == nil {
		return link.Ready, nil
	}
	return link.EnablingDNS, nil
}

// enableDNS brings the names of the service to what the spec asks for: private DNS at the endpoint, records in a private
// hosted zone, or none. One is off before the other is on: a VPC cannot have both for the same name.
func (c *connection) enableDNS(ctx workflow.Context) (link.Phase, error) {
	if c.Zone != nil && !c.Zone.fits(c.hostedZone()) {
		if err := c.removeZone(ctx); err != nil {
			return "", err
		}
	}
	want := c.Spec.DNS.Mode == link.DNSPrivate
	if want != c.Endpoint.PrivateDNS {
		endpoint, err := do(ctx, &c.flow, c.Spec.Account, activities.Consumer.SetPrivateDNS, activities.SetPrivateDNSRequest{
			Place: c.here(), Endpoint: c.Seen.Endpoint, Enabled: want,
		})
		switch {
		case activities.IsGone(err):
			return c.gone(ctx)
		case activities.IsChanged(err):
			return c.changedMeanwhile(ctx)
		case err != nil:
			return "", err
		}
		c.observe(ctx, endpoint)
	}
	switch {
	case want:
		c.condition(ctx, link.DNSEnabled, true, "PrivateDNS", "the service's private DNS name resolves in "+c.Endpoint.Network)
	case c.hostedZone() != nil:
		if err := c.ensureZone(ctx); activities.IsGone(err) {
			return c.gone(ctx)
		} else if err != nil {
			return "", err
		}
	default:
		c.condition(ctx, link.DNSEnabled, false, "NotWanted", "spec.dns.mode is none")
	}
	return link.RegisteringTargets, nil
}

// registerTargets makes the endpoint's addresses targets of the ingress, and waits until they are healthy.
func (c *connection) registerTargets(ctx workflow.Context) (link.Phase, error) {
	if err := c.describe(ctx); activities.IsGone(err) {
		return c.gone(ctx)
	} else if err != nil {
		return "", err
	}
	if c.Route != nil && !c.Route.fits(c.Spec) {
		if err := c.removeRoute(ctx); err != nil {
			return "", err
		}
	}
	if moved := c.Targets; moved != nil && !moved.fits(c.Spec, c.Route) {
		if err := c.removeTargets(ctx); err != nil {
			return "", err
		}
	}
	if c.Spec.Ingress == nil {
		return link.Ready, nil
	}
	wanted := ips(c.Endpoint.Addresses)
	var err error
	if c.wantedRoute() != nil {
		err = c.registerAtRoute(ctx, wanted)
	} else {
		err = c.register(ctx, targets{Group: c.Spec.Ingress.TargetGroup}, wanted)
	}
	switch {
	case errors.Is(err, errMoved):
		return link.Repairing, nil
	case err != nil:
		return "", err
	}
	health, err := do(ctx, &c.flow, c.Targets.Account, activities.Ingress.AwaitHealthy, c.Targets.request(wanted))
	switch {
	case activities.IsChanged(err):
		return link.RegisteringTargets, nil // somebody takes them out of the group
	case err != nil:
		return "", err
	}
	c.showTargets(ctx, health)
	return link.Ready, nil
}

// describe looks at the endpoint and its interfaces; gone when it does not exist.
func (c *connection) describe(ctx workflow.Context) error {
	endpoint, err := do(ctx, &c.flow, c.Spec.Account, activities.Consumer.DescribeEndpoint, activities.EndpointRequest{
		Place: c.here(), Endpoint: c.Seen.Endpoint,
	})
	if err == nil {
		c.observe(ctx, endpoint)
	}
	return err
}

// register makes addresses targets of a group. They are written down before anything is registered.
func (c *connection) register(ctx workflow.Context, at targets, wanted []string) error {
	at.Account, at.Region, at.Port = c.Spec.Ingress.Account, c.Spec.Region, c.Spec.Ingress.Port
	c.Targets = c.Targets.owning(at, wanted)
	if err := effect(ctx, &c.flow, c.Targets.Account, activities.Ingress.EnsureTargets, c.Targets.request(wanted)); err != nil {
		return err
	}
	c.Targets.Owned = wanted
	c.showTargets(ctx, nil)
	return nil
}

// serve watches over a link that works, until something about it changes.
func (c *connection) serve(ctx workflow.Context) (link.Phase, error) {
	name, interfaces := c.Service.Name, slices.Clone(c.Endpoint.Interfaces)
	moved := func() bool { return c.usesAddresses() && !slices.Equal(interfaces, c.Endpoint.Interfaces) }
	if !c.since(ctx, "follow-interfaces") {
		moved = func() bool { return false }
	}
	for {
		asked, what := c.askedToRepair(), link.Waiting{}
		if asked != "" {
			c.ask(ctx)
			what = c.asksFor()
		}
		if _, err := c.wait(ctx, what, func() bool {
			return c.over() || c.Service.Name != name || moved() && !c.heldBack(link.DriftAddresses) || c.mending() || c.askedToRepair() != asked
		}, c.look); err != nil {
			return "", err
		}
		switch {
		case c.over() && c.mayRepair(ctx, link.DriftEndpointGone, "it is "+string(c.Seen.State)):
			return c.lost(ctx)
		case c.mending(), c.Service.Name != name, moved() && c.mayRepair(ctx, link.DriftAddresses, "its network interfaces are others"):
			return link.Repairing, nil
		}
	}
}

// over reports whether the endpoint will carry traffic no more, and nobody has to be asked what to do about it.
func (c *connection) over() bool { return c.Seen.State.Over() && !c.heldBack(link.DriftEndpointGone) }

// mayRepair is notice for drift of the endpoint. One that somebody has turned away, or that its consumer has made, is
// not made again anyway.
func (c *connection) mayRepair(ctx workflow.Context, kind link.DriftKind, detail string) bool {
	return c.Spec == nil || c.Seen.State == activities.EndpointRejected || c.notice(ctx, c.Service.Drift, link.Drift{
		Kind: kind, Resource: c.cloud().EndpointKind(), ID: c.Seen.Endpoint, Account: c.Spec.Account, Region: c.Spec.Region, Detail: detail,
	})
}

// usesAddresses reports whether something leads to the addresses of the endpoint's network interfaces, and has to
// follow them when they change.
func (c *connection) usesAddresses() bool {
	if c.Spec == nil {
		return false
	}
	zone := c.hostedZone()
	return c.Spec.Ingress != nil || zone != nil && zone.Uses(link.RecordA)
}

// repair takes the steps of the story again; each changes only what is not as it should be.
func (c *connection) repair(ctx workflow.Context) (link.Phase, error) {
	if c.unapproved() && c.mends(link.DriftUnapproved) {
		c.leave(ctx, link.Rejected, link.Decision{
			Verb: link.Reject, By: "policy", Via: link.ViaPolicy, Endpoint: c.Seen.Endpoint, Owner: c.Seen.Owner, Link: c.Seen.Link,
			Reason: "it was let in without a decision here, and spec.drift.repair lists " + string(link.DriftUnapproved),
		})
		return "", errTurned
	}
	next := link.Requesting
	for next != link.Ready && next != link.AwaitingApproval && next != link.Repairing && next.Open() {
		var err error
		if next, err = connectionStory().step(next)(c, ctx); err != nil {
			return "", err
		}
	}
	return next, nil
}

// changedMeanwhile looks at an endpoint that is not as a step was told, and decides where that leaves the link.
func (c *connection) changedMeanwhile(ctx workflow.Context) (link.Phase, error) {
	c.look(ctx)
	if c.Seen.State.Over() {
		return c.lost(ctx)
	}
	return link.Repairing, nil
}

// gone is lost for an endpoint that does not exist any more.
func (c *connection) gone(ctx workflow.Context) (link.Phase, error) {
	c.Seen.State = activities.EndpointDeleted
	return c.lost(ctx)
}

// lost decides what becomes of a connection whose endpoint is gone or will never work. An endpoint that
// somebody else turned away stays away: to ask again, a person applies the spec again.
func (c *connection) lost(ctx workflow.Context) (link.Phase, error) {
	state := c.Seen.State
	c.condition(ctx, link.EndpointAvailable, false, "Lost", fmt.Sprintf("endpoint %s is %s", c.Seen.Endpoint, state))
	c.Approved = nil
	switch {
	case state == activities.EndpointRejected:
		c.leave(ctx, link.Rejected, link.Decision{
			Verb: link.Reject, Via: link.ViaCloud, Endpoint: c.Seen.Endpoint, Owner: c.Seen.Owner,
			Reason: "the endpoint was rejected outside Linkwright",
		})
		return "", errTurned
	case c.Spec == nil:
		c.leave(ctx, link.Disconnected, link.Decision{
			Verb: link.Disconnect, Via: link.ViaCloud, Endpoint: c.Seen.Endpoint, Owner: c.Seen.Owner,
			Reason: "the consumer's endpoint is " + string(state),
		})
		return "", errTurned
	case state == activities.EndpointFailed:
		if err := c.block(ctx, link.Problem{
			Reason: link.ReasonEndpointFailed, Account: c.Spec.Account, Region: c.Spec.Region,
			Message: fmt.Sprintf("endpoint %s failed: %s", c.Seen.Endpoint, c.Endpoint.LastError),
			Remedy:  "mend what the cloud complains about; Linkwright then replaces the endpoint by itself, or at once with linkwright retry",
		}, 0); err != nil {
			return "", err
		}
		c.unblock(ctx)
	}
	return link.Repairing, nil // makes a new endpoint, which needs a decision of its own
}

// disconnect takes the link down: what leads to the endpoint, then the endpoint, each until it is verified gone.
func (c *connection) disconnect(ctx workflow.Context) (link.Phase, error) {
	if err := c.removeRoute(ctx); err != nil {
		return "", err
	}
	if err := c.removeTargets(ctx); err != nil {
		return "", err
	}
	if err := c.removeZone(ctx); err != nil {
		return "", err
	}
	if c.Seen.Endpoint != "" && c.Service.ID != "" && (c.Leaving == link.Rejected || c.Spec == nil) {
		err := effect(ctx, &c.flow, c.Service.Account, activities.Provider.RejectConnection, c.connectionRequest())
		if err != nil && !activities.IsGone(err) {
			return "", err
		}
	}
	if err := c.removeEndpoint(ctx); err != nil {
		return "", err
	}
	c.leavePlace(ctx)
	if err := c.unsubscribe(ctx); err != nil {
		return "", err
	}
	if c.elsewhere() {
		return c.disconnected(ctx)
	}
	if _, err := tell(ctx, EndpointServiceID(c.in.Service), leaveSignal, membership{Connection: c.in.Name, Endpoint: c.Seen.Endpoint}); err != nil {
		return "", err
	}
	return c.disconnected(ctx)
}

// disconnected comes last, when no news from the Watch can bring back what is gone.
func (c *connection) disconnected(ctx workflow.Context) (link.Phase, error) {
	c.Status.DropResources(c.cloud().EndpointKind())
	c.Status.DropResources(link.KindNetworkInterface)
	c.settleConditions(ctx, string(c.Leaving))
	return c.Leaving, nil
}

// removeEndpoint deletes the endpoint that was asked for, and its own security group after it.
func (c *connection) removeEndpoint(ctx workflow.Context) error {
	if c.Asked {
		if err := effect(ctx, &c.flow, c.Spec.Account, activities.Consumer.RemoveEndpoint, activities.RemoveEndpointRequest{
			Place: c.here(), Owner: c.owner, Endpoint: c.Endpoint.ID,
		}); err != nil {
			return err
		}
	}
	return c.removeGroup(ctx)
}

func (c *connection) removeTargets(ctx workflow.Context) error {
	if c.Targets == nil {
		return nil
	}
	if err := effect(ctx, &c.flow, c.Targets.Account, activities.Ingress.RemoveTargets, c.Targets.request(nil)); err != nil {
		return err
	}
	c.Targets = nil
	c.Status.DropResources(link.KindTarget)
	c.condition(ctx, link.TargetsHealthy, false, "Deregistered", "")
	return nil
}

// fits reports whether the targets are where the spec wants them. A route moves its own to another group by itself.
func (t *targets) fits(spec *link.ConnectionSpec, at *route) bool {
	in := spec.Ingress
	switch {
	case in == nil || t.Account != in.Account:
		return false
	case in.Route != nil:
		return at != nil && t.Group == at.Group
	}
	return t.Group == in.TargetGroup && t.Port == in.Port
}

// owning adds addresses to those that were registered in the group, or were about to be.
func (t *targets) owning(at targets, wanted []string) *targets {
	if t != nil {
		at.Owned = slices.Clone(t.Owned)
	}
	for _, ip := range wanted {
		if !slices.Contains(at.Owned, ip) {
			at.Owned = append(at.Owned, ip)
		}
	}
	return &at
}

func (t *targets) request(wanted []string) activities.TargetsRequest {
	return activities.TargetsRequest{
		Place:       activities.Place{Account: t.Account, Region: t.Region},
		TargetGroup: t.Group, Port: t.Port, Listener: t.Listener, Wanted: wanted, Owned: slices.Clone(t.Owned),
	}
}

func ips(addresses []activities.Address) []string {
	var list []string
	for _, a := range addresses {
		list = append(list, a.IP)
	}
	slices.Sort(list)
	return list
}
