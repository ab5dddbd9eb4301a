package render

import (
	"slices"
	"strings"
	"time"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
)

// Items is a table for each kind of which there are any.
func Items(items []flows.Item, wide bool, style Style, now time.Time) string {
	var tables []string
	for _, kind := range []struct {
		kind  link.Kind
		title string
	}{{link.KindEndpointService, "SERVICE"}, {link.KindConnection, "CONNECTION"}, {link.KindVPCInventory, "INVENTORY"}, {link.KindVPCPeering, "PEERING"}} {
		of := slices.DeleteFunc(slices.Clone(items), func(i flows.Item) bool { return i.Kind != kind.kind })
		if len(of) > 0 {
			tables = append(tables, itemTable(kind.title, of, wide, style, now))
		}
	}
	return strings.Join(tables, "\n")
}

// itemTable is a table of flows of one kind.
func itemTable(title string, items []flows.Item, wide bool, style Style, now time.Time) string {
	t := table{style: style}
	rooms := items[0].Kind == link.KindVPCInventory
	head := []string{title, "PHASE", "BLOCKED", "ACCOUNT", "REGION"}
	if rooms {
		head = append(head, "VPCS", "ENDPOINTS", "PROMISED")
	}
	head = append(head, "AGE")
	if wide {
		head = append(head, "DRIFT", "CLOUD", "WORKFLOW ID", "RUN ID")
	}
	t.addText(head...)
	for _, item := range items {
		row := []cell{
			plain(item.Ref().Path()), phaseCell(item), {orDash(string(item.Blocked)), red},
			plain(orDash(item.Account)), plain(orDash(item.Region)),
		}
		if item.Blocked == "" {
			row[2].color = ""
		}
		if rooms {
			row = append(row, roomCells(item.Room)...)
		}
		row = append(row, plain(age(item.Started, now)))
		if wide {
			row = append(row, driftCell(item), plain(orDash(string(item.Cloud))), plain(item.WorkflowID), plain(item.RunID))
		}
		t.add(row...)
	}
	return t.String()
}

// driftCell is what is done about what has drifted.
func driftCell(item flows.Item) cell {
	if item.Drift == "" {
		return plain("-")
	}
	return actionCell(item.Drift)
}

// phaseCell is the phase, with a mark where something has drifted; and for a flow that was ended from outside, how: its
// phase then says where it was left.
func phaseCell(item flows.Item) cell {
	phase := orDash(string(item.Phase))
	if item.How != "" && item.Phase.Open() {
		return cell{phase + " (" + item.How + ")", red}
	}
	if item.Drift != "" && item.Phase.Good() {
		return cell{phase + " (drifted)", yellow}
	}
	return cell{phase, phaseColor(item.Phase)}
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
