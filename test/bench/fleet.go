package main

import (
	"context"
	"flag"
	"fmt"
	"time"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
	"github.com/linkwright/linkwright/workflows"
)

// fleet is what a fleet of thousands comes to: what grows with it, and how far that is from Temporal's limits.
type fleet struct {
	record
	Connections int `json:"connections"`
	Accounts    int `json:"accounts"`
	Services    int `json:"services"`
	Scale       int `json:"scale"`
	fleetRun
}

// fleetRun is what one run came to.
type fleetRun struct {
	Ready     float64 `json:"readySeconds"`
	PerSecond float64 `json:"perSecond"`
	// The largest of each figure among some connections, and among all of the others.
	LargestConnection story `json:"connection"`
	LargestService    story `json:"service"`
	// LargestConsumer is the largest Watch of a consumer's account, which looks at its endpoints, and LargestProvider that of a
	// provider's, which looks at its services and all their connections.
	LargestConsumer story `json:"consumerWatch"`
	LargestProvider story `json:"providerWatch"`
	// Worker is the worker's memory when all are ready, in bytes.
	Worker  float64   `json:"workerBytes"`
	Answers startEach `json:"answers"`
	// Audit is how long a full reconciliation takes, in seconds, and AuditCalls how many calls it makes.
	Audit      float64 `json:"auditSeconds"`
	AuditCalls float64 `json:"auditCalls"`
}

func (f *fleet) about() string {
	return `A fleet over many accounts, all of which is applied at once: what its flows come to in Temporal, and how soon people are answered.
Temporal refuses an event of more than 2 MB, ends a history of more than 51,200 events or 50 MB, and has a flow begin a new one
from 4,096 events or 4 MB on; a worker has ten seconds for a workflow task.`
}

func (f *fleet) flags(fs *flag.FlagSet) {
	fs.IntVar(&f.Connections, "connections", 1000, "how many connections there are")
	fs.IntVar(&f.Accounts, "accounts", 20, "how many accounts they are spread over, with those of the services")
	fs.IntVar(&f.Services, "services", 20, "how many services there are")
	fs.IntVar(&f.Scale, "scale", 60, "how many times as fast as AWS's time the cloud's passes")
}

func (f *fleet) figures(p *page) {
	of := spread(f.Connections, f.Accounts, f.Services)
	p.line("\n%d connections of %d services, %d accounts; the cloud %d times as fast. All Ready after %.0f s, %.1f a second. The worker has %s then.",
		f.Connections, of.services, of.accounts(), f.Scale, f.Ready, f.PerSecond, megabytes(f.Worker))
	row := func(what string, t story) []string {
		return []string{
			what, whole(float64(t.Events)), kilobytes(float64(t.Bytes)), kilobytes(float64(t.Event)),
			fmt.Sprintf("%.0f ms", 1000*t.Task), whole(float64(t.Runs)),
		}
	}
	p.table([]string{"the largest of", "events", "history", "one event", "workflow task", "runs"}, [][]string{
		row("the connections", f.LargestConnection), row("the services", f.LargestService),
		row("the consumers' Watches", f.LargestConsumer), row("the providers' Watches", f.LargestProvider),
	})
	p.line("`linkwright get` of all is answered in %v, `linkwright describe` of one in %v (p50; p95). A full audit takes %.1f s and %.0f calls.",
		f.Answers.Get, f.Answers.Describe, f.Audit, f.AuditCalls)
}

func (f *fleet) measure(ctx context.Context) error {
	all, err := repeat(f.Runs, func() (fleetRun, error) { return f.once(ctx) })
	if err != nil {
		return err
	}
	f.fleetRun = all[0]
	for _, one := range all[1:] { // extremes are those of all runs
		f.LargestConnection = largest(f.LargestConnection, one.LargestConnection)
		f.LargestService = largest(f.LargestService, one.LargestService)
		f.LargestConsumer = largest(f.LargestConsumer, one.LargestConsumer)
		f.LargestProvider = largest(f.LargestProvider, one.LargestProvider)
	}
	f.Ready = median(all, func(r fleetRun) float64 { return r.Ready })
	f.PerSecond = median(all, func(r fleetRun) float64 { return r.PerSecond })
	f.Worker = median(all, func(r fleetRun) float64 { return r.Worker })
	f.Audit = median(all, func(r fleetRun) float64 { return r.Audit })
	f.AuditCalls = median(all, func(r fleetRun) float64 { return r.AuditCalls })
	f.Answers.Get = medianLatencies(all, func(r fleetRun) latencies { return r.Answers.Get })
	f.Answers.Describe = medianLatencies(all, func(r fleetRun) latencies { return r.Answers.Describe })
	return nil
}

func medianLatencies(all []fleetRun, of func(fleetRun) latencies) latencies {
	return latencies{
		median(all, func(r fleetRun) float64 { return of(r).Median }),
		median(all, func(r fleetRun) float64 { return of(r).Slow }),
	}
}

func (f *fleet) once(ctx context.Context) (r fleetRun, err error) {
	of := spread(f.Connections, f.Accounts, f.Services)
	err = within(ctx, setup{world: of.world(f.Scale), scale: f.Scale, apart: true}, func(s *scene) error {
		of.populate(s)
		if err := s.publish(ctx); err != nil {
			return err
		}
		took, _, err := s.spent(func() error { return s.connect(ctx) })
		if err != nil {
			return err
		}
		r.Ready, r.PerSecond = seconds(took), float64(f.Connections)/took.Seconds()
		used, err := s.worker.consumed()
		if err != nil {
			return err
		}
		r.Worker = float64(used.Resident)
		if err := s.histories(ctx, of, &r); err != nil {
			return err
		}
		if err := pause(ctx, 5*time.Second); err != nil { // people ask of fleets at rest
			return err
		}
		if r.Answers, err = s.latencies(ctx, 50); err != nil {
			return err
		}
		report, err := s.audit(ctx)
		r.Audit, r.AuditCalls = time.Duration(report.Duration).Seconds(), float64(report.Calls)
		return err
	})
	return r, err
}

// histories reads those of some connections, and of everything that they share.
func (s *scene) histories(ctx context.Context, of shape, r *fleetRun) error {
	var connections, services, consumers, providers []string
	for _, c := range s.sample() {
		connections = append(connections, ref(c).WorkflowID())
	}
	for _, doc := range s.services {
		services = append(services, flows.ServiceRef(doc.Metadata.Name).WorkflowID())
	}
	for i := range of.providers {
		providers = append(providers, workflows.WatchID(link.AWS, provider(i), region))
	}
	for i := range of.consumers {
		consumers = append(consumers, workflows.WatchID(link.AWS, consumer(i), region))
	}
	for _, part := range []struct {
		into *story
		ids  []string
	}{
		{&r.LargestConnection, connections}, {&r.LargestService, services},
		{&r.LargestConsumer, consumers}, {&r.LargestProvider, providers},
	} {
		for _, id := range part.ids {
			told, err := s.read(ctx, id)
			if err != nil {
				return err
			}
			*part.into = largest(*part.into, told)
		}
	}
	return nil
}
