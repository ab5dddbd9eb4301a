package workflows

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/linkwright/linkwright/internal/link"
)

// details is what the Temporal UI shows of a flow: what it is, what it waits for, and what to do. It is
// Markdown made of short paragraphs and lists. A blank line stands before each list, without which the
// UI's renderer takes it for more of the paragraph.
func details(s *link.Status, workflowID string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s** since %s\n", s.Phase, moment(s.Since))
	if p := s.Blocked; p != nil {
		title(&b, "Blocked: "+string(p.Reason))
		item(&b, "what happened", p.Message)
		item(&b, "call", p.Call)
		item(&b, "where", strings.TrimSpace(p.Account+" "+p.Region))
		item(&b, "what to do", p.Remedy)
		if !p.NextTry.IsZero() {
			item(&b, "tries again", moment(p.NextTry)+"; to try at once, send the update retry")
		}
	}
	if w := s.Waiting; w != nil {
		title(&b, "Waits for "+plain(w.For))
		for _, line := range w.Details {
			fmt.Fprintf(&b, "- %s\n", plain(line))
		}
		if w.Approve != nil {
			howToDecide(&b, w.Approve, s.Question, workflowID)
		}
	}
	section(&b, "Room", s.Room, func(r link.VPCRoom) string {
		return fmt.Sprintf("`%s`: %d of %d endpoints used, %d promised to connections", code(r.VPC), r.Endpoints, r.Quota, r.Promised) +
			after(strings.Join(r.Problems, "; "))
	})
	section(&b, "Conditions", s.Conditions, func(c link.Condition) string {
		mark := "✗"
		if c.OK {
			mark = "✓"
		}
		return fmt.Sprintf("%s %s (%s)", mark, c.Type, plain(c.Reason)) + after(c.Message)
	})
	section(&b, "Resources", s.Resources, func(r link.Resource) string {
		return fmt.Sprintf("%s `%s` in %s", r.Kind, code(r.ID), plain(strings.TrimSpace(r.Account+" "+r.Region))) + after(r.Detail)
	})
	section(&b, "Decisions", s.Decisions, sentence)
	return b.String()
}

// howToDecide says how to answer the question, with an answer that can be copied. It spans several lines on
// purpose: the UI's editor reformats JSON on one line as soon as the pointer goes for Submit, which then
// moves away from under it.
func howToDecide(b *strings.Builder, answer *link.Decision, asked *link.Question, workflowID string) {
	title(b, "To decide")
	form := "Send an Update"
	if asked != nil && asked.Proof == link.ProofPrincipal {
		form = "Send a Signal" // the server says who sent it
	}
	fmt.Fprintf(b, "1. Choose *More Actions*, then *%s*, and the name **approve** or **reject**.\n"+
		"2. Paste this as *Data*, with your name and reason in it:\n", form)
	if data, err := json.MarshalIndent(answer, "", "  "); err == nil {
		fmt.Fprintf(b, "\n```json\n%s\n```\n", data)
	}
	if asked != nil && asked.Proof == link.ProofSignature {
		howToSign(b, answer, asked, workflowID)
	}
	fmt.Fprintf(b, "\nOr in a terminal: `linkwright approve %s`\n", code(strings.TrimPrefix(workflowID, "connection/")))
}

// howToSign says how to make the signature, by a command that can be copied whole: what it signs is the canonical
// text, and what it prints is one line that fits into the JSON.
func howToSign(b *strings.Builder, answer *link.Decision, asked *link.Question, workflowID string) {
	text, err := link.Statement{
		Workflow: workflowID, Endpoint: answer.Endpoint, Owner: answer.Owner, Decision: link.Approve, Nonce: asked.Nonce,
	}.Text()
	if err != nil {
		fmt.Fprintf(b, "\nNobody can sign for this endpoint: %s\n", plain(err.Error()))
		return
	}
	fmt.Fprintf(b, "\nThe signature is the line that this prints, with the file of your key for KEY; to reject, with reject for approve:\n"+
		"\n```sh\nssh-keygen -Y sign -n %s -f KEY <<'END' | tr -d '\\n'\n%sEND\n```\n", link.SignatureNamespace, text)
}

// sentence tells a decision.
func sentence(d link.Decision) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s **%s** by %s", moment(d.At), d.Verb, plain(orUnknown(d.By)))
	if d.Principal != "" {
		fmt.Fprintf(&b, " (authenticated as %s)", plain(d.Principal))
	}
	if d.Key != "" {
		fmt.Fprintf(&b, " (signed with key `%s`)", code(d.Key))
	}
	fmt.Fprintf(&b, ", via %s", d.Via)
	if d.Endpoint != "" {
		fmt.Fprintf(&b, ", on `%s` of account %s", code(d.Endpoint), plain(d.Owner))
	}
	b.WriteString(after(d.Reason))
	if d.Refused != "" {
		fmt.Fprintf(&b, " — **refused**: %s", plain(d.Refused))
	}
	return b.String()
}

// after is text that explains what stands before it, if there is any.
func after(text string) string {
	if text == "" {
		return ""
	}
	return ": " + plain(text)
}

// timerSummary says, in the UI's timeline, what the timer of a wait is for.
func timerSummary(what link.Waiting, pause time.Duration) string {
	switch {
	case what.For == "":
		return "a look of its own, now and then"
	case pause < slowLook:
		return "deadline of the wait for " + what.For
	}
	return "a look of its own, while it waits for " + what.For
}

// moment is a time as people read it.
func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

func title(b *strings.Builder, text string) { fmt.Fprintf(b, "\n**%s**\n\n", text) }

func item(b *strings.Builder, name, value string) {
	if value != "" {
		fmt.Fprintf(b, "- %s: %s\n", name, plain(value))
	}
}

func section[T any](b *strings.Builder, name string, list []T, line func(T) string) {
	if len(list) == 0 {
		return
	}
	title(b, name)
	for _, entry := range list {
		fmt.Fprintf(b, "- %s\n", line(entry))
	}
}

// markup is what plain escapes: what begins Markdown or HTML, the colon, because the UI's renderer makes a link of
// every address, and the hyphen, because it makes a dash of two of them, as in the options of a command.
const markup = "\\`*_{}[]<>#|~$&:-"

// plain keeps text from outside from being taken for Markdown or HTML, or from breaking out of its line.
func plain(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n' || r == '\r' || r == '\t' || unicode.In(r, unicode.Zl, unicode.Zp):
			b.WriteByte(' ')
		case !link.Visible(r):
			// dropped
		case strings.ContainsRune(markup, r):
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
		if r == '`' || !link.Visible(r) {
			return -1
		}
		return r
	}, s)
}
