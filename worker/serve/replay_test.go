package serve

import (
	"path/filepath"
	"testing"

	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.temporal.io/sdk/contrib/opentelemetry"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/worker"
)

// Flows that began before they were traced, or go on where they are not, do not notice.
func TestHistoriesAreReplayedWhereFlowsAreTraced(t *testing.T) {
	histories, err := filepath.Glob("../../testdata/histories/*/*.json")
	if err != nil || len(histories) == 0 {
		t.Fatalf("there are no histories (%v)", err)
	}
	spans := tracetest.NewSpanRecorder()
	traced, err := opentelemetry.NewTracingInterceptor(opentelemetry.TracerOptions{
		Tracer: trace.NewTracerProvider(trace.WithSpanProcessor(spans)).Tracer(""),
	})
	if err != nil {
		t.Fatal(err)
	}
	replayer, err := worker.NewWorkflowReplayerWithOptions(worker.WorkflowReplayerOptions{
		// A busy machine may keep a workflow from its turn for longer than the second after which the SDK calls it stuck.
		DisableDeadlockDetection: true,
		Interceptors:             []interceptor.WorkerInterceptor{traced, &heartbeats{settle: settleWithin}, &names{}, &logs{}},
	})
	if err != nil {
		t.Fatal(err)
	}
	Workflows(replayer)
	for _, history := range histories {
		t.Run(filepath.Base(history), func(t *testing.T) {
			if err := replayer.ReplayWorkflowHistoryFromJSONFile(nil, history); err != nil {
				t.Error(err)
			}
		})
	}
	if len(spans.Started()) == 0 {
		t.Error("nothing was traced")
	}
}
