package workflows_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"go.temporal.io/sdk/testsuite"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/workflows"
)

// bench is a Connection in a time-skipping Temporal: its service answers, and a script acts on it.
type bench struct {
	*testsuite.TestWorkflowEnvironment
	t      *testing.T
	cloud  *memory
	around *surroundings
	policy link.ApprovalPolicy
	drift  *link.DriftPolicy
	left   bool // the service was told that the connection has ended
	// service is the id of the service that is published.
	service string
}

func newBench(t *testing.T) *bench {
	env, cloud, around := newEnvironment(t)
	b := &bench{TestWorkflowEnvironment: env, t: t, cloud: cloud, around: around, service: "vpce-svc-1"}
	b.policy = link.ApprovalPolicy{Mode: link.ApproveManually, OnTimeout: link.TimeoutWait}
	cloud.reaches = func(e activities.Endpoint) {
		env.SignalWorkflow("linkwright.changes", []activities.Change{{
			Topic: activities.Topic{Kind: activities.TopicEndpoint, ID: e.ID}, Seen: string(e.State), Endpoint: &e,
		}})
	}
	env.OnSignalExternalWorkflow(mock.Anything, "endpoint-service/payments", mock.Anything, "linkwright.join", mock.Anything).
		Return(func(_, _, _, _ string, _ any) error { b.announce(); return nil }).Maybe()
	around.answers("endpoint-service/payments", "linkwright.view", func() any {
		return map[string]any{
			"open": true, "id": b.service, "name": "com.amazonaws.vpce.eu-central-1." + b.service,
			"account": "provider", "region": "eu-central-1", "approval": b.policy, "drift": b.drift,
		}
	})
	env.OnSignalExternalWorkflow(mock.Anything, "endpoint-service/payments", mock.Anything, "linkwright.leave", mock.Anything).
		Return(func(_, _, _, _ string, _ any) error { b.left = true; return nil }).Maybe()
	env.OnSignalExternalWorkflow(mock.Anything, "watch/aws/consumer/eu-central-1", mock.Anything, mock.Anything, mock.Anything).Return(nil).Maybe()
	env.OnSignalExternalWorkflow(mock.Anything, "watch/aws/provider/eu-central-1", mock.Anything, mock.Anything, mock.Anything).Return(nil).Maybe()
	return b
}

// announce tells the connection that its service has something to say, which it then asks for.
func (b *bench) announce() { b.SignalWorkflow("linkwright.service", map[string]any{}) }

func shopSpec() link.ConnectionSpec {
	return link.ConnectionSpec{
		Service: "payments", Account: "consumer", Region: "eu-central-1",
		AWS: &link.AWSConnection{VPC: "vpc-0a", Subnets: []string{"subnet-0a", "subnet-0b"}},
		DNS: link.ConnectionDNS{Mode: link.DNSPrivate},
		Ingress: &link.Ingress{
			TargetGroup: "arn:aws:elasticloadbalancing:eu-central-1:222222222222:targetgroup/shop/0123456789abcdef", Port: 443,
		},
	}
}

// connect runs the connection of a spec to its end.
func (b *bench) connect(spec link.ConnectionSpec) link.Status {
	b.t.Helper()
	b.ExecuteWorkflow(workflows.Connection, workflows.ConnectionInput{Service: "payments", Name: "shop", Spec: &spec, By: "ada"})
	return b.result()
}

func (b *bench) result() link.Status {
	b.t.Helper()
	if !b.IsWorkflowCompleted() {
		b.t.Fatal("the connection does not end")
	}
	var status link.Status
	if err := b.GetWorkflowResult(&status); err != nil {
		b.t.Fatal(err)
	}
	return status
}

// at runs act once, after a time on the flow's clock.
func (b *bench) at(after time.Duration, act func()) { b.RegisterDelayedCallback(act, after) }

func (b *bench) status() link.Status {
	b.t.Helper()
	answer, err := b.QueryWorkflow(workflows.StatusQuery)
	if err != nil {
		b.t.Fatal(err)
	}
	var s link.Status
	if err := answer.Get(&s); err != nil {
		b.t.Fatal(err)
	}
	return s
}

