package workflows

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	commonpb "go.temporal.io/api/common/v1"
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
	// Knows is what the connection knows of its service; only when it was asked for its membership.
	Knows *serviceView `json:"knows,omitempty"`
}

// serviceView is what a connection must know of its service.
type serviceView struct {
	Open     bool                `json:"open"` // connections can be made
	ID       string              `json:"id,omitempty"`
	Name     string              `json:"name,omitempty"`
	Account  string              `json:"account"`
	Region   string              `json:"region"`
	Approval link.ApprovalPolicy `json:"approval"`
	// Drift is what is done about drift, as [link.EndpointServiceSpec] has it.
	Drift *link.DriftPolicy `json:"drift,omitempty"`
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
	// Renewed says that nothing has changed, unless the Watch knows nothing of it.
	Renewed bool `json:"renewed,omitempty"`
}

// tell signals another flow; false when there is no such flow running.
func tell(ctx workflow.Context, id, signal string, message any) (bool, error) {
	return heard(ctx, workflow.SignalExternalWorkflow(ctx, id, "", signal, message))
}

// heard waits for a signal to another flow to arrive; false when there is no such flow running.
func heard(ctx workflow.Context, signal workflow.Future) (bool, error) {
	err := signal.Get(ctx, nil)
	var unknown *temporal.UnknownExternalWorkflowExecutionError
	if errors.As(err, &unknown) {
		return false, nil
	}
	return err == nil, err
}

// listen hands every message of another flow to a function, in order. What is not fit to be used is ignored. The
// flow does not end or continue as new while a message is being handled, so none is lost.
func listen[M message](ctx workflow.Context, f *flow, signal string, handle func(workflow.Context, M)) {
	listenCounting(ctx, f, signal, betweenFlows, func(ctx workflow.Context, m M, _ int) {
		if err := m.check(); err != nil {
			workflow.GetLogger(ctx).Warn("a message was ignored", "signal", signal, "error", err)
			return
		}
		handle(ctx, m)
	})
}

// listenTogether is listen for messages that come in crowds: those that arrive while others are being handled are handled
// together, so many at once at most.
func listenTogether[M message](ctx workflow.Context, f *flow, signal string, atMost int, handle func(workflow.Context, []M)) {
	if f.revision < brief { // these runs take them one by one
		listen(ctx, f, signal, func(ctx workflow.Context, m M) { handle(ctx, []M{m}) })
		return
	}
	var waiting []M
	listen(ctx, f, signal, func(_ workflow.Context, m M) {
		waiting = append(waiting, m)
		f.handling++
	})
	uncancelled, _ := workflow.NewDisconnectedContext(ctx)
	workflow.Go(uncancelled, func(ctx workflow.Context) {
		for workflow.Await(ctx, func() bool { return len(waiting) > 0 }) == nil {
			n := min(len(waiting), atMost)
			together := waiting[:n:n]
			waiting = waiting[n:]
			handle(ctx, together)
			f.handling -= n
		}
	})
}

// message is what flows send to one another. Others may send it, too, so it says what makes it fit to be used.
type message interface {
	check() error
}

// listenCounting hands every message that arrives under a signal's name to a function, with the how manyth signal
// of its name in this run it was, counted from 1. A signal that is no message counts as well, as it does in the
// history: else whoever sends one could have the next message taken for somebody else's.
func listenCounting[M any](ctx workflow.Context, f *flow, signal, description string, handle func(ctx workflow.Context, m M, nth int)) {
	ch := workflow.GetSignalChannelWithOptions(ctx, signal, workflow.SignalChannelOptions{Description: description})
	f.channels = append(f.channels, ch)
	workflow.Go(ctx, func(ctx workflow.Context) {
		uncancelled, _ := workflow.NewDisconnectedContext(ctx)
		for nth := 1; ; nth++ {
			// A message stays in the channel until it is taken out below: in the hands of a Receive that waits, nobody
			// could see that it has arrived.
			if workflow.Await(uncancelled, func() bool { return ch.Len() > 0 }) != nil {
				return
			}
			// What it means is read here: the SDK would leave the half that it can read of one in the next.
			var raw converter.RawValue
			if !ch.Receive(ctx, &raw) {
				return
			}
			m, err := read[M](raw.Payload())
			if err != nil {
				workflow.GetLogger(ctx).Warn("a signal was dropped", "signal", signal, "error", err)
				continue
			}
			f.handling++
			if ctx.Err() != nil && // a flow that was cancelled listens until it has ended
				f.since(uncancelled, "hear-after-cancellation") {
				ctx = uncancelled
			}
			handle(ctx, m, nth)
			f.handling--
		}
	})
}

