package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/temporalproto"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
)

// book is a folder of histories: one run of a workflow in each file, as `temporal workflow show --output json`
// writes it.
type book struct {
	out, draft string
}

// openBook begins a draft beside the folder, which takes its place in the end. With keep, the folder's histories stay.
func openBook(out string, keep bool) (*book, error) {
	b := &book{out: filepath.Clean(out), draft: filepath.Clean(out) + ".new"}
	if err := os.RemoveAll(b.draft); err != nil {
		return nil, err
	}
	if keep {
		return b, os.CopyFS(b.draft, os.DirFS(b.out))
	}
	return b, os.MkdirAll(b.draft, 0o755)
}

func (b *book) close() error {
	if err := os.RemoveAll(b.out); err != nil {
		return err
	}
	return os.Rename(b.draft, b.out)
}

// write writes down a workflow's latest run, as it is now.
func (b *book) write(ctx context.Context, c client.Client, name, workflowID string) error {
	return b.writeRun(ctx, c, name, workflowID, "")
}

// writeOnly writes down the one workflow of a type.
func (b *book) writeOnly(ctx context.Context, c client.Client, name, workflowType string) error {
	found, err := c.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{Query: fmt.Sprintf("WorkflowType = %q", workflowType)})
	if err != nil {
		return fmt.Errorf("list the runs of %s: %w", workflowType, err)
	}
	if len(found.GetExecutions()) != 1 {
		return fmt.Errorf("of %s there are %d runs", workflowType, len(found.GetExecutions()))
	}
	return b.write(ctx, c, name, found.GetExecutions()[0].GetExecution().GetWorkflowId())
}

// writeRuns writes down all runs of a workflow, the oldest first.
func (b *book) writeRuns(ctx context.Context, c client.Client, name, workflowID string) error {
	found, err := c.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
		Query: fmt.Sprintf("WorkflowId = '%s'", workflowID),
	})
	if err != nil {
		return fmt.Errorf("list the runs of %s: %w", workflowID, err)
	}
	runs := found.GetExecutions() // newest first
	for i, run := range runs {
		file := fmt.Sprintf("%s-%02d", name, len(runs)-i)
		if err := b.writeRun(ctx, c, file, workflowID, run.GetExecution().GetRunId()); err != nil {
			return err
		}
	}
	return nil
}

func (b *book) writeRun(ctx context.Context, c client.Client, name, workflowID, runID string) error {
	var history historypb.History
	events := c.GetWorkflowHistory(ctx, workflowID, runID, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			return fmt.Errorf("read the history of %s: %w", workflowID, err)
		}
		history.Events = append(history.Events, event)
	}
	data, err := temporalproto.CustomJSONMarshalOptions{}.Marshal(&history)
	if err != nil {
		return err
	}
	if data, err = impersonal(data); err != nil {
		return err
	}
	var pretty bytes.Buffer // protobuf's own indentation differs from run to run on purpose
	if err := json.Indent(&pretty, data, "", " "); err != nil {
		return err
	}
	pretty.WriteByte('\n')
	fmt.Printf("%s: %d events of %s\n", name, len(history.Events), workflowID)
	return os.WriteFile(filepath.Join(b.draft, name+".json"), pretty.Bytes(), 0o644)
}

// named are the parts of a history that may tell on which machine it was recorded: identities of workers and
// clients, and the names of workers' own task queues.
var named = regexp.MustCompile(`"(?:identity|name)":\s*"[^"]*"`)

// impersonal takes the machine out of a history.
func impersonal(history []byte) ([]byte, error) {
	host, err := os.Hostname()
	if err != nil {
		return nil, err
	}
	return named.ReplaceAllFunc(history, func(field []byte) []byte {
		return bytes.ReplaceAll(field, []byte(host), []byte("worker"))
	}), nil
}