// decide sends an update, which must be refused with words that contain want; with none, it must be taken.
func (b *bench) decide(verb link.Verb, d any, want string) {
	b.t.Helper()
	answered := false
	b.t.Cleanup(func() {
		if !answered {
			b.t.Errorf("%s was never answered", verb)
		}
	})
	judge := func(err error) {
		answered = true
		switch {
		case err == nil && want != "":
			b.t.Errorf("%s was taken, want it refused with %q", verb, want)
		case err != nil && (want == "" || !strings.Contains(err.Error(), want)):
			b.t.Errorf("%s was refused with %q, want %q", verb, err, want)
		}
	}
	b.UpdateWorkflow(string(verb), "", &testsuite.TestUpdateCallback{
		OnReject: judge, OnAccept: func() {}, OnComplete: func(_ any, err error) { judge(err) },
	}, d)
}

var (
	seenByApprover = link.Decision{Endpoint: "vpce-1", Owner: "222222222222", By: "grace", Reason: "ticket 7"}
	leaveNow       = link.Decision{By: "ada", Reason: "done"}
)

func phasesOf(s link.Status) []link.Phase {
	var list []link.Phase
	for _, p := range s.Phases {
		list = append(list, p.Phase)
	}
	return list
}

func wantPhases(t *testing.T, s link.Status, want ...link.Phase) {
	t.Helper()
	if got := phasesOf(s); !slices.Equal(got, want) {
		t.Errorf("phases:\n got %v\nwant %v", got, want)
	}
}

func TestConnectionFromRequestToTeardown(t *testing.T) {
	b := newBench(t)
	b.at(time.Hour, func() {
		s := b.status()
		if s.Phase != link.AwaitingApproval || s.Waiting == nil || s.Waiting.Approve.Endpoint != "vpce-1" {
			t.Errorf("after an hour: %s, waiting %+v", s.Phase, s.Waiting)
		}
		b.decide(link.Approve, seenByApprover, "")
	})
	b.at(2*time.Hour, func() {
		s := b.status()
		if s.Phase != link.Ready {
			t.Errorf("after the approval: %s, blocked %+v", s.Phase, s.Blocked)
		}
		for _, c := range []link.ConditionType{link.Approved, link.EndpointAvailable, link.DNSEnabled, link.TargetsHealthy} {
			if got, _ := s.Condition(c); !got.OK {
				t.Errorf("condition %s: %+v", c, got)
			}
		}
		b.decide(link.Disconnect, leaveNow, "")
	})
	s := b.connect(shopSpec())
	wantPhases(t, s, link.Requesting, link.AwaitingApproval, link.Accepting, link.EnablingDNS, link.RegisteringTargets,
		link.Ready, link.Disconnecting, link.Disconnected)
	if len(b.cloud.endpoints) != 0 || len(b.cloud.targets) != 0 || !b.left {
		t.Errorf("left behind: %v %v, service told: %v", b.cloud.endpoints, b.cloud.targets, b.left)
	}
	steps := b.cloud.steps()
	if slices.Index(steps, "RemoveTargets") > slices.Index(steps, "RemoveEndpoint") {
		t.Errorf("the endpoint went before its targets: %v", steps)
	}
	if d := s.Decisions[0]; d.Verb != link.Approve || d.By != "grace" || d.Reason != "ticket 7" || d.Via != link.ViaUpdate || d.At.IsZero() {
		t.Errorf("the approval was recorded as %+v", d)
	}
}

