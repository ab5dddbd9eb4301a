package sign_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/sign"
)

const text = "linkwright decision v1\nworkflow: connection/payments/shop\n"

// ssh runs a program of OpenSSH's.
func ssh(t *testing.T, stdin, name string, args ...string) string {
	t.Helper()
	program, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("left out: it needs %s (Debian: apt-get install openssh-client)", name)
	}
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Stdin = strings.NewReader(stdin)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, errs.String())
	}
	return string(out)
}

func newKey(t *testing.T, passphrase string, args ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "key")
	ssh(t, "", "ssh-keygen", append([]string{"-q", "-N", passphrase, "-C", "", "-f", path}, args...)...)
	return path
}

// startAgent runs an ssh-agent that holds a key, and takes the key's file away.
func startAgent(t *testing.T, key string) {
	t.Helper()
	program, err := exec.LookPath("ssh-agent")
	if err != nil {
		t.Skip("left out: it needs ssh-agent (Debian: apt-get install openssh-client)")
	}
	dir, err := os.MkdirTemp("", "agent") // the path of a socket must be short
	if err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(dir, "s")
	agent := exec.Command(program, "-D", "-a", socket)
	said, err := agent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := agent.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := agent.Process.Kill(); err != nil {
			t.Error(err)
		}
		_ = agent.Wait() // it was killed
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if _, err := said.Read(make([]byte, 1)); err != nil { // it speaks once it listens
		t.Fatal(err)
	}
	t.Setenv("SSH_AUTH_SOCK", socket)
	ssh(t, "", "ssh-add", "-q", key)
	if err := os.Remove(key); err != nil {
		t.Fatal(err)
	}
}

func silent(string) ([]byte, error) { return nil, errors.New("nobody is there to ask") }

// wantGood has ssh-keygen verify what a key signs.
func wantGood(t *testing.T, key *sign.Key, public string) {
	t.Helper()
	armored, err := key.Sign(text)
	if err != nil {
		t.Fatal(err)
	}
	if err := key.Close(); err != nil {
		t.Error(err)
	}
	line, err := os.ReadFile(public)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, content := range map[string]string{"signers": "alice@example.com " + string(line), "sig": armored} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	said := ssh(t, text, "ssh-keygen", "-Y", "verify", "-n", link.SignatureNamespace, "-I", "alice@example.com",
		"-f", filepath.Join(dir, "signers"), "-s", filepath.Join(dir, "sig"))
	if !strings.Contains(said, "Good") {
		t.Errorf("ssh-keygen says %s", said)
	}
}

func TestWhatAKeyFileSignsHoldsForSSHKeygen(t *testing.T) {
	for _, kind := range [][]string{{"-t", "ed25519"}, {"-t", "ecdsa"}, {"-t", "rsa", "-b", "3072"}, {"-t", "rsa", "-b", "2048", "-m", "PEM"}} {
		t.Run(strings.Join(kind, " "), func(t *testing.T) {
			t.Setenv("SSH_AUTH_SOCK", "")
			path := newKey(t, "", kind...)
			key, err := sign.Load(path, silent)
			if err != nil {
				t.Fatal(err)
			}
			wantGood(t, key, path+".pub")
		})
	}
}

func TestWhenAKeyFileHasAPassphraseItIsAskedFor(t *testing.T) {
	t.Setenv("SSH_AUTH_SOCK", "")
	path := newKey(t, "correct horse", "-t", "ed25519")
	says := func(words string) func(string) ([]byte, error) {
		return func(prompt string) ([]byte, error) {
			if !strings.Contains(prompt, path) {
				t.Errorf("asks %q", prompt)
			}
			return []byte(words), nil
		}
	}
	key, err := sign.Load(path, says("correct horse"))
	if err != nil {
		t.Fatal(err)
	}
	wantGood(t, key, path+".pub")
	if _, err := sign.Load(path, says("battery staple")); err == nil || !strings.Contains(err.Error(), "not the passphrase") {
		t.Errorf("a wrong passphrase came to %v", err)
	}
	if _, err := sign.Load(path, silent); err == nil || !strings.Contains(err.Error(), "nobody is there to ask; or add the key to ssh-agent") {
		t.Errorf("no passphrase came to %v", err)
	}
}

func TestWhenAPublicKeyIsNamedTheAgentSigns(t *testing.T) {
	for _, kind := range [][]string{{"-t", "ed25519"}, {"-t", "rsa", "-b", "2048"}} {
		t.Run(kind[1], func(t *testing.T) {
			path := newKey(t, "", kind...)
			startAgent(t, path)
			key, err := sign.Load(path+".pub", silent)
			if err != nil {
				t.Fatal(err)
			}
			wantGood(t, key, path+".pub")
			other := newKey(t, "", "-t", "ed25519")
			if _, err := sign.Load(other+".pub", silent); err == nil || !strings.Contains(err.Error(), "does not have the private key") {
				t.Errorf("another key came to %v", err)
			}
		})
	}
}

func TestWhenTheAgentHasAKeyWithAPassphraseNobodyIsAsked(t *testing.T) {
	path := newKey(t, "", "-t", "ed25519")
	open, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	startAgent(t, path)
	if err := os.WriteFile(path, open, 0o600); err != nil {
		t.Fatal(err)
	}
	ssh(t, "", "ssh-keygen", "-q", "-p", "-N", "correct horse", "-f", path)
	key, err := sign.Load(path, silent)
	if err != nil {
		t.Fatal(err)
	}
	wantGood(t, key, path+".pub")
}

func TestKeysThatCannotSign(t *testing.T) {
	t.Setenv("SSH_AUTH_SOCK", "")
	path := newKey(t, "", "-t", "ed25519")
	text := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(text, []byte("not a key\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, path, want string }{
		{"when there is no agent for a public key, it says so", path + ".pub", "there is no ssh-agent"},
		{"when the file is no key, it says so", text, "no key that can be used here"},
		{"when there is no file, it says so", path + ".none", "read the key"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := sign.Load(c.path, silent); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	t.Run("when the agent does not answer, it says so", func(t *testing.T) {
		t.Setenv("SSH_AUTH_SOCK", filepath.Join(t.TempDir(), "none"))
		if _, err := sign.Load(path+".pub", silent); err == nil || !strings.Contains(err.Error(), "reach ssh-agent") {
			t.Errorf("got %v", err)
		}
	})
}
