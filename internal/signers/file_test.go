package signers_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/internal/signers"
)

const (
	// Public keys that nobody has the other half of any more.
	ed25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPKKsuIdU4oEmtDdDTHQlUdf4omkFGa62s5a/CGlmfGp"
)

func TestFilesThatAreRead(t *testing.T) {
	for name, text := range map[string]string{
		"when it has comments and empty lines":  "# people\n\n  \nalice@example.com " + ed25519 + " alice's laptop\n",
		"when a line has several principals":    "alice@example.com,bob@example.com " + ed25519,
		"when a line has patterns":              "*@example.com,!mallory@example.com,user?@example.org " + ed25519,
		"when principals stand in quotes":       `"Ada Lovelace" ` + ed25519,
		"when lines end as on Windows":          "alice " + ed25519 + "\r\nbob " + ed25519 + "\r\n",
		"when fields are separated by tabs":     "alice\tnamespaces=\"linkwright\"\t" + ed25519,
		"when it has every option":              `alice namespaces="linkwright,git",valid-after=20260101,valid-before="20270131235959Z" ` + ed25519,
		"when an option is in upper case":       `alice NAMESPACES=linkwright ` + ed25519,
		"when a time has no seconds":            `alice valid-after="202601010930Z" ` + ed25519,
		"when one key is on more than one line": "alice valid-before=20260101 " + ed25519 + "\nalice valid-after=20270101 " + ed25519,
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := signers.Parse([]byte(text)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestFilesThatAreRefused(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"when it is empty", "", "nobody is listed"},
		{"when it has comments only", "# nobody yet\n", "nobody is listed"},
		{"when a line has no key", "alice\n", "line 1: no public key"},
		{"when a key is cut off", "bob " + ed25519 + "\nalice " + ed25519[:40], "line 2: no public key"},
		{"when a key is of another type than it says", "alice ssh-rsa " + strings.Fields(ed25519)[1], "line 1: no public key"},
		{"when an option is unknown", "alice expires=20260101 " + ed25519, `unknown option "expires"`},
		{"when an option is given twice", "alice valid-after=20260101,valid-after=20270101 " + ed25519, "given twice"},
		{"when a time is none", "alice valid-before=tomorrow " + ed25519, `valid-before: "tomorrow" is no time`},
		{"when a time is not in the calendar", "alice valid-before=20261301 " + ed25519, "is no time"},
		{"when it is valid in no time", "alice valid-after=20270101Z,valid-before=20260101Z " + ed25519, "valid-before is not after valid-after"},
		{"when it trusts an authority", "*@example.com cert-authority " + ed25519, "cert-authority is not supported: list each person's own"},
		{"when a principal is empty", "alice,,bob " + ed25519, "principals: an entry of the list is empty"},
		{"when a namespace is empty", `alice namespaces="" ` + ed25519, "namespaces: an entry"},
		{"when quotes do not end", `"Ada Lovelace ` + ed25519, "do not end"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := signers.Parse([]byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	t.Run("when several lines are wrong, it says all", func(t *testing.T) {
		_, err := signers.Parse([]byte("alice\nbob x=y " + ed25519 + "\ncarol " + ed25519))
		if err == nil || !strings.Contains(err.Error(), "line 1:") || !strings.Contains(err.Error(), "line 2:") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("when it is not there, it names it", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "signers")
		if _, err := signers.Load(path); !os.IsNotExist(unwrapped(err)) || !strings.Contains(err.Error(), path) {
			t.Errorf("got %v", err)
		}
	})
}

func unwrapped(err error) error {
	for {
		inner, ok := err.(interface{ Unwrap() error })
		if !ok {
			return err
		}
		err = inner.Unwrap()
	}
}

func TestSame(t *testing.T) {
	const other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMfGVWzpiYQZY9EF4WgYnGcJe3g3s5mX8GQb7CzYQZ0Y"
	f, err := signers.Parse([]byte("alice,carol " + ed25519 + "\nbob valid-before=20200101 " + other))
	if err != nil {
		t.Fatal(err)
	}
	key := func(line string) string { return fingerprint(t, line) }
	for _, c := range []struct {
		name string
		a, b link.Signer
		same bool
	}{
		{"when the names are equal, they are one person", link.Signer{Name: "dave"}, link.Signer{Name: "dave"}, true},
		{"when the names differ in case only, they are one person", link.Signer{Name: "Dave"}, link.Signer{Name: "dave"}, true},
		{"when the keys are equal, they are one person", link.Signer{Name: "alice", Key: key(ed25519)}, link.Signer{Name: "carol", Key: key(ed25519)}, true},
		{"when the key may sign for the other's name, they are one person", link.Signer{Name: "alice", Key: key(ed25519)}, link.Signer{Name: "carol"}, true},
		{"when the other's key may sign for the name, they are one person", link.Signer{Name: "carol"}, link.Signer{Name: "alice", Key: key(ed25519)}, true},
		{"when the key could once sign for the name, they are one person", link.Signer{Name: "x", Key: key(other)}, link.Signer{Name: "bob"}, true},
		{"when nothing connects them, they are two", link.Signer{Name: "alice", Key: key(ed25519)}, link.Signer{Name: "bob", Key: key(other)}, false},
		{"when neither has a key, the names tell them apart", link.Signer{Name: "alice"}, link.Signer{Name: "bob"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := f.Same(c.a, c.b); got != c.same {
				t.Errorf("Same is %v", got)
			}
		})
	}
}
