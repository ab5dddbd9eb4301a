package activities

import "context"

// Peerings is what the owners of two VPCs do, so that each reaches the other: one asks, the other accepts, both route.
// The VPC that asks is the hub's.
type Peerings interface {
	// DescribeNetworks looks at VPCs, and at the route tables and security groups that are to be changed in them. What is
	// wrong with them is an answer, not an error. It changes nothing.
	DescribeNetworks(context.Context, DescribeNetworksRequest) (Networks, error)
	// FindPeerings lists the connections that Owner has asked for, those that are over as long as the cloud shows them.
	// It changes nothing.
	FindPeerings(context.Context, FindPeeringsRequest) (FoundPeerings, error)
	// EnsurePeering makes the connection of two VPCs be asked for, once. It is found by its ownership tag; another one
	// between the two blocks. Pending until the other side can see it.
	EnsurePeering(context.Context, PeeringRequest) (Peering, error)
	// AcceptPeering accepts, for the other side, exactly the connection that was asked for: whose VPC asks and whose is
	// asked is compared. Pending until it is active; Changed when it never will be.
	AcceptPeering(context.Context, PeeringRequest) (Peering, error)
	// RemovePeering deletes the connection of Owner between the two VPCs. Pending until it is gone; nothing happens when
	// it is.
	RemovePeering(context.Context, PeeringRequest) error
	// EnsurePeerRoutes makes the tables lead the destinations to the connection. A route has no tags, so those are ours
	// that lead to our connections, and no others are touched: another one to the same destination blocks. With DryRun,
	// only that is looked at.
	EnsurePeerRoutes(context.Context, PeerRoutesRequest) (PeerRoutes, error)
	// RemovePeerRoutes deletes the tables' routes to the connections. Pending until they are gone.
	RemovePeerRoutes(context.Context, PeerRoutesRequest) error
	// EnsurePeerRules makes the security groups let the sources in on the ports, and takes away what Owner has let in and
	// is not wanted any more. A rule is ours that carries the ownership tag; one that says the same and does not will do.
	EnsurePeerRules(context.Context, PeerRulesRequest) (PeerRules, error)
	// RemovePeerRules takes Owner's rules out of the groups. Pending until they are gone.
	RemovePeerRules(context.Context, PeerRulesRequest) error
}

// DescribeNetworksRequest names VPCs of one account and region.
type DescribeNetworksRequest struct {
	Place
	Networks []NetworkParts `json:"networks"`
}

// NetworkParts are a VPC and what is to be changed in it.
type NetworkParts struct {
	VPC         string   `json:"vpc"`
	RouteTables []string `json:"routeTables,omitempty"`
	// SecurityGroups that are to be changed, or referred to.
	SecurityGroups []string `json:"securityGroups,omitempty"`
	// DefaultGroup asks for the id of the VPC's default security group.
	DefaultGroup bool `json:"defaultGroup,omitempty"`
}

// Networks are VPCs, in the order in which they were asked for.
type Networks struct {
	Networks []Network `json:"networks"`
}

// Network is a VPC.
type Network struct {
	VPC          string   `json:"vpc"`
	Owner        string   `json:"owner"` // account id
	CIDRs        []string `json:"cidrs,omitempty"`
	DefaultGroup string   `json:"defaultGroup,omitempty"`
	// Problems say what does not exist, or is another VPC's; empty when all is as it was named.
	Problems []string `json:"problems,omitempty"`
}

// FindPeeringsRequest names an owner, at the side that asks.
type FindPeeringsRequest struct {
	Place
	Owner Owner `json:"owner"`
}

// FoundPeerings are the connections of an owner.
type FoundPeerings struct {
	Peerings []Peering `json:"peerings,omitempty"`
}

// PeerVPC is one of two VPCs.
type PeerVPC struct {
	VPC    string `json:"vpc"`
	Owner  string `json:"owner"` // account id
	Region string `json:"region"`
}

// PeeringRequest is about the connection of two VPCs; it acts at the Place of either.
type PeeringRequest struct {
	Place
	Owner Owner  `json:"owner"`
	Name  string `json:"name"` // a readable name
	// From asks, and To is asked.
	From PeerVPC `json:"from"`
	To   PeerVPC `json:"to"`
	// ID is the connection, for AcceptPeering; for RemovePeering it may be empty when it is not known.
	ID string `json:"id,omitempty"`
}

// Peering is a connection of two VPCs.
type Peering struct {
	ID    string  `json:"id"`
	State string  `json:"state"` // as the cloud calls it
	From  PeerVPC `json:"from"`
	To    PeerVPC `json:"to"`
	// Live is true while the connection is there or can come to be.
	Live bool `json:"live"`
}

// PeerRoutesRequest is about the routes of tables to a connection.
type PeerRoutesRequest struct {
	Place
	Tables []string `json:"tables"`
	// Peering is where the routes lead; empty in a dry run for a connection that is still to be made. Others are earlier
	// connections of the same owner, whose routes are ours as well.
	Peering string   `json:"peering,omitempty"`
	Others  []string `json:"others,omitempty"`
	// Destinations are address blocks; only for EnsurePeerRoutes.
	Destinations []string `json:"destinations,omitempty"`
	DryRun       bool     `json:"dryRun,omitempty"`
}

// PeerRoutes is what was done about routes.
type PeerRoutes struct {
	// Changes tells what was done this time; empty when everything was as wanted.
	Changes []string `json:"changes,omitempty"`
}

// PeerRulesRequest is about rules that let a hub in.
type PeerRulesRequest struct {
	Place
	Owner  Owner    `json:"owner"`
	Name   string   `json:"name"`
	Groups []string `json:"groups"`
	// Sources are address blocks, or security groups of the account SourceOwner. Both only for EnsurePeerRules.
	Sources     []string `json:"sources,omitempty"`
	SourceOwner string   `json:"sourceOwner,omitempty"`
	Ports       []int32  `json:"ports,omitempty"`
}

// PeerRules are the rules of an owner.
type PeerRules struct {
	Rules []PeerRule `json:"rules,omitempty"`
	// Changes tells what was done this time; empty when everything was as wanted.
	Changes []string `json:"changes,omitempty"`
}

// PeerRule is one rule of an owner.
type PeerRule struct {
	ID    string `json:"id"`
	Group string `json:"group"`
	Says  string `json:"says"` // "tcp 443 from 10.0.0.0/16"
}
