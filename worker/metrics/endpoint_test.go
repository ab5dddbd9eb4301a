package metrics

import (
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/linkwright/linkwright/workflows"
)

func listen(t *testing.T) *Endpoint {
	t.Helper()
	e, err := Listen("127.0.0.1:0", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// scrape reads what Prometheus would.
func scrape(t *testing.T, e *Endpoint) string {
	t.Helper()
	answer, err := http.Get("http://" + e.Address + Path)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("it answers %s, %v: %s", answer.Status, err, text)
	}
	return string(text)
}

func has(t *testing.T, text string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains("\n"+text, "\n"+line+"\n") {
			t.Errorf("there is no line %s in\n%s", line, text)
		}
	}
}

func TestWhenAnAddressIsTakenTheErrorNamesIt(t *testing.T) {
	e := listen(t)
	if _, err := Listen(e.Address, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), e.Address) {
		t.Errorf("the second one answers %v", err)
	}
}

func TestWhenItIsClosedItListensNoMore(t *testing.T) {
	e, err := Listen("127.0.0.1:0", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if again, err := Listen(e.Address, slog.New(slog.DiscardHandler)); err != nil {
		t.Error(err)
	} else if err := again.Close(); err != nil {
		t.Error(err)
	}
}

func TestWhatTheSDKMeasuresIsShown(t *testing.T) {
	e := listen(t)
	sdk := e.Handler().WithTags(map[string]string{"task_queue": "linkwright"})
	sdk.Counter("temporal_request").Inc(2)
	sdk.Gauge("temporal_num_pollers").Update(5)
	sdk.Timer("temporal_request_latency").Record(20 * time.Millisecond)
	has(t, scrape(t, e),
		`temporal_request_total{task_queue="linkwright"} 2`,
		`temporal_num_pollers{task_queue="linkwright"} 5`,
		`temporal_request_latency_seconds_bucket{task_queue="linkwright",le="0.01"} 0`,
		`temporal_request_latency_seconds_bucket{task_queue="linkwright",le="0.025"} 1`,
		`temporal_request_latency_seconds_sum{task_queue="linkwright"} 0.02`)
}

// Days fall into buckets of their own, and what the SDK says of where a workflow runs makes no series of its own.
func TestHowLongPhasesLastIsShownByKindAndPhaseAlone(t *testing.T) {
	e := listen(t)
	for _, queue := range []string{"one", "two"} {
		e.Handler().WithTags(map[string]string{"task_queue": queue, workflows.KindTag: "Connection", workflows.PhaseTag: "Ready"}).
			Timer(workflows.PhaseDuration).Record(30 * time.Hour)
	}
	has(t, scrape(t, e),
		`linkwright_phase_duration_seconds_bucket{kind="Connection",phase="Ready",le="86400"} 0`,
		`linkwright_phase_duration_seconds_bucket{kind="Connection",phase="Ready",le="259200"} 2`,
		`linkwright_phase_duration_seconds_sum{kind="Connection",phase="Ready"} 216000`)
}
