package workflows_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/workflows"
)

// counter is an EndpointService in a time-skipping Temporal: its connections are heard, and a script acts.
type counter struct {
	*bench
	// told is what the service said to its connections: "shop linkwright.service", ….
	told []string
	// deaf is a connection that does not take itself down.
	deaf string
	// started are the connections that the service started by itself.
	started []workflows.ConnectionInput
}

func newCounter(t *testing.T) *counter {
	env, cloud, around := newEnvironment(t)
	c := &counter{bench: &bench{TestWorkflowEnvironment: env, t: t, cloud: cloud, around: around}}
	env.RegisterWorkflowWithOptions(func(ctx workflow.Context, in workflows.ConnectionInput) (link.Status, error) {
		c.started = append(c.started, in)
		selector := workflow.NewSelector(ctx)
		for _, signal := range []string{"linkwright.hand-over", string(link.Disconnect)} {
			selector.AddReceive(workflow.GetSignalChannel(ctx, signal), func(ch workflow.ReceiveChannel, _ bool) {
				ch.Receive(ctx, nil)
				c.told = append(c.told, in.Name+" "+signal)
			})
		}
		selector.Select(ctx)
		env.SignalWorkflow("linkwright.leave", map[string]string{"connection": in.Name})
		return link.Status{}, nil
	}, workflow.RegisterOptions{Name: workflows.ConnectionWorkflow})
	env.OnSignalExternalWorkflow(mock.Anything, mock.MatchedBy(func(id string) bool { return strings.HasPrefix(id, "watch/") }),
		mock.Anything, mock.Anything, mock.Anything).Return(nil).Maybe()
	env.OnSignalExternalWorkflow(mock.Anything, mock.MatchedBy(func(id string) bool { return strings.HasPrefix(id, "connection/payments/") }),
		mock.Anything, mock.Anything, mock.Anything).Return(func(_, id, _, signal string, _ any) error {
		name := strings.TrimPrefix(id, "connection/payments/")
		c.told = append(c.told, name+" "+signal)
		if signal == string(link.Disconnect) && name != c.deaf { // it takes itself down
			c.leaves(name)
		}
		return nil
	}).Maybe()
	return c
}

func paymentsSpec() link.EndpointServiceSpec {
	return link.EndpointServiceSpec{
		Account: "provider", Region: "eu-central-1",
		AWS: &link.AWSEndpointService{
			LoadBalancers: link.LoadBalancers{ARNs: []string{
				"arn:aws:elasticloadbalancing:eu-central-1:111111111111:loadbalancer/net/payments/0123456789abcdef",
			}},
			AllowedPrincipals: []string{"arn:aws:iam::222222222222:root"},
			PrivateDNS: &link.ServicePrivateDNS{
				Name: "*.k.acme.com", Verification: link.DomainVerification{Route53: &link.Route53Zone{Account: "dns"}},
			},
		},
		Publish: &link.Publish{SSMParameter: &link.SSMParameter{Account: "provider", Name: "/linkwright/payments"}},
	}
}

func (c *counter) publish(spec link.EndpointServiceSpec) link.Status {
	c.t.Helper()
	c.SetStartWorkflowOptions(clientOptions("endpoint-service/payments"))
	c.ExecuteWorkflow(workflows.EndpointService, workflows.EndpointServiceInput{Name: "payments", Spec: spec, By: "ada"})
	return c.result()
}

func (c *counter) withdraw() { c.decide(link.Withdraw, leaveNow, "") }

// requests puts endpoints on the service's list, as the Watch would report them.
func (c *counter) requests(views ...activities.ConnectionView) {
	for _, v := range views {
		c.cloud.endpoints[v.Endpoint] = &activities.Endpoint{ID: v.Endpoint, Owner: v.Owner, State: v.State}
	}
	c.SignalWorkflow("linkwright.changes", []activities.Change{{
		Topic: activities.Topic{Kind: activities.TopicConnections, ID: "vpce-svc-1"}, Connections: views,
	}})
}

// domainTurns changes how far the proof of the service's domain has come, as the Watch would report it.
func (c *counter) domainTurns(state activities.DomainState) {
	turned := *c.cloud.service
	domain := *turned.Domain
	domain.State = state
	turned.Domain = &domain
	c.cloud.service = &turned
	c.SignalWorkflow("linkwright.changes", []activities.Change{{
		Topic: activities.Topic{Kind: activities.TopicService, ID: "vpce-svc-1"}, Service: &turned,
	}})
}

