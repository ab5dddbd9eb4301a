package cli

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/linkwright/linkwright/internal/dial"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
	"github.com/linkwright/linkwright/starter/cli/internal/frontend"
)

// follow follows the reconciliation x of a frontend for one look.
func follow(t *testing.T, f *frontend.Frontend, out io.Writer) {
	t.Helper()
	c, err := flows.Dial(t.Context(), dial.Options{Address: f.Address, ConfigFile: emptyConfig(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	a := &app{Streams: Streams{Err: writerFunc(func(p []byte) (int, error) {
		stop() // it has been said
		return out.Write(p)
	})}}
	if err := a.followReconcile(ctx, c, &flows.Reconciliation{WorkflowID: "reconcile/x"}, 0); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

type writerFunc func([]byte) (int, error)

func (w writerFunc) Write(p []byte) (int, error) { return w(p) }

func emptyConfig(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "none.toml")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// reconciledFleet has reconciliations of all ends.
func reconciledFleet(t *testing.T) *frontend.Frontend {
	t.Helper()
	f := frontend.Start(t)
	f.PageSize = 2
	full, none := fullReport(), clean()
	f.PutRun(frontend.Run{ID: "reconcile/fleet-2", Schedule: "linkwright/reconcile/fleet", Started: midday.Add(time.Hour)})
	f.PutRun(frontend.Run{ID: "reconcile/by-hand-1", Scope: link.Scope{Account: "shop"}, Started: midday.Add(-time.Hour), Failure: "no worker has that account"})
	f.PutRun(frontend.Run{ID: "reconcile/fleet-1", Schedule: "linkwright/reconcile/fleet", Started: midday, Report: &full})
	f.PutRun(frontend.Run{ID: "reconcile/by-hand-0", Scope: link.Scope{Account: "crm"}, Started: midday.Add(-2 * time.Hour), Report: &none})
	return f
}

func TestDrift(t *testing.T) {
	f := reconciledFleet(t)
	r := run(t, f, "", "drift")
	r.expect(t, ExitOK, "running for", "failed: no worker has that account", "account crm", "allowed principals +arn:aws:iam::222222222222:root", "linkwright describe endpointservice/payments")
	var order []string
	for _, line := range strings.Split(r.out, "\n")[1:5] {
		order = append(order, strings.Fields(line)[0])
	}
	if got := strings.Join(order, " "); got != "fleet-2 fleet-1 by-hand-1 by-hand-0" {
		t.Errorf("they are listed as %s, want the newest first", got)
	}
	if r := run(t, f, "", "drift", "--last", "1"); strings.Contains(r.out, "fleet-1") || !strings.Contains(r.out, "fleet-2") {
		t.Errorf("of one, it shows\n%s", r.out)
	}
	for _, name := range []string{"fleet-1", "reconcile/fleet-1"} {
		run(t, f, "", "drift", name).expect(t, ExitOK, "connection/payments/crm", "vpce-0f")
	}
	run(t, f, "", "drift", "by-hand-0").expect(t, ExitOK, "nothing has drifted")
	run(t, f, "", "drift", "fleet-9").expect(t, ExitError, "reconciliation fleet-9 not found", "linkwright drift")
	run(t, f, "", "drift", "--last", "0").expect(t, ExitUsage, "one at least")
	run(t, frontend.Start(t), "", "drift").expect(t, ExitOK, "There is no reconciliation.", "linkwright reconcile")
	run(t, f, "", "__complete", "drift", "").expect(t, ExitOK, "fleet-1\n", "by-hand-0\n")
}

func TestDriftForProgramsIsTheReports(t *testing.T) {
	f := reconciledFleet(t)
	var one link.ReconcileReport
	if err := json.Unmarshal([]byte(run(t, f, "", "drift", "fleet-1", "-o", "json").out), &one); err != nil || len(one.Found) != 3 {
		t.Errorf("the report is %+v (%v)", one, err)
	}
	var all []flows.Reconciliation
	if err := json.Unmarshal([]byte(run(t, f, "", "drift", "-o", "json", "--account", "shop").out), &all); err != nil {
		t.Fatal(err)
	}
	if len(all) != 3 || !all[0].Running() || all[0].Schedule != "fleet" || all[1].Report == nil || len(all[1].Report.Found) != 3 || all[2].Problem == "" {
		t.Errorf("got %+v", all)
	}
	if r := run(t, frontend.Start(t), "", "drift", "-o", "json"); r.out != "[]\n" {
		t.Errorf("none is %q for programs", r.out)
	}
}

func TestDriftIsNarrowedToWhatIsAskedFor(t *testing.T) {
	f := reconciledFleet(t)
	r := run(t, f, "", "drift", "--account", "shop")
	r.expect(t, ExitOK, "pay.example.com A", "vpce-0f")
	for _, other := range []string{"by-hand-0", "vpce-svc-0a", "10.0.0.9", "and 2 more"} {
		if strings.Contains(r.out, other) {
			t.Errorf("it shows %s as well:\n%s", other, r.out)
		}
	}
	if r := run(t, f, "", "drift", "--service", "ledger"); strings.Contains(r.out, "pay.example.com") {
		t.Errorf("it shows what has drifted of another service:\n%s", r.out)
	}
}

func TestDriftAsAPage(t *testing.T) {
	f := reconciledFleet(t)
	f.Put(service("payments"), running)
	f.Put(connected("shop", link.Ready), running)
	path := filepath.Join(t.TempDir(), "fleet.html")
	run(t, f, "", "drift", "--html", path).expect(t, ExitOK, "fleet-1")
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, said := range []string{"fleet-1", "vpce-svc-0a", "<svg", "shop to payments: 1 Ready"} {
		if !strings.Contains(string(page), said) {
			t.Errorf("the page does not say %q", said)
		}
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); err != nil || len(left) > 0 {
		t.Errorf("beside it lies %v (%v)", left, err)
	}
}

func TestWhenAPageCannotBeWrittenNothingIsAsked(t *testing.T) {
	f := reconciledFleet(t)
	f.Fail = func(method string) error {
		t.Errorf("%s was asked", method)
		return nil
	}
	for _, path := range []string{filepath.Join(t.TempDir(), "none", "fleet.html"), t.TempDir()} {
		run(t, f, "", "drift", "--html", path).expect(t, ExitError, "no page can be written to "+path, "a directory that is there")
	}
}

func TestWhenThePageIsNotMadeNothingIsLeftBehind(t *testing.T) {
	f := reconciledFleet(t)
	dir := t.TempDir()
	run(t, f, "", "drift", "fleet-9", "--html", filepath.Join(dir, "fleet.html")).expect(t, ExitError, "not found")
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("there is %v (%v)", left, err)
	}
}
