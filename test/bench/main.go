// Command bench measures Linkwright: Temporal embedded, the simulated AWS and a worker, all on one machine. Each
// benchmark is a subcommand with flags of its own. It prints figures and judges none of them, but fails when links do not
// end up as they must. With -out it also writes them to a folder as JSON, and report makes a page of such a folder.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// benchmark is one subcommand: a struct that holds what is measured by its flags and what came of it, as it stands in
// the JSON and in the report.
type benchmark interface {
	// about is the first sentence of its section: what is measured.
	about() string
	// flags are those of its own.
	flags(*flag.FlagSet)
	// measure measures, all runs.
	measure(context.Context) error
	// figures writes what came of it.
	figures(*page)
	// head is what all benchmarks have.
	head() *record
}

// benchmarks are in the order of the report.
var benchmarks = []struct {
	name, title string
	new         func() benchmark
}{
	{"calls", "Calls to the cloud", func() benchmark { return &calls{} }},
	{"notice", "Noticing a change", func() benchmark { return &notice{} }},
	{"limit", "Within the request limits", func() benchmark { return &limit{} }},
	{"overhead", "What the orchestration costs", func() benchmark { return &overhead{} }},
	{"idle", "Links at rest", func() benchmark { return &idle{} }},
	{"start", "Starting, and answering at the command line", func() benchmark { return &start{} }},
	{"hub", "Many connections from one inventory", func() benchmark { return &hub{} }},
	{"fleet", "A fleet", func() benchmark { return &fleet{} }},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return usage()
	}
	switch args[0] {
	case "report":
		return report(args[1:])
	case workerCommand:
		return work(ctx)
	}
	for _, b := range benchmarks {
		if b.name == args[0] {
			return take(ctx, b.name, b.title, b.new(), args[1:])
		}
	}
	return usage()
}

func usage() error {
	var names []string
	for _, b := range benchmarks {
		names = append(names, b.name)
	}
	return fmt.Errorf("say what to measure: %s; or report. -h after it says what can be chosen", strings.Join(names, ", "))
}

// take runs one benchmark, prints what came of it, and keeps it where the flags say.
func take(ctx context.Context, name, title string, b benchmark, args []string) error {
	head := b.head()
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.IntVar(&head.Runs, "runs", 3, "how often it is done, each time in a new world; the medians are reported")
	out := flags.String("out", "", "the folder to write "+name+".json to")
	within := flags.Duration("within", time.Hour, "how long all runs may take together; healthy ones take a fraction of it")
	b.flags(flags)
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 || head.Runs < 1 {
		return fmt.Errorf("%s takes flags only, and at least one run", name)
	}
	head.begin(name, flags)
	ctx, cancel := context.WithTimeout(ctx, *within)
	defer cancel()
	began := time.Now()
	if err := b.measure(ctx); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	head.Took = seconds(time.Since(began))
	var p page
	p.section(title, b)
	fmt.Println(p.String())
	if *out == "" {
		return nil
	}
	return save(filepath.Join(*out, name+".json"), b)
}

// numbers is a flag of several numbers: "1,10,100".
type numbers []int

func (n *numbers) String() string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint([]int(*n)), " ", ","), "[]")
}

func (n *numbers) Set(text string) error {
	*n = nil
	for word := range strings.SplitSeq(text, ",") {
		var one int
		if _, err := fmt.Sscanf(word, "%d", &one); err != nil || one < 1 {
			return fmt.Errorf("%q is not a number of connections", word)
		}
		*n = append(*n, one)
	}
	slices.Sort(*n)
	return nil
}
