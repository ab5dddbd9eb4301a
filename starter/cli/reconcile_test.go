package cli

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/converter"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/internal/frontend"
	"github.com/linkwright/linkwright/workflows"
)

// midday is when the reconciliations of the tests have begun.
var midday = time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC)

// fullReport has something of everything in it.
func fullReport() link.ReconcileReport {
	found := func(flow string, kind link.DriftKind, resource, id, account, detail string, action link.DriftAction) link.FoundDrift {
		return link.FoundDrift{Flow: flow, Action: action, Drift: link.Drift{
			Kind: kind, Resource: resource, ID: id, Account: account, Region: "eu-west-1", Detail: detail}}
	}
	return link.ReconcileReport{
		Mode: link.ByPolicy, Started: midday, Duration: link.Duration(42 * time.Second),
		Places: 3, Links: 12, Deep: 7, AtWork: 1, Calls: 61, Reads: 19,
		Drifted: 3, Repaired: 1, Waiting: 1, Reported: 1,
		Kinds: map[link.DriftKind]int{link.DriftPrincipals: 1, link.DriftRecords: 1, link.DriftTargetHealth: 1},
		Found: []link.FoundDrift{
			found("endpoint-service/payments", link.DriftPrincipals, link.KindService, "vpce-svc-0a", "platform", "allowed principals +arn:aws:iam::222222222222:root", link.DriftAsk),
			found("connection/payments/shop", link.DriftRecords, link.KindZoneRecord, "pay.example.com A", "shop", "it is missing", link.DriftRepair),
			found("connection/payments/crm", link.DriftTargetHealth, link.KindTarget, "10.0.0.9:443", "crm", "unhealthy", link.DriftReport),
		},
		Orphans: []link.Resource{{Kind: link.KindEndpoint, ID: "vpce-0f", Account: "shop", Region: "eu-west-1", Detail: "tagged connection/payments/old"}},
	}
}

// clean is a report of a fleet in which nothing has drifted.
func clean() link.ReconcileReport {
	return link.ReconcileReport{Mode: link.ByPolicy, Started: midday, Duration: link.Duration(4 * time.Second), Places: 3, Links: 12, Calls: 31}
}

// reconcileWith runs `reconcile` with these flags, of which the report is given.
func reconcileWith(t *testing.T, report link.ReconcileReport, args ...string) (result, *frontend.Frontend) {
	t.Helper()
	f := frontend.Start(t)
	f.Put(service("payments"), running)
	f.Reconcile = func(in workflows.ReconcileInput) link.ReconcileReport {
		report.Scope, report.Mode = in.Scope, in.Mode
		return report
	}
	return run(t, f, "", append([]string{"reconcile"}, args...)...), f
}

func TestReconcile(t *testing.T) {
	r, _ := reconcileWith(t, fullReport())
	r.expect(t, ExitChanges)
	wantFile(t, filepath.Join("testdata", "reconcile.txt"), r.out)
	if r.err != "" {
		t.Errorf("it says %q of what is left to people", r.err)
	}
	r, _ = reconcileWith(t, fullReport(), "-o", "json")
	r.expect(t, ExitChanges, `"kind": "principals"`, `"flow": "connection/payments/shop"`, `"repaired": 1`)

	unseen := clean()
	unseen.Unseen = []link.UnseenPart{{Where: "shop/eu-west-1", Problem: link.Problem{Message: "not allowed to look", Remedy: "allow it"}}}
	beingRepaired, orphan, nowhere := clean(), clean(), clean()
	beingRepaired.Drifted, beingRepaired.Repaired, beingRepaired.Repairing = 2, 1, 1
	orphan.Orphans = fullReport().Orphans
	nowhere.Places, nowhere.Links = 0, 0
	for _, c := range []struct {
		when   string
		report link.ReconcileReport
		code   int
		says   string
	}{
		{"nothing has drifted, it exits with 0", clean(), ExitOK, "12 links checked in 3 places, nothing has drifted; 31 calls, 4s."},
		{"flows set everything right, it exits with 0", beingRepaired, ExitOK, "2 drifted, 1 repaired, 1 being repaired"},
		{"there are orphans, it exits with 2", orphan, ExitChanges, "vpce-0f"},
		{"something could not be seen, it exits with 1", unseen, ExitError, "1 part could not be looked at: shop/eu-west-1"},
		{"there was nothing to look at, it says so", nowhere, ExitOK, "No flow stands by anything there."},
	} {
		t.Run("when "+c.when, func(t *testing.T) {
			r, _ := reconcileWith(t, c.report)
			r.expect(t, c.code, c.says)
		})
	}
}

