// Command linkwright starts flows, shows them, and carries people's decisions to them.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/linkwright/linkwright/starter/cli"
)

// version is set by release builds: -ldflags "-X main.version=v1.2.3".
var version string

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := cli.Run(ctx, version, os.Args[1:], cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr})
	stop()
	os.Exit(code)
}