// joins has a connection that runs say what it has.
func (c *counter) joins(name, owner, endpoint string) {
	me := map[string]string{"connection": name, "owner": owner, "endpoint": endpoint}
	c.around.answers("connection/payments/"+name, "linkwright.membership", func() any { return me })
	c.around.answers("connection/payments/"+name, workflows.StatusQuery, func() any { return link.Status{Phase: link.Ready} })
	c.SignalWorkflow("linkwright.join", me)
}

// leaves has a connection take itself down.
func (c *counter) leaves(name string) {
	c.around.answers("connection/payments/"+name, workflows.StatusQuery, func() any { return link.Status{Phase: link.Disconnecting} })
	c.SignalWorkflow("linkwright.leave", map[string]string{"connection": name})
}

// startsNothing publishes and withdraws, and no connection may have been started.
func (c *counter) startsNothing() {
	c.t.Helper()
	c.at(2*time.Hour, c.withdraw)
	c.publish(paymentsSpec())
	if len(c.started) != 0 {
		c.t.Errorf("started: %+v", c.started)
	}
}

// members are the connections that the service shows.
func (c *counter) members() (names []string) {
	c.t.Helper()
	for _, r := range c.status().Resources {
		if r.Kind == link.KindFlow {
			names = append(names, r.ID)
		}
	}
	return names
}

func TestServiceFromPublishingToWithdrawal(t *testing.T) {
	c := newCounter(t)
	c.at(time.Hour, func() {
		s := c.status()
		if s.Phase != link.Serving {
			t.Errorf("%s, blocked %+v", s.Phase, s.Blocked)
		}
		for _, condition := range []link.ConditionType{link.ServiceAvailable, link.DomainVerified, link.NamePublished, link.SpecApplied} {
			if got, _ := s.Condition(condition); !got.OK {
				t.Errorf("condition %s: %+v", condition, got)
			}
		}
		if c.cloud.names["/linkwright/payments"] != "com.amazonaws.vpce.eu-central-1.vpce-svc-1" {
			t.Errorf("published: %v", c.cloud.names)
		}
		c.withdraw()
	})
	s := c.publish(paymentsSpec())
	wantPhases(t, s, link.Publishing, link.VerifyingDomain, link.Serving, link.Withdrawing, link.Withdrawn)
	if c.cloud.service != nil || len(c.cloud.records) != 0 || len(c.cloud.names) != 0 || len(s.Resources) != 0 {
		t.Errorf("left behind: %v %v %v, %v", c.cloud.service, c.cloud.records, c.cloud.names, s.Resources)
	}
}

func TestWhenAServiceIsCancelledItEndsAsSoonAsItsConnectionsHaveLeft(t *testing.T) {
	c := newCounter(t)
	c.at(30*time.Minute, func() { c.joins("shop", "222222222222", "vpce-1") })
	var cancelled time.Time
	c.at(time.Hour, func() {
		cancelled = c.Now()
		c.CancelWorkflow()
	})
	s := c.publish(paymentsSpec())
	if took := s.Since.Sub(cancelled); s.Phase != link.Withdrawn || took > time.Minute {
		t.Errorf("%s, %v after it was cancelled", s.Phase, took)
	}
	if !slices.Contains(c.told, "shop disconnect") {
		t.Errorf("its connections were told %v", c.told)
	}
}

func TestWhenTheProofIsMadeByHandItShowsTheRecordAndGoesOnOnceItIsThere(t *testing.T) {
	c := newCounter(t)
	spec := paymentsSpec()
	spec.AWS.PrivateDNS.Verification = link.DomainVerification{ByHand: &link.ByHand{}}
	c.at(time.Hour, func() {
		s := c.status()
		if s.Phase != link.VerifyingDomain || s.Blocked == nil || s.Blocked.Reason != link.ReasonProofMissing {
			t.Errorf("%s, blocked %+v", s.Phase, s.Blocked)
		}
		if verified, _ := s.Condition(link.DomainVerified); !strings.Contains(verified.Message, "_proof.k.acme.com") || !strings.Contains(verified.Message, "vpce:token") {
			t.Errorf("the record is not shown: %+v", verified)
		}
		c.cloud.records["_proof.k.acme.com"] = "vpce:token"
		c.decide(link.Retry, link.Decision{By: "ada"}, "")
	})
	c.at(2*time.Hour, func() {
		if s := c.status(); s.Phase != link.Serving {
			t.Errorf("%s, blocked %+v", s.Phase, s.Blocked)
		}
		c.withdraw()
	})
	c.publish(spec)
	if _, kept := c.cloud.records["_proof.k.acme.com"]; !kept {
		t.Error("the withdrawal removed a record that a person made")
	}
}

