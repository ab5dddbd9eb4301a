package simazure

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/linkwright/linkwright/internal/simazure/arm"
	"github.com/linkwright/linkwright/internal/simazure/rbac"
)

// RoleAssignment is what one service principal may do at a scope.
type RoleAssignment struct {
	Tenant      string   `json:"tenant,omitempty"`
	Application string   `json:"application,omitempty"` // "TENANT/APPLICATION", by the names of the world file
	Principal   string   `json:"principal,omitempty"`   // object id
	Role        string   `json:"role,omitempty"`
	Actions     []string `json:"actions,omitempty"`
	NotActions  []string `json:"notActions,omitempty"`
	Scope       arm.ID   `json:"scope"`
}

// RoleAssignments are those in force, of all service principals.
func (c *Cloud) RoleAssignments() []RoleAssignment {
	c.parts.world.Lock()
	defer c.parts.world.Unlock()
	var all []RoleAssignment
	for _, a := range c.assignments() {
		_, name := c.principal(a.Principal)
		all = append(all, RoleAssignment{
			Tenant: a.Tenant, Application: name, Principal: a.Principal, Role: a.Role.Name, Actions: a.Role.Actions, NotActions: a.Role.NotActions, Scope: a.Scope,
		})
	}
	return all
}

// SetRoleAssignments gives a service principal other roles than it has, from the next request on: a list of role names,
// or of actions, with their scopes. A nil list gives it those of the world file again, and an empty one none.
func (c *Cloud) SetRoleAssignments(principal string, list []RoleAssignment) error {
	c.parts.world.Lock()
	defer c.parts.world.Unlock()
	tenant, name := c.principal(principal)
	if name == "" {
		return fmt.Errorf("there is no service principal with the object id %q", principal)
	}
	if list == nil {
		delete(c.changed, principal)
		return nil
	}
	own := []rbac.Assignment{}
	for i, a := range list {
		role := rbac.Role{Name: a.Role, Actions: a.Actions, NotActions: a.NotActions}
		if len(a.Actions) == 0 {
			var err error
			if role, err = rbac.Find(a.Role, c.customRoles(tenant)); err != nil {
				return fmt.Errorf("assignment %d: %w", i+1, err)
			}
		}
		if err := role.Check(); err != nil {
			return fmt.Errorf("assignment %d: %w", i+1, err)
		}
		if !strings.HasPrefix(string(a.Scope), "/") {
			return fmt.Errorf("assignment %d: scope: %q is no id", i+1, a.Scope)
		}
		own = append(own, rbac.Assignment{Tenant: tenant, Principal: principal, Role: role, Scope: a.Scope})
	}
	c.changed[principal] = own
	return nil
}

// assignFrom reads the assignments of a service principal.
func (c *Cloud) assignFrom(principal string, body []byte) error {
	var list []RoleAssignment
	if err := json.Unmarshal(body, &list); err != nil {
		return fmt.Errorf("read the role assignments: %w", err)
	}
	return c.SetRoleAssignments(principal, list)
}

// PrincipalID is the object id of an application's service principal in a tenant, all by their names in the world file;
// empty when there is none.
func (c *Cloud) PrincipalID(tenant, application string) string {
	if !strings.Contains(application, "/") {
		application = tenant + "/" + application
	}
	for _, t := range c.directory.Tenants {
		for _, app := range c.directory.Applications {
			if t.Name == tenant && app.Name == application {
				return app.Principals[t.ID]
			}
		}
	}
	return ""
}

// principal is the tenant and the application of a service principal.
func (c *Cloud) principal(object string) (tenant, application string) {
	for _, app := range c.directory.Applications {
		for tenant, id := range app.Principals {
			if id == object {
				return tenant, app.Name
			}
		}
	}
	return "", ""
}

// customRoles are the role definitions of a tenant.
func (c *Cloud) customRoles(tenant string) []rbac.Role {
	for _, t := range c.config.World.Tenants {
		if t.TenantID() == tenant {
			return t.Roles
		}
	}
	return nil
}
