// Package lab runs Linkwright as it is run in earnest, each part in a process of its own, from the built binaries:
// Temporal on a database file or on PostgreSQL, the simulated cloud, and a worker. So each of them can be killed while the others
// live on. The crash tests run in it, and so does the recorder of histories.
//
// It links neither the Temporal server nor the worker. What a link looks like from the inside of one process is
// for dev/stack.
package lab

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"

	"github.com/linkwright/linkwright/internal/dial"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
	"github.com/linkwright/linkwright/workflows"
)

// Options says what to run.
type Options struct {
	Bin   string  // the folder of linkwright-dev and linkwright-worker
	Dir   string  // for the database, the files and the logs
	Scale float64 // how many times faster than AWS the cloud changes
	// Scenario is the demo's whose world and specs there are; empty is its default.
	Scenario string
	World    string // the world file of AWS; empty is the scenario's
	// Specs is the file of the specs to apply; empty is the scenario's. In it, {{id "account" "kind" "name"}} is the id of
	// what the world file made.
	Specs string
	// Postgres, when not empty, is the URL of the database that Temporal keeps its state in, in place of a file.
	Postgres string
	// LongHistory is the number of events after which workflows are asked to continue as new; 0 is Temporal's default.
	LongHistory int
	// InMemory keeps Temporal in memory: it is faster, and what is killed is lost.
	InMemory bool
	// WorkerFlags are further flags of the worker, the last of which count.
	WorkerFlags []string
	// NoWorker leaves the worker out; see [Lab.AddWorker].
	NoWorker bool
}

// Lab is everything, running.
type Lab struct {
	Options
	Cloud  *Cloud
	Client client.Client
	Flows  *flows.Client

	address          string // of Temporal
	temporal, worker *process
	added            []*process
}

// Start runs everything. On failure nothing is left running.
func Start(ctx context.Context, o Options) (_ *Lab, err error) {
	l := &Lab{Options: o}
	defer func() {
		if err != nil {
			err = errors.Join(err, l.Stop())
		}
	}()
	if l.Cloud, err = StartCloud(ctx, o); err != nil {
		return nil, err
	}
	if err := l.StartTemporal(ctx); err != nil {
		return nil, err
	}
	l.Client, err = client.DialContext(ctx, client.Options{
		HostPort: l.address, Logger: log.NewStructuredLogger(slog.New(slog.DiscardHandler)),
	})
	if err != nil {
		return nil, err
	}
	l.Flows = flows.New(l.Client, l.address, client.DefaultNamespace)
	if o.NoWorker {
		return l, nil
	}
	return l, l.StartWorker()
}

// StartTemporal starts Temporal: at first on a free port, later on the same one.
func (l *Lab) StartTemporal(ctx context.Context) (err error) {
	port, err := portOf(l.address)
	if err != nil {
		return err
	}
	var ready struct {
		Address string `json:"address"`
	}
	args := []string{"temporal", "--port", port, "--ui-port", "0", "--long-history", fmt.Sprint(l.LongHistory)}
	switch {
	case l.Postgres != "":
		args = append(args, "--postgres", l.Postgres)
	case !l.InMemory:
		args = append(args, "--data-dir", filepath.Join(l.Dir, "temporal"))
	}
	l.temporal, err = start(l.command("linkwright-dev", args...), l.log("temporal"))
	if err != nil {
		return err
	}
	if err := l.temporal.ready(ctx, &ready); err != nil {
		return err
	}
	l.address = ready.Address
	return nil
}

// KillTemporal ends Temporal as a power cut would.
func (l *Lab) KillTemporal() error { return l.temporal.kill() }

// StartWorker starts a worker, and does not wait for it.
func (l *Lab) StartWorker() (err error) {
	l.worker, err = l.startWorker("worker", l.Cloud.Files.Accounts, l.WorkerFlags...)
	return err
}

// AddWorker starts one more worker, with an accounts file and flags of its own. Its log is called by its name.
func (l *Lab) AddWorker(name, accountsFile string, flags ...string) error {
	worker, err := l.startWorker(name, accountsFile, flags...)
	l.added = append(l.added, worker)
	return err
}

func (l *Lab) startWorker(name, accountsFile string, flags ...string) (*process, error) {
	cmd := l.command("linkwright-worker", append([]string{
		"--address", l.address, "--accounts-file", accountsFile, "--dns-server", l.Cloud.DNS,
		"--poll-min", "100ms", "--poll-max", "500ms", "--blocked-retry", "1s", "--patience", "1m",
	}, flags...)...)
	user := l.Cloud.User("platform")
	cmd.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID="+user.AccessKey, "AWS_SECRET_ACCESS_KEY="+user.SecretKey,
		"AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull)
	return start(cmd, l.log(name))
}

// KillWorker ends the worker as a power cut would.
func (l *Lab) KillWorker() error { return l.worker.kill() }

// Stop ends everything; what is in the folder stays.
func (l *Lab) Stop() error {
	if l.Client != nil {
		l.Client.Close()
	}
	failed := errors.Join(l.worker.kill(), l.temporal.kill())
	for _, worker := range l.added {
		failed = errors.Join(failed, worker.kill())
	}
	if l.Cloud != nil {
		failed = errors.Join(failed, l.Cloud.Stop())
	}
	return failed
}

// glance is how often the lab looks at what it waits for.
const glance = 100 * time.Millisecond

// Until looks until done says so, or fails, or ctx ends.
func Until(ctx context.Context, what string, done func() (bool, error)) error {
	tick := time.NewTicker(glance)
	defer tick.Stop()
	for {
		switch ok, err := done(); {
		case err != nil:
			return fmt.Errorf("while waiting for %s: %w", what, err)
		case ok:
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("while waiting for %s: %w", what, context.Cause(ctx))
		case <-tick.C:
		}
	}
}

// Phase is where a flow stands, as Temporal knows it by its search attribute, so also while no worker runs; empty
// before the flow is known. It asks about the one flow: lists grow with all that have lived.
func (l *Lab) Phase(ctx context.Context, ref flows.Ref) (link.Phase, error) {
	flow, err := l.Client.DescribeWorkflow(ctx, ref.WorkflowID(), "")
	var unknown *serviceerror.NotFound
	switch {
	case errors.As(err, &unknown):
		return "", nil
	case err != nil:
		return "", cmp.Or(dial.Explain(l.address, client.DefaultNamespace, err), err)
	}
	phase, _ := flow.TypedSearchAttributes.GetKeyword(workflows.LinkPhase)
	return link.Phase(phase), nil
}

// Reach waits until a flow is in a phase. It waits for a Temporal that cannot answer, too: its database may just
// have been killed.
func (l *Lab) Reach(ctx context.Context, ref flows.Ref, phase link.Phase) error {
	var last link.Phase
	err := Until(ctx, fmt.Sprintf("%s to be %s", ref, phase), func() (bool, error) {
		now, err := l.Phase(ctx, ref)
		var unreachable *dial.UnreachableError
		if errors.As(err, &unreachable) {
			return false, nil
		}
		last = now
		return last == phase, err
	})
	if err != nil {
		return fmt.Errorf("%w (it was %s)", err, last)
	}
	return nil
}
