package render

import (
	"fmt"
	"time"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
)

// Schedules is a table of schedules, one a line.
func Schedules(list []flows.Schedule, style Style, now time.Time) string {
	t := table{style: style}
	t.addText("SCHEDULE", "WHEN", "SCOPE", "MODE", "NEXT", "LAST", "RESULT")
	for _, s := range list {
		t.add(plain(s.Name), plain(s.Timing.String()), plain(s.Scope.String()), plain(orDash(string(s.Mode))), nextCell(s, now),
			plain(lastStart(s, now)), lastCell(s, now))
	}
	return t.String()
}

func nextCell(s flows.Schedule, now time.Time) cell {
	switch {
	case s.Paused:
		return cell{"paused", yellow}
	case s.Next.IsZero():
		return plain("-")
	}
	return plain("in " + Duration(s.Next.Sub(now)))
}

func lastStart(s flows.Schedule, now time.Time) string {
	if s.Last == nil {
		return "-"
	}
	return age(s.Last.Started, now) + " ago"
}

// lastCell is what the last reconciliation of a schedule has come to.
func lastCell(s flows.Schedule, now time.Time) cell {
	switch {
	case s.Last == nil:
		return plain("-")
	case s.Last.Report == nil:
		return outcome(*s.Last, now)
	case s.Last.Report.Clean():
		return cell{"nothing has drifted", green}
	}
	return cell{s.Last.Report.Summary(), verdictColor(*s.Last.Report)}
}

func verdictColor(r link.ReconcileReport) string {
	switch {
	case r.NeedsPerson() || len(r.Unseen) > 0:
		return red
	case !r.Clean():
		return yellow
	}
	return green
}

// Schedule tells all about a schedule.
func (d Describer) Schedule(s flows.Schedule) string {
	t := table{style: d.Style, indent: "  "}
	t.addText("When", s.Timing.String())
	t.addText("Scope", s.Scope.String())
	t.addText("Mode", orDash(modes[s.Mode]))
	reads := "unbounded"
	if s.Reads > 0 {
		reads = fmt.Sprintf("at the most %d in each place and run", s.Reads)
	}
	t.addText("Reads", reads)
	next := nextCell(s, d.Now)
	if !s.Paused && !s.Next.IsZero() {
		next.text += ", at " + moment(s.Next, d.Now)
	}
	t.add(plain("Next"), next)
	if s.Note != "" {
		t.addText("Note", s.Note)
	}
	if s.Last != nil {
		t.addText("Last", fmt.Sprintf("%s, %s", orDash(s.Last.Name()), lastStart(s, d.Now)))
		t.add(plain("Result"), lastCell(s, d.Now))
	}
	return d.title("%s", Printable("Schedule "+s.Name)) + t.String()
}
