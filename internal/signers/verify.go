package signers

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"

	"github.com/linkwright/linkwright/internal/link"
)

// MaxSignature is how long an armored signature may be: that of an RSA key of 8192 bits has about 3000 bytes.
const MaxSignature = 4096

// Verified is a signature that holds: whose it is, and the signature as [sshsig.Armor] writes it, with nothing
// else in it that the sender may have put there.
type Verified struct {
	link.Signer
	Armored string
}

// Verify checks a signature over a text: that it was made for decisions of Linkwright, by a key that the file
// allows at this time, for the name that the signer goes by. Without a name, the key must have exactly one. The
// error says what is wrong in words for the signer.
func (f *File) Verify(text, armored, name string, now time.Time) (Verified, error) {
	sig, err := parse(armored)
	if err != nil {
		return Verified{}, err
	}
	signer := link.Signer{Name: name, Key: ssh.FingerprintSHA256(sig.PublicKey)}
	e, err := f.allowed(&signer, sig.Namespace, now)
	if err != nil {
		return Verified{}, err
	}
	if err := sshsig.Verify(strings.NewReader(text), sig, e.key, sig.HashAlgorithm, link.SignatureNamespace); err != nil {
		return Verified{}, fmt.Errorf("the signature by key %s is not over this decision: sign exactly what `linkwright approve --print` "+
			"(or reject) shows now, for it changes with each question (%w)", signer.Key, err)
	}
	return Verified{signer, string(sshsig.Armor(sig))}, nil
}

// allowed finds the line that lets the signer sign, and completes the signer's name from it.
func (f *File) allowed(signer *link.Signer, namespace string, now time.Time) (entry, error) {
	if namespace != link.SignatureNamespace {
		return entry{}, fmt.Errorf("the signature was made for %q: sign with -n %s", namespace, link.SignatureNamespace)
	}
	why := fmt.Errorf("the key %s is not among the workers' allowed signers", signer.Key)
	for _, e := range f.entries {
		if e.print != signer.Key {
			continue
		}
		name := signer.Name
		if name == "" {
			name = e.principals.only()
		}
		switch {
		case name == "":
			why = fmt.Errorf("the key %s may sign for several names: say with \"by\" (--as) which is yours", signer.Key)
		case !e.principals.match(name):
			why = fmt.Errorf("the key %s may not sign for %q: give, with \"by\" (--as), the name that the allowed signers list it for", signer.Key, name)
		case len(e.namespaces) > 0 && !e.namespaces.match(namespace):
			why = fmt.Errorf("the allowed signers list the key %s for other namespaces than %s", signer.Key, namespace)
		case !e.after.IsZero() && now.Before(e.after):
			why = fmt.Errorf("the key %s is not valid before %s", signer.Key, e.after.UTC().Format(time.DateTime+" UTC"))
		case !e.before.IsZero() && now.After(e.before):
			why = fmt.Errorf("the key %s is not valid any more since %s", signer.Key, e.before.UTC().Format(time.DateTime+" UTC"))
		default:
			signer.Name = name
			return e, nil
		}
	}
	return entry{}, why
}

// Same reports whether two signers may be one person: they go by one name, use one key, or one of them has a
// key that may sign for the name of the other, now or at another time.
func (f *File) Same(a, b link.Signer) bool {
	return strings.EqualFold(a.Name, b.Name) || a.Key != "" && a.Key == b.Key || f.speaks(a.Key, b.Name) || f.speaks(b.Key, a.Name)
}

func (f *File) speaks(key, name string) bool {
	for _, e := range f.entries {
		if key != "" && e.print == key && e.principals.match(name) {
			return true
		}
	}
	return false
}

const (
	head = "-----BEGIN SSH SIGNATURE-----"
	tail = "-----END SSH SIGNATURE-----"
)

// parse reads an armored signature (PROTOCOL.sshsig of OpenSSH). Line breaks do not matter, because what is
// pasted into JSON has often lost them.
func parse(armored string) (*sshsig.Signature, error) {
	if len(armored) > MaxSignature {
		return nil, fmt.Errorf("the signature is longer than %d bytes", MaxSignature)
	}
	body, begins := strings.CutPrefix(strings.TrimSpace(armored), head)
	body, ends := strings.CutSuffix(body, tail)
	if !begins || !ends {
		return nil, fmt.Errorf("that is no SSH signature: it begins with %q and ends with %q, as ssh-keygen -Y sign writes it", head, tail)
	}
	blob, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(body), ""))
	if err != nil {
		return nil, fmt.Errorf("the signature is damaged: %w", err)
	}
	sig, err := sshsig.ParseSignature(blob)
	if err != nil {
		return nil, fmt.Errorf("the signature cannot be read: %w", err)
	}
	if _, ok := sig.PublicKey.(*ssh.Certificate); ok {
		return nil, errors.New("the signature was made with a certificate; sign with the key itself")
	}
	return sig, nil
}
