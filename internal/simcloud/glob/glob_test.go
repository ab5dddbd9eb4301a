package glob_test

import (
	"testing"

	"github.com/linkwright/linkwright/internal/simcloud/glob"
)

func TestQuotedTextMatchesItselfAlone(t *testing.T) {
	for _, text := range []string{"", "plain", "a*b", "a?b", `a\b`, `\*`} {
		if !glob.Match(glob.Quote(text), text) {
			t.Errorf("%q does not match itself", text)
		}
	}
	if glob.Match(glob.Quote("a*b"), "axb") || glob.Match(glob.Quote("a?b"), "axb") {
		t.Error("a quoted wildcard stands for other characters")
	}
}