func TestMistake15AVerificationThatLaterTurnsFailed(t *testing.T) {
	c := newCounter(t)
	// Between two looks of its own: one of that very moment may end after the domain is verified anew, and have seen it before.
	c.at(time.Hour+5*time.Minute, func() { c.domainTurns(activities.DomainFailed) })
	c.at(2*time.Hour, c.withdraw)
	wantPhases(t, c.publish(paymentsSpec()), link.Publishing, link.VerifyingDomain, link.Serving,
		link.VerifyingDomain, link.Serving, link.Withdrawing, link.Withdrawn)
}

func TestWhenAConsumerOpensAnEndpointByItselfItBecomesAConnection(t *testing.T) {
	c := newCounter(t)
	found := activities.ConnectionView{Endpoint: "vpce-7", Owner: "777777777777", State: activities.EndpointPendingAcceptance}
	c.at(time.Hour, func() { c.requests(found) })
	c.at(2*time.Hour, func() { c.requests(found) }) // seen again: no second flow
	c.at(3*time.Hour, c.withdraw)
	c.publish(paymentsSpec())
	if len(c.started) != 1 || c.started[0].Found.Endpoint != "vpce-7" || c.started[0].Spec != nil {
		t.Errorf("started: %+v", c.started)
	}
}

func TestWhenAnEndpointIsOverNoConnectionIsMadeOfIt(t *testing.T) {
	c := newCounter(t)
	c.at(time.Hour, func() {
		c.requests(activities.ConnectionView{Endpoint: "vpce-7", Owner: "777777777777", State: activities.EndpointRejected})
	})
	c.startsNothing()
}

func TestWhenAConnectionOfTheAccountIsAboutToAnnounceItsEndpointIsLeftToIt(t *testing.T) {
	c := newCounter(t)
	mine := activities.ConnectionView{Endpoint: "vpce-1", Owner: "222222222222", State: activities.EndpointPendingAcceptance}
	c.at(time.Hour, func() { c.joins("shop", "222222222222", "") })
	c.at(time.Hour+time.Second, func() { c.requests(mine) })
	c.at(time.Hour+5*time.Second, func() { c.joins("shop", "222222222222", "vpce-1") })
	c.startsNothing()
}

func TestWhenOneOfACrowdIsLateItsEndpointIsStillLeftToIt(t *testing.T) {
	c := newCounter(t)
	const owner = "222222222222"
	asks := func(endpoint string) activities.ConnectionView {
		return activities.ConnectionView{Endpoint: endpoint, Owner: owner, State: activities.EndpointPendingAcceptance}
	}
	c.at(time.Hour, func() { c.joins("early", owner, "") }) // it waits for its turn, longer than an endpoint is left alone
	c.at(time.Hour+5*time.Minute, func() { c.joins("late", owner, "") })
	c.at(time.Hour+5*time.Minute+10*time.Second, func() { c.requests(asks("vpce-1")) })
	c.at(time.Hour+5*time.Minute+20*time.Second, func() { c.joins("late", owner, "vpce-1") })
	c.at(time.Hour+9*time.Minute, func() { c.requests(asks("vpce-1"), asks("vpce-2")) })
	c.at(time.Hour+9*time.Minute+10*time.Second, func() { c.joins("early", owner, "vpce-2") })
	c.startsNothing()
}

func TestWhenAnEndpointIsNotTheAwaitedOneItIsWelcomedAfterAMinute(t *testing.T) {
	c := newCounter(t)
	const owner = "222222222222"
	c.at(time.Hour, func() { c.joins("blocked", owner, "") })
	c.at(2*time.Hour, func() {
		c.requests(activities.ConnectionView{Endpoint: "vpce-7", Owner: owner, State: activities.EndpointPendingAcceptance})
	})
	c.at(2*time.Hour+59*time.Second, func() {
		if len(c.started) != 0 {
			t.Errorf("started too early: %+v", c.started)
		}
	})
	c.at(3*time.Hour, c.withdraw)
	c.publish(paymentsSpec())
	if len(c.started) != 1 || c.started[0].Found.Endpoint != "vpce-7" {
		t.Errorf("started: %+v", c.started)
	}
}

