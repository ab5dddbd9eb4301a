package metrics

import (
	"context"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"golang.org/x/time/rate"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/workflows"
)

const (
	// pace is how many requests a census makes in a second. Temporal allows a namespace ten of visibility by default
	// (go.temporal.io/server, frontend.namespaceRPS.visibility), and people want to list their links.
	pace = 2
	// page is how many flows a request may answer with.
	page = 20
	// askWithin is how long a flow may take to say since when it waits.
	askWithin = 5 * time.Second
)

// count is how the links stood when they were counted.
type count struct {
	links   map[standing]int64
	blocked map[string]int64 // by reason
	drifted map[string]int64 // by what is done about it
	waiting int64            // for approval
	since   time.Time        // when the longest wait for approval began; zero when nobody waits
}

// standing is where links stand.
type standing struct{ kind, phase string }

// census counts the links by Temporal's visibility. What it asks depends on how many phases and reasons there are, and
// not on how many links: Temporal groups counts by none of our attributes, so it finds one value after the other.
type census struct {
	temporal client.Client
	pace     *rate.Limiter
	// waits is since when connections wait for approval, by run: each is asked once.
	waits map[string]time.Time
}

func newCensus(c client.Client) *census {
	return &census{temporal: c, pace: rate.NewLimiter(pace, 1), waits: map[string]time.Time{}}
}

// kinds are the types of the workflows that are links; they are called like the kinds.
var kinds = []string{
	workflows.EndpointServiceWorkflow, workflows.ConnectionWorkflow, workflows.VPCInventoryWorkflow, workflows.VPCPeeringWorkflow,
}

// take counts.
func (c *census) take(ctx context.Context) (count, error) {
	n := count{links: map[standing]int64{}}
	for _, kind := range kinds {
		phases, err := c.by(ctx, workflows.LinkPhase, "WorkflowType = "+quote(kind)+" AND "+running)
		if err != nil {
			return count{}, fmt.Errorf("count links of kind %s: %w", kind, err)
		}
		for phase, links := range phases {
			n.links[standing{kind, phase}] = links
		}
	}
	var err error
	if n.blocked, err = c.by(ctx, workflows.LinkBlocked, running); err != nil {
		return count{}, fmt.Errorf("count blocked links: %w", err)
	}
	if n.drifted, err = c.by(ctx, workflows.LinkDrift, running); err != nil {
		return count{}, fmt.Errorf("count links of which something has drifted: %w", err)
	}
	n.waiting = n.links[standing{workflows.ConnectionWorkflow, string(link.AwaitingApproval)}]
	if n.since, err = c.longestWait(ctx, n.waiting); err != nil {
		return count{}, fmt.Errorf("find the connection that has waited longest: %w", err)
	}
	return n, nil
}

const running = "ExecutionStatus = 'Running'"

// by counts the flows that a query finds, for each value that they have of an attribute.
func (c *census) by(ctx context.Context, attribute temporal.SearchAttributeKeyKeyword, query string) (map[string]int64, error) {
	name := attribute.GetName()
	query += " AND " + name + " IS NOT NULL"
	counts := map[string]int64{}
	var known []string
	for {
		rest := query
		if len(known) > 0 {
			rest += " AND " + name + " NOT IN (" + strings.Join(known, ", ") + ")"
		}
		some, err := c.list(ctx, rest)
		if err != nil {
			return nil, err
		}
		before := len(known)
		for _, flow := range some {
			value := keyword(flow, name)
			if _, counted := counts[value]; counted {
				continue
			}
			if counts[value], err = c.count(ctx, query+" AND "+name+" = "+quote(value)); err != nil {
				return nil, err
			}
			known = append(known, quote(value))
		}
		if len(known) == before {
			return counts, nil
		}
	}
}

// longestWait finds when the connection that has waited longest for approval began to. It asks those that began first,
// a page at the most: one that waits for long has begun long ago.
func (c *census) longestWait(ctx context.Context, waiting int64) (time.Time, error) {
	if waiting == 0 {
		clear(c.waits)
		return time.Time{}, nil
	}
	eldest, err := c.eldest(ctx, "WorkflowType = "+quote(workflows.ConnectionWorkflow)+" AND "+running+
		" AND "+workflows.LinkPhase.GetName()+" = "+quote(string(link.AwaitingApproval)), waiting)
	if err != nil {
		return time.Time{}, err
	}
	waits, first := map[string]time.Time{}, time.Time{}
	for _, flow := range eldest {
		run := flow.GetExecution().GetRunId()
		since, asked := c.waits[run]
		if !asked {
			if since, asked = c.ask(ctx, flow); !asked {
				continue
			}
		}
		waits[run] = since
		if first.IsZero() || since.Before(first) {
			first = since
		}
	}
	c.waits = waits
	return first, ctx.Err()
}

// eldest lists the flows that began first of those that a query finds, a page at the most. Lists begin with the newest,
// so where there are many it looks for the time before which few began.
func (c *census) eldest(ctx context.Context, query string, found int64) ([]*workflow.WorkflowExecutionInfo, error) {
	if found <= page {
		return c.list(ctx, query)
	}
	before := func(t time.Time) string { return query + " AND StartTime < " + quote(t.UTC().Format(time.RFC3339Nano)) }
	none, many := time.Unix(0, 0), time.Now()
	for many.Sub(none) > time.Second {
		middle := none.Add(many.Sub(none) / 2)
		n, err := c.count(ctx, before(middle))
		switch {
		case err != nil:
			return nil, err
		case n == 0:
			none = middle
		case n > page:
			many = middle
		default:
			return c.list(ctx, before(middle))
		}
	}
	return c.list(ctx, before(many)) // so many have begun within a second
}

// ask asks a connection since when it waits for approval; false when it does not say, or waits no more.
func (c *census) ask(ctx context.Context, flow *workflow.WorkflowExecutionInfo) (time.Time, bool) {
	if c.pace.Wait(ctx) != nil {
		return time.Time{}, false
	}
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	answer, err := c.temporal.QueryWorkflow(ctx, flow.GetExecution().GetWorkflowId(), flow.GetExecution().GetRunId(), workflows.StatusQuery)
	if err != nil {
		return time.Time{}, false
	}
	var s link.Status
	if err := answer.Get(&s); err != nil || s.Phase != link.AwaitingApproval {
		return time.Time{}, false
	}
	return s.Since, true
}

func (c *census) count(ctx context.Context, query string) (int64, error) {
	if err := c.pace.Wait(ctx); err != nil {
		return 0, err
	}
	answer, err := c.temporal.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{Query: query})
	return answer.GetCount(), err
}

// list lists flows, newest first, a page at the most.
func (c *census) list(ctx context.Context, query string) ([]*workflow.WorkflowExecutionInfo, error) {
	if err := c.pace.Wait(ctx); err != nil {
		return nil, err
	}
	answer, err := c.temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{Query: query, PageSize: page})
	return answer.GetExecutions(), err
}

// keyword is the value of an attribute.
func keyword(flow *workflow.WorkflowExecutionInfo, name string) string {
	var value string
	if payload, ok := flow.GetSearchAttributes().GetIndexedFields()[name]; ok {
		_ = converter.GetDefaultDataConverter().FromPayload(payload, &value) // one of another type is as good as none
	}
	return value
}

func quote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}