// read is what a message means. One without content means nothing in particular.
func read[M any](payload *commonpb.Payload) (M, error) {
	var m M
	if payload == nil {
		return m, nil
	}
	if len(payload.GetData()) > maxMessage {
		return m, fmt.Errorf("it has %d bytes; at most %d are read", len(payload.GetData()), maxMessage)
	}
	err := converter.GetDefaultDataConverter().FromPayload(payload, &m)
	return m, err
}

// answer lets other flows ask a query.
func answer[Res any](ctx workflow.Context, query string, say func() (Res, error)) error {
	return workflow.SetQueryHandlerWithOptions(ctx, query, say, workflow.QueryHandlerOptions{Description: betweenFlows})
}

const betweenFlows = "Not for people: Linkwright's flows send this to one another."

const (
	// maxMessage is how long a message may be, in bytes: all endpoints of a service with thousands of them.
	// Temporal's limit for what a flow carries on when it continues as new is twice as much.
	maxMessage = 1 << 20
	// maxID is how long something may be that becomes part of a workflow id or of a call: Azure's resource ids
	// are the longest. A workflow id has at most 1000 bytes; Temporal would refuse the whole task for a longer one.
	maxID = 500
	// maxObject is how long the description of one endpoint or service may be, in bytes.
	maxObject = 32 << 10
	// maxTogether is how many messages of a crowd are handled at once.
	maxTogether = 50
	// maxTopics is how many topics one flow may wait for at once; no flow has more than two.
	maxTopics = 8
)

// fit makes sure that texts can stand in ids, calls and search attributes.
func fit(limit int, texts ...string) error {
	for _, text := range texts {
		switch {
		case len(text) > limit:
			return fmt.Errorf("a text has %d bytes; it may have %d", len(text), limit)
		case !readable(text):
			return fmt.Errorf("%q has characters in it that cannot be seen", text)
		}
	}
	return nil
}

func (m membership) check() error {
	if m.Connection == "" {
		return errors.New("it names no connection")
	}
	return errors.Join(fit(maxID, m.Connection, m.Endpoint), fit(maxName, m.Owner))
}

func (v serviceView) check() error {
	return errors.Join(fit(maxID, v.ID, v.Name), fit(maxName, v.Account, v.Region), fit(maxName, v.Approval.AutoApprove...))
}

func (h handOver) check() error {
	if h.To == "" {
		return errors.New("it names no connection")
	}
	return fit(maxID, h.To)
}

// check lets everything pass: what is inherited is clipped when it is taken in.
func (inheritance) check() error { return nil }

// news is what a Watch has seen.
type news []activities.Change

func (n news) check() error {
	for _, change := range n {
		seen := change.Connections
		if change.Connection != nil {
			seen = append(seen[:len(seen):len(seen)], *change.Connection)
		}
		for _, view := range seen {
			if err := errors.Join(fit(maxID, view.Endpoint, view.Name), fit(maxName, view.Owner, view.Region, view.Link, string(view.State))); err != nil {
				return err
			}
		}
		if change.Endpoint != nil {
			if err := fit(maxID, change.Endpoint.ID, change.Endpoint.Owner); err != nil {
				return err
			}
		}
		if change.Service != nil {
			if err := fit(maxID, change.Service.ID, change.Service.Name); err != nil {
				return err
			}
		}
		change.Connections = nil // they may be many
		if text, err := json.Marshal(change); err != nil || len(text) > maxObject {
			return errors.Join(fmt.Errorf("%s is described by %d bytes; it may be by %d", change.Kind, len(text), maxObject), err)
		}
	}
	return nil
}

func (s subscription) check() error {
	switch {
	case !strings.HasPrefix(s.Subscriber, EndpointServiceID("")) && !strings.HasPrefix(s.Subscriber, "connection/"):
		return fmt.Errorf("%.100q is no flow that waits for anything", s.Subscriber)
	case len(s.Topics) > maxTopics:
		return fmt.Errorf("it has %d topics; it may have %d", len(s.Topics), maxTopics)
	}
	if err := fit(2*maxID-maxName, s.Subscriber); err != nil {
		return err
	}
	for _, topic := range s.Topics {
		if err := fit(maxID, topic.ID, topic.Service, string(topic.Kind)); err != nil {
			return err
		}
	}
	return nil
}
