package link

// AzureEndpointService is a service published over Azure Private Link: a private link service in front of a standard
// load balancer. It is made here, or it is there already and left as it is.
type AzureEndpointService struct {
	// ResourceGroup in which the private link service is made.
	ResourceGroup string `json:"resourceGroup,omitempty" jsonschema:"oneof_required=resourceGroup,maxLength=90,pattern=^[A-Za-z0-9_().-]*[A-Za-z0-9_()-]$,example=rg-payments"`
	// PrivateLinkService is the resource id of one that is there already, such as one that AKS made for a Service. It
	// is never changed or deleted; connections to it are let in and turned away here.
	PrivateLinkService string `json:"privateLinkService,omitempty" jsonschema:"oneof_required=privateLinkService,maxLength=400,pattern=^/subscriptions/,example=/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-payments/providers/Microsoft.Network/privateLinkServices/payments"`
	// Name of the private link service that is made. Default: the metadata.name.
	Name string `json:"name,omitempty" jsonschema:"maxLength=80,pattern=^[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9_])?$,example=payments"`
	// Frontends are the load balancer's frontends behind the service; required with resourceGroup.
	Frontends *AzureFrontends `json:"frontends,omitempty"`
	// NAT says from which addresses the service's traffic reaches the load balancer; required with resourceGroup.
	NAT *AzureNAT `json:"nat,omitempty"`
	// Visibility lists the subscriptions that may ask for a connection, or "*" for everyone who knows the alias.
	// Default: those that may read the private link service. Taking one away cuts nobody off who is connected; the
	// condition ConsumersAllowed names those connections.
	Visibility []string `json:"visibility,omitempty" jsonschema:"uniqueItems=true,pattern=^([*]|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$,example=00000000-0000-0000-0000-000000000002"`
	// AutoApproval lists the subscriptions that Azure lets in by itself, without asking anybody; each must be among
	// visibility. Linkwright's own approval.autoApprove, which keeps a record, does the same for those that wait.
	AutoApproval []string `json:"autoApproval,omitempty" jsonschema:"uniqueItems=true,pattern=^([*]|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$,example=00000000-0000-0000-0000-000000000002"`
	// ProxyProtocol puts a PROXY protocol v2 header, with the consumer's address and link identifier, before each
	// TCP connection, also those of health probes. Default: false.
	ProxyProtocol bool `json:"proxyProtocol,omitempty"`
	// FQDNs are domain names that consumers are shown with the service.
	FQDNs []string `json:"fqdns,omitempty" jsonschema:"uniqueItems=true,example=payments.k.example.com"`
	// AccessMode is Default or Restricted, which lets only subscriptions among visibility connect, whatever their
	// permissions. Default: Default.
	AccessMode AzureAccessMode `json:"accessMode,omitempty" jsonschema:"enum=Default,enum=Restricted,default=Default"`
	// Tags of the private link service that is made, besides Linkwright's own.
	Tags map[string]string `json:"tags,omitempty"`
	// AllowReplacement lets the private link service be deleted and made anew when the spec asks for what Azure cannot
	// change on one that is there. Every endpoint is cut off by it, and asks for approval anew. Default: false, the
	// change is refused.
	AllowReplacement bool `json:"allowReplacement,omitempty"`
}

// AzureFrontends names frontends of a load balancer by resource id or finds the one of a Kubernetes Service, one of
// the two.
type AzureFrontends struct {
	// IDs are the resource ids of the frontends, all of one load balancer.
	IDs []string `json:"ids,omitempty" jsonschema:"oneof_required=ids,uniqueItems=true,minItems=1,maxLength=400,pattern=^/subscriptions/,example=/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-payments/providers/Microsoft.Network/loadBalancers/internal/frontendIPConfigurations/payments"`
	// Kubernetes finds the frontend that the cloud controller of a cluster made for a Service.
	Kubernetes *AzureKubernetesFrontend `json:"kubernetes,omitempty" jsonschema:"oneof_required=kubernetes"`
}

// AzureKubernetesFrontend is the frontend of a Kubernetes Service with an internal load balancer. It is found by the
// Service's address or by its UID, one of the two.
type AzureKubernetesFrontend struct {
	// ResourceGroup of the load balancer: the node resource group of an AKS cluster.
	ResourceGroup string `json:"resourceGroup" jsonschema:"required,maxLength=90,pattern=^[A-Za-z0-9_().-]*[A-Za-z0-9_()-]$,example=MC_rg-payments_payments_westeurope"`
	// LoadBalancer is its name. Default: kubernetes-internal.
	LoadBalancer string `json:"loadBalancer,omitempty" jsonschema:"maxLength=80,pattern=^[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9_])?$,default=kubernetes-internal,example=kubernetes-internal"`
	// Address is the Service's, as its status.loadBalancer.ingress has it.
	Address string `json:"address,omitempty" jsonschema:"oneof_required=address,maxLength=45,example=10.240.0.42"`
	// UID is the Service's metadata.uid.
	UID string `json:"uid,omitempty" jsonschema:"oneof_required=uid,pattern=^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$,example=0a1b2c3d-4e5f-6789-0a1b-2c3d4e5f6789"`
}