func TestWhenASpecNamesAnEndpointThatAFlowLooksAfterTheFlowHandsItOver(t *testing.T) {
	c := newCounter(t)
	c.at(time.Hour, func() {
		c.requests(activities.ConnectionView{Endpoint: "vpce-7", Owner: "222222222222", State: activities.EndpointPendingAcceptance})
	})
	c.at(2*time.Hour, func() { c.joins("shop", "222222222222", "vpce-7") })
	c.at(3*time.Hour, func() {
		if members := c.members(); !slices.Equal(members, []string{"shop"}) {
			t.Errorf("members: %v", members)
		}
		c.withdraw()
	})
	c.publish(paymentsSpec())
	if !slices.Contains(c.told, "vpce-7 linkwright.hand-over") {
		t.Errorf("told: %v", c.told)
	}
}

func TestWhenWithdrawnItsConnectionsGoFirst(t *testing.T) {
	c := newCounter(t)
	c.at(time.Hour, func() { c.joins("shop", "222222222222", "vpce-1"); c.joins("desk", "222222222222", "vpce-2") })
	c.at(2*time.Hour, func() {
		if slices.Contains(c.cloud.steps(), "RemoveService") {
			t.Error("the service went while it was serving")
		}
		c.withdraw()
	})
	c.publish(paymentsSpec())
	for _, name := range []string{"shop", "desk"} {
		if !slices.Contains(c.told, name+" disconnect") {
			t.Errorf("%s was not asked to disconnect: %v", name, c.told)
		}
	}
}

func TestMistake12AConsumerOutOfReachKeepsTheServiceUp(t *testing.T) {
	c := newCounter(t)
	c.deaf = "deaf"
	c.cloud.endpoints["vpce-9"] = &activities.Endpoint{ID: "vpce-9", Owner: "999999999999", State: activities.EndpointAvailable}
	c.at(time.Hour, func() { c.joins("deaf", "999999999999", "vpce-9") })
	c.at(2*time.Hour, c.withdraw)
	c.publish(paymentsSpec())
	if c.cloud.endpoints["vpce-9"].State != activities.EndpointRejected {
		t.Errorf("its endpoint is %s", c.cloud.endpoints["vpce-9"].State)
	}
}

func TestWhenTheServiceIsDeletedBehindItsBackItIsPublishedAgain(t *testing.T) {
	c := newCounter(t)
	c.at(time.Hour, func() {
		c.cloud.service = nil
		c.SignalWorkflow("linkwright.changes", []activities.Change{{Topic: activities.Topic{Kind: activities.TopicService, ID: "vpce-svc-1"}, Gone: true}})
	})
	c.at(2*time.Hour, c.withdraw)
	wantPhases(t, c.publish(paymentsSpec()), link.Publishing, link.VerifyingDomain, link.Serving,
		link.Publishing, link.VerifyingDomain, link.Serving, link.Withdrawing, link.Withdrawn)
}

func TestWhenAnImmutableFieldOfTheServiceChangesItIsRefused(t *testing.T) {
	c := newCounter(t)
	c.at(time.Hour, func() {
		moved := paymentsSpec()
		moved.Account = "elsewhere"
		c.decide(link.Apply, workflows.ApplyServiceRequest{Spec: moved, By: "ada"}, "spec.account")
	})
	c.at(2*time.Hour, c.withdraw)
	c.publish(paymentsSpec())
}

func TestWhenAHistoryIsLongTheServiceContinuesAsNewAndForgetsNothing(t *testing.T) {
	c := newCounter(t)
	c.at(time.Hour, func() { c.joins("shop", "222222222222", "vpce-1") })
	c.at(2*time.Hour, func() {
		c.SetContinueAsNewSuggested(true)
		c.requests()
	})
	c.SetStartWorkflowOptions(clientOptions("endpoint-service/payments"))
	c.ExecuteWorkflow(workflows.EndpointService, workflows.EndpointServiceInput{Name: "payments", Spec: paymentsSpec()})
	next := continuation[workflows.EndpointServiceInput](t, c.GetWorkflowError())
	if next.Carried == nil || next.Carried.Status.Phase != link.Serving || next.Carried.Members["shop"] == nil || next.Carried.Service.ID != "vpce-svc-1" {
		t.Errorf("carried: %+v", next.Carried)
	}

	again := newCounter(t)
	again.cloud.service = c.cloud.service
	again.at(time.Hour, again.withdraw)
	again.SetStartWorkflowOptions(clientOptions("endpoint-service/payments"))
	again.SetContinuedExecutionRunID("the run before")
	again.ExecuteWorkflow(workflows.EndpointService, next)
	if s := again.result(); s.Phase != link.Withdrawn || !slices.Contains(again.told, "shop disconnect") {
		t.Errorf("%s, told %v", s.Phase, again.told)
	}
}

