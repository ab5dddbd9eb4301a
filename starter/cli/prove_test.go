package cli

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/internal/signers"
	"github.com/linkwright/linkwright/starter/cli/internal/frontend"
)

// askingForProof is a connection that waits for decisions with a proof.
func askingForProof(p link.ApprovalProof, approvers int32) link.Status {
	s := asking("shop")
	s.Question = &link.Question{Nonce: "run-1", Terms: link.Terms{Approvers: approvers, Proof: p}}
	return s
}

// keyFile makes a key, and returns its file and its line for the allowed signers.
func keyFile(t *testing.T) (path, public string) {
	t.Helper()
	half, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "id_ed25519")
	if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	key, err := ssh.NewPublicKey(half)
	if err != nil {
		t.Fatal(err)
	}
	return path, string(ssh.MarshalAuthorizedKey(key))
}

const signedText = "linkwright decision v1\nworkflow: connection/payments/shop\nendpoint: vpce-0a\nowner: 222222222222\ndecision: approve\nnonce: run-1\n"

func TestWhenASignatureIsAskedForItIsMadeAndSent(t *testing.T) {
	f := frontend.Start(t)
	f.Answer = echo
	f.Put(askingForProof(link.ProofSignature, 2), running)
	key, public := keyFile(t)

	run(t, f, "", "approve", "shop", "--yes").expect(t, ExitError, "takes signed decisions only", "--sign-with KEY", "`linkwright approve payments/shop --print`", "--signature FILE")
	if sent := f.Updates(); len(sent) != 0 {
		t.Errorf("sent without a signature: %+v", sent)
	}
	run(t, f, "", "approve", "shop", "--yes", "--sign-with", key).expect(t, ExitOK, "connection/payments/shop approved", "0 of 2 approvals")
	run(t, f, "", "approve", "shop", "--yes", "--sign-with", key, "--as", "alice@example.com").expect(t, ExitOK, "by alice@example.com")
	allowed, err := signers.Parse([]byte("alice@example.com " + public))
	if err != nil {
		t.Fatal(err)
	}
	for i, by := range []string{"", "alice@example.com"} {
		d := decode[link.Decision](t, f.Updates()[i])
		if d.By != by || d.Nonce != "run-1" {
			t.Errorf("sent %+v", d)
		}
		if signed, err := allowed.Verify(signedText, d.Signature, d.By, time.Now()); err != nil || signed.Name != "alice@example.com" {
			t.Errorf("what was sent is signed by %+v: %v", signed, err)
		}
	}
	run(t, f, "", "approve", "shop", "--yes", "--sign-with", filepath.Join(t.TempDir(), "none")).expect(t, ExitError, "read the key")
	run(t, f, "", "describe", "payments/shop").expect(t, ExitOK, "The question is run-1.", "--owner 222222222222 --sign-with KEY")
}

func TestWhenASignatureIsMadeByHandItsTextIsPrintedAndTheFileIsSent(t *testing.T) {
	f := frontend.Start(t)
	f.Answer = echo
	f.Put(askingForProof(link.ProofSignature, 1), running)
	f.Put(connected("crm", link.Ready), running)

	printed := run(t, f, "", "approve", "shop", "--print")
	if printed.out != signedText || printed.code != ExitOK {
		t.Errorf("prints %q", printed.out)
	}
	if rejection := run(t, f, "", "reject", "shop", "--print"); rejection.out != strings.Replace(signedText, "approve", "reject", 1) {
		t.Errorf("prints %q", rejection.out)
	}
	run(t, f, "", "approve", "payments/crm", "--print", "--endpoint", "vpce-1", "--owner", "1").expect(t, ExitError, "asks nothing that could be signed")
	if sent := f.Updates(); len(sent) != 0 {
		t.Errorf("printing decides: %+v", sent)
	}
	file := filepath.Join(t.TempDir(), "decision.sig")
	if err := os.WriteFile(file, []byte("armored\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, f, "", "approve", "shop", "--yes", "--signature", file).expect(t, ExitOK)
	if d := decode[link.Decision](t, f.Updates()[0]); d.Signature != "armored\n" || d.By != "" {
		t.Errorf("sent %+v", d)
	}
	run(t, f, "", "approve", "shop", "--yes", "--signature", file, "--print").expect(t, ExitUsage)
}

func TestWhenNoSignatureIsAskedForNoneIsSent(t *testing.T) {
	f := frontend.Start(t)
	f.Answer = echo
	f.Put(askingForProof(link.ProofNone, 1), running)
	key, _ := keyFile(t)
	run(t, f, "", "approve", "shop", "--yes", "--sign-with", key).expect(t, ExitError, "asks for no signature")
	if sent := f.Updates(); len(sent) != 0 {
		t.Errorf("sent %+v", sent)
	}
}

func TestWhenThePrincipalIsAskedForASignalIsSentAndItsFateReported(t *testing.T) {
	for _, c := range []struct{ name, refused, want string }{
		{"when the decision is taken, it says so", "", "connection/payments/shop approved: endpoint vpce-0a of account 222222222222, by alice@example.com"},
		{"when the decision is refused, it says why", "somebody else must", "connection/payments/shop refused to approve: somebody else must"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := frontend.Start(t)
			status := askingForProof(link.ProofPrincipal, 1)
			earlier := link.Decision{Verb: link.Approve, ID: "another", By: "bob", Refused: "no"}
			status.Decisions = []link.Decision{earlier}
			f.Put(status, running)
			f.Hear = func(u frontend.Update) {
				d := decode[link.Decision](t, u)
				d.Principal, d.Proven, d.Refused = "alice@example.com", "alice@example.com", c.refused
				status.Decisions = append(status.Decisions, d)
				f.Put(status, running)
			}
			code := ExitOK
			if c.refused != "" {
				code = ExitError
			}
			run(t, f, "", "approve", "shop", "--yes").expect(t, code, c.want)
			if len(f.Updates()) != 0 || len(f.Signals()) != 1 || f.Signals()[0].Name != "approve" {
				t.Errorf("sent updates %+v, signals %+v", f.Updates(), f.Signals())
			}
			if d := decode[link.Decision](t, f.Signals()[0]); d.ID == "" || d.Nonce != "run-1" {
				t.Errorf("sent %+v", d)
			}
		})
	}
}
