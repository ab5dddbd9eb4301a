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

// joined takes in connections, and tells them what they must know and do not. What is new about one is asked of the
// connection itself: whoever else says that it has another endpoint could have its own one asked about by another flow.
func (s *service) joined(ctx workflow.Context, all []membership) {
	if s.closing {
		for _, m := range all {
			s.Late = append(s.Late, late{Membership: m})
		}
		return
	}
	for _, m := range s.confirmed(ctx, all) {
		s.takeIn(ctx, m)
	}
	s.showMembers(ctx)
}

// confirmed are those that are as known, and what the others say of themselves.
func (s *service) confirmed(ctx workflow.Context, all []membership) []membership {
	var as []membership
	var asked, ids []string
	for _, m := range all {
		m.Knows = nil // that only the connection itself can say
		known, ok := s.Members[m.Connection]
		if s.trusting() || ok && known.Owner == m.Owner && known.Endpoint == m.Endpoint {
			as = append(as, m)
		} else {
			asked, ids = append(asked, m.Connection), append(ids, ConnectionID(s.in.Name, m.Connection))
		}
	}
	said, errs := askAll[membership](ctx, &s.flow, ids, membershipQuery, peekWithin)
	for i, name := range asked {
		if errs[i] != nil || said[i].Connection != name {
			workflow.GetLogger(ctx).Warn("a connection that does not say so itself was not taken in", "connection", name, "error", errs[i])
			continue
		}
		as = append(as, said[i])
	}
	return as
}

// takeIn makes a connection a member.
func (s *service) takeIn(ctx workflow.Context, m membership) {
	told := m.Knows != nil && same(*m.Knows, s.view())
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
	known.Told = told && m.Knows.Open
	s.unite(ctx, m)
	if !told {
		s.inform(ctx, m.Connection)
	}
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
		atMost := maxTogether
		if s.revision < brief { // these runs take them in one by one
			atMost = 1
		}
		for len(waiting) > 0 {
			var crowd []membership
			for len(waiting) > 0 && !waiting[0].Left && len(crowd) < atMost {
				crowd, waiting = append(crowd, waiting[0].Membership), waiting[1:]
			}
			if len(crowd) > 0 {
				s.joined(ctx, crowd)
			} else {
				s.left(ctx, waiting[0].Membership)
				waiting = waiting[1:]
			}
		}
		s.handling--
	})
}

// unite makes the flow that was started for an endpoint nobody knew hand it to the connection that has a
// spec for it.
func (s *service) unite(ctx workflow.Context, m membership) {
	if m.Endpoint == "" {
		return
	}
	for _, name := range s.memberNames() {
		if name == m.Connection || s.Members[name].Endpoint != m.Endpoint {
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
	if !s.trusting() {
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
	strangers := s.strangers()
	s.note(strangers, workflow.Now(ctx))
	expected := s.expected()
	for _, view := range strangers {
		if s.heldUntil(view, expected).After(workflow.Now(ctx)) || s.knows(view.Endpoint) {
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
		expected = s.expected() // others may have joined meanwhile
	}
	s.showMembers(ctx)
	return nil
}

// strangers are the endpoints that the service shows and no connection looks after.
func (s *service) strangers() []activities.ConnectionView {
	known := make(map[string]bool, len(s.Members))
	//workflowcheck:ignore (a set has no order)
	for _, m := range s.Members {
		known[m.Endpoint] = true
	}
	var unknown []activities.ConnectionView
	for _, view := range s.Seen {
		if !view.State.Over() && !known[view.Endpoint] {
			unknown = append(unknown, view)
		}
	}
	return unknown
}

func (s *service) knows(endpoint string) bool {
	//workflowcheck:ignore (any of them will do)
	for _, m := range s.Members {
		if m.Endpoint == endpoint {
			return true
		}
	}
	return false
}

// note notes when strangers were seen first, and forgets those that are none any more.
func (s *service) note(strangers []activities.ConnectionView, now time.Time) {
	noticed := map[string]time.Time{}
	for _, view := range strangers {
		noticed[view.Endpoint] = now
		if before, ok := s.Noticed[view.Endpoint]; ok {
			noticed[view.Endpoint] = before
		}
	}
	s.Noticed = noticed
}

// expected are the accounts of connections that are about to announce an endpoint, with when the last of each joined.
func (s *service) expected() map[string]time.Time {
	accounts := map[string]time.Time{}
	//workflowcheck:ignore (the last is the same in any order)
	for _, m := range s.Members {
		if m.Endpoint == "" && m.Joined.After(accounts[m.Owner]) {
			accounts[m.Owner] = m.Joined
		}
	}
	return accounts
}

// heldUntil is until when a stranger is left alone, should one that is expected be about to announce it.
func (s *service) heldUntil(stranger activities.ConnectionView, expected map[string]time.Time) time.Time {
	since, ok := expected[stranger.Owner]
	if !ok {
		return time.Time{}
	}
	if seen := s.Noticed[stranger.Endpoint]; s.revision >= brief && seen.After(since) { // of a crowd, some wait long for their turn
		since = seen
	}
	return since.Add(welcomeAfter)
}

// nextWelcome is when the first of those that are left alone will be welcomed; zero when none is.
func (s *service) nextWelcome() time.Time {
	var next time.Time
	expected := s.expected()
	for _, view := range s.strangers() {
		if until := s.heldUntil(view, expected); !until.IsZero() && (next.IsZero() || until.Before(next)) {
			next = until
		}
	}
	return next
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
	var flows []link.Resource
	for _, name := range s.memberNames() {
		m := s.Members[name]
		flows = append(flows, link.Resource{Kind: link.KindFlow, ID: name, Account: m.Owner, Detail: m.Endpoint})
	}
	s.Status.SetResources(link.KindFlow, flows)
	s.showDropped(ctx)
}
