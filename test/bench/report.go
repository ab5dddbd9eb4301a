package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// page is a page of Markdown that is being written.
type page struct{ strings.Builder }

// line writes a paragraph, or a part of one.
func (p *page) line(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

// table writes the rows beneath their heads.
func (p *page) table(heads []string, rows [][]string) {
	p.line("\n| %s |", strings.Join(heads, " | "))
	p.line("|%s", strings.Repeat(" --- |", len(heads)))
	for _, row := range rows {
		p.line("| %s |", strings.Join(row, " | "))
	}
	p.line("")
}

// section writes all that a benchmark has to say.
func (p *page) section(title string, b benchmark) {
	head := b.head()
	p.line("## %s\n", title)
	p.line("%s", b.about())
	b.figures(p)
	often := "one run"
	if head.Runs > 1 {
		often = fmt.Sprintf("medians of %d runs", head.Runs)
	}
	p.line("\n```sh\n%s   # %s, %s\n```", head.Command, often, minutes(head.Took))
}

// minutes says roughly how long something took.
func minutes(seconds float64) string {
	if seconds < 90 {
		return "about a minute"
	}
	return fmt.Sprintf("%.0f minutes", seconds/60)
}

// report makes a page of the results in a folder.
func report(args []string) error {
	flags := flag.NewFlagSet("report", flag.ContinueOnError)
	in := flags.String("in", "bench", "the folder with the results")
	out := flags.String("out", "", "the file to write; standard output when empty")
	if err := flags.Parse(args); err != nil {
		return err
	}
	var p page
	p.line("%s", preface)
	var at string
	for _, b := range benchmarks {
		measured := b.new()
		text, err := os.ReadFile(filepath.Join(*in, b.name+".json"))
		if errors.Is(err, os.ErrNotExist) {
			continue // not measured
		}
		if err == nil {
			err = json.Unmarshal(text, measured)
		}
		if err != nil {
			return fmt.Errorf("read what %s has measured: %w", b.name, err)
		}
		head := measured.head()
		if where := fmt.Sprintf("Measured on %s: %s.", head.Day, head.Machine); where != at {
			p.line("%s\n", where)
			at = where
		}
		p.section(b.title, measured)
		p.line("")
	}
	if at == "" {
		return fmt.Errorf("there are no results in %s", *in)
	}
	text := strings.TrimRight(p.String(), "\n") + "\n"
	if *out == "" {
		fmt.Print(text)
		return nil
	}
	return os.WriteFile(*out, []byte(text), 0o644)
}

const preface = `# Benchmarks

Written by ` + "`go run ./test/bench report`" + ` from what ` + "`make bench`" + ` has measured; do not edit. Temporal (embedded, SQLite), the
simulated AWS and the worker share one machine. What is measured by a clock is so much slower than on machines of their own;
calls, events and bytes are not. No figure is held against a limit: a benchmark fails only when links do not end up as they must.

Where the simulated cloud runs "S times as fast", everything that takes time in it does: transitions, health checks, the
refill of request buckets. The pace at which Linkwright looks is then scaled alike, and times are given as they were measured
unless "AWS's time" is said, in which case they were multiplied by S.
`

// The ways in which figures are written.
func whole(v float64) string   { return fmt.Sprintf("%.0f", v) }
func decimal(v float64) string { return fmt.Sprintf("%.1f", v) }
func precise(v float64) string { return fmt.Sprintf("%.2f", v) }
func fine(v float64) string    { return fmt.Sprintf("%.3f", v) }

// kilobytes and megabytes write a number of bytes.
func kilobytes(v float64) string { return fmt.Sprintf("%.1f kB", v/1000) }
func megabytes(v float64) string { return fmt.Sprintf("%.1f MB", v/1e6) }
