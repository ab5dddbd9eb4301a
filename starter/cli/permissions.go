package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/linkwright/linkwright/activities/aws/permissions"
	azure "github.com/linkwright/linkwright/activities/azure/permissions"
	"github.com/linkwright/linkwright/internal/accounts/file"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
	"github.com/linkwright/linkwright/starter/cli/render"
)

// permissionsAsked is what a person wants to know of permissions.
type permissionsAsked struct {
	files        []string
	accountsFile string
	worker       string
	role, cloud  choice
	account      string
	trust        bool
	output       choice
}

func (a *app) permissions() *cobra.Command {
	asked := permissionsAsked{
		role:   choice{of: roleNames()},
		cloud:  choice{of: clouds},
		output: choice{value: "text", of: []string{"text", "json"}},
	}
	cmd := &cobra.Command{
		Use:   "permissions [-f FILE…] [--role ROLE] [--account NAME]",
		Short: "Print the IAM policies and Azure roles that Linkwright needs",
		Long: `Print the IAM policies that Linkwright needs in AWS, and the custom roles that it needs in Azure. With specs, it prints
what each account in them needs for just these specs, and the policy of the worker that assumes the roles of AWS;
without, what a role needs for any spec, everywhere: in AWS, or with --cloud azure in a subscription of Azure.

An accounts file adds account ids, roles and external IDs, subscriptions and applications; what is not known, and has to
be filled in, begins with REPLACE-WITH-, which both clouds refuse. With --namespace, flows of other Temporal namespaces
are left out of the policies.

With --account, or with a role and no specs, it prints one document alone, for the AWS CLI; for Azure, always commands of
the Azure CLI, which make the roles and assign them. This command talks to nobody, and what it prints is for whoever sets
up the accounts: Linkwright gives itself no permission.`,
		Example: `  linkwright permissions -f payments.yaml --accounts-file accounts.yaml --worker-arn arn:aws:iam::000000000000:role/linkwright-worker
  linkwright permissions -f payments.yaml --account provider |
    aws iam put-role-policy --role-name Linkwright --policy-name linkwright --policy-document file:///dev/stdin
  linkwright permissions -f payments.yaml --accounts-file accounts.yaml --role orchestrator
  linkwright permissions -f orders.yaml --accounts-file accounts.yaml --account shop | sh
  linkwright permissions --role consumer`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			grants, err := a.grants(asked)
			if err != nil {
				return err
			}
			return a.printGrants(grants, asked)
		},
	}
	filesFlag(cmd, &asked.files)
	flags := cmd.Flags()
	flags.StringVar(&asked.accountsFile, "accounts-file", "", "the workers' accounts file, for account ids, roles, external IDs, subscriptions and applications")
	flags.StringVar(&asked.worker, "worker-arn", "", "ARN of the worker's own role or user, for trust policies")
	flags.Var(&asked.role, "role", "only what an account needs as this: "+strings.Join(asked.role.of, ", "))
	flags.Var(&asked.cloud, "cloud", "only what is needed in this cloud: "+strings.Join(asked.cloud.of, ", "))
	flags.StringVar(&asked.account, "account", "", "only what this account needs, by its name in specs")
	flags.BoolVar(&asked.trust, "trust", false, "print the trust policy where one document is printed alone")
	flags.VarP(&asked.output, "output", "o", "how to write it: "+strings.Join(asked.output.of, ", "))
	completeFlag(cmd, "role", asked.role.of...)
	completeFlag(cmd, "cloud", asked.cloud.of...)
	completeFlag(cmd, "output", asked.output.of...)
	return cmd
}

// roleNames are those of AWS, which has a counterpart to each of Azure.
func roleNames() []string {
	var names []string
	for _, r := range permissions.Roles() {
		names = append(names, string(r))
	}
	return names
}

// grants are what each identity needs, by its cloud.
type grants struct {
	aws   []permissions.Grant
	azure []azure.Grant
}

func (g grants) none() bool { return len(g.aws)+len(g.azure) == 0 }

// of leaves out all accounts but one.
func (g grants) of(account string) grants {
	g.aws = slices.DeleteFunc(g.aws, func(g permissions.Grant) bool { return g.Account != account })
	g.azure = slices.DeleteFunc(g.azure, func(g azure.Grant) bool { return g.Account != account })
	return g
}

// in leaves out all clouds but one.
func (g grants) in(cloud string) grants {
	switch cloud {
	case "aws":
		g.azure = nil
	case "azure":
		g.aws = nil
	}
	return g
}

