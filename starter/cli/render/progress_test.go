package render

import (
	"strings"
	"testing"
	"time"

	"github.com/linkwright/linkwright/internal/link"
)

var start = time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC)

func after(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }

// story is a connection that has entered so many phases, ten seconds each.
func story(phases ...link.Phase) link.Status {
	s := link.Status{Kind: link.KindConnection, Service: "payments", Name: "shop"}
	for i, phase := range phases {
		s.Phase, s.Since = phase, after(10*i)
		s.Phases = append(s.Phases, link.PhaseTime{Phase: phase, Entered: s.Since})
	}
	return s
}

func TestProgressInLines(t *testing.T) {
	var out strings.Builder
	p := NewProgress(&out, "linkwright")
	p.began = start
	note := ""
	show := func(s link.Status, second int) {
		t.Helper()
		if err := p.Show([]link.Status{s}, note, after(second)); err != nil {
			t.Fatal(err)
		}
	}
	asks := story(link.Requesting, link.AwaitingApproval)
	asks.Waiting = &link.Waiting{For: "approval", Approve: &link.Decision{Endpoint: "vpce-1", Owner: "222222222222"}}
	held := story(link.Requesting, link.AwaitingApproval, link.Accepting, link.EnablingDNS)
	held.Blocked = &link.Problem{Reason: link.ReasonVPCWithoutDNS, Message: "The VPC has no DNS.", Remedy: "Switch it on."}

	show(story(link.Requesting), 1)
	show(story(link.Requesting), 2) // nothing new, so nothing is said
	show(asks, 12)
	note = "no worker answers"
	show(asks, 13)
	show(asks, 14)
	note = ""
	show(held, 35) // a phase that was over between two looks is told all the same
	show(story(link.Requesting, link.AwaitingApproval, link.Accepting, link.EnablingDNS), 38)
	show(story(link.Requesting, link.AwaitingApproval, link.Accepting, link.EnablingDNS, link.Ready), 41)

	want := `    0s  connection/payments/shop  Requesting
   10s  connection/payments/shop  AwaitingApproval  waiting for approval; decide with: linkwright approve payments/shop --endpoint vpce-1 --owner 222222222222
no worker answers
   20s  connection/payments/shop  Accepting
   30s  connection/payments/shop  EnablingDNS  blocked: VPCWithoutDNS: The VPC has no DNS. Remedy: Switch it on.
   38s  connection/payments/shop  EnablingDNS
   40s  connection/payments/shop  Ready
`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

func TestWhenAStoryIsOldOnlyWhatHappensNowIsTold(t *testing.T) {
	var out strings.Builder
	p := NewProgress(&out, "linkwright")
	p.began = after(100)
	if err := p.Show([]link.Status{story(link.Requesting, link.AwaitingApproval, link.Ready)}, "", after(101)); err != nil {
		t.Fatal(err)
	}
	leaving := story(link.Requesting, link.AwaitingApproval, link.Ready)
	leaving.Phases = append(leaving.Phases, link.PhaseTime{Phase: link.Disconnecting, Entered: after(103)})
	if err := p.Show([]link.Status{leaving}, "", after(104)); err != nil {
		t.Fatal(err)
	}
	want := "    0s  connection/payments/shop  Ready\n    3s  connection/payments/shop  Disconnecting\n"
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

// screen is a progress on a terminal of the given size.
func screen(out *strings.Builder, columns, rows int) *Progress {
	p := NewProgress(out, "linkwright")
	p.live = true
	p.size = func() (int, int) { return columns, rows }
	return p
}

func TestWhenThereIsATerminalTheBlockIsRedrawnInPlace(t *testing.T) {
	var out strings.Builder
	p := screen(&out, 80, 24)
	asks := story(link.Requesting, link.AwaitingApproval)
	asks.Waiting = &link.Waiting{For: "approval", Details: []string{strings.Repeat("x", 100)}}
	if err := p.Show([]link.Status{asks}, "", after(15)); err != nil {
		t.Fatal(err)
	}
	want := "connection/payments/shop\n  ✓ Requesting          10s\n  ⠙ AwaitingApproval    5s\n    waiting for approval\n    " + strings.Repeat("x", 100) + "\n"
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
	out.Reset()
	if err := p.Show([]link.Status{story(link.Requesting, link.AwaitingApproval, link.Ready)}, "", after(21)); err != nil {
		t.Fatal(err)
	}
	// Five lines were drawn, of which the last takes two rows.
	want = "\x1b[6A\r\x1b[Jconnection/payments/shop\n  ✓ Requesting          10s\n  ✓ AwaitingApproval    10s\n  ✓ Ready               1s\n"
	if out.String() != want {
		t.Errorf("got\n%q\nwant\n%q", out.String(), want)
	}
}

func TestWhenTheTerminalIsTooLowTheEarliestLinesAreLeftOut(t *testing.T) {
	var out strings.Builder
	p := screen(&out, 80, 3)
	if err := p.Show([]link.Status{story(link.Requesting, link.AwaitingApproval, link.Ready)}, "", after(21)); err != nil {
		t.Fatal(err)
	}
	if want := "  ✓ AwaitingApproval    10s\n  ✓ Ready               1s\n"; out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

func TestWhenTextIsPrintedItStaysAboveTheBlock(t *testing.T) {
	var out strings.Builder
	p := screen(&out, 80, 24)
	if err := p.Show([]link.Status{story(link.Requesting)}, "no worker answers", after(1)); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	if err := p.Print("the approver says yes\n"); err != nil {
		t.Fatal(err)
	}
	if err := p.Show(nil, "", after(2)); err != nil {
		t.Fatal(err)
	}
	if want := "\x1b[3A\r\x1b[Jthe approver says yes\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "0s", 999 * time.Millisecond: "0s", 59 * time.Second: "59s", time.Minute: "1m", 130 * time.Second: "2m10s",
		time.Hour: "1h", 3*time.Hour + 5*time.Minute + 9*time.Second: "3h5m", 12*24*time.Hour + 4*time.Hour: "12d4h",
	} {
		if got := Duration(d); got != want {
			t.Errorf("Duration(%v) = %q, want %q", d, got, want)
		}
	}
}
