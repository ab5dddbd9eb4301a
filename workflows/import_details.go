package workflows

import (
	"fmt"
	"strings"

	"github.com/linkwright/linkwright/internal/link"
)

// leftOutShown is how much of what is left out the Temporal UI shows.
const leftOutShown = 50

// importDetails is what the Temporal UI shows of an import.
func importDetails(i link.Imported) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s**\n", i.Summary())
	section(&b, "Left out", i.LeftOut[:min(len(i.LeftOut), leftOutShown)], func(l link.LeftOut) string {
		return fmt.Sprintf("%s `%s` in %s", l.Kind, code(l.ID), plain(strings.TrimSpace(l.Account+" "+l.Region))) + after(l.Why)
	})
	section(&b, "What could not be looked at", i.Unseen, func(p link.Problem) string {
		return plain(p.Account+": "+p.Message) + after(p.Remedy)
	})
	return b.String()
}
