package link

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Scope is the part of a fleet that is looked at; what is empty selects everything.
type Scope struct {
	Account string `json:"account,omitempty"`
	Region  string `json:"region,omitempty"`
	Service string `json:"service,omitempty"`
}

// Overlaps reports whether something can belong to both scopes.
func (s Scope) Overlaps(other Scope) bool {
	meet := func(a, b string) bool { return a == "" || b == "" || a == b }
	return meet(s.Account, other.Account) && meet(s.Region, other.Region) && meet(s.Service, other.Service)
}

// String says what is in the scope: "account shop, region eu-central-1", or "everything".
func (s Scope) String() string {
	var parts []string
	for _, p := range []struct{ name, value string }{{"account", s.Account}, {"region", s.Region}, {"service", s.Service}} {
		if p.value != "" {
			parts = append(parts, p.name+" "+p.value)
		}
	}
	if len(parts) == 0 {
		return "everything"
	}
	return strings.Join(parts, ", ")
}

// ReconcileMode is what a reconciliation does about what it finds.
type ReconcileMode string

const (
	// ByPolicy does what the services' policies say.
	ByPolicy ReconcileMode = "policy"
	// RepairMore also repairs what the policies only report. What widens access is asked about all the same.
	RepairMore ReconcileMode = "repair"
	// ReportOnly tells the flows nothing.
	ReportOnly ReconcileMode = "report"
)

// ReconcileReport is what a reconciliation has come to.
type ReconcileReport struct {
	Scope    Scope         `json:"scope,omitzero"`
	Mode     ReconcileMode `json:"mode"`
	Started  time.Time     `json:"started"`
	Duration Duration      `json:"duration"`
	// Places are the accounts and regions that were looked at, and Links the flows that stand by something there: Deep
	// counts those that were looked at with reads of their own. AtWork are flows that are not where they are to be yet.
	Places int `json:"places"`
	Links  int `json:"links"`
	Deep   int `json:"deep"`
	AtWork int `json:"atWork"`
	// Drifted counts the links of which something has drifted, and Kinds the drifts by their kind.
	Drifted int               `json:"drifted"`
	Kinds   map[DriftKind]int `json:"kinds,omitempty"`
	// Repaired, Repairing, Waiting and Reported count the links by what was done about them: they are as they should be
	// again, their flows are at it still, a person has to decide, or it was only said.
	Repaired  int `json:"repaired"`
	Repairing int `json:"repairing"`
	Waiting   int `json:"waiting"`
	Reported  int `json:"reported"`
	// Found are the drifts, at the most [MaxFound], and Orphans what carries the tag of a flow that does not run.
	Found   []FoundDrift `json:"found,omitempty"`
	Orphans []Resource   `json:"orphans,omitempty"`
	// Calls are those to the clouds, and Reads the ones among them that looked at one thing alone.
	Calls int `json:"calls"`
	Reads int `json:"reads"`
	// Unseen are places, or single flows, that could not be looked at.
	Unseen []UnseenPart `json:"unseen,omitempty"`
	// Incomplete says that more has drifted than one run takes in.
	Incomplete bool `json:"incomplete,omitempty"`
	// After is the last flow that was looked at with reads of its own, by place: the next run goes on there.
	After map[string]string `json:"after,omitempty"`
}

// MaxFound is how many drifts a report lists.
const MaxFound = 500

// FoundDrift is a drift, whose it is, and what was done about it.
type FoundDrift struct {
	Flow string `json:"flow"` // workflow id
	Drift
	// Action is empty when the flow was not told, or was at work.
	Action DriftAction `json:"action,omitempty"`
}

// UnseenPart is a place, or a flow in it, that could not be looked at.
type UnseenPart struct {
	Where   string  `json:"where"` // "account/region", or a workflow id
	Problem Problem `json:"problem"`
}

// Clean reports whether all that was to be seen was seen, and is as it should be.
func (r ReconcileReport) Clean() bool {
	return r.Drifted == 0 && len(r.Orphans) == 0 && len(r.Unseen) == 0 && !r.Incomplete
}

// NeedsPerson reports whether something is left that no flow sets right by itself: what waits for a decision or was only
// reported, and what belongs to no flow.
func (r ReconcileReport) NeedsPerson() bool {
	return r.Waiting > 0 || r.Reported > 0 || len(r.Orphans) > 0
}

// Summary says in one line how a reconciliation has ended.
func (r ReconcileReport) Summary() string {
	parts := []string{fmt.Sprintf("%s checked in %s", counted(r.Links, "link"), counted(r.Places, "place"))}
	if r.Drifted == 0 {
		parts = append(parts, "nothing has drifted")
	} else {
		parts = append(parts, fmt.Sprintf("%d drifted", r.Drifted))
	}
	for _, p := range []struct {
		n    int
		what string
	}{
		{r.Repaired, "repaired"}, {r.Repairing, "being repaired"}, {r.Waiting, "waiting for a person"}, {r.Reported, "only reported"},
		{len(r.Unseen), "not seen"},
	} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.what))
		}
	}
	if len(r.Orphans) > 0 {
		parts = append(parts, counted(len(r.Orphans), "orphan"))
	}
	return strings.Join(parts, ", ") + fmt.Sprintf("; %s, %v", counted(r.Calls, "call"), r.Duration)
}

// counted is a number of things.
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// KindsFound lists the kinds of drift that were found, the most frequent first.
func (r ReconcileReport) KindsFound() []DriftKind {
	kinds := DriftKinds()
	kinds = slices.DeleteFunc(kinds, func(k DriftKind) bool { return r.Kinds[k] == 0 })
	slices.SortStableFunc(kinds, func(a, b DriftKind) int { return r.Kinds[b] - r.Kinds[a] })
	return kinds
}
