package link

// ConnectionSpec says which service to connect to, from where, and what the connection serves.
type ConnectionSpec struct {
	// Service is the metadata.name of the EndpointService to connect to.
	Service string `json:"service" jsonschema:"required,maxLength=63,pattern=^[a-z0-9]([a-z0-9-]*[a-z0-9])?$,example=payments"`
	// Account is the consumer's account, by its name in the workers' accounts file.
	Account string `json:"account" jsonschema:"required,minLength=1"`
	// Region of the consumer's network.
	Region string `json:"region" jsonschema:"required,pattern=^[a-z]+(-[a-z]+)+-[0-9]+$,example=eu-central-1"`
	// AWS describes the consumer's VPC endpoint.
	AWS *AWSConnection `json:"aws,omitempty" jsonschema:"required"`
	// DNS is how workloads in the consumer's network find the service.
	DNS ConnectionDNS `json:"dns,omitzero"`
	// Ingress registers the endpoint's addresses as targets of a load balancer.
	Ingress *Ingress `json:"ingress,omitempty"`
}

// AWSConnection is an interface VPC endpoint.
type AWSConnection struct {
	// VPC in which the endpoint is made.
	VPC string `json:"vpc" jsonschema:"required,pattern=^vpc-[0-9a-f]+$,example=vpc-0a1b2c3d4e5f67890"`
	// Subnets of the endpoint's network interfaces, at most one in each availability zone.
	Subnets []string `json:"subnets" jsonschema:"required,minItems=1,uniqueItems=true,pattern=^subnet-[0-9a-f]+$,example=subnet-0a1b2c3d4e5f67890"`
	// SecurityGroups of the network interfaces. Default: the VPC's default security group.
	SecurityGroups []string `json:"securityGroups,omitempty" jsonschema:"uniqueItems=true,pattern=^sg-[0-9a-f]+$,example=sg-0a1b2c3d4e5f67890"`
	// Endpoint is the id of an endpoint that exists already, which the connection takes over instead of
	// making one. Its VPC must be the one named here.
	Endpoint string `json:"endpoint,omitempty" jsonschema:"pattern=^vpce-[0-9a-f]+$,example=vpce-0a1b2c3d4e5f67890"`
}

// ConnectionDNS is one choice among the ways in which the consumer's network resolves the service's name.
// It is one choice by construction, because a VPC cannot have both the service's private DNS on the
// endpoint and a private hosted zone for the same name.
type ConnectionDNS struct {
	// Mode is private (the service's own private DNS name, switched on at the endpoint) or none (consumers
	// use the endpoint's own DNS names). Default: none.
	Mode DNSMode `json:"mode,omitempty" jsonschema:"enum=none,enum=private,default=none"`
}

// DNSMode is a way to resolve the service's name.
type DNSMode string

const (
	DNSNone    DNSMode = "none"
	DNSPrivate DNSMode = "private"
)

// Ingress is a target group whose targets are the addresses of the endpoint's network interfaces.
type Ingress struct {
	// Account that owns the target group, by its name in the workers' accounts file. Default: the
	// connection's account.
	Account string `json:"account,omitempty"`
	// TargetGroup is the ARN of a target group with target type ip, in the connection's region.
	TargetGroup string `json:"targetGroup" jsonschema:"required,example=arn:aws:elasticloadbalancing:eu-central-1:444455556666:targetgroup/payments/0a1b2c3d4e5f6789"`
	// Port on which the service answers behind the endpoint.
	Port int32 `json:"port" jsonschema:"required,minimum=1,maximum=65535"`
}
