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
	// FlowStarter finds out which principal the Temporal server authenticated for the start of the calling
	// workflow. Empty when it authenticated nobody, or does not keep the beginning of the flow any more.
	FlowStarter(context.Context, FlowStarterRequest) (string, error)
	// AskFlow asks a running workflow a query and returns its answer as it stands. Gone when there is none.
	AskFlow(context.Context, AskFlowRequest) (json.RawMessage, error)
	// Introduce asks a running workflow a query as AskFlow does, and then sends it a signal.
	Introduce(context.Context, IntroduceRequest) (json.RawMessage, error)
	// TellFlow sends a running workflow an update and returns its answer as it stands. Gone when there is none; refused
	// when the workflow does not take the update in, or answers it with an error.
	TellFlow(context.Context, TellFlowRequest) (json.RawMessage, error)
	// VerifySignature checks the signature over a decision. That it does not hold is an answer, not an error.
	VerifySignature(context.Context, VerifySignatureRequest) (SignatureVerdict, error)
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

// FlowStarterRequest names the first run of the calling workflow, from which it has continued as new.
type FlowStarterRequest struct {
	FirstRunID string `json:"firstRunID"`
}

// AskFlowRequest names a workflow and what to ask it.
type AskFlowRequest struct {
	WorkflowID string `json:"workflowID"`
	Query      string `json:"query"`
}

// IntroduceRequest names a workflow, what to ask it, and what to tell it after that.
type IntroduceRequest struct {
	AskFlowRequest
	Signal  string          `json:"signal"`
	Message json.RawMessage `json:"message"`
}

// TellFlowRequest names a workflow and an update, whose id makes sure that it is taken in once.
type TellFlowRequest struct {
	WorkflowID string          `json:"workflowID"`
	Update     string          `json:"update"`
	UpdateID   string          `json:"updateID"`
	Message    json.RawMessage `json:"message"`
}

// VerifySignatureRequest asks whose a signature is.
type VerifySignatureRequest struct {
	// Text is what must have been signed, and Signature the armored signature.
	Text      string `json:"text"`
	Signature string `json:"signature"`
	// By is who claims to have signed; empty for the only name that the key has.
	By string `json:"by,omitempty"`
	// Others are to be told from the signer.
	Others []link.Signer `json:"others,omitempty"`
}

// SignatureVerdict is whose a signature is.
type SignatureVerdict struct {
	// Refused is why the signature does not hold, in words for its signer; nothing else is set then.
	Refused string      `json:"refused,omitempty"`
	Signer  link.Signer `json:"signer"`
	// Signature is the signature alone, without anything that came with it.
	Signature string `json:"signature,omitempty"`
	// Same are the names among Others that may be the signer's, too.
	Same []string `json:"same,omitempty"`
}
