package render_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/linkwright/linkwright/internal/link"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares text with testdata/NAME, or writes it there with -update.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("differs from %s (run go test with -update to accept)\n--- got\n%s--- want\n%s", path, got, want)
	}
}

// now is the moment of all samples; at is some seconds before it.
var now = time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC)

func at(secondsAgo int) time.Time { return now.Add(-time.Duration(secondsAgo) * time.Second) }

// waiting is a connection that a person must decide on.
func waiting() link.Status {
	return link.Status{
		Kind: link.KindConnection, Name: "shop", Service: "payments", Phase: link.AwaitingApproval, Since: at(300),
		ServiceName: "com.amazonaws.vpce.eu-west-1.vpce-svc-0f1e2d3c4b5a69788",
		Account:     "shop", Region: "eu-west-1", Cloud: link.AWS, Generation: 2, AppliedBy: "bob@laptop",
		Waiting: &link.Waiting{
			For: "approval", Since: at(300), Until: now.Add(72 * time.Hour),
			Details: []string{"endpoint vpce-0a1b2c3d4e5f60718 of account 222222222222", "asks for payments in eu-west-1"},
			Approve: &link.Decision{Verb: link.Approve, Endpoint: "vpce-0a1b2c3d4e5f60718", Owner: "222222222222"},
		},
		Conditions: []link.Condition{
			{Type: link.SpecApplied, OK: true, Reason: "Applied", Since: at(310)},
			{Type: link.Approved, OK: false, Reason: "NobodyDecided", Message: "nobody has decided yet", Since: at(300)},
		},
		Resources: []link.Resource{{Kind: "vpc-endpoint", ID: "vpce-0a1b2c3d4e5f60718", Account: "shop", Region: "eu-west-1", Detail: "pendingAcceptance"}},
		Phases:    []link.PhaseTime{{Phase: link.Requesting, Entered: at(310)}, {Phase: link.AwaitingApproval, Entered: at(300)}},
	}
}

// blocked is a connection that a full quota holds up.
func blocked() link.Status {
	return link.Status{
		Kind: link.KindConnection, Name: "crm", Service: "payments", Phase: link.Requesting, Since: at(4000),
		Account: "crm", Region: "eu-west-1", Cloud: link.AWS, Generation: 1,
		Blocked: &link.Problem{
			Reason: link.ReasonQuotaFull, Call: "ec2:CreateVpcEndpoint", Account: "crm", Region: "eu-west-1",
			Message: "You have reached the maximum number of\x1b[2J interface endpoints.",
			Remedy:  "Ask AWS for a higher quota of interface endpoints in the VPC, or remove one.",
			Since:   at(3900), NextTry: now.Add(90 * time.Second),
		},
		Phases: []link.PhaseTime{{Phase: link.Requesting, Entered: at(4000)}},
	}
}

// serving is a service at work, with a history of decisions.
func serving() link.Status {
	return link.Status{
		Kind: link.KindEndpointService, Name: "payments", Service: "payments", Phase: link.Serving, Since: at(90000),
		ServiceName: "com.amazonaws.vpce.eu-west-1.vpce-svc-0f1e2d3c4b5a69788",
		Account:     "platform", Region: "eu-west-1", Cloud: link.AWS, Generation: 1, AppliedBy: "alice@laptop",
		Conditions: []link.Condition{{Type: link.ServiceAvailable, OK: true, Reason: "Available", Since: at(90010)}},
		Resources: []link.Resource{
			{Kind: "vpc-endpoint-service", ID: "vpce-svc-0f1e2d3c4b5a69788", Account: "platform", Region: "eu-west-1"},
			{Kind: "txt-record", ID: "_x1.payments.example.com", Account: "dns"},
		},
		Decisions: []link.Decision{{Verb: link.Retry, By: "alice", At: at(90020), Via: link.ViaSignal, Principal: "alice@example.com", Reason: "zone is there now"}},
		Phases: []link.PhaseTime{
			{Phase: link.Publishing, Entered: at(90100)}, {Phase: link.VerifyingDomain, Entered: at(90050)}, {Phase: link.Serving, Entered: at(90000)},
		},
	}
}

// rejected is a connection that was turned away after a decision that was refused.
func rejected() link.Status {
	s := waiting()
	s.Phase, s.Since, s.Waiting, s.Generation = link.Rejected, at(60), nil, 0
	s.Decisions = []link.Decision{
		{Verb: link.Approve, Endpoint: "vpce-1", Owner: "222222222222", By: "mallory", At: at(100), Via: link.ViaSignal, Refused: "the endpoint is another one"},
		{Verb: link.Reject, Endpoint: "vpce-0a1b2c3d4e5f60718", Owner: "222222222222", By: "alice", At: at(60), Via: link.ViaUpdate, Reason: "use staging"},
	}
	s.Phases = append(s.Phases, link.PhaseTime{Phase: link.Rejected, Entered: at(60)})
	return s
}

// asksForRepair is a service that has drifted in every way.
func asksForRepair() link.Status {
	s := serving()
	s.Waiting = &link.Waiting{
		For: "approval of a repair", Since: at(120), Details: []string{"vpc-endpoint-service vpce-svc-0f1e2d3c4b5a69788 in platform eu-west-1: principals +* (principals)."},
		Approve: &link.Decision{Endpoint: "vpce-svc-0f1e2d3c4b5a69788", Owner: "platform", Nonce: "n-1"},
	}
	drift := func(kind link.DriftKind, detail string, action link.DriftAction, approved bool) link.OpenDrift {
		return link.OpenDrift{Action: action, Approved: approved, Since: at(130), Drift: link.Drift{
			Kind: kind, Resource: link.KindService, ID: "vpce-svc-0f1e2d3c4b5a69788", Account: "platform", Region: "eu-west-1", Detail: detail}}
	}
	s.Drift = []link.OpenDrift{
		drift(link.DriftPrincipals, "principals +*", link.DriftAsk, false), drift(link.DriftTags, "its ownership tag is gone", link.DriftRepair, false),
		drift(link.DriftAcceptance, "acceptance is required again", link.DriftRepair, true), drift(link.DriftZones, "zone euw1-az3 is gone", link.DriftReport, false),
	}
	return s
}
