package render

import (
	"fmt"
	"strings"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
)

// symbols are what stands before a change, and its colour.
var symbols = map[link.Action]cell{
	link.ActionCreate: {"+", green},
	link.ActionChange: {"~", yellow},
	link.ActionDelete: {"-", red},
	link.ActionAdopt:  {"<", green},
	link.ActionKeep:   {"=", faint},
}

// Plan shows a plan: what happens in each account, which flows begin or change, and what needs a person.
func Plan(plan link.Plan, style Style) string {
	p := planPage{style: style}
	for _, at := range placesOf(plan) {
		p.place(plan, at)
	}
	p.specs(plan)
	p.needs(plan)
	if plan.Whole() && !plan.Pending() {
		p.line(0, "No changes: everything is as the specs say.")
	}
	p.line(0, style.paint(bold, plan.Summary()))
	return p.text.String()
}

type planPage struct {
	style Style
	text  strings.Builder
}

func (p *planPage) line(indent int, text string) {
	p.text.WriteString(strings.Repeat(" ", indent) + text + "\n")
}

// symbol is a line that begins with a symbol.
func (p *planPage) symbol(action link.Action, text string) {
	p.line(2, p.style.paint(symbols[action].color, symbols[action].text)+" "+Printable(text))
}

func (p *planPage) title(text string) { p.line(0, p.style.paint(bold, Printable(text)+":")) }

// placeOf is an account and a region.
type placeOf struct{ account, region string }

func placesOf(plan link.Plan) []placeOf {
	var list []placeOf
	seen := map[placeOf]bool{}
	for _, d := range plan.Documents {
		for _, c := range d.Changes {
			at := placeOf{c.Account, c.Region}
			if !seen[at] {
				seen[at] = true
				list = append(list, at)
			}
		}
	}
	return list
}

// place shows what becomes of the things in an account and region. What is left alone is counted, unless there is
// something to say about it.
func (p *planPage) place(plan link.Plan, at placeOf) {
	p.title(strings.TrimSuffix(fmt.Sprintf("Account %s, %s", at.account, at.region), ", "))
	alone := 0
	for _, d := range plan.Documents {
		for _, c := range d.Changes {
			switch {
			case c.Account != at.account || c.Region != at.region:
				continue
			case c.Action == link.ActionKeep && len(c.Details) == 0 && c.Problem == nil:
				alone++
				continue
			}
			p.symbol(c.Action, strings.TrimSpace(c.Kind+" "+c.ID)+"  for "+refOfPlan(d))
			for _, detail := range c.Details {
				p.line(6, Printable(detail))
			}
			if c.Problem != nil {
				p.line(6, p.style.paint(red, "! "+Printable(c.Problem.Message)))
			}
		}
	}
	if alone > 0 {
		p.symbol(link.ActionKeep, fmt.Sprintf("%d left alone", alone))
	}
	p.line(0, "")
}

// specs shows the flows that begin, and those that are given another spec.
func (p *planPage) specs(plan link.Plan) {
	titled := false
	show := func(mark cell, text string) {
		if !titled {
			titled = true
			p.title("Specs")
		}
		p.line(2, p.style.paint(mark.color, mark.text)+" "+Printable(text))
	}
	for _, d := range plan.Documents {
		switch {
		case d.Refused != "":
			show(cell{"!", red}, refOfPlan(d)+" refuses its spec: "+d.Refused)
		case !d.Running:
			show(symbols[link.ActionCreate], refOfPlan(d)+" begins")
		case len(d.SpecChanges) > 0:
			show(symbols[link.ActionChange], refOfPlan(d)+" changes "+strings.Join(d.SpecChanges, ", "))
		}
	}
	if titled {
		p.line(0, "")
	}
}

func (p *planPage) needs(plan link.Plan) {
	titled := false
	for _, d := range plan.Documents {
		for _, n := range d.Needs {
			if !titled {
				titled = true
				p.title("What needs a person")
			}
			p.line(2, p.style.paint(yellow, "*")+" "+Printable(refOfPlan(d)+": "+n.What))
			if n.How != "" {
				p.line(6, Printable(n.How))
			}
		}
	}
	if titled {
		p.line(0, "")
	}
}

func refOfPlan(d link.DocumentPlan) string {
	return flows.Ref{Kind: d.Kind, Service: d.Service, Name: d.Name}.String()
}
