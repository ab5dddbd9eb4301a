package signers

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

// File is an allowed-signers file: who may sign, with which key, for what and when (ssh-keygen(1), "ALLOWED
// SIGNERS").
type File struct{ entries []entry }

// entry is one line: a key, and those who may sign with it.
type entry struct {
	principals patterns
	key        ssh.PublicKey
	print      string // the key's fingerprint, SHA256:…
	options
}

// Load reads a file, whole or not at all: a line that is wrong is an error, not a signer less.
func Load(path string) (*File, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the allowed signers: %w", err)
	}
	f, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("allowed signers %s: %w", path, err)
	}
	return f, nil
}

// Parse reads the text of a file, and returns everything that is wrong with it at once.
func Parse(data []byte) (*File, error) {
	f := &File{}
	var wrong error
	for i, line := range strings.Split(string(data), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		e, err := parseLine(line)
		if err != nil {
			wrong = errors.Join(wrong, fmt.Errorf("line %d: %w", i+1, err))
			continue
		}
		f.entries = append(f.entries, e)
	}
	switch {
	case wrong != nil:
		return nil, wrong
	case len(f.entries) == 0:
		return nil, errors.New("nobody is listed")
	}
	return f, nil
}

// parseLine reads principals, options, key type, key and comment.
func parseLine(line string) (entry, error) {
	principals, rest, err := firstField(line)
	if err != nil {
		return entry{}, err
	}
	key, _, given, _, err := ssh.ParseAuthorizedKey([]byte(rest))
	if err != nil {
		return entry{}, fmt.Errorf("no public key follows the principals and options: %w", err)
	}
	e := entry{key: key, print: ssh.FingerprintSHA256(key)}
	if _, ok := key.(*ssh.Certificate); ok {
		return entry{}, errors.New("lists a certificate; list the person's own public key")
	}
	if key.Type() == typeDSA {
		return entry{}, errors.New("lists a DSA key, which is too weak; make one with ssh-keygen -t ed25519")
	}
	if e.principals, err = parsePatterns(principals); err != nil {
		return entry{}, fmt.Errorf("principals: %w", err)
	}
	if e.options, err = parseOptions(given); err != nil {
		return entry{}, err
	}
	return e, nil
}

// typeDSA is the type of DSA keys, which OpenSSH does not sign with any more (RFC 4253, section 6.6).
const typeDSA = "ssh-dss"

// firstField cuts the principals off a line; with spaces in them they stand in double quotes.
func firstField(line string) (field, rest string, err error) {
	if quoted, ok := strings.CutPrefix(line, `"`); ok {
		field, rest, ok = strings.Cut(quoted, `"`)
		if !ok {
			return "", "", errors.New("the quotes around the principals do not end")
		}
		return field, strings.TrimSpace(rest), nil
	}
	end := strings.IndexAny(line, " \t")
	if end < 0 {
		return "", "", errors.New("no public key follows the principals")
	}
	return line[:end], strings.TrimSpace(line[end:]), nil
}

// options narrow down what a key is allowed for.
type options struct {
	namespaces    patterns // none: every namespace
	after, before time.Time
}

// parseOptions reads options such as namespaces="a,b". One that is not known is an error: it may have been
// meant to narrow the key down.
func parseOptions(given []string) (options, error) {
	var o options
	seen := map[string]bool{}
	for _, option := range given {
		name, value, _ := strings.Cut(option, "=")
		name = strings.ToLower(name)
		if seen[name] {
			return o, fmt.Errorf("%s is given twice", name)
		}
		seen[name] = true
		if len(value) >= 2 && strings.HasPrefix(value, `"`) && strings.HasSuffix(value, `"`) {
			value = value[1 : len(value)-1]
		}
		var err error
		switch name {
		case "namespaces":
			o.namespaces, err = parsePatterns(value)
		case "valid-after":
			o.after, err = parseTime(value)
		case "valid-before":
			o.before, err = parseTime(value)
		case "cert-authority":
			return o, errors.New("cert-authority is not supported: list each person's own public key instead")
		default:
			return o, fmt.Errorf("unknown option %q: known are namespaces, valid-after and valid-before", name)
		}
		if err != nil {
			return o, fmt.Errorf("%s: %w", name, err)
		}
	}
	if !o.after.IsZero() && !o.before.IsZero() && !o.before.After(o.after) {
		return o, errors.New("valid-before is not after valid-after")
	}
	return o, nil
}

// parseTime reads YYYYMMDD or YYYYMMDDHHMM[SS], in UTC with a Z after it and else in the machine's time zone.
func parseTime(text string) (time.Time, error) {
	zone := time.Local
	digits, utc := strings.CutSuffix(text, "Z")
	if utc {
		zone = time.UTC
	}
	for _, layout := range []string{"20060102", "200601021504", "20060102150405"} {
		if len(digits) == len(layout) {
			if at, err := time.ParseInLocation(layout, digits, zone); err == nil {
				return at, nil
			}
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time such as 20260131, 202601312359 or 20260131235900Z", text)
}
