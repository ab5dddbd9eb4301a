package render

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
)

// Progress shows how flows get on. On a terminal it keeps one block for each flow and redraws it in place;
// anywhere else it writes a line for each thing that happens, and nothing while nothing does.
type Progress struct {
	out       io.Writer
	describer Describer
	live      bool
	size      func() (columns, rows int)
	// drawn is how many rows of the terminal the blocks take up, from the cursor upwards.
	drawn int
	frame int
	// told is what the lines have said so far of each flow.
	told map[flows.Ref]told
	// note is the last note that was shown.
	note string
	// began is when the showing began. What was over by then is not told in lines.
	began time.Time
}

// told is where a flow stood when the last line about it was written.
type told struct {
	entered time.Time
	doing   string
}

// NewProgress shows progress on out; command is [Describer.Command].
func NewProgress(out io.Writer, command string) *Progress {
	return &Progress{
		out:       out,
		describer: Describer{Style: StyleFor(out), Command: command},
		live:      IsTerminal(out) && os.Getenv("TERM") != "dumb",
		size:      sizeOf(out),
		told:      map[flows.Ref]told{},
		began:     time.Now(),
	}
}

// sizeOf asks a terminal for its size each time, since people resize their windows.
func sizeOf(out io.Writer) func() (int, int) {
	return func() (int, int) {
		if f, ok := out.(*os.File); ok {
			if columns, rows, err := term.GetSize(int(f.Fd())); err == nil && columns > 0 && rows > 0 {
				return columns, rows
			}
		}
		return 80, 24
	}
}

// Show shows where the flows stand now. The note, when there is one, says why that may be old.
func (p *Progress) Show(statuses []link.Status, note string, now time.Time) error {
	p.describer.Now = now
	if p.live {
		return p.redraw(statuses, note)
	}
	var b strings.Builder
	for _, s := range statuses {
		b.WriteString(p.lines(s))
	}
	if note != "" && note != p.note {
		b.WriteString(note + "\n")
	}
	p.note = note
	_, err := io.WriteString(p.out, b.String())
	return err
}

// Print writes text above the blocks, where it stays.
func (p *Progress) Print(text string) error {
	_, err := io.WriteString(p.out, p.erase()+text)
	return err
}

// lines are what has happened to a flow since it was last told of, each with the time since the story, or the
// showing of it, began.
func (p *Progress) lines(s link.Status) string {
	var b strings.Builder
	ref := flows.RefOf(s)
	before, now := p.told[ref], told{doing: p.doing(s)}
	for i, phase := range s.Phases {
		now.entered = phase.Entered
		current := i == len(s.Phases)-1
		entered := phase.Entered.After(before.entered)
		if !current && (!entered || phase.Entered.Before(p.began)) || current && !entered && now.doing == before.doing {
			continue
		}
		moment := phase.Entered
		if !entered { // the phase is the same, but something in it is new
			moment = p.describer.Now
		}
		line := Printable(fmt.Sprintf("%6s  %s  %s", Duration(moment.Sub(latest(p.began, s.Phases[0].Entered))), ref, phase.Phase))
		if current && now.doing != "" {
			line += "  " + now.doing
		}
		b.WriteString(line + "\n")
	}
	p.told[ref] = now
	return b.String()
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// doing says in one line what a flow is held up by.
func (p *Progress) doing(s link.Status) string {
	switch {
	case s.Blocked != nil:
		return Printable(fmt.Sprintf("blocked: %s: %s. Remedy: %s", s.Blocked.Reason, strings.TrimSuffix(s.Blocked.Message, "."), s.Blocked.Remedy))
	case s.Waiting != nil && s.Waiting.Approve != nil:
		return Printable(fmt.Sprintf("waiting for %s; decide with: %s", s.Waiting.For, p.describer.Decisions(s)[0]))
	case s.Waiting != nil:
		return Printable("waiting for " + s.Waiting.For)
	}
	return ""
}

// redraw replaces the blocks on the terminal.
func (p *Progress) redraw(statuses []link.Status, note string) error {
	p.frame++
	var lines []string
	for _, s := range statuses {
		lines = append(lines, p.block(s)...)
	}
	if note != "" {
		lines = append(lines, p.describer.Style.paint(yellow, note))
	}
	across, rows := p.size()
	for height(lines, across) >= rows && len(lines) > 0 { // the terminal cannot redraw what has scrolled away
		lines = lines[1:]
	}
	text := p.erase()
	for _, line := range lines {
		text += line + "\n"
	}
	p.drawn = height(lines, across)
	_, err := io.WriteString(p.out, text)
	return err
}

// erase is the control sequence that removes the blocks and leaves the cursor where they began.
func (p *Progress) erase() string {
	if p.drawn == 0 {
		return ""
	}
	up := fmt.Sprintf("\x1b[%dA\r\x1b[J", p.drawn)
	p.drawn = 0
	return up
}

// longestStory is how many phases a block shows; a link that has been repaired for years has many more.
const longestStory = 8

// block is a flow on the terminal: its name, its phases with the time each took, and what it waits for.
func (p *Progress) block(s link.Status) []string {
	style := p.describer.Style
	lines := []string{style.paint(bold, Printable(flows.RefOf(s).String()))}
	begin := max(0, len(s.Phases)-longestStory)
	if begin > 0 {
		lines = append(lines, style.paint(faint, fmt.Sprintf("  … %d phases before", begin)))
	}
	for i := begin; i < len(s.Phases); i++ {
		current := i == len(s.Phases)-1
		mark := style.paint(green, "✓")
		if current {
			mark = p.mark(s)
		}
		lines = append(lines, fmt.Sprintf("  %s %-18s  %s", mark, Printable(string(s.Phases[i].Phase)), phaseSpan(s, i, p.describer.Now)))
	}
	return append(lines, p.hold(s)...)
}

// mark is the sign before the current phase.
func (p *Progress) mark(s link.Status) string {
	style := p.describer.Style
	spinner := []string{"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"}
	switch {
	case s.Blocked != nil:
		return style.paint(red, "!")
	case flows.Arrived(s):
		return style.paint(green, "✓")
	case !s.Phase.Open():
		return style.paint(phaseColor(s.Phase), "■")
	}
	return style.paint(yellow, spinner[p.frame%len(spinner)])
}

// hold is what a flow is held up by, in as many lines as a person needs to do something about it.
func (p *Progress) hold(s link.Status) []string {
	style := p.describer.Style
	var lines []string
	if b := s.Blocked; b != nil {
		lines = append(lines, style.paint(red, Printable(fmt.Sprintf("    blocked: %s", b.Reason))),
			"    "+Printable(strings.Join(present(b.Call, b.Message), ": ")), "    "+style.paint(bold, Printable(b.Remedy)))
	}
	if w := s.Waiting; w != nil {
		lines = append(lines, style.paint(yellow, "    waiting for "+Printable(w.For)))
		for _, detail := range w.Details {
			lines = append(lines, "    "+Printable(detail))
		}
		for _, command := range p.describer.Decisions(s) {
			lines = append(lines, "    "+style.paint(bold, command))
		}
	}
	return lines
}

var controlSequence = regexp.MustCompile("\x1b\\[[0-9;]*m")

// height is how many rows of a terminal the lines take up, with long ones running on in the next row.
func height(lines []string, across int) int {
	rows := 0
	for _, line := range lines {
		visible := columns(controlSequence.ReplaceAllString(line, ""))
		rows += max(1, (visible+across-1)/across)
	}
	return rows
}
