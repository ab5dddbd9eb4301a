package link

import "time"

// Problem is what keeps a flow from going on until a person has mended it.
type Problem struct {
	// Reason is a single word to filter by.
	Reason Reason `json:"reason"`
	// Call is the API call that failed, such as ec2:CreateVpcEndpoint; empty when none did.
	Call string `json:"call,omitempty"`
	// Account and Region are where it failed.
	Account string `json:"account,omitempty"`
	Region  string `json:"region,omitempty"`
	// Message is what the cloud said, or what was found.
	Message string `json:"message"`
	// Remedy is what to do about it.
	Remedy string `json:"remedy"`
	// Since is when the flow ran into it, and NextTry when it looks again by itself.
	Since   time.Time `json:"since,omitzero"`
	NextTry time.Time `json:"nextTry,omitzero"`
	// RetryAfter is how soon the worker suggests to look again for the first time; later looks are spread out.
	RetryAfter time.Duration `json:"retryAfter,omitempty"`
}

// Reason is why a flow is blocked.
type Reason string

const (
	ReasonUnknownAccount       Reason = "UnknownAccount"
	ReasonNoWorker             Reason = "NoWorker"
	ReasonBadCredentials       Reason = "BadCredentials"
	ReasonMissingPermission    Reason = "MissingPermission"
	ReasonQuotaFull            Reason = "QuotaFull"
	ReasonLoadBalancerMissing  Reason = "LoadBalancerMissing"
	ReasonLoadBalancerInUse    Reason = "LoadBalancerInUse"
	ReasonLoadBalancerNotReady Reason = "LoadBalancerNotReady"
	ReasonVPCWithoutDNS        Reason = "VPCWithoutDNS"
	ReasonConflictingDomain    Reason = "ConflictingDomain"
	ReasonNoPrivateDNSName     Reason = "NoPrivateDNSName"
	ReasonDomainNotVerified    Reason = "DomainNotVerified"
	ReasonProofMissing         Reason = "ProofMissing"
	ReasonVerificationFailed   Reason = "VerificationFailed"
	ReasonZoneMissing          Reason = "ZoneMissing"
	ReasonParameterConflict    Reason = "ParameterConflict"
	ReasonServiceNotPublished  Reason = "ServiceNotPublished"
	ReasonServiceNotVisible    Reason = "ServiceNotVisible"
	ReasonServiceInUse         Reason = "ServiceInUse"
	ReasonNetworkMismatch      Reason = "NetworkMismatch"
	ReasonNotOurs              Reason = "NotOurs"
	ReasonEndpointFailed       Reason = "EndpointFailed"
	ReasonEndpointDisconnected Reason = "EndpointDisconnected"
	ReasonTargetGroupMissing   Reason = "TargetGroupMissing"
	ReasonTargetGroupMismatch  Reason = "TargetGroupMismatch"
	ReasonTargetGroupUnused    Reason = "TargetGroupUnused"
	ReasonTargetsUnhealthy     Reason = "TargetsUnhealthy"
	ReasonInventoryMissing     Reason = "InventoryMissing"
	ReasonInventoryFull        Reason = "InventoryFull"
	ReasonInventoryInvalid     Reason = "InventoryInvalid"
	ReasonConflictingZone      Reason = "ConflictingZone"
	ReasonConflictingRecord    Reason = "ConflictingRecord"
	ReasonListenerMismatch     Reason = "ListenerMismatch"
	ReasonCertificateMissing   Reason = "CertificateMissing"
	ReasonWebACLMissing        Reason = "WebACLMissing"
	ReasonConflictingRule      Reason = "ConflictingRule"
	ReasonConflictingPeering   Reason = "ConflictingPeering"
	ReasonInvalidRequest       Reason = "InvalidRequest"
	ReasonUnavailable          Reason = "Unavailable"
)
