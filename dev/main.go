// linkwright-dev runs all of Linkwright in one process, for a laptop, a demo or a test: a Temporal server with
// its UI, a simulated cloud, and a worker. It is no way to run Linkwright in production.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root := &cobra.Command{
		Use:           "linkwright-dev",
		Short:         "Linkwright on a laptop: Temporal, a simulated cloud and a worker in one process",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(upCommand(), cloudCommand(), temporalCommand(), demoCommand())
	err := root.ExecuteContext(ctx)
	if err == nil {
		return
	}
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		fmt.Fprintln(os.Stderr, "linkwright-dev: interrupted")
	} else {
		fmt.Fprintln(os.Stderr, "linkwright-dev:", err)
	}
	os.Exit(1)
}
