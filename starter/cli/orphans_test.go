package cli

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
	"github.com/linkwright/linkwright/starter/cli/internal/frontend"
	"github.com/linkwright/linkwright/workflows"
)

// orphanedFleet has orphans of three owners and of somebody who is none, and reconciliations that do not tell of them.
func orphanedFleet(t *testing.T) (f *frontend.Frontend, removed *[]string) {
	t.Helper()
	f = frontend.Start(t)
	left := func(kind, id, account, region, owner string) link.Resource {
		return link.Resource{Kind: kind, ID: id, Account: account, Region: region, Detail: "default/" + owner}
	}
	report, none := clean(), clean()
	report.Orphans = []link.Resource{
		left(link.KindService, "vpce-svc-1", "platform", "eu-west-1", "endpoint-service/payments"),
		left(link.KindEndpoint, "vpce-1", "shop", "eu-west-1", "connection/payments/shop"),
		left(link.KindHostedZone, "Z1", "shop", "eu-west-1", "connection/payments/shop"),
		left(link.KindHostedZone, "Z1", "shop", "eu-west-2", "connection/payments/shop"), // seen from another region
		left(link.KindEndpoint, "vpce-2", "crm", "eu-west-2", "connection/payments/crm"),
		left(link.KindEndpoint, "vpce-9", "crm", "eu-west-2", "somebody"),
	}
	f.PutRun(frontend.Run{ID: "reconcile/running", Started: midday.Add(3 * time.Hour)})
	f.PutRun(frontend.Run{ID: "reconcile/payments", Scope: link.Scope{Service: "payments"}, Started: midday.Add(2 * time.Hour), Report: &none})
	f.PutRun(frontend.Run{ID: "reconcile/fleet-1", Started: midday, Report: &report})
	f.PutRun(frontend.Run{ID: "reconcile/fleet-0", Started: midday.Add(-time.Hour), Report: &none})
	removed = &[]string{}
	f.Cleanup = func(workflowID string, in workflows.CleanupInput) link.CleanupReport {
		for _, o := range in.Orphans {
			*removed = append(*removed, workflowID+" "+o.ID)
		}
		return link.CleanupReport{Removed: in.Orphans}
	}
	return f, removed
}

func TestOrphansAreThoseOfTheNewestReconciliation(t *testing.T) {
	f, _ := orphanedFleet(t)
	r := run(t, f, "", "orphans")
	r.expect(t, ExitOK, "Found by fleet-1", "connection/payments/shop", "endpointservice/payments", "vpce-9")
	if n := strings.Count(r.out, "Z1"); n != 1 {
		t.Errorf("a zone that was seen from two regions is listed %d times", n)
	}
	run(t, f, "", "orphans", "--run", "fleet-0").expect(t, ExitOK, "no orphans")
	for _, name := range []string{"running", "payments"} {
		run(t, f, "", "orphans", "--run", name).expect(t, ExitError, "tells of no orphans")
	}
	run(t, f, "", "orphans", "--run", "fleet-9").expect(t, ExitError, "not found")
	run(t, frontend.Start(t), "", "orphans").expect(t, ExitError, "begin with `linkwright reconcile`")

	var list []flows.Orphan
	if err := json.Unmarshal([]byte(run(t, f, "", "orphans", "--account", "crm", "-o", "json").out), &list); err != nil {
		t.Fatal(err)
	}
	if len(list) != 2 || list[0].Owner != "connection/payments/crm" || list[0].ID != "vpce-2" || list[0].Region != "eu-west-2" {
		t.Errorf("of account crm: %+v", list)
	}
	if r := run(t, f, "", "orphans", "--run", "fleet-0", "-o", "json"); r.out != "[]\n" {
		t.Errorf("none is %q for programs", r.out)
	}
}

