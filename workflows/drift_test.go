package workflows_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/testsuite"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

var (
	atProvider = activities.Place{Account: "provider", Region: "eu-central-1"}
	atConsumer = activities.Place{Account: "consumer", Region: "eu-central-1"}
)

// drifted is a drift in a place.
func drifted(at activities.Place, kind link.DriftKind, widens bool) link.Drift {
	return link.Drift{Kind: kind, Resource: "thing", ID: "thing-1", Account: at.Account, Region: at.Region, Detail: "it differs", Widens: widens}
}

// audits tells the flow what an audit of a place has found; it is to answer with these actions.
func (b *bench) audits(at activities.Place, found []link.Drift, want ...link.DriftAction) {
	b.t.Helper()
	answered := false
	b.t.Cleanup(func() {
		if !answered {
			b.t.Error("the audit was never answered")
		}
	})
	b.UpdateWorkflow("linkwright.drift", "", &testsuite.TestUpdateCallback{
		OnAccept: func() {}, OnReject: func(err error) { b.t.Errorf("the audit was refused: %v", err) },
		OnComplete: func(answer any, err error) {
			answered = true
			got := reflect.ValueOf(answer)
			actions, _ := got.FieldByName("Actions").Interface().([]link.DriftAction)
			if err != nil || got.FieldByName("Busy").Bool() || !slices.Equal(actions, want) {
				b.t.Errorf("the flow answers %+v, %v; want %v", answer, err, want)
			}
		},
	}, map[string]any{"place": at, "drifts": found})
}

// ready is a connection that was let in after an hour.
func ready(t *testing.T) *bench {
	b := newBench(t)
	b.at(time.Hour, func() { b.decide(link.Approve, seenByApprover, "") })
	return b
}

func TestAFlowSetsRightWhatHasDrifted(t *testing.T) {
	b := ready(t)
	b.at(2*time.Hour, func() {
		b.audits(atConsumer, []link.Drift{drifted(atConsumer, link.DriftSubnets, false)}, link.DriftRepair)
	})
	b.at(3*time.Hour, func() {
		s := b.status()
		if in, _ := s.Condition(link.InStep); !in.OK || in.Reason != "Repaired" || len(s.Drift) > 0 {
			t.Errorf("after the repair: %+v, %+v", in, s.Drift)
		}
		b.decide(link.Disconnect, leaveNow, "")
	})
	if got := phasesOf(b.connect(shopSpec())); !slices.Contains(got, link.Repairing) {
		t.Errorf("it was not repaired: %v", got)
	}
}

func TestARepairThatLetsInMoreIsAskedAbout(t *testing.T) {
	b := ready(t)
	found := []link.Drift{drifted(atConsumer, link.DriftSecurityRules, true)}
	b.at(2*time.Hour, func() { b.audits(atConsumer, found, link.DriftAsk) })
	b.at(3*time.Hour, func() {
		s := b.status()
		if s.Phase != link.Ready || s.Waiting == nil || s.Waiting.Approve == nil || !strings.Contains(strings.Join(s.Waiting.Details, " "), "lets in more") {
			t.Fatalf("%s, waits for %+v", s.Phase, s.Waiting)
		}
		stale := *s.Waiting.Approve
		stale.By, stale.Nonce = "grace", "another question"
		b.decide(link.Approve, stale, "an earlier question")
	})
	b.at(4*time.Hour, func() { b.audits(atConsumer, found, link.DriftAsk) }) // it goes on being asked, and once
	b.at(5*time.Hour, func() {
		if s := b.status(); len(s.Drift) != 1 {
			t.Errorf("asked about %+v", s.Drift)
		}
		yes := *b.status().Waiting.Approve
		yes.By = "grace"
		b.decide(link.Approve, yes, "")
	})
	b.at(6*time.Hour, func() {
		if s := b.status(); s.Phase != link.Ready || len(s.Drift) > 0 || s.Waiting != nil {
			t.Errorf("%s, %+v, waits for %+v", s.Phase, s.Drift, s.Waiting)
		}
		b.decide(link.Disconnect, leaveNow, "")
	})
	s := b.connect(shopSpec())
	if got := phasesOf(s); !slices.Contains(got, link.Repairing) {
		t.Errorf("it was not repaired: %v", got)
	}
}

