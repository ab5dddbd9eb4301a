package cli

import (
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/spf13/cobra"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
	"github.com/linkwright/linkwright/starter/cli/render"
	"github.com/linkwright/linkwright/workflows"
)

// importTimeout is how long an import may take unless told otherwise.
const importTimeout = 5 * time.Minute

func (a *app) importAWS() *cobra.Command {
	in := workflows.ImportInput{Cloud: link.AWS}
	cmd := &cobra.Command{
		Use:   "aws --account NAME… --region REGION",
		Short: "Turn endpoint services and endpoints that are there into specs",
		Long: `Look at VPC endpoint services and at the interface endpoints that lead to such, in accounts and a region, and print specs
that take them over. ` + importLong + `

The TXT record of a private DNS name, hosted zones, target groups and Parameter Store parameters are not looked for: they
stay as they are, and the specs say nothing of them.`,
		Example: `  linkwright import aws --account provider --account consumer --region eu-central-1 > imported.yaml
  linkwright plan -f imported.yaml
  linkwright apply -f imported.yaml --adopt --wait
  linkwright import aws --account provider --region eu-central-1 --service vpce-svc-0a1b2c3d4e5f67890`,
		Args: cobra.NoArgs,
	}
	a.importFlags(cmd, &in)
	cmd.Flags().StringVar(&in.Region, "region", "", "the region to look in, such as eu-central-1")
	mustRequire(cmd, "region")
	return cmd
}

func (a *app) importAzure() *cobra.Command {
	in := workflows.ImportInput{Cloud: link.Azure}
	cmd := &cobra.Command{
		Use:   "azure --account NAME…",
		Short: "Turn private link services and private endpoints that are there into specs",
		Long: `Look at private link services, and at the private endpoints that lead to such, in subscriptions, and print specs that take
them over. ` + importLong + `

A private link service is named by its id: Linkwright lets connections in and turns them away, and never changes it. How
it is made is said in comments. Private DNS zones are not looked for, and stay as they are.`,
		Example: `  linkwright import azure --account orders --account shop > imported.yaml
  linkwright apply -f imported.yaml --adopt --wait
  linkwright import azure --account orders --region westeurope --service payments`,
		Args: cobra.NoArgs,
	}
	a.importFlags(cmd, &in)
	cmd.Flags().StringVar(&in.Region, "region", "", "look only in this region, such as westeurope")
	return cmd
}

const importLong = `Nothing is changed. Workers look, with the credentials that they have;
linkwright permissions --role importer says what that takes. Where an endpoint leads to a service in one of the accounts,
the connection is one to that service; else it names what the cloud calls the service.

Left out, and named in comments and on the standard error, is what carries Linkwright's ownership tag, what is over, and
what another tool manages, as far as its tags say: CloudFormation, clusters of Kubernetes and OpenShift, AKS. The last is
printed too with --include-managed. Terraform leaves no tag: take what it manages out of its state before you adopt it.`

// importFlags are those that both clouds have, and what the command does.
func (a *app) importFlags(cmd *cobra.Command, in *workflows.ImportInput) {
	var timeout time.Duration
	flags := cmd.Flags()
	flags.StringArrayVar(&in.Accounts, "account", nil, "account to look at, by its name in the workers' accounts file; may be repeated")
	flags.StringVar(&in.Service, "service", "", "only this service, by its id or name, and the endpoints that lead to it")
	flags.BoolVar(&in.IncludeManaged, "include-managed", false, "print specs for what another tool manages, too")
	flags.DurationVar(&timeout, "timeout", importTimeout, "give up when there is no answer after this time")
	mustRequire(cmd, "account")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if form := regionForms[in.Cloud]; in.Region != "" && !form.MatchString(in.Region) {
			return &usageError{command: cmd.CommandPath(), err: fmt.Errorf("%q is not a region of %s", in.Region, in.Cloud)}
		}
		return a.withClient(cmd.Context(), func(c *flows.Client) error {
			found, err := c.Import(cmd.Context(), *in, timeout)
			if err != nil {
				return err
			}
			return a.printFound(found)
		})
	}
}

// regionForms tell regions of a cloud from anything else.
var regionForms = map[link.Cloud]*regexp.Regexp{
	link.AWS:   regexp.MustCompile(`^[a-z]+(-[a-z]+)+-[0-9]+$`),
	link.Azure: regexp.MustCompile(`^[a-z]+[0-9]*$`),
}

// printFound prints specs, and says what is not among them. What could not be looked at is an error.
func (a *app) printFound(found link.Imported) error {
	text, err := render.Imported(found)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprint(a.Out, text); err != nil {
		return err
	}
	fmt.Fprint(a.Err, render.NotImported(found))
	var unseen []error
	for _, p := range found.Unseen {
		unseen = append(unseen, fmt.Errorf("account %s could not be looked at: %s; %s", p.Account, p.Message, p.Remedy))
	}
	return errors.Join(unseen...)
}

// mustRequire makes a flag be asked for.
func mustRequire(cmd *cobra.Command, name string) {
	if err := cmd.MarkFlagRequired(name); err != nil {
		panic(err) // there is no such flag
	}
}
