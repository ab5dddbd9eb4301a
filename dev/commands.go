package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/linkwright/linkwright/dev/demo"
	"github.com/linkwright/linkwright/dev/stack"
	"github.com/linkwright/linkwright/internal/simaws"
)

// stackFlags are the flags of everything that runs a whole stack; ports are the defaults.
func stackFlags(f *pflag.FlagSet, o *stack.Options, temporal, ui, cloud, dns int) (world *string) {
	f.StringVar(&o.DataDir, "data-dir", "", "keep Temporal's database and the simulated cloud in this folder across restarts (default: in memory)")
	f.IntVar(&o.TemporalPort, "port", temporal, "loopback port of Temporal; 0 takes a free one")
	f.IntVar(&o.UIPort, "ui-port", ui, "loopback port of Temporal's UI; 0 takes a free one")
	f.IntVar(&o.CloudPort, "cloud-port", cloud, "loopback port of the simulated AWS; 0 takes a free one")
	f.IntVar(&o.DNSPort, "dns-port", dns, "loopback port of the simulated DNS, UDP and TCP; 0 takes a free one")
	f.Float64Var(&o.Scale, "scale", 0, "how many times faster than AWS the cloud changes (default: what the world file says)")
	return f.String("world", "", "world file of the simulated cloud (default: the demo's world)")
}

func upCommand() *cobra.Command {
	var o stack.Options
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Run Temporal with its UI, the simulated cloud and a worker until interrupted",
		Args:  cobra.NoArgs,
	}
	world := stackFlags(cmd.Flags(), &o, 7233, 8233, 4566, 4553)
	cmd.Flags().BoolVar(&o.NoWorker, "no-worker", false, "run no worker; start linkwright-worker beside it")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		ctx := cmd.Context()
		if err := readWorld(*world, &o); err != nil {
			return err
		}
		s, err := stack.Start(ctx, o)
		if err != nil {
			return err
		}
		greet(cmd.OutOrStdout(), s)
		select {
		case <-ctx.Done():
			err = nil
		case err = <-s.Failed():
		}
		fmt.Fprintln(cmd.OutOrStdout(), "stopping")
		if stopped := s.Stop(context.WithoutCancel(ctx)); err == nil {
			err = stopped
		}
		return err
	}
	return cmd
}

// greet tells a person what runs and what to try.
func greet(out io.Writer, s *stack.Stack) {
	fmt.Fprintf(out, "Temporal       %s\n", s.Temporal.Address())
	if url := s.Temporal.UIURL(); url != "" {
		fmt.Fprintf(out, "Temporal's UI  %s\n", url)
	}
	fmt.Fprintf(out, "simulated AWS  %s\nits DNS        %s\naccounts file  %s\nlog            %s\n", s.Cloud.URL(), s.Cloud.DNSAddr(), s.Accounts, s.LogFile())
	fmt.Fprintf(out, "\nTo talk to it:\n  export TEMPORAL_ADDRESS=%s\n", s.Temporal.Address())
	if s.Specs != "" {
		fmt.Fprintf(out, "  linkwright apply -f %s\n  linkwright watch\n  linkwright approve payments/shop\n", s.Specs)
	}
	fmt.Fprintf(out, "\nTo see what an account sees, with the AWS CLI:\n  export AWS_CONFIG_FILE=%s\n  aws --profile consumer ec2 describe-vpc-endpoints\n", s.AWSConfig)
	fmt.Fprintln(out, "\nPress Ctrl-C to stop.")
}

func demoCommand() *cobra.Command {
	var o demo.Options
	var approve string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Publish a service, connect to it from another account, take it all down, and tell the story",
		Args:  cobra.NoArgs,
	}
	world := stackFlags(cmd.Flags(), &o.Stack, 0, 0, 0, 0)
	if err := cmd.Flags().MarkHidden("world"); err != nil {
		cmd.PrintErrln(err)
	}
	cmd.Flags().StringVar(&approve, "approve", string(demo.ByAuto), "who approves the connection: auto (the demo does), cli (you, with linkwright approve), ui (you, in Temporal's UI)")
	cmd.Flags().BoolVar(&o.Keep, "keep", false, "leave everything running once the link is ready, until interrupted")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		o.Approve, o.Out = demo.Approver(approve), cmd.OutOrStdout()
		switch o.Approve {
		case demo.ByAuto, demo.ByCLI, demo.ByUI:
		default:
			return fmt.Errorf("--approve is %q; it must be auto, cli or ui", approve)
		}
		if err := readWorld(*world, &o.Stack); err != nil {
			return err
		}
		return demo.Run(cmd.Context(), o)
	}
	return cmd
}

