package workflows

import (
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// Connection carries one consumer's endpoint from the request to its teardown. It runs for as long as the
// connection exists, and answers with its last status.
//
// With a spec it acts for the consumer and makes the endpoint itself; without one it looks after an
// endpoint that a consumer opened on its own, with the provider's credentials alone.
func Connection(ctx workflow.Context, in ConnectionInput) (link.Status, error) {
	c, err := newConnection(ctx, in)
	if err != nil {
		return link.Status{}, err
	}
	return c.run(ctx)
}

// connection is a running Connection.
type connection struct {
	flow
	connectionState
	in ConnectionInput
	// inquiries counts what the service was asked, and answered which of them c.Service is the answer to.
	inquiries, answered int
	// learned is when c.Service was answered last.
	learned time.Time
}

// connectionState is what a connection remembers when it continues as new.
type connectionState struct {
	Status link.Status          `json:"status"`
	Spec   *link.ConnectionSpec `json:"spec,omitempty"` // with defaults
	// Joined is what the service was told last.
	Joined membership `json:"joined,omitzero"`
	// Service is what the service's flow last said of itself.
	Service serviceView `json:"service"`
	// Seen is the endpoint as its provider sees it, whoever looked last.
	Seen activities.ConnectionView `json:"seen"`
	// Asked is true once the consumer's cloud has been asked to make the endpoint, and may have.
	Asked bool `json:"asked,omitempty"`
	// Endpoint is the endpoint as its consumer sees it; only with a spec.
	Endpoint activities.Endpoint `json:"endpoint,omitzero"`
	// Approved is the decision that let the endpoint in; it holds for that endpoint and no other.
	Approved *link.Decision `json:"approved,omitempty"`
	// ApprovedBy are those who approved it; empty when the policy did.
	ApprovedBy []string `json:"approvedBy,omitempty"`
	// LetInOutside is the endpoint that somebody let in while people here were asked about it.
	LetInOutside string `json:"letInOutside,omitempty"`
	ballot
	// Full is the place that has turned out to be full, until there is another one; Asks counts the requests for places.
	Full *placeHeld `json:"full,omitempty"`
	Asks int        `json:"asks,omitempty"`
	// FullListener is the listener that has turned out to be full, until another one was looked for.
	FullListener string `json:"fullListener,omitempty"`
	// Group is the endpoint's own security group, Zone what leads to it in DNS, and Route at a load balancer: what was
	// made, or was about to be.
	Group *group `json:"securityGroup,omitempty"`
	Zone  *zone  `json:"zone,omitempty"`
	Route *route `json:"route,omitempty"`
	// Targets are the addresses that were registered, or were about to be.
	Targets *targets `json:"targets,omitempty"`
	// Leaving is the phase in which the flow will end, once a teardown was asked for.
	Leaving link.Phase `json:"leaving,omitempty"`
	// Turned is true when the flow was told to turn elsewhere while it made ready to continue as new.
	Turned bool `json:"turned,omitempty"`
	// Heir is the connection that takes the endpoint over.
	Heir string `json:"heir,omitempty"`
	// Introduced is true once the flow has answered to the command that started it.
	Introduced bool `json:"introduced,omitempty"`
}

// targets is what a connection has in a target group.
type targets struct {
	Account string `json:"account"`
	Region  string `json:"region"`
	Group   string `json:"group"`
	// Listener is that of the route that the group was made for; empty for a group that was there.
	Listener string   `json:"listener,omitempty"`
	Port     int32    `json:"port"`
	Owned    []string `json:"owned"`
}

func newConnection(ctx workflow.Context, in ConnectionInput) (*connection, error) {
	c := &connection{in: in}
	if in.Carried != nil {
		c.connectionState = *in.Carried
		if c.Joined.Connection == "" { // the run before did not carry it over
			c.Joined = membership{Connection: in.Name, Owner: c.Seen.Owner, Endpoint: c.Seen.Endpoint}
		}
	} else {
		c.Status = link.Status{Kind: link.KindConnection, Name: in.Name, Service: in.Service, AppliedBy: in.By}
	}
	c.flow = newFlow(ctx, &c.Status)
	c.standsBy = c.stance
	if err := c.begin(workflow.GetInfo(ctx)); err != nil {
		return nil, err
	}
	if c.elsewhere() {
		c.idle = slowLook // nobody else looks whether the service is called otherwise
	}
	c.revise(ctx)
	return c, c.handle(ctx)
}

// begin takes the input in. It fails only on what can never work, before anything is touched. Only a run before
// this one can have carried something over, and only the service's flow can have found an endpoint: whoever else
// says so could have had it approved already, or by whom they like.
func (c *connection) begin(run *workflow.Info) error {
	switch {
	case c.in.Carried != nil:
		return checkCarried(run)
	case c.in.Spec != nil:
		if err := errors.Join(link.Metadata{Name: c.in.Name}.Validate(), checkConnectionSpec(c.in.Service, *c.in.Spec)); err != nil {
			return temporal.NewNonRetryableApplicationError(err.Error(), "InvalidSpec", nil)
		}
		c.take(*c.in.Spec, c.in.By)
	case c.in.Found != nil:
		parent := run.ParentWorkflowExecution
		if parent == nil || parent.ID != EndpointServiceID(c.in.Service) || c.in.Name != c.in.Found.FlowName() {
			return temporal.NewNonRetryableApplicationError("an endpoint is found by its service's flow, and by nobody else", "InvalidInput", nil)
		}
		c.Seen = *c.in.Found
	default:
		return temporal.NewNonRetryableApplicationError(
			"a connection needs a spec, or the endpoint that was found", "InvalidInput", nil)
	}
	return nil
}

// take makes a spec the one to carry out.
func (c *connection) take(spec link.ConnectionSpec, by string) {
	spec = spec.WithDefaults()
	c.Spec = &spec
	c.Status.Account, c.Status.Region = spec.Account, spec.Region
	c.Status.AppliedBy = clip(by, maxName)
	c.applied(by)
	c.Status.Generation++
}

// connectionStory is what a connection goes through, in order.
func connectionStory() phases[*connection] {
	return phases[*connection]{
		{link.Requesting, (*connection).request},
		{link.AwaitingApproval, (*connection).awaitDecision},
		{link.Accepting, (*connection).accept},
		{link.EnablingDNS, (*connection).enableDNS},
		{link.RegisteringTargets, (*connection).registerTargets},
		{link.Ready, (*connection).serve},
		{link.Repairing, (*connection).repair},
		{link.Disconnecting, (*connection).disconnect},
	}
}

func (c *connection) run(ctx workflow.Context) (link.Status, error) {
	ctx = outlive(ctx, func(ctx workflow.Context) {
		c.leave(ctx, link.Disconnected, link.Decision{Verb: link.Disconnect, Via: link.ViaCancel, Reason: "the workflow was cancelled"})
	})
	err := follow(ctx, &c.flow, connectionStory(), c, c.goOn(), c.turned)
	if errors.Is(err, errLong) {
		err = c.continueAsNew(ctx)
	}
	return c.Status, err
}

// goOn is where the run begins: with the first phase, or where the run before it was.
func (c *connection) goOn() link.Phase {
	switch {
	case c.Turned:
		c.Turned = false
		return c.turned()
	case c.Status.Phase == "":
		return link.Requesting
	}
	return c.Status.Phase
}

// turned is where an interrupted flow goes on.
func (c *connection) turned() link.Phase {
	switch {
	case c.Heir != "":
		return link.HandedOver
	case c.Leaving != "":
		return link.Disconnecting
	case c.wasReady():
		return link.Repairing
	}
	return link.Requesting
}

// wasReady reports whether the link has worked before.
func (c *connection) wasReady() bool {
	for _, p := range c.Status.Phases {
		if p.Phase == link.Ready {
			return true
		}
	}
	return false
}

func (c *connection) continueAsNew(ctx workflow.Context) error {
	if err := c.settle(ctx); err != nil {
		return err
	}
	c.Turned = c.interrupted()
	in := c.in
	in.Carried = &c.connectionState
	return workflow.NewContinueAsNewError(ctx, ConnectionWorkflow, in)
}

// leave begins the teardown, which ends in the given phase.
func (c *connection) leave(ctx workflow.Context, end link.Phase, why link.Decision) {
	if c.Leaving != "" || !c.Status.Phase.Open() {
		return
	}
	c.Leaving = end
	c.record(ctx, why)
	c.interrupt()
}

// checkConnectionSpec is everything that can be known of a spec before anything is touched.
func checkConnectionSpec(service string, spec link.ConnectionSpec) error {
	if spec.Service != service {
		return fmt.Errorf("spec.service is %q, but the workflow id is for %q", spec.Service, service)
	}
	return spec.Validate()
}
