package audits_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/activities/audits"
	"github.com/linkwright/linkwright/internal/link"
)

func TestTheTurnGoesOnBehindTheLastFlowAndComesRound(t *testing.T) {
	expected := []activities.Expected{{Flow: "a"}, {Flow: "b", Open: true}, {Flow: "b"}, {Flow: "c"}}
	for after, want := range map[string]string{"": "a1 b2 c1", "a": "b2 c1 a1", "aa": "b2 c1 a1", "c": "a1 b2 c1"} {
		var got []string
		for _, f := range audits.Flows(expected, after) {
			got = append(got, fmt.Sprintf("%s%d", f.ID, len(f.Things)))
			if f.Open != (f.ID == "b") {
				t.Errorf("%s is open: %t", f.ID, f.Open)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("after %q: %v, want %s", after, got, want)
		}
	}
}

func TestWhatIsToldOfAFlow(t *testing.T) {
	found := []link.Drift{{Kind: link.DriftSubnets}}
	hidden := activities.Blocked(link.Problem{Reason: link.ReasonMissingPermission}, nil)
	for _, c := range []struct {
		when   string
		open   bool
		drifts []link.Drift
		whole  bool
		unseen error
		want   []activities.Drifted
	}{
		{"nothing has drifted, it is told nothing", false, nil, true, nil, nil},
		{"something has, it is told so", false, found, true, nil, []activities.Drifted{{Flow: "f", Drifts: found}}},
		{"it was not looked at whole, it is told that too", false, found, false, nil, []activities.Drifted{{Flow: "f", Drifts: found, Partial: true}}},
		{"something could not be seen, it is told that too", false, found, true, hidden, []activities.Drifted{{Flow: "f", Drifts: found, Partial: true}}},
		{"what it deals with is over, it is told so", true, nil, true, nil, []activities.Drifted{{Flow: "f"}}},
		{"what it deals with may be over, it is told nothing", true, nil, false, nil, nil},
		{"nobody could see whether it is over, it is told nothing", true, nil, true, hidden, nil},
	} {
		t.Run("when "+c.when, func(t *testing.T) {
			var audit activities.Audit
			audits.Note(&audit, audits.Flow{ID: "f", Open: c.open}, c.drifts, c.whole, c.unseen)
			if !reflect.DeepEqual(audit.Drifted, c.want) || len(audit.Unseen) > 0 != (c.unseen != nil) {
				t.Errorf("got %+v, unseen %+v", audit.Drifted, audit.Unseen)
			}
		})
	}
}

func TestAnAuditIsCutToWhatFitsIntoAnAnswer(t *testing.T) {
	audit := activities.Audit{Drifted: []activities.Drifted{{Flow: "b"}, {Flow: "a"}}}
	audits.Finish(&audit)
	if audit.More || audit.Drifted[0].Flow != "a" {
		t.Errorf("got %+v", audit)
	}
	for i := range activities.MaxDrifted {
		audit.Drifted = append(audit.Drifted, activities.Drifted{Flow: fmt.Sprint("x", i)})
	}
	audits.Finish(&audit)
	if !audit.More || len(audit.Drifted) != activities.MaxDrifted {
		t.Errorf("more: %t, %d drifted", audit.More, len(audit.Drifted))
	}
}

// asked is a fleet in which one flow runs, and that keeps whom it was asked about.
type asked struct {
	activities.Fleet
	runs  activities.Owner
	about []activities.Owner
}

func (a *asked) Owns(_ context.Context, owner activities.Owner) (bool, error) {
	a.about = append(a.about, owner)
	return owner == a.runs, nil
}

func (a *asked) Stood(context.Context, activities.Owner) ([]activities.Expectation, error) {
	return nil, nil
}

func TestOrphansAreTheThingsOfFlowsThatDoNotRun(t *testing.T) {
	fleet := &asked{runs: "ns/busy"}
	var things []audits.Owned
	for _, owner := range []activities.Owner{"ns/known", "ns/busy", "ns/gone", "ns/gone"} {
		things = append(things, audits.Owned{Owner: owner, Resource: link.Resource{ID: string(owner)}})
	}
	orphans, err := audits.Orphans(t.Context(), fleet, "ns", []activities.Expected{{Flow: "known"}}, things)
	if err != nil || len(orphans) != 2 || orphans[0].ID != "ns/gone" {
		t.Errorf("orphans %+v, %v", orphans, err)
	}
	if !slices.Equal(fleet.about, []activities.Owner{"ns/busy", "ns/gone"}) {
		t.Errorf("asked about %v", fleet.about)
	}
}
