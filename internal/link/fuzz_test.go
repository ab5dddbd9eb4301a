package link_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/linkwright/linkwright/internal/link"
)

// FuzzDecode feeds the decoder whatever there is. Errors are one line each and say where; what is accepted
// is written and read back the same.
func FuzzDecode(f *testing.F) {
	for _, pattern := range []string{"good/*.yaml", "bad/*.yaml"} {
		for _, file := range read(f, pattern) {
			f.Add(file.Data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		documents, err := link.Decode(link.File{Name: "fuzz.yaml", Data: data})
		if err != nil {
			checkErrors(t, err)
			return
		}
		text, err := link.Encode(documents...)
		if err != nil {
			t.Fatal(err)
		}
		again, err := link.Decode(link.File{Name: "fuzz.yaml", Data: text})
		if err != nil {
			t.Fatalf("not read back: %v\n%s", err, text)
		}
		for i := range documents {
			documents[i].Line = again[i].Line
		}
		if diff := cmp.Diff(documents, again); diff != "" {
			t.Fatalf("read back otherwise:\n%s\n%s", diff, text)
		}
	})
}

func checkErrors(t *testing.T, err error) {
	t.Helper()
	var wrong link.Errors
	if !errors.As(err, &wrong) || len(wrong) == 0 {
		t.Fatalf("not link.Errors: %v", err)
	}
	for _, e := range wrong {
		if e.File == "" || e.Line < 1 || e.Column < 1 || e.Message == "" {
			t.Errorf("without a place or a message: %#v", e)
		}
		if strings.ContainsAny(e.Error(), "\n\r") {
			t.Errorf("more than one line: %q", e.Error())
		}
	}
}
