package workflows_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/testsuite"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/workflows"
)

// leftovers are what a flow has left, in a few maps.
type leftovers struct {
	t     *testing.T
	there map[activities.Place][]activities.Orphan
	// hidden are places that nobody may see.
	hidden map[activities.Place]bool
	// refusals are answered by removals, by id, in order; the last of them for ever when it is pending.
	refusals map[string][]error
	removed  []string
}

var _ activities.Orphans = (*leftovers)(nil)

const shopsOwner = activities.Owner("default-test-namespace/connection/payments/shop")

func (l *leftovers) FindOrphans(_ context.Context, req activities.FindOrphansRequest) (activities.FoundOrphans, error) {
	if req.Owner != shopsOwner {
		l.t.Errorf("looked for what is of %s", req.Owner)
	}
	if l.hidden[req.Place] {
		return activities.FoundOrphans{}, activities.Blocked(link.Problem{Reason: link.ReasonMissingPermission, Message: "not allowed"}, errors.New("denied"))
	}
	return activities.FoundOrphans{Orphans: l.there[req.Place]}, nil
}

func (l *leftovers) RemoveOrphan(_ context.Context, req activities.RemoveOrphanRequest) error {
	id := req.Orphan.ID
	if req.Owner != shopsOwner || req.Account != req.Orphan.Account || req.Region != req.Orphan.Region {
		l.t.Errorf("removes %s of %s in %s", id, req.Owner, req.Place)
	}
	if left := l.refusals[id]; len(left) > 0 {
		if len(left) > 1 || !activities.IsPending(left[0]) {
			l.refusals[id] = left[1:]
		}
		return left[0]
	}
	l.removed = append(l.removed, id)
	return nil
}

func orphan(kind, id string, at activities.Place) link.Resource {
	return link.Resource{Kind: kind, ID: id, Account: at.Account, Region: at.Region, Detail: string(shopsOwner)}
}

var (
	leftRule     = orphan(link.KindListenerRule, "rule-1", atConsumer)
	leftZone     = orphan(link.KindHostedZone, "Z1", atConsumer)
	leftEndpoint = orphan(link.KindEndpoint, "vpce-1", atConsumer)
	leftGroup    = orphan(link.KindSecurityGroup, "sg-1", atConsumer)
	leftService  = orphan(link.KindService, "vpce-svc-1", atProvider)
)

// newLeftovers are all that a person has seen, still there.
func newLeftovers(t *testing.T) *leftovers {
	l := &leftovers{t: t, there: map[activities.Place][]activities.Orphan{}, hidden: map[activities.Place]bool{}, refusals: map[string][]error{}}
	for _, r := range seenOrphans() {
		at := activities.Place{Account: r.Account, Region: r.Region}
		l.there[at] = append(l.there[at], activities.Orphan{Resource: r})
	}
	return l
}

func seenOrphans() []link.Resource {
	return []link.Resource{leftService, leftGroup, leftEndpoint, leftZone, leftRule}
}

func (l *leftovers) environment() *testsuite.TestWorkflowEnvironment {
	env, _, _ := newEnvironment(l.t)
	env.SetStartWorkflowOptions(clientOptions("connection/payments/shop"))
	env.RegisterActivityWithOptions(l.FindOrphans, named("aws.FindOrphans"))
	env.RegisterActivityWithOptions(l.RemoveOrphan, named("aws.RemoveOrphan"))
	return env
}

func (l *leftovers) cleanUp(env *testsuite.TestWorkflowEnvironment) link.CleanupReport {
	l.t.Helper()
	env.ExecuteWorkflow(workflows.Cleanup, workflows.CleanupInput{
		Kind: link.KindConnection, Service: "payments", Name: "shop", Orphans: seenOrphans(), By: "alice",
	})
	var report link.CleanupReport
	if err := env.GetWorkflowResult(&report); err != nil {
		l.t.Fatal(err)
	}
	return report
}

