package cli

import (
	"fmt"
	"strings"

	"github.com/linkwright/linkwright/activities/azure/permissions"
	"github.com/linkwright/linkwright/internal/accounts/file"
	"github.com/linkwright/linkwright/starter/cli/render"
)

func azureAccounts(entries map[string]file.Account) map[string]permissions.Account {
	known := map[string]permissions.Account{}
	for name, e := range entries {
		if e.Azure != nil {
			known[name] = permissions.Account{
				TenantID: e.Azure.TenantID, SubscriptionID: e.Azure.SubscriptionID, ClientID: e.Azure.SignIn().ClientID,
			}
		}
	}
	return known
}

// printCommands prints the commands of the Azure CLI that make the roles of an account and assign them.
func (a *app) printCommands(g permissions.Grant) error {
	fmt.Fprintf(a.Out, "# %s%s: custom roles of Azure", subscriber(g), parts(g.Account, g.Roles))
	if g.TenantID != "" {
		fmt.Fprintf(a.Out, ", for subscription %s of tenant %s", g.SubscriptionID, g.TenantID)
	}
	fmt.Fprintln(a.Out)
	for _, r := range g.CustomRoles {
		var definition strings.Builder
		if err := render.Encode(&definition, render.JSON, r.Definition); err != nil {
			return err
		}
		fmt.Fprintf(a.Out, "az role definition create --role-definition '%s'\n", strings.TrimSpace(definition.String()))
	}
	for _, r := range g.CustomRoles {
		for _, scope := range r.Scopes {
			fmt.Fprintf(a.Out, "az role assignment create --assignee %s --role '%s' --scope '%s'\n", g.Assignee(), r.Definition.Name, scope)
		}
	}
	return nil
}

// subscriber names whose roles are printed.
func subscriber(g permissions.Grant) string {
	if g.Account != "" {
		return "account " + g.Account
	}
	return "role " + string(g.Roles[0])
}
