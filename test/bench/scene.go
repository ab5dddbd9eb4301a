package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"golang.org/x/sync/errgroup"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/dev/stack"
	"github.com/linkwright/linkwright/dev/temporal"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/internal/simaws"
	"github.com/linkwright/linkwright/internal/simcloud"
	"github.com/linkwright/linkwright/starter/cli/flows"
	"github.com/linkwright/linkwright/workflows"
)

// setup says in what to measure.
type setup struct {
	world []byte
	// scale is how many times as fast as AWS the cloud is.
	scale int
	// limited has the worker keep to the request buckets that AWS documents, refilled scale times as fast; the world has
	// to have them, too. Else neither has any.
	limited bool
	// pace is how often the worker looks; the zero value is its default, scaled.
	pace activities.Pace
	// dataDir keeps Temporal's database in files.
	dataDir string
	// apart runs the worker in a process of its own, so that its memory and CPU can be told from the rest.
	apart bool
}

// scene is where something is measured: everything there is, running, and the links in it.
type scene struct {
	*stack.Stack
	flows       *flows.Client
	services    []link.EndpointService
	connections []link.Connection
	worker      *workerProcess // nil unless it runs apart
}

// open starts everything. The worker looks as often in the cloud's time as it does by default in AWS's.
func open(ctx context.Context, in setup) (*scene, error) {
	patience := stack.Patience{Pace: in.pace, LookAgain: time.Second, Hope: time.Minute}
	if patience.Pace == (activities.Pace{}) {
		patience.Pace = scaled(activities.DefaultPace, in.scale)
	}
	running, err := stack.Start(ctx, stack.Options{
		World: in.world, NoUI: true, NoWorker: true, DataDir: in.dataDir, Patience: &patience,
	})
	if err != nil {
		return nil, err
	}
	s := &scene{Stack: running, flows: flows.New(running.Client, running.Temporal.Address(), temporal.Namespace)}
	if !in.limited {
		err = s.liftLimits(in.scale)
	}
	switch {
	case err != nil:
	case in.apart:
		s.worker, err = startWorker(s.Stack, patience)
	default:
		err = s.StartWorker()
	}
	if err != nil {
		return nil, errors.Join(err, s.close(ctx))
	}
	return s, nil
}

func scaled(p activities.Pace, scale int) activities.Pace {
	return activities.Pace{Min: p.Min / time.Duration(scale), Max: p.Max / time.Duration(scale)}
}

// liftLimits has the worker keep to buckets that are never empty for long.
func (s *scene) liftLimits(scale int) error {
	file, err := os.ReadFile(s.Accounts)
	if err != nil {
		return fmt.Errorf("lift the limits: %w", err)
	}
	lifted := strings.Replace(string(file), fmt.Sprintf("limits: {scale: %d}", scale), "limits: {scale: 1000000}", 1)
	return os.WriteFile(s.Accounts, []byte(lifted), 0o600)
}

// close stops everything.
func (s *scene) close(ctx context.Context) error {
	var failed error
	if s.worker != nil {
		failed = s.worker.stop()
	}
	return errors.Join(failed, s.Stop(context.WithoutCancel(ctx)))
}

// within runs do in a scene, which is closed after it.
func within(ctx context.Context, in setup, do func(*scene) error) error {
	s, err := open(ctx, in)
	if err != nil {
		return err
	}
	return errors.Join(do(s), s.close(ctx))
}

// publish applies the services, and waits until they serve.
func (s *scene) publish(ctx context.Context) error {
	if err := each(ctx, s.services, func(ctx context.Context, doc link.EndpointService) error {
		_, err := s.flows.ApplyService(ctx, doc, applier)
		return err
	}); err != nil {
		return err
	}
	return s.awaitCount(ctx, len(s.services), fmt.Sprintf("WorkflowType = '%s' AND LinkPhase = '%s'", workflows.EndpointServiceWorkflow, link.Serving))
}

// connect applies all connections at once, and waits until they are ready.
func (s *scene) connect(ctx context.Context) error {
	if err := each(ctx, s.connections, func(ctx context.Context, doc link.Connection) error {
		_, err := s.flows.ApplyConnection(ctx, doc, applier)
		return err
	}); err != nil {
		return err
	}
	return s.awaitCount(ctx, len(s.connections), connectionsThat(fmt.Sprintf("LinkPhase = '%s'", link.Ready)))
}

// disconnect takes all connections down at once, and waits until they are.
func (s *scene) disconnect(ctx context.Context) error {
	if err := each(ctx, s.connections, func(ctx context.Context, doc link.Connection) error {
		_, err := s.flows.Remove(ctx, ref(doc), link.Decision{By: applier, Reason: "measured"})
		return err
	}); err != nil {
		return err
	}
	return s.awaitCount(ctx, 0, connectionsThat("ExecutionStatus = 'Running'"))
}

func connectionsThat(are string) string {
	return fmt.Sprintf("WorkflowType = '%s' AND %s", workflows.ConnectionWorkflow, are)
}

// applier is who applies and removes.
const applier = "bench"

func ref(c link.Connection) flows.Ref { return flows.ConnectionRef(c.Spec.Service, c.Metadata.Name) }

// each does something for every document, some at a time; again when a busy worker does not answer in time.
func each[Doc any](ctx context.Context, docs []Doc, do func(context.Context, Doc) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(32)
	for _, doc := range docs {
		group.Go(func() error {
			for {
				err := do(ctx, doc)
				if silent := (*flows.NoWorkerError)(nil); !errors.As(err, &silent) || ctx.Err() != nil {
					return err
				}
			}
		})
	}
	return group.Wait()
}

// awaitCount waits until Temporal lists so many flows for a query. That costs the flows nothing, as asking each of them
// would.
func (s *scene) awaitCount(ctx context.Context, n int, query string) error {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		answer, err := s.Client.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{Query: query})
		if err == nil && answer.GetCount() == int64(n) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waited for %d flows with %s: %w; the flows are %s", n, query, errors.Join(ctx.Err(), err), s.standing(ctx))
		case <-tick.C:
		}
	}
}

// standing counts the flows by how they stand, for people to see what does not go on.
func (s *scene) standing(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	items, err := s.flows.List(ctx, flows.Filter{})
	if err != nil {
		return err.Error()
	}
	counts := map[string]int{}
	for _, item := range items {
		counts[strings.TrimSpace(fmt.Sprintf("%s %s %s", item.Kind, item.Phase, item.Blocked))]++
	}
	var parts []string
	for _, how := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%d %s", counts[how], how))
	}
	return strings.Join(parts, ", ")
}

// spent is how long something took, and the calls that the cloud answered meanwhile.
func (s *scene) spent(do func() error) (time.Duration, []simaws.CallCount, error) {
	before, began := s.Cloud.CallCounts(), time.Now()
	err := do()
	return time.Since(began), simcloud.CallsSince(before, s.Cloud.CallCounts()), err
}

// count is how many calls were made, those of the Watches among them, and without those of STS: one for each account
// and hour.
func count(made []simaws.CallCount) (n int) {
	for _, c := range made {
		if c.Service != "sts" {
			n += c.Count
		}
	}
	return n
}

// pause lets time pass.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
