package render

import (
	"strings"
	"time"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
)

// Items is a table of services and a table of connections, as far as there are any.
func Items(items []flows.Item, wide bool, style Style, now time.Time) string {
	var services, connections []flows.Item
	for _, item := range items {
		if item.Kind == link.KindEndpointService {
			services = append(services, item)
		} else {
			connections = append(connections, item)
		}
	}
	var tables []string
	if len(services) > 0 {
		tables = append(tables, itemTable("SERVICE", services, wide, style, now))
	}
	if len(connections) > 0 {
		tables = append(tables, itemTable("CONNECTION", connections, wide, style, now))
	}
	return strings.Join(tables, "\n")
}

func itemTable(title string, items []flows.Item, wide bool, style Style, now time.Time) string {
	t := table{style: style}
	head := []string{title, "PHASE", "BLOCKED", "ACCOUNT", "REGION", "AGE"}
	if wide {
		head = append(head, "CLOUD", "WORKFLOW ID", "RUN ID")
	}
	t.addText(head...)
	for _, item := range items {
		row := []cell{
			plain(item.Ref().Path()), phaseCell(item), {orDash(string(item.Blocked)), red},
			plain(orDash(item.Account)), plain(orDash(item.Region)), plain(age(item.Started, now)),
		}
		if item.Blocked == "" {
			row[2].color = ""
		}
		if wide {
			row = append(row, plain(orDash(string(item.Cloud))), plain(item.WorkflowID), plain(item.RunID))
		}
		t.add(row...)
	}
	return t.String()
}

// phaseCell is the phase, and for a flow that was ended from outside, how: its phase then says where it was left.
func phaseCell(item flows.Item) cell {
	phase := orDash(string(item.Phase))
	if item.How != "" && item.Phase.Open() {
		return cell{phase + " (" + item.How + ")", red}
	}
	return cell{phase, phaseColor(item.Phase)}
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