func ids(resources []link.Resource) string {
	var all []string
	for _, r := range resources {
		all = append(all, r.ID)
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

func TestWhatAFlowHasLeftIsRemovedInOrder(t *testing.T) {
	l := newLeftovers(t)
	env := l.environment()
	report := l.cleanUp(env)
	if got := strings.Join(l.removed, " "); got != "rule-1 Z1 vpce-1 sg-1 vpce-svc-1" {
		t.Errorf("it has removed %s", got)
	}
	if ids(report.Removed) != "Z1 rule-1 sg-1 vpce-1 vpce-svc-1" || len(report.Gone)+len(report.Kept)+len(report.LetGo) > 0 {
		t.Errorf("report = %+v", report)
	}
	if status := statusOf(t, env); status.Phase != link.CleanedUp || len(status.Resources) > 0 {
		t.Errorf("status = %+v", status)
	}
}

func TestOnlyWhatIsTheOwnersStillIsRemoved(t *testing.T) {
	l := newLeftovers(t)
	l.there[atConsumer] = []activities.Orphan{{Resource: leftEndpoint}, {Resource: leftRule}}
	l.there[atProvider] = []activities.Orphan{{Resource: leftService, Existing: true}}
	report := l.cleanUp(l.environment())
	if ids(report.Removed) != "rule-1 vpce-1" || ids(report.Gone) != "Z1 sg-1" || ids(report.LetGo) != "vpce-svc-1" {
		t.Errorf("report = %+v", report)
	}
}

func TestWhatCannotBeRemovedIsKept(t *testing.T) {
	denied := activities.Blocked(link.Problem{Reason: link.ReasonMissingPermission, Message: "not allowed", Remedy: "allow it"}, errors.New("denied"))
	waits := activities.Pending("the endpoint is being deleted", time.Minute)
	for _, c := range []struct {
		name    string
		prepare func(*leftovers)
		kept    string
		message string
	}{
		{"when it is refused", func(l *leftovers) { l.refusals["vpce-1"] = []error{denied} }, "vpce-1", "not allowed"},
		{"when nobody may look", func(l *leftovers) { l.hidden[atProvider] = true }, "vpce-svc-1", "not allowed"},
		{"when it is not over for long", func(l *leftovers) { l.refusals["vpce-1"] = []error{waits} }, "vpce-1", "not over after 30m0s: the endpoint is being deleted"},
		{"when it has failed in passing, not", func(l *leftovers) { l.refusals["vpce-1"] = []error{errors.New("503"), waits, errors.New("lost")} }, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLeftovers(t)
			c.prepare(l)
			env := l.environment()
			report := l.cleanUp(env)
			var kept []link.Resource
			for _, k := range report.Kept {
				kept = append(kept, k.Resource)
				if !strings.Contains(k.Problem.Message, c.message) || k.Problem.Account != k.Account {
					t.Errorf("%s is kept because of %+v", k.ID, k.Problem)
				}
			}
			if ids(kept) != c.kept || len(report.Removed)+len(kept) != len(seenOrphans()) {
				t.Errorf("report = %+v", report)
			}
			status := statusOf(t, env)
			if ids(status.Resources) != c.kept || c.kept != "" && !strings.HasPrefix(status.Resources[0].Detail, "kept: ") {
				t.Errorf("resources = %+v", status.Resources)
			}
		})
	}
}

func TestAFlowThatIsCleanedUpAfterTakesNothing(t *testing.T) {
	for _, update := range []string{"apply", "approve", "reject", "retry", "disconnect", "withdraw", "close", "remove"} {
		l := newLeftovers(t)
		env := l.environment()
		var refused error
		l.refusals["vpce-1"] = []error{activities.Pending("the endpoint is being deleted", time.Minute), errors.New("lost")}
		env.RegisterDelayedCallback(func() {
			if status := statusOf(t, env); status.Phase != link.CleaningUp || status.Kind != link.KindConnection || status.Service != "payments" {
				t.Errorf("meanwhile, the status is %+v", status)
			}
			env.UpdateWorkflow(update, "", &testsuite.TestUpdateCallback{
				OnReject: func(err error) { refused = err }, OnAccept: func() {}, OnComplete: func(any, error) {},
			}, map[string]string{"by": "bob"})
		}, 30*time.Second)
		l.cleanUp(env)
		if refused == nil || !strings.Contains(refused.Error(), "what it has left is being removed") {
			t.Errorf("%s: %v", update, refused)
		}
	}
}

// statusOf asks the flow how it is.
func statusOf(t *testing.T, env *testsuite.TestWorkflowEnvironment) link.Status {
	t.Helper()
	var status link.Status
	value, err := env.QueryWorkflow(workflows.StatusQuery)
	if err == nil {
		err = value.Get(&status)
	}
	if err != nil {
		t.Fatal(err)
	}
	return status
}
