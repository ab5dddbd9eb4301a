package activities

import (
	"context"

	"github.com/linkwright/linkwright/internal/link"
)

// Auditor compares what flows have brought about with what is there.
type Auditor interface {
	// Audit looks at everything in a place, in batches and to the last page, and plans there once more what every flow
	// stands by: whatever that comes to has drifted. It changes nothing, and waits for nothing.
	Audit(context.Context, AuditRequest) (Audit, error)
}

// AuditRequest asks for the audit of a place.
type AuditRequest struct {
	Place
	// Flows is the query of Temporal's visibility that finds the flows to audit.
	Flows string `json:"flows"`
	// Reads bounds the calls that look at one thing alone, for which a cloud has no batches: who is admitted to a
	// service, the records of a zone, the health of targets. The links that they are spent on come first after the
	// workflow id After, in order, and begin again after the last; 0 is no bound.
	Reads int    `json:"reads,omitempty"`
	After string `json:"after,omitempty"`
	// Orphans says to look for what belongs to flows that do not run.
	Orphans bool `json:"orphans,omitempty"`
	// Left says that it has to be looked for among things of every kind, and not only of those that somebody stands by here.
	Left bool `json:"left,omitempty"`
}

// Audit is what the audit of a place has found.
type Audit struct {
	// Links is how many flows stand by something there, and Deep how many of them were looked at with reads of their own.
	// Last is the workflow id of the last of these: the next audit goes on after it.
	Links int    `json:"links"`
	Deep  int    `json:"deep"`
	Last  string `json:"last,omitempty"`
	// Calls are those to the cloud, and Reads the ones among them that looked at one thing alone.
	Calls int `json:"calls"`
	Reads int `json:"reads"`
	// Drifted are the flows that do not find what they stand by, and those that find it again and do not know that yet, in
	// the order of their ids. There are so many at the most as fit into an answer; More says that there are others, which
	// the next audit finds.
	Drifted []Drifted `json:"drifted,omitempty"`
	More    bool      `json:"more,omitempty"`
	// Orphans carry an ownership tag of this namespace, and their flow does not run.
	Orphans []link.Resource `json:"orphans,omitempty"`
	// Unseen are flows of which the cloud did not let something be seen, and why.
	Unseen []Unseen `json:"unseen,omitempty"`
}

// MaxDrifted is how many flows an [Audit] lists.
const MaxDrifted = 1000

// Drifted is what is not as a flow has brought it about; without drifts, everything there is as it should be again.
type Drifted struct {
	Flow   string       `json:"flow"` // workflow id
	Drifts []link.Drift `json:"drifts"`
	// Partial says that not everything was looked at: what was found before may still be so.
	Partial bool `json:"partial,omitempty"`
}

// Unseen is a flow that could not be audited whole.
type Unseen struct {
	Flow    string       `json:"flow"` // workflow id
	Problem link.Problem `json:"problem"`
}

// Expectation is what a flow stands by in one place: the requests of the steps that have made it, which are planned
// again to see whether it still is so.
type Expectation struct {
	Place
	Service *EnsureServiceRequest `json:"service,omitempty"`
	// Zones are the availability zones that the service had; Verified says that its private DNS name was proven.
	Zones    []string       `json:"zones,omitempty"`
	Verified bool           `json:"verified,omitempty"`
	Proof    *RecordRequest `json:"proof,omitempty"`
	Name     *NameRequest   `json:"name,omitempty"`
	// Connection is one that was let in; Unapproved says that nobody here has decided that.
	Connection    *ConnectionRequest     `json:"connection,omitempty"`
	Unapproved    bool                   `json:"unapproved,omitempty"`
	SecurityGroup *SecurityGroupRequest  `json:"securityGroup,omitempty"`
	Endpoint      *EnsureEndpointRequest `json:"endpoint,omitempty"`
	// Addresses are those of the endpoint's interfaces, sorted, where something leads to them.
	Addresses   []string            `json:"addresses,omitempty"`
	Zone        *ZoneRequest        `json:"zone,omitempty"`
	ZoneVPCs    []ZoneVPCRequest    `json:"zoneVPCs,omitempty"`
	Records     *ZoneRecordsRequest `json:"records,omitempty"`
	TargetGroup *TargetGroupRequest `json:"targetGroup,omitempty"`
	Targets     *TargetsRequest     `json:"targets,omitempty"`
	Route       *RouteRequest       `json:"route,omitempty"`
}

// ExpectedMemo is the key of the memo in which a flow keeps all its [Expectation]s.
const ExpectedMemo = "expected"

// Fleet is all that flows stand by.
type Fleet interface {
	// Expected lists what the flows of a query stand by in a place, in the order of their workflow ids.
	Expected(ctx context.Context, place Place, flows string) ([]Expected, error)
	// Owns reports whether the flow that something belongs to runs. What belongs to another namespace is not ours to say.
	Owns(ctx context.Context, owner Owner) (bool, error)
	// Stood lists what the flow that something belongs to stood by when it was last running; nothing once Temporal has no
	// record of that any more.
	Stood(ctx context.Context, owner Owner) ([]Expectation, error)
}

// Expected is what one flow stands by in one place.
type Expected struct {
	Flow string // workflow id
	// Open says that the flow still has drift to deal with, found by an audit before.
	Open bool
	Expectation
}
