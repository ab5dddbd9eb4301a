package link

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

func TestEveryReasonIsExplainedToPeople(t *testing.T) {
	code, err := os.ReadFile("problem.go")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../../docs/reference/errors.md")
	if err != nil {
		t.Fatal(err)
	}
	reasons := regexp.MustCompile(`(?m)^\tReason\w+ +Reason = "(\w+)"$`).FindAllSubmatch(code, -1)
	if len(reasons) == 0 {
		t.Fatal("problem.go has no reasons")
	}
	for _, r := range reasons {
		if row := "\n| `" + string(r[1]) + "` | "; strings.Count(string(page), row) != 1 {
			t.Errorf("errors.md does not have one row for %s", r[1])
		}
	}
}
