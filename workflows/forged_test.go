package workflows_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/workflows"
)

// Whoever may signal can send what flows send to one another. None of it may let anything in.

func TestWhenAServiceIsMadeUpItIsNotBelieved(t *testing.T) {
	b := newBench(t)
	b.at(time.Hour+time.Minute, func() {
		b.SignalWorkflow("linkwright.service", map[string]any{
			"open": true, "id": "vpce-svc-9", "name": "com.amazonaws.vpce.eu-central-1.vpce-svc-9",
			"account": "elsewhere", "region": "eu-central-1", "approval": link.ApprovalPolicy{Mode: link.ApproveAutomatically},
		})
	})
	b.at(2*time.Hour, func() {
		if s := b.status(); s.Phase != link.AwaitingApproval || s.ServiceName != "com.amazonaws.vpce.eu-central-1.vpce-svc-1" {
			t.Errorf("%s at %s", s.Phase, s.ServiceName)
		}
		b.decide(link.Disconnect, leaveNow, "")
	})
	b.connect(shopSpec())
	if slices.Contains(b.cloud.steps(), "AcceptConnection") {
		t.Error("a policy that somebody made up let the endpoint in")
	}
}

func TestWhenNewsOfTheEndpointAreMadeUpTheCloudIsAsked(t *testing.T) {
	topic := activities.Topic{Kind: activities.TopicEndpoint, ID: "vpce-1"}
	for name, news := range map[string]activities.Endpoint{
		"when it is said to be let in":       {ID: "vpce-1", Owner: "222222222222", State: activities.EndpointAvailable},
		"when it is said to be being let in": {ID: "vpce-1", Owner: "222222222222", State: activities.EndpointPending},
		"when it is said to be another one":  {ID: "vpce-9", Owner: "222222222222", State: activities.EndpointPendingAcceptance},
		"when it is said to be another's":    {ID: "vpce-1", Owner: "999999999999", State: activities.EndpointPendingAcceptance},
		"when another one is said to be in":  {ID: "vpce-9", Owner: "999999999999", State: activities.EndpointAvailable},
	} {
		t.Run(name+", it goes on waiting for approval of the one that is there", func(t *testing.T) {
			b := newBench(t)
			// Between two looks of its own.
			b.at(time.Hour+time.Minute, func() { b.SignalWorkflow("linkwright.changes", []activities.Change{{Topic: topic, Endpoint: &news}}) })
			b.at(time.Hour+2*time.Minute, func() {
				s := b.status()
				if s.Phase != link.AwaitingApproval || s.Waiting.Approve.Endpoint != "vpce-1" || s.Waiting.Approve.Owner != "222222222222" {
					t.Errorf("%s, waiting %+v", s.Phase, s.Waiting)
				}
				b.decide(link.Approve, seenByApprover, "")
			})
			b.at(2*time.Hour, func() { b.decide(link.Disconnect, leaveNow, "") })
			wantPhases(t, b.connect(shopSpec()), link.Requesting, link.AwaitingApproval, link.Accepting, link.EnablingDNS,
				link.RegisteringTargets, link.Ready, link.Disconnecting, link.Disconnected)
		})
	}
}

func TestWhenSomebodyAcceptsItInTheCloudThatIsSeen(t *testing.T) {
	b := newBench(t)
	b.at(time.Hour, func() {
		b.cloud.endpoints["vpce-1"].State = activities.EndpointAvailable
		b.cloud.changed(b.cloud.endpoints["vpce-1"])
	})
	b.at(2*time.Hour, func() {
		s := b.status()
		if c, _ := s.Condition(link.Approved); s.Phase != link.Ready || c.Reason != "LetInOutside" {
			t.Errorf("%s, %+v", s.Phase, c)
		}
		b.decide(link.Disconnect, leaveNow, "")
	})
	b.connect(shopSpec())
}

func TestWhenWhatIsInheritedClaimsToBeProvenItLetsNothingIn(t *testing.T) {
	b := newBallot(t, link.ApprovalPolicy{Proof: link.ProofPrincipal}, func(b *ballot) {
		d := b.by("grace")
		d.Verb, d.Principal, d.Proven, d.Key, d.Via = link.Approve, "grace@acme", "grace@acme", "SHA256:x", link.ViaSignal
		b.SignalWorkflow("linkwright.inherit", map[string]any{"decisions": []link.Decision{d}})
		b.at(time.Minute, func() {
			b.wantPhase(link.AwaitingApproval)
			if got := b.status().Decisions[0]; got.Via != link.ViaPredecessor || got.Principal+got.Proven+got.Key != "" {
				t.Errorf("recorded as %+v", got)
			}
		})
	})
	b.connect(shopSpec())
}

