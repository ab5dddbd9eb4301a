package metrics

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// showing lets an endpoint show a count that was taken at a time.
func showing(t *testing.T, n count, at time.Time) *Endpoint {
	t.Helper()
	e := listen(t)
	var shown links
	if err := shown.register(e.Meter); err != nil {
		t.Fatal(err)
	}
	shown.last.Store(&counted{n, at})
	return e
}

func TestTheLastCountIsShown(t *testing.T) {
	n := count{
		links:   map[standing]int64{{"Connection", "AwaitingApproval"}: 2, {"EndpointService", "Serving"}: 1},
		blocked: map[string]int64{"QuotaFull": 3}, drifted: map[string]int64{"ask": 4},
		waiting: 2, since: time.Now().Add(-time.Hour),
	}
	text := scrape(t, showing(t, n, time.Now()))
	has(t, text,
		`linkwright_links{kind="Connection",phase="AwaitingApproval"} 2`,
		`linkwright_links{kind="EndpointService",phase="Serving"} 1`,
		`linkwright_links_blocked{reason="QuotaFull"} 3`,
		`linkwright_links_drifted{action="ask"} 4`,
		`linkwright_approvals_waiting 2`)
	age := regexp.MustCompile(`(?m)^linkwright_approvals_oldest_age_seconds (\S+)$`).FindStringSubmatch(text)
	if age == nil {
		t.Fatalf("there is no age in\n%s", text)
	}
	if seconds, err := strconv.ParseFloat(age[1], 64); err != nil || seconds < time.Hour.Seconds() {
		t.Errorf("after an hour the oldest is %s s old (%v)", age[1], err)
	}
}

func TestWhenNobodyWaitsTheOldestHasNoAge(t *testing.T) {
	has(t, scrape(t, showing(t, count{}, time.Now())), "linkwright_approvals_waiting 0", "linkwright_approvals_oldest_age_seconds 0")
}

func TestACountThatIsOldIsNotShown(t *testing.T) {
	if text := scrape(t, showing(t, count{waiting: 1}, time.Now().Add(-2*countHolds))); strings.Contains(text, "linkwright_") {
		t.Errorf("it shows\n%s", text)
	}
}
