package workflows

import (
	"errors"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// The signals that flows send to one another. People have no use for them. Whoever may signal can send them,
// too, so a flow that got one asks the other flow, or the cloud, before it acts on what lets something in; see
// docs/decisions/0013.
const (
	joinSignal      = "linkwright.join"      // Connection → EndpointService: membership
	leaveSignal     = "linkwright.leave"     // Connection → EndpointService: membership
	serviceSignal   = "linkwright.service"   // EndpointService → Connection: serviceView
	handOverSignal  = "linkwright.hand-over" // EndpointService → Connection: handOver
	inheritSignal   = "linkwright.inherit"   // Connection → Connection: inheritance
	changesSignal   = "linkwright.changes"   // Watch → subscriber: []activities.Change
	subscribeSignal = "linkwright.subscribe" // subscriber → Watch: subscription
)

// The queries that flows answer to one another: the truth about what the signals claim.
const (
	viewQuery       = "linkwright.view"       // EndpointService: serviceView
	membershipQuery = "linkwright.membership" // Connection: membership
)

// membership says that a connection exists, whose it is, and which endpoint it has, once it has one.
type membership struct {
	Connection string `json:"connection"`
	Owner      string `json:"owner"` // account id
	Endpoint   string `json:"endpoint,omitempty"`
}

// serviceView is what a connection must know of its service.
type serviceView struct {
	Open     bool                `json:"open"` // connections can be made
	ID       string              `json:"id,omitempty"`
	Name     string              `json:"name,omitempty"`
	Account  string              `json:"account"`
	Region   string              `json:"region"`
	Approval link.ApprovalPolicy `json:"approval"`
}

// handOver asks a connection to give its endpoint to another one.
type handOver struct {
	To string `json:"to"` // name of the connection
}

// inheritance is what a connection leaves to the one that takes its endpoint over: what was decided, for the
// record. It lets nothing in. Whoever may signal could send it, so an endpoint that still waits is asked about
// again, and the claims of who was authenticated stay behind in the history of the flow that heard them.
type inheritance struct {
	Decisions []link.Decision `json:"decisions,omitempty"`
}

// subscription is who waits for what; no topics end the subscription.
type subscription struct {
	Subscriber string             `json:"subscriber"` // workflow id
	Topics     []activities.Topic `json:"topics"`
}

// tell signals another flow; false when there is no such flow running.
func tell(ctx workflow.Context, id, signal string, message any) (bool, error) {
	err := workflow.SignalExternalWorkflow(ctx, id, "", signal, message).Get(ctx, nil)
	var unknown *temporal.UnknownExternalWorkflowExecutionError
	if errors.As(err, &unknown) {
		return false, nil
	}
	return err == nil, err
}

// listen hands every message that arrives under a signal's name to a function, in order. The flow does not
// end or continue as new while a message is being handled, so none is lost.
func listen[M any](ctx workflow.Context, f *flow, signal, description string, handle func(workflow.Context, M)) {
	listenCounting(ctx, f, signal, description, func(ctx workflow.Context, m M, _ int) { handle(ctx, m) })
}

// listenCounting is listen for a function that wants to know the how manyth signal of its name in this run a
// message was, counted from 1. A signal that is no message counts as well, as it does in the history: else
// whoever sends one could have the next message taken for somebody else's.
func listenCounting[M any](ctx workflow.Context, f *flow, signal, description string, handle func(ctx workflow.Context, m M, nth int)) {
	ch := workflow.GetSignalChannelWithOptions(ctx, signal, workflow.SignalChannelOptions{Description: description})
	workflow.Go(ctx, func(ctx workflow.Context) {
		for nth := 1; ; nth++ {
			var raw converter.RawValue
			if !ch.Receive(ctx, &raw) {
				return
			}
			var m M
			if err := converter.GetDefaultDataConverter().FromPayload(raw.Payload(), &m); err != nil {
				workflow.GetLogger(ctx).Warn("a signal was dropped", "signal", signal, "error", err)
				continue
			}
			f.handling++
			handle(ctx, m, nth)
			f.handling--
		}
	})
}

const betweenFlows = "Not for people: Linkwright's flows send this to one another."
