package serve

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/workflows"
)

func TestWhatAFlowLogsHasItsAccount(t *testing.T) {
	var out bytes.Buffer
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.NewTextHandler(&out, nil))))
	env := suite.NewTestWorkflowEnvironment()
	env.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{&logs{}}})
	env.ExecuteWorkflow(func(ctx workflow.Context) error {
		workflow.GetLogger(ctx).Info("before it is known")
		err := workflow.UpsertTypedSearchAttributes(ctx, workflows.LinkAccount.ValueSet("consumer"))
		workflow.GetLogger(ctx).Info("once it is known")
		return err
	})
	if err := env.GetWorkflowError(); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out.String()) {
		if strings.Contains(line, "it is known") && strings.Contains(line, "LinkAccount=consumer") != strings.Contains(line, "once") {
			t.Errorf("it logs %s", line)
		}
	}
	if !strings.Contains(out.String(), "LinkAccount=consumer") {
		t.Errorf("nothing has an account in\n%s", out.String())
	}
}
