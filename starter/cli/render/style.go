package render

import (
	"io"
	"os"

	"golang.org/x/term"

	"github.com/linkwright/linkwright/internal/link"
)

// Style says how text may be dressed. The zero value is plain text.
type Style struct{ Color bool }

// StyleFor is the style that suits a writer: colours on a terminal, unless NO_COLOR is set (no-color.org) or
// the terminal says that it is dumb.
func StyleFor(out io.Writer) Style {
	return Style{Color: IsTerminal(out) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"}
}

// IsTerminal reports whether what is written to, or read from, is a terminal.
func IsTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// The select graphic rendition codes of ECMA-48 that are used.
const (
	bold   = "1"
	faint  = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
)

func (s Style) paint(code, text string) string {
	if !s.Color || code == "" || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// phaseColor is green for a link that works, yellow for one that waits for a person, faint for one that is over.
func phaseColor(p link.Phase) string {
	switch {
	case p.Good():
		return green
	case p == link.AwaitingApproval:
		return yellow
	case p == link.Rejected:
		return red
	case !p.Open():
		return faint
	}
	return ""
}

// Error dresses what announces an error.
func (s Style) Error(text string) string { return s.paint(red, text) }
