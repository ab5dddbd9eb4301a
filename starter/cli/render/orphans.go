package render

import (
	"fmt"
	"strings"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
)

// Orphans is a table of orphans, one a line.
func Orphans(list []flows.Orphan, style Style) string {
	t := table{style: style}
	t.addText("OWNER", "ORPHAN", "ID", "ACCOUNT", "REGION")
	for _, o := range list {
		t.addText(o.Owner, o.Kind, o.ID, orDash(o.Account), orDash(o.Region))
	}
	return t.String()
}

// Cleanup tells what the removal of an owner's orphans has come to.
func (d Describer) Cleanup(of flows.Ref, r link.CleanupReport) string {
	t := table{style: d.Style, indent: "  "}
	t.addText("RESULT", "ORPHAN", "ID", "IN", "BECAUSE", "REMEDY")
	row := func(result cell, o link.Resource, because, remedy string) {
		t.add(result, plain(o.Kind), plain(o.ID), plain(orDash(place(o.Account, o.Region))), plain(because), plain(remedy))
	}
	for _, o := range r.Removed {
		row(cell{"removed", green}, o, "", "")
	}
	for _, o := range r.LetGo {
		row(cell{"let go", green}, o, "it was there before: it has lost its ownership tag, and stays", "")
	}
	for _, o := range r.Gone {
		row(plain("gone"), o, "it is not there any more, or not its owner's", "")
	}
	for _, k := range r.Kept {
		row(cell{"kept", red}, k.Resource, strings.Join(present(k.Problem.Call, k.Problem.Message), ": "), k.Problem.Remedy)
	}
	return d.title("%s", Printable(fmt.Sprintf("What %s has left", of))) + t.String()
}
