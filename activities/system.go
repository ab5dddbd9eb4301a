package activities

import (
	"context"
	"encoding/json"

	"github.com/linkwright/linkwright/internal/link"
)

// System is what flows ask of Linkwright's own surroundings: the accounts file, and Temporal.
type System interface {
	// ResolveAccount finds an account by its name. Blocked when the accounts file does not have it.
	ResolveAccount(context.Context, ResolveAccountRequest) (link.Account, error)
	// SignalWithStart sends a signal to a workflow, and starts the workflow first when it does not run.
	SignalWithStart(context.Context, SignalWithStartRequest) error
	// SignalSender finds out which principal the Temporal server authenticated for a signal that the calling
	// workflow received: the nth of that name in this run, counted from 1. Empty when it authenticated nobody.
	SignalSender(context.Context, SignalSenderRequest) (string, error)
}

// ResolveAccountRequest names an account.
type ResolveAccountRequest struct {
	Account string `json:"account"`
}

// SignalWithStartRequest names a workflow and what to tell it.
type SignalWithStartRequest struct {
	WorkflowID string `json:"workflowID"`
	Signal     string `json:"signal"`
	// Message goes with the signal.
	Message json.RawMessage `json:"message"`
	// Workflow, TaskQueue, Input and Summary are for the start.
	Workflow  string          `json:"workflow"`
	TaskQueue string          `json:"taskQueue"`
	Input     json.RawMessage `json:"input"`
	Summary   string          `json:"summary"`
}

// SignalSenderRequest names a received signal.
type SignalSenderRequest struct {
	Signal string `json:"signal"`
	Nth    int    `json:"nth"`
}
