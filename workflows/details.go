package workflows

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/linkwright/linkwright/internal/link"
)

// details is what the Temporal UI shows of a flow: what it is, what it waits for, and what to do. It is
// Markdown made of lists, which is what the UI renders well.
func details(s *link.Status, workflowID string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s** since %s\n", s.Phase, s.Since.UTC().Format(time.RFC3339))
	if p := s.Blocked; p != nil {
		fmt.Fprintf(&b, "\n**Blocked: %s**\n", p.Reason)
		item(&b, "what happened", p.Message)
		item(&b, "call", p.Call)
		item(&b, "where", strings.TrimSpace(p.Account+" "+p.Region))
		item(&b, "what to do", p.Remedy)
		if !p.NextTry.IsZero() {
			item(&b, "looks again", p.NextTry.UTC().Format(time.RFC3339)+"; to look at once, send the update retry")
		}
	}
	if w := s.Waiting; w != nil {
		fmt.Fprintf(&b, "\n**Waits for %s**\n", plain(w.For))
		for _, line := range w.Details {
			fmt.Fprintf(&b, "- %s\n", plain(line))
		}
		if w.Approve != nil {
			answer, err := json.MarshalIndent(w.Approve, "", "  ")
			if err == nil {
				fmt.Fprintf(&b, "\nTo decide, choose *Send an Update* (or *Send a Signal*) in the menu of this page, pick **approve** or **reject**, and paste this with your name and reason:\n\n```json\n%s\n```\n", answer)
			}
			fmt.Fprintf(&b, "\nOr on a command line: `linkwright approve %s`\n", strings.TrimPrefix(workflowID, "connection/"))
		}
	}
	section(&b, "Conditions", s.Conditions, func(c link.Condition) string {
		mark := "no"
		if c.OK {
			mark = "yes"
		}
		return fmt.Sprintf("%s: **%s** (%s) %s", c.Type, mark, c.Reason, plain(c.Message))
	})
	section(&b, "Resources", s.Resources, func(r link.Resource) string {
		return fmt.Sprintf("%s `%s` in %s %s %s", r.Kind, code(r.ID), r.Account, r.Region, plain(r.Detail))
	})
	section(&b, "Decisions", s.Decisions, func(d link.Decision) string { return sentence(d) })
	return b.String()
}

// sentence tells a decision.
func sentence(d link.Decision) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s by %s", d.At.UTC().Format(time.RFC3339), d.Verb, plain(orUnknown(d.By)))
	if d.Principal != "" {
		fmt.Fprintf(&b, " (authenticated as %s)", plain(d.Principal))
	}
	fmt.Fprintf(&b, ", %s", d.Via)
	if d.Endpoint != "" {
		fmt.Fprintf(&b, ", `%s` of %s", code(d.Endpoint), plain(d.Owner))
	}
	if d.Reason != "" {
		fmt.Fprintf(&b, ": %s", plain(d.Reason))
	}
	if d.Refused != "" {
		fmt.Fprintf(&b, " — refused: %s", plain(d.Refused))
	}
	return b.String()
}

func item(b *strings.Builder, name, value string) {
	if value != "" {
		fmt.Fprintf(b, "- %s: %s\n", name, plain(value))
	}
}

func section[T any](b *strings.Builder, title string, list []T, line func(T) string) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(b, "\n**%s**\n", title)
	for _, entry := range list {
		fmt.Fprintf(b, "- %s\n", strings.TrimSpace(line(entry)))
	}
}

// plain keeps text from outside from being taken for Markdown or HTML, or from breaking out of its line.
func plain(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			b.WriteByte(' ')
		case r < ' ' || r == 0x7f:
			// dropped
		case strings.ContainsRune("\\`*_{}[]<>#|~", r):
			b.WriteByte('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// code keeps text inside a code span.
func code(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '`' || r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, s)
}
