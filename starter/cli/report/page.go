package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"time"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
	"github.com/linkwright/linkwright/starter/cli/render"
)

// Page is what a page shows.
type Page struct {
	// Items are the flows that run.
	Items []flows.Item
	// Reconciliations are the last ones, the newest first.
	Reconciliations []flows.Reconciliation
	// Scope is the part of the fleet that the page is about.
	Scope link.Scope
	// Made is the moment of the page; its time zone is the one that times are told in.
	Made time.Time
}

//go:embed page.html
var pageText string

//go:embed style.css
var styleText string

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	// say makes text of others safe to read, as html/template makes it safe to parse.
	"say":   func(text any) string { return render.Printable(fmt.Sprint(text)) },
	"style": func() template.CSS { return template.CSS(styleText) },
	"name":  flows.NameOf,
}).Parse(pageText))

// view is a page as its template wants it.
type view struct {
	Page
	Kinds   []kindCount
	Blocked []count
	Waiting []flows.Item
	// MoreWaiting are those that are not listed.
	MoreWaiting int
	Latest      *flows.Reconciliation
	Picture     picture
}

// maxWaiting is how many flows that wait for people are listed.
const maxWaiting = 20

func (p Page) render(out io.Writer) error {
	p.Items = within(p.Items, p.Scope)
	v := view{Page: p, Kinds: countKinds(p.Items), Blocked: countBlocked(p.Items), Picture: draw(p.Items)}
	for _, item := range p.Items {
		if stateOf(item) == waiting {
			v.Waiting = append(v.Waiting, item)
		}
	}
	if more := len(v.Waiting) - maxWaiting; more > 0 {
		v.Waiting, v.MoreWaiting = v.Waiting[:maxWaiting], more
	}
	if i := slices.IndexFunc(p.Reconciliations, func(r flows.Reconciliation) bool { return r.Report != nil }); i >= 0 {
		v.Latest = &p.Reconciliations[i]
	}
	return pageTemplate.Execute(out, v)
}

// At is a moment in the time zone of the page.
func (v view) At(t time.Time) string { return t.In(v.Made.Location()).Format("2006-01-02 15:04 MST") }

// Ran is how long a reconciliation has taken, or has run so far.
func (v view) Ran(r flows.Reconciliation) string {
	if r.Report != nil {
		return r.Report.Duration.String()
	}
	return "running for " + render.Duration(v.Made.Sub(r.Started))
}

// within are the flows of a scope: those in its accounts and regions, and those that are connected to them.
func within(items []flows.Item, scope link.Scope) []flows.Item {
	is := func(wanted, value string) bool { return wanted == "" || wanted == value }
	matches := func(i flows.Item) bool {
		return is(scope.Account, i.Account) && is(scope.Region, i.Region) && is(scope.Service, i.Service)
	}
	services, reached := map[string]bool{}, map[string]bool{}
	for _, item := range items {
		switch {
		case !matches(item):
		case item.Kind == link.KindEndpointService:
			services[item.Name] = true
		case item.Kind == link.KindConnection:
			reached[item.Service] = true
		}
	}
	var kept []flows.Item
	for _, item := range items {
		near := item.Kind == link.KindEndpointService && reached[item.Name] || item.Kind == link.KindConnection && services[item.Service]
		if matches(item) || near {
			kept = append(kept, item)
		}
	}
	return kept
}
