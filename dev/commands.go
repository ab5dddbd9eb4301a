package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/linkwright/linkwright/dev/demo"
	"github.com/linkwright/linkwright/dev/stack"
	"github.com/linkwright/linkwright/internal/dial"
	"github.com/linkwright/linkwright/internal/sealed"
)

// files are the files that flags name.
type files struct {
	world, keys string
}

// stackFlags are the flags of everything that runs a whole stack; ports are the defaults.
func stackFlags(f *pflag.FlagSet, o *stack.Options, temporal, ui, cloud, dns int) *files {
	var named files
	f.StringVar(&o.DataDir, "data-dir", "", "keep Temporal's database and the simulated cloud in this folder across restarts (default: in memory)")
	f.IntVar(&o.TemporalPort, "port", temporal, "loopback port of Temporal; 0 takes a free one")
	f.IntVar(&o.UIPort, "ui-port", ui, "loopback port of Temporal's UI; 0 takes a free one")
	f.IntVar(&o.CloudPort, "cloud-port", cloud, "loopback port of the simulated AWS; 0 takes a free one")
	f.IntVar(&o.AzurePort, "azure-port", 0, "loopback port of the simulated Azure, in a scenario that has one; 0 takes a free one")
	f.IntVar(&o.DNSPort, "dns-port", dns, "loopback port of the simulated DNS, UDP and TCP; 0 takes a free one")
	f.Float64Var(&o.Scale, "scale", 0, "how many times faster than AWS the cloud changes (default: what the world file says)")
	f.StringVar(&o.AllowedSigners, "allowed-signers", "", "file of those who may sign decisions with SSH keys, as ssh-keygen(1) has it (default: nobody)")
	f.StringVar(&o.Scenario, "scenario", stack.DefaultScenario, "what stands in the simulated cloud, and the specs for it: "+strings.Join(stack.Scenarios(), ", "))
	f.StringVar(&named.world, "world", "", "world file of the simulated cloud, in place of the scenario's")
	dial.AddKeyFlag(f, &named.keys)
	return &named
}

func upCommand() *cobra.Command {
	var o stack.Options
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Run Temporal with its UI, the simulated cloud and a worker until interrupted",
		Args:  cobra.NoArgs,
	}
	named := stackFlags(cmd.Flags(), &o, 7233, 8233, 4566, 4553)
	cmd.Flags().BoolVar(&o.NoWorker, "no-worker", false, "run no worker; start linkwright-worker beside it")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		ctx := cmd.Context()
		if err := named.read(&o); err != nil {
			return err
		}
		s, err := stack.Start(ctx, o)
		if err != nil {
			return err
		}
		greet(cmd.OutOrStdout(), s)
		return serve(ctx, cmd.OutOrStdout(), s)
	}
	return cmd
}

// serve lets a stack run until it is interrupted or breaks down.
func serve(ctx context.Context, out io.Writer, s *stack.Stack) (err error) {
	select {
	case <-ctx.Done():
	case err = <-s.Failed():
	}
	fmt.Fprintln(out, "stopping")
	return errors.Join(err, s.Stop(context.WithoutCancel(ctx)))
}

// greet tells a person what runs and what to try.
func greet(out io.Writer, s *stack.Stack) {
	fmt.Fprintf(out, "Temporal       %s\n", s.Temporal.Address())
	if url := s.Temporal.UIURL(); url != "" {
		fmt.Fprintf(out, "Temporal's UI  %s\n", url)
	}
	fmt.Fprintf(out, "simulated AWS  %s\nits DNS        %s\naccounts file  %s\nlog            %s\n", s.Cloud.URL(), s.Cloud.DNSAddr(), s.Accounts, s.LogFile())
	if s.Azure != nil {
		fmt.Fprintf(out, "simulated Azure  %s, whose certificates are in %s\n", s.Azure.URL(), s.AzureCA)
	}
	fmt.Fprintf(out, "\nTo talk to it:\n  export TEMPORAL_ADDRESS=%s\n", s.Temporal.Address())
	if s.Specs != "" {
		fmt.Fprintf(out, "  linkwright apply -f %s\n  linkwright watch\n  linkwright approve %s\n", s.Specs, s.Example.Connection)
	}
	if s.Azure == nil {
		fmt.Fprintf(out, "\nTo see what an account sees, with the AWS CLI:\n  export AWS_CONFIG_FILE=%s\n  aws --profile %s ec2 describe-vpc-endpoints\n", s.AWSConfig, s.Example.Account)
	}
	fmt.Fprintln(out, "\nPress Ctrl-C to stop.")
}

func demoCommand() *cobra.Command {
	var o demo.Options
	var approve string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Publish services, connect to them from other accounts, take it all down, and tell the story",
		Args:  cobra.NoArgs,
	}
	named := stackFlags(cmd.Flags(), &o.Stack, 0, 0, 0, 0)
	if err := cmd.Flags().MarkHidden("world"); err != nil {
		cmd.PrintErrln(err)
	}
	cmd.Flags().StringVar(&approve, "approve", string(demo.ByAuto), "who approves the connections: auto (the demo does), cli (you, with linkwright approve), ui (you, in Temporal's UI)")
	cmd.Flags().BoolVar(&o.Keep, "keep", false, "leave everything running once all links are ready, until interrupted")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		o.Approve, o.Out = demo.Approver(approve), cmd.OutOrStdout()
		switch o.Approve {
		case demo.ByAuto, demo.ByCLI, demo.ByUI:
		default:
			return fmt.Errorf("--approve is %q; it must be auto, cli or ui", approve)
		}
		if err := named.read(&o.Stack); err != nil {
			return err
		}
		return demo.Run(cmd.Context(), o)
	}
	return cmd
}

// read reads the files into the options of a stack.
func (f *files) read(o *stack.Options) (err error) {
	if o.Keys, err = sealed.Load(f.keys); err != nil {
		return err
	}
	return readFile("world", f.world, &o.World)
}

// readFile reads the file that a flag names, if it names one.
func readFile(flag, path string, into *[]byte) (err error) {
	if path == "" {
		return nil
	}
	if *into, err = os.ReadFile(path); err != nil {
		return fmt.Errorf("--%s: %w", flag, err)
	}
	return nil
}
