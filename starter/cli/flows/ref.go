package flows

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/workflows"
)

// Ref names one flow: "endpointservice/payments", "connection/payments/shop", "vpcinventory/hub".
type Ref struct {
	Kind link.Kind
	// Service is the service's name, for services and connections; empty while it is not known which service a
	// connection belongs to.
	Service string
	// Name is metadata.name; for a service the same as Service.
	Name string
}

// ServiceRef names the flow of a service.
func ServiceRef(name string) Ref {
	return Ref{Kind: link.KindEndpointService, Service: name, Name: name}
}

// ConnectionRef names the flow of a connection.
func ConnectionRef(service, name string) Ref {
	return Ref{Kind: link.KindConnection, Service: service, Name: name}
}

// InventoryRef names the flow of an inventory.
func InventoryRef(name string) Ref { return Ref{Kind: link.KindVPCInventory, Name: name} }

// RefOfDocument names the flow that carries out a document.
func RefOfDocument(doc link.Document) Ref {
	switch {
	case doc.Service != nil:
		return ServiceRef(doc.Service.Metadata.Name)
	case doc.Inventory != nil:
		return InventoryRef(doc.Inventory.Metadata.Name)
	}
	return ConnectionRef(doc.Connection.Spec.Service, doc.Connection.Metadata.Name)
}

// RefOf names the flow that a status speaks for.
func RefOf(s link.Status) Ref { return Ref{Kind: s.Kind, Service: s.Service, Name: s.Name} }

func (r Ref) String() string {
	if r.Kind == "" {
		return r.Path()
	}
	return strings.ToLower(string(r.Kind)) + "/" + r.Path()
}

// Path is the name without the kind: "payments", "payments/shop".
func (r Ref) Path() string {
	if r.Kind == link.KindEndpointService || r.Service == "" {
		return r.Name
	}
	return r.Service + "/" + r.Name
}

// Argument is how commands that are about connections first of all take it: a connection without its kind.
func (r Ref) Argument() string {
	if r.Kind == link.KindConnection {
		return r.Path()
	}
	return r.String()
}

// WorkflowID is the id under which Temporal knows the flow.
func (r Ref) WorkflowID() string {
	switch r.Kind {
	case link.KindEndpointService:
		return workflows.EndpointServiceID(r.Name)
	case link.KindVPCInventory:
		return workflows.VPCInventoryID(r.Name)
	case link.KindVPCPeering:
		return workflows.VPCPeeringID(r.Name)
	}
	return workflows.ConnectionID(r.Service, r.Name)
}

// Complete reports whether the reference names exactly one flow, without looking.
func (r Ref) Complete() bool {
	return r.Kind == link.KindVPCInventory || r.Kind == link.KindVPCPeering || r.Kind != "" && r.Service != ""
}

// refOfID is the inverse of WorkflowID; false for the id of any other workflow.
func refOfID(id string) (Ref, bool) {
	if name, ok := strings.CutPrefix(id, workflows.EndpointServiceID("")); ok {
		return ServiceRef(name), true
	}
	if name, ok := strings.CutPrefix(id, workflows.VPCInventoryID("")); ok {
		return InventoryRef(name), true
	}
	if name, ok := strings.CutPrefix(id, workflows.VPCPeeringID("")); ok {
		return PeeringRef(name), true
	}
	if path, ok := strings.CutPrefix(id, "connection/"); ok {
		if service, name, ok := strings.Cut(path, "/"); ok {
			return ConnectionRef(service, name), true
		}
	}
	return Ref{}, false
}

// NameOf is how people name the flow with a workflow id: "connection/payments/shop"; the id itself, where it is no flow's.
func NameOf(id string) string {
	if ref, ok := refOfID(id); ok {
		return ref.String()
	}
	return id
}

// ServiceOf is the service that the flow with a workflow id belongs to; empty for one that belongs to none.
func ServiceOf(id string) string {
	ref, _ := refOfID(id)
	return ref.Service
}

// ParseKind reads a kind as people write it: service, services, svc, endpointservice, connection, conn, inventory, ….
func ParseKind(s string) (link.Kind, bool) {
	s = strings.ToLower(s)
	switch {
	case slices.Contains([]string{"service", "services", "svc", "endpointservice", "endpointservices"}, s):
		return link.KindEndpointService, true
	case slices.Contains([]string{"connection", "connections", "conn"}, s):
		return link.KindConnection, true
	case slices.Contains([]string{"inventory", "inventories", "inv", "vpcinventory", "vpcinventories"}, s):
		return link.KindVPCInventory, true
	case slices.Contains([]string{"peering", "peerings", "vpcpeering", "vpcpeerings"}, s):
		return link.KindVPCPeering, true
	}
	return "", false
}

// ErrNoName is an object without a name.
var ErrNoName = errors.New("name an object, such as service/payments or connection/payments/shop")

// ParseRefs reads the objects of a command line: either a kind and then names ("connection payments/shop"),
// or objects that each say what they are ("service/payments", "connection/payments/shop", "payments/shop").
// A name alone may be a service's, a connection's or an inventory's; such a Ref is not [Ref.Complete].
func ParseRefs(args []string) ([]Ref, error) {
	var kind link.Kind
	if len(args) > 0 {
		if k, ok := ParseKind(args[0]); ok {
			kind, args = k, args[1:]
		}
	}
	if len(args) == 0 {
		return nil, ErrNoName
	}
	refs := make([]Ref, len(args))
	for i, arg := range args {
		ref, err := parseRef(kind, arg)
		if err != nil {
			return nil, err
		}
		refs[i] = ref
	}
	return refs, nil
}

func parseRef(kind link.Kind, arg string) (Ref, error) {
	parts := strings.Split(arg, "/")
	if k, ok := ParseKind(parts[0]); ok && kind == "" && len(parts) > 1 {
		kind, parts = k, parts[1:]
	}
	switch {
	case slices.Contains(parts, ""):
		return Ref{}, fmt.Errorf("%q: %w", arg, ErrNoName)
	case kind == link.KindEndpointService && len(parts) == 1:
		return ServiceRef(parts[0]), nil
	case kind == link.KindVPCInventory && len(parts) == 1:
		return InventoryRef(parts[0]), nil
	case kind == link.KindVPCPeering && len(parts) == 1:
		return PeeringRef(parts[0]), nil
	case (kind == link.KindConnection || kind == "") && len(parts) == 2:
		return ConnectionRef(parts[0], parts[1]), nil
	case (kind == link.KindConnection || kind == "") && len(parts) == 1:
		return Ref{Kind: kind, Name: parts[0]}, nil
	}
	return Ref{}, fmt.Errorf("%q is no name: write service/NAME, connection/SERVICE/NAME, inventory/NAME or peering/NAME", arg)
}
