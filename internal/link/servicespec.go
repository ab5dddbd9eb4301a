package link

import "slices"

// EndpointServiceSpec says what to publish, where, to whom, and who lets consumers in.
type EndpointServiceSpec struct {
	// Account is the provider's account, by its name in the workers' accounts file.
	Account string `json:"account" jsonschema:"required,minLength=1"`
	// Region is the region in which the service is published: eu-central-1 on AWS, westeurope on Azure.
	Region string `json:"region" jsonschema:"required,pattern=^[a-z]+((-[a-z]+)+-)?[0-9]*$,example=eu-central-1"`
	// AWS describes a VPC endpoint service.
	AWS *AWSEndpointService `json:"aws,omitempty" jsonschema:"oneof_required=aws"`
	// Azure describes a private link service.
	Azure *AzureEndpointService `json:"azure,omitempty" jsonschema:"oneof_required=azure"`
	// Publish says where consumers find the name of the service. Without it, the name stands only in the status.
	Publish *Publish `json:"publish,omitempty"`
	// Approval says who lets connections in. Without it, a person decides on each, with no deadline. It has
	// no place where acceptance is not required.
	Approval *ApprovalPolicy `json:"approval,omitempty"`
	// Drift says what is done when the service, or a connection to it, is changed behind Linkwright's back. Without it,
	// everything is set right that lets nobody in who is kept out then; about the rest, a person is asked.
	Drift *DriftPolicy `json:"drift,omitempty"`
}

// AWSEndpointService is a service published over AWS PrivateLink.
type AWSEndpointService struct {
	// LoadBalancers are the network load balancers behind the service.
	LoadBalancers LoadBalancers `json:"loadBalancers" jsonschema:"required"`
	// AcceptanceRequired makes each connection wait until it is let in. Default: true. With false, whoever
	// is among the allowed principals is connected at once, and there is nothing to approve.
	AcceptanceRequired *bool `json:"acceptanceRequired,omitempty" jsonschema:"default=true"`
	// AllowedPrincipals are the ARNs of those who may ask for a connection: account roots
	// (arn:aws:iam::111122223333:root), roles or users without a path, or "*" for everyone. Default: nobody
	// but the provider's own account. AWS does not support principals with a path. Taking one away cuts nobody off
	// who is connected; the condition ConsumersAllowed names those connections.
	AllowedPrincipals []string `json:"allowedPrincipals,omitempty" jsonschema:"uniqueItems=true,example=arn:aws:iam::111122223333:root"`
	// SupportedRegions are further regions from which consumers may connect, in the same partition. The
	// service's own region is always one of them and is not listed.
	SupportedRegions []string `json:"supportedRegions,omitempty" jsonschema:"uniqueItems=true,pattern=^[a-z]+(-[a-z]+)+-[0-9]+$,example=eu-west-1"`
	// IPAddressTypes the service answers on. Default: ipv4.
	IPAddressTypes []IPAddressType `json:"ipAddressTypes,omitempty" jsonschema:"uniqueItems=true,minItems=1,enum=ipv4,enum=ipv6,default=ipv4"`
	// PrivateDNS gives the service a name of the provider's own domain.
	PrivateDNS *ServicePrivateDNS `json:"privateDNS,omitempty"`
	// Service is the id of an endpoint service that exists already, which is taken over instead of making one. It must
	// be just as the spec says when it is taken over; from then on it is kept so, and follows the spec. It is never
	// deleted: when it is withdrawn, its connections are cut off, and it is left without the ownership tag.
	Service string `json:"service,omitempty" jsonschema:"pattern=^vpce-svc-[0-9a-f]+$,example=vpce-svc-0a1b2c3d4e5f67890"`
	// AllowManaged lets service be taken over although its tags say that another tool manages it. Default: false, it
	// is refused.
	AllowManaged bool `json:"allowManaged,omitempty"`
}

// LoadBalancers names network load balancers by ARN or finds them by tags, one of the two.
type LoadBalancers struct {
	// ARNs of the load balancers, which are in the service's region and all in one account.
	ARNs []string `json:"arns,omitempty" jsonschema:"oneof_required=arns,uniqueItems=true,minItems=1,example=arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/net/payments/0a1b2c3d4e5f6789"`
	// Tags that a network load balancer in the account and region must all carry to be used.
	Tags map[string]string `json:"tags,omitempty" jsonschema:"oneof_required=tags"`
}

// IPAddressType is an address family that a service answers on.
type IPAddressType string

const (
	IPv4 IPAddressType = "ipv4"
	IPv6 IPAddressType = "ipv6"
)

// ServicePrivateDNS is the name under which consumers reach the service inside their VPCs.
type ServicePrivateDNS struct {
	// Name is a domain name of the provider, in lower case; a leading "*." covers all names below it.
	Name string `json:"name" jsonschema:"required,maxLength=255,example=*.k.example.com"`
	// Verification says how the TXT record that proves the ownership of the domain is made.
	Verification DomainVerification `json:"verification" jsonschema:"required"`
}

// DomainVerification chooses who writes the TXT proof: exactly one of its fields is set.
type DomainVerification struct {
	// Route53 writes the record into a public hosted zone.
	Route53 *Route53Zone `json:"route53,omitempty" jsonschema:"oneof_required=route53"`
	// ByHand shows the record in the status and waits until a person has added it.
	ByHand *ByHand `json:"byHand,omitempty" jsonschema:"oneof_required=byHand"`
}

