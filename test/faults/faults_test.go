// Package faults proves that nothing is lost, by enumeration. A clean run of a whole link, from publishing to
// teardown, numbers its cloud calls; then, for every call and everything that can go wrong at it, a link lives
// through exactly that, and what comes of it is compared with what came of the clean run. It runs the built
// binaries, each in a process of its own; run it by `make test`, which takes a sample of the matrix, or whole by
// `make test-faults`.
package faults

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// bin names the environment variable for the folder of the binaries.
const bin = "LINKWRIGHT_BIN"

var (
	every = flag.Bool("every", false, "run every cell of the matrix, not only a sample")
	size  = flag.Int("sample", 0, "how many cells of each life to run; 0 is what make test runs")
	first = flag.Int("first", 0, "the sample's first cell, in place of the matrix's first")
	only  = flag.String("cell", "", "run only the cells whose names have this in them")
	lanes = flag.Int("lanes", 6, "how many links live at a time")
)

const (
	// aLife is how long a link may take, from the first start to nothing left.
	aLife = 2 * time.Minute
	// tries is how often a cell is run whose call did not come: it is one of those that time decides on.
	tries = 10
)

// errNeverCame is that of a cell whose call no run has made.
var errNeverCame = errors.New("the call never came")

// another reports whether a call is one more look of a kind. How many looks it takes until something is so is for time to
// decide: the clean runs, all of which start at once, may take more of them than those that come after.
func (lf *life) another(c call) bool { return c.Nth > 1 && lf.words.reads(c.Action) }

func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", fmt.Sprint(*lanes)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	os.Exit(m.Run())
}

// TestMatrix runs the cells.
func TestMatrix(t *testing.T) {
	for _, binary := range []string{"linkwright-dev", "linkwright-worker"} {
		// By this look go test knows that a result from its cache is about these very binaries.
		if _, err := os.Stat(filepath.Join(os.Getenv(bin), binary)); os.Getenv(bin) == "" || err != nil {
			t.Fatalf("there is no %s in the folder %s=%q: run `make test` or `make test-faults`, which build it and say where it is",
				binary, bin, os.Getenv(bin))
		}
	}
	for _, one := range lives() {
		t.Run(one.name, func(t *testing.T) {
			if others := func(l *life) bool { return l.name != one.name && strings.HasPrefix(*only, l.name+"/") }; slices.ContainsFunc(lives(), others) {
				t.Skip("cells of another life were asked for")
			}
			one.run(t)
		})
	}
}

// run runs the cells of a life.
func (lf *life) run(t *testing.T) {
	pool := newLanes(lf, lf.lanes())
	defer func() {
		if err := pool.close(); err != nil {
			t.Error(err)
		}
	}()
	began := time.Now()
	ideal, calls := cleanRuns(t, pool)
	all := matrix(lf, calls)
	cells := lf.chosen(all)
	if len(cells) == 0 {
		t.Skipf("no cell has %q in its name; the matrix has %d, such as %q", *only, len(all), all[0])
	}
	t.Logf("%s: %d calls of a clean run, of %v, make a matrix of %d cells, of which %d run",
		lf.name, len(calls), time.Since(began).Round(time.Second), len(all), len(cells))

	var passed, failed, skipped atomic.Int64
	t.Run("cells", func(t *testing.T) {
		for _, cell := range cells {
			t.Run(cell.String(), func(t *testing.T) {
				t.Parallel()
				err := runCell(t.Context(), pool, cell, ideal)
				if errors.Is(err, errNeverCame) && lf.another(cell.call) {
					skipped.Add(1)
					t.Skipf("%v: it is one look more than these runs took", err)
				}
				if err != nil {
					failed.Add(1)
					t.Errorf("%v\nto run it alone: make test-faults CELL='%s'", err, cell)
					return
				}
				passed.Add(1)
			})
		}
	})
	t.Logf("%s: %d cells, %d passed, %d failed, %d never came about", lf.name, len(cells), passed.Load(), failed.Load(), skipped.Load())
}

// chosen are the cells that the flags ask for.
func (lf *life) chosen(all []cell) []cell {
	cells := slices.DeleteFunc(slices.Clone(all), func(c cell) bool { return !strings.Contains(c.String(), *only) })
	if *every || *only != "" && *size == 0 {
		return cells
	}
	stride := max(len(cells)/cmp.Or(*size, lf.sample), 1)
	var some []cell
	for n := *first % stride; n < len(cells); n += stride {
		some = append(some, cells[n])
	}
	return some
}

// cleanRuns lets a link live in each lane without any fault, side by side as the cells will. It returns what became
// of the first, as which all must end, and the calls that all of them made: how often a link looks whether something
// has come about is a matter of time.
func cleanRuns(t *testing.T, pool *pool) (ideal outcome, calls []call) {
	t.Helper()
	type clean struct {
		outcome
		calls []call
		err   error
	}
	runs := make(chan clean)
	for range pool.life.lanes() {
		go func() {
			var run clean
			run.err = pool.use(t.Context(), func(ctx context.Context, l *lane) (err error) {
				run.outcome, run.calls, err = l.live(ctx, cell{life: pool.life})
				return err
			})
			runs <- run
		}()
	}
	for n := range pool.life.lanes() {
		run := <-runs
		switch {
		case run.err != nil:
		case n == 0:
			ideal, calls = run.outcome, run.calls
		default:
			calls = common(calls, run.calls)
			run.err = run.compare(ideal, exactly)
		}
		if run.err != nil {
			t.Errorf("a run without faults: %v", run.err)
		}
	}
	if t.Failed() {
		t.FailNow()
	}
	return ideal, calls
}

// runCell lets a link live through a cell, and compares what becomes of it with the clean run.
func runCell(ctx context.Context, pool *pool, c cell, ideal outcome) error {
	for try := 1; ; try++ {
		missed := false
		err := pool.use(ctx, func(ctx context.Context, l *lane) error {
			if c.signIn() {
				if err := l.restartWorker(); err != nil {
					return err
				}
			}
			got, _, err := l.live(ctx, c)
			if err != nil {
				return err
			}
			missed = !got.struck
			return got.compare(ideal, c.likeness())
		})
		switch {
		case err != nil:
			return err
		case !missed:
			return nil
		case try == tries:
			return fmt.Errorf("%w in %d runs", errNeverCame, tries)
		}
	}
}
