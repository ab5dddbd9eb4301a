package flows

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/workflows"
)

// Filter says which flows to list; an empty field admits all.
type Filter struct {
	Kind    link.Kind
	Service string
	Name    string
	Account string
	Region  string
	Cloud   string
	Phase   string
	// Blocked admits flows blocked for this reason; AnyReason admits every blocked one.
	Blocked string
	// Drift admits flows of which something has drifted, and this is done about it; AnyDrift admits them all.
	Drift string
	// Ended includes flows that have ended, for as long as Temporal keeps them.
	Ended bool
}

const (
	// AnyReason as Filter.Blocked admits every blocked flow.
	AnyReason = "*"
	// AnyDrift as Filter.Drift admits every flow of which something has drifted.
	AnyDrift = "any"
)

// Item is a flow as Temporal's visibility knows it: found without asking the flow itself, so also while no
// worker runs, and possibly a moment behind.
type Item struct {
	Kind    link.Kind   `json:"kind"`
	Service string      `json:"service,omitempty"`
	Name    string      `json:"name"`
	Phase   link.Phase  `json:"phase,omitempty"`
	Blocked link.Reason `json:"blocked,omitempty"`
	Cloud   link.Cloud  `json:"cloud,omitempty"`
	Account string      `json:"account,omitempty"`
	Region  string      `json:"region,omitempty"`
	// Drift is what is done about what has drifted; empty when nothing has.
	Drift link.DriftAction `json:"drift,omitempty"`
	// Started is when the flow's current run began; a flow that has lived long begins new runs.
	Started time.Time `json:"started"`
	// Ended is when and how the flow ended; both empty while it runs.
	Ended time.Time `json:"ended,omitzero"`
	How   string    `json:"how,omitempty"`
	// Room is what an inventory has to offer, once [Client.AddRoom] has asked it.
	Room []link.VPCRoom `json:"room,omitempty"`

	WorkflowID string `json:"workflowID"`
	RunID      string `json:"runID"`
}

// Ref names the listed flow.
func (i Item) Ref() Ref { return Ref{Kind: i.Kind, Service: i.Service, Name: i.Name} }

// List finds flows by their search attributes, and returns them by name; those that had the same name one
// after the other, newest first.
func (c *Client) List(ctx context.Context, f Filter) ([]Item, error) {
	var items []Item
	var page []byte
	for {
		response, err := c.temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
			Query: f.query(), NextPageToken: page,
		})
		if err != nil {
			return nil, c.explain(ctx, Ref{Kind: f.Kind, Service: f.Service, Name: f.Name}, false, err)
		}
		for _, info := range response.GetExecutions() {
			if item, ok := itemOf(info); ok && (f.Name == "" || item.Name == f.Name) {
				items = append(items, item)
			}
		}
		if page = response.GetNextPageToken(); len(page) == 0 {
			slices.SortStableFunc(items, func(a, b Item) int { return cmp.Compare(a.Ref().Path(), b.Ref().Path()) })
			return items, nil
		}
	}
}

// query is the filter in the language of Temporal's visibility.
func (f Filter) query() string {
	var terms []string
	equal := func(attribute, value string) {
		if value != "" {
			terms = append(terms, attribute+" = "+quote(value))
		}
	}
	switch f.Kind {
	case link.KindEndpointService:
		equal("WorkflowType", workflows.EndpointServiceWorkflow)
	case link.KindConnection:
		equal("WorkflowType", workflows.ConnectionWorkflow)
	case link.KindVPCInventory:
		equal("WorkflowType", workflows.VPCInventoryWorkflow)
	case link.KindVPCPeering:
		equal("WorkflowType", workflows.VPCPeeringWorkflow)
	default:
		terms = append(terms, fmt.Sprintf("WorkflowType IN (%s, %s, %s, %s)", quote(workflows.EndpointServiceWorkflow),
			quote(workflows.ConnectionWorkflow), quote(workflows.VPCInventoryWorkflow), quote(workflows.VPCPeeringWorkflow)))
	}
	if f.Ended {
		terms = append(terms, "ExecutionStatus != 'ContinuedAsNew'")
	} else {
		equal("ExecutionStatus", "Running")
	}
	equal(workflows.LinkService.GetName(), f.Service)
	equal(workflows.LinkAccount.GetName(), f.Account)
	equal(workflows.LinkRegion.GetName(), f.Region)
	equal(workflows.LinkCloud.GetName(), f.Cloud)
	equal(workflows.LinkPhase.GetName(), f.Phase)
	any := func(attribute, value, word string) {
		if value == word {
			terms = append(terms, attribute+" IS NOT NULL")
		} else {
			equal(attribute, value)
		}
	}
	any(workflows.LinkBlocked.GetName(), f.Blocked, AnyReason)
	any(workflows.LinkDrift.GetName(), f.Drift, AnyDrift)
	return strings.Join(terms, " AND ")
}

func quote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}

// itemOf reads a visibility record; false for a workflow that is no flow of ours.
func itemOf(info *workflow.WorkflowExecutionInfo) (Item, bool) {
	ref, ok := refOfID(info.GetExecution().GetWorkflowId())
	if !ok {
		return Item{}, false
	}
	attribute := func(key temporal.SearchAttributeKeyKeyword) string {
		return keyword(info.GetSearchAttributes(), key.GetName())
	}
	item := Item{
		Kind: ref.Kind, Service: ref.Service, Name: ref.Name,
		Phase:      link.Phase(attribute(workflows.LinkPhase)),
		Blocked:    link.Reason(attribute(workflows.LinkBlocked)),
		Cloud:      link.Cloud(attribute(workflows.LinkCloud)),
		Account:    attribute(workflows.LinkAccount),
		Region:     attribute(workflows.LinkRegion),
		Drift:      link.DriftAction(attribute(workflows.LinkDrift)),
		Started:    info.GetStartTime().AsTime(),
		WorkflowID: info.GetExecution().GetWorkflowId(),
		RunID:      info.GetExecution().GetRunId(),
	}
	if info.GetStatus() != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		item.Ended, item.How = info.GetCloseTime().AsTime(), how(info.GetStatus())
	}
	return item, true
}

// keyword reads a search attribute; empty where it is absent.
func keyword(attributes *commonpb.SearchAttributes, name string) string {
	var value string
	payload, ok := attributes.GetIndexedFields()[name]
	if !ok || converter.GetDefaultDataConverter().FromPayload(payload, &value) != nil {
		return "" // the attribute is of another type in this namespace: as good as absent
	}
	return value
}

// AddRoom asks the inventories that run how much room they have. It gives up soon where nobody answers, and leaves
// what it has not heard as it was.
func (c *Client) AddRoom(ctx context.Context, items []Item) error {
	ctx, cancel := context.WithTimeout(ctx, roomWithin)
	defer cancel()
	for i, item := range items {
		if item.Kind != link.KindVPCInventory || !item.Ended.IsZero() {
			continue
		}
		s, err := c.Status(ctx, item.Ref())
		if err != nil {
			return err
		}
		items[i].Room = s.Room
	}
	return nil
}

// roomWithin is how long a list waits for inventories: less than a person takes it to be stuck.
const roomWithin = 5 * time.Second
