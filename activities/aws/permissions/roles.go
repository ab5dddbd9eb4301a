package permissions

// Role is a part that an account plays in a link.
type Role string

const (
	Provider     Role = "provider"     // publishes a service
	Parameter    Role = "parameter"    // holds its name in Parameter Store, or reads it there
	DNS          Role = "dns"          // has the zone that proves its domain
	Inventory    Role = "inventory"    // has VPCs in which endpoints find a place
	Consumer     Role = "consumer"     // has the endpoint
	Zone         Role = "zone"         // has the private zone in which names lead to the endpoint
	Network      Role = "network"      // has a VPC that sees this zone
	Ingress      Role = "ingress"      // has the load balancer that sends requests to the endpoint's addresses
	Peering      Role = "peering"      // has the hub's VPC, or the VPCs of an inventory that are peered with it
	Importer     Role = "importer"     // is looked at by an import
	Orchestrator Role = "orchestrator" // is the worker's own: assumes the roles of all others
)

// Roles are all there are.
func Roles() []Role {
	return []Role{Provider, Parameter, DNS, Inventory, Consumer, Zone, Network, Ingress, Peering, Importer, Orchestrator}
}

// general are the statements of a role that does all that it can at a place.
func (r Role) general(at place) []Statement {
	switch r {
	case Provider:
		return publicationOfAnything(at).statements()
	case Parameter:
		return parameterOfAnyName(at).statements()
	case DNS:
		return proofOfAnything(at).statements()
	case Inventory:
		return surveyOfAnything(at).statements()
	case Consumer:
		return endpointOfAnything(at).statements()
	case Zone:
		return privateZoneOfAnything(at).statements()
	case Network:
		return networkOfAnything(at).statements()
	case Ingress:
		return append(targetsOfAnyGroup(at).statements(), routeOfAnything(at).statements()...)
	case Peering:
		return peeringOfAnything(at).statements()
	case Importer:
		return discovery{at}.statements()
	}
	return nil
}
