// linkwright-worker runs Linkwright's flows and takes their steps in the clouds.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/accounts"
	"github.com/linkwright/linkwright/internal/dial"
	"github.com/linkwright/linkwright/internal/traces"
	"github.com/linkwright/linkwright/worker/metrics"
	"github.com/linkwright/linkwright/worker/serve"
)

// version is set when the binary is linked.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := command().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "linkwright-worker:", err)
		os.Exit(1)
	}
}

// flags are what the command line says.
type flags struct {
	temporal                         dial.Options
	accountsFile, allowedSigners     string
	only                             []string
	dnsServer                        string
	pace                             activities.Pace
	lookAgain, patience, stopTimeout time.Duration
	metricsListen                    string
	verbose                          bool
}

func command() *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "linkwright-worker",
		Short: "Run Linkwright's flows and take their steps in the clouds",
		Long: `Run Linkwright's flows and take their steps in the clouds.

Temporal is found by the standard client configuration: temporal.toml profiles, TEMPORAL_* variables, and the
flags below. Cloud credentials come from the SDK's default chain; the accounts file says which role to assume
for which account. With --accounts the worker serves the task queues of those accounts and nothing else: no
workflows, and no account without a queue of its own.`,
		Args:          cobra.NoArgs,
		Version:       version,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE:          func(cmd *cobra.Command, _ []string) error { return run(cmd.Context(), f, cmd.ErrOrStderr()) },
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "check",
		Short: "Say whether a worker on this machine polls its task queues",
		Long: "Say whether a worker on this machine polls its task queues, by what Temporal knows; exit with 1 if not.\n" +
			"It is a health check for containers, with the same flags as the worker.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return check(cmd.Context(), f) },
	})
	set := cmd.PersistentFlags()
	set.StringVar(&f.accountsFile, "accounts-file", "accounts.yaml", "the accounts that Linkwright acts in")
	set.StringSliceVar(&f.only, "accounts", nil, "serve only these accounts, each on its own task queue")
	set.StringVar(&f.allowedSigners, "allowed-signers", "", "who may sign decisions with which SSH keys, in the format of ssh-keygen(1), \"ALLOWED SIGNERS\"; read anew for each signature")
	f.temporal.AddFlags(set)
	set.StringVar(&f.dnsServer, "dns-server", "", "host:port to ask for TXT proofs, in place of the domains' own name servers")
	set.DurationVar(&f.pace.Min, "poll-min", activities.DefaultPace.Min, "how often to look at what has just begun to wait")
	set.DurationVar(&f.pace.Max, "poll-max", activities.DefaultPace.Max, "how often to look at what has waited for long")
	set.DurationVar(&f.lookAgain, "blocked-retry", time.Minute, "how soon a blocked flow looks again for the first time")
	set.DurationVar(&f.patience, "patience", 5*time.Minute, "how long a step hopes before it says that a person must help")
	set.DurationVar(&f.stopTimeout, "stop-timeout", 30*time.Second, "how long running steps may take to end when the worker is stopped")
	set.StringVar(&f.metricsListen, "metrics-listen", "", "host:port at which Prometheus finds metrics, under "+metrics.Path+" (default: nowhere)")
	set.BoolVar(&f.verbose, "verbose", false, "log every step")
	return cmd
}

func run(ctx context.Context, f flags, stderr io.Writer) error {
	level := slog.LevelInfo
	if f.verbose {
		level = slog.LevelDebug
	}
	logger := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: level}))
	f.temporal.Log = logger
	book, err := accounts.Load(f.accountsFile)
	if err != nil {
		return err
	}
	var shown *metrics.Endpoint
	if f.metricsListen != "" {
		if shown, err = metrics.Listen(f.metricsListen, logger); err != nil {
			return fmt.Errorf("--metrics-listen: %w", err)
		}
		defer shown.Close()
		if err := book.Measure(shown.Meter); err != nil {
			return err
		}
		f.temporal.Metrics = shown.Handler()
	}
	traced, err := traces.Start(ctx, "linkwright-worker", version)
	if err != nil {
		return err
	}
	defer func() {
		if err := traced.Stop(); err != nil {
			logger.Warn("traces are lost", "error", err)
		}
	}()
	f.temporal.Interceptors = traced.Interceptors()
	temporal, err := dial.ForWorker(ctx, f.temporal)
	if err != nil {
		return err
	}
	defer temporal.Client.Close()
	ctx, stop := context.WithCancel(ctx) // what uses the client
	defer stop()
	workers, err := serve.Start(serve.Config{
		Client: temporal.Client, Converter: temporal.Converter, Accounts: book, Only: f.only,
		Pace: f.pace, LookAgain: f.lookAgain, Patience: f.patience,
		DNSServer: f.dnsServer, AllowedSigners: f.allowedSigners, StopTimeout: f.stopTimeout,
	})
	if err != nil {
		return err
	}
	defer workers.Stop()
	logger.Info("serving", "queues", workers.Queues(), "version", version)
	if shown != nil {
		logger.Info("showing metrics", "url", "http://"+shown.Address+metrics.Path)
		if len(f.only) == 0 { // whoever serves single accounts has nothing to say of the flows
			if err := shown.CountLinks(ctx, temporal.Client); err != nil {
				return err
			}
		}
	}
	select {
	case <-ctx.Done():
		return nil
	case err := <-workers.Failed:
		return errors.Join(errors.New("the worker cannot go on"), err)
	}
}

// check asks Temporal whether this machine polls every queue that the worker serves.
func check(ctx context.Context, f flags) error {
	book, err := accounts.Load(f.accountsFile)
	if err != nil {
		return err
	}
	queues, err := serve.Config{Accounts: book, Only: f.only}.Queues()
	if err != nil {
		return err
	}
	host, err := os.Hostname()
	if err != nil {
		return fmt.Errorf("ask for this machine's name: %w", err)
	}
	temporal, err := dial.ForWorker(ctx, f.temporal)
	if err != nil {
		return err
	}
	defer temporal.Client.Close()
	return serve.Check(ctx, temporal.Client, queues, host)
}
