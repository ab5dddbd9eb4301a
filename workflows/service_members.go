package workflows

import (
	"slices"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// member is a connection that the service looks after.
type member struct {
	Owner    string    `json:"owner"` // account id
	Endpoint string    `json:"endpoint,omitempty"`
	Joined   time.Time `json:"joined"`
	// Found is true for one that was started for an endpoint that nobody had a spec for.
	Found bool `json:"found,omitempty"`
	// Told is true when the connection knows what was announced last.
	Told bool `json:"told,omitempty"`
}

// welcomeAfter is how long an endpoint that nobody announced is left alone while a connection of the same
// account is about to announce one: most likely it is that one, a moment before its announcement arrives.
const welcomeAfter = time.Minute

// joined takes in a connection, and tells it what it must know. What is new about it is asked of the connection
// itself: whoever else says that it has another endpoint could have its own one asked about by another flow.
func (s *service) joined(ctx workflow.Context, m membership) {
	if s.closing {
		s.Late = append(s.Late, late{Membership: m})
		return
	}
	if known, ok := s.Members[m.Connection]; !s.trusting && (!ok || known.Owner != m.Owner || known.Endpoint != m.Endpoint) {
		said, err := ask[membership](ctx, &s.flow, ConnectionID(s.in.Name, m.Connection), membershipQuery, peekWithin)
		if err != nil || said.Connection != m.Connection {
			workflow.GetLogger(ctx).Warn("a connection that does not say so itself was not taken in", "connection", m.Connection, "error", err)
			return
		}
		m = said
	}
	known, ok := s.Members[m.Connection]
	if !ok {
		known = &member{Joined: workflow.Now(ctx)}
		s.Members[m.Connection] = known
		s.news++
	}
	if known.Endpoint != m.Endpoint {
		s.news++
	}
	known.Owner, known.Endpoint = m.Owner, m.Endpoint
	s.unite(ctx, m)
	s.inform(ctx, m.Connection)
	s.showMembers(ctx)
}

// late is a connection that joined or left while a run made ready to continue as new. To take each in costs dozens of
// events: a crowd that is waited for would fill the history that is to be cut.
type late struct {
	Membership membership `json:"membership"`
	Left       bool       `json:"left,omitempty"`
}

// hearLate takes in those that the run before has left to this one.
func (s *service) hearLate(ctx workflow.Context) {
	waiting := s.Late
	if len(waiting) == 0 {
		return
	}
	s.Late = nil
	s.handling++
	uncancelled, _ := workflow.NewDisconnectedContext(ctx)
	workflow.Go(uncancelled, func(ctx workflow.Context) {
		for _, one := range waiting {
			if one.Left {
				s.left(ctx, one.Membership)
			} else {
				s.joined(ctx, one.Membership)
			}
		}
		s.handling--
	})
}

// unite makes the flow that was started for an endpoint nobody knew hand it to the connection that has a
// spec for it.
func (s *service) unite(ctx workflow.Context, m membership) {
	for _, name := range s.memberNames() {
		if name == m.Connection || m.Endpoint == "" || s.Members[name].Endpoint != m.Endpoint {
			continue
		}
		found, heir := name, m.Connection
		if !s.wasFound(found) {
			found, heir = heir, found
		}
		if !s.wasFound(found) {
			return // two specs name one endpoint; its ownership tag decides
		}
		if _, err := tell(ctx, ConnectionID(s.in.Name, found), handOverSignal, handOver{To: heir}); err != nil {
			workflow.GetLogger(ctx).Warn("the endpoint was not handed over", "endpoint", found, "error", err)
			return
		}
		delete(s.Members, found)
		return
	}
}

// wasFound reports whether a connection was started for an endpoint that nobody had a spec for. Those that were started
// by an earlier release are known by their name, which is the endpoint's.
func (s *service) wasFound(name string) bool {
	m := s.Members[name]
	return m != nil && (m.Found || name == m.Endpoint)
}

// left forgets a connection that has ended, or is about to: one that is not would be asked about anew, by a flow
// that knows nothing of it.
func (s *service) left(ctx workflow.Context, m membership) {
	if s.closing {
		s.Late = append(s.Late, late{Membership: m, Left: true})
		return
	}
	if known, ok := s.Members[m.Connection]; !ok || known.Endpoint != m.Endpoint && m.Endpoint != "" && known.Endpoint != "" {
		return
	}
	if !s.trusting {
		said, err := ask[link.Status](ctx, &s.flow, ConnectionID(s.in.Name, m.Connection), StatusQuery, peekWithin)
		if err == nil && said.Phase != link.Disconnecting && said.Phase.Open() || err != nil && !activities.IsGone(err) {
			workflow.GetLogger(ctx).Warn("a connection that is still there was not let go", "connection", m.Connection, "error", err)
			return
		}
	}
	delete(s.Members, m.Connection)
	s.Seen = slices.DeleteFunc(s.Seen, func(v activities.ConnectionView) bool { return v.Endpoint == m.Endpoint })
	s.showMembers(ctx)
	s.news++
}

// view is what connections must know just now.
func (s *service) view() serviceView {
	view := serviceView{
		Open: s.Status.Phase == link.Serving,
		ID:   s.Service.ID, Name: s.Service.Name,
		Account: s.Spec.Account, Region: s.Spec.Region, Drift: s.Spec.Drift,
	}
	if s.Spec.Approval != nil { // there is nothing to approve when acceptance is off
		view.Approval = *s.Spec.Approval
	}
	return view
}

// inform tells one connection.
func (s *service) inform(ctx workflow.Context, name string) {
	m, ok := s.Members[name]
	if !ok {
		return
	}
	view := s.view()
	there, err := tell(ctx, ConnectionID(s.in.Name, name), serviceSignal, view)
	switch {
	case err != nil:
		workflow.GetLogger(ctx).Warn("a connection was not told about its service", "connection", name, "error", err)
	case !there:
		delete(s.Members, name)
		s.news++
	default:
		m.Told = view.Open
	}
}

// announce tells every connection what has changed about the service since it was told last.
func (s *service) announce(ctx workflow.Context) {
	view := s.view()
	changed := !same(view, s.Announced)
	s.Announced = view
	for _, name := range s.memberNames() {
		if m, ok := s.Members[name]; ok && (changed || !m.Told) {
			s.inform(ctx, name)
		}
	}
}

// welcome starts a Connection for every endpoint that a consumer opened by itself.
func (s *service) welcome(ctx workflow.Context) error {
	for _, view := range s.Seen {
		if view.State.Over() || s.knows(view.Endpoint) || s.holds(ctx, view.Owner) {
			continue
		}
		name := view.FlowName()
		s.Members[name] = &member{Owner: view.Owner, Endpoint: view.Endpoint, Joined: workflow.Now(ctx), Found: true}
		child := workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
			WorkflowID:            ConnectionID(s.in.Name, name),
			ParentClosePolicy:     enumspb.PARENT_CLOSE_POLICY_ABANDON, // a connection ends by its own teardown only
			WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
			StaticDetails:         WhereToLook,
			StaticSummary:         "Connection of account " + view.Owner + " to " + s.in.Name + ", opened by the consumer",
		})
		err := workflow.ExecuteChildWorkflow(child, ConnectionWorkflow, ConnectionInput{
			Service: s.in.Name, Name: name, Found: &view,
		}).GetChildWorkflowExecution().Get(ctx, nil)
		if err != nil && !temporal.IsWorkflowExecutionAlreadyStartedError(err) {
			return err
		}
	}
	s.showMembers(ctx)
	return nil
}

