// Package sign makes SSH signatures over decisions, with the keys that people have already: in a file, or in
// ssh-agent. What it makes, ssh-keygen -Y verify verifies.
package sign

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"

	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"github.com/linkwright/linkwright/internal/link"
)

// Key is a key that can sign. Close it when it is not needed any more.
type Key struct {
	signer ssh.Signer
	agent  net.Conn // nil for a key from a file
}

// Load finds a key as ssh-keygen -Y sign does: path is a private key, or a public key whose private half
// ssh-agent has. The agent is asked first where the private key has a passphrase; else passphrase is.
func Load(path string, passphrase func(prompt string) ([]byte, error)) (*Key, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the key: %w", err)
	}
	if public, _, _, _, err := ssh.ParseAuthorizedKey(data); err == nil {
		return fromAgent(path, public)
	}
	signer, err := ssh.ParsePrivateKey(data)
	if err == nil {
		return &Key{signer: signer}, nil
	}
	var locked *ssh.PassphraseMissingError
	if !errors.As(err, &locked) {
		return nil, fmt.Errorf("%s is no key that can be used here (%w): a key of a security token signs through ssh-agent, by its public "+
			"key's file, or by hand with ssh-keygen -Y sign", path, err)
	}
	if locked.PublicKey != nil {
		if key, err := fromAgent(path, locked.PublicKey); err == nil {
			return key, nil
		}
	}
	words, err := passphrase(fmt.Sprintf("Passphrase of %s: ", path))
	if err != nil {
		return nil, fmt.Errorf("%s has a passphrase: %w; or add the key to ssh-agent", path, err)
	}
	signer, err = ssh.ParsePrivateKeyWithPassphrase(data, words)
	if errors.Is(err, x509.IncorrectPasswordError) {
		return nil, fmt.Errorf("that is not the passphrase of %s", path)
	}
	if err != nil {
		return nil, fmt.Errorf("unlock %s: %w", path, err)
	}
	return &Key{signer: signer}, nil
}

// fromAgent finds a key in ssh-agent.
func fromAgent(path string, public ssh.PublicKey) (*Key, error) {
	if _, ok := public.(*ssh.Certificate); ok {
		return nil, fmt.Errorf("%s is a certificate: name the public key itself", path)
	}
	socket := os.Getenv("SSH_AUTH_SOCK")
	if socket == "" {
		return nil, fmt.Errorf("%s is a public key, and there is no ssh-agent to ask for the private one (SSH_AUTH_SOCK is not set): "+
			"name the private key, or start an agent and ssh-add it", path)
	}
	conn, err := net.Dial("unix", socket)
	if err != nil {
		return nil, fmt.Errorf("reach ssh-agent: %w", err)
	}
	signers, err := agent.NewClient(conn).Signers()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("ask ssh-agent for its keys: %w", err), conn.Close())
	}
	for _, signer := range signers {
		if bytes.Equal(signer.PublicKey().Marshal(), public.Marshal()) {
			return &Key{signer, conn}, nil
		}
	}
	return nil, errors.Join(fmt.Errorf("ssh-agent does not have the private key of %s (%s): add it with ssh-add", path, ssh.FingerprintSHA256(public)),
		conn.Close())
}

// Close lets the agent go.
func (k *Key) Close() error {
	if k.agent == nil {
		return nil
	}
	return k.agent.Close()
}

// Sign signs the canonical text of a decision and returns the armored signature.
func (k *Key) Sign(text string) (string, error) {
	sig, err := sshsig.Sign(strings.NewReader(text), k.signer, sshsig.HashSHA512, link.SignatureNamespace)
	if err != nil {
		return "", fmt.Errorf("sign with %s: %w", ssh.FingerprintSHA256(k.signer.PublicKey()), err)
	}
	return string(sshsig.Armor(sig)), nil
}
