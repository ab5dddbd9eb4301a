package main

import (
	"context"
	"flag"
	"fmt"
	"time"

	"github.com/linkwright/linkwright/internal/buckets"
)

// limit is how close crowds come to what AWS's request limits allow.
type limit struct {
	record
	Scale   int         `json:"scale"`
	Targets bool        `json:"targets"`
	Sizes   numbers     `json:"sizes"`
	Crowds  []limitEach `json:"crowds"`
}

// limitEach is one crowd that comes and goes, in so many accounts.
type limitEach struct {
	Connections int `json:"connections"`
	Accounts    int `json:"accounts"`
	// Bucket is how long the bucket of CreateVpcEndpoint, or that of DeleteVpcEndpoints, takes to let all calls pass.
	Bucket float64   `json:"bucketSeconds"`
	Coming limitPart `json:"coming"`
	Going  limitPart `json:"going"`
}

// limitPart is one way.
type limitPart struct {
	// First and Last are when the first and the last of the calls that the bucket is for passed, and Done when all flows
	// were where they were to be.
	First     float64 `json:"firstCallSeconds"`
	Last      float64 `json:"lastCallSeconds"`
	Done      float64 `json:"doneSeconds"`
	Calls     float64 `json:"calls"`
	Throttled float64 `json:"throttled"`
}

func (l *limit) about() string {
	return `Connections that come into one region at the same moment, of one account or spread over two, and that go at the same moment. The
cloud has the request buckets that AWS documents, and the worker keeps to them; all of them are refilled faster, as the cloud
is faster. The bucket alone is the time in which somebody who does nothing else can make so many calls of CreateVpcEndpoint, and
as many of DeleteVpcEndpoints: (connections of an account - 4) / (0.3 a second).`
}

func (l *limit) flags(f *flag.FlagSet) {
	l.Sizes = numbers{20, 50, 100, 200}
	f.Var(&l.Sizes, "n", "how many connections, one crowd after the other")
	f.BoolVar(&l.Targets, "targets", false, "make the connections' addresses targets of a load balancer, which then drains them")
	f.IntVar(&l.Scale, "scale", 10, "how many times as fast as AWS's time the cloud's passes")
}

func (l *limit) figures(p *page) {
	var rows [][]string
	for _, c := range l.Crowds {
		part := func(q limitPart) []string {
			return []string{
				q.against(c.Bucket), decimal(q.Done) + " s",
				fmt.Sprintf("%.2f %%", 100*q.Throttled/max(q.Calls, 1)),
			}
		}
		row := []string{whole(float64(c.Connections)), whole(float64(c.Accounts)), decimal(c.Bucket) + " s"}
		rows = append(rows, append(append(row, part(c.Coming)...), part(c.Going)...))
	}
	p.table([]string{"connections", "accounts", "the bucket alone", "coming: first to last call (ratio)", "all Ready", "throttled",
		"going: first to last call (ratio)", "all gone", "throttled"}, rows)
	p.line("The cloud is %d times as fast. Between the last call and the end lies what AWS takes to make and to delete an endpoint.", l.Scale)
	if l.Targets {
		p.line("Before its endpoint goes, a connection waits until the load balancer has drained its targets: five minutes of AWS's time.")
	}
}

// against is the time between the first and the last call, and how many times that of the bucket alone it is; a small crowd
// does not use the bucket up.
func (q limitPart) against(bucket float64) string {
	took := q.Last - q.First
	if bucket == 0 {
		return decimal(took) + " s"
	}
	return fmt.Sprintf("%.1f s (%.2f)", took, took/bucket)
}

func (l *limit) measure(ctx context.Context) error {
	for _, n := range l.Sizes {
		for accounts := 1; accounts <= 2; accounts++ {
			all, err := repeat(l.Runs, func() (limitEach, error) { return l.once(ctx, n, accounts) })
			if err != nil {
				return fmt.Errorf("%d connections in %d accounts: %w", n, accounts, err)
			}
			crowd := all[0]
			for _, part := range []struct {
				into *limitPart
				of   func(limitEach) limitPart
			}{
				{&crowd.Coming, func(e limitEach) limitPart { return e.Coming }},
				{&crowd.Going, func(e limitEach) limitPart { return e.Going }},
			} {
				*part.into = limitPart{
					First:     median(all, func(e limitEach) float64 { return part.of(e).First }),
					Last:      median(all, func(e limitEach) float64 { return part.of(e).Last }),
					Done:      median(all, func(e limitEach) float64 { return part.of(e).Done }),
					Calls:     median(all, func(e limitEach) float64 { return part.of(e).Calls }),
					Throttled: median(all, func(e limitEach) float64 { return part.of(e).Throttled }),
				}
			}
			l.Crowds = append(l.Crowds, crowd)
		}
	}
	return nil
}

func (l *limit) once(ctx context.Context, n, accounts int) (r limitEach, err error) {
	of := shape{providers: 1, services: 1, consumers: accounts, connections: n, buckets: true, targets: l.Targets}
	r = limitEach{Connections: n, Accounts: accounts, Bucket: l.bucket((n + accounts - 1) / accounts)}
	err = within(ctx, setup{world: of.world(l.Scale), scale: l.Scale, limited: true}, func(s *scene) error {
		of.populate(s)
		if err := s.publish(ctx); err != nil {
			return err
		}
		if r.Coming, err = s.crowd("CreateVpcEndpoint", func() error { return s.connect(ctx) }); err != nil {
			return err
		}
		r.Going, err = s.crowd("DeleteVpcEndpoints", func() error { return s.disconnect(ctx) })
		return err
	})
	return r, err
}

// bucket is how many seconds it takes, at the least, until so many endpoints of an account are made, or deleted.
func (l *limit) bucket(n int) float64 {
	b := buckets.Documented()["ec2"].Claims("CreateVpcEndpoint", true)[0].Bucket
	return max(0, float64(n)-b.Capacity) / (b.Refill * float64(l.Scale))
}

// crowd measures what becomes of the calls of an action, and of all calls, while something is done.
func (s *scene) crowd(action string, do func() error) (limitPart, error) {
	began := time.Now()
	took, made, err := s.spent(do)
	part := limitPart{Done: seconds(took)}
	for _, c := range made {
		part.Calls += float64(c.Count)
		if c.Throttled {
			part.Throttled += float64(c.Count)
		}
	}
	for _, c := range s.Cloud.Calls() {
		if c.Action != action || c.Time.Before(began) || c.Error != "" {
			continue
		}
		if part.First == 0 {
			part.First = seconds(c.Time.Sub(began))
		}
		part.Last = seconds(c.Time.Sub(began))
	}
	return part, err
}
