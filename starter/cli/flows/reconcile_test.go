package flows

import (
	"reflect"
	"testing"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/workflow/v1"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// The steps of a reconciliation are known here by their names alone.
func TestStepsAreNamedAsTheContractsName(t *testing.T) {
	for name, contract := range map[string]reflect.Type{
		surveyStep: reflect.TypeFor[activities.Fleets](), tellStep: reflect.TypeFor[activities.Fleets](),
		askStep: reflect.TypeFor[activities.Fleets](), auditStep: reflect.TypeFor[activities.Auditor](),
	} {
		if _, known := contract.MethodByName(name); !known {
			t.Errorf("%s has no %s", contract, name)
		}
	}
}

func TestDoing(t *testing.T) {
	for want, steps := range map[string][]string{
		"audits 1 place":              {"aws.Audit"},
		"audits 2 places":             {"azure.Audit", "aws.Audit"},
		"asks flows how far they are": {"linkwright.AskFleet"},
		"is under way":                nil,
	} {
		var pending []*workflow.PendingActivityInfo
		for _, step := range steps {
			pending = append(pending, &workflow.PendingActivityInfo{ActivityType: &commonpb.ActivityType{Name: step}})
		}
		if got := doing(pending); got != want {
			t.Errorf("%v: got %q, want %q", steps, got, want)
		}
	}
}

func TestTiming(t *testing.T) {
	minute := link.Duration(time.Minute)
	for _, c := range []struct {
		when   string
		timing Timing
		good   bool
		said   string
	}{
		{"it is every so often", Timing{Every: 30 * minute, Jitter: 5 * minute}, true, "every 30m, up to 5m later"},
		{"it is once a minute", Timing{Every: minute}, true, "every 1m"},
		{"it has five fields", Timing{Cron: "*/5 8-18 * * MON-FRI"}, true, "cron */5 8-18 * * MON-FRI"},
		{"it has a time zone", Timing{Cron: "TZ=Europe/Berlin 0 3 * * *"}, true, "cron TZ=Europe/Berlin 0 3 * * *"},
		{"it is a word", Timing{Cron: "@hourly"}, true, "cron @hourly"},
		{"it is nothing", Timing{}, false, "by a calendar"},
		{"it is both", Timing{Every: minute, Cron: "@hourly"}, false, "every 1m"},
		{"it has six fields", Timing{Cron: "0 3 * * * 2027"}, false, "cron 0 3 * * * 2027"},
		{"it has a comment", Timing{Cron: "0 3 * * # night"}, false, "cron 0 3 * * # night"},
		{"it is an unknown word", Timing{Cron: "@often"}, false, "cron @often"},
	} {
		t.Run("when "+c.when, func(t *testing.T) {
			if err := c.timing.check(); (err == nil) != c.good {
				t.Errorf("got %v", err)
			}
			if got := c.timing.String(); got != c.said {
				t.Errorf("it is said as %q, want %q", got, c.said)
			}
		})
	}
}
