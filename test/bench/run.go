package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"golang.org/x/sync/errgroup"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/dev/inventory"
	"github.com/linkwright/linkwright/dev/stack"
	"github.com/linkwright/linkwright/dev/temporal"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/internal/simaws"
	"github.com/linkwright/linkwright/internal/simcloud"
	"github.com/linkwright/linkwright/starter/cli/flows"
)

// result is what one run came to.
type result struct {
	connections     int
	Wall            time.Duration
	Calls           int
	EventsEach      float64
	InventoryEvents int64
	PerVPC          []int
	Teardown        time.Duration
	TeardownCalls   int
	made            []simaws.CallCount
}

func (r result) each(n int) float64 { return float64(n) / float64(r.connections) }

// scene is one run's world.
type scene struct {
	*stack.Stack
	flows       *flows.Client
	connections []link.Connection
}

// run applies all connections at once, waits until they are Ready, and takes them down.
func run(ctx context.Context, connections, vpcs, scale int) (_ result, err error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	r := result{connections: connections}
	s, err := start(ctx, vpcs, scale)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, s.Stop(context.WithoutCancel(ctx))) }()
	for n := range connections {
		s.connections = append(s.connections, connectionOf(s.Stack, n))
	}
	service, hub := serviceOf(s.Stack), inventoryOf(s.Stack, vpcs)
	if _, err := s.flows.ApplyService(ctx, service, "bench"); err != nil {
		return r, err
	}
	if _, err := s.flows.ApplyInventory(ctx, hub, "bench"); err != nil {
		return r, err
	}
	for _, ref := range []flows.Ref{flows.ServiceRef("api"), flows.InventoryRef("hub")} {
		if err := s.await(ctx, ref, link.Phase.Good); err != nil {
			return r, err
		}
	}
	before, begun := s.Cloud.CallCounts(), time.Now()
	if err := s.each(ctx, func(ctx context.Context, c link.Connection) error {
		_, err := s.flows.ApplyConnection(ctx, c, "bench")
		return err
	}); err != nil {
		return r, err
	}
	if err := s.awaitAll(ctx, link.Phase.Good); err != nil {
		return r, err
	}
	r.Wall = time.Since(begun)
	r.made = simcloud.CallsSince(before, s.Cloud.CallCounts())
	r.Calls = count(r.made)
	if err := s.inspect(ctx, &r, vpcs); err != nil {
		return r, err
	}
	before, begun = s.Cloud.CallCounts(), time.Now()
	if err := s.each(ctx, func(ctx context.Context, c link.Connection) error {
		_, err := s.flows.Remove(ctx, ref(c), link.Decision{By: "bench", Reason: "measured"})
		return err
	}); err != nil {
		return r, err
	}
	if err := s.awaitAll(ctx, func(p link.Phase) bool { return !p.Open() }); err != nil {
		return r, err
	}
	r.Teardown = time.Since(begun)
	r.TeardownCalls = count(simcloud.CallsSince(before, s.Cloud.CallCounts()))
	return r, nil
}

// start runs everything. The worker keeps to no request limits, as the cloud has none, and looks as often in the
// cloud's time, which passes scale times as fast as AWS's, as it does by default in AWS's.
func start(ctx context.Context, vpcs, scale int) (*scene, error) {
	pace := activities.DefaultPace
	s, err := stack.Start(ctx, stack.Options{
		World: worldOf(vpcs, scale), NoUI: true, NoWorker: true,
		Patience: &stack.Patience{
			Pace:      activities.Pace{Min: pace.Min / time.Duration(scale), Max: pace.Max / time.Duration(scale)},
			LookAgain: time.Second, Hope: time.Minute,
		},
	})
	if err != nil {
		return nil, err
	}
	file, err := os.ReadFile(s.Accounts)
	if err == nil {
		unlimited := strings.Replace(string(file), fmt.Sprintf("limits: {scale: %d}", scale), "limits: {scale: 1000000}", 1)
		err = os.WriteFile(s.Accounts, []byte(unlimited), 0o600)
	}
	if err == nil {
		err = s.StartWorker()
	}
	if err != nil {
		return nil, errors.Join(err, s.Stop(ctx))
	}
	return &scene{Stack: s, flows: flows.New(s.Client, s.Temporal.Address(), temporal.Namespace)}, nil
}

