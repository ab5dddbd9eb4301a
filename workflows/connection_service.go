package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// meetService makes the connection known to its service's flow, and waits until that is open.
func (c *connection) meetService(ctx workflow.Context) error {
	if c.elsewhere() {
		return c.readService(ctx)
	}
	if err := c.join(ctx); err != nil {
		return err
	}
	open := func() bool { return c.Service.Open }
	_, err := c.wait(ctx, link.Waiting{For: "service " + c.in.Service + " to be open"}, open, c.rejoin)
	if err == nil && c.Status.Account == "" { // opened by a consumer that has no account here
		c.Status.Account, c.Status.Region = c.Seen.Owner, c.Service.Region
	}
	return err
}

// join tells the service's flow about this connection. Without such a flow the connection is blocked.
func (c *connection) join(ctx workflow.Context) error {
	if c.elsewhere() {
		return nil
	}
	_, err := persist(ctx, &c.flow, func() (struct{}, error) {
		me := membership{Connection: c.in.Name, Owner: c.Seen.Owner, Endpoint: c.Seen.Endpoint}
		if c.Spec != nil {
			at, err := c.account(ctx, c.Spec.Account)
			if err != nil {
				return struct{}{}, err
			}
			me.Owner = at.ID
			c.Status.Cloud = at.Cloud
			if me.Endpoint == "" {
				me.Endpoint = c.Spec.ExistingEndpoint()
			}
		}
		c.Joined = me // first, for the service may ask back
		if c.revision >= brief {
			return struct{}{}, c.introduce(ctx)
		}
		there, err := tell(ctx, EndpointServiceID(c.in.Service), joinSignal, me)
		if err == nil && !there {
			err = c.notPublished()
		}
		return struct{}{}, err
	})
	return err
}

// introduce joins the service, and learns what it is.
func (c *connection) introduce(ctx workflow.Context) error {
	err := c.learn(ctx, func() (serviceView, error) {
		return introduce[serviceView](ctx, &c.flow, EndpointServiceID(c.in.Service), viewQuery, joinSignal, c.Joined)
	})
	if activities.IsGone(err) {
		err = c.notPublished()
	}
	return err
}

// sayMembership answers the service, which need not tell what the connection knows.
func (c *connection) sayMembership() (membership, error) {
	me, known := c.Joined, c.Service
	me.Knows = &known
	return me, nil
}

// announce tells the service of the endpoint that was made, and has the Watch look at it. The service is told last: what
// it answers is what the decision goes by.
func (c *connection) announce(ctx workflow.Context) error {
	if c.revision < brief && c.Spec != nil {
		if err := c.join(ctx); err != nil {
			return err
		}
	}
	if err := c.subscribe(ctx); err != nil {
		return err
	}
	if c.revision >= brief && c.Spec != nil {
		return c.join(ctx)
	}
	return nil
}

func (c *connection) notPublished() error {
	return activities.Blocked(link.Problem{
		Reason:  link.ReasonServiceNotPublished,
		Message: "no EndpointService " + c.in.Service + " is being published",
		Remedy:  "apply the EndpointService " + c.in.Service + ", or correct spec.service and apply the Connection under the right service",
	}, nil)
}

// serviceSpoke takes in what the service says of itself: that it has something to say. What it is, the service
// is asked, because others than the service can send the signal.
func (c *connection) serviceSpoke(ctx workflow.Context, said serviceView) {
	if c.elsewhere() {
		return
	}
	if c.trusting() {
		c.Service = said
		return
	}
	if err := c.askService(ctx, peekWithin); err != nil {
		workflow.GetLogger(ctx).Warn("the service was not asked", "error", err)
	}
}

// consult makes sure that what is known of the service is so, before anything is let in by its policy. Without
// the service's flow the connection is blocked.
func (c *connection) consult(ctx workflow.Context) error {
	if c.trusting() || c.revision >= brief && c.learned.Equal(workflow.Now(ctx)) { // this very moment: it has just joined
		return nil
	}
	_, err := persist(ctx, &c.flow, func() (struct{}, error) {
		err := c.askService(ctx, 0)
		if activities.IsGone(err) {
			err = c.notPublished()
		}
		return struct{}{}, err
	})
	return err
}

// askService asks the service's flow what connections must know of it.
func (c *connection) askService(ctx workflow.Context, within time.Duration) error {
	return c.learn(ctx, func() (serviceView, error) {
		return ask[serviceView](ctx, &c.flow, EndpointServiceID(c.in.Service), viewQuery, within)
	})
}