func TestWhenACrowdJoinsALongHistoryTheNextRunTakesItIn(t *testing.T) {
	const crowd = 50
	shop := func(n int) map[string]string {
		return map[string]string{"connection": fmt.Sprintf("shop-%02d", n), "owner": "222222222222", "endpoint": fmt.Sprintf("vpce-%d", n)}
	}
	// introduce has the connections answer for themselves; asked is called when the first one is.
	introduce := func(c *counter, asked func()) {
		for n := range crowd {
			id := "connection/payments/" + shop(n)["connection"]
			c.around.answers(id, "linkwright.membership", func() any {
				if n == 0 {
					asked()
				}
				return shop(n)
			})
			c.around.answers(id, workflows.StatusQuery, func() any { return link.Status{Phase: link.Disconnecting} })
		}
	}
	c := newCounter(t)
	introduce(c, func() { // the others come while the first is taken in
		c.SetContinueAsNewSuggested(true)
		for n := range crowd {
			c.SignalWorkflow("linkwright.join", shop(n))
		}
	})
	c.at(50*time.Minute, func() { c.SignalWorkflow("linkwright.join", shop(0)) }) // between two looks of its own
	c.SetStartWorkflowOptions(clientOptions("endpoint-service/payments"))
	c.ExecuteWorkflow(workflows.EndpointService, workflows.EndpointServiceInput{Name: "payments", Spec: paymentsSpec()})
	next := continuation[workflows.EndpointServiceInput](t, c.GetWorkflowError())
	if len(next.Carried.Late) < crowd/2 {
		t.Errorf("%d have joined, %d are left to the next run", len(next.Carried.Members), len(next.Carried.Late))
	}

	again := newCounter(t)
	again.cloud.service = c.cloud.service
	introduce(again, func() {})
	again.at(time.Hour, func() {
		if members := len(again.members()); members != crowd {
			t.Errorf("%d of %d have joined in the next run", members, crowd)
		}
		again.withdraw()
	})
	again.SetStartWorkflowOptions(clientOptions("endpoint-service/payments"))
	again.SetContinuedExecutionRunID("the run before")
	again.ExecuteWorkflow(workflows.EndpointService, next)
	if s := again.result(); s.Phase != link.Withdrawn {
		t.Errorf("it is %s", s.Phase)
	}
}

func TestWhenACrowdJoinsItIsAskedTogether(t *testing.T) {
	c := newCounter(t)
	const crowd = 120
	c.at(time.Hour, func() {
		for n := range crowd {
			c.joins(fmt.Sprintf("shop-%d", n), "222222222222", "")
		}
	})
	c.at(2*time.Hour, c.withdraw)
	c.at(2*time.Hour-time.Second, func() {
		members := len(c.members())
		if asked := len(c.around.crowds); members != crowd || asked == 0 || asked > 4 {
			t.Errorf("%d of %d were taken in, and asked %d times", members, crowd, asked)
		}
	})
	c.publish(paymentsSpec())
}

func TestWhenAConnectionKnowsItsServiceItIsNotToldOfIt(t *testing.T) {
	c := newCounter(t)
	var now any
	know := func(name string, view func() any) {
		c.around.answers("connection/payments/"+name, "linkwright.membership", func() any {
			return map[string]any{"connection": name, "owner": "222222222222", "knows": view()}
		})
		c.around.answers("connection/payments/"+name, workflows.StatusQuery, func() any { return link.Status{Phase: link.Ready} })
		c.SignalWorkflow("linkwright.join", map[string]any{"connection": name, "owner": "222222222222"})
	}
	c.at(time.Hour, func() {
		answer, err := c.QueryWorkflow("linkwright.view")
		if err == nil {
			err = answer.Get(&now)
		}
		if err != nil {
			t.Error(err)
		}
		know("informed", func() any { return now })
		know("behind", func() any { return map[string]any{"open": true, "name": "another"} })
	})
	c.at(2*time.Hour, func() {
		if want := []string{"behind linkwright.service"}; !slices.Equal(c.told, want) {
			t.Errorf("told %q, not %q", c.told, want)
		}
		c.withdraw()
	})
	c.publish(paymentsSpec())
}

