package report

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
)

// File is a page that is about to be written. It takes the place of what is there once it is whole.
type File struct {
	path string
	new  *os.File
}

// UnwritableError is a path at which no page can be written.
type UnwritableError struct {
	Path string
	Err  error
}

func (e *UnwritableError) Error() string {
	return fmt.Sprintf("no page can be written to %s: %v; name a file in a directory that is there and that you may write to", e.Path, e.Err)
}

func (e *UnwritableError) Unwrap() error { return e.Err }

// Create begins a page beside the one that it will replace, so that a path at which nothing can be written is found out
// before anything else is done.
func Create(path string) (*File, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, &UnwritableError{Path: path, Err: fmt.Errorf("it is no file but a %s", kindOf(info))}
	}
	beside := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+"."+rand.Text()[:8])
	new, err := os.OpenFile(beside, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
	if err != nil {
		return nil, &UnwritableError{Path: path, Err: err}
	}
	return &File{path: path, new: new}, nil
}

func kindOf(info os.FileInfo) string {
	if info.IsDir() {
		return "directory"
	}
	return info.Mode().Type().String()
}

// Write writes the page, and puts it in its place.
func (f *File) Write(p Page) error {
	var text bytes.Buffer
	if err := p.render(&text); err != nil {
		return fmt.Errorf("make the page: %w", err)
	}
	if _, err := f.new.Write(text.Bytes()); err != nil {
		return &UnwritableError{Path: f.path, Err: err}
	}
	if err := f.new.Close(); err != nil {
		return &UnwritableError{Path: f.path, Err: err}
	}
	if err := os.Rename(f.new.Name(), f.path); err != nil {
		return &UnwritableError{Path: f.path, Err: err}
	}
	return nil
}

// Discard leaves nothing behind of a page that was not written; after Write it does nothing.
func (f *File) Discard() {
	// After Write, neither is there any more.
	_ = f.new.Close()
	_ = os.Remove(f.new.Name())
}