// learn takes in what the service's flow answers. Of two answers, the later asked counts.
func (c *connection) learn(ctx workflow.Context, answer func() (serviceView, error)) error {
	c.inquiries++
	nth := c.inquiries
	view, err := answer()
	if err == nil && nth > c.answered {
		c.answered, c.learned = nth, workflow.Now(ctx)
		c.know(ctx, view)
	}
	return err
}

// know takes in what the service is. When it was published anew, a step under way is about a service that is no more,
// and may be blocked by just that.
func (c *connection) know(ctx workflow.Context, view serviceView) {
	before := c.Service
	c.Service = view
	anew := view.ID != before.ID || view.Name != before.Name // one that is made anew on Azure has the id of the one before
	if before.ID != "" && view.ID != "" && anew && c.Leaving == "" &&
		c.since(ctx, "follow-the-service") {
		c.interrupt()
	}
}

// rejoin says again what join said, should the service's flow have been started anew; it changes nothing
// when it was not.
func (c *connection) rejoin(ctx workflow.Context) {
	if _, err := tell(ctx, EndpointServiceID(c.in.Service), joinSignal, c.Joined); err != nil {
		workflow.GetLogger(ctx).Warn("the service was not told", "error", err)
	}
}

// subscribe asks the Watch of the account that can see the endpoint for its changes.
func (c *connection) subscribe(ctx workflow.Context) error {
	place, topic := c.watched()
	return subscribe(ctx, &c.flow, place, topic)
}

func (c *connection) unsubscribe(ctx workflow.Context) error {
	place, topic := c.watched()
	if topic.ID == "" {
		return nil
	}
	if place.Account == "" && // it leaves before it has met its service
		c.since(ctx, "leave-before-meeting") {
		return nil
	}
	return unsubscribe(ctx, &c.flow, place)
}

// watched is where the endpoint is looked at: by its owner when there is a spec, else by the provider.
func (c *connection) watched() (activities.Place, activities.Topic) {
	if c.Spec != nil {
		return c.here(), activities.Topic{Kind: activities.TopicEndpoint, ID: c.Seen.Endpoint}
	}
	return c.there(), activities.Topic{Kind: activities.TopicConnection, ID: c.Seen.Endpoint, Service: c.Service.ID}
}

// look is the connection's own look at its endpoint and its service.
func (c *connection) look(ctx workflow.Context) {
	if c.elsewhere() {
		c.rereadService(ctx)
	} else {
		c.rejoin(ctx)
	}
	place, topic := c.watched()
	renew(ctx, &c.flow, place, topic)
	if c.Spec != nil {
		endpoint, err := peek(ctx, &c.flow, c.Spec.Account, activities.Consumer.DescribeEndpoint, activities.EndpointRequest{
			Place: c.here(), Endpoint: c.Seen.Endpoint,
		})
		switch {
		case activities.IsGone(err):
			c.Seen.State = activities.EndpointDeleted
		case err == nil:
			c.observe(ctx, endpoint)
		}
		c.glimpsed(ctx, err)
		return
	}
	all, err := peek(ctx, &c.flow, c.Service.Account, activities.Provider.ListConnections, activities.ServiceRequest{
		Place: c.there(), ServiceID: c.Service.ID,
	})
	c.glimpsed(ctx, err)
	if err == nil {
		c.recognise(all)
	}
}

// recognise finds the endpoint among all that its provider sees; false when it is not there. One look that misses it
// proves nothing: the Watch looks again, and tells when it is gone.
func (c *connection) recognise(all []activities.ConnectionView) bool {
	for _, one := range all {
		if one.Endpoint == c.Seen.Endpoint {
			c.Seen = one
			return true
		}
	}
	return false
}

// letIn reports whether the endpoint was let in without a decision here. That it was may have been said by
// somebody who wants to be spared the decision, so the cloud is asked.
func (c *connection) letIn(ctx workflow.Context) (bool, error) {
	if c.trusting() || !c.Seen.State.LetIn() {
		return c.Seen.State.LetIn(), nil
	}
	if c.Spec != nil {
		endpoint, err := do(ctx, &c.flow, c.Spec.Account, activities.Consumer.DescribeEndpoint, activities.EndpointRequest{
			Place: c.here(), Endpoint: c.Seen.Endpoint,
		})
		if activities.IsGone(err) {
			c.Seen.State = activities.EndpointDeleted
			return false, nil
		}
		if err != nil {
			return false, err
		}
		c.observe(ctx, endpoint)
	} else {
		all, err := do(ctx, &c.flow, c.Service.Account, activities.Provider.ListConnections, activities.ServiceRequest{
			Place: c.there(), ServiceID: c.Service.ID,
		})
		if err != nil && !activities.IsGone(err) {
			return false, err
		}
		if !c.recognise(all) {
			c.Seen.State = activities.EndpointPendingAcceptance // for all that is known
		}
	}
	if !c.Seen.State.LetIn() { // should the look have been behind the times, the Watch tells again
		place, topic := c.watched()
		resubscribe(ctx, &c.flow, place, topic)
	}
	return c.Seen.State.LetIn(), nil
}

