package link_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/linkwright/linkwright/internal/link"
)

func TestDriftPolicyAction(t *testing.T) {
	policy := &link.DriftPolicy{
		Default: link.DriftAsk,
		Repair:  []link.DriftKind{link.DriftRecords, link.DriftPrincipals},
		Ask:     []link.DriftKind{link.DriftTargets},
		Report:  []link.DriftKind{link.DriftTags, link.DriftConnection},
	}
	for _, c := range []struct {
		when   string
		policy *link.DriftPolicy
		drift  link.Drift
		want   link.DriftAction
	}{
		{"there is no policy, it repairs", nil, link.Drift{Kind: link.DriftRecords}, link.DriftRepair},
		{"there is no policy, it asks before it lets in more", nil, link.Drift{Kind: link.DriftPrincipals, Widens: true}, link.DriftAsk},
		{"the policy says nothing, it repairs", &link.DriftPolicy{}, link.Drift{Kind: link.DriftRecords}, link.DriftRepair},
		{"nobody can mend it, it reports", nil, link.Drift{Kind: link.DriftZones}, link.DriftReport},
		{"nobody can mend it and all is asked about, it reports", policy, link.Drift{Kind: link.DriftTargetHealth}, link.DriftReport},
		{"a kind is listed under repair, it repairs", policy, link.Drift{Kind: link.DriftRecords}, link.DriftRepair},
		{"a kind that is repaired lets in more, it asks", policy, link.Drift{Kind: link.DriftPrincipals, Widens: true}, link.DriftAsk},
		{"a kind is listed under ask, it asks", policy, link.Drift{Kind: link.DriftTargets}, link.DriftAsk},
		{"a kind is listed under report, it reports", policy, link.Drift{Kind: link.DriftTags}, link.DriftReport},
		{"a kind that is reported lets in more, it reports", policy, link.Drift{Kind: link.DriftConnection, Widens: true}, link.DriftReport},
		{"a connection was let in past people, it asks", nil, link.Drift{Kind: link.DriftUnapproved}, link.DriftAsk},
		{"a connection was let in past people and all is repaired, it asks", &link.DriftPolicy{Default: link.DriftRepair}, link.Drift{Kind: link.DriftUnapproved}, link.DriftAsk},
		{"just that is listed under repair, it repairs", &link.DriftPolicy{Repair: []link.DriftKind{link.DriftUnapproved}}, link.Drift{Kind: link.DriftUnapproved}, link.DriftRepair},
		{"a kind is listed nowhere, it does the default", policy, link.Drift{Kind: link.DriftRoute}, link.DriftAsk},
	} {
		t.Run("when "+c.when, func(t *testing.T) {
			if got := c.policy.Action(c.drift); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// A kind that nobody can mend may stand in no list: it would promise what cannot be.
func TestTheSpecListsExactlyTheKindsThatCanBeMended(t *testing.T) {
	var mendable []string
	for _, kind := range link.DriftKinds() {
		if kind.Mendable() {
			mendable = append(mendable, string(kind))
		}
	}
	for _, name := range []string{"Repair", "Ask", "Report"} {
		field, _ := reflect.TypeFor[link.DriftPolicy]().FieldByName(name)
		var listed []string
		for _, word := range strings.Split(field.Tag.Get("jsonschema"), ",") {
			if kind, ok := strings.CutPrefix(word, "enum="); ok {
				listed = append(listed, kind)
			}
		}
		if diff := cmp.Diff(mendable, listed); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

func TestPlannedChangeDrifts(t *testing.T) {
	change := func(action link.Action, kind string, details ...string) link.PlannedChange {
		return link.PlannedChange{Action: action, Kind: kind, ID: "id", Account: "shop", Region: "eu-west-1", Details: details}
	}
	blocked := func(reason link.Reason) link.PlannedChange {
		c := change(link.ActionCreate, link.KindEndpoint)
		c.Problem = &link.Problem{Reason: reason, Message: "so it is"}
		return c
	}
	differs := change(link.ActionChange, link.KindService, "acceptance is required again", "principals +a")
	differs.Differences = []link.Difference{
		{Kind: link.DriftAcceptance, Text: "acceptance is required again"}, {Kind: link.DriftPrincipals, Text: "principals +a", Widens: true},
	}
	hidden := change(link.ActionKeep, link.KindEndpoint)
	hidden.Differences = []link.Difference{{Kind: link.DriftPrivateDNS, Text: "private DNS is switched on again"}}
	for _, c := range []struct {
		when   string
		change link.PlannedChange
		want   []link.Drift
	}{
		{"something is kept, there is none", change(link.ActionKeep, link.KindEndpoint, "in vpc-1"), nil},
		{"something differs, there is one for each difference", differs, []link.Drift{
			{Kind: link.DriftAcceptance, Detail: "acceptance is required again"}, {Kind: link.DriftPrincipals, Detail: "principals +a", Widens: true},
		}},
		{"something is kept that differs, there is one all the same", hidden, []link.Drift{{Kind: link.DriftPrivateDNS, Detail: "private DNS is switched on again"}}},
		{"something is to be made, it is missing", change(link.ActionCreate, link.KindEndpoint), []link.Drift{{Kind: link.DriftEndpointGone, Detail: "it is missing"}}},
		{"something is to be made, it matters not how", change(link.ActionCreate, link.KindTXTRecord, "holds a"), []link.Drift{{Kind: link.DriftProof, Detail: "it is missing"}}},
		{"something is to be deleted and the plan says why, the drift does", change(link.ActionDelete, link.KindEndpoint, "it is rejected"), []link.Drift{{Kind: link.DriftEndpointGone, Detail: "it is rejected"}}},
		{"a step would be blocked, it says by what", blocked(link.ReasonEndpointFailed), []link.Drift{{Kind: link.DriftEndpointGone, Detail: "so it is"}}},
		{"it is somebody else's, it has lost its tag", blocked(link.ReasonNotOurs), []link.Drift{{Kind: link.DriftTags, Detail: "so it is"}}},
		{"something is to be adopted, it has lost its tag", change(link.ActionAdopt, link.KindPrivateEndpoint), []link.Drift{{Kind: link.DriftTags, Detail: "its ownership tag is gone"}}},
		{"something is to be deleted, it is too much", change(link.ActionDelete, link.KindTarget), []link.Drift{{Kind: link.DriftTargets, Detail: "it is not wanted here"}}},
	} {
		t.Run("when "+c.when, func(t *testing.T) {
			for i := range c.want {
				c.want[i].Resource, c.want[i].ID, c.want[i].Account, c.want[i].Region = c.change.Kind, "id", "shop", "eu-west-1"
			}
			if diff := cmp.Diff(c.want, c.change.Drifts()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDriftActionIsTheOneThatNeedsAPersonMost(t *testing.T) {
	for want, actions := range map[link.DriftAction][]link.DriftAction{
		"":               nil,
		link.DriftRepair: {link.DriftRepair},
		link.DriftReport: {link.DriftRepair, link.DriftReport},
		link.DriftAsk:    {link.DriftReport, link.DriftAsk, link.DriftRepair},
	} {
		var s link.Status
		for _, action := range actions {
			s.Drift = append(s.Drift, link.OpenDrift{Action: action})
		}
		if got := s.DriftAction(); got != want {
			t.Errorf("of %v it is %q, want %q", actions, got, want)
		}
	}
}

func TestScopesOverlap(t *testing.T) {
	shop, crm := link.Scope{Account: "shop"}, link.Scope{Account: "crm"}
	ireland, payments := link.Scope{Region: "eu-west-1"}, link.Scope{Service: "payments"}
	for _, c := range []struct {
		when string
		a, b link.Scope
		want bool
	}{
		{"one is everything", link.Scope{}, shop, true},
		{"both are the same", shop, shop, true},
		{"the accounts differ", shop, crm, false},
		{"one names an account and one a region", shop, ireland, true},
		{"one names an account and one a service", shop, payments, true},
		{"the accounts meet and the regions differ", link.Scope{Account: "shop", Region: "eu-west-1"}, link.Scope{Account: "shop", Region: "eu-west-2"}, false},
		{"only the services differ", link.Scope{Account: "shop", Service: "payments"}, link.Scope{Service: "ledger"}, false},
	} {
		t.Run("when "+c.when, func(t *testing.T) {
			if c.a.Overlaps(c.b) != c.want || c.b.Overlaps(c.a) != c.want {
				t.Errorf("%s and %s: want %v", c.a, c.b, c.want)
			}
		})
	}
	all := link.Scope{Account: "shop", Region: "eu-west-1", Service: "payments"}
	for want, scope := range map[string]link.Scope{"everything": {}, "account shop, region eu-west-1, service payments": all} {
		if got := scope.String(); got != want {
			t.Errorf("it is called %q, want %q", got, want)
		}
	}
}

func TestReportSummary(t *testing.T) {
	clean := link.ReconcileReport{Links: 12, Places: 3, Calls: 31, Duration: link.Duration(4 * time.Second)}
	busy := link.ReconcileReport{
		Links: 12, Places: 3, Calls: 40, Duration: link.Duration(90 * time.Second),
		Drifted: 4, Repaired: 1, Repairing: 1, Waiting: 1, Reported: 1, Orphans: make([]link.Resource, 2), Unseen: make([]link.UnseenPart, 1),
		Kinds: map[link.DriftKind]int{link.DriftTags: 1, link.DriftRecords: 3, link.DriftAcceptance: 1},
	}
	for want, report := range map[string]link.ReconcileReport{
		"12 links checked in 3 places, nothing has drifted; 31 calls, 4s":      clean,
		"1 link checked in 1 place, nothing has drifted, 1 orphan; 1 call, 0s": {Links: 1, Places: 1, Calls: 1, Orphans: make([]link.Resource, 1)},
		"12 links checked in 3 places, 4 drifted, 1 repaired, 1 being repaired, 1 waiting for a person, 1 only reported, 1 not seen, 2 orphans; " +
			"40 calls, 1m30s": busy,
	} {
		if got := report.Summary(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	if !clean.Clean() || busy.Clean() || (link.ReconcileReport{Incomplete: true}).Clean() {
		t.Error("a report is clean that is not, or the other way round")
	}
	for _, c := range []struct {
		report link.ReconcileReport
		want   bool
	}{
		{link.ReconcileReport{}, false},
		{link.ReconcileReport{Drifted: 2, Repaired: 1, Repairing: 1}, false},
		{link.ReconcileReport{Drifted: 1, Waiting: 1}, true},
		{link.ReconcileReport{Drifted: 1, Reported: 1}, true},
		{link.ReconcileReport{Orphans: make([]link.Resource, 1)}, true},
	} {
		if got := c.report.NeedsPerson(); got != c.want {
			t.Errorf("that %q needs a person is %v, want %v", c.report.Summary(), got, c.want)
		}
	}
	if got := busy.KindsFound(); !slices.Equal(got, []link.DriftKind{link.DriftRecords, link.DriftAcceptance, link.DriftTags}) {
		t.Errorf("the kinds found are %v, want the most frequent first", got)
	}
}
