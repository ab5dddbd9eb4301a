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
		{Kind: link.KindConnection, Service: "payments", Name: "lost", Phase: link.Ready, Started: at(0), Ended: now, How: "terminated", WorkflowID: "connection/payments/lost", RunID: "r4"},
	}
	golden(t, "items.txt", render.Items(items, false, render.Style{}, now))
	golden(t, "items-wide.txt", render.Items(items, true, render.Style{}, now))
	golden(t, "items-colour.txt", render.Items(items, false, render.Style{Color: true}, now))
}
