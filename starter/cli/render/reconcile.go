package render

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
)

// Report tells what a reconciliation has come to: its summary, what has drifted, orphans, and what was not seen.
func (d Describer) Report(r link.ReconcileReport) string {
	var sections []string
	for _, section := range []string{d.verdict(r), d.found(r), d.orphans(r), d.unseen(r), d.toDecide(r)} {
		if section != "" {
			sections = append(sections, section)
		}
	}
	return strings.Join(sections, "\n")
}

// drift is what the last audits have found, and what is done about it.
func (d Describer) drift(s link.Status) string {
	if len(s.Drift) == 0 {
		return ""
	}
	t := table{style: d.Style, indent: "  "}
	t.addText("DRIFT", "RESOURCE", "IN", "ACTION", "SINCE", "DETAIL")
	for _, o := range s.Drift {
		action := actionCell(o.Action)
		if o.Approved {
			action.text += ", approved"
		}
		t.add(plain(string(o.Kind)), plain(o.Resource+" "+o.ID), plain(place(o.Account, o.Region)), action, plain(age(o.Since, d.Now)), plain(o.Detail))
	}
	return d.title("Drift") + t.String()
}

// modes are the modes of a reconciliation in words.
var modes = map[link.ReconcileMode]string{
	link.ByPolicy:   "as the policies say",
	link.RepairMore: "repairing also what the policies only report",
	link.ReportOnly: "only reporting",
}

func (d Describer) verdict(r link.ReconcileReport) string {
	text := Printable(fmt.Sprintf("Reconciled %s, %s: ", r.Scope, modes[r.Mode])) + d.Style.paint(verdictColor(r), r.Summary()) + ".\n"
	if r.Places == 0 {
		text += "No flow stands by anything there. If that is a surprise, look at what there is with `linkwright get`.\n"
	}
	if r.AtWork > 0 {
		text += fmt.Sprintf("Flows that are at work, and so were left out: %d.\n", r.AtWork)
	}
	if r.Reads > 0 {
		text += fmt.Sprintf("Calls that looked at one thing alone: %d.\n", r.Reads)
	}
	if r.Incomplete {
		text += "More has drifted than one run takes in: run it again.\n"
	}
	return text
}

func (d Describer) found(r link.ReconcileReport) string {
	if len(r.Found) == 0 {
		return ""
	}
	t := table{style: d.Style, indent: "  "}
	t.addText("DRIFT", "OF", "RESOURCE", "IN", "ACTION", "DETAIL")
	for _, f := range r.Found {
		t.add(plain(string(f.Kind)), plain(flows.NameOf(f.Flow)), plain(f.Resource+" "+f.ID), plain(place(f.Account, f.Region)),
			actionCell(f.Action), plain(f.Detail))
	}
	text := d.title("Drift") + t.String()
	total := 0
	for _, n := range r.Kinds {
		total += n
	}
	if more := total - len(r.Found); more > 0 {
		text += fmt.Sprintf("  and %d more\n", more)
	}
	return text
}

// actionCell is what is done about a drift; one that nobody was told of needs a person as much as one that is only reported.
func actionCell(a link.DriftAction) cell {
	switch a {
	case link.DriftRepair:
		return cell{string(a), green}
	case link.DriftAsk:
		return cell{string(a), yellow}
	case "":
		return cell{"not told", red}
	}
	return cell{string(a), red}
}

func place(account, region string) string { return strings.Join(present(account, region), "/") }

func (d Describer) orphans(r link.ReconcileReport) string {
	if len(r.Orphans) == 0 {
		return ""
	}
	t := table{style: d.Style, indent: "  "}
	t.addText("ORPHAN", "ID", "IN", "DETAIL")
	for _, o := range r.Orphans {
		t.addText(o.Kind, o.ID, orDash(place(o.Account, o.Region)), o.Detail)
	}
	return d.title("Orphans, whose flows do not run") + t.String() +
		"  To remove them: " + d.Style.paint(bold, d.Command+" orphans remove --all") + "\n"
}

func (d Describer) unseen(r link.ReconcileReport) string {
	if len(r.Unseen) == 0 {
		return ""
	}
	t := table{style: d.Style, indent: "  "}
	t.addText("NOT SEEN", "BECAUSE", "REMEDY")
	for _, u := range r.Unseen {
		t.addText(flows.NameOf(u.Where), strings.Join(present(u.Problem.Call, u.Problem.Message), ": "), u.Problem.Remedy)
	}
	return d.title("Not seen") + t.String()
}

// toDecide are the commands that show what people are asked.
func (d Describer) toDecide(r link.ReconcileReport) string {
	var names []string
	for _, f := range r.Found {
		if name := flows.NameOf(f.Flow); f.Action == link.DriftAsk && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	text := "To see what is asked, and to decide:\n"
	for _, name := range names[:min(len(names), seekers)] {
		text += "  " + d.Style.paint(bold, fmt.Sprintf("%s describe %s", d.Command, word(name))) + "\n"
	}
	if more := len(names) - seekers; more > 0 {
		text += fmt.Sprintf("  and %d more: %s get --drift=ask\n", more, d.Command)
	}
	return text
}

// Reconciliations is a table of reconciliations, one a line.
func Reconciliations(list []flows.Reconciliation, style Style, now time.Time) string {
	t := table{style: style}
	t.addText("RECONCILIATION", "STARTED", "SCOPE", "LINKS", "DRIFTED", "REPAIRED", "WAITING", "REPORTED", "ORPHANS", "CALLS", "TOOK")
	for _, r := range list {
		row := []cell{plain(r.Name()), plain(moment(r.Started, now)), plain(r.Scope.String())}
		if r.Report == nil {
			for range 7 {
				row = append(row, plain("-"))
			}
			t.add(append(row, outcome(r, now))...)
			continue
		}
		for _, n := range []struct {
			of    int
			color string
		}{
			{r.Report.Links, ""}, {r.Report.Drifted, yellow}, {r.Report.Repaired, green}, {r.Report.Waiting, yellow},
			{r.Report.Reported, red}, {len(r.Report.Orphans), red}, {r.Report.Calls, ""},
		} {
			c := cell{fmt.Sprint(n.of), n.color}
			if n.of == 0 {
				c.color = ""
			}
			row = append(row, c)
		}
		t.add(append(row, outcome(r, now))...)
	}
	return t.String()
}

// outcome is how long a reconciliation took, or how it has ended otherwise.
func outcome(r flows.Reconciliation, now time.Time) cell {
	switch {
	case r.Running():
		return cell{"running for " + age(r.Started, now), yellow}
	case r.Report == nil:
		return cell{strings.Join(present(r.How, r.Problem), ": "), red}
	}
	return plain(r.Report.Duration.String())
}
