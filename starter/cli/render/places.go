package render

import (
	"fmt"
	"strings"

	"github.com/linkwright/linkwright/internal/link"
)

// placement is where a connection's endpoint stands, and why not elsewhere.
func (d Describer) placement(s link.Status) string {
	p := s.Placement
	if p == nil {
		return ""
	}
	t := table{style: d.Style, indent: "  "}
	t.addText("VPC", fmt.Sprintf("%s of inventory %s", p.VPC, p.Inventory))
	t.addText("Why", p.Why)
	t.addText("Subnets", orDash(strings.Join(p.Subnets, ", ")))
	if len(p.SecurityGroups) > 0 {
		t.addText("Groups", strings.Join(p.SecurityGroups, ", "))
	}
	return d.title("Place") + t.String() + d.against(p.Against)
}

// against is what spoke against the other VPCs.
func (d Describer) against(objections []link.Objection) string {
	if len(objections) == 0 {
		return ""
	}
	t := table{style: d.Style, indent: "  "}
	t.addText("NOT IN", "INVENTORY", "BECAUSE")
	for _, o := range objections {
		t.addText(orDash(o.VPC), o.Inventory, o.Reason) // a whole inventory may have spoken against itself
	}
	return "\n" + t.String()
}

// room is what an inventory has to offer.
func (d Describer) room(s link.Status) string {
	if len(s.Room) == 0 {
		return ""
	}
	t := table{style: d.Style, indent: "  "}
	t.addText("VPC", "ENDPOINTS", "PROMISED", "PROBLEMS")
	for _, r := range s.Room {
		t.add(plain(r.VPC), plain(used(r.Endpoints, r.Quota)), plain(fmt.Sprint(r.Promised)), cell{orDash(strings.Join(r.Problems, "; ")), problemColor(r)})
	}
	return d.title("Room") + t.String()
}

// seekers is how many connections that wait for room are named.
const seekers = 20

// seeking are the connections that an inventory has no room for.
func (d Describer) seeking(s link.Status) string {
	if len(s.Seeking) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString(d.Style.paint(yellow, "Waiting for room") + "\n")
	for _, connection := range s.Seeking[:min(len(s.Seeking), seekers)] {
		b.WriteString("  " + Printable(connection) + "\n")
	}
	if more := len(s.Seeking) - seekers; more > 0 {
		fmt.Fprintf(&b, "  and %d more\n", more)
	}
	return b.String()
}

func problemColor(r link.VPCRoom) string {
	if len(r.Problems) > 0 {
		return red
	}
	return ""
}

// used is how much of a quota is used; a VPC that offers nothing has none.
func used(n, quota int) string {
	if quota == 0 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d/%d", n, quota)
}

// roomCells are the room of an inventory in all: its VPCs that can be used, the endpoints that count against the quota
// of those, and the places that are promised anywhere. They are empty for one that has not been asked.
func roomCells(room []link.VPCRoom) []cell {
	if len(room) == 0 {
		return []cell{plain("-"), plain("-"), plain("-")}
	}
	var usable, endpoints, quota, promised int
	for _, r := range room {
		promised += r.Promised
		if len(r.Problems) == 0 {
			usable, endpoints, quota = usable+1, endpoints+r.Endpoints, quota+r.Quota
		}
	}
	vpcs := plain(fmt.Sprintf("%d/%d", usable, len(room)))
	if usable < len(room) {
		vpcs.color = yellow
	}
	return []cell{vpcs, plain(used(endpoints, quota)), plain(fmt.Sprint(promised))}
}