func TestDecisionsThatCannotApplyAreRefused(t *testing.T) {
	other := func(change func(*link.Decision)) link.Decision {
		d := seenByApprover
		change(&d)
		return d
	}
	cases := []struct {
		name string
		verb link.Verb
		sent link.Decision
		want string
	}{
		{"when the endpoint is not the one shown, it says which it is", link.Approve, other(func(d *link.Decision) { d.Endpoint = "vpce-9" }), "vpce-1"},
		{"when the owner is not the one shown, it says whose it is", link.Approve, other(func(d *link.Decision) { d.Owner = "999999999999" }), "222222222222"},
		{"when nobody signed, it asks who decides", link.Approve, other(func(d *link.Decision) { d.By = "" }), "by"},
		{"when the name has control characters, it refuses them", link.Approve, other(func(d *link.Decision) { d.By = "gr\x1bace" }), "cannot be seen"},
		{"when the name reads backwards, it refuses it", link.Approve, other(func(d *link.Decision) { d.By = "\u202eecarg" }), "cannot be seen"},
		{"when the name is huge, it refuses it", link.Reject, other(func(d *link.Decision) { d.By = strings.Repeat("x", 300) }), "longer"},
		{"when the name is the one offered, it asks for the person's own", link.Approve, other(func(d *link.Decision) { d.By = "your name" }), "your own name"},
		{"when it is empty, it refuses it", link.Approve, link.Decision{}, "by"},
		{"when nothing is blocked, retry says so", link.Retry, link.Decision{By: "ada"}, "nothing is blocked"},
	}
	b := newBench(t)
	b.at(time.Hour, func() {
		for _, c := range cases {
			b.decide(c.verb, c.sent, c.want)
		}
		if n := len(b.status().Decisions); n != 0 {
			t.Errorf("%d refused decisions were recorded", n)
		}
		b.decide(link.Disconnect, leaveNow, "")
	})
	b.connect(shopSpec())
	if slices.Contains(b.cloud.steps(), "AcceptConnection") {
		t.Error("a refused approval let the endpoint in")
	}
}

func TestWhenAnApprovalComesAsASignalItIsTakenWithItsAuthenticatedSender(t *testing.T) {
	b := newBench(t)
	b.around.principal = "grace@example.com"
	b.at(time.Hour, func() { b.SignalWorkflow("approve", seenByApprover) })
	b.at(2*time.Hour, func() { b.decide(link.Disconnect, leaveNow, "") })
	s := b.connect(shopSpec())
	if d := s.Decisions[0]; d.Via != link.ViaSignal || d.Principal != "grace@example.com" || d.By != "grace" {
		t.Errorf("recorded as %+v", d)
	}
}

func TestWhenASignalCannotApplyItsRefusalIsKept(t *testing.T) {
	b := newBench(t)
	wrong := seenByApprover
	wrong.Endpoint = "vpce-9"
	b.at(time.Hour, func() { b.SignalWorkflow("approve", wrong) })
	b.at(2*time.Hour, func() {
		s := b.status()
		if s.Phase != link.AwaitingApproval || len(s.Decisions) != 1 || s.Decisions[0].Refused == "" {
			t.Errorf("%s, decisions %+v", s.Phase, s.Decisions)
		}
		b.decide(link.Disconnect, leaveNow, "")
	})
	b.connect(shopSpec())
}

func TestWhenRejectedTheEndpointIsTurnedAwayAndRemoved(t *testing.T) {
	b := newBench(t)
	b.at(time.Hour, func() { b.decide(link.Reject, seenByApprover, "") })
	s := b.connect(shopSpec())
	wantPhases(t, s, link.Requesting, link.AwaitingApproval, link.Disconnecting, link.Rejected)
	if steps := b.cloud.steps(); !slices.Contains(steps, "RejectConnection") || slices.Contains(steps, "AcceptConnection") {
		t.Errorf("steps: %v", steps)
	}
}

func TestWhenNobodyDecidesInTimeThePolicyDoes(t *testing.T) {
	t.Run("when the policy is to reject, it rejects", func(t *testing.T) {
		b := newBench(t)
		b.policy.Timeout, b.policy.OnTimeout = link.Duration(48*time.Hour), link.TimeoutReject
		s := b.connect(shopSpec())
		if s.Phase != link.Rejected || s.Decisions[0].Via != link.ViaTimeout {
			t.Errorf("%s by %+v", s.Phase, s.Decisions)
		}
	})
	t.Run("when the policy is to wait, it is overdue and can still be approved", func(t *testing.T) {
		b := newBench(t)
		b.policy.Timeout = link.Duration(48 * time.Hour)
		b.at(60*time.Hour, func() {
			if c, _ := b.status().Condition(link.Approved); c.Reason != "Overdue" {
				t.Errorf("after the deadline: %+v", c)
			}
			b.decide(link.Approve, seenByApprover, "")
		})
		b.at(61*time.Hour, func() { b.decide(link.Disconnect, leaveNow, "") })
		wantPhases(t, b.connect(shopSpec()), link.Requesting, link.AwaitingApproval, link.Accepting, link.EnablingDNS,
			link.RegisteringTargets, link.Ready, link.Disconnecting, link.Disconnected)
	})
}

