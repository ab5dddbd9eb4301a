package simazure

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/linkwright/linkwright/internal/simazure/arm"
	"github.com/linkwright/linkwright/internal/simazure/entra"
	"github.com/linkwright/linkwright/internal/simazure/rbac"
)

// auxiliary are the callers of further tenants whose tokens a request brings: up to three, for resources of other
// tenants that it refers to (Azure Resource Manager, "Authenticate requests across tenants").
func (c *Cloud) auxiliary(header string) ([]arm.Caller, error) {
	var callers []arm.Caller
	for _, token := range strings.FieldsFunc(header, func(r rune) bool { return r == ',' || r == ';' }) {
		caller, err := c.directory.Identify(strings.TrimSpace(token))
		if err != nil {
			return nil, err
		}
		callers = append(callers, caller)
	}
	if len(callers) > 3 {
		return nil, arm.Errorf("InvalidAuxiliaryTokens", "The request has more than 3 auxiliary tokens.")
	}
	return callers, nil
}

// checkTenant refuses a request for a subscription that is not there, or that does not trust the token's tenant.
func (c *Cloud) checkTenant(r *arm.Request) error {
	id, ok := r.Params["subscription"]
	if !ok {
		return nil
	}
	sub, ok := c.parts.world.Subscriptions[strings.ToLower(id)]
	switch {
	case !ok:
		return &arm.Error{Status: http.StatusNotFound, Code: "SubscriptionNotFound", Message: fmt.Sprintf("The subscription '%s' could not be found.", id)}
	case sub.Tenant != r.Caller.Tenant:
		return entra.WrongTenant(r.Caller.Tenant, sub.Tenant)
	}
	return nil
}

// assignments are the role assignments in force.
func (c *Cloud) assignments() rbac.Assignments {
	all := c.given
	for principal, own := range c.changed {
		all = all.Replace(principal, own)
	}
	return all
}

// authorize holds a request against the caller's roles, and lets it ask for what it needs on resources that it refers
// to.
func (c *Cloud) authorize(r *arm.Request) error {
	roles := c.assignments()
	r.May = func(action string, scope arm.ID) error { return c.linked(r, roles, action, scope) }
	r.Sees = func(subscription string) bool { return roles.Within(r.Caller, arm.IDOf("subscriptions", subscription)) }
	if r.Route.Free || roles.Allow(r.Caller, r.Route.Permission(), r.Target()) {
		return nil
	}
	return arm.Unauthorized(r)
}

// linked refuses what a caller may not do on a resource that the request refers to. For a resource of another tenant
// it takes a token of that tenant.
func (c *Cloud) linked(r *arm.Request, roles rbac.Assignments, action string, scope arm.ID) error {
	refused := func(format string, args ...any) error {
		return &arm.Error{
			Status: http.StatusForbidden, Code: "LinkedAuthorizationFailed",
			Message: fmt.Sprintf("The client '%s' with object id '%s' has permission to perform action '%s' on scope '%s'; however, ",
				r.Caller.AppID, r.Caller.ObjectID, r.Route.Permission(), r.Target()) + fmt.Sprintf(format, args...),
		}
	}
	sub, ok := c.parts.world.Subscriptions[strings.ToLower(scope.Subscription())]
	if !ok {
		return refused("it does not have permission to perform action '%s' on the linked scope(s) '%s' or the linked scope(s) are invalid.", action, scope)
	}
	for _, caller := range append([]arm.Caller{r.Caller}, r.Auxiliary...) {
		if caller.Tenant != sub.Tenant {
			continue
		}
		if roles.Allow(caller, action, scope) {
			return nil
		}
		return refused("it does not have permission to perform action '%s' on the linked scope(s) '%s' or the linked scope(s) are invalid.", action, scope)
	}
	return refused("the current tenant '%s' is not authorized to access linked subscription '%s'.", r.Caller.Tenant, scope.Subscription())
}