func ref(c link.Connection) flows.Ref { return flows.ConnectionRef(c.Spec.Service, c.Metadata.Name) }

// each does something for every connection, some at a time; again when a busy worker does not answer in time.
func (s *scene) each(ctx context.Context, do func(context.Context, link.Connection) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(32)
	for _, c := range s.connections {
		group.Go(func() error {
			for {
				err := do(ctx, c)
				if silent := (*flows.NoWorkerError)(nil); !errors.As(err, &silent) || ctx.Err() != nil {
					return err
				}
			}
		})
	}
	return group.Wait()
}

// await waits until a flow is in a phase that will do.
func (s *scene) await(ctx context.Context, ref flows.Ref, will func(link.Phase) bool) error {
	for {
		status, err := s.flows.Status(ctx, ref)
		if err == nil && will(status.Phase) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s is %s, blocked by %+v: %w", ref, status.Phase, status.Blocked, errors.Join(ctx.Err(), err))
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// awaitAll waits for one connection after the other, so that waiting costs little while they are many.
func (s *scene) awaitAll(ctx context.Context, will func(link.Phase) bool) error {
	for _, c := range s.connections {
		if err := s.await(ctx, ref(c), will); err != nil {
			return err
		}
	}
	return nil
}

// inspect counts what is there, and makes sure that it is spread as it must be.
func (s *scene) inspect(ctx context.Context, r *result, vpcs int) error {
	places := map[string]int{}
	var events int64
	for _, c := range s.connections {
		status, err := s.flows.Status(ctx, ref(c))
		if err != nil {
			return err
		}
		places[status.Placement.VPC]++
		n, err := s.events(ctx, ref(c))
		if err != nil {
			return err
		}
		events += n
	}
	r.EventsEach = float64(events) / float64(r.connections)
	for _, n := range places {
		r.PerVPC = append(r.PerVPC, n)
	}
	slices.Sort(r.PerVPC)
	var err error
	if r.InventoryEvents, err = s.events(ctx, flows.InventoryRef("hub")); err != nil {
		return err
	}
	there, err := inventory.Take(ctx, "hub", aws.Config{
		Region: region, BaseEndpoint: aws.String(s.Cloud.URL()), Credentials: s.Admin("hub"),
	})
	if err != nil {
		return err
	}
	endpoints := 0
	for _, item := range there {
		if item.Kind == inventory.Endpoint {
			endpoints++
		}
	}
	switch most, least := r.PerVPC[len(r.PerVPC)-1], r.PerVPC[0]; {
	case endpoints != r.connections:
		return fmt.Errorf("there are %d endpoints for %d connections", endpoints, r.connections)
	case len(r.PerVPC) != vpcs || most-least > 1:
		return fmt.Errorf("the endpoints are spread unevenly: %v", r.PerVPC)
	case most > 50:
		return fmt.Errorf("a VPC is over its quota: %v", r.PerVPC)
	}
	return nil
}

func (s *scene) events(ctx context.Context, ref flows.Ref) (int64, error) {
	seen, err := s.Client.DescribeWorkflowExecution(ctx, ref.WorkflowID(), "")
	if err != nil {
		return 0, err
	}
	return seen.GetWorkflowExecutionInfo().GetHistoryLength(), nil
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

func (r result) printCalls() {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\naccount\tservice\taction\tper connection")
	for _, c := range r.made {
		fmt.Fprintf(w, "%s\t%s\t%s\t%.2f\n", c.Account, c.Service, c.Action, r.each(c.Count))
	}
	w.Flush() //nolint:errcheck // standard output
}
