package workflows_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"

	"github.com/linkwright/linkwright/internal/link"
)

// ballot is a bench whose service asks for approvals out of the ordinary, with people who can sign.
type ballot struct {
	*bench
	keys map[string]ssh.Signer
}

// newBallot lets a script act on the open question, an hour after its beginning, and takes the connection down
// the hour after.
func newBallot(t *testing.T, policy link.ApprovalPolicy, act func(*ballot)) *ballot {
	t.Helper()
	b := &ballot{newBench(t), map[string]ssh.Signer{}}
	b.SetStartWorkflowOptions(clientOptions("connection/payments/shop"))
	b.policy = policy
	b.policy.Mode = link.ApproveManually
	var lines []string
	for _, name := range []string{"grace", "alan", "ada"} {
		_, private, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if b.keys[name], err = ssh.NewSignerFromSigner(private); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, name+" "+string(ssh.MarshalAuthorizedKey(b.keys[name].PublicKey())))
	}
	b.allow(lines...)
	b.at(time.Hour, func() { act(b) })
	b.at(2*time.Hour, func() { b.decide(link.Disconnect, leaveNow, "") })
	return b
}

// allow writes the workers' allowed-signers file.
func (b *ballot) allow(lines ...string) {
	b.t.Helper()
	if b.around.verifier.AllowedSigners == "" {
		b.around.verifier.AllowedSigners = filepath.Join(b.t.TempDir(), "allowed-signers")
	}
	if err := os.WriteFile(b.around.verifier.AllowedSigners, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// by is a decision that somebody takes on what is asked now.
func (b *ballot) by(name string) link.Decision {
	d := seenByApprover
	d.By = name
	return d
}

// signed is a decision with somebody's signature.
func (b *ballot) signed(name string, verb link.Verb, changes ...func(*link.Statement)) link.Decision {
	b.t.Helper()
	statement := link.Statement{
		Workflow: "connection/payments/shop", Endpoint: "vpce-1", Owner: "222222222222", Decision: verb,
		Nonce: b.status().Question.Nonce,
	}
	for _, change := range changes {
		change(&statement)
	}
	text, err := statement.Text()
	if err != nil {
		b.t.Fatal(err)
	}
	sig, err := sshsig.Sign(strings.NewReader(text), b.keys[name], sshsig.HashSHA512, link.SignatureNamespace)
	if err != nil {
		b.t.Fatal(err)
	}
	d := b.by(name)
	d.Signature = string(sshsig.Armor(sig))
	return d
}

// signals sends a decision as somebody whom the server has authenticated; "" is nobody.
func (b *ballot) signals(principal string, verb link.Verb, d link.Decision) {
	b.around.principal = principal
	b.SignalWorkflow(string(verb), d)
}

func (b *ballot) wantPhase(phase link.Phase) {
	b.t.Helper()
	if s := b.status(); s.Phase != phase {
		b.t.Errorf("the connection is %s, want %s; decisions %+v", s.Phase, phase, s.Decisions)
	}
}

func people(n int32) *int32 { return &n }

// decisions are the decisions of a verb that were carried out, or refused, by whom.
func decisions(s link.Status, refused bool) []string {
	var list []string
	for _, d := range s.Decisions {
		if (d.Refused != "") == refused && d.Verb != link.Disconnect {
			list = append(list, fmt.Sprintf("%s %s", d.Verb, d.Who()))
		}
	}
	return list
}
