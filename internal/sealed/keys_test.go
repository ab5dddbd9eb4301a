package sealed

import (
	"encoding/base64"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/linkwright/linkwright/internal/secretfile"
)

// secret is a key of n bytes, as it stands in a key file.
func secret(n int, fill byte) string {
	return base64.StdEncoding.EncodeToString([]byte(strings.Repeat(string(rune(fill)), n)))
}

func keyFileWith(t *testing.T, mode fs.FileMode, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keys.yaml")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil { // whatever the umask is
		t.Fatal(err)
	}
	return path
}

func TestKeyFiles(t *testing.T) {
	good := "encryptWith: a\nkeys:\n- {name: a, key: " + secret(32, 'a') + "}\n"
	for _, c := range []struct {
		name, content string
		mode          fs.FileMode
		says          string // empty when the file is right
	}{
		{"when it has one key, it is right", good, 0o600, ""},
		{"when it may only be read, it is right", good, 0o400, ""},
		{"when it is empty, it is refused", "", 0o600, "no keys: make one with `linkwright add-key"},
		{"when it lists no keys, it is refused", "encryptWith: a\nkeys: []\n", 0o600, "no keys"},
		{"when a key is short, it is refused", "encryptWith: a\nkeys:\n- {name: a, key: " + secret(16, 'a') + "}\n", 0o600, `keys[0] "a": the key has 16 bytes; it must have exactly 32`},
		{"when a key is long, it is refused", "encryptWith: a\nkeys:\n- {name: a, key: " + secret(33, 'a') + "}\n", 0o600, "33 bytes"},
		{"when a key is not base64, it is refused", "encryptWith: a\nkeys:\n- {name: a, key: '!'}\n", 0o600, "not base64"},
		{"when a key has no name, it is refused", "encryptWith: a\nkeys:\n- {key: " + secret(32, 'a') + "}\n", 0o600, "the name must be"},
		{"when two keys have one name, it is refused", good + "- {name: a, key: " + secret(32, 'b') + "}\n", 0o600, "another key has that name"},
		{"when it has an unknown field, it is refused", good + "rotate: daily\n", 0o600, "field rotate not found"},
		{"when no key is to encrypt, it is refused", "keys:\n- {name: a, key: " + secret(32, 'a') + "}\n", 0o600, "encryptWith is missing"},
		{"when the key that is to encrypt is not there, it is refused", strings.Replace(good, "With: a", "With: b", 1), 0o600, `encryptWith is "b", but no key has that name`},
		{"when it is two documents, it is refused", good + "---\n" + good, 0o600, "more than one YAML document"},
		{"when it is no YAML, it is refused", "{", 0o600, "yaml"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := keyFileWith(t, c.mode, c.content)
			keys, err := Load(path)
			var wrong *KeyFileError
			switch {
			case c.says == "" && (err != nil || keys == nil):
				t.Errorf("refused: %v", err)
			case c.says != "" && (!errors.As(err, &wrong) || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), path)):
				t.Errorf("says %v, want %q and the path", err, c.says)
			case err != nil && keys != nil:
				t.Error("returns keys of a file that is wrong")
			case err != nil && strings.Contains(err.Error(), secret(32, 'a')):
				t.Error("the error shows a key")
			}
		})
	}
}

func TestExposedKeyFiles(t *testing.T) {
	for _, mode := range []fs.FileMode{0o640, 0o644, 0o620, 0o602} {
		path := keyFileWith(t, mode, "encryptWith: a\nkeys:\n- {name: a, key: "+secret(32, 'a')+"}\n")
		var exposed *secretfile.ExposedError
		if keys, err := Load(path); keys != nil || !errors.As(err, &exposed) || !strings.Contains(err.Error(), "chmod 600 "+path) {
			t.Errorf("with mode %o: %v", mode, err)
		}
		if err := AddKey(path, "b"); !errors.As(err, &exposed) {
			t.Errorf("with mode %o a key was added: %v", mode, err)
		}
	}
}

func TestWhichKeyFile(t *testing.T) {
	t.Setenv(Variable, "")
	if keys, err := Load(""); keys != nil || err != nil {
		t.Errorf("without a file: %v, %v", keys, err)
	}
	if _, err := Load(filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("with a file that does not exist: %v", err)
	}
	t.Setenv(Variable, keyFileWith(t, 0o600, "encryptWith: a\nkeys:\n- {name: a, key: "+secret(32, 'a')+"}\n"))
	if keys, err := Load(""); keys == nil || err != nil {
		t.Errorf("with the variable: %v, %v", keys, err)
	}
}

func TestAddKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.yaml")
	if err := AddKey(path, "2026-11-24"); err != nil {
		t.Fatal(err)
	}
	first, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	commented := "# ours\n" + read(t, path)
	if err := os.WriteFile(path, []byte(commented), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := AddKey(path, "next"); err != nil {
		t.Fatal(err)
	}
	both, err := Load(path)
	switch {
	case err != nil:
		t.Fatal(err)
	case len(both.all) != 2:
		t.Errorf("%d keys, want 2", len(both.all))
	case both.encrypter.id != first.encrypter.id:
		t.Error("the new key encrypts already, which others cannot decrypt yet")
	case !strings.HasPrefix(read(t, path), "# ours\n"):
		t.Error("the comment is gone")
	}
	before := read(t, path)
	for _, name := range []string{"next", "with space", ""} {
		var wrong *KeyFileError
		if err := AddKey(path, name); err == nil || (name == "next" && !errors.As(err, &wrong)) {
			t.Errorf("a key %q was added: %v", name, err)
		}
	}
	if read(t, path) != before {
		t.Error("a refused key has changed the file")
	}
	if others, err := filepath.Glob(path + ".*"); err != nil || len(others) > 0 {
		t.Errorf("files are left: %v %v", others, err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
