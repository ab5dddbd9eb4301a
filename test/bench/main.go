// Command bench measures how Linkwright does with many links at once: a hub's inventory, the simulated cloud without
// request buckets, Temporal embedded, all on one machine. It prints figures and judges none of them, but fails when
// the links do not end up as they must.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"text/tabwriter"
	"time"
)

func main() {
	connections := flag.Int("connections", 200, "how many connections are applied at once")
	vpcs := flag.Int("vpcs", 5, "how many VPCs the inventory has")
	scale := flag.Int("scale", 10, "how many times as fast as AWS's time the cloud's passes")
	runs := flag.Int("runs", 3, "how often it is done, each time in a new world; the medians are reported")
	asJSON := flag.Bool("json", false, "print JSON")
	calls := flag.Bool("calls", false, "print the calls of the last run, by account and action")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := measure(ctx, *connections, *vpcs, *scale, *runs, *asJSON, *calls); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func measure(ctx context.Context, connections, vpcs, scale, runs int, asJSON, showCalls bool) error {
	var all []result
	for range runs {
		r, err := run(ctx, connections, vpcs, scale)
		if err != nil {
			return err
		}
		all = append(all, r)
	}
	report := report{
		Connections: connections, VPCs: vpcs, Scale: scale, Runs: runs, CPUs: runtime.NumCPU(),
		Wall:             median(all, func(r result) float64 { return r.Wall.Seconds() }),
		CallsEach:        median(all, func(r result) float64 { return r.each(r.Calls) }),
		EventsEach:       median(all, func(r result) float64 { return r.EventsEach }),
		InventoryEvents:  median(all, func(r result) float64 { return float64(r.InventoryEvents) }),
		EndpointsPerVPC:  all[len(all)-1].PerVPC,
		TeardownWall:     median(all, func(r result) float64 { return r.Teardown.Seconds() }),
		TeardownCallsOne: median(all, func(r result) float64 { return r.each(r.TeardownCalls) }),
	}
	if asJSON {
		return json.NewEncoder(os.Stdout).Encode(report)
	}
	report.print()
	if showCalls {
		all[len(all)-1].printCalls()
	}
	return nil
}

// report is the medians of some runs.
type report struct {
	Connections      int     `json:"connections"`
	VPCs             int     `json:"vpcs"`
	Scale            int     `json:"scale"`
	Runs             int     `json:"runs"`
	CPUs             int     `json:"cpus"`
	Wall             float64 `json:"seconds"`
	CallsEach        float64 `json:"onboardingCallsPerConnection"`
	EventsEach       float64 `json:"historyEventsPerConnection"`
	InventoryEvents  float64 `json:"inventoryHistoryEvents"`
	EndpointsPerVPC  []int   `json:"endpointsPerVPC"`
	TeardownWall     float64 `json:"teardownSeconds"`
	TeardownCallsOne float64 `json:"teardownCallsPerConnection"`
}

func (r report) print() {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%d connections from one inventory of %d VPCs, the cloud %d times as fast, %d CPUs, medians of %d runs\n",
		r.Connections, r.VPCs, r.Scale, r.CPUs, r.Runs)
	fmt.Fprintf(w, "all Ready after\t%.1f s\n", r.Wall)
	fmt.Fprintf(w, "cloud calls per connection\t%.1f\n", r.CallsEach)
	fmt.Fprintf(w, "history events per connection\t%.1f\n", r.EventsEach)
	fmt.Fprintf(w, "history events of the inventory\t%.0f\n", r.InventoryEvents)
	fmt.Fprintf(w, "endpoints per VPC\t%v\n", r.EndpointsPerVPC)
	fmt.Fprintf(w, "nothing left after\t%.1f s\n", r.TeardownWall)
	fmt.Fprintf(w, "teardown calls per connection\t%.1f\n", r.TeardownCallsOne)
	w.Flush() //nolint:errcheck // standard output
}

func median(all []result, of func(result) float64) float64 {
	var values []float64
	for _, r := range all {
		values = append(values, of(r))
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// within bounds one run; a healthy one takes a fraction of it.
const within = 15 * time.Minute