// grants finds what was asked for; an error when there is no such thing.
func (a *app) grants(asked permissionsAsked) (grants, error) {
	onAWS, onAzure := permissions.Options{Worker: asked.worker, Owner: a.ownerTag}, azure.Options{}
	if asked.accountsFile != "" {
		read, err := file.Read(asked.accountsFile)
		if err != nil {
			return grants{}, err
		}
		onAWS.Accounts, onAzure.Accounts = awsAccounts(read.Accounts), azureAccounts(read.Accounts)
		if _, ok := read.Accounts[asked.account]; !ok && asked.account != "" {
			return grants{}, fmt.Errorf("%s has no account %q", asked.accountsFile, asked.account)
		}
	}
	role := asked.role.value
	if len(asked.files) == 0 {
		_, subscription := onAzure.Accounts[asked.account]
		switch {
		case role == "":
			return grants{}, errors.New("name the specs with -f, or one of the roles with --role")
		case !subscription && asked.cloud.value != "azure":
			return grants{aws: []permissions.Grant{permissions.Of(permissions.Role(role), asked.account, onAWS)}}, nil
		case !slices.Contains(azure.Roles(), azure.Role(role)):
			return grants{}, fmt.Errorf("no subscription of Azure is what %s names; it can be %s", role, words(azure.Roles()))
		}
		return grants{azure: []azure.Grant{azure.Of(azure.Role(role), asked.account, onAzure)}}, nil
	}
	docs, err := a.load(asked.files)
	if err != nil {
		return grants{}, err
	}
	if role != "" {
		onAWS.Only, onAzure.Only = []permissions.Role{permissions.Role(role)}, []azure.Role{azure.Role(role)}
	}
	found := grants{permissions.For(docs, onAWS), azure.For(docs, onAzure)}.in(asked.cloud.value)
	if asked.account != "" {
		found = found.of(asked.account)
	}
	if found.none() {
		return grants{}, fmt.Errorf("the specs ask for nothing of that kind: account %q, role %q", asked.account, role)
	}
	return found, nil
}

// ownerTag is the ownership tag of a document's flow, in one Temporal namespace or in any.
func (a *app) ownerTag(d link.Document) string {
	namespace := a.connection.Namespace
	if namespace == "" {
		namespace = "*"
	}
	return namespace + "/" + flows.RefOfDocument(d).WorkflowID()
}

func awsAccounts(entries map[string]file.Account) map[string]permissions.Account {
	known := map[string]permissions.Account{}
	for name, e := range entries {
		if e.AWS == nil {
			continue
		}
		known[name] = permissions.Account{
			ID: e.AWS.AccountID, Partition: e.AWS.Partition, RoleARN: e.AWS.RoleARN, ExternalID: e.AWS.ExternalID,
		}
	}
	return known
}

func (a *app) printGrants(found grants, asked permissionsAsked) error {
	if asked.output.value == "json" {
		return render.Encode(a.Out, render.JSON, found.list())
	}
	blank := false
	for _, g := range found.aws {
		a.remark(holder(g), g.Remarks)
		blank = blank || g.Policy.Blank() || g.Trust != nil && g.Trust.Blank()
	}
	for _, g := range found.azure {
		a.remark(subscriber(g), g.Remarks)
		blank = blank || g.Blank()
	}
	if asked.trust && len(found.aws) == 0 {
		return errors.New("a subscription of Azure has no trust policy: its roles are assigned to the application that acts in it")
	}
	alone := len(asked.files) == 0 || asked.account != "" || asked.role.value == string(permissions.Orchestrator)
	if alone && len(found.aws) > 0 {
		return a.printAlone(found.aws[0], asked.trust)
	}
	if blank {
		fmt.Fprintln(a.Err, "Fill in what begins with REPLACE-WITH-, or let --accounts-file and --worker-arn do it.")
	}
	for i, g := range found.aws {
		if i > 0 {
			fmt.Fprintln(a.Out)
		}
		if err := a.printGrant(g); err != nil {
			return err
		}
	}
	for i, g := range found.azure {
		if i > 0 || len(found.aws) > 0 {
			fmt.Fprintln(a.Out)
		}
		if err := a.printCommands(g); err != nil {
			return err
		}
	}
	return nil
}

// list is all in one list, for programs.
func (g grants) list() []any {
	var all []any
	for _, one := range g.aws {
		all = append(all, one)
	}
	for _, one := range g.azure {
		all = append(all, one)
	}
	return all
}

func (a *app) remark(holder string, remarks []string) {
	for _, remark := range remarks {
		fmt.Fprintf(a.Err, "%s: %s.\n", holder, remark)
	}
}

// printAlone prints one document and nothing else.
func (a *app) printAlone(g permissions.Grant, trust bool) error {
	switch {
	case !trust:
		return render.Encode(a.Out, render.JSON, g.Policy)
	case g.Trust == nil:
		return fmt.Errorf("%s has no trust policy: it is the worker's own identity", holder(g))
	}
	return render.Encode(a.Out, render.JSON, g.Trust)
}

func (a *app) printGrant(g permissions.Grant) error {
	fmt.Fprintf(a.Out, "# %s%s: policy of %s\n", holder(g), parts(g.Account, g.Roles), identity(g))
	if err := render.Encode(a.Out, render.JSON, g.Policy); err != nil || g.Trust == nil {
		return err
	}
	fmt.Fprintf(a.Out, "\n# %s: trust policy of the same role\n", holder(g))
	return render.Encode(a.Out, render.JSON, g.Trust)
}

// holder names who gets a policy.
func holder(g permissions.Grant) string {
	switch {
	case g.Account != "":
		return "account " + g.Account
	case slices.Contains(g.Roles, permissions.Orchestrator):
		return "worker"
	}
	return "role " + string(g.Roles[0])
}

// parts says what an account is in the specs.
func parts[Role ~string](account string, roles []Role) string {
	if account == "" {
		return ""
	}
	return " (" + words(roles) + ")"
}

func words[Role ~string](roles []Role) string {
	var names []string
	for _, r := range roles {
		names = append(names, string(r))
	}
	return strings.Join(names, ", ")
}

// identity is whom the policy is to be given to.
func identity(g permissions.Grant) string {
	switch {
	case g.RoleARN != "":
		return g.RoleARN
	case g.Trust == nil:
		return "the worker's own identity"
	}
	return "the role that the worker assumes"
}