func TestOrphansAreRemovedOfThoseWhoAreNamed(t *testing.T) {
	for _, owner := range []string{"connection/payments/shop", "payments/shop"} {
		f, removed := orphanedFleet(t)
		r := run(t, f, "", "orphans", "remove", owner)
		r.expect(t, ExitError, "nobody is here to ask", "vpce-1", "Z1")
		if len(*removed) > 0 || strings.Contains(r.err, "vpce-2") {
			t.Errorf("without a word, it has removed %v", *removed)
		}
		run(t, f, "", "orphans", "remove", owner, "--yes").expect(t, ExitOK, "removed", "vpce-1")
		if want := []string{"connection/payments/shop vpce-1", "connection/payments/shop Z1"}; !slices.Equal(*removed, want) {
			t.Errorf("it has removed %q, want %q", *removed, want)
		}
	}
	f, removed := orphanedFleet(t)
	run(t, f, "", "orphans", "remove", "payments/other", "--yes").expect(t, ExitError, "there are no orphans of payments/other in reconciliation fleet-1")
	run(t, f, "", "orphans", "remove").expect(t, ExitUsage, "name owners")
	run(t, f, "", "orphans", "remove", "payments/shop", "--all").expect(t, ExitUsage, "name owners")
	if len(*removed) > 0 {
		t.Errorf("it has removed %v", *removed)
	}
	run(t, f, "", "__complete", "orphans", "remove", "").expect(t, ExitOK, "connection/payments/crm\n", "endpointservice/payments\n")
}

// Services come last: those who were connected to them are orphans as well.
func TestAllOrphansAreRemovedServicesLast(t *testing.T) {
	f, removed := orphanedFleet(t)
	run(t, f, "", "orphans", "remove", "service/payments", "payments/crm", "--yes").expect(t, ExitOK)
	if want := []string{"connection/payments/crm vpce-2", "endpoint-service/payments vpce-svc-1"}; !slices.Equal(*removed, want) {
		t.Errorf("it has removed %q, want %q", *removed, want)
	}
	f, removed = orphanedFleet(t)
	run(t, f, "", "orphans", "remove", "--all", "--yes").expect(t, ExitChanges, "vpce-9 is kept: its tag names no flow")
	if n := len(*removed); n != 4 || (*removed)[3] != "endpoint-service/payments vpce-svc-1" {
		t.Errorf("it has removed %q", *removed)
	}
	f, removed = orphanedFleet(t)
	run(t, f, "", "orphans", "remove", "--all", "--account", "platform", "--yes").expect(t, ExitOK)
	if want := []string{"endpoint-service/payments vpce-svc-1"}; !slices.Equal(*removed, want) {
		t.Errorf("of one account, it has removed %q", *removed)
	}
}

func TestWhatIsKeptIsSaidWithItsRemedy(t *testing.T) {
	f, _ := orphanedFleet(t)
	f.Cleanup = func(_ string, in workflows.CleanupInput) link.CleanupReport {
		return link.CleanupReport{Gone: in.Orphans[1:], Kept: []link.KeptOrphan{{
			Resource: in.Orphans[0], Problem: link.Problem{Reason: link.ReasonMissingPermission, Call: "ec2:DeleteVpcEndpoints", Message: "not allowed", Remedy: "allow it"},
		}}}
	}
	run(t, f, "", "orphans", "remove", "payments/shop", "--yes").expect(t, ExitChanges, "kept", "ec2:DeleteVpcEndpoints: not allowed", "allow it", "gone")
}

func TestNothingOfAFlowThatRunsIsRemoved(t *testing.T) {
	f, removed := orphanedFleet(t)
	f.Put(connected("shop", link.Ready), running)
	run(t, f, "", "orphans", "remove", "payments/shop", "payments/crm", "--yes").expect(t, ExitError,
		"connection/payments/shop runs", "linkwright delete connection/payments/shop", "vpce-2")
	if want := []string{"connection/payments/crm vpce-2"}; !slices.Equal(*removed, want) {
		t.Errorf("it has removed %q", *removed)
	}
}
