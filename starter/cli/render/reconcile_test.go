package render_test

import (
	"strings"
	"testing"
	"time"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
	"github.com/linkwright/linkwright/starter/cli/render"
)

// hostileReport is what a reconciliation has found where somebody means ill.
func hostileReport() link.ReconcileReport {
	const steer, line = "\x1b[31m\x1b]0;owned\x07", "\r\nforged\u2028line\u202e"
	return link.ReconcileReport{
		Scope: link.Scope{Account: steer}, Mode: link.ByPolicy, Drifted: 1, Waiting: 1, Kinds: map[link.DriftKind]int{link.DriftTags: 3}, Incomplete: true,
		Found: []link.FoundDrift{
			{Flow: "connection/a" + steer + "/b", Action: link.DriftAsk, Drift: link.Drift{Kind: link.DriftTags, Resource: steer, ID: line, Account: line, Detail: steer}},
			{Flow: line, Drift: link.Drift{Kind: link.DriftKind(steer), Resource: "x", ID: "y", Account: "z"}},
		},
		Orphans: []link.Resource{{Kind: steer, ID: line, Account: steer, Detail: line}},
		Unseen:  []link.UnseenPart{{Where: steer, Problem: link.Problem{Message: line, Remedy: steer, Call: line}}},
	}
}

func TestReport(t *testing.T) {
	text := render.Describer{Command: "linkwright", Now: now}.Report(hostileReport())
	golden(t, "hostile-report.txt", text)
	list := []flows.Reconciliation{{WorkflowID: "reconcile/\x1b[2J", Started: at(10), How: "failed", Problem: "\u202eno\r\n"}}
	schedules := []flows.Schedule{{Name: "x\x07", Timing: flows.Timing{Cron: "\x1b[2J"}, Note: "\r\n", Last: &list[0]}}
	text += render.Reconciliations(list, render.Style{}, now) + render.Schedules(schedules, render.Style{}, now) +
		render.Describer{Now: now}.Schedule(schedules[0])
	for _, r := range strings.ReplaceAll(text, "\n", "") {
		if !link.Visible(r) {
			t.Errorf("%q reaches the terminal in\n%q", r, text)
		}
	}
}

func TestReconciliationsAndSchedules(t *testing.T) {
	drifted := link.ReconcileReport{Links: 12, Places: 3, Calls: 61, Drifted: 2, Waiting: 1, Repaired: 1, Duration: link.Duration(42 * time.Second)}
	clean := link.ReconcileReport{Links: 12, Places: 3, Calls: 31, Duration: link.Duration(4 * time.Second)}
	list := []flows.Reconciliation{
		{WorkflowID: "reconcile/fleet-3", Started: at(12)},
		{WorkflowID: "reconcile/fleet-2", Started: at(1800), How: "completed", Report: &drifted},
		{WorkflowID: "reconcile/fleet-1", Started: at(3600), How: "completed", Report: &clean},
		{WorkflowID: "reconcile/by-hand", Scope: link.Scope{Account: "shop"}, Started: at(4000), How: "failed", Problem: "no worker has that account"},
	}
	golden(t, "reconciliations.txt", render.Reconciliations(list, render.Style{}, now))
	golden(t, "reconciliations-colour.txt", render.Reconciliations(list, render.Style{Color: true}, now))
	every := flows.Timing{Every: link.Duration(30 * time.Minute), Jitter: link.Duration(5 * time.Minute)}
	schedules := []flows.Schedule{
		{Name: "clean", Timing: every, Mode: link.ByPolicy, Next: now.Add(90 * time.Second), Last: &list[2]},
		{Name: "drifted", Timing: every, Mode: link.RepairMore, Scope: link.Scope{Region: "eu-west-1"}, Next: now.Add(time.Hour), Last: &list[1]},
		{Name: "failed", Timing: flows.Timing{Cron: "0 3 * * *"}, Mode: link.ReportOnly, Scope: link.Scope{Account: "shop"}, Paused: true, Note: "the shop moves", Reads: 50, Last: &list[3]},
		{Name: "new", Timing: every, Next: now.Add(time.Minute)},
		{Name: "running", Timing: every, Mode: link.ByPolicy, Last: &list[0]},
	}
	d := render.Describer{Command: "linkwright", Now: now}
	golden(t, "schedules.txt", render.Schedules(schedules, render.Style{}, now)+"\n"+d.Schedule(schedules[0])+"\n"+d.Schedule(schedules[2]))
}
