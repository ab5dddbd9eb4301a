package activities

import (
	"context"

	"github.com/linkwright/linkwright/internal/link"
)

// HostedZones is what the owner of a private zone does, and the owners of the VPCs that see it.
type HostedZones interface {
	// EnsureZone makes the zone of the spec be there, once, with a VPC of the zone's own account that sees it, or
	// finds the one that the spec names by id. A zone that is made is found by its ownership tag; another one of the
	// same name that the VPC sees, or that the account has, blocks. It may be filled at once.
	EnsureZone(context.Context, ZoneRequest) (Zone, error)
	// AuthorizeVPC lets a VPC of another account be associated with the zone.
	AuthorizeVPC(context.Context, ZoneVPCRequest) error
	// AssociateVPC lets a VPC see the zone; it acts for the owner of the VPC. Pending until it does.
	AssociateVPC(context.Context, ZoneVPCRequest) error
	// DeauthorizeVPC takes back what AuthorizeVPC has given, which leaves the association as it is; nothing happens
	// when there is nothing to take back.
	DeauthorizeVPC(context.Context, ZoneVPCRequest) error
	// DisassociateVPC ends that a VPC sees the zone; it acts for the owner of the VPC. Nothing happens when it does
	// not, or when the zone is gone.
	DisassociateVPC(context.Context, ZoneVPCRequest) error
	// EnsureRecords brings the records of Owner in the zone in step with those that are wanted, in one change: makes,
	// corrects and removes them, and leaves all others alone. A record of somebody else under a wanted name blocks.
	// Pending until every resolver has them.
	EnsureRecords(context.Context, ZoneRecordsRequest) (ZoneRecords, error)
	// RemoveZone removes the records of Owner, and the zone when Owner's tag is on it; nothing happens when they are
	// gone. Records of others in a zone that is to be removed block. Pending until the zone no longer exists.
	RemoveZone(context.Context, ZoneRequest) error
}

// ZoneRequest is about the zone of a connection. The place is that of the zone's account, in the connection's region.
type ZoneRequest struct {
	Place
	Owner Owner `json:"owner"`
	// Name is that of a zone that Owner makes; ZoneID that of one that is there, or is known already.
	Name   string `json:"name,omitempty"`
	ZoneID string `json:"zoneID,omitempty"`
	// ResourceGroup is where a zone is made on Azure.
	ResourceGroup string `json:"resourceGroup,omitempty"`
	// Network is a VPC of the zone's own account that sees a zone from its beginning: Route 53 makes no private zone
	// without one.
	Network ZoneNetwork `json:"network,omitzero"`
}

// ZoneNetwork is a VPC as Route 53 knows it, or a virtual network by its resource id.
type ZoneNetwork struct {
	VPC    string `json:"vpc"`
	Region string `json:"region"`
}

// Zone is a private hosted zone.
type Zone struct {
	ID   string `json:"id"`
	Name string `json:"name"` // without a trailing dot
	// Networks see the zone.
	Networks []ZoneNetwork `json:"networks,omitempty"`
	// Changes tells what EnsureZone did this time; empty when the zone was there.
	Changes []string `json:"changes,omitempty"`
}

// ZoneVPCRequest is about a VPC that sees a zone, or is to. The place is that of the VPC's account to associate, and
// of the zone's to authorize.
type ZoneVPCRequest struct {
	Place
	// Owner is marked on what makes a network see the zone, on clouds where that is a thing of its own.
	Owner  Owner  `json:"owner,omitempty"`
	ZoneID string `json:"zoneID"`
	// ZoneName is the name of the zone, for what is said to people.
	ZoneName string      `json:"zoneName,omitempty"`
	Network  ZoneNetwork `json:"network"`
}

// ZoneRecordsRequest is about the records of Owner in a zone.
type ZoneRecordsRequest struct {
	Place
	Owner  Owner             `json:"owner"`
	ZoneID string            `json:"zoneID"`
	Wanted []link.ZoneRecord `json:"wanted"` // with defaults
	// New says that the zone has just been made for Owner: there is nothing in it yet.
	New bool `json:"new,omitempty"`
	// Alias is the endpoint's own name and its zone, for alias records; Addresses are those of its interfaces, for A
	// records.
	Alias     ZoneAlias `json:"alias,omitzero"`
	Addresses []string  `json:"addresses,omitempty"`
}

// ZoneAlias is what an alias record leads to.
type ZoneAlias struct {
	Name   string `json:"name"`
	ZoneID string `json:"zoneID"`
}

// ZoneRecords is what EnsureRecords did this time; empty when everything was as wanted.
type ZoneRecords struct {
	Changes []string `json:"changes,omitempty"`
}
