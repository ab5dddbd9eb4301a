package link

import "time"

// Status is what a flow says of itself, whole: the answer to its status query.
type Status struct {
	Kind  Kind   `json:"kind"`
	Name  string `json:"name"`
	Phase Phase  `json:"phase"`
	// Since is when the phase began.
	Since time.Time `json:"since"`
	// Service is the name of the EndpointService; for an EndpointService its own.
	Service string `json:"service"`
	// ServiceName is what the cloud calls the service, once it exists: com.amazonaws.vpce.….
	ServiceName string   `json:"serviceName,omitempty"`
	Account     string   `json:"account"`
	Region      string   `json:"region"`
	Cloud       Cloud    `json:"cloud,omitempty"`
	Waiting     *Waiting `json:"waiting,omitempty"`
	// Question is what a decision on a connection's endpoint must fulfil; nil before there is an endpoint.
	Question *Question `json:"question,omitempty"`
	// Placement is where a connection's endpoint stands, when it was chosen from inventories; nil before that.
	Placement *Placement `json:"placement,omitempty"`
	// Room is what a VPCInventory has to offer, a VPC each, in the order of its spec.
	Room []VPCRoom `json:"room,omitempty"`
	// Seeking are the connections that a VPCInventory had no room for, by their workflow ids, in the order in which they
	// asked.
	Seeking []string `json:"seeking,omitempty"`
	// Blocked is what a person must mend; nil when nothing is.
	Blocked    *Problem    `json:"blocked,omitempty"`
	Conditions []Condition `json:"conditions,omitempty"`
	Resources  []Resource  `json:"resources,omitempty"`
	// Drift is what the last audits have found changed behind the flow's back, and what it does about that.
	Drift     []OpenDrift `json:"drift,omitempty"`
	Decisions []Decision  `json:"decisions,omitempty"`
	// Phases is the story so far, oldest first; the current phase is the last.
	Phases []PhaseTime `json:"phases,omitempty"`
	// Generation counts the specs that were applied, from 1; 0 for a connection without a spec.
	Generation int `json:"generation"`
	// AppliedBy is who applied the current spec.
	AppliedBy string `json:"appliedBy,omitempty"`
}

// Waiting is what a flow waits for just now.
type Waiting struct {
	// For names it in a few words: "approval", "the connection to become available".
	For string `json:"for"`
	// Details say what is asked and by whom, one line each.
	Details []string `json:"details,omitempty"`
	// Since is when the wait began, Until when it ends by itself, if it does.
	Since time.Time `json:"since"`
	Until time.Time `json:"until,omitzero"`
	// Approve is the decision that would let the connection in, ready to be sent.
	Approve *Decision `json:"approve,omitempty"`
}

// Question is what people are asked about an endpoint, and what their answers must fulfil.
type Question struct {
	// Nonce is this question's alone; it is part of what is signed.
	Nonce string `json:"nonce"`
	// Terms are what the approvals must fulfil. A rejection needs the proof alone.
	Terms
	// Approved are those who have approved so far, and Excluded those who may not.
	Approved []string `json:"approved,omitempty"`
	Excluded []string `json:"excluded,omitempty"`
}

// Placement is where an endpoint stands, and why there.
type Placement struct {
	Inventory string   `json:"inventory"`
	VPC       string   `json:"vpc"`
	Subnets   []string `json:"subnets"`
	// SecurityGroups are those that the inventory gives to endpoints in this VPC.
	SecurityGroups []string `json:"securityGroups,omitempty"`
	// Why is what speaks for the VPC: "12 of 50 endpoints used, the fewest".
	Why string `json:"why"`
	// Against is what speaks against each other VPC, in the order in which they were looked at.
	Against []Objection `json:"against,omitempty"`
}

// Objection is what speaks against a VPC.
type Objection struct {
	Inventory string `json:"inventory"`
	VPC       string `json:"vpc"`
	Reason    string `json:"reason"`
}

// VPCRoom is the room in one VPC of an inventory.
type VPCRoom struct {
	VPC string `json:"vpc"`
	// Endpoints are those that count against the quota: those that are there, and those that are promised and are not
	// there yet. Promised are the places that connections hold.
	Endpoints int `json:"endpoints"`
	Promised  int `json:"promised"`
	Quota     int `json:"quota"`
	// Problems keep the VPC from being used.
	Problems []string `json:"problems,omitempty"`
}

// Condition is one thing that is or is not so about a link.
type Condition struct {
	Type    ConditionType `json:"type"`
	OK      bool          `json:"ok"`
	Reason  string        `json:"reason"`
	Message string        `json:"message,omitempty"`
	// Since is when OK last changed.
	Since time.Time `json:"since"`
}

// ConditionType names a condition.
type ConditionType string

const (
	ServiceAvailable  ConditionType = "ServiceAvailable"
	DomainVerified    ConditionType = "DomainVerified"
	NamePublished     ConditionType = "NamePublished"
	ConsumersAllowed  ConditionType = "ConsumersAllowed"
	EndpointAvailable ConditionType = "EndpointAvailable"
	Approved          ConditionType = "Approved"
	DNSEnabled        ConditionType = "DNSEnabled"
	TargetsHealthy    ConditionType = "TargetsHealthy"
	SpecApplied       ConditionType = "SpecApplied"
	Placed            ConditionType = "Placed"
	AccessChosen      ConditionType = "AccessChosen"
	Routed            ConditionType = "Routed"
	VPCsUsable        ConditionType = "VPCsUsable"
	PeeringActive     ConditionType = "PeeringActive"
	InStep            ConditionType = "InStep" // nothing has drifted
)

// Resource is something in a cloud that the flow made or took over.
type Resource struct {
	Kind    string `json:"kind"` // "vpc-endpoint-service", "vpc-endpoint", "txt-record", "target", …
	ID      string `json:"id"`
	Account string `json:"account"`
	Region  string `json:"region,omitempty"`
	Detail  string `json:"detail,omitempty"`
}

// PhaseTime is when a phase was entered.
type PhaseTime struct {
	Phase   Phase     `json:"phase"`
	Entered time.Time `json:"entered"`
}

// SetCondition records a condition; its Since moves only when OK changes.
func (s *Status) SetCondition(c Condition) {
	for i, old := range s.Conditions {
		if old.Type == c.Type {
			if old.OK == c.OK {
				c.Since = old.Since
			}
			s.Conditions[i] = c
			return
		}
	}
	s.Conditions = append(s.Conditions, c)
}

// Condition returns the condition of a type, if it has been set.
func (s Status) Condition(t ConditionType) (Condition, bool) {
	for _, c := range s.Conditions {
		if c.Type == t {
			return c, true
		}
	}
	return Condition{}, false
}

// AddResource records a resource once; a second one of the same kind and id replaces the first.
func (s *Status) AddResource(r Resource) {
	for i, old := range s.Resources {
		if old.Kind == r.Kind && old.ID == r.ID {
			s.Resources[i] = r
			return
		}
	}
	s.Resources = append(s.Resources, r)
}

// SetResources replaces every resource of a kind. None may be there twice.
func (s *Status) SetResources(kind string, all []Resource) {
	s.DropResources(kind)
	s.Resources = append(s.Resources, all...)
}

// DropResources forgets every resource of a kind.
func (s *Status) DropResources(kind string) {
	kept := s.Resources[:0]
	for _, r := range s.Resources {
		if r.Kind != kind {
			kept = append(kept, r)
		}
	}
	s.Resources = kept
}
