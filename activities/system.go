package activities

import (
	"context"

	"github.com/linkwright/linkwright/internal/link"
)

// System is what flows ask of Linkwright's own surroundings: the accounts file, and Temporal.
type System interface {
	// ResolveAccount finds an account by its name. Blocked when the accounts file does not have it.
	ResolveAccount(context.Context, ResolveAccountRequest) (link.Account, error)
	// Subscribe tells the Watch of an account and region what a flow waits for, and starts the Watch when
	// it does not run.
	Subscribe(context.Context, SubscribeRequest) error
	// SignalSender finds out which principal the Temporal server authenticated for a signal that the calling
	// workflow received: the nth of that name in this run, counted from 1. Empty when it authenticated nobody.
	SignalSender(context.Context, SignalSenderRequest) (string, error)
}

// ResolveAccountRequest names an account.
type ResolveAccountRequest struct {
	Account string `json:"account"`
}

// SubscribeRequest subscribes the calling workflow.
type SubscribeRequest struct {
	Account link.Account `json:"account"`
	Region  string       `json:"region"`
	Topics  []Topic      `json:"topics"`
}

// SignalSenderRequest names a received signal.
type SignalSenderRequest struct {
	Signal string `json:"signal"`
	Nth    int    `json:"nth"`
}
