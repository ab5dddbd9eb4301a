package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/linkwright/linkwright/starter/cli"
)

// TestAScheduleReconcilesAndItsReportsAreFound is what Temporal itself makes of schedules: what it compiles, lists and starts.
func TestAScheduleReconcilesAndItsReportsAreFound(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.publish()
	create := func(name string, args ...string) said {
		return s.run(append([]string{"schedule", "create", name, "--service", s.name}, args...)...)
	}
	create(s.name, "--cron", "0 99 * * *").expect(t, cli.ExitError, `--cron "0 99 * * *"`)
	create(s.name, "--cron", "TZ=Europe/Berlin 0 3 * * MON-FRI", "--jitter", "5m", "--reads", "50", "--note", "at night").expect(t, cli.ExitOK)
	create(s.name, "--every", "1h").expect(t, cli.ExitError, "exists already")
	// Temporal lists schedules a moment after they are made.
	says := func(what string, args ...string) {
		t.Helper()
		var last said
		s.until("linkwright "+strings.Join(args, " ")+" to say "+what, func() bool {
			last = s.run(args...)
			return strings.Contains(last.out+last.err, what)
		}, func() any { return last })
	}
	says("linkwright schedule delete "+s.name, "schedule", "create", s.name+"-too", "--every", "1h", "--service", s.name)
	says("cron TZ=Europe/Berlin 0 3 * * MON-FRI, up to 5m later", "schedule", "list")

	s.run("schedule", "pause", s.name, "--note", "not tonight").expect(t, cli.ExitOK)
	says("not tonight", "schedule", "describe", s.name)
	s.run("schedule", "resume", s.name).expect(t, cli.ExitOK)
	says("at the most 50 in each place and run", "schedule", "describe", s.name)
	s.run("schedule", "trigger", s.name).expect(t, cli.ExitOK)
	says("nothing has drifted", "schedule", "describe", s.name)
	says(s.name+"-20", "drift", "--service", s.name) // Temporal adds the time to the workflow id
	s.run("reconcile", "--service", s.name, "--report-only", "-o", "json").expect(t, cli.ExitOK, `"mode": "report"`)

	page := filepath.Join(t.TempDir(), "fleet.html")
	s.run("drift", "--service", s.name, "--html", page).expect(t, cli.ExitOK)
	if text, err := os.ReadFile(page); err != nil || !strings.Contains(string(text), s.name) {
		t.Errorf("the page says nothing of %s (%v)", s.name, err)
	}
	s.run("schedule", "delete", s.name).expect(t, cli.ExitOK)
	s.run("schedule", "trigger", s.name).expect(t, cli.ExitError, "not found")
	s.takeDown()
}