func TestWhenThePolicyListsTheAccountItIsLetInByItself(t *testing.T) {
	b := newBench(t)
	b.policy.AutoApprove = []string{"222222222222"}
	b.at(time.Hour, func() { b.decide(link.Disconnect, leaveNow, "") })
	s := b.connect(shopSpec())
	if d := s.Decisions[0]; d.Verb != link.Approve || d.Via != link.ViaPolicy || d.Endpoint != "vpce-1" {
		t.Errorf("recorded as %+v", d)
	}
}

func TestAConnectionJoinsItsServiceBeforeItHasAnEndpointAndWithIt(t *testing.T) {
	b := newBench(t)
	b.at(time.Hour, func() {
		want := []string{
			`{"connection":"shop","owner":"222222222222"}`,
			`{"connection":"shop","owner":"222222222222","endpoint":"vpce-1"}`,
		}
		if !slices.Equal(b.around.introduced, want) {
			t.Errorf("it has said %q", b.around.introduced)
		}
		b.decide(link.Disconnect, leaveNow, "")
	})
	b.connect(shopSpec())
}

func TestWhenAStepIsBlockedItShowsTheProblemAndGoesOnOnceMended(t *testing.T) {
	full := activities.Blocked(link.Problem{
		Reason: link.ReasonQuotaFull, Call: "ec2:CreateVpcEndpoint", Message: "50 of 50", Remedy: "raise the quota",
	}, nil)
	t.Run("when nobody says anything, it looks again by itself", func(t *testing.T) {
		b := newBench(t)
		b.cloud.refuse("EnsureEndpoint", full, full, full)
		b.at(30*time.Second, func() {
			p := b.status().Blocked
			if p == nil || p.Reason != link.ReasonQuotaFull || p.Call != "ec2:CreateVpcEndpoint" || p.NextTry.IsZero() {
				t.Errorf("blocked: %+v", p)
			}
		})
		b.at(20*time.Minute, func() {
			if s := b.status(); s.Blocked != nil || s.Phase != link.AwaitingApproval {
				t.Errorf("%s, blocked %+v", s.Phase, s.Blocked)
			}
			b.decide(link.Disconnect, leaveNow, "")
		})
		b.connect(shopSpec())
	})
	t.Run("when told to retry, it looks at once", func(t *testing.T) {
		b := newBench(t)
		b.cloud.refuse("EnsureEndpoint", full)
		b.at(10*time.Second, func() {
			b.decide(link.Retry, link.Decision{By: "ada"}, "")
		})
		b.at(11*time.Second, func() {
			if s := b.status(); s.Blocked != nil || s.Phase != link.AwaitingApproval {
				t.Errorf("%s, blocked %+v", s.Phase, s.Blocked)
			}
			b.decide(link.Disconnect, leaveNow, "")
		})
		b.connect(shopSpec())
	})
	t.Run("when the service that it does not find is published anew, it connects to that one", func(t *testing.T) {
		b := newBench(t)
		invisible := activities.Blocked(link.Problem{Reason: link.ReasonServiceNotVisible, Message: "vpce-svc-1 does not exist"}, nil)
		b.cloud.refuse("EnsureEndpoint", slices.Repeat([]error{invisible}, 100)...)
		b.at(time.Hour, func() {
			if s := b.status(); s.Blocked == nil {
				t.Fatalf("%s, and not blocked", s.Phase)
			}
			delete(b.cloud.refusals, "EnsureEndpoint")
			b.service = "vpce-svc-2"
			b.announce()
		})
		b.at(time.Hour+time.Second, func() {
			if s := b.status(); s.Blocked != nil || s.Phase != link.AwaitingApproval || !strings.HasSuffix(s.ServiceName, "vpce-svc-2") {
				t.Errorf("%s at %s, blocked %+v", s.Phase, s.ServiceName, s.Blocked)
			}
			b.decide(link.Disconnect, leaveNow, "")
		})
		b.connect(shopSpec())
	})
	t.Run("when it is given up while blocked, it is taken down", func(t *testing.T) {
		b := newBench(t)
		b.around.unknown["consumer"] = true
		b.at(time.Minute/2, func() {
			if p := b.status().Blocked; p == nil || p.Reason != link.ReasonUnknownAccount {
				t.Errorf("blocked: %+v", p)
			}
			b.decide(link.Disconnect, leaveNow, "")
		})
		if s := b.connect(shopSpec()); s.Phase != link.Disconnected || len(b.cloud.steps()) != 0 {
			t.Errorf("ended %s, steps %v", s.Phase, b.cloud.steps())
		}
	})
}