// Route53Zone names a public hosted zone.
type Route53Zone struct {
	// Account that owns the zone, by its name in the workers' accounts file.
	Account string `json:"account" jsonschema:"required,minLength=1"`
	// ZoneID of the hosted zone, such as Z0123456789ABCDEFGHIJ. Default: the account's public zone with the
	// longest name that the domain ends in.
	ZoneID string `json:"zoneID,omitempty" jsonschema:"maxLength=32,pattern=^Z[A-Z0-9]+$,example=Z0123456789ABCDEFGHIJ"`
}

// ByHand has no settings: the record to add stands in the status.
type ByHand struct{}

// Publish says where the service's name is written down for consumers.
type Publish struct {
	// SSMParameter is a parameter in AWS Systems Manager Parameter Store.
	SSMParameter *SSMParameter `json:"ssmParameter,omitempty" jsonschema:"required"`
}

// SSMParameter names a Parameter Store parameter.
type SSMParameter struct {
	// Account that holds the parameter, by its name in the workers' accounts file.
	Account string `json:"account" jsonschema:"required,minLength=1"`
	// Region that holds the parameter. Default: the region of the spec.
	Region string `json:"region,omitempty" jsonschema:"pattern=^[a-z]+(-[a-z]+)+-[0-9]+$,example=eu-central-1"`
	// Name of the parameter, such as /linkwright/payments/service-name: with a leading slash when it has
	// slashes at all, at most fifteen levels deep, and not beginning with aws or ssm.
	Name string `json:"name" jsonschema:"required,maxLength=1011,pattern=^([a-zA-Z0-9_.-]+|(/[a-zA-Z0-9_.-]+)+)$,example=/linkwright/payments/service-name"`
}

// ApprovalPolicy says who lets a connection in, and what happens when nobody answers.
type ApprovalPolicy struct {
	// Mode is manual (a person decides on each connection) or auto (whoever may ask is let in). Default: manual.
	Mode ApprovalMode `json:"mode,omitempty" jsonschema:"enum=manual,enum=auto,default=manual"`
	// AutoApprove lists AWS account ids, or Azure subscription ids, whose connections are let in without asking, although
	// the mode is manual.
	AutoApprove []string `json:"autoApprove,omitempty" jsonschema:"uniqueItems=true,pattern=^([0-9]{12}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$,example=111122223333"`
	// Timeout is how long a connection waits for a decision, such as 72h; at least a minute. Default: for ever.
	Timeout Duration `json:"timeout,omitempty"`
	// OnTimeout is what happens when the timeout passes: reject turns the connection away, wait keeps it
	// waiting and marks it overdue. Default: wait.
	OnTimeout TimeoutAction `json:"onTimeout,omitempty" jsonschema:"enum=wait,enum=reject,default=wait"`
	// Approvers is how many different people must approve; one of them is enough to reject. Default: 1.
	Approvers *int32 `json:"approvers,omitempty" jsonschema:"minimum=1,maximum=10,default=1"`
	// ExcludeApplier refuses the approval of whoever has applied the connection's spec. Where the consumer
	// opened the endpoint by itself, nobody here has, and nobody is excluded. Default: false.
	ExcludeApplier bool `json:"excludeApplier,omitempty"`
	// Proof is how people prove who they are when they approve or reject: none (the name that they give is
	// believed), principal (the Temporal server has authenticated them) or signature (they sign with an SSH
	// key that the workers' allowed-signers file lists). Default: none.
	Proof ApprovalProof `json:"proof,omitempty" jsonschema:"enum=none,enum=principal,enum=signature,default=none"`
}

// ApprovalMode is who decides.
type ApprovalMode string

const (
	ApproveManually      ApprovalMode = "manual"
	ApproveAutomatically ApprovalMode = "auto"
)

// ApprovalProof is how people prove who they are.
type ApprovalProof string

const (
	ProofNone      ApprovalProof = "none"
	ProofPrincipal ApprovalProof = "principal"
	ProofSignature ApprovalProof = "signature"
)

// TimeoutAction is what happens to a connection that nobody decided on in time.
type TimeoutAction string

const (
	TimeoutWait   TimeoutAction = "wait"
	TimeoutReject TimeoutAction = "reject"
)

// PrivateDNS is the name of the provider's own domain that the service has; nil when it has none.
func (s EndpointServiceSpec) PrivateDNS() *ServicePrivateDNS {
	if s.AWS == nil {
		return nil
	}
	return s.AWS.PrivateDNS
}

// Admits reports whether an account, or somebody in it, is among those who may ask for a connection. That the
// provider's own account always may is left out, and so is who may read a private link service.
func (s EndpointServiceSpec) Admits(account string) bool {
	switch {
	case s.Azure != nil:
		return slices.Contains(s.Azure.Visibility, "*") || slices.Contains(s.Azure.Visibility, account)
	case s.AWS == nil:
		return false
	}
	for _, p := range s.AWS.AllowedPrincipals {
		if a, ok := parseARN(p); p == "*" || ok && a.account == account {
			return true
		}
	}
	return false
}
