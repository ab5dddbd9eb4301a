package workflows_test

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/workflows"
)

// fleet is what a reconciliation finds: where flows are, what the audit of each place says, and how the flows answer.
type fleet struct {
	cloud  *memory
	survey activities.FleetSurvey
	audits map[activities.Place]activities.Audit
	// audited and surveyed are the requests.
	audited  []activities.AuditRequest
	surveyed activities.SurveyFleetRequest
	// actions are what flows answer with, by workflow id; others are gone.
	actions map[string][]link.DriftAction
	// busy is a flow that is at work.
	busy string
	// told are the updates, as "workflow id message", and mending how often each flow still says that it is at it.
	told    []string
	mending map[string]int
}

func (f *fleet) Audit(_ context.Context, req activities.AuditRequest) (activities.Audit, error) {
	f.cloud.mu.Lock()
	defer f.cloud.mu.Unlock()
	f.audited = append(f.audited, req)
	found, ok := f.audits[req.Place]
	if !ok {
		return found, activities.Blocked(link.Problem{Reason: link.ReasonMissingPermission, Message: "not allowed", Account: req.Account}, errors.New("denied"))
	}
	return found, nil
}

func (f *fleet) SurveyFleet(_ context.Context, req activities.SurveyFleetRequest) (activities.FleetSurvey, error) {
	f.surveyed = req
	return f.survey, nil
}

func (f *fleet) TellFleet(_ context.Context, req activities.TellFleetRequest) ([]activities.FlowAnswer, error) {
	var answers []activities.FlowAnswer
	for _, m := range req.Messages {
		f.told = append(f.told, m.WorkflowID+" "+string(m.Message))
		actions, there := f.actions[m.WorkflowID]
		if !there {
			answers = append(answers, activities.FlowAnswer{Missing: "it does not run"})
			continue
		}
		answer, err := json.Marshal(map[string]any{"actions": actions, "busy": m.WorkflowID == f.busy})
		if err != nil {
			return nil, err
		}
		answers = append(answers, activities.FlowAnswer{Answer: answer})
	}
	return answers, nil
}

func (f *fleet) AskFleet(_ context.Context, req activities.AskFleetRequest) ([]activities.FlowAnswer, error) {
	var answers []activities.FlowAnswer
	for _, id := range req.WorkflowIDs {
		answer := "false"
		if f.mending[id] > 0 {
			f.mending[id]--
			answer = "true"
		}
		answers = append(answers, activities.FlowAnswer{Answer: json.RawMessage(answer)})
	}
	return answers, nil
}

var (
	_ activities.Auditor = (*fleet)(nil)
	_ activities.Fleets  = (*fleet)(nil)
)

func named(name string) activity.RegisterOptions { return activity.RegisterOptions{Name: name} }

// someFleet is a fleet in two places, in which four links have drifted, and one place that cannot be seen.
func someFleet() *fleet {
	shop, pay, gone, lab := "connection/payments/shop", "endpoint-service/payments", "connection/payments/gone", "connection/payments/lab"
	return &fleet{
		survey: activities.FleetSurvey{
			Places: []activities.Place{atConsumer, atProvider, {Account: "hidden", Region: "eu-central-1"}}, Flows: 14, AtWork: 3, Silent: []string{"connection/payments/old"},
		},
		audits: map[activities.Place]activities.Audit{
			atConsumer: {Links: 12, Deep: 4, Last: "connection/payments/d", Calls: 6, Reads: 4, Drifted: []activities.Drifted{
				{Flow: gone, Drifts: []link.Drift{drifted(atConsumer, link.DriftSubnets, false)}},
				{Flow: lab, Drifts: []link.Drift{drifted(atConsumer, link.DriftTargetHealth, false)}},
				{Flow: shop, Drifts: []link.Drift{drifted(atConsumer, link.DriftSubnets, false), drifted(atConsumer, link.DriftSecurityRules, true)}},
			}},
			atProvider: {Links: 13, Calls: 2, Drifted: []activities.Drifted{{Flow: pay, Drifts: []link.Drift{drifted(atProvider, link.DriftAcceptance, false)}}},
				Orphans: []link.Resource{{Kind: link.KindEndpoint, ID: "vpce-9", Account: "provider"}}},
		},
		actions: map[string][]link.DriftAction{
			"connection/payments/old": nil, shop: {link.DriftRepair, link.DriftAsk}, lab: {link.DriftReport}, pay: {link.DriftRepair},
		},
		mending: map[string]int{pay: 2},
	}
}

// reconcile runs a reconciliation of the fleet.
func (f *fleet) reconcile(t *testing.T, in workflows.ReconcileInput, before *link.ReconcileReport) link.ReconcileReport {
	t.Helper()
	env, cloud, _ := newEnvironment(t)
	f.cloud = cloud
	env.RegisterActivityWithOptions(f.Audit, named("aws.Audit"))
	env.RegisterActivityWithOptions(f.SurveyFleet, named("system.SurveyFleet"))
	env.RegisterActivityWithOptions(f.TellFleet, named("system.TellFleet"))
	env.RegisterActivityWithOptions(f.AskFleet, named("system.AskFleet"))
	if before != nil {
		env.SetLastCompletionResult(*before)
	}
	env.ExecuteWorkflow(workflows.Reconcile, in)
	var report link.ReconcileReport
	if err := errors.Join(env.GetWorkflowError(), env.GetWorkflowResult(&report)); err != nil {
		t.Fatal(err)
	}
	return report
}

