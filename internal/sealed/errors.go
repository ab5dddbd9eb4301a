package sealed

import (
	"errors"
	"fmt"
	"strings"
)

// MissingKeyError is something encrypted whose key is not here.
type MissingKeyError struct {
	// Key is the id of the key that it needs: the key's name, a dot and its fingerprint.
	Key string
	// File is the key file that lacks it; empty when no key file was given.
	File string
}

func (e *MissingKeyError) Error() string {
	if e.File == "" {
		return fmt.Sprintf("this is encrypted with key %q: give the key file with --%s or %s", e.Key, Flag, Variable)
	}
	return fmt.Sprintf("this is encrypted with key %q, which is not in %s: add that key to the file and start again", e.Key, e.File)
}

// ErrChanged is something that a known key cannot decrypt: it was not encrypted by Linkwright, or it was changed since.
var ErrChanged = errors.New("cannot be decrypted: it was changed, or Linkwright never encrypted it")

// KeyFileError is all that is wrong with a key file.
type KeyFileError struct {
	Path  string
	Wrong []string
}

func (e *KeyFileError) Error() string {
	if len(e.Wrong) == 1 {
		return fmt.Sprintf("key file %s: %s", e.Path, e.Wrong[0])
	}
	return fmt.Sprintf("key file %s:\n  %s", e.Path, strings.Join(e.Wrong, "\n  "))
}
