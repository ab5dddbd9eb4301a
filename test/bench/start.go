package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"time"

	"github.com/linkwright/linkwright/dev/stack"
	"github.com/linkwright/linkwright/starter/cli"
)

// start is how long people wait: for everything to start, and for what they ask at the command line.
type start struct {
	record
	Scale int `json:"scale"`
	Times int `json:"times"`
	// Cold is how long it takes until a stack as `linkwright-dev up` runs it answers, in seconds.
	Cold    float64     `json:"coldSeconds"`
	Sizes   numbers     `json:"sizes"`
	Answers []startEach `json:"answers"`
}

// startEach is how long commands take in a fleet of one size.
type startEach struct {
	Connections int       `json:"connections"`
	Get         latencies `json:"get"`
	Describe    latencies `json:"describe"`
}

// latencies are in milliseconds.
type latencies struct {
	Median float64 `json:"p50"`
	Slow   float64 `json:"p95"`
}

func (l latencies) String() string { return fmt.Sprintf("%.0f; %.0f ms", l.Median, l.Slow) }

func (s *start) about() string {
	return "How long everything takes to start, and commands to be answered: `linkwright get`, which lists all links, and `linkwright describe` of one, from " +
		"connecting to Temporal to the last line. The program's own start is not in it."
}

func (s *start) flags(f *flag.FlagSet) {
	s.Sizes = numbers{10, 100, 500}
	f.Var(&s.Sizes, "n", "how many connections, one fleet after the other")
	f.IntVar(&s.Times, "times", 50, "how often each command is given")
	f.IntVar(&s.Scale, "scale", 60, "how many times as fast as AWS's time the cloud's passes")
}

func (s *start) figures(p *page) {
	var rows [][]string
	for _, a := range s.Answers {
		rows = append(rows, []string{whole(float64(a.Connections)), a.Get.String(), a.Describe.String()})
	}
	p.line("\nA stack as `linkwright-dev up` runs it, with the Temporal UI, can be used after %.1f s.", s.Cold)
	p.table([]string{"connections", "get: p50; p95", "describe: p50; p95"}, rows)
}

func (s *start) measure(ctx context.Context) error {
	cold, err := repeat(s.Runs, func() (time.Duration, error) { return s.cold(ctx) })
	if err != nil {
		return err
	}
	s.Cold = median(cold, time.Duration.Seconds)
	for _, n := range s.Sizes {
		answers, err := s.answers(ctx, n)
		if err != nil {
			return fmt.Errorf("%d connections: %w", n, err)
		}
		s.Answers = append(s.Answers, answers)
	}
	return nil
}

// cold starts the demo's stack, until a command is answered.
func (s *start) cold(ctx context.Context) (time.Duration, error) {
	began := time.Now()
	running, err := stack.Start(ctx, stack.Options{})
	if err != nil {
		return 0, err
	}
	_, err = command(ctx, running, "get")
	took := time.Since(began)
	if stopped := running.Stop(context.WithoutCancel(ctx)); err == nil {
		err = stopped
	}
	return took, err
}

// answers gives commands in a fleet at rest.
func (s *start) answers(ctx context.Context, n int) (r startEach, err error) {
	of := spread(n, 10, 8)
	err = within(ctx, setup{world: of.world(s.Scale), scale: s.Scale}, func(sc *scene) error {
		of.populate(sc)
		if err := sc.publish(ctx); err != nil {
			return err
		}
		if err := sc.connect(ctx); err != nil {
			return err
		}
		r, err = sc.latencies(ctx, s.Times)
		return err
	})
	return r, err
}

// latencies gives both commands so often.
func (s *scene) latencies(ctx context.Context, times int) (startEach, error) {
	r := startEach{Connections: len(s.connections)}
	var get, describe []float64
	for i := range times {
		took, err := command(ctx, s.Stack, "get")
		if err != nil {
			return r, err
		}
		get = append(get, float64(took.Microseconds())/1000)
		one := s.connections[i*len(s.connections)/times]
		if took, err = command(ctx, s.Stack, "describe", ref(one).String()); err != nil {
			return r, err
		}
		describe = append(describe, float64(took.Microseconds())/1000)
	}
	r.Get = latencies{quantile(get, 0.5), quantile(get, 0.95)}
	r.Describe = latencies{quantile(describe, 0.5), quantile(describe, 0.95)}
	return r, nil
}

// command gives one command, and says how long its answer took.
func command(ctx context.Context, s *stack.Stack, words ...string) (time.Duration, error) {
	var said bytes.Buffer
	began := time.Now()
	code := cli.Run(ctx, "bench", append(words, "--address", s.Temporal.Address()), cli.Streams{
		In: bytes.NewReader(nil), Out: io.Discard, Err: &said,
	})
	took := time.Since(began)
	if code != cli.ExitOK {
		return took, fmt.Errorf("linkwright %v: %s", words, said.String())
	}
	return took, nil
}
