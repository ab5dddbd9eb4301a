package main

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/linkwright/linkwright/dev/inventory"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
	"github.com/linkwright/linkwright/workflows"
)

// hub is many connections that ask one inventory for a place at once.
type hub struct {
	record
	Connections     int     `json:"connections"`
	VPCs            int     `json:"vpcs"`
	Scale           int     `json:"scale"`
	Ready           float64 `json:"readySeconds"`
	Calls           float64 `json:"onboardingCallsPerConnection"`
	Events          float64 `json:"historyEventsPerConnection"`
	InventoryEvents float64 `json:"inventoryHistoryEvents"`
	PerVPC          []int   `json:"endpointsPerVPC"`
	Gone            float64 `json:"teardownSeconds"`
	TeardownCalls   float64 `json:"teardownCallsPerConnection"`
}

func (h *hub) about() string {
	return `Connections of one service that ask one inventory for a place at the same moment. Each gets an endpoint in a VPC that is
chosen for it, and a private zone of its own with an alias record, which a VPC of another account sees, too. AWS's request
limits are left out.`
}

func (h *hub) flags(f *flag.FlagSet) {
	f.IntVar(&h.Connections, "connections", 200, "how many connections are applied at once")
	f.IntVar(&h.VPCs, "vpcs", 5, "how many VPCs the inventory has")
	f.IntVar(&h.Scale, "scale", 60, "how many times as fast as AWS's time the cloud's passes")
}

func (h *hub) figures(p *page) {
	p.table([]string{fmt.Sprintf("%d connections, %d VPCs, the cloud %d times as fast", h.Connections, h.VPCs, h.Scale), ""}, [][]string{
		{"all Ready after", decimal(h.Ready) + " s"},
		{"all taken down again after", decimal(h.Gone) + " s"},
		{"endpoints in each VPC", fmt.Sprint(h.PerVPC)},
		{"cloud calls for a connection: coming; going", decimal(h.Calls) + "; " + decimal(h.TeardownCalls)},
		{"events in a connection's history; in the inventory's", decimal(h.Events) + "; " + whole(h.InventoryEvents)},
	})
}

func (h *hub) measure(ctx context.Context) error {
	all, err := repeat(h.Runs, func() (hubRun, error) { return h.once(ctx) })
	if err != nil {
		return err
	}
	h.Ready = median(all, func(r hubRun) float64 { return seconds(r.ready) })
	h.Calls = median(all, func(r hubRun) float64 { return r.calls })
	h.Events = median(all, func(r hubRun) float64 { return r.events })
	h.InventoryEvents = median(all, func(r hubRun) float64 { return r.inventoryEvents })
	h.PerVPC = all[len(all)-1].perVPC
	h.Gone = median(all, func(r hubRun) float64 { return seconds(r.gone) })
	h.TeardownCalls = median(all, func(r hubRun) float64 { return r.teardownCalls })
	return nil
}

// hubRun is what one run came to.
type hubRun struct {
	ready, gone             time.Duration
	calls, teardownCalls    float64 // for each connection
	events, inventoryEvents float64
	perVPC                  []int
}

// once applies all connections at once, waits until they are Ready, and takes them down.
func (h *hub) once(ctx context.Context) (r hubRun, err error) {
	err = within(ctx, setup{world: hubWorld(h.VPCs, h.Scale), scale: h.Scale}, func(s *scene) error {
		s.services = []link.EndpointService{hubService(s.Stack)}
		for n := range h.Connections {
			s.connections = append(s.connections, hubConnection(s.Stack, n))
		}
		if err := s.publish(ctx); err != nil {
			return err
		}
		if _, err := s.flows.ApplyInventory(ctx, hubInventory(s.Stack, h.VPCs), applier); err != nil {
			return err
		}
		if err := s.awaitCount(ctx, 1, fmt.Sprintf("WorkflowType = '%s' AND LinkPhase = '%s'", workflows.VPCInventoryWorkflow, link.Offering)); err != nil {
			return err
		}
		took, made, err := s.spent(func() error { return s.connect(ctx) })
		if err != nil {
			return err
		}
		r.ready, r.calls = took, float64(count(made))/float64(h.Connections)
		if err := h.inspect(ctx, s, &r); err != nil {
			return err
		}
		took, made, err = s.spent(func() error { return s.disconnect(ctx) })
		r.gone, r.teardownCalls = took, float64(count(made))/float64(h.Connections)
		return err
	})
	return r, err
}

// inspect counts what is there, and makes sure that it is spread as it must be.
func (h *hub) inspect(ctx context.Context, s *scene, r *hubRun) error {
	places := map[string]int{}
	for _, c := range s.connections {
		status, err := s.flows.Status(ctx, ref(c))
		if err != nil {
			return err
		}
		places[status.Placement.VPC]++
		size, err := s.size(ctx, ref(c).WorkflowID(), "")
		if err != nil {
			return err
		}
		r.events += float64(size.Events) / float64(h.Connections)
	}
	for _, n := range places {
		r.perVPC = append(r.perVPC, n)
	}
	slices.Sort(r.perVPC)
	size, err := s.size(ctx, flows.InventoryRef("hub").WorkflowID(), "")
	if err != nil {
		return err
	}
	r.inventoryEvents = float64(size.Events)
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
	switch most, least := r.perVPC[len(r.perVPC)-1], r.perVPC[0]; {
	case endpoints != h.Connections:
		return fmt.Errorf("there are %d endpoints for %d connections", endpoints, h.Connections)
	case len(r.perVPC) != min(h.VPCs, h.Connections) || most-least > 1:
		return fmt.Errorf("the endpoints are spread unevenly: %v", r.perVPC)
	case most > 50:
		return fmt.Errorf("a VPC is over its quota: %v", r.perVPC)
	}
	return nil
}
