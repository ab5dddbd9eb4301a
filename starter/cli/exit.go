package cli

import (
	"errors"
	"fmt"
	"strings"
)

// The exit codes.
const (
	ExitOK          = 0
	ExitError       = 1
	ExitUsage       = 2
	ExitChanges     = 2 // of plan --detailed-exitcode, as Terraform has it, and of reconcile and orphans remove
	ExitEnded       = 3
	ExitTimeout     = 4
	ExitInterrupted = 130
)

// exitCodes explains them, a line each.
func exitCodes() string {
	var b strings.Builder
	for _, e := range []struct {
		code    int
		meaning string
	}{
		{ExitOK, "done"},
		{ExitError, "an error: an invalid spec, a refused decision, an unknown name, no answer"},
		{ExitUsage, "the command line was not understood; or, with plan --detailed-exitcode, there are changes; or reconcile, or orphans remove, leaves something to a person"},
		{ExitEnded, "the link that was waited for has ended instead: turned away, or taken down"},
		{ExitTimeout, "--timeout ran out while waiting; the flows go on"},
		{ExitInterrupted, "interrupted; the flows go on"},
	} {
		fmt.Fprintf(&b, "  %3d  %s\n", e.code, e.meaning)
	}
	return strings.TrimRight(b.String(), "\n")
}

func exitCode(err error) int {
	var (
		usage *usageError
		ended *NotArrivedError
	)
	switch {
	case errors.As(err, &usage):
		return ExitUsage
	case errors.As(err, &ended):
		return ExitEnded
	case errors.Is(err, errTimeout):
		return ExitTimeout
	}
	return ExitError
}

// usageError is a command line that was not understood.
type usageError struct {
	command string
	err     error
}

func (e *usageError) Error() string {
	return fmt.Sprintf("%v\nSee `%s --help`.", e.err, e.command)
}

func (e *usageError) Unwrap() error { return e.err }
