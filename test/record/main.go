// record lets links live, in the same lab as the crash tests, and writes down the histories of their flows for the
// replay test of package workflows. `make histories` runs it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"

	"github.com/linkwright/linkwright/test/lab"
)

func main() {
	bin := flag.String("bin", "bin", "the folder of the built binaries")
	out := flag.String("out", "testdata/histories/brief", "the folder to write to; the histories in it are replaced")
	only := flag.String("only", "", "the one life to live; the histories of others stay")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := record(ctx, *bin, *out, *only); err != nil {
		fmt.Fprintln(os.Stderr, "record:", err)
		os.Exit(1)
	}
}

const (
	// scale is how many times faster than AWS the cloud changes.
	scale = 200
	// longHistory makes every flow continue as new several times.
	longHistory = 40
)

func record(ctx context.Context, bin, out, only string) error {
	b, err := openBook(out, only != "")
	if err != nil {
		return err
	}
	for _, life := range []struct {
		name                   string
		long                   int
		scenario, world, specs string
		live                   func(context.Context, *lab.Lab, *book) error
	}{
		{"life", 0, "", "", "", wholeLife},
		{"continued", longHistory, "", "", "", continuedLife},
		{"hub", 0, "", hubWorld, hubSpecs, hubLife},
		{"hub-continued", longHistory, "", hubWorld, hubSpecs, continuedHub},
		{"fleet", 0, "", "", "", fleetLife},
		{"fleet-continued", longHistory, "", "", "", continuedFleet},
		{"orphans", 0, "", "", "", orphanedLife},
		{"azure", 0, "azure", "", "", azureLife},
		{"azure-continued", longHistory, "azure", "", "", continuedInAzure},
	} {
		if only != "" && only != life.name {
			continue
		}
		if err := inLab(ctx, lab.Options{Bin: bin, Scale: scale, LongHistory: life.long, Scenario: life.scenario, World: life.world, Specs: life.specs}, func(l *lab.Lab) error {
			return life.live(ctx, l, b)
		}); err != nil {
			return fmt.Errorf("%s: %w", life.name, err)
		}
	}
	return b.close()
}

// inLab runs a lab in a temporary folder, which stays when something fails.
func inLab(ctx context.Context, o lab.Options, live func(*lab.Lab) error) (err error) {
	if o.Dir, err = os.MkdirTemp("", "linkwright-record-"); err != nil {
		return err
	}
	l, err := lab.Start(ctx, o)
	if err != nil {
		return fmt.Errorf("%w (see %s)", err, o.Dir)
	}
	if err = errors.Join(live(l), l.Stop()); err != nil {
		return fmt.Errorf("%w (see %s)", err, o.Dir)
	}
	return os.RemoveAll(o.Dir)
}
