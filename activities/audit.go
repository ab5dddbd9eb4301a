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
	// Orphans says to look for what belongs to flows that do not run.
	Orphans bool `json:"orphans,omitempty"`
}

// Audit is what the audit of a place has found.
type Audit struct {
	// Links is how many flows stand by something there.
	Links int `json:"links"`
	// Drifted are the flows that do not find what they stand by, in the order of their ids.
	Drifted []Drifted `json:"drifted,omitempty"`
	// Orphans carry an ownership tag of this namespace, and their flow does not run.
	Orphans []link.Resource `json:"orphans,omitempty"`
}

// Drifted is what is not as a flow has brought it about.
type Drifted struct {
	Flow    string               `json:"flow"` // workflow id
	Changes []link.PlannedChange `json:"changes"`
}

// Expectation is what a flow stands by in one place: the requests of the steps that have made it, which are planned
// again to see whether it still is so.
type Expectation struct {
	Place
	Service *EnsureServiceRequest `json:"service,omitempty"`
	// Connection is one that was let in.
	Connection    *ConnectionRequest     `json:"connection,omitempty"`
	SecurityGroup *SecurityGroupRequest  `json:"securityGroup,omitempty"`
	Endpoint      *EnsureEndpointRequest `json:"endpoint,omitempty"`
}

// ExpectedMemo is the key of the memo in which a flow keeps all its [Expectation]s.
const ExpectedMemo = "expected"

// Fleet is all that flows stand by.
type Fleet interface {
	// Expected lists what the flows of a query stand by in a place, in the order in which visibility finds them.
	Expected(ctx context.Context, place Place, flows string) ([]Expected, error)
	// Owns reports whether the flow that something belongs to runs. What belongs to another namespace is not ours to say.
	Owns(ctx context.Context, owner Owner) (bool, error)
}

// Expected is what one flow stands by in one place.
type Expected struct {
	Flow string // workflow id
	Expectation
}
