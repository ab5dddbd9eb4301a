package simazure

import (
	"errors"
	"fmt"
	"strings"

	"github.com/linkwright/linkwright/internal/simazure/arm"
	"github.com/linkwright/linkwright/internal/simazure/entra"
	"github.com/linkwright/linkwright/internal/simazure/rbac"
)

// identities are what a world file says of who there is and who may do what.
type identities struct {
	tenants       []*entra.Tenant
	applications  []*entra.Application
	subscriptions map[string]*arm.Subscription
	assignments   rbac.Assignments
}

// read checks the file and returns who there is. The infrastructure is checked by the providers when it is built.
func (file WorldFile) read() (identities, error) {
	wrong := []error{file.validate()}
	report := func(at string, err error) {
		if err != nil {
			wrong = append(wrong, fmt.Errorf("world file: %s: %w", at, err))
		}
	}
	all := identities{subscriptions: map[string]*arm.Subscription{}}
	tenantIDs := map[string]string{}
	for _, tenant := range file.Tenants {
		tenantIDs[tenant.Name] = tenant.TenantID()
		all.tenants = append(all.tenants, &entra.Tenant{ID: tenant.TenantID(), Name: tenant.Name})
		for _, sub := range tenant.Subscriptions {
			id := sub.SubscriptionID()
			all.subscriptions[strings.ToLower(id)] = &arm.Subscription{ID: id, Name: sub.Name, Tenant: tenant.TenantID()}
		}
	}
	for i, tenant := range file.Tenants {
		for j, app := range tenant.Applications {
			made, err := app.read(tenant, tenantIDs)
			report(fmt.Sprintf("tenants[%d].applications[%d]", i, j), err)
			all.applications = append(all.applications, made)
		}
	}
	for i, tenant := range file.Tenants {
		for j, role := range tenant.Roles {
			report(fmt.Sprintf("tenants[%d].roles[%d]", i, j), role.Check())
		}
		for j, assignment := range tenant.Assignments {
			made, err := all.assignment(tenant, assignment)
			report(fmt.Sprintf("tenants[%d].assignments[%d]", i, j), err)
			all.assignments = append(all.assignments, made...)
		}
	}
	_, _, err := file.durations()
	wrong = append(wrong, err)
	_, err = file.Limits.Over()
	report("limits", err)
	return all, errors.Join(wrong...)
}

// read is the application with its service principals.
func (a WorldApplication) read(tenant WorldTenant, tenantIDs map[string]string) (*entra.Application, error) {
	var wrong []error
	app := &entra.Application{
		Name: tenant.Name + "/" + a.Name, ClientID: a.ID(tenant.Name), Home: tenant.TenantID(), Secrets: a.Secrets, IdentitySecret: a.IdentityHeader,
		Principals: map[string]string{},
	}
	for _, name := range append([]string{tenant.Name}, a.Tenants...) {
		id, ok := tenantIDs[name]
		if !ok {
			wrong = append(wrong, fmt.Errorf("tenants: there is no tenant %q", name))
		}
		app.Principals[id] = arm.StableGUID("principal", app.ClientID, id)
	}
	for _, text := range a.Certificates {
		certificate, err := entra.ParseCertificate(text)
		wrong = append(wrong, err)
		app.Certificates = append(app.Certificates, certificate)
	}
	for _, f := range a.Federated {
		key, err := entra.ParsePublicKey(f.PublicKey)
		wrong = append(wrong, err)
		app.Federated = append(app.Federated, entra.Federated{Issuer: f.Issuer, Subject: f.Subject, Audience: f.Audience, Key: key})
	}
	return app, errors.Join(wrong...)
}

// assignment is a role assignment at each scope that the file's one means.
func (all identities) assignment(tenant WorldTenant, a WorldAssignment) ([]rbac.Assignment, error) {
	name := a.Principal
	if !strings.Contains(name, "/") {
		name = tenant.Name + "/" + name
	}
	object := ""
	for _, app := range all.applications {
		if app.Name == name {
			object = app.Principals[tenant.TenantID()]
		}
	}
	if object == "" {
		return nil, fmt.Errorf("principal: the application %q has no service principal in the tenant %s", name, tenant.Name)
	}
	role, err := rbac.Find(a.Role, tenant.Roles)
	if err != nil {
		return nil, err
	}
	scopes, err := scopesOf(tenant, a.Scope)
	var made []rbac.Assignment
	for _, scope := range scopes {
		made = append(made, rbac.Assignment{Tenant: tenant.TenantID(), Principal: object, Role: role, Scope: scope})
	}
	return made, err
}

// scopesOf are the ids that a scope of the file means: an id itself, SUBSCRIPTION or SUBSCRIPTION/GROUP by name, or all
// subscriptions of the tenant.
func scopesOf(tenant WorldTenant, scope string) ([]arm.ID, error) {
	if strings.HasPrefix(scope, "/") {
		return []arm.ID{arm.ID(scope)}, nil
	}
	name, group, inGroup := strings.Cut(scope, "/")
	var found []arm.ID
	for _, sub := range tenant.Subscriptions {
		id := arm.IDOf("subscriptions", sub.SubscriptionID())
		switch {
		case inGroup && sub.Name == name:
			return []arm.ID{id.Child("resourceGroups", group)}, nil
		case scope == "" || sub.Name == name:
			found = append(found, id)
		}
	}
	if found == nil && scope != "" {
		return nil, fmt.Errorf("scope: the tenant %s has no subscription %q", tenant.Name, name)
	}
	return found, nil
}
