package serve

import (
	"context"
	"errors"
	"testing"
	"time"

	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/internal/accounts"
)

func TestWhenAStepIsTriedAgainItHasTheSameNameAndAnotherHasAnother(t *testing.T) {
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestWorkflowEnvironment()
	env.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{&names{}}})
	var heard []string
	hear := func(ctx context.Context) error {
		if heard = append(heard, accounts.Step(ctx)); len(heard) == 1 {
			return errors.New("once more")
		}
		return nil
	}
	env.RegisterActivity(hear)
	env.ExecuteWorkflow(func(ctx workflow.Context) error {
		ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
			StartToCloseTimeout: time.Minute, RetryPolicy: &temporal.RetryPolicy{InitialInterval: time.Second},
		})
		return errors.Join(workflow.ExecuteActivity(ctx, hear).Get(ctx, nil), workflow.ExecuteActivity(ctx, hear).Get(ctx, nil))
	})
	if err := env.GetWorkflowError(); err != nil {
		t.Fatal(err)
	}
	if len(heard) != 3 || heard[0] == "" || heard[1] != heard[0] || heard[2] == heard[0] {
		t.Errorf("a step that was tried twice, and another, have the names %q", heard)
	}
}
