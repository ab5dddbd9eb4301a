// Package e2e tests Linkwright whole: flows on an embedded Temporal server, a worker, and a simulated cloud that
// is reached over HTTP, as people use them. There is one stack for all tests, for a Temporal server takes a while
// to start and leaves something behind when it stops. Each test has a scene to itself: accounts, networks and a
// domain that no other test touches. What a cloud or a flow does alone is tested where it lives.
package e2e

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/dev/stack"
	"github.com/linkwright/linkwright/internal/simaws"
)

// The parts that all tests share, made before the first and stopped after the last.
var (
	shared *stack.Stack
	// narrow is a second cloud, with request buckets that soon run empty, and that the worker does not know; busy is
	// a third, with AWS's own.
	narrow, busy *simaws.Cloud
)

func TestMain(m *testing.M) {
	code, err := runAll(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func runAll(m *testing.M) (code int, err error) {
	// The tests wait far more than they compute. -parallel on the command line still wins.
	if err := flag.Set("test.parallel", "8"); err != nil {
		return 0, err
	}
	flag.Parse()
	none, err := os.MkdirTemp("", "linkwright-e2e-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(none)) }()
	// Nothing on this machine says where Temporal or AWS are.
	for _, name := range []string{"TEMPORAL_CONFIG_FILE", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"} {
		if err := os.Setenv(name, filepath.Join(none, "none")); err != nil {
			return 0, err
		}
	}
	ctx := context.Background()
	if err := startAll(ctx, none); err != nil {
		return 0, errors.Join(err, stopAll(ctx))
	}
	defer func() { err = errors.Join(err, stopAll(ctx)) }()
	return m.Run(), nil
}

// quick is for a cloud that changes hundreds of times faster than AWS, and for people who answer at once.
var quick = stack.Patience{
	Pace:      activities.Pace{Min: 50 * time.Millisecond, Max: 500 * time.Millisecond},
	LookAgain: 100 * time.Millisecond, Hope: 5 * time.Second,
}

// scale is how many times faster than AWS the clouds change.
const scale = 600

// The bearer tokens that Temporal knows callers by, and the callers.
const (
	aliceToken, alice = "token-of-alice", "alice@example.com"
	bobToken, bob     = "token-of-bob", "bob@example.com"
	carolToken, carol = "token-of-carol", "carol@example.com"
)

func tokens() map[string]string {
	return map[string]string{aliceToken: alice, bobToken: bob, carolToken: carol}
}

func startAll(ctx context.Context, dir string) (err error) {
	world, err := manyScenes().encode()
	if err != nil {
		return err
	}
	signers := filepath.Join(dir, "allowed-signers")
	if err := os.WriteFile(signers, []byte(nobodysKey), 0o600); err != nil {
		return err
	}
	shared, err = stack.Start(ctx, stack.Options{
		World: world, AzureWorld: azureScenes(), Scale: scale, NoUI: true, NoWorker: true, Patience: &quick,
		Tokens: tokens(), AllowedSigners: signers,
	})
	if err != nil {
		return err
	}
	if narrow, err = startCloud(ctx, narrowScene(), scale); err != nil {
		return err
	}
	if busy, err = startCloud(ctx, busyScene(), busyScale); err != nil {
		return err
	}
	if err := editAccounts(func(book accountsBook) {
		book.add(narrowScene().WorldFile, narrow)
		book.add(busyScene().WorldFile, busy)
		book[splitName+"-consumer"].TaskQueue = splitQueue
	}); err != nil {
		return err
	}
	if err := errors.Join(leastPrivilege(shared.Cloud, shared.World()),
		leastPrivilege(narrow, narrowScene().WorldFile), leastPrivilege(busy, busyScene().WorldFile)); err != nil {
		return err
	}
	return shared.StartWorker()
}

// startCloud starts a cloud beside that of the shared stack.
func startCloud(ctx context.Context, w *world, scale float64) (*simaws.Cloud, error) {
	cloud, err := simaws.New(simaws.Config{World: w.WorldFile, Scale: scale, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	return cloud, cloud.Start(ctx)
}

func stopAll(ctx context.Context) (err error) {
	if shared != nil {
		err = errors.Join(shared.Stop(ctx), os.RemoveAll(shared.Dir))
	}
	for _, cloud := range []*simaws.Cloud{narrow, busy} {
		if cloud != nil {
			err = errors.Join(err, cloud.Close(ctx))
		}
	}
	return err
}
