package activities

import (
	"cmp"
	"context"

	"github.com/linkwright/linkwright/internal/link"
)

// Place is where a step acts: an account, by its name in the accounts file, and a region.
type Place struct {
	Account string `json:"account"`
	Region  string `json:"region"`
}

// String is "account/region".
func (p Place) String() string { return p.Account + "/" + p.Region }

// Owner is the flow that something belongs to, written into its ownership tag: the Temporal namespace and
// the workflow id, "default/connection/payments/shop".
type Owner string

// OwnerTag is the key of the ownership tag where a cloud takes any.
const OwnerTag = "linkwright:owner"

// Provider is what the owner of a service does.
type Provider interface {
	// EnsureService makes the service of the spec be there, as specified, once: load balancers, acceptance,
	// principals, regions, address types, private DNS name. Pending until it is available. A service is
	// adopted by its ownership tag, or by the id that the spec names; in the latter case as it is, or not at all.
	// The one that the flow knows gets back a tag that it has lost.
	EnsureService(context.Context, EnsureServiceRequest) (Service, error)
	// DescribeService looks at the service. Gone when it does not exist.
	DescribeService(context.Context, ServiceRequest) (Service, error)
	// StartVerification asks the cloud to look for the domain's proof, unless it has already found it. Its
	// result arrives later, as a change of the service.
	StartVerification(context.Context, ServiceRequest) (Service, error)
	// ListConnections returns every connection of the service, whatever its state.
	ListConnections(context.Context, ServiceRequest) ([]ConnectionView, error)
	// DescribeConnection looks at one endpoint's connection. Gone when the provider sees none, and has had the time to.
	DescribeConnection(context.Context, ConnectionRequest) (ConnectionView, error)
	// AcceptConnection lets in the endpoint that the approver saw. Changed when the endpoint now belongs to
	// somebody else, or asks by another request, Gone when it no longer exists. One that is let in already stays so.
	AcceptConnection(context.Context, ConnectionRequest) (ConnectionView, error)
	// RejectConnection turns the endpoint away, or cuts it off when it was let in. Nothing happens when it is gone.
	RejectConnection(context.Context, ConnectionRequest) error
	// RemoveService deletes the service; nothing happens when it is gone. Pending until it no longer exists. One that
	// was there before is only let go of.
	RemoveService(context.Context, RemoveServiceRequest) error
}

// EnsureServiceRequest asks for the service of a spec.
type EnsureServiceRequest struct {
	Place
	Owner Owner                    `json:"owner"`
	Name  string                   `json:"name"` // the spec's metadata.name
	Spec  link.EndpointServiceSpec `json:"spec"`
	// Known is the service that the flow has known last; one that is made now takes its place.
	Known string `json:"known,omitempty"`
	// Narrow leaves undone what would let in more than now: nobody has asked for that. What is missing is made whole all
	// the same.
	Narrow bool `json:"narrow,omitempty"`
}

// ServiceRequest is about a service that exists.
type ServiceRequest struct {
	Place
	ServiceID string `json:"serviceID"`
}

// RemoveServiceRequest removes the service that belongs to Owner; ServiceID may be empty when it is not known.
type RemoveServiceRequest struct {
	Place
	Owner     Owner  `json:"owner"`
	ServiceID string `json:"serviceID,omitempty"`
	// Existing says that the spec names a service that was there before: it is left.
	Existing bool `json:"existing,omitempty"`
	// Only leaves other services of Owner, and Unused one that somebody is connected to, or asks to be: that blocks.
	Only   bool `json:"only,omitempty"`
	Unused bool `json:"unused,omitempty"`
}

// ConnectionRequest is about one endpoint's connection to a service.
type ConnectionRequest struct {
	Place
	ServiceID string `json:"serviceID"`
	Endpoint  string `json:"endpoint"`
	// EndpointOwner is the account id that the approver saw. Accepting compares it with what is there.
	EndpointOwner string `json:"endpointOwner"`
	// Link is the mark of the request that the approver saw, on clouds where an endpoint's id does not tell one request
	// from the next.
	Link string `json:"link,omitempty"`
}

