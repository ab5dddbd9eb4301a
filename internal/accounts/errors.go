package accounts

import (
	"errors"
	"fmt"
)

var (
	// ErrUnknownAccount is a name that the accounts file does not have.
	ErrUnknownAccount = errors.New("unknown account")
	// ErrNotServed is an account that this worker was told not to act for.
	ErrNotServed = errors.New("account not served by this worker")
	// ErrNoTaskQueue is an account that a worker shall serve alone, but that has no task queue of its own.
	ErrNoTaskQueue = errors.New("account without a task queue")
	// ErrWrongAccount is an account whose credentials belong to another one.
	ErrWrongAccount = errors.New("credentials of another account")
)

// CredentialsError says that an account's credentials could not be had: there are none, they have expired, or
// the role may not be assumed.
type CredentialsError struct {
	// Account is the account's name, and ActingAs the role that was to be assumed; empty for base credentials.
	Account, ActingAs string
	Err               error
}

func (e *CredentialsError) Error() string {
	if e.ActingAs == "" {
		return fmt.Sprintf("no credentials for account %q: %v", e.Account, e.Err)
	}
	return fmt.Sprintf("no credentials for account %q as %s: %v", e.Account, e.ActingAs, e.Err)
}

func (e *CredentialsError) Unwrap() error { return e.Err }
