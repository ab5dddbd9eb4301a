package signers_test

import (
	"bytes"
	"crypto/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/internal/signers"
)

const text = "linkwright decision v1\nworkflow: connection/payments/shop\n"

// now is the moment at which the tests verify.
var now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func fingerprint(t *testing.T, line string) string {
	t.Helper()
	key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(line))
	if err != nil {
		t.Fatal(err)
	}
	return ssh.FingerprintSHA256(key)
}

// keygen runs OpenSSH's ssh-keygen.
func keygen(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	program, err := exec.LookPath("ssh-keygen")
	if err != nil {
		t.Skip("left out: it needs ssh-keygen (Debian: apt-get install openssh-client)")
	}
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Stdin = strings.NewReader(stdin)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("ssh-keygen %s: %v\n%s", strings.Join(args, " "), err, errs.String())
	}
	return string(out)
}

// newKey makes a key with ssh-keygen and returns its path and its public line.
func newKey(t *testing.T, args ...string) (path, public string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "key")
	keygen(t, "", append([]string{"-q", "-N", "", "-C", "", "-f", path}, args...)...)
	line, err := os.ReadFile(path + ".pub")
	if err != nil {
		t.Fatal(err)
	}
	return path, strings.TrimSpace(string(line))
}

func sign(t *testing.T, key, text string, options ...string) string {
	t.Helper()
	return keygen(t, text, append([]string{"-Y", "sign", "-q", "-n", link.SignatureNamespace, "-f", key}, options...)...)
}

