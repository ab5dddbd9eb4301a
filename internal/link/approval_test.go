package link_test

import (
	"strings"
	"testing"

	"github.com/linkwright/linkwright/internal/link"
)

func statement(change func(*link.Statement)) link.Statement {
	s := link.Statement{
		Workflow: "connection/payments/shop", Endpoint: "vpce-0a1b2c3d4e5f60718", Owner: "222222222222",
		Decision: link.Approve, Nonce: "0199a0b1-c2d3-7e4f-8a9b-0c1d2e3f4a5b-1",
	}
	change(&s)
	return s
}

// What was signed once must be known for ever: a change of this text is a new version of it.
func TestStatementText(t *testing.T) {
	text, err := statement(func(*link.Statement) {}).Text()
	const want = "linkwright decision v1\n" +
		"workflow: connection/payments/shop\n" +
		"endpoint: vpce-0a1b2c3d4e5f60718\n" +
		"owner: 222222222222\n" +
		"decision: approve\n" +
		"nonce: 0199a0b1-c2d3-7e4f-8a9b-0c1d2e3f4a5b-1\n"
	if err != nil || text != want {
		t.Errorf("got %q, %v, want %q", text, err, want)
	}
}

func TestStatementsThatCouldBeReadInTwoWaysHaveNoText(t *testing.T) {
	for name, change := range map[string]func(*link.Statement){
		"when a field has a line of its own":  func(s *link.Statement) { s.Endpoint = "vpce-1\nowner: 999999999999" },
		"when a field ends in another line":   func(s *link.Statement) { s.Nonce = "1\n" },
		"when a field has a carriage return":  func(s *link.Statement) { s.Owner = "1\r2" },
		"when a field is empty":               func(s *link.Statement) { s.Decision = "" },
		"when a field begins with a space":    func(s *link.Statement) { s.Endpoint = " vpce-1" },
		"when a field only looks like ASCII":  func(s *link.Statement) { s.Workflow = "connection/pаyments/shop" },
		"when a field has a line separator":   func(s *link.Statement) { s.Workflow = "connection/payments\u2028/shop" },
		"when a field turns the text around":  func(s *link.Statement) { s.Endpoint = "vpce-\u202e1" },
		"when a field is not even valid text": func(s *link.Statement) { s.Endpoint = "vpce-\xff" },
	} {
		t.Run(name, func(t *testing.T) {
			if text, err := statement(change).Text(); err == nil || text != "" || !strings.Contains(err.Error(), "cannot be signed") {
				t.Errorf("got %q, %v", text, err)
			}
		})
	}
}

func TestTermsOfAPolicyWithoutThemAreTheDefaults(t *testing.T) {
	want := link.Terms{Approvers: 1, Proof: link.ProofNone}
	if got := (link.ApprovalPolicy{}).Terms(); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	want = link.Terms{Approvers: 3, ExcludeApplier: true, Proof: link.ProofSignature}
	if got := (link.ApprovalPolicy{Approvers: new(int32(3)), ExcludeApplier: true, Proof: link.ProofSignature}).Terms(); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
