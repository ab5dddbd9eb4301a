package report

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestAPageReplacesTheOneBeforeOnceItIsWhole(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "fleet.html")
	if err := os.WriteFile(path, []byte("the one before"), 0o600); err != nil {
		t.Fatal(err)
	}
	given, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	given.Discard()
	if text, err := os.ReadFile(path); err != nil || string(text) != "the one before" {
		t.Errorf("one that was given up has left %q (%v)", text, err)
	}
	file, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := file.Write(small()); err != nil {
		t.Fatal(err)
	}
	file.Discard()
	if text, err := os.ReadFile(path); err != nil || string(text) != html(t, small()) {
		t.Errorf("it is not the page: %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("beside it lies %v (%v)", left, err)
	}
}

func TestWhereNoPageCanBeWrittenItIsRefusedAtOnce(t *testing.T) {
	for _, path := range []string{filepath.Join(t.TempDir(), "none", "fleet.html"), t.TempDir(), os.DevNull} {
		file, err := Create(path)
		var unwritable *UnwritableError
		if !errors.As(err, &unwritable) || file != nil {
			t.Errorf("%s: got %v", path, err)
		}
	}
}
