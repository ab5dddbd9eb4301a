package temporal_test

import (
	"context"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	sdk "go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/dev/temporal"
)

const taskQueue = "greetings"

var colour = sdk.NewSearchAttributeKeyKeyword("Colour")

// attributes are what most tests register.
func attributes() map[string]enumspb.IndexedValueType {
	return map[string]enumspb.IndexedValueType{
		colour.GetName(): enumspb.INDEXED_VALUE_TYPE_KEYWORD,
		"Urgent":         enumspb.INDEXED_VALUE_TYPE_BOOL,
	}
}

// Greet shows its colour, waits to be told a name, and greets it.
func Greet(ctx workflow.Context, shown string) (string, error) {
	if err := workflow.UpsertTypedSearchAttributes(ctx, colour.ValueSet(shown)); err != nil {
		return "", err
	}
	var name string
	workflow.GetSignalChannel(ctx, "name").Receive(ctx, &name)
	return "hello " + name, nil
}

func start(t *testing.T, opts temporal.Options) *temporal.Server {
	t.Helper()
	server, err := temporal.Start(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	return server
}

func dial(t *testing.T, server *temporal.Server) client.Client {
	t.Helper()
	c, err := server.Dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func dialAs(t *testing.T, server *temporal.Server, token string) client.Client {
	t.Helper()
	c, err := server.DialAs(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func serveGreet(t *testing.T, c client.Client) {
	t.Helper()
	w := worker.New(c, taskQueue, worker.Options{})
	w.RegisterWorkflow(Greet)
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Stop)
}

func startGreet(ctx context.Context, c client.Client, id, shown string) (client.WorkflowRun, error) {
	return c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: id, TaskQueue: taskQueue}, Greet, shown)
}

// until polls for what Temporal makes true a little later, as the index that lists workflows.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(30 * time.Second)
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("never came true: %s", what)
		}
	}
}
