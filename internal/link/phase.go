package link

// Phase is where a flow stands in its story.
type Phase string

// The phases of an EndpointService, in order.
const (
	Publishing      Phase = "Publishing"      // the service is being made
	VerifyingDomain Phase = "VerifyingDomain" // the TXT proof is being written and checked
	Serving         Phase = "Serving"         // consumers can connect
	Withdrawing     Phase = "Withdrawing"     // connections, then the service, are being taken down
	Withdrawn       Phase = "Withdrawn"       // nothing is left; the flow has ended
)

// The phases of a Connection, in order.
const (
	Requesting         Phase = "Requesting"         // the endpoint is being made
	AwaitingApproval   Phase = "AwaitingApproval"   // a person must decide
	Accepting          Phase = "Accepting"          // the provider lets the endpoint in
	EnablingDNS        Phase = "EnablingDNS"        // names are being switched on
	RegisteringTargets Phase = "RegisteringTargets" // the endpoint's addresses join the ingress
	Ready              Phase = "Ready"              // traffic can flow
	Repairing          Phase = "Repairing"          // something changed; the steps run again
	Disconnecting      Phase = "Disconnecting"      // targets, then the endpoint, are being taken down
	Disconnected       Phase = "Disconnected"       // nothing is left; the flow has ended
	Rejected           Phase = "Rejected"           // turned away; the flow has ended
	HandedOver         Phase = "HandedOver"         // another Connection took the endpoint over; the flow has ended
)

// The phases of a VPCInventory, in order.
const (
	Surveying Phase = "Surveying" // the VPCs are being looked at
	Offering  Phase = "Offering"  // connections find their places here
	Closing   Phase = "Closing"   // no more places are given; those that are taken are waited for
	Closed    Phase = "Closed"    // nobody has a place any more; the flow has ended
)

// The phases of a VPCPeering, in order.
const (
	Checking Phase = "Checking" // everything is looked at, and nothing is touched yet
	Peering  Phase = "Peering"  // the peering connections are being made and accepted
	Routing  Phase = "Routing"  // routes and security-group rules are being made
	Peered   Phase = "Peered"   // the hub reaches the inventory's VPCs
	Removing Phase = "Removing" // rules, routes, then the connections are being taken down
	Removed  Phase = "Removed"  // nothing is left; the flow has ended
)

// The phases of what takes a flow's place while the flow's leftovers are removed.
const (
	CleaningUp Phase = "CleaningUp" // what the flow has left is being removed
	CleanedUp  Phase = "CleanedUp"  // it is gone, but for what had to be kept; this has ended
)

// Open reports whether a flow in this phase still has something to do or to watch over.
func (p Phase) Open() bool {
	switch p {
	case Withdrawn, Disconnected, Rejected, HandedOver, Closed, Removed, CleanedUp:
		return false
	}
	return true
}

// Good reports whether this is the phase in which a link does what it is for.
func (p Phase) Good() bool { return p == Serving || p == Ready || p == Offering || p == Peered }
