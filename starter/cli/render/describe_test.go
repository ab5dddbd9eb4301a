package render_test

import (
	"strings"
	"testing"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
	"github.com/linkwright/linkwright/starter/cli/render"
)

func TestDescribe(t *testing.T) {
	for name, s := range map[string]link.Status{
		"describe-waiting.txt":  waiting(),
		"describe-blocked.txt":  blocked(),
		"describe-serving.txt":  serving(),
		"describe-rejected.txt": rejected(),
		"describe-placed.txt":   placed(),
		"describe-hub.txt":      hub(),
		"describe-drift.txt":    asksForRepair(),
	} {
		t.Run(name, func(t *testing.T) {
			d := render.Describer{Command: "linkwright --namespace lab", Now: now}
			golden(t, name, d.Describe(s))
		})
	}
}

func TestWhenTextComesFromOthersItCannotSteerTheTerminal(t *testing.T) {
	s := waiting()
	s.Waiting.For = "approval\x1b]0;owned\a"
	s.Waiting.Details = []string{"\x1b[2Jcleared"}
	s.Conditions[0].Message = "\r\nforged line"
	for style, d := range map[string]render.Describer{
		"plain": {Now: now}, "colour": {Now: now, Style: render.Style{Color: true}},
	} {
		text := d.Describe(s)
		for _, bad := range []string{"\x1b]", "\x1b[2J", "\a", "\r"} {
			if strings.Contains(text, bad) {
				t.Errorf("%s: %q reaches the terminal", style, bad)
			}
		}
	}
}

// hostile is a connection whose every text was written by somebody who means ill.
func hostile() link.Status {
	s := waiting()
	const steer, spoof, line = "\x1b[31m\x1b]0;owned\x07", "\u202ednuof\u2066\u200b", "\r\nforged\u2028line"
	s.Name, s.Service, s.AppliedBy = "shop"+steer, "payments"+spoof, "bob"+line
	s.Waiting.For = "approval" + steer
	s.Waiting.Details = []string{"endpoint" + line, spoof, "\xff\xfe", "\u009b2J"}
	s.Waiting.Approve.Endpoint, s.Waiting.Approve.Owner = "vpce-1"+steer, "$(reboot)"
	s.Conditions[0].Reason, s.Conditions[1].Message = steer, "日本語のメッセージ"
	s.Resources = append(s.Resources, link.Resource{Kind: "vpc-endpoint", ID: "日本", Account: "cafe\u0301", Region: spoof, Detail: steer})
	s.Decisions = []link.Decision{
		{Verb: link.Approve, By: "<b>Ada</b> [x](javascript:alert(1))", Reason: "日本" + line, At: at(10), Via: link.ViaSignal, Endpoint: steer, Owner: spoof},
		{Verb: link.Reject, By: steer, Refused: "no" + line, At: at(5), Via: link.ViaSignal, Principal: spoof},
	}
	s.Phases[1].Phase = link.Phase(steer)
	s.Drift = []link.OpenDrift{{Action: link.DriftAction(steer), Since: at(9), Drift: link.Drift{Kind: link.DriftKind(spoof), Resource: steer, ID: line, Account: spoof, Detail: steer}}}
	return s
}

func TestHostileTextIsShownAndDoesNothing(t *testing.T) {
	problem := hostile()
	problem.Blocked = &link.Problem{Reason: "Quota\x1b[2J", Call: "ec2:\x07", Message: "\u202emessage\n", Remedy: "\x1b[8mremedy", Account: "a\u2029"}
	items := []flows.Item{
		{Kind: link.KindConnection, Service: "pay\x1b[2J", Name: "日本", Phase: "Ready\x07", Account: "\u202ereversed", Started: at(60)},
		{Kind: link.KindConnection, Service: "payments", Name: "shop", Phase: link.Ready, Account: "consumer", Region: "eu-west-1", Started: at(60)},
	}
	progress := &strings.Builder{}
	p := render.NewProgress(progress, "linkwright")
	if err := p.Show([]link.Status{hostile(), problem}, "", now); err != nil {
		t.Fatal(err)
	}
	plain := render.Describer{Command: "linkwright", Now: now}
	for name, text := range map[string]string{
		"hostile.txt":          plain.Describe(hostile()),
		"hostile-blocked.txt":  plain.Describe(problem),
		"hostile-hub.txt":      plain.Describe(hostileHub()),
		"hostile-items.txt":    render.Items(items, true, render.Style{}, now),
		"hostile-progress.txt": progress.String(),
		"hostile-error.txt":    render.Lines("refused: \x1b[31m\u202e\r\nSee `linkwright --help`.\n"),
	} {
		t.Run(name, func(t *testing.T) {
			if name != "hostile-progress.txt" { // it tells the time that has passed since the test began
				golden(t, name, text)
			}
			for _, r := range strings.ReplaceAll(text, "\n", "") {
				if !link.Visible(r) {
					t.Errorf("%q reaches the terminal in\n%q", r, text)
				}
			}
		})
	}
}

func TestWhenAnEndpointIsNoPlainWordItIsQuotedForTheShell(t *testing.T) {
	s := waiting()
	s.Waiting.Approve.Endpoint = "vpce-1; rm -rf 'x'"
	got := render.Describer{Command: "linkwright"}.Decisions(s)[0]
	want := `linkwright approve payments/shop --endpoint 'vpce-1; rm -rf '\''x'\''' --owner 222222222222`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestItems(t *testing.T) {
	items := []flows.Item{
		{Kind: link.KindConnection, Service: "payments", Name: "shop", Phase: link.Ready, Account: "shop", Region: "eu-west-1", Cloud: link.AWS, Started: at(7260), WorkflowID: "connection/payments/shop", RunID: "r1"},
		{Kind: link.KindEndpointService, Service: "payments", Name: "payments", Phase: link.Serving, Account: "platform", Region: "eu-west-1", Cloud: link.AWS, Started: at(90000), WorkflowID: "endpoint-service/payments", RunID: "r2"},
		{Kind: link.KindConnection, Service: "payments", Name: "crm", Phase: link.Requesting, Blocked: link.ReasonQuotaFull, Account: "crm", Region: "eu-west-1", Started: at(59), WorkflowID: "connection/payments/crm", RunID: "r3"},
		{Kind: link.KindConnection, Service: "payments", Name: "bent", Phase: link.Ready, Drift: link.DriftReport, Account: "bent", Region: "eu-west-1", Started: at(60), WorkflowID: "connection/payments/bent", RunID: "r5"},
		{Kind: link.KindConnection, Service: "payments", Name: "lost", Phase: link.Ready, Started: at(0), Ended: now, How: "terminated", WorkflowID: "connection/payments/lost", RunID: "r4"},
	}
	golden(t, "items-inventories.txt", render.Items(inventories(), false, render.Style{}, now))
	golden(t, "items.txt", render.Items(items, false, render.Style{}, now))
	golden(t, "items-wide.txt", render.Items(items, true, render.Style{}, now))
	golden(t, "items-colour.txt", render.Items(items, false, render.Style{Color: true}, now))
}