func (s *service) knows(endpoint string) bool {
	for _, name := range s.memberNames() {
		if s.Members[name].Endpoint == endpoint {
			return true
		}
	}
	return false
}

// holds reports whether a connection of the account is about to announce an endpoint.
func (s *service) holds(ctx workflow.Context, owner string) bool {
	for _, name := range s.memberNames() {
		if m := s.Members[name]; m.Endpoint == "" && m.Owner == owner && workflow.Now(ctx).Before(m.Joined.Add(welcomeAfter)) {
			return true
		}
	}
	return false
}

// heldUntil is when the first endpoint that is held back will be welcomed; zero when none is.
func (s *service) heldUntil(ctx workflow.Context) time.Time {
	var first time.Time
	for _, view := range s.Seen {
		if view.State.Over() || s.knows(view.Endpoint) || !s.holds(ctx, view.Owner) {
			continue
		}
		for _, name := range s.memberNames() {
			m := s.Members[name]
			if until := m.Joined.Add(welcomeAfter); m.Endpoint == "" && m.Owner == view.Owner && (first.IsZero() || until.Before(first)) {
				first = until
			}
		}
	}
	return first
}

// dismiss asks every connection to take itself down.
func (s *service) dismiss(ctx workflow.Context) error {
	for _, name := range s.memberNames() {
		there, err := tell(ctx, ConnectionID(s.in.Name, name), DisconnectUpdate, link.Decision{
			By: "service " + s.in.Name, Reason: "the service is being withdrawn",
		})
		if err != nil {
			return err
		}
		if !there {
			delete(s.Members, name)
		}
	}
	return nil
}

// memberNames lists the connections in order, as deterministic code must.
func (s *service) memberNames() []string { return sortedKeys(s.Members) }

func (s *service) showMembers(ctx workflow.Context) {
	s.Status.DropResources(link.KindFlow)
	for _, name := range s.memberNames() {
		m := s.Members[name]
		s.Status.AddResource(link.Resource{Kind: link.KindFlow, ID: name, Account: m.Owner, Detail: m.Endpoint})
	}
	s.showDropped(ctx)
}
