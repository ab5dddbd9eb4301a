package azure

import (
	"fmt"
	"strings"

	"github.com/linkwright/linkwright/internal/link"
)

// The types of the resources that steps deal with.
const (
	typeService    = "Microsoft.Network/privateLinkServices"
	typeConnection = typeService + "/privateEndpointConnections"
	typeEndpoint   = "Microsoft.Network/privateEndpoints"
	typeInterface  = "Microsoft.Network/networkInterfaces"
	typeBalancer   = "Microsoft.Network/loadBalancers"
	typeFrontend   = typeBalancer + "/frontendIPConfigurations"
	typeNetwork    = "Microsoft.Network/virtualNetworks"
	typeSubnet     = typeNetwork + "/subnets"
	typeZone       = "Microsoft.Network/privateDnsZones"
	typeLink       = typeZone + "/virtualNetworkLinks"
)

var types = []string{
	typeService, typeConnection, typeEndpoint, typeInterface, typeBalancer, typeFrontend, typeNetwork, typeSubnet, typeZone, typeLink,
}

// normal is a resource id in the one form that steps answer with: types as Azure documents them, all names in lower
// case. The provider and the consumer of an endpoint read its id from different places, in different cases, and their
// flows compare what they were told letter for letter. What is no resource id stays as it is.
func normal(id string) string {
	parsed, ok := link.ParseAzureID(id)
	if !ok {
		return id
	}
	return normalID(parsed).String()
}

func normalID(id link.AzureID) link.AzureID {
	id.ResourceGroup = strings.ToLower(id.ResourceGroup)
	names := make([]string, len(id.Names))
	for i, name := range id.Names {
		names[i] = strings.ToLower(name)
	}
	id.Names = names
	for _, kind := range types {
		if strings.EqualFold(id.Type, kind) {
			id.Type = kind
		}
	}
	return id
}

func normals(ids []string) []string {
	all := make([]string, len(ids))
	for i, id := range ids {
		all[i] = normal(id)
	}
	return all
}

// idOf is the id of something in the account's subscription.
func (s *site) idOf(kind, group string, names ...string) link.AzureID {
	return link.AzureID{Subscription: s.Account.ID, ResourceGroup: group, Type: kind, Names: names}
}

// own reads the id of a resource that must be in the account's subscription: the account's clients reach no other.
func (s *site) own(id, kind string) (link.AzureID, error) {
	parsed, ok := link.ParseAzureID(id)
	switch {
	case !ok || !strings.EqualFold(parsed.Type, kind):
		return parsed, s.blocked(link.Problem{
			Reason:  link.ReasonInvalidRequest,
			Message: fmt.Sprintf("%q is not a resource id of type %s", id, kind),
			Remedy:  "correct the id in the spec",
		}, nil)
	case parsed.Subscription != s.Account.ID:
		return parsed, s.blocked(link.Problem{
			Reason:  link.ReasonNetworkMismatch,
			Message: fmt.Sprintf("%s is in subscription %s, but account %q is subscription %s", id, parsed.Subscription, s.place.Account, s.Account.ID),
			Remedy:  "name something of the account's own subscription, or the account of that subscription",
		}, nil)
	}
	return parsed, nil
}

// subscriptionOf is the subscription that a resource is in; empty when its id is none.
func subscriptionOf(id string) string {
	parsed, _ := link.ParseAzureID(id)
	return parsed.Subscription
}

// parentOf is the id of what a resource is part of; empty when it is part of nothing.
func parentOf(id string) string {
	parsed, _ := link.ParseAzureID(id)
	if parent, ok := parsed.Parent(); ok {
		return parent.String()
	}
	return ""
}

// regionOf is a location as specs write it: Azure answers with "westeurope" or "West Europe".
func regionOf(location string) string {
	return strings.ToLower(strings.ReplaceAll(location, " ", ""))
}

// value is what a pointer of the SDK points to; the zero value when it points to nothing.
func value[T any](p *T) T {
	if p == nil {
		var none T
		return none
	}
	return *p
}

func values[T any](list []*T) []T {
	var all []T
	for _, p := range list {
		if p != nil {
			all = append(all, *p)
		}
	}
	return all
}

func pointers[T any](list []T) []*T {
	all := make([]*T, len(list))
	for i := range list {
		all[i] = &list[i]
	}
	return all
}
