// Package crash kills the parts of Linkwright, as a power cut would, at every point of a link's life, and looks
// whether the link still comes to be, once, and leaves nothing behind. It runs the built binaries, each in a
// process of its own; run it by `make test`, or by `make test-crash` for every blow in every phase.
package crash

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/linkwright/linkwright/dev/inventory"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/internal/simaws"
	"github.com/linkwright/linkwright/test/lab"
	"github.com/linkwright/linkwright/test/postgres"
)

// bin names the environment variable for the folder of the binaries.
const bin = "LINKWRIGHT_BIN"

var every = flag.Bool("every", false, "strike every blow in every phase, not only the worker in each and the others in some")

const (
	// sideBySide is how many links live at a time. They mostly wait: for a heartbeat that fails to come, for
	// the cloud.
	sideBySide = 8
	// scale is how many times faster than AWS the cloud changes.
	scale = 200
	// aLife is how long a link may take, from the first start to nothing left.
	aLife = 4 * time.Minute
)

func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", fmt.Sprint(sideBySide)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	os.Exit(m.Run())
}

// TestCrash lets several links live, and strikes each of them several times.
func TestCrash(t *testing.T) {
	for _, binary := range []string{"linkwright-dev", "linkwright-worker"} {
		// By this look go test knows that a result from its cache is about these very binaries.
		if _, err := os.Stat(filepath.Join(os.Getenv(bin), binary)); os.Getenv(bin) == "" || err != nil {
			t.Fatalf("there is no %s in the folder %s=%q: run `make test` or `make test-crash`, which build it and say where it is",
				binary, bin, os.Getenv(bin))
		}
	}
	for name, blows := range lives() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeoutCause(t.Context(), aLife, fmt.Errorf("a life takes longer than %v", aLife))
			defer cancel()
			began := time.Now()
			begin(ctx, t, name).live(ctx, t, blows)
			t.Logf("%d blows, %.0f s", len(blows), time.Since(began).Seconds())
		})
	}
}

// life is that of one link.
type life struct {
	*lab.Lab
	database *postgres.Server // nil when Temporal's state is in a file
	before   inventory.Inventory
	stage    stage
}

func begin(ctx context.Context, t *testing.T, name string) *life {
	options := lab.Options{Bin: os.Getenv(bin), Dir: t.TempDir(), Scale: scale}
	var database *postgres.Server
	if strings.HasPrefix(name, onPostgres) {
		database = startPostgres(ctx, t)
		options.Postgres = database.URL("temporal")
	}
	l, err := lab.Start(ctx, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			for _, part := range []string{"worker", "temporal", "cloud"} {
				t.Logf("the end of the log of %s:\n%s", part, l.LogTail(part))
			}
		}
		if err := l.Stop(); err != nil {
			t.Error(err)
		}
	})
	before, err := l.Cloud.Inventory(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return &life{Lab: l, database: database, before: before}
}

func startPostgres(ctx context.Context, t *testing.T) *postgres.Server {
	db, err := postgres.Start(ctx)
	if errors.Is(err, postgres.ErrNotInstalled) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Stop(context.WithoutCancel(ctx)); err != nil {
			t.Error(err)
		}
	})
	return db
}

// live goes through a link's life, from publishing to teardown, under blows.
func (l *life) live(ctx context.Context, t *testing.T, blows []blow) {
	for _, b := range blows {
		ok := t.Run(b.name(), func(t *testing.T) {
			if err := l.strike(ctx, b); err != nil {
				t.Fatal(err)
			}
		})
		if !ok {
			return
		}
	}
	if err := l.moveTo(ctx, withdrawn); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		l.Reach(ctx, lab.Connection, link.Disconnected), l.Reach(ctx, lab.Service, link.Withdrawn), l.nothingIsLeft(ctx),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// strike brings the link to where the blow is to fall, lets it fall, and starts again what it has ended.
func (l *life) strike(ctx context.Context, b blow) error {
	hold := simaws.Fault{Action: b.at.call, Nth: b.at.nth + 1, Effect: simaws.EffectHold}
	if b.after {
		hold.Effect = simaws.EffectHoldAnswer
	}
	if b.at.call != "" { // before that call can come
		if err := l.Cloud.Inject(ctx, hold); err != nil {
			return err
		}
	}
	if err := l.moveTo(ctx, b.at.stage); err != nil {
		return err
	}
	if b.at.nth > 0 { // counted from here
		if err := l.Cloud.Inject(ctx, hold); err != nil {
			return err
		}
	}
	if b.at.held() {
		if _, err := l.Cloud.AwaitHeld(ctx); err != nil {
			return err
		}
	}
	if b.at.phase != "" {
		if err := l.Reach(ctx, b.at.flow, b.at.phase); err != nil {
			return err
		}
	}
	return b.fall(ctx, l)
}

// moveTo does what people do, up to a stage.
func (l *life) moveTo(ctx context.Context, to stage) error {
	for ; l.stage < to; l.stage++ {
		var err error
		switch l.stage + 1 {
		case applied:
			err = l.Apply(ctx)
		case approved:
			err = l.Approve(ctx, lab.Connection)
		case withdrawn:
			if err = l.isReady(ctx); err == nil {
				err = l.Withdraw(ctx, lab.Service)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// isReady waits for the link to be ready, and looks whether there is exactly one of everything.
func (l *life) isReady(ctx context.Context) error {
	if err := l.Reach(ctx, lab.Service, link.Serving); err != nil {
		return err
	}
	if err := l.Reach(ctx, lab.Connection, link.Ready); err != nil {
		return err
	}
	now, err := l.Cloud.Inventory(ctx)
	if err != nil {
		return err
	}
	added := l.before.Added(now)
	for kind, want := range map[string]int{
		inventory.Service: 1, inventory.Endpoint: 1, inventory.Interface: 3,
		inventory.Record: 1, inventory.Parameter: 1, inventory.Target: 3,
	} {
		if got := len(added.Of(kind)); got != want {
			return fmt.Errorf("the ready link has %d of %s, want %d: %v", got, kind, want, added)
		}
	}
	if record := added.Of(inventory.Record)[0]; strings.Count(record.Detail, `"`) != 2 {
		return fmt.Errorf("the TXT record has other than one value: %s", record)
	}
	return nil
}

func (l *life) nothingIsLeft(ctx context.Context) error {
	now, err := l.Cloud.Inventory(ctx)
	if err != nil {
		return err
	}
	if added, missing := l.before.Added(now), l.before.Missing(now); len(added)+len(missing) > 0 {
		return fmt.Errorf("left behind: %v; missing now: %v", added, missing)
	}
	return nil
}
