// Package rbac decides who may do what: role definitions, the assignments of roles to service principals at a scope,
// and the decision that Azure makes of them (Azure RBAC, "How Azure role-based access control determines if a user has
// access to a resource").
package rbac

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/linkwright/linkwright/internal/simazure/arm"
	"github.com/linkwright/linkwright/internal/simcloud/glob"
)

// Role is a role definition: what Actions allow, but for NotActions.
type Role struct {
	Name       string   `json:"name" yaml:"name"`
	Actions    []string `json:"actions" yaml:"actions"`
	NotActions []string `json:"notActions,omitempty" yaml:"notActions"`
}

// BuiltIn are the roles that every tenant has, as far as they matter here (Azure RBAC, "Azure built-in roles").
func BuiltIn() []Role {
	common := []string{
		"Microsoft.Authorization/*/read", "Microsoft.Insights/alertRules/*", "Microsoft.ResourceHealth/availabilityStatuses/read",
		"Microsoft.Resources/deployments/*", "Microsoft.Resources/subscriptions/resourceGroups/read", "Microsoft.Support/*",
	}
	with := func(actions ...string) []string { return append(actions, common...) }
	return []Role{
		{Name: "Owner", Actions: []string{"*"}},
		{Name: "Contributor", Actions: []string{"*"}, NotActions: []string{
			"Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write", "Microsoft.Authorization/elevateAccess/Action",
		}},
		{Name: "Reader", Actions: []string{"*/read"}},
		{Name: "Network Contributor", Actions: with("Microsoft.Network/*")},
		{Name: "Private DNS Zone Contributor", Actions: with(
			"Microsoft.Network/privateDnsZones/*", "Microsoft.Network/privateDnsOperationResults/*", "Microsoft.Network/privateDnsOperationStatuses/*",
			"Microsoft.Network/virtualNetworks/read", "Microsoft.Network/virtualNetworks/join/action")},
	}
}

// Allows reports whether the role has an action. Actions have no case.
func (r Role) Allows(action string) bool {
	matches := func(pattern string) bool { return glob.Match(strings.ToLower(pattern), strings.ToLower(action)) }
	return slices.ContainsFunc(r.Actions, matches) && !slices.ContainsFunc(r.NotActions, matches)
}

// Assignment gives a role to a service principal at a scope: a subscription, a resource group or a resource, and all
// that is below.
type Assignment struct {
	Tenant    string `json:"tenant"`
	Principal string `json:"principal"` // its object id
	Role      Role   `json:"role"`
	Scope     arm.ID `json:"scope"`
}

// Assignments are all that there are.
type Assignments []Assignment

// Allow reports whether a caller may do something at a scope. Assignments add up; what one role withholds, another may
// give.
func (as Assignments) Allow(caller arm.Caller, action string, scope arm.ID) bool {
	return slices.ContainsFunc(as, func(a Assignment) bool {
		return a.Tenant == caller.Tenant && a.Principal == caller.ObjectID && scope.Within(a.Scope) && a.Role.Allows(action)
	})
}

// Within reports whether a caller has any role at a scope, above it or below.
func (as Assignments) Within(caller arm.Caller, scope arm.ID) bool {
	return slices.ContainsFunc(as, func(a Assignment) bool {
		return a.Tenant == caller.Tenant && a.Principal == caller.ObjectID && (scope.Within(a.Scope) || a.Scope.Within(scope))
	})
}

// Replace puts other assignments in the place of a principal's own.
func (as Assignments) Replace(principal string, own []Assignment) Assignments {
	rest := slices.DeleteFunc(slices.Clone(as), func(a Assignment) bool { return a.Principal == principal })
	return append(rest, own...)
}

// Find looks a role up by its name, among a tenant's own ones and the built-in ones.
func Find(name string, own []Role) (Role, error) {
	for _, role := range append(slices.Clone(own), BuiltIn()...) {
		if strings.EqualFold(role.Name, name) {
			return role, nil
		}
	}
	var names []string
	for _, role := range BuiltIn() {
		names = append(names, role.Name)
	}
	return Role{}, fmt.Errorf("role %q is none of the tenant's roles, nor of %s", name, strings.Join(names, ", "))
}

// Check reports what is wrong with a role: a misspelt provider allows nothing, which nobody wants.
func (r Role) Check() error {
	for _, action := range append(slices.Clone(r.Actions), r.NotActions...) {
		if action != "*" && !strings.Contains(action, "/") {
			return fmt.Errorf("role %q: %q is no action: they look like Microsoft.Network/privateEndpoints/read", cmp.Or(r.Name, "without a name"), action)
		}
	}
	return nil
}
