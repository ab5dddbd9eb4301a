package aws

import (
	"slices"
	"strings"

	smithy "github.com/aws/smithy-go"

	"github.com/linkwright/linkwright/internal/link"
)

// refusal says what an error code of AWS means to a person. Where AWS uses one code for many things, a part of
// the message tells them apart.
type refusal struct {
	codes   []string // a code, or "*" and the end of one
	message string   // a part of the message, in any case; empty for any message
	reason  link.Reason
	remedy  string // {call} and {identity} are filled in
}

func (r refusal) matches(err smithy.APIError) bool {
	return slices.ContainsFunc(r.codes, func(code string) bool {
		if end, ok := strings.CutPrefix(code, "*"); ok {
			return strings.HasSuffix(err.ErrorCode(), end)
		}
		return err.ErrorCode() == code
	}) && strings.Contains(strings.ToLower(err.ErrorMessage()), strings.ToLower(r.message))
}

// invalid are the codes that EC2 puts on whatever it does not like, with the reason in the message alone.
var invalid = []string{"InvalidParameter", "InvalidParameterValue", "InvalidParameterCombination", "InvalidRequest", "OperationNotPermitted"}

// unauthorized are the codes of calls that policies refuse.
var unauthorized = []string{"UnauthorizedOperation", "AccessDenied", "AccessDeniedException", "NotAuthorized"}

const invisibleRemedy = "let the provider put this account among the service's allowedPrincipals, and this region among its supportedRegions"

const loadBalancerInUseRemedy = "one network load balancer backs one endpoint service: name another load balancer, or delete the service that uses this one"

