package cli

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/converter"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
	"github.com/linkwright/linkwright/starter/cli/internal/frontend"
	"github.com/linkwright/linkwright/workflows"
)

// scheduled is a frontend with a schedule of the account shop.
func scheduled(t *testing.T) *frontend.Frontend {
	t.Helper()
	f := frontend.Start(t)
	f.PageSize = 1
	run(t, f, "", "schedule", "create", "hourly", "--every", "1h", "--account", "shop", "--repair", "--note", "agreed with the shop").
		expect(t, ExitOK, "schedule hourly created: it audits account shop, every 1h")
	return f
}

func TestAScheduleIsMadeAsTheFlagsSay(t *testing.T) {
	f := frontend.Start(t)
	f.Put(service("payments"), running)
	run(t, f, "", "schedule", "create", "nightly", "--cron", "0 3 * * *", "--jitter", "5m", "--service", "payments", "--region", "eu-west-1",
		"--report-only", "--reads", "9", "--paused", "--note", "quiet").expect(t, ExitOK, "region eu-west-1, service payments, cron 0 3 * * *, up to 5m later")
	made := f.Schedules()[0]
	if made.GetScheduleId() != "linkwright/reconcile/nightly" {
		t.Errorf("its id is %s", made.GetScheduleId())
	}
	policies, state := made.GetSchedule().GetPolicies(), made.GetSchedule().GetState()
	if policies.GetOverlapPolicy() != enumspb.SCHEDULE_OVERLAP_POLICY_SKIP || policies.GetCatchupWindow().AsDuration() != time.Minute || policies.GetPauseOnFailure() {
		t.Errorf("its policies are %v", policies)
	}
	if !state.GetPaused() || state.GetNotes() != "quiet" || made.GetSchedule().GetSpec().GetJitter().AsDuration() != 5*time.Minute {
		t.Errorf("it is made as %v", made.GetSchedule())
	}
	action := made.GetSchedule().GetAction().GetStartWorkflow()
	var in workflows.ReconcileInput
	if err := converter.GetDefaultDataConverter().FromPayloads(action.GetInput(), &in); err != nil {
		t.Fatal(err)
	}
	want := workflows.ReconcileInput{Scope: link.Scope{Region: "eu-west-1", Service: "payments"}, Mode: link.ReportOnly, Reads: 9}
	if in != want || action.GetWorkflowId() != "reconcile/nightly" || action.GetWorkflowType().GetName() != workflows.ReconcileWorkflow ||
		action.GetTaskQueue().GetName() != workflows.TaskQueue || action.GetUserMetadata().GetSummary() == nil {
		t.Errorf("it starts %v with %+v", action, in)
	}
	for _, name := range []string{"LinkRegion", "LinkService"} {
		if made.GetSearchAttributes().GetIndexedFields()[name] == nil || action.GetSearchAttributes().GetIndexedFields()[name] == nil {
			t.Errorf("%s stands not on both, the schedule and what it starts", name)
		}
	}
	if made.GetMemo().GetFields()["reconcile"] == nil || action.GetMemo().GetFields()["reconcile"] == nil {
		t.Error("the memo stands not on both, the schedule and what it starts")
	}
}

func TestWhatAScheduleMayNotBe(t *testing.T) {
	for _, c := range []struct {
		when string
		args []string
		code int
		says []string
	}{
		{"it has a name that exists", []string{"hourly", "--every", "2h", "--account", "crm"}, ExitError,
			[]string{"a schedule hourly exists already", "schedule delete hourly"}},
		{"it audits what another does", []string{"nightly", "--cron", "@daily", "--region", "eu-west-1"}, ExitError,
			[]string{"schedule nightly (region eu-west-1)", "schedule hourly (account shop)", "--account, --region or --service", "linkwright schedule delete hourly"}},
		{"it is too often", []string{"x", "--every", "30s"}, ExitError, []string{"--every 30s is too often", "once a minute"}},
		{"the jitter is longer than the interval", []string{"x", "--every", "5m", "--jitter", "6m"}, ExitError, []string{"--jitter 6m0s is longer than --every 5m0s"}},
		{"the jitter is negative", []string{"x", "--every", "5m", "--jitter", "-1m"}, ExitError, []string{"can be delayed"}},
		{"the interval is negative", []string{"x", "--every", "-5m"}, ExitError, []string{"too often"}},
		{"the expression has seconds", []string{"x", "--cron", "0 0 3 * * * *", "--account", "crm"}, ExitError, []string{"minute, hour, day of the month"}},
		{"the expression is an interval", []string{"x", "--cron", "@every 10s", "--account", "crm"}, ExitError, []string{"there is --every"}},
		{"the server does not understand the expression", []string{"x", "--cron", "x 3 * * *", "--account", "crm"}, ExitError, []string{`--cron "x 3 * * *"`, "is no minute"}},
		{"the name is none", []string{"Not a name", "--every", "1h", "--account", "crm"}, ExitError, []string{"metadata.name"}},
		{"the service is not there", []string{"x", "--every", "1h", "--service", "ledger"}, ExitError, []string{"endpointservice/ledger not found"}},
		{"it has no time", []string{"x"}, ExitUsage, []string{"[every cron]"}},
		{"it has two times", []string{"x", "--every", "1h", "--cron", "@daily"}, ExitUsage, []string{"[every cron]"}},
		{"it is to do two things", []string{"x", "--every", "1h", "--repair", "--report-only"}, ExitUsage, []string{"[repair report-only]"}},
	} {
		t.Run("when "+c.when, func(t *testing.T) {
			f := scheduled(t)
			run(t, f, "", append([]string{"schedule", "create"}, c.args...)...).expect(t, c.code, c.says...)
			if n := len(f.Schedules()); n != 1 {
				t.Errorf("there are %d schedules now", n)
			}
		})
	}
}

