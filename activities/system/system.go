// Package system takes the steps of package activities that are about Linkwright itself: finding accounts
// in the accounts file, asking and telling what a workflow cannot ask or tell, and finding out who decides.
package system

import (
	"context"
	"errors"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/accounts"
	"github.com/linkwright/linkwright/internal/link"
)

// Prefix of the names that the steps are registered under.
const Prefix = "system."

// Config is what the steps need.
type Config struct {
	Client client.Client
	// Accounts finds an account by name; [accounts.Book] does.
	Accounts interface {
		Lookup(name string) (link.Account, error)
	}
	// LookAgain is how soon to look for the first time whether a person has mended the accounts file.
	LookAgain time.Duration
	// Cleanup is the type of the workflows that run under the id of a flow while they remove what it has left.
	Cleanup string
	// AllowedSigners is the file that says who may sign decisions; empty where nobody may.
	AllowedSigners string
}

// System implements [activities.System].
type System struct{ Config }

var _ activities.System = (*System)(nil)

// Register registers every step: "system.ResolveAccount", ….
func Register(r worker.ActivityRegistry, c Config) {
	r.RegisterActivityWithOptions(&System{c}, activity.RegisterOptions{Name: Prefix})
}

// ResolveAccount implements [activities.System].
func (s *System) ResolveAccount(_ context.Context, req activities.ResolveAccountRequest) (link.Account, error) {
	at, err := s.Accounts.Lookup(req.Account)
	if errors.Is(err, accounts.ErrUnknownAccount) {
		return link.Account{}, activities.Blocked(link.Problem{
			Reason: link.ReasonUnknownAccount, Account: req.Account,
			Message:    err.Error(),
			Remedy:     "add the account to the workers' accounts file and restart the workers, or correct the name in the spec and apply it again",
			RetryAfter: s.LookAgain,
		}, err)
	}
	return at, err
}

// SignalWithStart implements [activities.System]. A workflow cannot do this by itself; a client can.
func (s *System) SignalWithStart(ctx context.Context, req activities.SignalWithStartRequest) error {
	_, err := s.Client.SignalWithStartWorkflow(ctx, req.WorkflowID, req.Signal, req.Message, client.StartWorkflowOptions{
		TaskQueue:             req.TaskQueue,
		WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		StaticSummary:         req.Summary,
	}, req.Workflow, req.Input)
	if err != nil {
		return fmt.Errorf("signal %s to %s: %w", req.Signal, req.WorkflowID, err)
	}
	return nil
}
