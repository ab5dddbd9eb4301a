package link

// ConnectionSpec says which service to connect to, from where, and what the connection serves.
type ConnectionSpec struct {
	// Service is the metadata.name of the EndpointService to connect to.
	Service string `json:"service" jsonschema:"required,maxLength=63,pattern=^[a-z0-9]([a-z0-9-]*[a-z0-9])?$,example=payments"`
	// Account is the consumer's account, by its name in the workers' accounts file.
	Account string `json:"account" jsonschema:"required,minLength=1"`
	// Region of the consumer's network.
	Region string `json:"region" jsonschema:"required,pattern=^[a-z]+((-[a-z]+)+-)?[0-9]*$,example=eu-central-1"`
	// NameFrom reads what the cloud calls the service from where its provider has published it. The
	// connection then needs no EndpointService of the name here: who lets it in is decided where the service is
	// published. Default: the EndpointService says it.
	NameFrom *NameFrom `json:"nameFrom,omitempty"`
	// AWS describes the consumer's VPC endpoint.
	AWS *AWSConnection `json:"aws,omitempty" jsonschema:"oneof_required=aws"`
	// Azure describes the consumer's private endpoint.
	Azure *AzureConnection `json:"azure,omitempty" jsonschema:"oneof_required=azure"`
	// DNS is how workloads in the consumer's network find the service.
	DNS ConnectionDNS `json:"dns,omitzero"`
	// Ingress makes the endpoint's addresses targets of a load balancer.
	Ingress *Ingress `json:"ingress,omitempty"`
}

// OwnSecurityGroup is the security group that is made for the endpoint alone; nil when there is to be none.
func (s ConnectionSpec) OwnSecurityGroup() *EndpointSecurityGroup {
	if s.AWS == nil {
		return nil
	}
	return s.AWS.SecurityGroup
}

// Network is the id of the VPC, or of the virtual network, in which the endpoint stands; empty while it is to be chosen.
func (s ConnectionSpec) Network() string {
	switch {
	case s.Azure != nil:
		subnet, _ := ParseAzureID(s.Azure.Subnet)
		network, _ := subnet.Parent()
		return network.String()
	case s.AWS != nil:
		return s.AWS.VPC
	}
	return ""
}

// NameFrom says where a service's name is from.
type NameFrom struct {
	// SSMParameter is a parameter in AWS Systems Manager Parameter Store, as an EndpointService publishes it.
	SSMParameter *SSMParameter `json:"ssmParameter,omitempty" jsonschema:"oneof_required=ssmParameter"`
	// Name is what the service is called, as its provider has told it: the name of a VPC endpoint service, or the alias
	// or the resource id of a private link service.
	Name string `json:"name,omitempty" jsonschema:"oneof_required=name,maxLength=400,example=payments.0a1b2c3d-4e5f-6789-0a1b-2c3d4e5f6789.westeurope.azure.privatelinkservice"`
	// ServiceRegion is the region in which the service is published. Default: the connection's region.
	ServiceRegion string `json:"serviceRegion,omitempty" jsonschema:"pattern=^[a-z]+((-[a-z]+)+-)?[0-9]*$,example=eu-central-1"`
}

// AWSConnection is an interface VPC endpoint. It stands in the VPC that is named, or in one that is chosen from
// inventories.
type AWSConnection struct {
	// VPC in which the endpoint is made.
	VPC string `json:"vpc,omitempty" jsonschema:"oneof_required=vpc,pattern=^vpc-[0-9a-f]+$,example=vpc-0a1b2c3d4e5f67890"`
	// Subnets of the endpoint's network interfaces, at most one in each availability zone; required with vpc.
	Subnets []string `json:"subnets,omitempty" jsonschema:"minItems=1,uniqueItems=true,pattern=^subnet-[0-9a-f]+$,example=subnet-0a1b2c3d4e5f67890"`
	// Inventories are the metadata.name of VPCInventories of the connection's account and region. The endpoint is
	// made in the VPC with the most room of the first one that has any.
	Inventories []string `json:"inventories,omitempty" jsonschema:"oneof_required=inventories,minItems=1,uniqueItems=true,maxLength=63,pattern=^[a-z0-9]([a-z0-9-]*[a-z0-9])?$,example=hub"`
	// SecurityGroups of the network interfaces. Default: those of the inventory's VPC, or else the VPC's default
	// security group.
	SecurityGroups []string `json:"securityGroups,omitempty" jsonschema:"uniqueItems=true,pattern=^sg-[0-9a-f]+$,example=sg-0a1b2c3d4e5f67890"`
	// SecurityGroup is one that is made for this endpoint alone, kept in step and removed with it; in place of
	// securityGroups.
	SecurityGroup *EndpointSecurityGroup `json:"securityGroup,omitempty"`
	// Endpoint is the id of an endpoint that exists already, which the connection takes over instead of
	// making one. Its VPC must be the one named here.
	Endpoint string `json:"endpoint,omitempty" jsonschema:"pattern=^vpce-[0-9a-f]+$,example=vpce-0a1b2c3d4e5f67890"`
	// AllowManaged lets endpoint be taken over although its tags say that another tool manages it. Default: false, it
	// is refused.
	AllowManaged bool `json:"allowManaged,omitempty"`
}

// EndpointSecurityGroup is a security group that lets some sources reach one endpoint, and nobody else.
type EndpointSecurityGroup struct {
	// From are the sources: CIDR blocks, prefix lists or security groups.
	From []string `json:"from" jsonschema:"required,minItems=1,uniqueItems=true,example=10.0.0.0/8"`
	// Ports are the TCP ports that the sources reach. Default: 443.
	Ports []int32 `json:"ports,omitempty" jsonschema:"minItems=1,uniqueItems=true,minimum=1,maximum=65535,default=443"`
}
