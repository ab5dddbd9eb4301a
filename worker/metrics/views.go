package metrics

import (
	"go.opentelemetry.io/otel/attribute"
	sdk "go.opentelemetry.io/otel/sdk/metric"

	"github.com/linkwright/linkwright/workflows"
)

// seriesLimit bounds the series of one instrument. The calls have most of them: a hundred accounts with fifty actions each
// stay below. OpenTelemetry's own limit of 2000 would put the rest together into one.
const seriesLimit = 20000

// The buckets of times, in seconds: of calls and steps, and of phases, in which a person may have to decide.
var (
	short = []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300}
	long  = []float64{1, 5, 15, 60, 5 * 60, 15 * 60, 3600, 4 * 3600, 24 * 3600, 3 * 24 * 3600, 7 * 24 * 3600, 30 * 24 * 3600}
)

// drift is the view of what audits find, without what the SDK adds.
func drift(i sdk.Instrument) (sdk.Stream, bool) {
	return sdk.Stream{
		Name: i.Name, Unit: i.Unit, Description: "Drift that audits have found, by kind and by what was done about it.",
		AttributeFilter: attribute.NewAllowKeysFilter(workflows.DriftTag, workflows.ActionTag),
	}, i.Name == workflows.DriftFound
}

// seconds is the view of all times: OpenTelemetry's own buckets are made for milliseconds.
func seconds(i sdk.Instrument) (sdk.Stream, bool) {
	if i.Kind != sdk.InstrumentKindHistogram || i.Unit != "s" {
		return sdk.Stream{}, false
	}
	if i.Name == workflows.PhaseDuration {
		return sdk.Stream{
			Name: i.Name, Unit: i.Unit, Description: "How long links stayed in a phase that they have left.",
			Aggregation: sdk.AggregationExplicitBucketHistogram{Boundaries: long},
			// The SDK adds the workflow's type, which is the kind once more, and where it runs.
			AttributeFilter: attribute.NewAllowKeysFilter(workflows.KindTag, workflows.PhaseTag),
		}, true
	}
	return sdk.Stream{
		Name: i.Name, Unit: i.Unit, Description: i.Description,
		Aggregation: sdk.AggregationExplicitBucketHistogram{Boundaries: short},
	}, true
}
