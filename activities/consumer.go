package activities

import (
	"context"

	"github.com/linkwright/linkwright/internal/link"
)

// Consumer is what the owner of an endpoint does.
type Consumer interface {
	// LocateService finds out from the consumer's side in which availability zones, by id, endpoints to a service can
	// stand. Pending while the service is not visible to the account yet; blocked when it stays so.
	LocateService(context.Context, LocateServiceRequest) (ServiceLocation, error)
	// EnsureSecurityGroup makes the security group of one endpoint be there, once, and brings its rules in step with
	// the sources and ports of the spec. It is found by its ownership tag; the one that the flow knows gets back a tag
	// that it has lost.
	EnsureSecurityGroup(context.Context, SecurityGroupRequest) (SecurityGroup, error)
	// RemoveSecurityGroup deletes the group of Owner; nothing happens when it is gone. Pending until it no longer
	// exists, which it does for as long as a network interface uses it.
	RemoveSecurityGroup(context.Context, SecurityGroupRequest) error
	// EnsureEndpoint makes the endpoint of the spec be there, once, with private DNS off, and brings the
	// subnets and security groups of one that exists in step. It does not wait for the endpoint to become
	// available. An endpoint is adopted by its ownership tag, or by the id that the spec names; the one that the flow
	// knows gets back a tag that it has lost.
	EnsureEndpoint(context.Context, EnsureEndpointRequest) (Endpoint, error)
	// DescribeEndpoint looks at the endpoint, its interfaces' addresses included. Gone when it does not exist.
	DescribeEndpoint(context.Context, EndpointRequest) (Endpoint, error)
	// SetPrivateDNS switches the service's private DNS name on or off at an endpoint that was let in, after
	// a look at what the network needs for that. Pending until the endpoint is available again; Changed when it
	// never will be.
	SetPrivateDNS(context.Context, SetPrivateDNSRequest) (Endpoint, error)
	// RemoveEndpoint deletes the endpoint; nothing happens when it is gone. Pending until it no longer exists.
	RemoveEndpoint(context.Context, RemoveEndpointRequest) error
}

// EnsureEndpointRequest asks for the endpoint of a spec.
type EnsureEndpointRequest struct {
	Place
	Owner Owner  `json:"owner"`
	Name  string `json:"name"` // a readable name for the endpoint: "payments/shop"
	// ServiceName and ServiceRegion are what the provider published.
	ServiceName   string `json:"serviceName"`
	ServiceRegion string `json:"serviceRegion"`
	// ServiceID is the service's id, where the provider's flow is known.
	ServiceID string `json:"serviceID,omitempty"`
	// Spec is the connection's, with the VPC, the subnets and the security groups that were chosen for it.
	Spec link.ConnectionSpec `json:"spec"`
	// Known is the endpoint that the flow has known last; one that is made now takes its place.
	Known string `json:"known,omitempty"`
	// Narrow is as in [EnsureServiceRequest].
	Narrow bool `json:"narrow,omitempty"`
}

// EndpointRequest is about an endpoint that exists.
type EndpointRequest struct {
	Place
	Endpoint string `json:"endpoint"`
}

// SetPrivateDNSRequest switches private DNS at an endpoint.
type SetPrivateDNSRequest struct {
	Place
	Endpoint string `json:"endpoint"`
	Enabled  bool   `json:"enabled"`
}

// RemoveEndpointRequest removes the endpoint that belongs to Owner; Endpoint may be empty when it is not known.
type RemoveEndpointRequest struct {
	Place
	Owner    Owner  `json:"owner"`
	Endpoint string `json:"endpoint,omitempty"`
	// Only leaves other endpoints of Owner.
	Only bool `json:"only,omitempty"`
}

// Endpoint is a consumer's endpoint as the cloud describes it to its owner.
type Endpoint struct {
	ID         string        `json:"id"`
	Owner      string        `json:"owner"` // account id
	State      EndpointState `json:"state"`
	Network    string        `json:"network"` // id of the VPC, or of the virtual network
	PrivateDNS bool          `json:"privateDNS"`
	// DNSNames are the endpoint's own names: the regional one first, then the zonal ones.
	DNSNames []string `json:"dnsNames,omitempty"`
	// DNSZone is the id of the zone that holds them, which an alias record must name.
	DNSZone string `json:"dnsZone,omitempty"`
	// Interfaces are the ids of the network interfaces.
	Interfaces []string `json:"interfaces,omitempty"`
	// Addresses are the interfaces' private addresses, sorted; only steps that say so fill them.
	Addresses []Address `json:"addresses,omitempty"`
	// Changes tells what EnsureEndpoint did this time, for the status.
	Changes []string `json:"changes,omitempty"`
	// LinkAtProvider is true when only the provider sees the mark of the endpoint's request; see [ConnectionView].
	LinkAtProvider bool `json:"linkAtProvider,omitempty"`
	// LastError is what the cloud says went wrong with the endpoint, if anything did.
	LastError string `json:"lastError,omitempty"`
}

// Address is where an endpoint answers in one availability zone.
type Address struct {
	IP        string `json:"ip"`
	Zone      string `json:"zone,omitempty"`
	Subnet    string `json:"subnet,omitempty"`
	Interface string `json:"interface,omitempty"`
}

// LocateServiceRequest asks where endpoints to a service can stand.
type LocateServiceRequest struct {
	Place
	ServiceName   string `json:"serviceName"`
	ServiceRegion string `json:"serviceRegion"`
}

// ServiceLocation is where endpoints to a service can stand.
type ServiceLocation struct {
	// ZoneIDs are the availability zones, sorted; empty for a service of another region, which is reached from every
	// zone.
	ZoneIDs []string `json:"zoneIDs,omitempty"`
}

// SecurityGroupRequest is about the security group of one endpoint.
type SecurityGroupRequest struct {
	Place
	Owner Owner  `json:"owner"`
	Name  string `json:"name"` // a readable name: "payments/shop"
	VPC   string `json:"vpc"`
	// Known is the group that the flow has known last.
	Known string `json:"known,omitempty"`
	// Only has RemoveSecurityGroup leave other groups of Owner than the known one.
	Only bool `json:"only,omitempty"`
	// Want is what the group lets in; only for EnsureSecurityGroup.
	Want *link.EndpointSecurityGroup `json:"want,omitempty"`
	// Narrow is as in [EnsureServiceRequest].
	Narrow bool `json:"narrow,omitempty"`
}

// SecurityGroup is the group of one endpoint.
type SecurityGroup struct {
	ID string `json:"id"`
	// Changes tells what EnsureSecurityGroup did this time; empty when everything was as specified.
	Changes []string `json:"changes,omitempty"`
}