func TestWhenTheSpecChangesItIsCarriedOutOnTheRunningLink(t *testing.T) {
	b := newBench(t)
	b.policy.Mode = link.ApproveAutomatically
	b.at(time.Hour, func() {
		changed := shopSpec()
		changed.DNS.Mode = link.DNSNone
		changed.Ingress = nil
		b.decide(link.Apply, workflows.ApplyConnectionRequest{Spec: changed, By: "ada"}, "")
	})
	b.at(2*time.Hour, func() {
		s := b.status()
		if s.Phase != link.Ready || s.Generation != 2 {
			t.Errorf("%s, generation %d, blocked %+v", s.Phase, s.Generation, s.Blocked)
		}
		if b.cloud.endpoints["vpce-1"].PrivateDNS || len(b.cloud.targets) != 0 {
			t.Errorf("not carried out: %+v, targets %v", b.cloud.endpoints["vpce-1"], b.cloud.targets)
		}
		moved := shopSpec()
		moved.AWS.VPC = "vpc-0b"
		b.decide(link.Apply, workflows.ApplyConnectionRequest{Spec: moved, By: "ada"}, "spec.aws.vpc")
		b.decide(link.Disconnect, leaveNow, "")
	})
	b.connect(shopSpec())
	if b.cloud.made != 1 {
		t.Errorf("%d endpoints were made", b.cloud.made)
	}
}

func TestMistake09AnEndpointDeletedBehindOurBackIsReplacedAndAskedAboutAnew(t *testing.T) {
	b := newBench(t)
	b.at(time.Hour, func() { b.decide(link.Approve, seenByApprover, "") })
	b.at(2*time.Hour, func() {
		delete(b.cloud.endpoints, "vpce-1")
		b.SignalWorkflow("linkwright.changes", []activities.Change{{Topic: activities.Topic{Kind: activities.TopicEndpoint, ID: "vpce-1"}, Gone: true}})
	})
	b.at(3*time.Hour, func() {
		s := b.status()
		if s.Phase != link.AwaitingApproval || s.Waiting == nil || s.Waiting.Approve.Endpoint != "vpce-2" {
			t.Errorf("%s, waiting %+v", s.Phase, s.Waiting)
		}
		b.decide(link.Disconnect, leaveNow, "")
	})
	b.connect(shopSpec())
}

func TestMistake07AnEndpointThatSomebodyRejectsTakenForAvailable(t *testing.T) {
	b := newBench(t)
	b.policy.Mode = link.ApproveAutomatically
	b.at(time.Hour, func() {
		e := b.cloud.endpoints["vpce-1"]
		e.State = activities.EndpointRejected
		b.cloud.changed(e)
	})
	s := b.connect(shopSpec())
	if s.Phase != link.Rejected || b.cloud.made != 1 || len(b.cloud.targets) != 0 {
		t.Errorf("%s, %d endpoints made, targets %v", s.Phase, b.cloud.made, b.cloud.targets)
	}
}

func TestMistake14PendingTakenForTheEndOfAnAcceptance(t *testing.T) {
	b := newBench(t)
	tells := b.cloud.reaches
	b.at(time.Hour, func() {
		b.cloud.reaches = func(activities.Endpoint) {} // accepted, it is pending for a while
		b.decide(link.Approve, seenByApprover, "")
	})
	b.at(time.Hour+time.Minute, func() {
		if s := b.status(); s.Phase != link.Accepting || s.Blocked != nil {
			t.Errorf("while the endpoint is pending, the connection is %s, blocked %+v", s.Phase, s.Blocked)
		}
		if slices.Contains(b.cloud.steps(), "SetPrivateDNS") {
			t.Error("private DNS was switched on before the endpoint was let in")
		}
		b.cloud.reaches = tells
		b.cloud.changed(b.cloud.endpoints["vpce-1"])
	})
	b.at(time.Hour+2*time.Minute, func() {
		if s := b.status(); s.Phase != link.Ready || !b.cloud.endpoints["vpce-1"].PrivateDNS {
			t.Errorf("once the endpoint is available, the connection is %s", s.Phase)
		}
		b.decide(link.Disconnect, leaveNow, "")
	})
	b.connect(shopSpec())
}