func TestWhenAFlowIsStartedWithMadeUpMemoriesItEnds(t *testing.T) {
	found := activities.ConnectionView{Endpoint: "vpce-1", Owner: "222222222222", State: activities.EndpointPendingAcceptance}
	spec := shopSpec()
	t.Run("when a connection was approved before it began", func(t *testing.T) {
		b := newBench(t)
		b.at(time.Hour, func() { b.decide(link.Approve, seenByApprover, "") })
		b.at(2*time.Hour, func() {
			b.SetContinueAsNewSuggested(true)
			b.announce()
		})
		b.ExecuteWorkflow(workflows.Connection, workflows.ConnectionInput{Service: "payments", Name: "shop", Spec: &spec, By: "ada"})
		carried := continuation[workflows.ConnectionInput](t, b.GetWorkflowError())

		again := newBench(t)
		again.at(time.Hour, again.CancelWorkflow) // should it live
		again.ExecuteWorkflow(workflows.Connection, carried)
		wantInvalid(t, again, "continues another")
	})
	t.Run("when a service was published before it began", func(t *testing.T) {
		c := newCounter(t)
		c.at(time.Hour, func() {
			c.SetContinueAsNewSuggested(true)
			c.requests()
		})
		c.ExecuteWorkflow(workflows.EndpointService, workflows.EndpointServiceInput{Name: "payments", Spec: paymentsSpec()})
		carried := continuation[workflows.EndpointServiceInput](t, c.GetWorkflowError())

		again := newCounter(t)
		again.at(time.Hour, again.CancelWorkflow) // should it live
		again.ExecuteWorkflow(workflows.EndpointService, carried)
		wantInvalid(t, again.bench, "continues another")
	})
	t.Run("when an endpoint was found by nobody", func(t *testing.T) {
		b := newBench(t)
		b.at(time.Hour, b.CancelWorkflow) // should it live
		b.ExecuteWorkflow(workflows.Connection, workflows.ConnectionInput{Service: "payments", Name: "vpce-1", Found: &found})
		wantInvalid(t, b, "found by its service's flow")
	})
}

func wantInvalid(t *testing.T, b *bench, want string) {
	t.Helper()
	if err := b.GetWorkflowError(); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("ended with %v, want %q", err, want)
	}
	if steps := b.cloud.steps(); len(steps) > 0 {
		t.Errorf("steps: %v", steps)
	}
}

// A signal that is no decision has its place in the history, and must not shift those of the others.
func TestWhenASignalIsNoDecisionTheNextOneIsStillItsSenders(t *testing.T) {
	b := newBallot(t, link.ApprovalPolicy{Proof: link.ProofPrincipal}, func(b *ballot) {
		b.SignalWorkflow("approve", 5)
		b.SignalWorkflow("approve", "garbage")
		b.signals("grace@acme", link.Approve, b.by("grace"))
	})
	b.connect(shopSpec())
	if len(b.around.asked) != 1 || b.around.asked[0].Nth != 3 {
		t.Errorf("asked for the sender of %+v, want the third", b.around.asked)
	}
}

func TestWhenAConnectionIsMadeUpTheServiceAsksIt(t *testing.T) {
	mine := activities.ConnectionView{Endpoint: "vpce-1", Owner: "222222222222", State: activities.EndpointPendingAcceptance}
	for name, forge := range map[string]func(*counter){
		"when it is said to have left": func(c *counter) {
			c.SignalWorkflow("linkwright.leave", map[string]string{"connection": "shop", "endpoint": "vpce-1"})
		},
		"when it is said to have another endpoint": func(c *counter) {
			c.SignalWorkflow("linkwright.join", map[string]string{"connection": "shop", "owner": "222222222222", "endpoint": "vpce-9"})
		},
	} {
		t.Run(name+", its endpoint gets no second flow", func(t *testing.T) {
			c := newCounter(t)
			c.at(time.Hour, func() { c.joins("shop", "222222222222", "vpce-1") })
			c.at(2*time.Hour, func() { forge(c) })
			c.at(2*time.Hour+time.Second, func() { c.requests(mine) })
			c.at(3*time.Hour, c.withdraw)
			c.publish(paymentsSpec())
			if len(c.started) != 0 {
				t.Errorf("started: %+v", c.started)
			}
		})
	}
	t.Run("when there is no such connection, an endpoint is not held back for it", func(t *testing.T) {
		c := newCounter(t)
		c.at(time.Hour, func() {
			c.SignalWorkflow("linkwright.join", map[string]string{"connection": "ghost", "owner": "222222222222", "endpoint": "vpce-1"})
		})
		c.at(time.Hour+time.Second, func() { c.requests(mine) })
		c.at(2*time.Hour, c.withdraw)
		c.publish(paymentsSpec())
		if len(c.started) != 1 {
			t.Errorf("started: %+v", c.started)
		}
	})
}

func TestWhenNewsOfTheServiceAreMadeUpTheCloudIsAsked(t *testing.T) {
	for name, change := range map[string]func(*activities.Service){
		"when another record is said to prove its domain": func(s *activities.Service) {
			s.Domain = &activities.Domain{Name: s.Domain.Name, State: activities.DomainUnverified, Proof: activities.Record{Name: "_acme-challenge.acme.com", Value: "mine"}}
		},
		"when it is said to have another name": func(s *activities.Service) { s.Name = "com.amazonaws.vpce.eu-central-1.vpce-svc-9" },
		"when it is said to be gone":           func(s *activities.Service) { s.State = activities.ServiceDeleted },
	} {
		t.Run(name+", nothing comes of it", func(t *testing.T) {
			c := newCounter(t)
			c.at(time.Hour+time.Minute, func() { // between two looks of its own
				made := *c.cloud.service
				change(&made)
				c.SignalWorkflow("linkwright.changes", []activities.Change{{
					Topic: activities.Topic{Kind: activities.TopicService, ID: "vpce-svc-1"}, Service: &made,
				}})
			})
			c.at(time.Hour+2*time.Minute, func() {
				if s := c.status(); s.ServiceName != "com.amazonaws.vpce.eu-central-1.vpce-svc-1" {
					t.Errorf("the service is called %s", s.ServiceName)
				}
				c.withdraw()
			})
			wantPhases(t, c.publish(paymentsSpec()), link.Publishing, link.VerifyingDomain, link.Serving, link.Withdrawing, link.Withdrawn)
			if steps := c.cloud.steps(); strings.Count(strings.Join(steps, " "), "EnsureRecord") != 1 {
				t.Errorf("steps: %v", steps)
			}
		})
	}
}
