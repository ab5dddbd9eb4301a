package link

import (
	"slices"
	"time"
)

// DriftKind is what about a link is not as its flow has brought it about. The same words serve every cloud.
type DriftKind string

// The kinds of drift.
const (
	// Of a service.
	DriftServiceGone    DriftKind = "serviceGone"
	DriftAcceptance     DriftKind = "acceptance"
	DriftPrincipals     DriftKind = "principals"     // whom the service admits: principals, or subscriptions that see it
	DriftAutoApproval   DriftKind = "autoApproval"   // whom the cloud lets in without asking
	DriftLoadBalancers  DriftKind = "loadBalancers"  // or their frontends
	DriftZones          DriftKind = "zones"          // the availability zones that it serves
	DriftPrivateDNSName DriftKind = "privateDNSName" // or the names that it is offered under
	DriftVerification   DriftKind = "verification"
	DriftProof          DriftKind = "proof" // the TXT record
	DriftParameter      DriftKind = "parameter"
	DriftSettings       DriftKind = "settings" // what else a service is made with

	// Of a connection.
	DriftConnection     DriftKind = "connection" // it was let in, and is no longer
	DriftUnapproved     DriftKind = "unapproved" // it was let in, and nobody here has decided that
	DriftEndpointGone   DriftKind = "endpointGone"
	DriftSubnets        DriftKind = "subnets"
	DriftSecurityGroups DriftKind = "securityGroups"
	DriftSecurityRules  DriftKind = "securityRules"
	DriftPrivateDNS     DriftKind = "privateDNS"
	DriftAddresses      DriftKind = "addresses"
	DriftZone           DriftKind = "zone"
	DriftAssociations   DriftKind = "associations" // the networks that see a zone
	DriftRecords        DriftKind = "records"
	DriftTargetGroup    DriftKind = "targetGroup"
	DriftTargets        DriftKind = "targets"
	DriftForeignTargets DriftKind = "foreignTargets" // beside ours, in a group that is ours
	DriftTargetHealth   DriftKind = "targetHealth"
	DriftRoute          DriftKind = "route" // the rule, its certificate and the web ACL

	// DriftTags is an ownership tag that was taken off.
	DriftTags DriftKind = "tags"
)

// DriftKinds lists all kinds, in the order of their declaration.
func DriftKinds() []DriftKind {
	return []DriftKind{
		DriftServiceGone, DriftAcceptance, DriftPrincipals, DriftAutoApproval, DriftLoadBalancers, DriftZones, DriftPrivateDNSName,
		DriftVerification, DriftProof, DriftParameter, DriftSettings,
		DriftConnection, DriftUnapproved, DriftEndpointGone, DriftSubnets, DriftSecurityGroups, DriftSecurityRules, DriftPrivateDNS, DriftAddresses,
		DriftZone, DriftAssociations, DriftRecords, DriftTargetGroup, DriftTargets, DriftForeignTargets, DriftTargetHealth, DriftRoute,
		DriftTags,
	}
}

// Mendable reports whether a flow can do anything about a drift of the kind, other than to say so.
func (k DriftKind) Mendable() bool {
	switch k {
	case DriftZones, DriftForeignTargets, DriftTargetHealth:
		return false
	}
	return true
}

// Difference is one thing about something in a cloud that is not as it should be.
type Difference struct {
	Kind DriftKind
	// Text says what would be changed: "acceptance is required again".
	Text string
	// Widens is true when setting it right would let in somebody, or something, that is kept out now.
	Widens bool
}

// Drift is a difference between what a flow has brought about and what is there.
type Drift struct {
	Kind DriftKind `json:"kind"`
	// Resource is the kind of a [Resource], and ID its id.
	Resource string `json:"resource"`
	ID       string `json:"id"`
	Account  string `json:"account"`
	Region   string `json:"region,omitempty"`
	Detail   string `json:"detail,omitempty"`
	// Widens is as in [Difference].
	Widens bool `json:"widens,omitempty"`
}

// OpenDrift is a drift, and what its flow does about it.
type OpenDrift struct {
	Drift
	Action DriftAction `json:"action"`
	// Approved is true once those who were asked have agreed.
	Approved bool `json:"approved,omitempty"`
	// Since is when it was found.
	Since time.Time `json:"since"`
}

// DriftAction is what is done about the drift that needs a person most; empty when nothing has drifted.
func (s Status) DriftAction() DriftAction {
	for _, action := range []DriftAction{DriftAsk, DriftReport, DriftRepair} {
		if slices.ContainsFunc(s.Drift, func(d OpenDrift) bool { return d.Action == action }) {
			return action
		}
	}
	return ""
}

// AsksForRepair reports whether what the flow waits for is leave to set right what has drifted, rather than to let
// somebody in.
func (s Status) AsksForRepair() bool {
	return s.Phase.Good() && s.Waiting != nil && s.Waiting.Approve != nil
}

// missing is what kind of drift it is when something is not there.
var missing = map[string]DriftKind{
	KindService: DriftServiceGone, KindPrivateLinkService: DriftServiceGone,
	KindTXTRecord: DriftProof, KindParameter: DriftParameter,
	KindFlow:     DriftConnection,
	KindEndpoint: DriftEndpointGone, KindPrivateEndpoint: DriftEndpointGone, KindSecurityGroup: DriftSecurityGroups,
	KindHostedZone: DriftZone, KindPrivateDNSZone: DriftZone, KindZoneRecord: DriftRecords,
	KindZoneVPC: DriftAssociations, KindVirtualNetworkLink: DriftAssociations,
	KindTargetGroup: DriftTargetGroup, KindTarget: DriftTargets,
	KindListenerRule: DriftRoute, KindCertificate: DriftRoute, KindWebACL: DriftRoute,
	KindSubnet: DriftSettings,
}

// Drifts is what a planned change says of things that were as specified once: something is missing, or there are
// differences, or it has lost its tag. Nothing for what is kept.
func (c PlannedChange) Drifts() []Drift {
	drift := func(kind DriftKind, detail string, widens bool) Drift {
		return Drift{Kind: kind, Resource: c.Kind, ID: c.ID, Account: c.Account, Region: c.Region, Detail: detail, Widens: widens}
	}
	var all []Drift
	for _, d := range c.Differences {
		all = append(all, drift(d.Kind, d.Text, d.Widens))
	}
	switch {
	case len(all) > 0:
	case c.Problem != nil && c.Problem.Reason == ReasonNotOurs:
		all = append(all, drift(DriftTags, c.Problem.Message, false))
	case c.Problem != nil:
		all = append(all, drift(missing[c.Kind], c.Problem.Message, false))
	case c.Action == ActionKeep:
	case c.Action == ActionAdopt:
		all = append(all, drift(DriftTags, "its ownership tag is gone", false))
	case c.Action == ActionCreate: // its details say what it will be like
		all = append(all, drift(missing[c.Kind], "it is missing", false))
	case c.Action == ActionDelete:
		all = append(all, drift(missing[c.Kind], firstOf(c.Details, "it is not wanted here"), false))
	default:
		all = append(all, drift(missing[c.Kind], firstOf(c.Details, "it is not as it was made"), false))
	}
	return all
}

func firstOf(lines []string, or string) string {
	if len(lines) > 0 {
		return lines[0]
	}
	return or
}