// AzureNAT is where the addresses are from under which consumers appear to the load balancer.
type AzureNAT struct {
	// Subnet is its resource id. Its network policies for private link services are switched off, without which Azure
	// makes none in it; nothing else about it is changed.
	Subnet string `json:"subnet" jsonschema:"required,maxLength=400,pattern=^/subscriptions/,example=/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-payments/providers/Microsoft.Network/virtualNetworks/payments/subnets/nat"`
	// Count is how many addresses there are. Once there are several, none can be taken away. Default: as many as
	// addresses, or 1.
	Count *int32 `json:"count,omitempty" jsonschema:"minimum=1,maximum=8,default=1"`
	// Addresses are static ones in the subnet, the primary one first. Azure picks those that are missing from count.
	Addresses []string `json:"addresses,omitempty" jsonschema:"uniqueItems=true,minItems=1,maxLength=15,example=10.240.1.4"`
}

// AzureAccessMode is who may connect, beyond those whom visibility names.
type AzureAccessMode string

const (
	AccessDefault    AzureAccessMode = "Default"
	AccessRestricted AzureAccessMode = "Restricted"
)

// AzureConnection is a private endpoint. It is made here, or one that is there already is taken over.
type AzureConnection struct {
	// ResourceGroup in which the private endpoint is made.
	ResourceGroup string `json:"resourceGroup,omitempty" jsonschema:"oneof_required=resourceGroup,maxLength=90,pattern=^[A-Za-z0-9_().-]*[A-Za-z0-9_()-]$,example=rg-shop"`
	// PrivateEndpoint is the resource id of one that is there already, which the connection takes over instead of
	// making one. Its subnet must be the one named here.
	PrivateEndpoint string `json:"privateEndpoint,omitempty" jsonschema:"oneof_required=privateEndpoint,maxLength=400,pattern=^/subscriptions/,example=/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/rg-shop/providers/Microsoft.Network/privateEndpoints/payments"`
	// Name of the private endpoint that is made. Default: the service and the metadata.name, with a dash between them.
	Name string `json:"name,omitempty" jsonschema:"minLength=2,maxLength=64,pattern=^[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9_])?$,example=payments-shop"`
	// Subnet of the private endpoint, by its resource id.
	Subnet string `json:"subnet" jsonschema:"required,maxLength=400,pattern=^/subscriptions/,example=/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/rg-shop/providers/Microsoft.Network/virtualNetworks/shop/subnets/endpoints"`
	// ConnectBy is alias or resourceID: how the private link service is called in the request, which asks for approval
	// either way. An alias says nothing about where the service is. Default: alias.
	ConnectBy AzureConnectBy `json:"connectBy,omitempty" jsonschema:"enum=alias,enum=resourceID,default=alias"`
	// RequestMessage is shown to whoever approves the connection. Default: which connection of which service asks.
	RequestMessage string `json:"requestMessage,omitempty" jsonschema:"maxLength=140,example=The shop needs the payments API."`
	// OnDisconnected is what happens when the provider's side of the connection is gone, because the private link
	// service was made anew or the connection deleted there: replace makes the private endpoint anew, which asks for
	// approval anew; wait leaves it, and blocks until a person has decided. Default: replace.
	OnDisconnected DisconnectedAction `json:"onDisconnected,omitempty" jsonschema:"enum=replace,enum=wait,default=replace"`
	// Tags of the private endpoint that is made, besides Linkwright's own.
	Tags map[string]string `json:"tags,omitempty"`
	// AllowManaged lets privateEndpoint be taken over although its tags say that another tool manages it. Default:
	// false, it is refused.
	AllowManaged bool `json:"allowManaged,omitempty"`
}

// AzureConnectBy is how a private endpoint names the private link service.
type AzureConnectBy string

const (
	ByAlias      AzureConnectBy = "alias"
	ByResourceID AzureConnectBy = "resourceID"
)

// DisconnectedAction is what happens to an endpoint whose provider's side is gone.
type DisconnectedAction string

const (
	DisconnectedReplace DisconnectedAction = "replace"
	DisconnectedWait    DisconnectedAction = "wait"
)
