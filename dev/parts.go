package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/spf13/cobra"

	"github.com/linkwright/linkwright/dev/stack"
	"github.com/linkwright/linkwright/internal/simaws"
	"github.com/linkwright/linkwright/internal/simazure"
)

func temporalCommand() *cobra.Command {
	o := stack.Options{NoCloud: true}
	cmd := &cobra.Command{
		Use:   "temporal",
		Short: "Run Temporal with its UI alone, until interrupted",
		Long: "Run Temporal with its UI alone, until interrupted. When it is ready it prints one line of JSON: the address of\n" +
			"the server, and that of the UI.",
		Args: cobra.NoArgs,
	}
	cmd.Flags().StringVar(&o.DataDir, "data-dir", "", "keep Temporal's database in this folder across restarts (default: in memory)")
	cmd.Flags().StringVar(&o.Postgres, "postgres", "", "keep Temporal's state in PostgreSQL, in the database postgres://USER:PASSWORD@HOST:PORT/NAME and a second one\nbeside it, NAME_visibility, which are made if missing; the password may also be in PGPASSWORD")
	cmd.MarkFlagsMutuallyExclusive("data-dir", "postgres")
	cmd.Flags().IntVar(&o.TemporalPort, "port", 7233, "loopback port of Temporal; 0 takes a free one")
	cmd.Flags().IntVar(&o.UIPort, "ui-port", 8233, "loopback port of Temporal's UI; 0 takes a free one")
	cmd.Flags().IntVar(&o.LongHistory, "long-history", 0, "ask workflows to continue as new after so many events (default: Temporal's, some thousands)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return runPart(cmd, o, func(s *stack.Stack) any {
			return readyTemporal{Address: s.Temporal.Address(), UI: s.Temporal.UIURL()}
		})
	}
	return cmd
}

func cloudCommand() *cobra.Command {
	o := stack.Options{NoTemporal: true}
	var world, faults string
	cmd := &cobra.Command{
		Use:   "cloud",
		Short: "Run the simulated clouds alone, until interrupted",
		Long: "Run the simulated AWS alone, and in a scenario that has one the simulated Azure beside it, until interrupted. When\n" +
			"they are ready it prints one line of JSON: the endpoints, the DNS address, the accounts with their credentials, and\n" +
			"the files that it wrote for a worker, for linkwright apply and for the AWS CLI.",
		Args: cobra.NoArgs,
	}
	cmd.Flags().StringVar(&o.DataDir, "data-dir", "", "keep the simulated cloud in this folder across restarts (default: in memory)")
	cmd.Flags().StringVar(&o.CloudListen, "listen", "127.0.0.1:4566", "loopback address of the HTTP endpoint; port 0 takes a free one")
	cmd.Flags().IntVar(&o.AzurePort, "azure-port", 4567, "loopback port of the simulated Azure; 0 takes a free one")
	cmd.Flags().StringVar(&o.Scenario, "scenario", stack.DefaultScenario, "whose world and specs: "+strings.Join(stack.Scenarios(), ", "))
	cmd.Flags().StringVar(&world, "world", "", "world file, in place of the scenario's")
	cmd.Flags().StringVar(&faults, "faults", "", "file of rules by which calls fail, answers get lost, and things change behind people's backs")
	cmd.Flags().IntVar(&o.DNSPort, "dns-port", 0, "loopback port of the DNS server; 0 takes a free one")
	cmd.Flags().Float64Var(&o.Scale, "scale", 0, "how many times faster than AWS the cloud changes (default: what the world file says)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := onLoopback(o.CloudListen); err != nil {
			return err
		}
		if err := errors.Join(readFile("world", world, &o.World), readFile("faults", faults, &o.Faults)); err != nil {
			return err
		}
		return runPart(cmd, o, func(s *stack.Stack) any { return readinessOfCloud(s) })
	}
	return cmd
}

// runPart runs part of a stack, and says in JSON when it is ready.
func runPart(cmd *cobra.Command, o stack.Options, ready func(*stack.Stack) any) error {
	s, err := stack.Start(cmd.Context(), o)
	if err != nil {
		return err
	}
	if err := json.NewEncoder(cmd.OutOrStdout()).Encode(ready(s)); err != nil {
		return errors.Join(err, s.Stop(cmd.Context()))
	}
	return serve(cmd.Context(), io.Discard, s)
}

// readyTemporal is the line that Temporal prints when it serves.
type readyTemporal struct {
	Address string `json:"address"` // host:port
	UI      string `json:"ui"`      // URL
}

// readyCloud is the line that the cloud prints when it serves.
type readyCloud struct {
	Endpoint  string            `json:"endpoint"`
	DNS       string            `json:"dns"`
	Accounts  []readyAccount    `json:"accounts"`
	Resources []simaws.Resource `json:"resources"`
	Files     readyFiles        `json:"files"`
	Azure     *readyAzure       `json:"azure,omitempty"`
}

// readyAzure says where the simulated Azure is, and who may act there.
type readyAzure struct {
	Endpoint  string              `json:"endpoint"`
	CA        string              `json:"ca"` // path of the certificates that clients must trust
	Accounts  []readySubscription `json:"accounts"`
	Resources []simazure.Resource `json:"resources"`
}

type readySubscription struct {
	Name         string             `json:"name"`
	ID           string             `json:"id"`
	TenantID     string             `json:"tenantId"`
	Applications []readyApplication `json:"applications"`
}

type readyApplication struct {
	Name     string `json:"name"`
	ClientID string `json:"clientId"`
	Secret   string `json:"secret"`
}

// readyFiles are paths.
type readyFiles struct {
	Accounts  string `json:"accounts"`        // for linkwright-worker --accounts-file
	Specs     string `json:"specs,omitempty"` // for linkwright apply -f; in a scenario only
	AWSConfig string `json:"awsConfig"`       // for AWS_CONFIG_FILE
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

func readinessOfCloud(s *stack.Stack) readyCloud {
	r := readyCloud{
		Endpoint: s.Cloud.URL(), DNS: s.Cloud.DNSAddr().String(), Resources: s.Cloud.Resources(),
		Files: readyFiles{Accounts: s.Accounts, Specs: s.Specs, AWSConfig: s.AWSConfig},
	}
	for _, a := range s.World().Accounts {
		account := readyAccount{Name: a.Name, ID: a.ID}
		for _, u := range a.Users {
			account.Users = append(account.Users, readyUser{Name: u.Name, AccessKey: u.AccessKey, SecretKey: u.SecretKey})
		}
		for _, role := range a.Roles {
			account.Roles = append(account.Roles, "arn:aws:iam::"+a.ID+":role/"+role.Name)
		}
		r.Accounts = append(r.Accounts, account)
	}
	if s.Azure != nil {
		r.Azure = readinessOfAzure(s)
	}
	return r
}

func readinessOfAzure(s *stack.Stack) *readyAzure {
	r := &readyAzure{Endpoint: s.Azure.URL(), CA: s.AzureCA, Resources: s.Azure.Resources()}
	for _, tenant := range s.AzureWorld().Tenants {
		var applications []readyApplication
		for _, app := range tenant.Applications {
			if len(app.Secrets) > 0 {
				applications = append(applications, readyApplication{Name: app.Name, ClientID: app.ID(tenant.Name), Secret: app.Secrets[0]})
			}
		}
		for _, sub := range tenant.Subscriptions {
			r.Accounts = append(r.Accounts, readySubscription{
				Name: sub.Name, ID: sub.SubscriptionID(), TenantID: tenant.TenantID(), Applications: applications,
			})
		}
	}
	return r
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