func TestWhatIsInStepAgainIsAskedAboutNoMore(t *testing.T) {
	b := ready(t)
	b.at(2*time.Hour, func() {
		b.audits(atConsumer, []link.Drift{drifted(atConsumer, link.DriftSecurityRules, true)}, link.DriftAsk)
		b.audits(atProvider, nil)
	})
	b.at(3*time.Hour, func() {
		if s := b.status(); s.Waiting == nil {
			t.Error("the audit of another place has answered the question")
		}
		b.audits(atConsumer, nil)
	})
	b.at(4*time.Hour, func() {
		s := b.status()
		if in, _ := s.Condition(link.InStep); s.Waiting != nil || !in.OK {
			t.Errorf("waits for %+v, %+v", s.Waiting, in)
		}
		b.decide(link.Approve, seenByApprover, "nothing to approve")
		b.decide(link.Disconnect, leaveNow, "")
	})
	b.connect(shopSpec())
}

func TestAFlowThatIsAtWorkTakesNoDriftIn(t *testing.T) {
	b := newBench(t)
	b.at(30*time.Minute, func() {
		b.UpdateWorkflow("linkwright.drift", "", &testsuite.TestUpdateCallback{
			OnAccept: func() {}, OnReject: func(err error) { t.Error(err) },
			OnComplete: func(answer any, err error) {
				if !reflect.ValueOf(answer).FieldByName("Busy").Bool() {
					t.Errorf("a connection that waits for approval answers %+v, %v", answer, err)
				}
			},
		}, map[string]any{"place": atConsumer, "drifts": []link.Drift{drifted(atConsumer, link.DriftSubnets, false)}})
		if s := b.status(); len(s.Drift) > 0 {
			t.Errorf("it took in %+v", s.Drift)
		}
		b.decide(link.Disconnect, leaveNow, "")
	})
	b.connect(shopSpec())
}

func TestAServiceSetsRightWhatItsPolicySays(t *testing.T) {
	c := newCounter(t)
	spec := paymentsSpec()
	spec.Drift = &link.DriftPolicy{Default: link.DriftReport, Repair: []link.DriftKind{link.DriftAcceptance, link.DriftPrincipals}, Ask: []link.DriftKind{link.DriftSettings}}
	c.at(time.Hour, func() {
		c.audits(atProvider, []link.Drift{
			drifted(atProvider, link.DriftLoadBalancers, false), drifted(atProvider, link.DriftSettings, false),
			drifted(atProvider, link.DriftAcceptance, false), drifted(atProvider, link.DriftPrincipals, true), drifted(atProvider, link.DriftTargetHealth, false),
		}, link.DriftReport, link.DriftAsk, link.DriftRepair, link.DriftAsk, link.DriftReport)
	})
	c.at(2*time.Hour, func() {
		s := c.status()
		if s.Phase != link.Serving || len(s.Drift) != 4 {
			t.Fatalf("%s, %+v", s.Phase, s.Drift)
		}
		if !reflect.DeepEqual(c.cloud.narrow, []bool{false, true}) {
			t.Errorf("narrow: %v; a repair that nobody was asked about must not let in more", c.cloud.narrow)
		}
		yes := *s.Waiting.Approve
		yes.By = "grace"
		c.decide(link.Approve, yes, "")
	})
	c.at(3*time.Hour, func() {
		if s := c.status(); s.Phase != link.Serving || len(s.Drift) != 2 {
			t.Errorf("%s, %+v", s.Phase, s.Drift)
		}
		if !reflect.DeepEqual(c.cloud.narrow, []bool{false, true, false}) {
			t.Errorf("narrow: %v; what people have agreed to is set right whole", c.cloud.narrow)
		}
		c.decide(link.Approve, link.Decision{Endpoint: "vpce-svc-1", Owner: "provider", By: "grace"}, "asks nothing")
		c.withdraw()
	})
	c.publish(spec)
}

