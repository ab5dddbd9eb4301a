// Package permissions says what Linkwright must be allowed to do in Azure, and nothing besides: custom roles, and where
// they are to be assigned to the identity that acts in a subscription.
//
// A role of Azure is the same wherever it is assigned, so each allows one job, and its assignments say where: a list
// over a subscription, what is made in a resource group, what is there already where it is. The jobs of each part that a
// subscription can play in a link are in roles.go. A call that a step makes and no job allows, or a job that no link
// needs, fails the tests of dev/e2e, which run with exactly these roles.
//
// Which actions there are, and what a request needs on the resources that it refers to, is taken from "Azure permissions
// for Networking" and "Azure RBAC permissions for Azure Private Link"; what a definition looks like, from "Azure custom
// roles" (Azure RBAC).
//
// How a role gets into a tenant is not here: nothing in this package talks to anybody.
package permissions
