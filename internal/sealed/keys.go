package sealed

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/linkwright/linkwright/internal/secretfile"
)

// Where the key file is named, for every program.
const (
	Flag     = "encryption-keys"
	Variable = "LINKWRIGHT_ENCRYPTION_KEYS"
)

// keySize is the size of an AES-256 key, in bytes.
const keySize = 32

// Keys are the keys of a key file. Nil keys encrypt nothing.
type Keys struct {
	path      string
	encrypter *key
	all       map[string]*key // by id
}

// key is one key, ready to be used. The cipher makes its own random nonce, of 96 bits, for each message, so one
// key should encrypt no more than 2^32 of them: NIST SP 800-38D, section 8.3.
type key struct {
	id     string
	cipher cipher.AEAD
}

// keyFile is the key file as people write it.
type keyFile struct {
	EncryptWith string     `yaml:"encryptWith"`
	Keys        []keyEntry `yaml:"keys"`
}

type keyEntry struct {
	Name string `yaml:"name"`
	Key  string `yaml:"key"` // base64
}

// namePattern keeps names short and readable, because they stand beside everything that their key encrypts.
var namePattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$`)

// Load reads the key file that a flag names, or else the environment; nil when neither does. The file must be
// readable by nobody else, see [secretfile.Read], and right in every respect: otherwise the error is a
// [*KeyFileError].
func Load(flag string) (*Keys, error) {
	path := flag
	if path == "" {
		path = os.Getenv(Variable)
	}
	if path == "" {
		return nil, nil
	}
	data, err := secretfile.Read(path)
	if err != nil {
		return nil, fmt.Errorf("read the key file: %w", err)
	}
	return parse(path, data)
}

func parse(path string, data []byte) (*Keys, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	var f keyFile
	if err := decoder.Decode(&f); err != nil && !errors.Is(err, io.EOF) {
		return nil, &KeyFileError{path, yamlErrors(err)}
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, &KeyFileError{path, []string{"more than one YAML document: a key file has one"}}
	}
	keys := &Keys{path: path, all: map[string]*key{}}
	var wrong []string
	if len(f.Keys) == 0 {
		wrong = append(wrong, "no keys: make one with `linkwright add-key "+path+"`")
	}
	var names []string
	for i, entry := range f.Keys {
		k, err := newKey(entry)
		switch {
		case err != nil:
			wrong = append(wrong, fmt.Sprintf("keys[%d] %q: %v", i, entry.Name, err))
			continue
		case slices.Contains(names, entry.Name):
			wrong = append(wrong, fmt.Sprintf("keys[%d] %q: another key has that name", i, entry.Name))
			continue
		}
		names = append(names, entry.Name)
		keys.all[k.id] = k
		if entry.Name == f.EncryptWith {
			keys.encrypter = k
		}
	}
	switch {
	case len(wrong) > 0:
		return nil, &KeyFileError{path, wrong}
	case f.EncryptWith == "":
		return nil, &KeyFileError{path, []string{"encryptWith is missing: name the key that encrypts; the others only decrypt"}}
	case keys.encrypter == nil:
		return nil, &KeyFileError{path, []string{fmt.Sprintf("encryptWith is %q, but no key has that name", f.EncryptWith)}}
	}
	return keys, nil
}

// yamlErrors lists the decoder's complaints.
func yamlErrors(err error) []string {
	var several *yaml.TypeError
	if errors.As(err, &several) {
		return several.Errors
	}
	return []string{err.Error()}
}

func newKey(entry keyEntry) (*key, error) {
	if !namePattern.MatchString(entry.Name) {
		return nil, errors.New("the name must be of letters, digits, dots, dashes and underscores, 63 at most")
	}
	secret, err := base64.StdEncoding.DecodeString(entry.Key)
	if err != nil {
		return nil, errors.New("the key is not base64")
	}
	if len(secret) != keySize {
		return nil, fmt.Errorf("the key has %d bytes; it must have exactly %d", len(secret), keySize)
	}
	block, err := aes.NewCipher(secret)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	return &key{id: entry.Name + "." + fingerprint(secret), cipher: aead}, nil
}

// fingerprint tells keys of the same name apart, so that a key that was overwritten by mistake is found missing
// instead of everything that it encrypted being taken for forged.
func fingerprint(secret []byte) string {
	sum := sha256.Sum256(append([]byte("linkwright encryption key\x00"), secret...))
	return hex.EncodeToString(sum[:4])
}

// has reports whether a key has a name.
func (k *Keys) has(name string) bool {
	for id := range k.all {
		if id[:strings.LastIndexByte(id, '.')] == name {
			return true
		}
	}
	return false
}

// find returns the key with an id.
func (k *Keys) find(id string) (*key, error) {
	if k == nil {
		return nil, &MissingKeyError{Key: id}
	}
	if found, ok := k.all[id]; ok {
		return found, nil
	}
	return nil, &MissingKeyError{Key: id, File: k.path}
}
