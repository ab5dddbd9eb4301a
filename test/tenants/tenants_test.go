// Package tenants has two companies share a link in Azure and no credential: each runs a worker for its own subscription,
// and a third one runs the flows. It runs the built binaries, each in a process of its own.
package tenants

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
	"github.com/linkwright/linkwright/test/lab"
)

// bin names the environment variable for the folder of the binaries.
const bin = "LINKWRIGHT_BIN"

// The flows of the scenario, whose accounts are called by the companies.
var (
	service    = flows.ServiceRef("orders")
	connection = flows.ConnectionRef("orders", "shop")
	companies  = []string{"orders", "shop"}
)

func TestEachCompanyHoldsItsOwnCredentialAlone(t *testing.T) {
	if _, err := os.Stat(filepath.Join(os.Getenv(bin), "linkwright-worker")); os.Getenv(bin) == "" || err != nil {
		t.Fatalf("there is no linkwright-worker in the folder %s=%q: run `make test`, which builds it and says where it is", bin, os.Getenv(bin))
	}
	ctx, cancel := context.WithTimeoutCause(t.Context(), 4*time.Minute, fmt.Errorf("a life takes longer than four minutes"))
	defer cancel()
	dir := t.TempDir()
	l, err := lab.Start(ctx, lab.Options{Bin: os.Getenv(bin), Dir: dir, Scale: 200, InMemory: true, Scenario: "azure", NoWorker: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, part := range append([]string{"flows"}, companies...) {
			if t.Failed() {
				t.Logf("the end of the log of %s:\n%s", part, l.LogTail(part))
			}
		}
		if err := l.Stop(); err != nil {
			t.Error(err)
		}
	})
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	before, err := l.Cloud.Azure.Inventory(ctx, companies...)
	must(err)
	must(l.AddWorker("flows", accountsOf(t, l, dir, "")))
	for _, company := range companies {
		must(l.AddWorker(company, accountsOf(t, l, dir, company), "--accounts", company))
	}

	must(l.WhenHeard(ctx, "the specs to be applied", func() (bool, error) { return true, l.Apply(ctx) }))
	must(l.Approve(ctx, connection))
	must(l.Reach(ctx, connection, link.Ready))
	must(l.Withdraw(ctx, service))
	must(l.Reach(ctx, connection, link.Disconnected))
	must(l.Reach(ctx, service, link.Withdrawn))

	after, err := l.Cloud.Azure.Inventory(ctx, companies...)
	must(err)
	if added, missing := before.Added(after), before.Missing(after); len(added)+len(missing) > 0 {
		t.Errorf("left behind: %v; missing now: %v", added, missing)
	}
	signedIn := map[string]int{}
	calls, err := l.Cloud.Azure.Calls(ctx)
	must(err)
	for _, c := range calls {
		if c.Service == "login" {
			signedIn[c.Principal]++
		}
	}
	for _, company := range companies {
		if n := signedIn[l.Cloud.Azure.Worker(company)]; n != 1 {
			t.Errorf("the application of %s has signed in %d times, want its own worker's once", company, n)
		}
	}
}

// accountsOf writes the accounts file of a company's worker: all of them have the same accounts and task queues, and each
// finds its own secret alone.
func accountsOf(t *testing.T, l *lab.Lab, dir, company string) string {
	t.Helper()
	data, err := os.ReadFile(l.Cloud.Files.Accounts)
	if err != nil {
		t.Fatal(err)
	}
	var file map[string]any
	if err := yaml.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	for name, entry := range file["accounts"].(map[string]any) {
		account := entry.(map[string]any)
		azure, ok := account["azure"].(map[string]any)
		if !ok {
			continue
		}
		account["taskQueue"] = "linkwright-" + name
		if name != company {
			secret := azure["credential"].(map[string]any)["clientSecret"].(map[string]any)
			secret["secret"] = map[string]any{"env": "SECRET_OF_SOMEBODY_ELSE"}
		}
	}
	if data, err = yaml.Marshal(file); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "accounts-"+company+".yaml")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
