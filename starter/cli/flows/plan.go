package flows

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/workflows"
)

// Plan asks the workers what applying documents would come to; nothing is changed. It gives up after a while, and sooner
// when no worker takes the question up.
func (c *Client) Plan(ctx context.Context, docs []link.Document, within time.Duration) (link.Plan, error) {
	var in workflows.PlanInput
	for _, doc := range docs {
		in.Documents = append(in.Documents, workflows.PlanDocument{Service: doc.Service, Connection: doc.Connection, Inventory: doc.Inventory})
	}
	return inquire[link.Plan](ctx, c, inquiry{
		ref: Ref{Name: "the plan"}, verb: "plan", id: workflows.PlanID(uuid.NewString()), workflow: workflows.PlanWorkflow,
		summary: "Plan " + fewRefs(docs) + ", without changing anything",
	}, in, within)
}

// fewRefs names the first of many documents.
func fewRefs(docs []link.Document) string {
	var names []string
	for _, doc := range docs {
		names = append(names, RefOfDocument(doc).String())
	}
	return link.Few(names, 3)
}
