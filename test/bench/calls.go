package main

import (
	"context"
	"flag"
	"fmt"
	"time"

	"github.com/linkwright/linkwright/activities"
)

// calls is how many calls to the cloud connections cost.
type calls struct {
	record
	Scale    int         `json:"scale"`
	Accounts int         `json:"accounts"`
	Services int         `json:"services"`
	Sizes    numbers     `json:"sizes"`
	Fleets   []callsEach `json:"fleets"`
}

// callsEach is the calls for each connection of a fleet of one size.
type callsEach struct {
	Connections int     `json:"connections"`
	Runs        int     `json:"runs"`
	Coming      float64 `json:"onboarding"`
	Hour        float64 `json:"idleHour"`
	// Batched and Reads are the two kinds of calls of an audit: those that look at many things at once, and at one.
	Batched float64 `json:"auditBatched"`
	Reads   float64 `json:"auditReads"`
	Going   float64 `json:"teardown"`
}

func (c *calls) about() string {
	return `Calls to AWS for each connection, those of the Watches among them, without those of STS (one for each account and hour). Each
connection has an endpoint in three subnets, and a private zone of its own with an alias record; its service is there
already. The connections come and go together. AWS's request limits are left out.`
}

func (c *calls) flags(f *flag.FlagSet) {
	c.Sizes = numbers{1, 10, 100, 1000}
	f.Var(&c.Sizes, "n", "how many connections, one fleet after the other; 10000 is possible")
	f.IntVar(&c.Accounts, "accounts", 10, "how many accounts the largest fleet is spread over")
	f.IntVar(&c.Services, "services", 8, "how many services it has")
	f.IntVar(&c.Scale, "scale", 60, "how many times as fast as AWS's time the cloud's passes")
}

func (c *calls) figures(p *page) {
	var rows [][]string
	for _, f := range c.Fleets {
		rows = append(rows, []string{whole(float64(f.Connections)), decimal(f.Coming), decimal(f.Going), precise(f.Hour), fine(f.Batched), precise(f.Reads)})
	}
	p.table([]string{"connections", "coming", "going", "an idle hour", "a full audit: in batches", "and of one thing"}, rows)
	p.line(`An idle hour was scaled: in a cloud %d times as fast, the Watches look as often in the cloud's time as they do by default in
AWS's, so that %.0f seconds hold an hour of their looks. It was measured once the Watches had come to rest, at their longest pause
of %v. The flows' own timers are not scaled: services look at themselves every 15 minutes and connections once a day, and those looks
are not in it. A full audit is one run of Reconcile over the whole fleet, services and connections, without a budget: what the cloud has no
batches for (who is admitted to a service, the records of a zone) is read one by one, which a schedule spreads over its runs.`,
		c.Scale, time.Hour.Seconds()/float64(c.Scale), activities.DefaultPace.Max)
	p.line(`
For comparison, as read from public code and measured with counting fakes, not here: Hive's controller makes 9 to 10 calls for each link every two
hours, HyperShift's 5 to 6 every five minutes, and Terraform's provider 13 to 18 for a plan without changes.`)
}

func (c *calls) measure(ctx context.Context) error {
	for _, n := range c.Sizes {
		runs := c.Runs
		if n > manyConnections {
			runs = 1 // its figures hardly differ from run to run, and it takes long
		}
		all, err := repeat(runs, func() (callsEach, error) { return c.once(ctx, n) })
		if err != nil {
			return fmt.Errorf("%d connections: %w", n, err)
		}
		c.Fleets = append(c.Fleets, callsEach{
			Connections: n, Runs: runs,
			Coming:  median(all, func(r callsEach) float64 { return r.Coming }),
			Hour:    median(all, func(r callsEach) float64 { return r.Hour }),
			Batched: median(all, func(r callsEach) float64 { return r.Batched }),
			Reads:   median(all, func(r callsEach) float64 { return r.Reads }),
			Going:   median(all, func(r callsEach) float64 { return r.Going }),
		})
	}
	return nil
}

// manyConnections are those above which a fleet is measured once.
const manyConnections = 100

func (c *calls) once(ctx context.Context, n int) (r callsEach, err error) {
	of := spread(n, c.Accounts, c.Services)
	of.zones = true
	err = within(ctx, setup{world: of.world(c.Scale), scale: c.Scale}, func(s *scene) error {
		of.populate(s)
		if err := s.publish(ctx); err != nil {
			return err
		}
		each := func(do func() error) (float64, error) {
			_, made, err := s.spent(do)
			return float64(count(made)) / float64(n), err
		}
		if r.Coming, err = each(func() error { return s.connect(ctx) }); err != nil {
			return err
		}
		if err := pause(ctx, restAfter(c.Scale)); err != nil {
			return err
		}
		if r.Hour, err = each(func() error { return pause(ctx, time.Hour/time.Duration(c.Scale)) }); err != nil {
			return err
		}
		report, err := s.audit(ctx)
		if err != nil {
			return err
		}
		r.Batched, r.Reads = float64(report.Calls-report.Reads)/float64(n), float64(report.Reads)/float64(n)
		r.Going, err = each(func() error { return s.disconnect(ctx) })
		return err
	})
	return r, err
}

// restAfter is when the Watches of a cloud that is so many times as fast have come to rest: they wait an eighth of the
// age of the youngest that they look at.
func restAfter(scale int) time.Duration { return 9 * activities.DefaultPace.Max / time.Duration(scale) }
