package link

import (
	"fmt"
	"strings"
)

// Terms are what the approvals of an endpoint must fulfil. Approvals that were given under other terms are void.
type Terms struct {
	// Approvers is how many different people must approve.
	Approvers int32 `json:"approvers"`
	// ExcludeApplier is true when none of them may have applied the spec.
	ExcludeApplier bool `json:"excludeApplier,omitempty"`
	// Proof is how they prove who they are.
	Proof ApprovalProof `json:"proof"`
}

// Terms of a policy, with its defaults.
func (p ApprovalPolicy) Terms() Terms {
	t := Terms{Approvers: 1, ExcludeApplier: p.ExcludeApplier, Proof: p.Proof}
	if p.Approvers != nil {
		t.Approvers = *p.Approvers
	}
	fill(&t.Proof, ProofNone)
	return t
}

// SignatureNamespace is the namespace of signatures over decisions, as ssh-keygen -n takes it: a signature that
// was made for anything else, such as a commit or a login, is none over a decision.
const SignatureNamespace = "linkwright"

// Signer is somebody who has signed: a name, and the SHA-256 fingerprint of the key as OpenSSH writes it.
type Signer struct {
	Name string `json:"name"`
	Key  string `json:"key,omitempty"`
}

// Statement is what a signature over a decision states. It names one answer to one question, so that a
// signature cannot be used for another decision, endpoint, flow or time.
type Statement struct {
	Workflow string // workflow id of the connection
	Endpoint string
	Owner    string // account id
	Decision Verb   // approve or reject
	Nonce    string // of the question
}

// Text is the canonical form of a statement, the bytes that are signed: version 1. Each field stands on a line
// of its own, and the last line ends as the others do. A statement with an empty field, or with one that is
// not plain ASCII on one line, has no such form, because two readers could take it for two things.
func (s Statement) Text() (string, error) {
	var b strings.Builder
	b.WriteString("linkwright decision v1\n")
	for _, line := range []struct{ name, value string }{
		{"workflow", s.Workflow},
		{"endpoint", s.Endpoint},
		{"owner", s.Owner},
		{"decision", string(s.Decision)},
		{"nonce", s.Nonce},
	} {
		if line.value == "" || line.value != strings.TrimSpace(line.value) || strings.ContainsFunc(line.value, notPlain) {
			return "", fmt.Errorf("cannot be signed: %s is %q", line.name, line.value)
		}
		b.WriteString(line.name + ": " + line.value + "\n")
	}
	return b.String(), nil
}

func notPlain(r rune) bool { return r < ' ' || r > '~' }
