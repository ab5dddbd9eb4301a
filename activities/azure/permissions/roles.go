package permissions

import "slices"

// Role is a part that a subscription plays in a link.
type Role string

const (
	Provider Role = "provider" // publishes a service
	Consumer Role = "consumer" // has the private endpoint
	Zone     Role = "zone"     // has the private DNS zone in which names lead to the endpoint
	Importer Role = "importer" // is looked at by an import
)

// Roles are all there are.
func Roles() []Role { return []Role{Provider, Consumer, Zone, Importer} }

// job is what one role definition is for.
type job struct {
	name, description string
	actions           []string
}

// Asked after what Azure has taken on. Whether Azure wants a permission for that, no document says; to read these harms
// nobody.
var operations = []string{"Microsoft.Network/locations/operationResults/read", "Microsoft.Network/locations/operations/read"}

// What a provider does.
var (
	seesServices = job{"sees services", "Lists private link services, and asks after changes that are under way.",
		append([]string{"Microsoft.Network/privateLinkServices/read"}, operations...)}
	keepsServices = job{"keeps services", "Makes, changes and removes private link services.",
		[]string{"Microsoft.Network/privateLinkServices/delete", "Microsoft.Network/privateLinkServices/write"}}
	decides = job{"decides on connections", "Lets private endpoints in, and turns them away.",
		[]string{"Microsoft.Network/privateLinkServices/privateEndpointConnections/read", "Microsoft.Network/privateLinkServices/privateEndpointConnections/write"}}
	cutsOff = job{"cuts connections off", "Deletes the connections of a private link service that is removed.",
		[]string{"Microsoft.Network/privateLinkServices/privateEndpointConnections/delete"}}
	usesBalancers = job{"uses load balancers", "Puts private link services before the frontends of a load balancer.",
		[]string{"Microsoft.Network/loadBalancers/frontendIPConfigurations/join/action", "Microsoft.Network/loadBalancers/read"}}
	usesNATSubnets = job{"uses NAT subnets", "Gives private link services addresses in a subnet, and switches its network policies for them off.",
		[]string{subnetJoin, "Microsoft.Network/virtualNetworks/subnets/read", "Microsoft.Network/virtualNetworks/subnets/write"}}
)

const subnetJoin = "Microsoft.Network/virtualNetworks/subnets/join/action"

// What a consumer does.
var (
	seesEndpoints = job{"sees endpoints", "Lists private endpoints, and asks after changes that are under way.",
		append([]string{"Microsoft.Network/privateEndpoints/read"}, operations...)}
	keepsEndpoints = job{"keeps endpoints", "Makes, changes and removes private endpoints.",
		[]string{"Microsoft.Network/privateEndpoints/delete", "Microsoft.Network/privateEndpoints/write"}}
	seesAddresses = job{"sees addresses", "Reads the network interfaces of private endpoints.",
		[]string{"Microsoft.Network/networkInterfaces/read"}}
	usesSubnets = job{"uses subnets", "Puts private endpoints into a subnet.", []string{subnetJoin}}
)

// What the owner of a zone does.
var (
	seesZones = job{"sees zones", "Lists private DNS zones and who sees them, and asks after changes that are under way.",
		[]string{"Microsoft.Network/privateDnsOperationResults/read", "Microsoft.Network/privateDnsOperationStatuses/read",
			"Microsoft.Network/privateDnsZones/read", "Microsoft.Network/privateDnsZones/virtualNetworkLinks/read"}}
	keepsZones = job{"keeps zones", "Makes and removes private DNS zones.",
		[]string{"Microsoft.Network/privateDnsZones/delete", "Microsoft.Network/privateDnsZones/write"}}
	keepsRecords = job{"keeps records", "Writes and removes address records in private DNS zones.",
		[]string{"Microsoft.Network/privateDnsZones/A/delete", "Microsoft.Network/privateDnsZones/A/write", "Microsoft.Network/privateDnsZones/ALL/read"}}
	linksNetworks = job{"links networks", "Lets virtual networks see a private DNS zone.",
		[]string{"Microsoft.Network/privateDnsZones/virtualNetworkLinks/delete", "Microsoft.Network/privateDnsZones/virtualNetworkLinks/write"}}
	joinsNetworks = job{"joins networks", "Links a virtual network to private DNS zones.",
		[]string{"Microsoft.Network/virtualNetworks/join/action"}}
)

// What an import does.
var looksAround = job{"looks around", "Lists private link services and private endpoints, to say them as specs.",
	[]string{"Microsoft.Network/privateEndpoints/read", "Microsoft.Network/privateLinkServices/read"}}

// jobs are all those of a role, in the order in which they are printed.
func (r Role) jobs() []job {
	switch r {
	case Provider:
		return []job{seesServices, keepsServices, decides, cutsOff, usesBalancers, usesNATSubnets}
	case Consumer:
		return []job{seesEndpoints, keepsEndpoints, seesAddresses, usesSubnets}
	case Zone:
		return []job{seesZones, keepsZones, keepsRecords, linksNetworks, joinsNetworks}
	case Importer:
		return []job{looksAround}
	}
	return nil
}

// definition is the custom role of a job in an account, to be assigned at scopes.
func (j job) definition(account string, scopes []string) CustomRole {
	name := "Linkwright " + j.name
	if account != "" {
		name = "Linkwright " + account + " " + j.name
	}
	slices.Sort(scopes)
	scopes = slices.Compact(scopes)
	var assignable []string
	for _, s := range scopes {
		assignable = append(assignable, assignableAt(s))
	}
	slices.Sort(assignable)
	return CustomRole{
		Definition: Definition{
			Name: name, IsCustom: true, Description: j.description, Actions: j.actions, NotActions: []string{},
			AssignableScopes: slices.Compact(assignable),
		},
		Scopes: scopes,
	}
}
