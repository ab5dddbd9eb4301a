// Package workflows holds the flows: what happens, in what order, and who must agree. They are
// deterministic, know no cloud, and act only through the contracts of package activities.
//
//   - [EndpointService] publishes a service and lets its consumers in, for as long as it is published;
//   - [Connection] carries one consumer's endpoint from the request to its teardown;
//   - [VPCInventory] offers the VPCs of a hub to connections, and promises each a place for its endpoint;
//   - [VPCPeering] peers the VPC of a hub with those of an inventory;
//   - [Plan] tells what applying documents would come to, and ends;
//   - [Import] tells what there is in accounts, as documents, and ends;
//   - [Reconcile] audits all that these flows stand by, and has set right what has drifted;
//   - [Cleanup] removes what a flow that does not run has left, under its id, and ends;
//   - [Watch] looks at one account and region for everyone who waits for something there.
package workflows

import (
	"strings"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// TaskQueue serves the workflows, and the activities of every account that has no queue of its own.
const TaskQueue = "linkwright"

// The workflows' names.
const (
	EndpointServiceWorkflow = "EndpointService"
	ConnectionWorkflow      = "Connection"
	VPCInventoryWorkflow    = "VPCInventory"
	VPCPeeringWorkflow      = "VPCPeering"
	WatchWorkflow           = "Watch"
	PlanWorkflow            = "Plan"
	ImportWorkflow          = "Import"
	ReconcileWorkflow       = "Reconcile"
	CleanupWorkflow         = "Cleanup"
)

// StatusQuery answers with a [link.Status].
const StatusQuery = "status"

// The updates; apply takes an [ApplyServiceRequest], [ApplyConnectionRequest], [ApplyInventoryRequest] or
// [ApplyPeeringRequest] and answers with an [ApplyResult], all others take and answer with a [link.Decision]. The decisions are signals of the same
// names as well.
const (
	ApplyUpdate      = "apply"
	ApproveUpdate    = "approve"    // of a connection
	RejectUpdate     = "reject"     // of a connection
	RetryUpdate      = "retry"      // of anything that is blocked
	DisconnectUpdate = "disconnect" // a connection
	WithdrawUpdate   = "withdraw"   // a service
	CloseUpdate      = "close"      // an inventory
	RemoveUpdate     = "remove"     // a peering
)

// EndpointServiceInput starts an [EndpointService].
type EndpointServiceInput struct {
	Name string                   `json:"name"`
	Spec link.EndpointServiceSpec `json:"spec"`
	// By is who applied the spec.
	By string `json:"by,omitempty"`
	// Carried is what an earlier run of the same flow knew; nil for a new flow.
	Carried *serviceState `json:"carried,omitempty"`
}

// ConnectionInput starts a [Connection]: with a spec, or with the endpoint that a consumer opened by itself.
type ConnectionInput struct {
	Service string               `json:"service"`
	Name    string               `json:"name"`
	Spec    *link.ConnectionSpec `json:"spec,omitempty"`
	// By is who applied the spec.
	By string `json:"by,omitempty"`
	// Found is the consumer's own endpoint, for a connection without a spec.
	Found *activities.ConnectionView `json:"found,omitempty"`
	// Carried is what an earlier run of the same flow knew; nil for a new flow.
	Carried *connectionState `json:"carried,omitempty"`
}

// VPCInventoryInput starts a [VPCInventory].
type VPCInventoryInput struct {
	Name string                `json:"name"`
	Spec link.VPCInventorySpec `json:"spec"`
	// By is who applied the spec.
	By string `json:"by,omitempty"`
	// Carried is what an earlier run of the same flow knew; nil for a new flow.
	Carried *inventoryState `json:"carried,omitempty"`
}

// PlanInput starts a [Plan].
type PlanInput struct {
	Documents []PlanDocument `json:"documents"`
}

// PlanDocument is one document to plan; exactly one of its fields is set.
type PlanDocument struct {
	Service    *link.EndpointService `json:"service,omitempty"`
	Connection *link.Connection      `json:"connection,omitempty"`
	Inventory  *link.VPCInventory    `json:"inventory,omitempty"`
}

// ImportInput starts an [Import].
type ImportInput struct {
	Cloud    link.Cloud `json:"cloud"`
	Accounts []string   `json:"accounts"`
	// Region to look in; on Azure, it may be left out, for all of them.
	Region string `json:"region,omitempty"`
	// Service is the only one to look for, by its id or any of its names; empty for all.
	Service string `json:"service,omitempty"`
	// IncludeManaged finds specs for what another tool manages, too.
	IncludeManaged bool `json:"includeManaged,omitempty"`
}

// CleanupInput starts a [Cleanup].
type CleanupInput struct {
	// Kind, Service and Name are those of the flow that does not run.
	Kind    link.Kind `json:"kind"`
	Service string    `json:"service,omitempty"`
	Name    string    `json:"name"`
	// Orphans are what a person has seen of it, and wants removed.
	Orphans []link.Resource `json:"orphans"`
	// By is who wants that.
	By string `json:"by,omitempty"`
}

// ApplyServiceRequest carries a changed spec to a running flow.
type ApplyServiceRequest struct {
	Spec link.EndpointServiceSpec `json:"spec"`
	By   string                   `json:"by,omitempty"`
}

// ApplyConnectionRequest carries a changed spec to a running flow.
type ApplyConnectionRequest struct {
	Spec link.ConnectionSpec `json:"spec"`
	By   string              `json:"by,omitempty"`
}

// ApplyInventoryRequest carries a changed spec to a running flow.
type ApplyInventoryRequest struct {
	Spec link.VPCInventorySpec `json:"spec"`
	By   string                `json:"by,omitempty"`
}

// VPCPeeringInput starts a [VPCPeering].
type VPCPeeringInput struct {
	Name string           `json:"name"`
	Spec link.PeeringSpec `json:"spec"`
	// By is who added the peering.
	By string `json:"by,omitempty"`
	// Carried is what an earlier run of the same flow knew; nil for a new flow.
	Carried *peeringState `json:"carried,omitempty"`
}

// ApplyPeeringRequest is a changed peering, or the same once more.
type ApplyPeeringRequest struct {
	Spec link.PeeringSpec `json:"spec"`
	By   string           `json:"by,omitempty"`
}

// ApplyResult is what applying a spec came to.
type ApplyResult struct {
	// Created is true when the flow was started by this spec.
	Created bool `json:"created"`
	// Generation counts the specs that were applied, from 1.
	Generation int `json:"generation"`
	// Changes are the paths that differ from the spec before: "spec.aws.subnets". Empty when nothing does.
	Changes []string `json:"changes,omitempty"`
}

// WhereToLook stands in the static details of every flow, beside its current ones in the Temporal UI.
const WhereToLook = "What this flow does, what it waits for and how to decide stands under Current Details; the key R brings them up to date."

// The search attributes by which flows are found, in the Temporal UI and by the command line.
var (
	LinkPhase   = temporal.NewSearchAttributeKeyKeyword("LinkPhase")   // a link.Phase
	LinkBlocked = temporal.NewSearchAttributeKeyKeyword("LinkBlocked") // a link.Reason; absent when nothing is wrong
	LinkService = temporal.NewSearchAttributeKeyKeyword("LinkService") // metadata.name of the service
	LinkAccount = temporal.NewSearchAttributeKeyKeyword("LinkAccount") // provider's or consumer's account
	LinkRegion  = temporal.NewSearchAttributeKeyKeyword("LinkRegion")
	LinkCloud   = temporal.NewSearchAttributeKeyKeyword("LinkCloud")
	LinkDrift   = temporal.NewSearchAttributeKeyKeyword("LinkDrift")      // a link.DriftAction; absent when nothing has drifted
	LinkPlaces  = temporal.NewSearchAttributeKeyKeywordList("LinkPlaces") // "account/region" of all that the flow stands by
)

// PhaseDuration is the metric of how long links stay in a phase, by its tags.
const (
	PhaseDuration = "linkwright_phase_duration"
	KindTag       = "kind"  // a link.Kind
	PhaseTag      = "phase" // the link.Phase that was left
)

// DriftFound is the metric of how much drift audits find, by its tags.
const (
	DriftFound = "linkwright_drift_found"
	DriftTag   = "drift"  // a link.DriftKind
	ActionTag  = "action" // the link.DriftAction of the flow; "none" where it was not told, or was at work
)

// SearchAttributes lists the search attributes that a namespace must have, and their types.
func SearchAttributes() map[string]enumspb.IndexedValueType {
	types := map[string]enumspb.IndexedValueType{}
	for _, key := range []temporal.SearchAttributeKey{LinkPhase, LinkBlocked, LinkService, LinkAccount, LinkRegion, LinkCloud, LinkDrift, LinkPlaces} {
		types[key.GetName()] = key.GetValueType()
	}
	return types
}

// EndpointServiceID is the workflow id of a service's flow.
func EndpointServiceID(name string) string { return "endpoint-service/" + name }

// ConnectionID is the workflow id of a connection's flow.
func ConnectionID(service, name string) string { return "connection/" + service + "/" + name }

// VPCInventoryID is the workflow id of an inventory's flow.
func VPCInventoryID(name string) string { return "vpc-inventory/" + name }

// VPCPeeringID is the workflow id of a peering's flow.
func VPCPeeringID(name string) string { return "peering/" + name }

// PlanID is the workflow id of a plan; what makes it one of its own is the caller's.
func PlanID(own string) string { return "plan/" + own }

// ImportID is the workflow id of an import; what makes it one of its own is the caller's.
func ImportID(own string) string { return "import/" + own }

// ReconcileID is the workflow id of a reconciliation; what makes it one of its own is the caller's.
func ReconcileID(own string) string { return "reconcile/" + own }

// WatchID is the workflow id of the Watch of an account and region.
func WatchID(cloud link.Cloud, account, region string) string {
	return strings.Join([]string{"watch", string(cloud), account, region}, "/")
}
