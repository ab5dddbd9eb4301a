package main

import (
	"context"
	"flag"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/activities"
)

// overhead is what the orchestration of an onboarding costs beside one that does nothing.
type overhead struct {
	record
	Connections int `json:"connections"`
	Scale       int `json:"scale"`
	// Activities are those of an onboarding; the bare workflow has as many.
	Activities float64      `json:"activities"`
	Onboarding overheadEach `json:"onboarding"`
	Bare       overheadEach `json:"bare"`
	// Ratio is how many times as long onboarding takes as the bare workflow, in the same run.
	Ratio float64 `json:"ratio"`
}

// overheadEach is what one workflow costs.
type overheadEach struct {
	PerSecond   float64 `json:"perSecond"`
	CPU         float64 `json:"cpuMilliseconds"`
	Events      float64 `json:"events"`
	Bytes       float64 `json:"bytes"`
	Transitions float64 `json:"stateTransitions"`
}

func (o *overhead) about() string {
	return `Connections that come at the same moment, in a cloud that takes next to no time for anything, against as many bare workflows
with as many empty activities, one after the other, on the same server and in the same run. CPU is that of the whole
process: Temporal, the worker and, for onboarding alone, the simulated AWS, to which real calls are made.`
}

func (o *overhead) flags(f *flag.FlagSet) {
	f.IntVar(&o.Connections, "connections", 200, "how many come at once")
	f.IntVar(&o.Scale, "scale", 100_000, "how many times as fast as AWS's time the cloud's passes")
}

func (o *overhead) figures(p *page) {
	row := func(what string, figure func(overheadEach) string) []string {
		return []string{what, figure(o.Onboarding), figure(o.Bare)}
	}
	p.table([]string{fmt.Sprintf("%d at once", o.Connections), "onboarding", "bare workflow"}, [][]string{
		row("a second", func(e overheadEach) string { return decimal(e.PerSecond) }),
		row("CPU", func(e overheadEach) string { return whole(e.CPU) + " ms" }),
		row("history events", func(e overheadEach) string { return whole(e.Events) }),
		row("history", func(e overheadEach) string { return kilobytes(e.Bytes) }),
		row("state transitions", func(e overheadEach) string { return whole(e.Transitions) }),
	})
	p.line("An onboarding has %.0f activities, and takes %.1f times as long as the bare workflow.", o.Activities, o.Ratio)
}

func (o *overhead) measure(ctx context.Context) error {
	all, err := repeat(o.Runs, func() (overheadRun, error) { return o.once(ctx) })
	if err != nil {
		return err
	}
	o.Activities = median(all, func(r overheadRun) float64 { return r.activities })
	o.Ratio = median(all, func(r overheadRun) float64 { return r.bare.PerSecond / r.onboarding.PerSecond })
	for _, part := range []struct {
		into *overheadEach
		of   func(overheadRun) overheadEach
	}{
		{&o.Onboarding, func(r overheadRun) overheadEach { return r.onboarding }},
		{&o.Bare, func(r overheadRun) overheadEach { return r.bare }},
	} {
		*part.into = overheadEach{
			PerSecond:   median(all, func(r overheadRun) float64 { return part.of(r).PerSecond }),
			CPU:         median(all, func(r overheadRun) float64 { return part.of(r).CPU }),
			Events:      median(all, func(r overheadRun) float64 { return part.of(r).Events }),
			Bytes:       median(all, func(r overheadRun) float64 { return part.of(r).Bytes }),
			Transitions: median(all, func(r overheadRun) float64 { return part.of(r).Transitions }),
		}
	}
	return nil
}

type overheadRun struct {
	activities       float64
	onboarding, bare overheadEach
}

func (o *overhead) once(ctx context.Context) (r overheadRun, err error) {
	of := spread(o.Connections, 5, 4)
	// Everything has happened by the next look, so that looks need not follow one another faster than the demo's.
	in := setup{world: of.world(o.Scale), scale: o.Scale, pace: activities.Pace{Min: 200 * time.Millisecond, Max: 2 * time.Second}}
	err = within(ctx, in, func(s *scene) error {
		of.populate(s)
		if err := s.publish(ctx); err != nil {
			return err
		}
		if r.onboarding.PerSecond, r.onboarding.CPU, err = o.time(func() error { return s.connect(ctx) }); err != nil {
			return err
		}
		if r.onboarding.Events, r.onboarding.Bytes, r.onboarding.Transitions, err = s.meanSize(ctx); err != nil {
			return err
		}
		for _, c := range s.sample() {
			told, err := s.read(ctx, ref(c).WorkflowID())
			if err != nil {
				return err
			}
			r.activities += float64(told.Activities) / float64(len(s.sample()))
		}
		return o.runBare(ctx, s, &r)
	})
	return r, err
}

// time is how many links or workflows a second something gets done, and the CPU time of each in milliseconds.
func (o *overhead) time(do func() error) (perSecond, cpu float64, err error) {
	before, err := cpuTime()
	if err != nil {
		return 0, 0, err
	}
	began := time.Now()
	if err := do(); err != nil {
		return 0, 0, err
	}
	took := time.Since(began)
	after, err := cpuTime()
	n := float64(o.Connections)
	return n / took.Seconds(), float64((after - before).Milliseconds()) / n, err
}

const (
	bareQueue    = "bench-bare"
	bareWorkflow = "Bare"
	bareActivity = "nothing"
)

// bare is the workflow to compare with.
func bare(ctx workflow.Context, steps int) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
	for range steps {
		if err := workflow.ExecuteActivity(ctx, bareActivity).Get(ctx, nil); err != nil {
			return err
		}
	}
	return nil
}

// runBare runs as many bare workflows as there are connections, and measures them alike.
func (o *overhead) runBare(ctx context.Context, s *scene, r *overheadRun) (err error) {
	w := worker.New(s.Client, bareQueue, worker.Options{})
	w.RegisterWorkflowWithOptions(bare, workflow.RegisterOptions{Name: bareWorkflow})
	w.RegisterActivityWithOptions(func(context.Context) error { return nil }, activity.RegisterOptions{Name: bareActivity})
	if err := w.Start(); err != nil {
		return fmt.Errorf("start the bare worker: %w", err)
	}
	defer w.Stop()
	id := func(n int) string { return fmt.Sprintf("bare-%d", n) }
	numbered := make([]int, o.Connections)
	for n := range numbered {
		numbered[n] = n
	}
	r.bare.PerSecond, r.bare.CPU, err = o.time(func() error {
		if err := each(ctx, numbered, func(ctx context.Context, n int) error {
			_, err := s.Client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: id(n), TaskQueue: bareQueue}, bareWorkflow, int(r.activities+0.5))
			return err
		}); err != nil {
			return err
		}
		return s.awaitCount(ctx, o.Connections, fmt.Sprintf("WorkflowType = '%s' AND ExecutionStatus = 'Completed'", bareWorkflow))
	})
	if err != nil {
		return err
	}
	one, err := s.size(ctx, id(0), "")
	r.bare.Events, r.bare.Bytes, r.bare.Transitions = float64(one.Events), float64(one.Bytes), float64(one.Transitions)
	return err
}
