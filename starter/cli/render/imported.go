package render

import (
	"fmt"
	"strings"

	"github.com/linkwright/linkwright/internal/link"
)

// Imported writes specs of what is there as YAML, with comments on each, and on what is left out.
func Imported(found link.Imported) (string, error) {
	var b strings.Builder
	for i, d := range found.Documents {
		text, err := link.Encode(link.Document{Service: d.Service, Connection: d.Connection})
		if err != nil {
			return "", err
		}
		if i > 0 {
			b.WriteString("---\n")
		}
		for _, remark := range d.Remarks {
			comment(&b, remark)
		}
		b.Write(text)
	}
	if left := NotImported(found); left != "" {
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		for line := range strings.Lines(left) {
			comment(&b, strings.TrimSuffix(line, "\n"))
		}
	}
	return b.String(), nil
}

// comment writes a line that YAML does not read. What it says may be somebody else's text.
func comment(b *strings.Builder, text string) { b.WriteString("# " + Printable(text) + "\n") }

// NotImported says what is not among the specs, and what no look can tell; empty when there is nothing to say.
func NotImported(found link.Imported) string {
	var b strings.Builder
	for _, l := range found.LeftOut {
		at := strings.TrimSuffix(fmt.Sprintf("account %s, %s", l.Account, l.Region), ", ")
		fmt.Fprintf(&b, "Left out: %s %s (%s): %s\n", l.Kind, Printable(l.ID), Printable(at), Printable(l.Why))
	}
	if found.More > 0 {
		fmt.Fprintf(&b, "There are %d more, which did not fit into one answer: name a single account, or a service with --service\n", found.More)
	}
	if len(found.Documents) > 0 {
		b.WriteString("Whether Terraform manages any of this cannot be seen: take it out of Terraform's state before you adopt it\n")
	}
	return b.String()
}
