package metrics

import (
	"context"
	"fmt"
	"reflect"
	"testing"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"golang.org/x/time/rate"

	server "github.com/linkwright/linkwright/dev/temporal"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/workflows"
)

// stand is a link that stands still: it is in one phase until it is cancelled.
func stand(ctx workflow.Context, s link.Status) error {
	shown := []temporal.SearchAttributeUpdate{workflows.LinkPhase.ValueSet(string(s.Phase))}
	if action := s.DriftAction(); action != "" {
		shown = append(shown, workflows.LinkDrift.ValueSet(string(action)))
	}
	if s.Blocked != nil {
		shown = append(shown, workflows.LinkBlocked.ValueSet(string(s.Blocked.Reason)))
	}
	if err := workflow.UpsertTypedSearchAttributes(ctx, shown...); err != nil {
		return err
	}
	if err := workflow.SetQueryHandler(ctx, workflows.StatusQuery, func() (link.Status, error) { return s, nil }); err != nil {
		return err
	}
	ctx.Done().Receive(ctx, nil)
	return ctx.Err()
}

// counting counts the requests of a census.
type counting struct {
	client.Client
	requests int
}

func (c *counting) CountWorkflow(ctx context.Context, r *workflowservice.CountWorkflowExecutionsRequest) (*workflowservice.CountWorkflowExecutionsResponse, error) {
	c.requests++
	return c.Client.CountWorkflow(ctx, r)
}

func (c *counting) ListWorkflow(ctx context.Context, r *workflowservice.ListWorkflowExecutionsRequest) (*workflowservice.ListWorkflowExecutionsResponse, error) {
	c.requests++
	return c.Client.ListWorkflow(ctx, r)
}

// town is a real Temporal, in which links stand.
type town struct {
	t      *testing.T
	client *counting
	census *census
	stood  int
}

func newTown(t *testing.T) *town {
	t.Helper()
	s, err := server.Start(t.Context(), server.Options{NoUI: true, SearchAttributes: workflows.SearchAttributes()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	c, err := s.Dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	w := worker.New(c, workflows.TaskQueue, worker.Options{})
	for _, kind := range kinds {
		w.RegisterWorkflowWithOptions(stand, workflow.RegisterOptions{Name: kind})
	}
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Stop)
	counted := &counting{Client: c}
	census := newCensus(counted)
	census.pace = rate.NewLimiter(rate.Inf, 1)
	return &town{t: t, client: counted, census: census}
}

// add has links of a kind come to stand here, all like this one.
func (w *town) add(links int, s link.Status) {
	w.t.Helper()
	for range links {
		w.stood++
		_, err := w.client.ExecuteWorkflow(w.t.Context(), client.StartWorkflowOptions{
			ID: fmt.Sprintf("link/%d", w.stood), TaskQueue: workflows.TaskQueue,
		}, string(s.Kind), s)
		if err != nil {
			w.t.Fatal(err)
		}
	}
}

// settles takes one census after the other until one comes out as it should: Temporal's visibility lags a little behind.
func (w *town) settles(want count) (requests int) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
	defer cancel()
	var last count
	for {
		before := w.client.requests
		got, err := w.census.take(ctx)
		switch {
		case err != nil:
			w.t.Fatalf("%v; the census before was %+v, want %+v", err, last, want)
		case reflect.DeepEqual(got, want):
			return w.client.requests - before
		}
		last = got
	}
}

func TestCensus(t *testing.T) {
	w := newTown(t)
	w.settles(count{links: map[standing]int64{}, blocked: map[string]int64{}, drifted: map[string]int64{}})

	recently, yesterday := time.Now().Add(-time.Hour).UTC(), time.Now().Add(-24*time.Hour).UTC()
	awaiting := link.Status{Kind: link.KindConnection, Phase: link.AwaitingApproval, Since: recently}
	longest := awaiting
	longest.Since = yesterday
	w.add(1, longest)
	w.add(2, awaiting)
	w.add(2, link.Status{Kind: link.KindEndpointService, Phase: link.Serving, Drift: []link.OpenDrift{{Action: link.DriftReport}}})
	w.add(1, link.Status{Kind: link.KindConnection, Phase: link.Ready, Drift: []link.OpenDrift{{Action: link.DriftAsk}}})
	w.add(1, link.Status{Kind: link.KindVPCInventory, Phase: link.Offering, Blocked: &link.Problem{Reason: link.ReasonQuotaFull}})
	w.add(2, link.Status{Kind: link.KindConnection, Phase: link.Requesting, Blocked: &link.Problem{Reason: link.ReasonMissingPermission}})
	want := count{
		links: map[standing]int64{
			{"Connection", "AwaitingApproval"}: 3, {"Connection", "Ready"}: 1, {"Connection", "Requesting"}: 2,
			{"EndpointService", "Serving"}: 2, {"VPCInventory", "Offering"}: 1,
		},
		blocked: map[string]int64{"QuotaFull": 1, "MissingPermission": 2}, drifted: map[string]int64{"ask": 1, "report": 2},
		waiting: 3, since: yesterday,
	}
	few := w.settles(want)

	// More of the same are more than a page of each list, and cost no more.
	w.add(2*page, link.Status{Kind: link.KindConnection, Phase: link.Ready})
	w.add(2*page, link.Status{Kind: link.KindEndpointService, Phase: link.Serving})
	want.links[standing{"Connection", "Ready"}] += 2 * page
	want.links[standing{"EndpointService", "Serving"}] += 2 * page
	if many := w.settles(want); many > few+2 { // a value that a full page hides costs one list more
		t.Errorf("%d requests count %d links, %d did fewer", many, w.stood, few)
	}

	// Where more wait than fit into a page, the longest is still among those that began first.
	w.add(2*page, awaiting)
	want.links[standing{"Connection", "AwaitingApproval"}] += 2 * page
	want.waiting += 2 * page
	w.settles(want)

	if err := w.client.CancelWorkflow(t.Context(), "link/1", ""); err != nil {
		t.Fatal(err)
	}
	want.links[standing{"Connection", "AwaitingApproval"}]--
	want.waiting--
	want.since = recently
	w.settles(want)
}
