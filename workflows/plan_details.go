package workflows

import (
	"fmt"
	"strings"

	"github.com/linkwright/linkwright/internal/link"
)

// planDetails is what the Temporal UI shows of a plan.
func planDetails(plan link.Plan) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s**\n", plan.Summary())
	var needs []string
	for _, d := range plan.Documents {
		var lines []string
		if d.Refused != "" {
			lines = append(lines, "**refused**: "+plain(d.Refused))
		}
		if !d.Running && d.Refused == "" {
			lines = append(lines, "its flow is started")
		}
		for _, path := range d.SpecChanges {
			lines = append(lines, "changes "+plain(path))
		}
		for _, c := range d.Changes {
			if c.Action != link.ActionKeep {
				lines = append(lines, fmt.Sprintf("%s %s `%s` in %s", c.Action, c.Kind, code(c.ID), plain(strings.TrimSpace(c.Account+" "+c.Region)))+
					after(strings.Join(c.Details, "; ")))
			}
		}
		name := strings.TrimPrefix(d.Service+"/"+d.Name, "/")
		if d.Kind == link.KindEndpointService {
			name = d.Name
		}
		section(&b, fmt.Sprintf("%s %s", d.Kind, plain(name)), lines, func(line string) string { return line })
		for _, n := range d.Needs {
			needs = append(needs, plain(n.What)+after(n.How))
		}
	}
	section(&b, "What needs a person", needs, func(line string) string { return line })
	return b.String()
}
