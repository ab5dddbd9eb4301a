package demo

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/internal/simaws"
	"github.com/linkwright/linkwright/internal/simcloud"
	"github.com/linkwright/linkwright/starter/cli/flows"
)

// bill prints what the links cost: time, cloud calls, history.
func (d *demo) bill(ctx context.Context, story *narrator, made []simaws.CallCount) error {
	w := tabwriter.NewWriter(d.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\nTime in each phase")
	for _, ref := range story.refs {
		times(w, ref, story.status(ref))
	}
	fmt.Fprintln(w, "\nCloud calls\taccount\tservice\taction\tcount")
	total := 0
	for _, c := range made {
		total += c.Count
		throttled := ""
		if c.Throttled {
			throttled = " throttled"
		}
		fmt.Fprintf(w, "\t%s\t%s\t%s\t%d%s\n", d.accountName(c.Account), c.Service, c.Action, c.Count, throttled)
	}
	fmt.Fprintf(w, "\t\t\tall\t%d\n", total)
	fmt.Fprintln(w, "(most are looks at what is under way; the demo looks some 25 times as often as a worker does by default)")
	fmt.Fprintln(w, "\nHistory\tevents\tbytes")
	for _, ref := range story.refs {
		seen, err := d.stack.Client.DescribeWorkflowExecution(ctx, ref.WorkflowID(), "")
		if err != nil {
			return fmt.Errorf("ask for the history of %s: %w", ref, err)
		}
		info := seen.GetWorkflowExecutionInfo()
		fmt.Fprintf(w, "%s\t%d\t%d\n", ref, info.GetHistoryLength(), info.GetHistorySizeBytes())
	}
	return w.Flush()
}

func times(w *tabwriter.Writer, ref flows.Ref, s link.Status) {
	for i, p := range s.Phases {
		if i+1 == len(s.Phases) {
			break // the last phase is the end
		}
		fmt.Fprintf(w, "%s\t%s\t%v\n", ref.Path(), p.Phase, s.Phases[i+1].Entered.Sub(p.Entered).Round(10*time.Millisecond))
	}
}

// madeSince are the calls that Linkwright made: those of its roles, not those of the accounts' administrators.
func (d *demo) madeSince(before []simaws.CallCount) []simaws.CallCount {
	return simcloud.CallsSince(before, d.stack.Cloud.CallCounts())
}

func (d *demo) accountName(id string) string {
	for _, a := range d.stack.World().Accounts {
		if a.ID == id {
			return a.Name
		}
	}
	return id
}
