package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/linkwright/linkwright/activities/aws/permissions"
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
	role         choice
	account      string
	trust        bool
	output       choice
}

func (a *app) permissions() *cobra.Command {
	asked := permissionsAsked{
		role:   choice{of: roleNames()},
		output: choice{value: "text", of: []string{"text", "json"}},
	}
	cmd := &cobra.Command{
		Use:   "permissions [-f FILE…] [--role ROLE] [--account NAME]",
		Short: "Print the IAM policies that Linkwright needs in AWS",
		Long: `Print the IAM policies that Linkwright needs in AWS. With specs, it prints what the role of each account in them
needs for just these specs, and the policy of the worker that assumes the roles; without, what a role needs
for any spec, everywhere.

An accounts file adds account ids, the roles and their external IDs; what is not known, and has to be filled in, begins
with REPLACE-WITH-, which IAM refuses. With --namespace, flows of other Temporal namespaces are left out.

With --account, or with a role and no specs, it prints one document alone, for the AWS CLI. This command talks to
nobody, and the policies are for whoever sets up the accounts: Linkwright gives itself no permission.`,
		Example: `  linkwright permissions -f payments.yaml --accounts-file accounts.yaml --worker-arn arn:aws:iam::000000000000:role/linkwright-worker
  linkwright permissions -f payments.yaml --account provider |
    aws iam put-role-policy --role-name Linkwright --policy-name linkwright --policy-document file:///dev/stdin
  linkwright permissions -f payments.yaml --accounts-file accounts.yaml --role orchestrator
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
	flags.StringVar(&asked.accountsFile, "accounts-file", "", "the workers' accounts file, for account ids, roles and external IDs")
	flags.StringVar(&asked.worker, "worker-arn", "", "ARN of the worker's own role or user, for trust policies")
	flags.Var(&asked.role, "role", "only what an account needs as this: "+strings.Join(asked.role.of, ", "))
	flags.StringVar(&asked.account, "account", "", "only the role of this account, by its name in specs")
	flags.BoolVar(&asked.trust, "trust", false, "print the trust policy where one document is printed alone")
	flags.VarP(&asked.output, "output", "o", "how to write it: "+strings.Join(asked.output.of, ", "))
	completeFlag(cmd, "role", asked.role.of...)
	completeFlag(cmd, "output", asked.output.of...)
	return cmd
}

func roleNames() []string {
	var names []string
	for _, r := range permissions.Roles() {
		names = append(names, string(r))
	}
	return names
}

// grants finds what was asked for; an error when there is no such thing.
func (a *app) grants(asked permissionsAsked) ([]permissions.Grant, error) {
	options := permissions.Options{Worker: asked.worker, Owner: a.ownerTag}
	if asked.accountsFile != "" {
		read, err := file.Read(asked.accountsFile)
		if err != nil {
			return nil, err
		}
		options.Accounts = awsAccounts(read.Accounts)
		if _, ok := options.Accounts[asked.account]; !ok && asked.account != "" {
			return nil, fmt.Errorf("%s has no account %q", asked.accountsFile, asked.account)
		}
	}
	role := permissions.Role(asked.role.value)
	if len(asked.files) == 0 {
		if role == "" {
			return nil, errors.New("name the specs with -f, or one of the roles with --role")
		}
		return []permissions.Grant{permissions.Of(role, asked.account, options)}, nil
	}
	docs, err := a.load(asked.files)
	if err != nil {
		return nil, err
	}
	if role != "" {
		options.Only = []permissions.Role{role}
	}
	grants := permissions.For(docs, options)
	if asked.account != "" {
		grants = slices.DeleteFunc(grants, func(g permissions.Grant) bool { return g.Account != asked.account })
	}
	if len(grants) == 0 {
		return nil, fmt.Errorf("the specs ask for nothing of that kind: account %q, role %q", asked.account, role)
	}
	return grants, nil
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

func (a *app) printGrants(grants []permissions.Grant, asked permissionsAsked) error {
	if asked.output.value == "json" {
		return render.Encode(a.Out, render.JSON, grants)
	}
	blank := false
	for _, g := range grants {
		for _, remark := range g.Remarks {
			fmt.Fprintf(a.Err, "%s: %s.\n", holder(g), remark)
		}
		blank = blank || g.Policy.Blank() || g.Trust != nil && g.Trust.Blank()
	}
	if len(asked.files) == 0 || asked.account != "" || asked.role.value == string(permissions.Orchestrator) {
		return a.printAlone(grants[0], asked.trust)
	}
	if blank {
		fmt.Fprintln(a.Err, "Fill in what begins with REPLACE-WITH-, or let --accounts-file and --worker-arn do it.")
	}
	for i, g := range grants {
		if i > 0 {
			fmt.Fprintln(a.Out)
		}
		if err := a.printGrant(g); err != nil {
			return err
		}
	}
	return nil
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
	fmt.Fprintf(a.Out, "# %s%s: policy of %s\n", holder(g), parts(g), identity(g))
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
func parts(g permissions.Grant) string {
	if g.Account == "" {
		return ""
	}
	var names []string
	for _, r := range g.Roles {
		names = append(names, string(r))
	}
	return " (" + strings.Join(names, ", ") + ")"
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

// choice is a flag that takes one of some words.
type choice struct {
	value string
	of    []string
}

var _ pflag.Value = (*choice)(nil)

// String, Set and Type make a choice a command line flag.
func (c *choice) String() string { return c.value }

// Set takes one of the words.
func (c *choice) Set(word string) error {
	if !slices.Contains(c.of, word) {
		return fmt.Errorf("must be one of %s", strings.Join(c.of, ", "))
	}
	c.value = word
	return nil
}

// Type names the values of the flag in its help.
func (c *choice) Type() string { return "word" }
