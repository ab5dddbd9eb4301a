package lab

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"text/template"

	"github.com/linkwright/linkwright/internal/dial"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
	"github.com/linkwright/linkwright/workflows"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
)

// The flows of the demo's specs, which are called so in others, too.
var (
	Service    = flows.ServiceRef("payments")
	Connection = flows.ConnectionRef("payments", "shop")
)

// Documents are the specs to apply.
func (l *Lab) Documents() ([]link.Document, error) {
	name := cmp.Or(l.Specs, l.Cloud.Files.Specs)
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	id := func(account, kind, name string) (string, error) {
		found := l.Cloud.Resource(account, kind, name)
		if found == "" {
			return "", fmt.Errorf("account %s has no %s %s", account, kind, name)
		}
		return found, nil
	}
	specs, err := template.New(name).Funcs(template.FuncMap{"id": id}).Parse(string(text))
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := specs.Execute(&b, nil); err != nil {
		return nil, err
	}
	return link.Decode(link.File{Name: name, Data: b.Bytes()})
}

// Apply applies the specs.
func (l *Lab) Apply(ctx context.Context) error {
	documents, err := l.Documents()
	if err != nil {
		return err
	}
	for _, doc := range documents {
		if _, err := l.Flows.Apply(ctx, doc, "lab"); err != nil {
			return err
		}
	}
	return nil
}

// Approve waits until a connection asks for approval, and approves what it shows.
func (l *Lab) Approve(ctx context.Context, connection flows.Ref) error {
	if err := l.Reach(ctx, connection, link.AwaitingApproval); err != nil {
		return err
	}
	return l.WhenHeard(ctx, "the connection to say what it asks", func() (bool, error) {
		return l.ApproveIfAsked(ctx, connection)
	})
}

// ApproveIfAsked approves what a connection shows, if it asks for approval, and reports whether it did.
func (l *Lab) ApproveIfAsked(ctx context.Context, connection flows.Ref) (bool, error) {
	s, err := l.Flows.Status(ctx, connection)
	if err != nil || s.Waiting == nil || s.Waiting.Approve == nil {
		return false, err
	}
	decision := *s.Waiting.Approve
	decision.Verb, decision.By, decision.Reason = link.Approve, "lab", "the shop may use it"
	_, err = l.Flows.Decide(ctx, connection, decision)
	return true, err
}

// Withdraw asks a service to be taken down.
func (l *Lab) Withdraw(ctx context.Context, service flows.Ref) error {
	return l.WhenHeard(ctx, "the service to hear", func() (bool, error) {
		_, err := l.Flows.Remove(ctx, service, link.Decision{By: "lab", Reason: "the test is over"})
		return true, err
	})
}

// EndWatches ends the Watches that still linger, as if their time had passed.
func (l *Lab) EndWatches(ctx context.Context) error {
	running, err := l.Client.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
		Query: fmt.Sprintf("WorkflowType = %q AND ExecutionStatus = 'Running'", workflows.WatchWorkflow),
	})
	if err != nil {
		return err
	}
	for _, watch := range running.GetExecutions() {
		err := l.Client.TerminateWorkflow(ctx, watch.GetExecution().GetWorkflowId(), watch.GetExecution().GetRunId(), "the next link lives")
		var gone *serviceerror.NotFound
		if err != nil && !errors.As(err, &gone) {
			return err
		}
	}
	return nil
}

// WhenHeard repeats a question for as long as no worker is there to answer.
func (l *Lab) WhenHeard(ctx context.Context, what string, ask func() (bool, error)) error {
	return Until(ctx, what, func() (bool, error) {
		done, err := ask()
		var nobody *flows.NoWorkerError
		var unreachable *dial.UnreachableError
		if errors.As(err, &nobody) || errors.As(err, &unreachable) {
			return false, nil
		}
		return done, err
	})
}