func TestADeletedServiceIsMadeAnewOnlyOnceThatIsApproved(t *testing.T) {
	c := newCounter(t)
	spec := paymentsSpec()
	spec.Drift = &link.DriftPolicy{Ask: []link.DriftKind{link.DriftServiceGone}}
	c.at(time.Hour, func() {
		c.cloud.service = nil
		c.SignalWorkflow("linkwright.changes", []activities.Change{{Topic: activities.Topic{Kind: activities.TopicService, ID: "vpce-svc-1"}, Gone: true}})
	})
	c.at(2*time.Hour, func() {
		s := c.status()
		if s.Phase != link.Serving || s.Waiting == nil || s.Waiting.Approve == nil {
			t.Fatalf("%s, waits for %+v", s.Phase, s.Waiting)
		}
		yes := *s.Waiting.Approve
		yes.By = "grace"
		c.decide(link.Approve, yes, "")
	})
	c.at(3*time.Hour, func() {
		if s := c.status(); s.Phase != link.Serving || c.cloud.service == nil {
			t.Errorf("%s, the service is %+v", s.Phase, c.cloud.service)
		}
		c.withdraw()
	})
	wantPhases(t, c.publish(spec), link.Publishing, link.VerifyingDomain, link.Serving,
		link.Publishing, link.VerifyingDomain, link.Serving, link.Withdrawing, link.Withdrawn)
}

func TestAProofThatWasTakenOutIsWrittenAgain(t *testing.T) {
	c := newCounter(t)
	c.at(time.Hour, func() {
		delete(c.cloud.records, "_proof.k.acme.com")
		c.audits(atProvider, []link.Drift{drifted(atProvider, link.DriftProof, false)}, link.DriftRepair)
	})
	c.at(2*time.Hour, func() {
		if c.cloud.records["_proof.k.acme.com"] != "vpce:token" {
			t.Errorf("the records are %v", c.cloud.records)
		}
		c.withdraw()
	})
	c.publish(paymentsSpec())
}

// letInOutside is a connection that somebody has let in in the cloud while people were asked about it, and what an audit
// says of that.
func letInOutside(t *testing.T) (*bench, link.Drift) {
	b := newBench(t)
	b.at(time.Hour, func() {
		b.cloud.endpoints["vpce-1"].State = activities.EndpointAvailable
		b.cloud.changed(b.cloud.endpoints["vpce-1"])
	})
	return b, drifted(atProvider, link.DriftUnapproved, false)
}

func TestWhatSomebodyLetInMayStayOnceItIsApproved(t *testing.T) {
	b, found := letInOutside(t)
	b.at(2*time.Hour, func() { b.audits(atProvider, []link.Drift{found}, link.DriftAsk) })
	b.at(3*time.Hour, func() {
		yes := *b.status().Waiting.Approve
		yes.By = "grace"
		b.decide(link.Approve, yes, "")
	})
	b.at(4*time.Hour, func() {
		s := b.status()
		if c, _ := s.Condition(link.Approved); s.Phase != link.Ready || len(s.Drift) > 0 || c.Reason != "Approved" || c.Message != "by grace" {
			t.Errorf("%s, %+v, %+v", s.Phase, c, s.Drift)
		}
		b.decide(link.Disconnect, leaveNow, "")
	})
	if s := b.connect(shopSpec()); s.Phase != link.Disconnected {
		t.Errorf("it ended %s", s.Phase)
	}
}

func TestWhatSomebodyLetInIsTurnedAwayWhereThePolicySaysSo(t *testing.T) {
	b, found := letInOutside(t)
	b.drift = &link.DriftPolicy{Repair: []link.DriftKind{link.DriftUnapproved}}
	b.at(2*time.Hour, func() { b.audits(atProvider, []link.Drift{found}, link.DriftRepair) })
	s := b.connect(shopSpec())
	d := s.Decisions[len(s.Decisions)-1]
	if s.Phase != link.Rejected || d.Via != link.ViaPolicy || !slices.Contains(b.cloud.steps(), "RejectConnection") {
		t.Errorf("it ended %s by %+v, after %v", s.Phase, d, b.cloud.steps())
	}
}
