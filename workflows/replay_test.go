package workflows_test

import (
	"path/filepath"
	"testing"

	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/workflows"
)

// TestReplay runs the flows again on histories of their past: links that live for months must not notice that the
// code has changed under them. When it fails, the change breaks flows that run; guard it by a revision, or with
// workflow.GetVersion.
// There is a folder for each revision of services and connections, as flow.go has them; `make histories` records that of
// the newest anew, which is right only while no link of that revision exists anywhere.
func TestReplay(t *testing.T) {
	histories, err := filepath.Glob("../testdata/histories/*/*.json")
	if err != nil {
		t.Fatal(err)
	}
	if len(histories) == 0 {
		t.Fatal("there are no histories: record them with `make histories`")
	}
	replayer := worker.NewWorkflowReplayer()
	for name, flow := range map[string]any{
		workflows.EndpointServiceWorkflow: workflows.EndpointService,
		workflows.ConnectionWorkflow:      workflows.Connection,
		workflows.VPCInventoryWorkflow:    workflows.VPCInventory,
		workflows.VPCPeeringWorkflow:      workflows.VPCPeering,
		workflows.PlanWorkflow:            workflows.Plan,
		workflows.WatchWorkflow:           workflows.Watch,
		workflows.ReconcileWorkflow:       workflows.Reconcile,
		workflows.ImportWorkflow:          workflows.Import,
		workflows.CleanupWorkflow:         workflows.Cleanup,
	} {
		replayer.RegisterWorkflowWithOptions(flow, workflow.RegisterOptions{Name: name})
	}
	for _, history := range histories {
		t.Run(filepath.Join(filepath.Base(filepath.Dir(history)), filepath.Base(history)), func(t *testing.T) {
			if err := replayer.ReplayWorkflowHistoryFromJSONFile(nil, history); err != nil {
				t.Error(err)
			}
		})
	}
}
