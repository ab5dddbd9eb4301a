package system_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/activities/system"
	server "github.com/linkwright/linkwright/dev/temporal"
)

const queue = "hotels"

type guest struct {
	Name string `json:"name"`
}

// Hotel gives rooms to guests, by the numbers that are next, until it is closed.
func Hotel(ctx workflow.Context) error {
	rooms := 0
	err := workflow.SetUpdateHandlerWithOptions(ctx, "reserve", func(ctx workflow.Context, g guest) (map[string]any, error) {
		rooms++
		switch g.Name {
		case "the last": // who gets no answer
			return nil, workflow.Await(ctx, func() bool { return false })
		case "the late":
			return nil, errors.New("the kitchen is closed")
		}
		return map[string]any{"guest": g.Name, "room": rooms}, nil
	}, workflow.UpdateHandlerOptions{Validator: func(g guest) error {
		if g.Name == "" {
			return errors.New("a guest has a name")
		}
		return nil
	}})
	if err != nil {
		return err
	}
	workflow.GetSignalChannel(ctx, "close").Receive(ctx, nil)
	return nil
}

// dial starts a Temporal server and returns a client of it, both until the test ends.
func dial(t *testing.T) client.Client {
	t.Helper()
	temporalServer, err := server.Start(t.Context(), server.Options{
		NoUI: true, SearchAttributes: map[string]enumspb.IndexedValueType{"LinkPlaces": enumspb.INDEXED_VALUE_TYPE_KEYWORD_LIST},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := temporalServer.Stop(); err != nil {
			t.Error(err)
		}
	})
	c, err := temporalServer.Dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// serve is dial with a worker that runs hotels.
func serve(t *testing.T) client.Client {
	t.Helper()
	c := dial(t)
	w := worker.New(c, queue, worker.Options{})
	w.RegisterWorkflow(Hotel)
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Stop)
	return c
}

// What runs under a flow's id to remove what the flow has left is not the flow.
func TestAFlowThatIsCleanedUpAfterDoesNotRun(t *testing.T) {
	c := serve(t)
	run, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: "ritz", TaskQueue: queue}, Hotel)
	if err != nil {
		t.Fatal(err)
	}
	handle, err := c.UpdateWorkflow(t.Context(), client.UpdateWorkflowOptions{ // once it is answered, queries can be
		WorkflowID: run.GetID(), UpdateName: "reserve", Args: []any{guest{"Ann"}}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err != nil || handle.Get(t.Context(), nil) != nil {
		t.Fatal(err)
	}
	for cleanup, gone := range map[string]bool{"Hotel": true, "Cleanup": false} {
		steps := &system.System{Config: system.Config{Client: c, Cleanup: cleanup}}
		_, err := steps.AskFlow(t.Context(), activities.AskFlowRequest{WorkflowID: "ritz", Query: "unheard-of"})
		if err == nil || activities.IsGone(err) != gone {
			t.Errorf("when the workflows that clean up are called %s, it answers %v", cleanup, err)
		}
	}
}

func TestTellFlow(t *testing.T) {
	c := serve(t)
	if _, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: "ritz", TaskQueue: queue}, Hotel); err != nil {
		t.Fatal(err)
	}
	steps := &system.System{Config: system.Config{Client: c}}
	tell := func(id, update, message string) (string, error) {
		req := activities.TellFlowRequest{WorkflowID: "ritz", Update: update, UpdateID: id, Message: json.RawMessage(message)}
		answer, err := steps.TellFlow(t.Context(), req)
		return string(answer), err
	}

	const first = `{"guest":"Ann","room":1}`
	for range 2 { // the second time, the first answer was lost
		if got, err := tell("1", "reserve", `{"name":"Ann"}`); err != nil || got != first {
			t.Errorf("it answers %s, %v, want %s", got, err, first)
		}
	}
	if got, err := tell("2", "reserve", `{"name":"Bob"}`); err != nil || !strings.Contains(got, `"room":2`) {
		t.Errorf("it answers %s, %v", got, err)
	}
	for _, c := range []struct{ name, id, update, message, says string }{
		{"when the flow's validator refuses, it says why", "3", "reserve", `{"name":""}`, "ritz refuses reserve: a guest has a name"},
		{"when the flow answers with an error, it says which", "4", "reserve", `{"name":"the late"}`, "the kitchen is closed"},
		{"when the flow knows no such update, it says so", "5", "dine", `{}`, "ritz refuses dine"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := tell(c.id, c.update, c.message)
			var app *temporal.ApplicationError
			if !errors.As(err, &app) || !activities.IsRefused(err) || !app.NonRetryable() || !strings.Contains(app.Message(), c.says) {
				t.Errorf("it answers %v", err)
			}
		})
	}

	unanswered := make(chan error, 1)
	go func() {
		_, err := tell("6", "reserve", `{"name":"the last"}`)
		unanswered <- err
	}()
	rooms := func() bool { // the last guest was let in, too
		got, err := tell(time.Now().String(), "reserve", `{"name":"asks"}`)
		return err == nil && !strings.Contains(got, `"room":4`)
	}
	for !rooms() {
	}
	if err := c.SignalWorkflow(t.Context(), "ritz", "", "close", nil); err != nil {
		t.Fatal(err)
	}
	if err := <-unanswered; !activities.IsGone(err) {
		t.Errorf("when the flow ends without an answer, it answers %v", err)
	}
	if err := c.GetWorkflow(t.Context(), "ritz", "").Get(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := tell("7", "reserve", `{"name":"Eve"}`); !activities.IsGone(err) {
		t.Errorf("when the flow has ended, it answers %v", err)
	}
	if _, err := steps.TellFlow(t.Context(), activities.TellFlowRequest{WorkflowID: "savoy", Update: "reserve", UpdateID: "1"}); !activities.IsGone(err) {
		t.Errorf("when there is no such flow, it answers %v", err)
	}
}