// Service is a published service as the cloud describes it.
type Service struct {
	ID string `json:"id"`
	// Name is what consumers ask for: com.amazonaws.vpce.<region>.<id>, or an alias. It is read, never put together.
	Name               string       `json:"name"`
	State              ServiceState `json:"state"`
	AcceptanceRequired bool         `json:"acceptanceRequired"`
	LoadBalancers      []string     `json:"loadBalancers,omitempty"`
	Zones              []string     `json:"zones,omitempty"`
	// Changes tells what EnsureService did this time, for the status; empty when everything was as specified.
	Changes []string `json:"changes,omitempty"`
	// Domain is nil for a service without a private DNS name.
	Domain *Domain `json:"domain,omitempty"`
}

// ServiceState is a service's life, the same words on every cloud.
type ServiceState string

const (
	ServicePending   ServiceState = "pending"
	ServiceAvailable ServiceState = "available"
	ServiceDeleting  ServiceState = "deleting"
	ServiceDeleted   ServiceState = "deleted"
	ServiceFailed    ServiceState = "failed"
)

// Over reports whether a service in this state will never serve again.
func (s ServiceState) Over() bool {
	return s == ServiceDeleting || s == ServiceDeleted || s == ServiceFailed
}

// Domain is a service's private DNS name and the proof that its owner has it.
type Domain struct {
	Name  string      `json:"name"`
	State DomainState `json:"state"`
	Proof Record      `json:"proof"`
}

// DomainState is how far the proof has come.
type DomainState string

const (
	DomainUnverified DomainState = "pendingVerification"
	DomainVerified   DomainState = "verified"
	DomainFailed     DomainState = "failed"
)

// Record is a TXT record: a fully qualified name without a trailing dot, and a value without quotes.
type Record struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// ConnectionView is a connection as its provider sees it.
type ConnectionView struct {
	Endpoint string        `json:"endpoint"`
	Owner    string        `json:"owner"` // account id
	Region   string        `json:"region,omitempty"`
	State    EndpointState `json:"state"`
	// Name is what people call the connection, where an endpoint's id is too long for that.
	Name string `json:"name,omitempty"`
	// Link is the mark that the provider knows this one request by, on clouds where an endpoint that is made anew has
	// the id of the one before: the link identifier of Azure. Empty where it is not known, or not needed.
	Link string `json:"link,omitempty"`
	// Message is what the consumer says with the request.
	Message string `json:"message,omitempty"`
}

// FlowName is what the flow of a connection is called that nobody had a spec for.
func (v ConnectionView) FlowName() string { return cmp.Or(v.Name, v.Endpoint) }

// EndpointState is the life of an endpoint and of its connection, the same words on every cloud and on both
// sides, whatever case the cloud writes them in.
type EndpointState string

const (
	EndpointPendingAcceptance EndpointState = "pendingAcceptance"
	EndpointPending           EndpointState = "pending"
	EndpointAvailable         EndpointState = "available"
	EndpointDeleting          EndpointState = "deleting"
	EndpointDeleted           EndpointState = "deleted"
	EndpointRejected          EndpointState = "rejected"
	EndpointFailed            EndpointState = "failed"
	EndpointExpired           EndpointState = "expired"
	// EndpointDisconnected is there, but its provider's side is gone for good.
	EndpointDisconnected EndpointState = "disconnected"
	// EndpointPartial and states that are not known yet are on their way somewhere.
	EndpointPartial EndpointState = "partial"
)

// Over reports whether an endpoint in this state will never carry traffic again.
func (s EndpointState) Over() bool {
	switch s {
	case EndpointDeleting, EndpointDeleted, EndpointRejected, EndpointFailed, EndpointExpired, EndpointDisconnected:
		return true
	}
	return false
}

// LetIn reports whether the provider has accepted an endpoint in this state.
func (s EndpointState) LetIn() bool { return s == EndpointPending || s == EndpointAvailable }