func TestWhenNewsComeInTheLastMomentOfALongHistoryTheyAreCarriedOver(t *testing.T) {
	b := newBench(t)
	tells := b.cloud.reaches
	b.at(time.Hour, func() {
		b.cloud.reaches = func(activities.Endpoint) {}
		b.decide(link.Approve, seenByApprover, "")
	})
	b.at(time.Hour+time.Minute, func() {
		b.RegisterDelayedCallback(func() { b.SetContinueAsNewSuggested(true) }, 0) // in the task that the news come with
		tells(*b.cloud.endpoints["vpce-1"])
	})
	spec := shopSpec()
	b.ExecuteWorkflow(workflows.Connection, workflows.ConnectionInput{Service: "payments", Name: "shop", Spec: &spec})
	next := continuation[workflows.ConnectionInput](t, b.GetWorkflowError())
	if got := next.Carried.Seen.State; got != activities.EndpointAvailable {
		t.Errorf("the endpoint is carried over as %s", got)
	}
}

func TestWhenCancelledItIsTakenDown(t *testing.T) {
	b := newBench(t)
	b.at(time.Hour, b.CancelWorkflow)
	s := b.connect(shopSpec())
	if s.Phase != link.Disconnected || len(b.cloud.endpoints) != 0 || s.Decisions[0].Via != link.ViaCancel {
		t.Errorf("%s, %v, %+v", s.Phase, b.cloud.endpoints, s.Decisions)
	}
}

func TestWhenTheSpecCanNeverWorkNothingIsTouched(t *testing.T) {
	b := newBench(t)
	spec := shopSpec()
	spec.AWS.Subnets = nil
	b.ExecuteWorkflow(workflows.Connection, workflows.ConnectionInput{Service: "payments", Name: "shop", Spec: &spec})
	if err := b.GetWorkflowError(); err == nil || !strings.Contains(err.Error(), "spec.aws.subnets") {
		t.Errorf("ended with %v", err)
	}
	if len(b.cloud.steps()) != 0 {
		t.Errorf("steps: %v", b.cloud.steps())
	}
}

func TestWhenSomebodyTakesTheTargetsOutOfTheGroupTheyAreRegisteredAgain(t *testing.T) {
	b := newBench(t)
	b.policy.Mode = link.ApproveAutomatically
	b.cloud.refuse("AwaitHealthy", activities.Changed("targets are missing from the group"))
	b.at(time.Hour, func() { b.decide(link.Disconnect, leaveNow, "") })
	b.connect(shopSpec())
	steps := b.cloud.steps()
	first := slices.Index(steps, "EnsureTargets")
	if want := []string{"EnsureTargets", "AwaitHealthy", "DescribeEndpoint", "EnsureTargets", "AwaitHealthy"}; first < 0 || !slices.Equal(steps[first:first+len(want)], want) {
		t.Errorf("the steps are %v, want %v among them", steps, want)
	}
}

func TestWhenTheEndpointIsRejectedWhilePrivateDNSIsSwitchedOnTheConnectionIsRejected(t *testing.T) {
	b := newBench(t)
	b.policy.Mode = link.ApproveAutomatically
	reaches := b.cloud.reaches
	b.cloud.reaches = func(e activities.Endpoint) { // no news of the rejection: the step is the first to see it
		reaches(e)
		b.cloud.endpoints[e.ID].State = activities.EndpointRejected
	}
	if s := b.connect(shopSpec()); s.Phase != link.Rejected || s.Blocked != nil {
		t.Errorf("the connection is %s, blocked by %+v", s.Phase, s.Blocked)
	}
}
