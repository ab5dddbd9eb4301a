package report

import (
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var made = time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC)

// small is a fleet with something of everything.
func small() Page {
	connection := func(service, name, account string, phase link.Phase) flows.Item {
		return flows.Item{Kind: link.KindConnection, Service: service, Name: name, Account: account, Region: "eu-west-1", Phase: phase}
	}
	asks := connection("payments", "shop-2", "shop", link.AwaitingApproval)
	full := connection("ledger", "crm", "crm", link.Requesting)
	full.Blocked = link.ReasonQuotaFull
	bent := connection("ledger", "shop", "shop", link.Ready)
	bent.Drift = link.DriftReport
	report := link.ReconcileReport{
		Mode: link.ByPolicy, Duration: link.Duration(42 * time.Second), Places: 3, Links: 12, Calls: 61, Drifted: 2, Waiting: 1, Repaired: 1,
		Kinds: map[link.DriftKind]int{link.DriftPrincipals: 1, link.DriftRecords: 1},
		Found: []link.FoundDrift{
			{Flow: "endpoint-service/payments", Action: link.DriftAsk, Drift: link.Drift{Kind: link.DriftPrincipals, Resource: link.KindService, ID: "vpce-svc-0a", Account: "platform", Region: "eu-west-1", Detail: "principals +*", Widens: true}},
			{Flow: "connection/payments/shop", Drift: link.Drift{Kind: link.DriftRecords, Resource: link.KindZoneRecord, ID: "a.example.com", Account: "shop", Detail: "it is missing"}},
		},
		Orphans: []link.Resource{{Kind: link.KindEndpoint, ID: "vpce-0f", Account: "shop", Region: "eu-west-1", Detail: "tagged connection/payments/old"}},
		Unseen:  []link.UnseenPart{{Where: "dns/eu-west-1", Problem: link.Problem{Message: "not allowed to look", Remedy: "allow it"}}},
	}
	return Page{Made: made,
		Items: []flows.Item{
			{Kind: link.KindEndpointService, Service: "payments", Name: "payments", Account: "platform", Region: "eu-west-1", Phase: link.Serving, Drift: link.DriftAsk},
			{Kind: link.KindEndpointService, Service: "idle", Name: "idle", Account: "platform", Region: "eu-west-1", Phase: link.Publishing},
			{Kind: link.KindVPCInventory, Name: "hub", Account: "network", Phase: link.Offering},
			connection("payments", "shop", "shop", link.Ready), asks, full, bent, connection("payments", "unknown", "", link.Ready),
		},
		Reconciliations: []flows.Reconciliation{
			{WorkflowID: "reconcile/fleet-3", Started: made.Add(-12 * time.Second)},
			{WorkflowID: "reconcile/fleet-2", Started: made.Add(-time.Hour), How: "completed", Report: &report},
			{WorkflowID: "reconcile/by-hand", Started: made.Add(-2 * time.Hour), How: "failed", Problem: "no worker has that account"},
		},
	}
}

func html(t *testing.T, p Page) string {
	t.Helper()
	var b strings.Builder
	if err := p.render(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestPage(t *testing.T) {
	got := html(t, small())
	path := filepath.Join("testdata", "page.html")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("differs from %s (run go test with -update to accept); now it is\n%s", path, got)
	}
	empty := html(t, Page{Made: made})
	for _, said := range []string{"No flow runs.", "No service is published.", "There has been none."} {
		if !strings.Contains(empty, said) {
			t.Errorf("an empty page does not say %q", said)
		}
	}
}

// Whatever a page refers to would be missing, or be asked for by the reader's browser.
func TestAPageNeedsNothingElse(t *testing.T) {
	for _, outside := range []string{"src=", "href=", "url(", "@import", "<script", "<link", "http:", "https:"} {
		if strings.Contains(html(t, small()), outside) {
			t.Errorf("the page has %s", outside)
		}
	}
}

func TestHostileTextIsShownOnAPageAndDoesNothing(t *testing.T) {
	const evil = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>\u202e\x1b[2J&"
	p := small()
	p.Scope = link.Scope{Service: evil}
	p.Items = nil
	for _, kind := range []link.Kind{link.KindEndpointService, link.KindConnection} {
		p.Items = append(p.Items,
			flows.Item{Kind: kind, Service: evil, Name: evil, Account: evil, Region: evil, Phase: link.Phase(evil), Blocked: link.Reason(evil)},
			flows.Item{Kind: kind, Service: evil, Name: evil, Account: evil, Region: evil, Phase: link.AwaitingApproval, Drift: evil})
	}
	r := p.Reconciliations[1].Report
	r.Scope.Account = evil
	r.Kinds = map[link.DriftKind]int{link.DriftTags: 1}
	r.Found = []link.FoundDrift{{Flow: evil, Action: evil, Drift: link.Drift{Kind: evil, Resource: evil, ID: evil, Account: evil, Region: evil, Detail: evil}}}
	r.Orphans = []link.Resource{{Kind: evil, ID: evil, Account: evil, Region: evil, Detail: evil}}
	r.Unseen = []link.UnseenPart{{Where: evil, Problem: link.Problem{Message: evil, Remedy: evil}}}
	p.Reconciliations[0].WorkflowID, p.Reconciliations[1].WorkflowID, p.Reconciliations[2].Problem = evil, evil, evil
	p.Reconciliations[2].How = evil
	got := html(t, p)
	for _, bad := range []string{"<script>", "<img", "\u202e", "\x1b"} {
		if strings.Contains(got, bad) {
			t.Errorf("the page has %q", bad)
		}
	}
	elementsOf(t, got)
}

// elementsOf reads the picture of a page as XML, and returns how often it has each element.
func elementsOf(t *testing.T, page string) map[string]int {
	t.Helper()
	elements := map[string]int{}
	decoder := xml.NewDecoder(strings.NewReader(regexp.MustCompile(`(?s)<svg.*</svg>`).FindString(page)))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return elements
		}
		if err != nil {
			t.Fatalf("the picture is not well formed: %v", err)
		}
		if start, ok := token.(xml.StartElement); ok {
			elements[start.Name.Local]++
		}
	}
}