func TestAReconciliationTellsEachFlowWhatHasDriftedAndCountsWhatIsDone(t *testing.T) {
	f := someFleet()
	r := f.reconcile(t, workflows.ReconcileInput{}, nil)
	type counts struct{ places, links, deep, atWork, drifted, repaired, repairing, waiting, reported, calls, reads, orphans, unseen int }
	got := counts{r.Places, r.Links, r.Deep, r.AtWork, r.Drifted, r.Repaired, r.Repairing, r.Waiting, r.Reported, r.Calls, r.Reads, len(r.Orphans), len(r.Unseen)}
	if want := (counts{3, 14, 4, 3, 4, 1, 0, 1, 2, 8, 4, 1, 1}); got != want {
		t.Errorf("counted\n got %+v\nwant %+v", got, want)
	}
	if f.told[0] != "connection/payments/old {}" || len(f.told) != 5 || !strings.Contains(f.told[3], `"kind":"securityRules"`) {
		t.Errorf("told:\n%s", strings.Join(f.told, "\n"))
	}
	if r.Kinds[link.DriftSubnets] != 2 || len(r.Found) != 5 || r.Found[0].Action != "" || r.Found[3].Action != link.DriftAsk {
		t.Errorf("found %+v, kinds %v", r.Found, r.Kinds)
	}
	if want := map[string]string{atConsumer.String(): "connection/payments/d", atProvider.String(): "", "hidden/eu-central-1": ""}; !reflect.DeepEqual(r.After, want) {
		t.Errorf("the next run goes on after %v, want %v", r.After, want)
	}
	if u := r.Unseen[0]; u.Where != "hidden/eu-central-1" || u.Problem.Message != "not allowed" {
		t.Errorf("unseen %+v", u)
	}
}

func TestAFlowThatIsAtWorkIsNotCountedAmongThoseThatHaveDrifted(t *testing.T) {
	f := someFleet()
	f.busy = "endpoint-service/payments"
	if r := f.reconcile(t, workflows.ReconcileInput{}, nil); r.AtWork != 4 || r.Drifted != 3 || r.Repaired != 0 || r.Kinds[link.DriftAcceptance] != 0 {
		t.Errorf("%d at work, %d drifted, %d repaired, %v", r.AtWork, r.Drifted, r.Repaired, r.Kinds)
	}
}

func TestAReconciliationThatOnlyReportsTellsNobody(t *testing.T) {
	f := someFleet()
	r := f.reconcile(t, workflows.ReconcileInput{Mode: link.ReportOnly}, nil)
	if len(f.told) != 1 || r.Drifted != 4 || r.Reported != 4 { // but has those introduced that have not said what they stand by
		t.Errorf("told %v; %d drifted, %d only reported", f.told, r.Drifted, r.Reported)
	}
}

func TestAReconciliationKeepsToItsScopeAndGoesOnWhereTheLastOneWas(t *testing.T) {
	f := someFleet()
	f.survey.Places = []activities.Place{atProvider}
	before := link.ReconcileReport{After: map[string]string{atProvider.String(): "connection/payments/m"}}
	r := f.reconcile(t, workflows.ReconcileInput{Scope: link.Scope{Account: "provider", Service: "pay'ments"}, Reads: 50}, &before)
	if r.Places != 1 || len(f.audited) != 1 {
		t.Fatalf("%d places, audited %+v", r.Places, f.audited)
	}
	if f.surveyed.Within != (activities.Place{Account: "provider"}) || f.surveyed.Broken != "" {
		t.Errorf("surveyed %+v", f.surveyed)
	}
	got := f.audited[0]
	if got.Place != atProvider || got.Reads != 50 || got.After != "connection/payments/m" || got.Orphans ||
		!strings.Contains(got.Flows, "LinkService = 'pay''ments'") || !strings.Contains(got.Flows, "LinkPlaces = 'provider/eu-central-1'") {
		t.Errorf("asked for %+v", got)
	}
}

func TestAReconciliationInsistsOnRepairsWhereItIsTold(t *testing.T) {
	f := someFleet()
	f.reconcile(t, workflows.ReconcileInput{Mode: link.RepairMore}, nil)
	if !strings.Contains(f.told[1], `"insist":true`) {
		t.Errorf("told %v", f.told)
	}
}

func TestAReconciliationWaitsForRepairsOnlyForAWhile(t *testing.T) {
	f := someFleet()
	f.mending["endpoint-service/payments"] = 1000
	if r := f.reconcile(t, workflows.ReconcileInput{}, nil); r.Repairing != 1 || r.Repaired != 0 {
		t.Errorf("%d at it, %d done", r.Repairing, r.Repaired)
	}
}

func TestAReconciliationThatCannotFindTheFleetFails(t *testing.T) {
	env, _, _ := newEnvironment(t)
	env.RegisterActivityWithOptions(func(context.Context, activities.SurveyFleetRequest) (activities.FleetSurvey, error) {
		return activities.FleetSurvey{}, temporal.NewNonRetryableApplicationError("no such search attribute", "", nil)
	}, named("system.SurveyFleet"))
	env.ExecuteWorkflow(workflows.Reconcile, workflows.ReconcileInput{})
	if err := env.GetWorkflowError(); err == nil || !strings.Contains(err.Error(), "no such search attribute") {
		t.Errorf("it ended with %v", err)
	}
}
