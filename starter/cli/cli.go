package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/linkwright/linkwright/internal/dial"
	"github.com/linkwright/linkwright/internal/sealed"
	"github.com/linkwright/linkwright/internal/traces"
	"github.com/linkwright/linkwright/starter/cli/flows"
	"github.com/linkwright/linkwright/starter/cli/render"
)

// Streams are where the command line reads and writes.
type Streams struct {
	In  io.Reader
	Out io.Writer // what was asked for
	Err io.Writer // errors, questions and remarks
}

// Run carries out one command line, without the program's name, and returns its exit code.
func Run(ctx context.Context, version string, args []string, streams Streams) int {
	a := &app{Streams: streams, version: version, interactive: render.IsTerminal(streams.In) && render.IsTerminal(streams.Err)}
	root := a.root()
	root.SetArgs(args)
	ran, err := root.ExecuteContextC(ctx)
	if err == nil {
		return ExitOK
	}
	if !a.started { // arguments and flags are read before a command starts
		err = &usageError{command: ran.CommandPath(), err: err}
	}
	if ctx.Err() != nil {
		return ExitInterrupted
	}
	if errors.Is(err, errChanges) || errors.Is(err, errNeedsPerson) {
		return ExitChanges
	}
	fmt.Fprintln(streams.Err, render.StyleFor(streams.Err).Error("Error:"), render.Lines(err.Error()))
	return exitCode(err)
}

// app is one run of the command line: what its commands have in common.
type app struct {
	Streams
	version string
	// connection says which Temporal to talk to, as far as flags do.
	connection dial.Options
	// interactive is true when there is a person to ask back.
	interactive bool
	// started becomes true once the arguments are understood.
	started bool
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "linkwright",
		Short: "Publish services and connect to them privately, across accounts",
		Long: `linkwright publishes services over private connectivity and connects consumers in other accounts to them.
Each service, each connection and each inventory of VPCs is a durable flow in Temporal; this command starts flows,
shows them, and carries people's decisions to them.

Temporal is found by the standard client configuration: a profile in temporal.toml, TEMPORAL_* variables,
then the flags below, each overriding the one before.

Exit codes:
` + exitCodes(),
		Example: `  linkwright plan -f payments.yaml
  linkwright apply -f payments.yaml --wait
  linkwright get
  linkwright describe connection/payments/shop
  linkwright approve payments/shop`,
		SilenceErrors:     true,
		SilenceUsage:      true,
		PersistentPreRun:  func(*cobra.Command, []string) { a.started = true },
		DisableAutoGenTag: true,
	}
	root.SetIn(a.In)
	root.SetOut(a.Out)
	root.SetErr(a.Err)
	a.connection.AddFlags(root.PersistentFlags())
	root.AddCommand(a.validate(), a.plan(), a.apply(), a.get(), a.describe(), a.watch(), a.approve(), a.reject(), a.retry(), a.remove(), a.peer(),
		a.reconcile(), a.drift(), a.orphans(), a.schedule(), a.importCommand(), a.exportCommand(), a.permissions(), a.addKey(), a.codec(), a.schema(), a.versionCommand())
	return root
}

// withClient runs a command that talks to Temporal.
func (a *app) withClient(ctx context.Context, do func(*flows.Client) error) error {
	traced, err := traces.Start(ctx, "linkwright", a.version)
	if err != nil {
		return err
	}
	a.connection.Interceptors = traced.Interceptors()
	c, err := flows.Dial(ctx, a.connection)
	if err != nil {
		return err
	}
	defer c.Close()
	err = do(c)
	if lost := traced.Stop(); lost != nil { // what was asked for has been done all the same
		fmt.Fprintln(a.Err, render.StyleFor(a.Err).Error("Warning:"), render.Lines(lost.Error()))
	}
	return err
}

// resolve reads the objects of a command line and completes those that are not yet.
func resolve(ctx context.Context, c *flows.Client, args []string) ([]flows.Ref, error) {
	parsed, err := flows.ParseRefs(args)
	if err != nil {
		return nil, err
	}
	return c.Resolve(ctx, parsed)
}

// command is how to call this program so that it reaches the same flows.
func (a *app) command() string {
	words := []string{"linkwright"}
	for _, flag := range []struct{ name, value string }{
		{"--config", a.connection.ConfigFile}, {"--profile", a.connection.Profile},
		{"--address", a.connection.Address}, {"--namespace", a.connection.Namespace}, {"--" + sealed.Flag, a.connection.KeyFile},
	} {
		if flag.value != "" {
			words = append(words, flag.name, flag.value)
		}
	}
	return strings.Join(words, " ")
}

// describer writes single flows for this run.
func (a *app) describer() render.Describer {
	return render.Describer{Style: render.StyleFor(a.Out), Command: a.command(), Now: time.Now()}
}

// asFlag adds the flag that says who is asking.
func asFlag(flags *pflag.FlagSet, by *string) {
	flags.StringVar(by, "as", whoami(), "who you are, as recorded with what you ask for")
	flags.Lookup("as").DefValue = "user@host of this machine" // what the help says, on every machine
}

// whoami is the name under which a person decides unless told otherwise: user@host of this machine.
func whoami() string {
	name := os.Getenv("USER")
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	if host, err := os.Hostname(); err == nil {
		return name + "@" + host
	}
	return name
}