func cloudCommand() *cobra.Command {
	var listen, world string
	var dnsPort uint16
	var scale float64
	cmd := &cobra.Command{
		Use:   "cloud",
		Short: "Run the simulated AWS alone, until interrupted",
		Long: "Run the simulated AWS alone, until interrupted. When it is ready it prints one line of JSON: its endpoint,\n" +
			"its DNS address, and its accounts with their credentials.",
		Args: cobra.NoArgs,
	}
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:4566", "loopback address of the HTTP endpoint; port 0 takes a free one")
	cmd.Flags().StringVar(&world, "world", "", "world file (default: the demo's world)")
	cmd.Flags().Uint16Var(&dnsPort, "dns-port", 0, "loopback port of the DNS server; 0 takes a free one")
	cmd.Flags().Float64Var(&scale, "scale", 0, "how many times faster than AWS the cloud changes (default: what the world file says)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := onLoopback(listen); err != nil {
			return err
		}
		var o stack.Options
		if err := readWorld(world, &o); err != nil {
			return err
		}
		return runCloud(cmd.Context(), cmd.OutOrStdout(), o.World, simaws.Config{Listen: listen, DNSPort: dnsPort, Scale: scale})
	}
	return cmd
}

// runCloud serves until ctx ends.
func runCloud(ctx context.Context, out io.Writer, world []byte, config simaws.Config) error {
	if world == nil {
		world = stack.DemoWorld()
	}
	file, err := simaws.ParseWorldFile(world)
	if err != nil {
		return err
	}
	config.World = file
	cloud, err := simaws.New(config)
	if err != nil {
		return err
	}
	if err := cloud.Start(ctx); err != nil {
		return err
	}
	if err := json.NewEncoder(out).Encode(readiness(cloud, file)); err != nil {
		return err
	}
	<-ctx.Done()
	return cloud.Close(context.WithoutCancel(ctx))
}

// ready is the line that the cloud prints when it serves.
type ready struct {
	Endpoint  string            `json:"endpoint"`
	DNS       string            `json:"dns"`
	Accounts  []readyAccount    `json:"accounts"`
	Resources []simaws.Resource `json:"resources"`
}

type readyAccount struct {
	Name  string      `json:"name"`
	ID    string      `json:"id"`
	Users []readyUser `json:"users"`
	Roles []string    `json:"roles,omitempty"` // ARNs
}

type readyUser struct {
	Name      string `json:"name"`
	AccessKey string `json:"accessKeyId"`
	SecretKey string `json:"secretAccessKey"`
}

func readiness(cloud *simaws.Cloud, file simaws.WorldFile) ready {
	r := ready{Endpoint: cloud.URL(), DNS: cloud.DNSAddr().String(), Resources: cloud.Resources()}
	for _, a := range file.Accounts {
		account := readyAccount{Name: a.Name, ID: a.ID}
		for _, u := range a.Users {
			account.Users = append(account.Users, readyUser(u))
		}
		for _, role := range a.Roles {
			account.Roles = append(account.Roles, "arn:aws:iam::"+a.ID+":role/"+role.Name)
		}
		r.Accounts = append(r.Accounts, account)
	}
	return r
}

func readWorld(path string, o *stack.Options) error {
	if path == "" {
		return nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read the world file: %w", err)
	}
	o.World = data
	return nil
}

// onLoopback refuses to offer a cloud with known passwords to the network.
func onLoopback(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("--listen is %q; it must be host:port: %w", address, err)
	}
	if ip := net.ParseIP(strings.TrimSpace(host)); ip == nil || !ip.IsLoopback() {
		return fmt.Errorf("--listen is %q; the simulated cloud listens on loopback addresses only, such as 127.0.0.1", address)
	}
	return nil
}
