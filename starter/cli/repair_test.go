package cli

import (
	"strings"
	"testing"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/internal/frontend"
	"github.com/linkwright/linkwright/workflows"
)

// asksForRepair makes a flow ask whether to set right what has drifted.
func asksForRepair(s link.Status, endpoint, owner string) link.Status {
	s.Waiting = &link.Waiting{For: "approval of a repair", Details: []string{"principals differ"},
		Approve: &link.Decision{Endpoint: endpoint, Owner: owner, Nonce: "n-1"}}
	s.Question = &link.Question{Nonce: "n-1", Terms: link.Terms{Approvers: 1}}
	s.Drift = []link.OpenDrift{{Action: link.DriftAsk, Since: s.Since, Drift: link.Drift{
		Kind: link.DriftPrincipals, Resource: link.KindService, ID: endpoint, Account: s.Account, Region: s.Region, Detail: "principals differ"}}}
	return s
}

// asked is a frontend with a service and a connection that ask for repairs, and a service that asks nothing.
func asked(t *testing.T) *frontend.Frontend {
	t.Helper()
	f := frontend.Start(t)
	f.Answer = echo
	f.Put(asksForRepair(service("payments"), "vpce-svc-0a", "platform"), running)
	f.Put(asksForRepair(connected("shop", link.Ready), "vpce-0a", "222222222222"), running)
	f.Put(service("ledger"), running)
	return f
}

func TestARepairIsApproved(t *testing.T) {
	f := asked(t)
	run(t, f, "", "describe", "service/payments").expect(t, ExitOK, "Waiting for approval of a repair", "principals   vpc-endpoint-service vpce-svc-0a",
		"linkwright approve endpointservice/payments --endpoint vpce-svc-0a --owner platform")
	if r := run(t, f, "", "describe", "service/payments"); strings.Contains(r.out, "linkwright reject") {
		t.Errorf("it offers to reject a repair:\n%s", r.out)
	}
	for object, want := range map[string]link.Decision{
		"service/payments": {Verb: link.Approve, Endpoint: "vpce-svc-0a", Owner: "platform", Nonce: "n-1", By: "alice"},
		"payments/shop":    {Verb: link.Approve, Endpoint: "vpce-0a", Owner: "222222222222", Nonce: "n-1", By: "alice"},
	} {
		run(t, f, "", "approve", object, "--as", "alice").expect(t, ExitError, "there is no terminal")
		run(t, f, "", "approve", object, "--as", "alice", "--yes").expect(t, ExitOK, "approved: the repair of what has drifted, by alice")
		sent := f.Updates()
		last := sent[len(sent)-1]
		if got := decode[link.Decision](t, last); got != want || last.Name != workflows.ApproveUpdate {
			t.Errorf("sent %s %+v, want %+v", last.Name, got, want)
		}
	}
	if id := f.Updates()[0].WorkflowID; id != "endpoint-service/payments" && id != "connection/payments/shop" {
		t.Errorf("sent to %s", id)
	}
	run(t, f, "", "approve", "service/payments", "--print").expect(t, ExitOK, "workflow: endpoint-service/payments\n", "nonce: n-1\n")
	run(t, f, "", "approve", "service/ledger").expect(t, ExitError, "asks nothing now, it is Serving", "ledger/NAME")
	run(t, f, "", "__complete", "approve", "").expect(t, ExitOK, "endpointservice/payments\n", "payments/shop\n")
}

func TestWhenARepairNeedsSeveralApprovalsTheyAreCounted(t *testing.T) {
	f := asked(t)
	s := asksForRepair(service("payments"), "vpce-svc-0a", "platform")
	s.Question.Approvers, s.Question.Approved = 2, []string{"alice"}
	f.Put(s, running)
	run(t, f, "", "approve", "service/payments", "--as", "alice", "--yes").expect(t, ExitOK, "by alice; 1 of 2 approvals")
}

// To reject a connection that is ready is to cut it off, which nobody means who is asked about a repair.
func TestARepairIsNotRejected(t *testing.T) {
	f := asked(t)
	run(t, f, "", "reject", "service/payments", "--yes").expect(t, ExitError, "approved or left", "spec.drift", "payments/NAME")
	run(t, f, "", "reject", "payments/shop", "--yes").expect(t, ExitError, "approved or left", "spec.drift of endpointservice/payments", "--endpoint and --owner", "linkwright delete connection/payments/shop")
	if sent := f.Updates(); len(sent) != 0 {
		t.Errorf("sent %+v", sent)
	}
	run(t, f, "", "reject", "payments/shop", "--endpoint", "vpce-0a", "--owner", "222222222222").expect(t, ExitOK, "rejected: endpoint vpce-0a of account 222222222222")
}

func TestGetFindsWhatHasDrifted(t *testing.T) {
	f := asked(t)
	run(t, f, "", "get").expect(t, ExitOK, "Serving (drifted)", "Ready (drifted)")
	run(t, f, "", "get", "-o", "wide").expect(t, ExitOK, "DRIFT", "ask")
	run(t, f, "", "get", "-o", "json").expect(t, ExitOK, `"drift": "ask"`)
	for flag, want := range map[string]string{"--drift": "LinkDrift IS NOT NULL", "--drift=ask": "LinkDrift = 'ask'"} {
		run(t, f, "", "get", flag).expect(t, ExitOK)
		queries := f.Queries()
		if last := queries[len(queries)-1]; !strings.HasSuffix(last, want) {
			t.Errorf("%s asks %s", flag, last)
		}
	}
	run(t, f, "", "get", "--drift=mend").expect(t, ExitUsage, "must be one of any, repair, ask, report")
}