func parse(t *testing.T, lines ...string) *signers.File {
	t.Helper()
	f, err := signers.Parse([]byte(strings.Join(lines, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestSignaturesOfSSHKeygenHold(t *testing.T) {
	for _, kind := range [][]string{{"-t", "ed25519"}, {"-t", "ecdsa", "-b", "384"}, {"-t", "rsa", "-b", "3072"}} {
		t.Run(kind[1], func(t *testing.T) {
			key, public := newKey(t, kind...)
			f := parse(t, "alice@example.com "+public)
			for _, armored := range []string{
				sign(t, key, text),
				sign(t, key, text, "-O", "hashalg=sha256"),
				strings.ReplaceAll(sign(t, key, text), "\n", ""),
				strings.ReplaceAll(sign(t, key, text), "\n", "\r\n  "),
			} {
				got, err := f.Verify(text, armored, "", now)
				if err != nil {
					t.Fatal(err)
				}
				if got.Name != "alice@example.com" || got.Key != fingerprint(t, public) {
					t.Errorf("signed by %+v", got.Signer)
				}
				if again, err := f.Verify(text, got.Armored, "alice@example.com", now); err != nil || again != got {
					t.Errorf("what is kept of the signature does not hold: %v", err)
				}
			}
		})
	}
}

func TestWhatIsKeptOfASignatureHoldsForSSHKeygen(t *testing.T) {
	key, public := newKey(t, "-t", "ed25519")
	got, err := parse(t, "alice@example.com "+public).Verify(text, sign(t, key, text), "alice@example.com", now)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, content := range map[string]string{"signers": "alice@example.com " + public + "\n", "sig": got.Armored} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	said := keygen(t, text, "-Y", "verify", "-n", link.SignatureNamespace, "-I", "alice@example.com",
		"-f", filepath.Join(dir, "signers"), "-s", filepath.Join(dir, "sig"))
	if !strings.Contains(said, "Good") {
		t.Errorf("ssh-keygen says %s", said)
	}
}

func TestSignaturesThatDoNotHold(t *testing.T) {
	key, public := newKey(t, "-t", "ed25519")
	_, another := newKey(t, "-t", "ed25519")
	good := sign(t, key, text)
	for _, c := range []struct {
		name, line, signature, by, want string
	}{
		{"when it is over another text", "alice " + public, sign(t, key, text+"owner: 1\n"), "alice", "not over this decision"},
		{"when it lacks the last line break", "alice " + public, sign(t, key, strings.TrimSuffix(text, "\n")), "alice", "not over this decision"},
		{"when it is for another namespace", "alice " + public, keygen(t, text, "-Y", "sign", "-q", "-n", "git", "-f", key), "alice", `made for "git"`},
		{"when nobody has the key", "alice " + another, good, "alice", "not among the workers' allowed signers"},
		{"when the key is somebody else's", "alice " + public, good, "bob", `may not sign for "bob"`},
		{"when the name differs in case", "alice " + public, good, "Alice", "may not sign"},
		{"when the key has several names and none is given", "alice,bob " + public, good, "", "for several names"},
		{"when the key has a pattern and no name is given", "*@example.com " + public, good, "", "for several names"},
		{"when a pattern excepts the name", "*@example.com,!mallory@example.com " + public, good, "mallory@example.com", "may not sign"},
		{"when a pattern is matched in part only", "alice " + public, good, "alice2", "may not sign"},
		{"when a dot of a pattern is another character", "alice@example.com " + public, good, "alice@exampleXcom", "may not sign"},
		{"when the key is for other namespaces", `alice namespaces="git" ` + public, good, "alice", "other namespaces"},
		{"when the key is not valid yet", `alice valid-after="20261125Z" ` + public, good, "alice", "not valid before 2026-11-25"},
		{"when the key is not valid any more", `alice valid-before="20261124Z" ` + public, good, "alice", "not valid any more"},
		{"when it is damaged", "alice " + public, strings.Replace(good, "U1NIU0lH", "U1NIU0lI", 1), "alice", "cannot be read"},
		{"when it is cut off", "alice " + public, good[:100], "alice", "no SSH signature"},
		{"when it is something else", "alice " + public, "yes", "alice", "no SSH signature"},
		{"when it is empty", "alice " + public, "", "alice", "no SSH signature"},
		{"when it is far too long", "alice " + public, good + strings.Repeat("\n", signers.MaxSignature), "alice", "longer than"},
		{"when something stands beside it", "alice " + public, good + "approved!", "alice", "no SSH signature"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := parse(t, c.line).Verify(text, c.signature, c.by, now)
			if err == nil || !strings.Contains(err.Error(), c.want) || got != (signers.Verified{}) {
				t.Errorf("got %+v, %v, want %q", got, err, c.want)
			}
		})
	}
	t.Run("when another of the key's lines allows it, it holds", func(t *testing.T) {
		f := parse(t, `alice valid-before="20200101" `+public, `alice,b*b valid-after="20200102" `+public)
		if got, err := f.Verify(text, good, "bob", now); err != nil || got.Name != "bob" {
			t.Errorf("got %+v, %v", got, err)
		}
	})
}

// A signature whose RSA part was made with SHA-1 is forbidden by PROTOCOL.sshsig; no tool makes one any more.
func TestWhenAnRSASignatureIsMadeWithSHA1ItIsRefused(t *testing.T) {
	path, public := newKey(t, "-t", "rsa", "-b", "2048")
	private, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ssh.ParsePrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	sig, err := sshsig.Sign(strings.NewReader(text), key, sshsig.HashSHA512, link.SignatureNamespace)
	if err != nil {
		t.Fatal(err)
	}
	f := parse(t, "alice "+public)
	if _, err := f.Verify(text, string(sshsig.Armor(sig)), "alice", now); err != nil {
		t.Fatalf("the one with SHA-512 is refused: %v", err)
	}
	if sig.Signature, err = key.(ssh.AlgorithmSigner).SignWithAlgorithm(rand.Reader, []byte("anything"), ssh.KeyAlgoRSA); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Verify(text, string(sshsig.Armor(sig)), "alice", now); err == nil || !strings.Contains(err.Error(), "rsa-sha2-512") {
		t.Errorf("got %v", err)
	}
}

func TestWhenASignatureIsMadeWithACertificateItIsRefused(t *testing.T) {
	authority, _ := newKey(t, "-t", "ed25519")
	key, public := newKey(t, "-t", "ed25519")
	keygen(t, "", "-q", "-s", authority, "-I", "alice", "-n", "alice", key+".pub")
	signed := keygen(t, text, "-Y", "sign", "-q", "-n", link.SignatureNamespace, "-f", key+"-cert.pub")
	if _, err := parse(t, "alice "+public).Verify(text, signed, "alice", now); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("got %v", err)
	}
}