func TestAPageIsNarrowedToItsScope(t *testing.T) {
	for want, scope := range map[string]link.Scope{
		"payments idle hub shop shop-2 crm shop unknown": {},
		"payments shop shop-2 shop":                      {Account: "shop"},
		"idle payments shop shop-2 unknown":              {Account: "platform"},
	} {
		var got []string
		for _, item := range within(small().Items, scope) {
			got = append(got, item.Name)
		}
		if !sameWords(strings.Join(got, " "), want) {
			t.Errorf("of %s it has %v, want %s", scope, got, want)
		}
	}
}

func sameWords(a, b string) bool {
	count := map[string]int{}
	for _, w := range strings.Fields(a) {
		count[w]++
	}
	for _, w := range strings.Fields(b) {
		count[w]--
	}
	for _, n := range count {
		if n != 0 {
			return false
		}
	}
	return true
}

// crowd is a fleet of so many services, each with connections from so many accounts.
func crowd(services, accounts, each int) []flows.Item {
	var items []flows.Item
	for s := range services {
		service := fmt.Sprintf("service-%03d", s)
		items = append(items, flows.Item{Kind: link.KindEndpointService, Service: service, Name: service, Account: "platform", Phase: link.Serving})
		for a := range accounts {
			for n := range each {
				items = append(items, flows.Item{Kind: link.KindConnection, Service: service, Account: fmt.Sprintf("account-%03d", a), Name: fmt.Sprint(n), Phase: link.Ready})
			}
		}
	}
	return items
}

func TestPicture(t *testing.T) {
	p := draw(crowd(3, 4, 5))
	if len(p.Services) != 3 || len(p.Accounts) != 4 || len(p.Lines) != 12 || p.Drawn != 60 || p.LeftOut != 0 || p.Lines[0].N != 5 {
		t.Errorf("it has %d services, %d accounts, %d lines of %d connections", len(p.Services), len(p.Accounts), len(p.Lines), p.Lines[0].N)
	}
	for _, side := range [][]box{p.Services, p.Accounts} {
		for i, b := range side {
			if i > 0 && b.Y < side[i-1].Y+side[i-1].H {
				t.Errorf("%s lies on %s", b.Name, side[i-1].Name)
			}
			if b.Y < 0 || b.Y+b.H > p.Height || b.X+b.W > p.Width {
				t.Errorf("%s lies outside", b.Name)
			}
		}
	}
	labels := map[int]bool{}
	for _, l := range p.Lines {
		if labels[l.LabelY] {
			t.Errorf("two numbers stand at %d", l.LabelY)
		}
		labels[l.LabelY] = true
	}
	if a, b := html(t, Page{Made: made, Items: crowd(9, 9, 1)}), html(t, Page{Made: made, Items: crowd(9, 9, 1)}); a != b {
		t.Error("the same fleet makes two pictures")
	}
}

func TestAPictureOfManyIsCapped(t *testing.T) {
	items := crowd(100, 100, 1)
	blockedOne := flows.Item{Kind: link.KindConnection, Service: "service-099", Account: "account-099", Name: "x", Phase: link.Requesting, Blocked: link.ReasonQuotaFull}
	p := draw(append(items, blockedOne))
	if len(p.Services) > maxServices || len(p.Accounts) > maxAccounts || len(p.Lines) != maxLines {
		t.Errorf("it has %d services, %d accounts and %d lines", len(p.Services), len(p.Accounts), len(p.Lines))
	}
	if p.Drawn+p.LeftOut != 10001 || p.LeftOut == 0 {
		t.Errorf("%d are drawn, and %d left out", p.Drawn, p.LeftOut)
	}
	if p.Lines[0].State != blocked {
		t.Error("what needs somebody most was left out")
	}
	page := html(t, Page{Made: made, Items: append(items, blockedOne)})
	if !strings.Contains(page, fmt.Sprintf("and %d more connections", p.LeftOut)) {
		t.Error("it does not say that there are more")
	}
	if n := elementsOf(t, page)["path"]; n != maxLines {
		t.Errorf("%d lines are drawn", n)
	}
}
