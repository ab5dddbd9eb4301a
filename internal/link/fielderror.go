package link

import (
	"fmt"
	"strings"
)

// FieldError is one thing that is wrong with a spec, and where.
type FieldError struct {
	// File, Line and Column are where it is written; empty for a spec that was not read from a file.
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
	// Path of the field: "spec.aws.subnets[1]". Empty for what concerns the document as a whole.
	Path string `json:"path,omitempty"`
	// Message says what is wrong and what to do about it.
	Message string `json:"message"`
}

// Error writes the position as compilers do, so that editors and terminals can jump to it:
// "file.yaml:12:5: spec.aws.vpc: is required".
func (e FieldError) Error() string {
	var b strings.Builder
	if e.Line > 0 {
		fmt.Fprintf(&b, "%s:%d:%d: ", e.File, e.Line, e.Column)
	}
	if e.Path != "" {
		b.WriteString(e.Path + ": ")
	}
	return b.String() + e.Message
}

// Errors are all the things that are wrong with one or several specs, in the order in which they are written.
type Errors []FieldError

// Error writes one error on each line.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, f := range e {
		lines[i] = f.Error()
	}
	return strings.Join(lines, "\n")
}

// err returns nil when nothing is wrong.
func (e Errors) err() error {
	if len(e) == 0 {
		return nil
	}
	return e
}
