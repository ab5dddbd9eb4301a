package serve_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/linkwright/linkwright/internal/accounts"
	"github.com/linkwright/linkwright/worker/serve"
)

const twoAccounts = `
accounts:
  provider: {taskQueue: provider, aws: {accountID: "111111111111"}}
  consumer: {aws: {accountID: "222222222222"}}
`

// A worker that would not know whose signatures to accept does not begin to serve at all. (There is no client
// here, so one that did begin would not get far.)
func TestWhenTheAllowedSignersCannotBeUsedNothingIsServed(t *testing.T) {
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	book, err := accounts.Load(file("accounts.yaml", twoAccounts))
	if err != nil {
		t.Fatal(err)
	}
	good := file("good", "alice ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPKKsuIdU4oEmtDdDTHQlUdf4omkFGa62s5a/CGlmfGp\n")
	for _, c := range []struct {
		name, signers string
		only          []string
		want          string
	}{
		{"when a line is wrong, it says which", file("bad", "# people\nalice ssh-ed25519\n"), nil, "line 2: no public key"},
		{"when there is no file, it names it", filepath.Join(dir, "none"), nil, filepath.Join(dir, "none")},
		{"when nobody is listed, it says so", file("empty", "# nobody yet\n"), nil, "nobody is listed"},
		{"when the worker runs no flows, it has no use for them", good, []string{"provider"}, "leave them out"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := serve.Start(serve.Config{Accounts: book, Only: c.only, AllowedSigners: c.signers})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
