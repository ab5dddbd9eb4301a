// Package secretfile reads files that hold secrets, and refuses those that others can read.
package secretfile

import (
	"fmt"
	"io"
	"io/fs"
	"os"
)

// ExposedError is a file with a secret that others can read or change.
type ExposedError struct {
	Path string
	Mode fs.FileMode
}

func (e *ExposedError) Error() string {
	return fmt.Sprintf("others can read or change %s (mode %04o): chmod 600 %s", e.Path, e.Mode, e.Path)
}

// Read reads a file that nobody but its owner may read. It fails with an [*ExposedError], or with the error of
// the file system.
func Read(path string) (data []byte, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close() // it was only read
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if exposed(info) {
		return nil, &ExposedError{path, info.Mode().Perm()}
	}
	return io.ReadAll(file)
}
