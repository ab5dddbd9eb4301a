package flows

import (
	"context"
	"fmt"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/workflows"
)

// PeeringRef names the flow of a peering.
func PeeringRef(name string) Ref { return Ref{Kind: link.KindVPCPeering, Name: name} }

// ApplyPeering is [Client.Apply] for a peering, of which there is no document.
func (c *Client) ApplyPeering(ctx context.Context, name string, spec link.PeeringSpec, by string) (workflows.ApplyResult, error) {
	start := client.StartWorkflowOptions{
		StaticDetails: workflows.WhereToLook,
		StaticSummary: fmt.Sprintf("Peer %s of account %s in %s with the VPCs of %s", spec.Hub.VPC, spec.Hub.Account, spec.Hub.Region, spec.Inventory),
		TypedSearchAttributes: temporal.NewSearchAttributes(
			workflows.LinkPhase.ValueSet(string(link.Checking)),
			workflows.LinkAccount.ValueSet(spec.Hub.Account),
			workflows.LinkRegion.ValueSet(spec.Hub.Region),
		),
	}
	return c.apply(ctx, PeeringRef(name), start, workflows.VPCPeeringWorkflow,
		workflows.VPCPeeringInput{Name: name, Spec: spec, By: by},
		workflows.ApplyPeeringRequest{Spec: spec, By: by})
}
