package workflows

import (
	"strings"
	"testing"
	"time"

	"github.com/linkwright/linkwright/internal/link"
)

// The Temporal UI takes a list for more of the paragraph above it unless a blank line stands between them.
func TestDetailsSeparatesLists(t *testing.T) {
	at := time.Date(2026, 11, 21, 22, 0, 0, 0, time.UTC)
	text := details(&link.Status{
		Phase: link.AwaitingApproval, Since: at,
		Blocked:    &link.Problem{Reason: link.ReasonQuotaFull, Message: "no more endpoints", Remedy: "raise the quota"},
		Waiting:    &link.Waiting{For: "approval", Details: []string{"Account 1 asks."}, Approve: &link.Decision{Endpoint: "vpce-1", Owner: "1"}},
		Room:       []link.VPCRoom{{VPC: "vpc-a", Endpoints: 3, Promised: 2, Quota: 50, Problems: []string{"overlaps vpc-b"}}},
		Conditions: []link.Condition{{Type: link.Approved, Reason: "AwaitingApproval"}},
		Resources:  []link.Resource{{Kind: link.KindEndpoint, ID: "vpce-1", Account: "consumer"}},
		Decisions:  []link.Decision{{Verb: link.Approve, By: "Ada", At: at, Via: link.ViaUpdate}},
	}, "connection/payments/shop")

	lines := strings.Split(text, "\n")
	lists := 0
	for i, line := range lines {
		if !isItem(line) || isItem(lines[i-1]) {
			continue
		}
		if lists++; lines[i-1] != "" {
			t.Errorf("no blank line before the list that begins with %q", line)
		}
	}
	if lists != 7 {
		t.Errorf("%d lists, want 7:\n%s", lists, text)
	}
	if want := "- `vpc-a`: 3 of 50 endpoints used, 2 promised to connections: overlaps vpc\\-b\n"; !strings.Contains(text, want) {
		t.Errorf("does not say %q:\n%s", want, text)
	}
}

func TestDetailsSayHowToProveWhoDecides(t *testing.T) {
	status := func(proof link.ApprovalProof) *link.Status {
		return &link.Status{
			Phase:    link.AwaitingApproval,
			Waiting:  &link.Waiting{For: "approval", Approve: &link.Decision{Endpoint: "vpce-1", Owner: "1", Nonce: "run-1"}},
			Question: &link.Question{Nonce: "run-1", Terms: link.Terms{Approvers: 2, Proof: proof}},
		}
	}
	for _, c := range []struct {
		name  string
		proof link.ApprovalProof
		want  string
	}{
		{"when a claim will do, it is an update", link.ProofNone, "*Send an Update*"},
		{"when the principal is asked for, it is a signal", link.ProofPrincipal, "*Send a Signal*"},
		{"when a signature is asked for, there is a command that makes it", link.ProofSignature, `
ssh-keygen -Y sign -n linkwright -f KEY <<'END' | tr -d '\n'
linkwright decision v1
workflow: connection/payments/shop
endpoint: vpce-1
owner: 1
decision: approve
nonce: run-1
END
`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if text := details(status(c.proof), "connection/payments/shop"); !strings.Contains(text, c.want) {
				t.Errorf("does not say %q:\n%s", c.want, text)
			}
		})
	}
}

func isItem(line string) bool {
	return strings.HasPrefix(line, "- ") || strings.HasPrefix(line, "1. ") || strings.HasPrefix(line, "2. ")
}

func TestPlain(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"when it is words, it stays", "waits for Ada's word.", "waits for Ada's word."},
		{"when it has Markdown, that is escaped", "*.k.acme.com `x` [a](b) _c_", "\\*.k.acme.com \\`x\\` \\[a\\](b) \\_c\\_"},
		{"when it has HTML, that is escaped", "<img src=x> &lt;", `\<img src=x\> \&lt;`},
		{"when it has options of a command, they stay two hyphens", "--accounts", `\-\-accounts`},
		{"when it has an address, that becomes no link", "see https://a.example", `see https\://a.example`},
		{"when it has characters that cannot be seen, they are dropped", "a\u202eb\u0085c\u200b", "abc"},
		{"when it has line separators, it stays one line", "a\u2028b\u2029c", "a b c"},
		{"when it has formulas, they stay text", "$a$", `\$a\$`},
		{"when it has several lines, it becomes one", "a\r\n- b\x00", `a  \- b`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := plain(c.text); got != c.want {
				t.Errorf("plain(%q) = %q, want %q", c.text, got, c.want)
			}
		})
	}
}