// observe takes in what the consumer's side shows.
func (c *connection) observe(ctx workflow.Context, e activities.Endpoint) {
	if e.ID != c.Endpoint.ID {
		c.Status.DropResources(c.cloud().EndpointKind())
	}
	if len(e.Addresses) == 0 {
		e.Addresses = c.Endpoint.Addresses
	}
	c.Endpoint = e
	before := c.Seen
	c.Seen = activities.ConnectionView{Endpoint: e.ID, Owner: e.Owner, Region: c.Spec.Region, State: e.State}
	if before.Endpoint == e.ID { // its owner does not see these
		c.Seen.Link, c.Seen.Message = before.Link, before.Message
	}
	c.showEndpoint()
	var interfaces []link.Resource
	for _, a := range e.Addresses {
		interfaces = append(interfaces, link.Resource{
			Kind: link.KindNetworkInterface, ID: a.Interface, Account: c.Spec.Account, Region: c.Spec.Region, Detail: a.IP + " " + a.Zone,
		})
	}
	c.Status.SetResources(link.KindNetworkInterface, interfaces)
}

// showEndpoint lists the endpoint as it was seen last.
func (c *connection) showEndpoint() {
	c.Status.ServiceName = c.Service.Name
	c.Status.AddResource(link.Resource{
		Kind: c.cloud().EndpointKind(), ID: c.Seen.Endpoint, Account: c.Status.Account, Region: c.Status.Region, Detail: string(c.Seen.State),
	})
}

// changed takes in what the Watch saw. An endpoint does not turn into another one, and changes no hands.
func (c *connection) changed(ctx workflow.Context, changes news) {
	if !c.Status.Phase.Open() {
		return
	}
	for _, change := range changes {
		switch {
		case change.ID != c.Seen.Endpoint:
			// about an endpoint that this connection has no longer
		case change.Gone:
			c.Seen.State = activities.EndpointDeleted
		case change.Endpoint != nil && (change.Endpoint.ID != c.Seen.Endpoint || change.Endpoint.Owner != c.Seen.Owner),
			change.Connection != nil && (change.Connection.Endpoint != c.Seen.Endpoint || change.Connection.Owner != c.Seen.Owner):
			workflow.GetLogger(ctx).Warn("news about another endpoint were dropped", "endpoint", c.Seen.Endpoint)
		case change.Endpoint != nil && c.Spec != nil:
			c.observe(ctx, *change.Endpoint)
		case change.Connection != nil && c.Spec == nil:
			c.Seen = *change.Connection
			c.showEndpoint()
		}
	}
}

// showTargets lists the targets and their health.
func (c *connection) showTargets(ctx workflow.Context, health []activities.TargetHealth) {
	states := map[string]string{}
	for _, h := range health {
		states[h.IP] = h.State
	}
	var registered []link.Resource
	for _, ip := range c.Targets.Owned {
		registered = append(registered, link.Resource{
			Kind: link.KindTarget, ID: ip, Account: c.Targets.Account, Region: c.Targets.Region, Detail: states[ip],
		})
	}
	c.Status.SetResources(link.KindTarget, registered)
	if health == nil {
		c.condition(ctx, link.TargetsHealthy, false, "Registered", "waiting for the load balancer's health checks")
	} else {
		c.condition(ctx, link.TargetsHealthy, true, "Healthy", c.Targets.Group)
	}
}

// cloud is that of the endpoint.
func (c *connection) cloud() link.Cloud {
	if c.Spec == nil {
		return c.Status.Cloud
	}
	return c.Spec.Cloud()
}

// here is the consumer's place, there the provider's.
func (c *connection) here() activities.Place {
	return activities.Place{Account: c.Spec.Account, Region: c.Spec.Region}
}

func (c *connection) there() activities.Place {
	return activities.Place{Account: c.Service.Account, Region: c.Service.Region}
}

func (c *connection) connectionRequest() activities.ConnectionRequest {
	return activities.ConnectionRequest{
		Place: c.there(), ServiceID: c.Service.ID, Endpoint: c.Seen.Endpoint, EndpointOwner: c.Seen.Owner, Link: c.Seen.Link,
	}
}
