package permissions

import "github.com/linkwright/linkwright/internal/link"

// What has to be filled in begins with this; Azure refuses it until it is.
const blank = "REPLACE-WITH-"

func subscriptionScope(id string) string { return "/subscriptions/" + id }

func groupScope(subscription, group string) string {
	return subscriptionScope(subscription) + "/resourceGroups/" + group
}

// groupOf is the resource group of a resource.
func groupOf(resource string) string {
	id, ok := link.ParseAzureID(resource)
	if !ok {
		return resource
	}
	return groupScope(id.Subscription, id.ResourceGroup)
}

// parentOf is what a resource is part of.
func parentOf(resource string) string {
	if id, ok := link.ParseAzureID(resource); ok {
		if parent, ok := id.Parent(); ok {
			return parent.String()
		}
	}
	return resource
}

// assignableAt is where a role must be assignable to be assigned at a scope: Azure takes no resources there (Azure RBAC,
// "Understand Azure role definitions", AssignableScopes).
func assignableAt(scope string) string { return groupOf(scope) }
