package workflows_test

import (
	"testing"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/workflows"
)

// The flow of an endpoint that the service has found may be told to leave before the service has told it what it is.
func TestWhenAFoundEndpointIsDismissedBeforeItHasMetItsServiceItEnds(t *testing.T) {
	env, _, around := newEnvironment(t)
	around.unknown[""] = true
	env.RegisterWorkflowWithOptions(workflows.Connection, workflow.RegisterOptions{Name: workflows.ConnectionWorkflow})

	var status link.Status
	var left bool
	var ended time.Duration
	service := func(ctx workflow.Context) error { // only it can find an endpoint
		began := workflow.Now(ctx)
		id := workflows.ConnectionID("payments", "vpce-1")
		child := workflow.ExecuteChildWorkflow(workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{WorkflowID: id}),
			workflows.ConnectionWorkflow, workflows.ConnectionInput{
				Service: "payments", Name: "vpce-1",
				Found: &activities.ConnectionView{Endpoint: "vpce-1", Owner: "333333333333", State: activities.EndpointPendingAcceptance},
			})
		if err := child.GetChildWorkflowExecution().Get(ctx, nil); err != nil {
			return err
		}
		dismissal := link.Decision{By: "service payments", Reason: "the service is being withdrawn"}
		if err := child.SignalChildWorkflow(ctx, workflows.DisconnectUpdate, dismissal).Get(ctx, nil); err != nil {
			return err
		}
		err := child.Get(ctx, &status)
		left, ended = workflow.GetSignalChannel(ctx, "linkwright.leave").ReceiveAsync(nil), workflow.Now(ctx).Sub(began)
		return err
	}
	env.SetStartWorkflowOptions(clientOptions("endpoint-service/payments"))
	env.ExecuteWorkflow(service)

	if err := env.GetWorkflowError(); err != nil {
		t.Fatal(err)
	}
	if status.Phase != link.Disconnected || !left || ended > time.Second {
		t.Errorf("%s after %v, the service was told: %t; blocked by %+v", status.Phase, ended, left, status.Blocked)
	}
}
