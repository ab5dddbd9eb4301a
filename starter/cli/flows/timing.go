package flows

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"github.com/linkwright/linkwright/internal/link"
)

// Timing says when a schedule starts reconciliations: every so often, or as a cron expression says.
type Timing struct {
	Every link.Duration `json:"every,omitzero"`
	Cron  string        `json:"cron,omitempty"`
	// Jitter delays each start by a random time up to this.
	Jitter link.Duration `json:"jitter,omitzero"`
}

// String says it as people do: "every 30m", "cron 0 3 * * *".
func (t Timing) String() string {
	text := "cron " + t.Cron
	switch {
	case t.Every != 0:
		text = "every " + t.Every.String()
	case t.Cron == "":
		text = "by a calendar"
	}
	if t.Jitter != 0 {
		text += ", up to " + t.Jitter.String() + " later"
	}
	return text
}

// leastInterval is how often a fleet is audited at the most.
const leastInterval = time.Minute

// cronWords are the expressions of one word that Temporal knows, and that have no interval of their own.
var cronWords = []string{"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"}

// check finds what is wrong with the timing as far as that shows without the server, which reads the expression.
func (t Timing) check() error {
	switch every, jitter := time.Duration(t.Every), time.Duration(t.Jitter); {
	case (every == 0) == (t.Cron == ""):
		return errors.New("say when to reconcile: --every 30m, or --cron '0 3 * * *'")
	case t.Cron == "" && every < leastInterval:
		return fmt.Errorf("--every %v is too often: a fleet is audited once a minute at the most", every)
	case jitter < 0:
		return fmt.Errorf("--jitter %v: a start can be delayed, not hastened", jitter)
	case every != 0 && jitter > every:
		return fmt.Errorf("--jitter %v is longer than --every %v: starts would overtake one another", jitter, every)
	case t.Cron != "":
		return checkCron(t.Cron)
	}
	return nil
}

// checkCron admits what starts something once a minute at the most. Temporal also takes seconds, intervals and comments.
func checkCron(cron string) error {
	fields := strings.Fields(cron)
	if len(fields) > 0 && (strings.HasPrefix(fields[0], "TZ=") || strings.HasPrefix(fields[0], "CRON_TZ=")) {
		fields = fields[1:]
	}
	if len(fields) == 1 && slices.Contains(cronWords, fields[0]) {
		return nil
	}
	if len(fields) != 5 || strings.Contains(cron, "#") {
		return fmt.Errorf("--cron %q: write minute, hour, day of the month, month and day of the week, such as '0 3 * * *', one of %s; "+
			"for intervals there is --every", cron, strings.Join(cronWords, ", "))
	}
	return nil
}

// spec is the timing in Temporal's words. The server turns a cron expression into a calendar, and keeps its comment: which
// is the expression itself, for people to read.
func (t Timing) spec() client.ScheduleSpec {
	spec := client.ScheduleSpec{Jitter: time.Duration(t.Jitter)}
	if t.Cron != "" {
		spec.CronExpressions = []string{t.Cron + " # " + t.Cron}
		return spec
	}
	spec.Intervals = []client.ScheduleIntervalSpec{{Every: time.Duration(t.Every)}}
	return spec
}

func timingOf(spec *client.ScheduleSpec) Timing {
	var t Timing
	if spec == nil {
		return t
	}
	t.Jitter = link.Duration(spec.Jitter)
	if len(spec.Intervals) > 0 {
		t.Every = link.Duration(spec.Intervals[0].Every)
	}
	if len(spec.Calendars) > 0 {
		t.Cron = spec.Calendars[0].Comment
	}
	return t
}

// explain says of what the server refuses that it is the expression.
func (t Timing) explain(err error) error {
	var invalid *serviceerror.InvalidArgument
	if t.Cron != "" && errors.As(err, &invalid) {
		return fmt.Errorf("--cron %q: %s", t.Cron, invalid.Message)
	}
	return err
}
