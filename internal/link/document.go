package link

// APIVersion is the version that every document of this release carries.
const APIVersion = "linkwright/v1"

// Kind names what a document describes.
type Kind string

const (
	KindEndpointService Kind = "EndpointService"
	KindConnection      Kind = "Connection"
	KindVPCInventory    Kind = "VPCInventory"
)

// Metadata identifies a document among those of its kind.
type Metadata struct {
	// Name is how commands, workflows and tags call it: lower-case letters, digits and dashes, at most 63
	// characters, beginning and ending with a letter or digit. Services share one space of names, and
	// inventories another; each service has a space of its own for its connections.
	Name string `json:"name" jsonschema:"required,maxLength=63,pattern=^[a-z0-9]([a-z0-9-]*[a-z0-9])?$,example=payments"`
}

// EndpointService publishes a service, so that consumers in other accounts can connect to it privately.
type EndpointService struct {
	// APIVersion is always linkwright/v1.
	APIVersion string `json:"apiVersion" jsonschema:"required,enum=linkwright/v1"`
	// Kind is always EndpointService.
	Kind Kind `json:"kind" jsonschema:"required,enum=EndpointService"`
	// Metadata names the service.
	Metadata Metadata `json:"metadata" jsonschema:"required"`
	// Spec says what is published.
	Spec EndpointServiceSpec `json:"spec" jsonschema:"required"`
}

// Connection is one consumer's endpoint to one published service.
type Connection struct {
	// APIVersion is always linkwright/v1.
	APIVersion string `json:"apiVersion" jsonschema:"required,enum=linkwright/v1"`
	// Kind is always Connection.
	Kind Kind `json:"kind" jsonschema:"required,enum=Connection"`
	// Metadata names the connection.
	Metadata Metadata `json:"metadata" jsonschema:"required"`
	// Spec says what is connected to what.
	Spec ConnectionSpec `json:"spec" jsonschema:"required"`
}

// VPCInventory is a set of VPCs among which connections find a place for their endpoints.
type VPCInventory struct {
	// APIVersion is always linkwright/v1.
	APIVersion string `json:"apiVersion" jsonschema:"required,enum=linkwright/v1"`
	// Kind is always VPCInventory.
	Kind Kind `json:"kind" jsonschema:"required,enum=VPCInventory"`
	// Metadata names the inventory.
	Metadata Metadata `json:"metadata" jsonschema:"required"`
	// Spec says which VPCs there are.
	Spec VPCInventorySpec `json:"spec" jsonschema:"required"`
}