// refusals are tried from the top. Sources, unless said otherwise: Amazon EC2 API Reference, "Error codes"; the
// "Errors" and "Common Errors" of each action in the Elastic Load Balancing, Certificate Manager, WAF, Service Quotas,
// Route 53, Systems Manager and STS API References.
var refusals = []refusal{
	// Credentials that AWS knows, but not any more, or not here.
	{codes: []string{"ExpiredToken", "ExpiredTokenException", "RequestExpired", "RequestTimeTooSkewed"},
		reason: link.ReasonBadCredentials,
		remedy: "renew the worker's credentials, and make sure that its clock is right"},
	{codes: []string{"AuthFailure", "InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId",
		"SignatureDoesNotMatch", "InvalidSignatureException", "IncompleteSignature",
		"MissingAuthenticationToken", "MissingAuthenticationTokenException"},
		reason: link.ReasonBadCredentials,
		remedy: "give the worker valid credentials for {identity}"},
	{codes: []string{"OptInRequired", "RegionDisabledException"},
		reason: link.ReasonBadCredentials,
		remedy: "enable the region for the account, and the STS endpoint that issued the credentials"},

	// Permissions.
	{codes: unauthorized, message: "with an explicit deny",
		reason: link.ReasonMissingPermission,
		remedy: "take away the statement that denies {call} to {identity}; the message says in which kind of policy it is"},
	{codes: unauthorized,
		reason: link.ReasonMissingPermission,
		remedy: "allow {call} for {identity}"},

	// Quotas. AWS PrivateLink Guide, "Quotas"; Amazon VPC User Guide, "Amazon VPC quotas".
	{codes: []string{"InsufficientFreeAddressesInSubnet"},
		reason: link.ReasonQuotaFull,
		remedy: "free addresses in the subnet, or choose another one in the same availability zone"},
	{codes: []string{"TooManyTargets", "TooManyRegistrationsForTargetId"},
		reason: link.ReasonQuotaFull,
		remedy: "take targets that nobody needs out of the target group, or raise the quota in Service Quotas"},
	{codes: []string{"TooManyVPCAssociationAuthorizations"},
		reason: link.ReasonQuotaFull,
		remedy: "take back authorizations that nobody needs (aws route53 list-vpc-association-authorizations, delete-vpc-association-authorization)"},
	{codes: []string{"TooManyHostedZones"},
		reason: link.ReasonQuotaFull,
		remedy: "raise the quota of hosted zones in Service Quotas, or remove zones that nobody needs"},
	{codes: []string{"VpcEndpointLimitExceeded"},
		reason: link.ReasonQuotaFull,
		remedy: "delete endpoints that nobody needs, or raise the quota of interface endpoints per VPC " +
			"(Service Quotas, vpc, L-29B6F2EB), or let the connection choose from inventories with more VPCs"},
	{codes: []string{"RulesPerSecurityGroupLimitExceeded"},
		reason: link.ReasonQuotaFull,
		remedy: "name fewer sources or ports in aws.securityGroup (a prefix list counts with all the entries that it may have), " +
			"or raise the quota of rules per security group (Service Quotas, vpc, L-0EA8095F)"},
	{codes: []string{"TooManyRules", "TooManyTargetGroups", "TooManyUniqueTargetGroupsPerLoadBalancer", "TooManyCertificates"},
		reason: link.ReasonQuotaFull,
		remedy: "name a listener of another load balancer as well, take away rules that nobody needs, or raise the quota in Service Quotas"},
	{codes: []string{"WAFLimitsExceededException"}, // AWS WAF API Reference, AssociateWebACL
		reason: link.ReasonQuotaFull,
		remedy: "raise the quota in Service Quotas, or take the web ACL off load balancers that do not need it"},
	{codes: []string{"*LimitExceeded", "LimitsExceeded", "*QuotaExceeded", "*QuotaExceededException"},
		reason: link.ReasonQuotaFull,
		remedy: "raise the quota in Service Quotas, or remove resources that nobody needs"},

	// What EC2 says of endpoints and endpoint services in the message alone. AWS PrivateLink Guide, "Create an
	// endpoint service", "Manage DNS names for VPC endpoint services", "Access AWS services through AWS PrivateLink".
	{codes: invalid, message: "already associated with another VPC Endpoint Service",
		reason: link.ReasonLoadBalancerInUse,
		remedy: loadBalancerInUseRemedy},
	{codes: invalid, message: "conflicting DNS domain",
		reason: link.ReasonConflictingDomain,
		remedy: "take away the private hosted zone, or the private DNS of the other endpoint, that already answers for this name in the VPC"},
	{codes: invalid, message: "enableDnsSupport and enableDnsHostnames",
		reason: link.ReasonVPCWithoutDNS,
		remedy: "set enableDnsSupport and enableDnsHostnames on the VPC (aws ec2 modify-vpc-attribute)"},
	{codes: invalid, message: "does not provide a private DNS name",
		reason: link.ReasonNoPrivateDNSName,
		remedy: "give the service a privateDNS name, or set the connection's dns.mode to none"},
	{codes: invalid, message: "Private DNS can only be enabled after the endpoint connection is accepted",
		reason: link.ReasonInvalidRequest,
		remedy: "let the connection in first"},
	{codes: invalid, message: "does not support the availability zone of the subnet",
		reason: link.ReasonNetworkMismatch,
		remedy: "choose subnets in availability zones (by zone id) that the service's load balancers are in"},
	{codes: invalid, message: "availability zones are supported for remote access",
		reason: link.ReasonNetworkMismatch,
		remedy: "choose subnets in availability zones from which services of other regions can be reached"},

	// Services, endpoints and their networks.
	{codes: []string{"InvalidServiceName"},
		reason: link.ReasonServiceNotVisible,
		remedy: invisibleRemedy},
	{codes: []string{"InvalidNetworkLoadBalancerArn.NotFound", "LoadBalancerNotFound"},
		reason: link.ReasonLoadBalancerMissing,
		remedy: "name network load balancers that exist in this account and region"},
	{codes: []string{"DuplicateSubnetsInSameZone"},
		reason: link.ReasonNetworkMismatch,
		remedy: "name at most one subnet in each availability zone"},
	{codes: []string{"InvalidGroup.NotFound"}, message: "different networks",
		reason: link.ReasonNetworkMismatch,
		remedy: "name security groups of the endpoint's VPC, or of one in the same region that is peered with it"},
	{codes: []string{"InvalidVpcID.NotFound", "InvalidSubnetID.NotFound", "InvalidSubnetId.NotFound",
		"InvalidGroup.NotFound", "InvalidGroupId.NotFound", "InvalidSecurityGroupID.NotFound", "InvalidSecurityGroupId.NotFound",
		"InvalidPrefixListID.NotFound", "InvalidPrefixListId.NotFound"},
		reason: link.ReasonNetworkMismatch,
		remedy: "correct the spec: what it names must exist in this account and region"},

	// Peering connections and routes. EC2 API Reference, AcceptVpcPeeringConnection, CreateRoute.
	{codes: []string{"VpcPeeringConnectionAlreadyExists"},
		reason: link.ReasonConflictingPeering,
		remedy: "delete the connection that the two VPCs have already, or that in the other direction"},
	{codes: []string{"InvalidRouteTableID.NotFound", "InvalidRouteTableId.NotFound"},
		reason: link.ReasonNetworkMismatch,
		remedy: "name route tables that exist in this account and region"},

	// The neighbours.
	{codes: []string{"TargetGroupNotFound"},
		reason: link.ReasonTargetGroupMissing,
		remedy: "name the ARN of a target group that exists in this account and region"},
	{codes: []string{"InvalidTarget"},
		reason: link.ReasonTargetGroupMismatch,
		remedy: "name a target group of target type ip whose load balancer can reach the endpoint's addresses"},
	{codes: []string{"TargetGroupAssociationLimit"},
		reason: link.ReasonTargetGroupMismatch,
		remedy: "take the target group out of the rules of other load balancers: a target group serves one alone"},
	{codes: []string{"ListenerNotFound"},
		reason: link.ReasonListenerMismatch,
		remedy: "name HTTPS listeners of application load balancers that exist in this account and region"},
	{codes: []string{"CertificateNotFound"},
		reason: link.ReasonCertificateMissing,
		remedy: "name an issued certificate of AWS Certificate Manager in the load balancer's account and region, or none so that one is searched for"},
	{codes: []string{"WAFNonexistentItemException"}, // AWS WAF API Reference, AssociateWebACL
		reason: link.ReasonWebACLMissing,
		remedy: "name the ARN of a regional web ACL that exists in the load balancer's account and region"},
	{codes: []string{"NoSuchHostedZone"},
		reason: link.ReasonZoneMissing,
		remedy: "name a hosted zone of this account: a public one that the domain lies in to prove it, a private one for names that lead to an endpoint"},

	// Private zones and who sees them.
	{codes: []string{"ConflictingDomainExists"},
		reason: link.ReasonConflictingZone,
		remedy: "a VPC sees one zone of a name: take it out of the other zone (aws route53 disassociate-vpc-from-hosted-zone), remove that " +
			"zone or switch off that private DNS; or name the other zone by its zoneID, so that records are kept in it"},
	{codes: []string{"NotAuthorizedException"},
		reason: link.ReasonMissingPermission,
		remedy: "make sure that the VPC belongs to the account that is to associate it, and that the zone's account authorizes it (aws route53 create-vpc-association-authorization)"},
	{codes: []string{"PublicZoneVPCAssociation"},
		reason: link.ReasonZoneMissing,
		remedy: "name a private hosted zone: no VPC can be associated with a public one"},
	{codes: []string{"InvalidVPCId"},
		reason: link.ReasonNetworkMismatch,
		remedy: "correct the spec: the VPC must exist in the account and region that it is said to be in"},
	{codes: []string{"LastVPCAssociation"},
		reason: link.ReasonInvalidRequest,
		remedy: "associate another VPC with the zone first, or delete the zone: Route 53 lets the last VPC out of no private zone"},
	{codes: []string{"HostedZoneNotEmpty"},
		reason: link.ReasonConflictingRecord,
		remedy: "remove the records that others have put into the zone, and switch off DNSSEC signing"},
}

// passing are the codes of errors that are gone after a while: outages, which answer with a status of 4xx too
// when they reach into a batch, and resources that are changing.
var passing = map[string]bool{
	"Unavailable":            true,
	"ServiceUnavailable":     true,
	"InternalError":          true,
	"InternalFailure":        true,
	"InternalServerError":    true,
	"RequestTimeout":         true,
	"HealthUnavailable":      true,
	"IncorrectState":         true,
	"InvalidState":           true,
	"ConcurrentModification": true,
	"OperationAborted":       true,
	"ResourceInUse":          true,
	"DependencyViolation":    true,
	"RuleNotFound":           true, // deleted since it was listed: looked for again
	"TooManyUpdates":         true, // SSM: the parameter is being written by somebody else
	// WAF: what was made a moment ago is not known everywhere yet.
	"WAFUnavailableEntityException": true,
	"InvalidNextToken":              true, // a list that changed between two pages is read again from its start
}