func TestWhenTheServiceIsLostWhileItsDomainIsVerifiedItIsMadeAnew(t *testing.T) {
	c := newCounter(t)
	c.cloud.undecided = true
	c.at(time.Minute, func() {
		if s := c.status(); s.Phase != link.VerifyingDomain {
			t.Errorf("it is %s", s.Phase)
		}
		c.cloud.service, c.cloud.undecided = nil, false
		c.SignalWorkflow("linkwright.changes", []activities.Change{{Topic: activities.Topic{Kind: activities.TopicService, ID: "vpce-svc-1"}, Gone: true}})
	})
	c.at(2*time.Minute, func() {
		if s := c.status(); s.Phase != link.Serving {
			t.Errorf("it is %s", s.Phase)
		}
		c.withdraw()
	})
	c.publish(paymentsSpec())
}

// The Watch tells the news once.
func TestWhenTheLookThatNewsAskForIsHinderedItIsMadeUpFor(t *testing.T) {
	c := newCounter(t)
	c.cloud.undecided = true
	c.at(time.Minute, func() {
		c.cloud.refuse("DescribeService", hindered("ec2:DescribeVpcEndpointServiceConfigurations"))
		c.domainTurns(activities.DomainVerified)
	})
	c.at(90*time.Second, func() {
		if s := c.status(); s.Phase != link.VerifyingDomain || s.Blocked == nil {
			t.Errorf("it is %s, blocked %+v", s.Phase, s.Blocked)
		}
	})
	c.at(3*time.Minute, func() {
		if s := c.status(); s.Phase != link.Serving || s.Blocked != nil {
			t.Errorf("it is %s, blocked %+v", s.Phase, s.Blocked)
		}
		c.withdraw()
	})
	c.publish(paymentsSpec())
}

func TestWhenAServiceIsTurnedWhileItContinuesAsNewTheNextRunTurns(t *testing.T) {
	c := newCounter(t)
	c.at(time.Hour, func() {
		c.SetContinueAsNewSuggested(true)
		c.requests()
	})
	c.SetStartWorkflowOptions(clientOptions("endpoint-service/payments"))
	c.ExecuteWorkflow(workflows.EndpointService, workflows.EndpointServiceInput{Name: "payments", Spec: paymentsSpec()})
	next := continuation[workflows.EndpointServiceInput](t, c.GetWorkflowError())
	if next.Carried.Turned {
		t.Error("it says that it was turned, and was not")
	}

	next.Carried.Turned, next.Carried.Leaving = true, true
	again := newCounter(t)
	again.cloud.service = c.cloud.service
	again.SetStartWorkflowOptions(clientOptions("endpoint-service/payments"))
	again.SetContinuedExecutionRunID("the run before")
	again.ExecuteWorkflow(workflows.EndpointService, next)
	if s := again.result(); s.Phase != link.Withdrawn {
		t.Errorf("it is %s", s.Phase)
	}
}

func TestWhenTheProofIsTakenOutOfTheZoneItIsWrittenAgain(t *testing.T) {
	c := newCounter(t)
	c.cloud.refuse("FindRecord", activities.Blocked(link.Problem{Reason: link.ReasonProofMissing, Message: "no record", RetryAfter: time.Minute}, nil))
	c.at(time.Hour, c.withdraw)
	c.publish(paymentsSpec())
	steps := c.cloud.steps()
	first := slices.Index(steps, "EnsureRecord")
	if want := []string{"EnsureRecord", "FindRecord", "EnsureRecord", "FindRecord"}; first < 0 || !slices.Equal(steps[first:first+len(want)], want) {
		t.Errorf("the steps are %v, want %v among them", steps, want)
	}
}

func TestWhenItShowsThatItIsWithdrawnTheFlowHasEnded(t *testing.T) {
	const leaveGrace = 15 * time.Minute
	c := newCounter(t)
	c.deaf = "shop"
	c.at(time.Hour, func() { c.joins("shop", "222222222222", "vpce-1") }) // it is deaf, so that the withdrawal takes a while
	c.at(2*time.Hour, c.withdraw)
	c.at(2*time.Hour+leaveGrace-time.Second, func() {
		for range 1000 { // a look that takes for ever
			c.cloud.refuse("DescribeService", activities.Pending("not shown", time.Minute))
		}
		c.SignalWorkflow("linkwright.changes", []activities.Change{{Topic: activities.Topic{Kind: activities.TopicService, ID: "vpce-svc-1"}, Gone: true}})
	})
	s := c.publish(paymentsSpec())
	if late := c.Now().Sub(s.Since); s.Phase != link.Withdrawn || late > time.Second {
		t.Errorf("it is %s, and ends %v after it says so", s.Phase, late)
	}
}