func TestScheduleList(t *testing.T) {
	run(t, frontend.Start(t), "", "schedule", "list").expect(t, ExitOK, "There is no schedule", "schedule create")
	if r := run(t, frontend.Start(t), "", "schedule", "list", "-o", "json"); r.out != "[]\n" {
		t.Errorf("none is %q for programs", r.out)
	}
	f := scheduled(t)
	run(t, f, "", "schedule", "create", "crm", "--cron", "0 3 * * *", "--account", "crm", "--paused").expect(t, ExitOK)
	report := fullReport()
	f.PutRun(frontend.Run{ID: "reconcile/hourly-1", Schedule: "linkwright/reconcile/hourly", Started: time.Now(), Report: &report})
	f.Fired("linkwright/reconcile/hourly", "reconcile/hourly-1", time.Now().Add(30*time.Minute+30*time.Second))
	run(t, f, "", "schedule", "list").expect(t, ExitOK,
		"hourly", "every 1h", "account shop", "repair", "in 30m", "3 drifted, 1 repaired, 1 waiting for a person",
		"crm", "cron 0 3 * * *", "policy", "paused")
	var all []flows.Schedule
	if err := json.Unmarshal([]byte(run(t, f, "", "schedule", "list", "-o", "json").out), &all); err != nil {
		t.Fatal(err)
	}
	if len(all) != 2 || all[0].Name != "crm" || all[1].Last.Report == nil || time.Duration(all[1].Every) != time.Hour || all[0].Cron != "0 3 * * *" {
		t.Errorf("got %+v", all)
	}
	run(t, f, "", "schedule", "describe", "hourly").expect(t, ExitOK, "Schedule hourly", "every 1h", "agreed with the shop", "hourly-1")
	f.Fired("linkwright/reconcile/hourly", "reconcile/long-ago", time.Now())
	run(t, f, "", "schedule", "list").expect(t, ExitOK, "forgotten")
	run(t, f, "", "schedule", "describe", "hourly", "-o", "json").expect(t, ExitOK, `"name": "hourly"`)
	run(t, f, "", "__complete", "schedule", "pause", "").expect(t, ExitOK, "crm\nhourly\n")
}

func TestScheduleAloneSaysWhatThereIsToDo(t *testing.T) {
	run(t, nil, "", "schedule").expect(t, ExitOK, "create", "trigger")
	run(t, nil, "", "schedule", "start").expect(t, ExitUsage, "unknown command")
}

func TestWhatBecomesOfASchedule(t *testing.T) {
	f := scheduled(t)
	state := func() string {
		return strings.Join(strings.Fields(run(t, f, "", "schedule", "describe", "hourly").out), " ")
	}
	run(t, f, "", "schedule", "pause", "hourly", "--note", "the shop moves").expect(t, ExitOK, "schedule hourly paused")
	if got := state(); !strings.Contains(got, "Next paused") || !strings.Contains(got, "the shop moves") {
		t.Errorf("it is %s", got)
	}
	run(t, f, "", "schedule", "resume", "hourly").expect(t, ExitOK, "schedule hourly goes on")
	if got := state(); strings.Contains(got, "paused") || !strings.Contains(got, "Resumed by ") {
		t.Errorf("it is %s", got)
	}
	run(t, f, "", "schedule", "trigger", "hourly").expect(t, ExitOK, "schedule hourly has started a reconciliation")
	run(t, f, "", "schedule", "trigger", "hourly").expect(t, ExitError, "still runs, so none was started", "linkwright drift hourly-triggered")
	run(t, f, "", "schedule", "delete", "hourly").expect(t, ExitOK, "schedule hourly deleted")
	if len(f.Schedules()) != 0 {
		t.Error("it is still there")
	}
}

func TestWhenThereIsNoSuchScheduleItSaysWhichThereAre(t *testing.T) {
	f := scheduled(t)
	for _, verb := range []string{"describe", "pause", "resume", "trigger", "delete"} {
		run(t, f, "", "schedule", verb, "hourli").expect(t, ExitError, "schedule hourli not found: did you mean hourly?")
		run(t, f, "", "schedule", verb, "zzzzzz").expect(t, ExitError, "linkwright schedule list")
		run(t, f, "", "schedule", verb).expect(t, ExitUsage, "accepts 1 arg")
	}
}