func TestAReconciliationIsStartedAsTheFlagsSay(t *testing.T) {
	_, f := reconcileWith(t, clean(), "--account", "shop", "--region", "eu-west-1", "--service", "payments", "--repair", "--reads", "50")
	start := f.Runs()[0].Start
	var in workflows.ReconcileInput
	if err := converter.GetDefaultDataConverter().FromPayloads(start.GetInput(), &in); err != nil {
		t.Fatal(err)
	}
	want := workflows.ReconcileInput{Scope: link.Scope{Account: "shop", Region: "eu-west-1", Service: "payments"}, Mode: link.RepairMore, Reads: 50}
	if in != want {
		t.Errorf("started with %+v, want %+v", in, want)
	}
	if !strings.HasPrefix(start.GetWorkflowId(), workflows.ReconcileID("by-hand-")) || start.GetTaskQueue().GetName() != workflows.TaskQueue {
		t.Errorf("started as %s on %s", start.GetWorkflowId(), start.GetTaskQueue().GetName())
	}
	for _, name := range []string{"LinkAccount", "LinkRegion", "LinkService"} {
		if start.GetSearchAttributes().GetIndexedFields()[name] == nil {
			t.Errorf("started without %s", name)
		}
	}
	if start.GetUserMetadata().GetSummary() == nil || start.GetMemo().GetFields()["reconcile"] == nil {
		t.Error("started without a summary or a memo")
	}
	for mode, flag := range map[link.ReconcileMode]string{link.ReportOnly: "--report-only", link.RepairMore: "--repair"} {
		r, _ := reconcileWith(t, clean(), flag, "-o", "json")
		r.expect(t, ExitOK, `"mode": "`+string(mode)+`"`)
	}
}

func TestWhenFlagsOfAReconciliationMakeNoSenseItIsNotStarted(t *testing.T) {
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"--repair", "--report-only"}, ExitUsage, "[repair report-only]"},
		{[]string{"--no-wait", "-o", "json"}, ExitUsage, "[no-wait output]"},
		{[]string{"--no-wait", "--timeout", "1m"}, ExitUsage, "[no-wait timeout]"},
		{[]string{"--reads", "-1"}, ExitUsage, "--reads -1"},
		{[]string{"payments"}, ExitUsage, "unknown command"},
		{[]string{"--service", "paymemts"}, ExitError, "endpointservice/paymemts not found: did you mean endpointservice/payments?"},
	} {
		r, f := reconcileWith(t, clean(), c.args...)
		r.expect(t, c.code, c.says)
		if len(f.Runs()) != 0 {
			t.Errorf("%v: one was started all the same", c.args)
		}
	}
}

func TestWhenNobodyWaitsForAReconciliationItSaysWhereToLook(t *testing.T) {
	r, f := reconcileWith(t, fullReport(), "--no-wait")
	name := strings.TrimPrefix(f.Runs()[0].ID, "reconcile/")
	r.expect(t, ExitOK, name+" started", "linkwright drift "+name)
}

func TestWhenNobodyReconcilesInTimeTheWaitEnds(t *testing.T) {
	f := frontend.Start(t)
	run(t, f, "", "reconcile", "--timeout", "1ms").expect(t, ExitTimeout, "is not over yet; it goes on", "linkwright drift by-hand-")
	if len(f.Runs()) != 1 {
		t.Error("none was started")
	}
}

func TestWhileAReconciliationRunsItSaysWhatItDoes(t *testing.T) {
	for says, steps := range map[string][]string{
		"finds out where links are":    {"linkwright.SurveyFleet"},
		"audits 2 places":              {"aws.Audit", "azure.Audit"},
		"tells flows what has drifted": {"linkwright.TellFleet"},
		"is under way":                 nil,
	} {
		f := frontend.Start(t)
		f.PutRun(frontend.Run{ID: "reconcile/x", Steps: steps})
		var out strings.Builder
		follow(t, f, &out)
		if got := out.String(); got != "x "+says+"\n" {
			t.Errorf("with %v it says %q, want %q", steps, got, says)
		}
	}
}
