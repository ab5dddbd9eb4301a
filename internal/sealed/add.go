package sealed

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v3"

	"github.com/linkwright/linkwright/internal/secretfile"
)

// AddKey makes a new key and adds it to a key file under a name. It only decrypts until encryptWith names it,
// so that it can be brought to every worker first. A file that does not exist is made, and encrypts with it.
func AddKey(path, name string) error {
	secret := make([]byte, keySize)
	if _, err := rand.Read(secret); err != nil {
		return fmt.Errorf("make a key: %w", err)
	}
	entry := keyEntry{Name: name, Key: base64.StdEncoding.EncodeToString(secret)}
	if _, err := newKey(entry); err != nil {
		return fmt.Errorf("key %q: %w", name, err)
	}
	data, err := secretfile.Read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return write(path, keyFile{EncryptWith: name, Keys: []keyEntry{entry}})
	}
	if err != nil {
		return fmt.Errorf("read the key file: %w", err)
	}
	before, err := parse(path, data)
	if err != nil {
		return err // nothing is added to a file that is wrong already
	}
	if before.has(name) {
		return &KeyFileError{path, []string{fmt.Sprintf("it has a key %q already: give the new one another name", name)}}
	}
	var document yaml.Node
	if err := yaml.Unmarshal(data, &document); err != nil {
		return &KeyFileError{path, yamlErrors(err)}
	}
	var added yaml.Node
	if err := added.Encode(entry); err != nil {
		return fmt.Errorf("add a key: %w", err)
	}
	list := field(document.Content[0], "keys")
	if list == nil || list.Kind != yaml.SequenceNode {
		return &KeyFileError{path, []string{"keys is not a plain list, so the new key must be added by hand"}}
	}
	list.Content = append(list.Content, &added)
	return write(path, &document)
}

// field returns the value of a mapping's key; nil when it has none.
func field(mapping *yaml.Node, name string) *yaml.Node {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == name {
			return mapping.Content[i+1]
		}
	}
	return nil
}

// write puts a whole key file in place of the old one, if it is right.
func write(path string, content any) error {
	var b bytes.Buffer
	encoder := yaml.NewEncoder(&b)
	encoder.SetIndent(2)
	if err := encoder.Encode(content); err != nil {
		return fmt.Errorf("write the key file: %w", err)
	}
	if _, err := parse(path, b.Bytes()); err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".new-") // mode 0600
	if err != nil {
		return fmt.Errorf("write the key file: %w", err)
	}
	_, err = file.Write(b.Bytes())
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write the key file: %w", err), os.Remove(file.Name()))
	}
	return nil
}
