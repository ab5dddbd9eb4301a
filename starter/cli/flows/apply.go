package flows

import (
	"context"
	"fmt"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/workflows"
)

// Apply hands a document's spec to its flow, and starts the flow when there is none. It answers once the flow has
// taken the spec, or with a [RefusedError]; what the spec asks for is brought about afterwards.
func (c *Client) Apply(ctx context.Context, doc link.Document, by string) (workflows.ApplyResult, error) {
	switch {
	case doc.Service != nil:
		return c.ApplyService(ctx, *doc.Service, by)
	case doc.Inventory != nil:
		return c.ApplyInventory(ctx, *doc.Inventory, by)
	}
	return c.ApplyConnection(ctx, *doc.Connection, by)
}

// ApplyService is [Client.Apply] for a service.
func (c *Client) ApplyService(ctx context.Context, doc link.EndpointService, by string) (workflows.ApplyResult, error) {
	name, spec := doc.Metadata.Name, doc.Spec
	start := client.StartWorkflowOptions{
		StaticDetails: workflows.WhereToLook,
		StaticSummary: fmt.Sprintf("Publish %s from account %s in %s", name, spec.Account, spec.Region),
		TypedSearchAttributes: temporal.NewSearchAttributes(
			workflows.LinkPhase.ValueSet(string(link.Publishing)),
			workflows.LinkService.ValueSet(name),
			workflows.LinkAccount.ValueSet(spec.Account),
			workflows.LinkRegion.ValueSet(spec.Region),
			workflows.LinkCloud.ValueSet(string(spec.Cloud())),
		),
	}
	return c.apply(ctx, ServiceRef(name), start, workflows.EndpointServiceWorkflow,
		workflows.EndpointServiceInput{Name: name, Spec: spec, By: by},
		workflows.ApplyServiceRequest{Spec: spec, By: by})
}

// ApplyConnection is [Client.Apply] for a connection.
func (c *Client) ApplyConnection(ctx context.Context, doc link.Connection, by string) (workflows.ApplyResult, error) {
	name, spec := doc.Metadata.Name, doc.Spec
	start := client.StartWorkflowOptions{
		StaticDetails: workflows.WhereToLook,
		StaticSummary: fmt.Sprintf("Connect account %s in %s to %s", spec.Account, spec.Region, spec.Service),
		TypedSearchAttributes: temporal.NewSearchAttributes(
			workflows.LinkPhase.ValueSet(string(link.Requesting)),
			workflows.LinkService.ValueSet(spec.Service),
			workflows.LinkAccount.ValueSet(spec.Account),
			workflows.LinkRegion.ValueSet(spec.Region),
			workflows.LinkCloud.ValueSet(string(spec.Cloud())),
		),
	}
	return c.apply(ctx, ConnectionRef(spec.Service, name), start, workflows.ConnectionWorkflow,
		workflows.ConnectionInput{Service: spec.Service, Name: name, Spec: &spec, By: by},
		workflows.ApplyConnectionRequest{Spec: spec, By: by})
}

// ApplyInventory is [Client.Apply] for an inventory.
func (c *Client) ApplyInventory(ctx context.Context, doc link.VPCInventory, by string) (workflows.ApplyResult, error) {
	name, spec := doc.Metadata.Name, doc.Spec
	start := client.StartWorkflowOptions{
		StaticDetails: workflows.WhereToLook,
		StaticSummary: fmt.Sprintf("Offer the VPCs of %s, of account %s in %s", name, spec.Account, spec.Region),
		TypedSearchAttributes: temporal.NewSearchAttributes(
			workflows.LinkPhase.ValueSet(string(link.Surveying)),
			workflows.LinkAccount.ValueSet(spec.Account),
			workflows.LinkRegion.ValueSet(spec.Region),
			workflows.LinkCloud.ValueSet(string(spec.Cloud())),
		),
	}
	return c.apply(ctx, InventoryRef(name), start, workflows.VPCInventoryWorkflow,
		workflows.VPCInventoryInput{Name: name, Spec: spec, By: by},
		workflows.ApplyInventoryRequest{Spec: spec, By: by})
}

// apply starts the flow unless it runs, and sends it the spec, in one request: it is either both or neither
// that the server has taken.
func (c *Client) apply(ctx context.Context, ref Ref, start client.StartWorkflowOptions, workflow string, input, request any) (workflows.ApplyResult, error) {
	start.ID = ref.WorkflowID()
	start.TaskQueue = workflows.TaskQueue
	start.WorkflowIDConflictPolicy = enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING
	start.WorkflowIDReusePolicy = enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE
	answerCtx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()

	var result workflows.ApplyResult
	handle, err := c.temporal.UpdateWithStartWorkflow(answerCtx, client.UpdateWithStartWorkflowOptions{
		StartWorkflowOperation: c.temporal.NewWithStartWorkflowOperation(start, workflow, input),
		UpdateOptions: client.UpdateWorkflowOptions{
			UpdateName:   workflows.ApplyUpdate,
			Args:         []any{request},
			WaitForStage: client.WorkflowUpdateStageCompleted,
		},
	})
	if err == nil {
		err = handle.Get(answerCtx, &result)
	}
	return result, withVerb(c.explain(ctx, ref, true, err), link.Apply)
}
