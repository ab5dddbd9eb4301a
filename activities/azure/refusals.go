package azure

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"

	"github.com/linkwright/linkwright/internal/link"
)

// refusal says what an error of Azure means to a person.
type refusal struct {
	codes  []string // a code, or "*" and the end of one
	status int      // in place of codes: what has none of those above
	reason link.Reason
	remedy string // {identity} is filled in, and {action} and {scope} of a missing permission
}

func (r refusal) matches(err *azcore.ResponseError) bool {
	if r.status != 0 {
		return err.StatusCode == r.status
	}
	return slices.ContainsFunc(r.codes, func(code string) bool {
		if end, ok := strings.CutPrefix(code, "*"); ok {
			return strings.HasSuffix(err.ErrorCode, end)
		}
		return err.ErrorCode == code
	})
}

// invisible is the code of a private endpoint to a private link service that does not exist, or is not to be seen from
// the endpoint's subscription.
const invisible = "ThirdPartyPrivateLinkServiceProvidedDuringPrivateEndpointCreationDoesNotExistOrIsNotVisible"

// inUse is the code of a private link service that has connections (Azure Private Link, "Manage Azure private
// endpoints").
const inUse = "PrivateLinkServiceWithPrivateEndpointConnectionsCannotBeDeleted"

// policiesOn is the code of a subnet whose network policies are on (Azure Private Link, "Manage network policies for
// private link services").
const policiesOn = "PrivateLinkServiceCannotBeCreatedInSubnetThatHasNetworkPoliciesEnabled"

// refusals are tried from the top. Sources, unless said otherwise: Azure Resource Manager, "Troubleshoot common Azure
// deployment errors"; Azure Private Link, "What is Azure Private Link service?", Limitations.
var refusals = []refusal{
	// Credentials that are good, but not here.
	{codes: []string{"InvalidAuthenticationTokenTenant", "SubscriptionNotFound", "InvalidSubscriptionId"},
		reason: link.ReasonBadCredentials,
		remedy: "correct tenantID or subscriptionID of the account in the accounts file: the subscription must belong to the tenant, and {identity} have a role in it"},
	{status: http.StatusUnauthorized,
		reason: link.ReasonBadCredentials,
		remedy: "give the account a credential in the accounts file that Azure takes for {identity}"},

	// Permissions. Azure RBAC, "Troubleshoot Azure RBAC".
	{codes: []string{"AuthorizationFailed", "LinkedAuthorizationFailed"},
		reason: link.ReasonMissingPermission,
		remedy: "give {identity} a role with {action} on {scope}; it counts a few minutes later"},
	{codes: []string{"RequestDisallowedByPolicy"}, // Azure Policy, "Troubleshoot errors"
		reason: link.ReasonInvalidRequest,
		remedy: "exempt what is made from the policy that the message names, or change the spec so that the policy admits it"},
	{codes: []string{"ScopeLocked"}, // Azure Resource Manager, "Lock your resources to protect your infrastructure"
		reason: link.ReasonInvalidRequest,
		remedy: "take the lock away that the message names; Linkwright then goes on by itself"},
	{codes: []string{"MissingSubscriptionRegistration", "SubscriptionNotRegistered"},
		reason: link.ReasonInvalidRequest,
		remedy: "register the resource provider in the subscription: az provider register --namespace Microsoft.Network"},
	{status: http.StatusForbidden,
		reason: link.ReasonMissingPermission,
		remedy: "give {identity} a role with {action} on {scope}; it counts a few minutes later"},

	// Limits. Azure Resource Manager, "Azure subscription and service limits", Private Link limits, Azure DNS limits.
	{codes: []string{"SubnetIsFull"},
		reason: link.ReasonQuotaFull,
		remedy: "free addresses in the subnet, or name another one"},
	{codes: []string{"*CountLimitReached", "*LimitReached", "*LimitExceeded", "*QuotaExceeded", "*QuotaLimitExceeded"},
		reason: link.ReasonQuotaFull,
		remedy: "remove resources that nobody needs, or ask Azure for a higher limit"},

	// Services, endpoints and their networks.
	{codes: []string{invisible},
		reason: link.ReasonServiceNotVisible,
		remedy: "let the provider put this account's subscription among the service's visibility, or check the alias"},
	{codes: []string{policiesOn},
		reason: link.ReasonNetworkMismatch,
		remedy: "let nobody switch privateLinkServiceNetworkPolicies of the NAT subnet on again: no private link service is made there with them"},
	{codes: []string{"PrivateLinkServiceIsNotSupportedForIPBasedLoadBalancer"}, // Azure Load Balancer, "Backend pool management", Limitations
		reason: link.ReasonLoadBalancerNotReady,
		remedy: "put the backends into the load balancer's pool by their network interfaces: one with a pool of IP addresses cannot be behind a private link service"},
	{codes: []string{"InvalidResourceReference", "ResourceNotFound", "NotFound", "PrivateIPAddressNotInSubnet", "PrivateIPAddressIsAllocated", "PrivateIPAddressInReservedRange"},
		reason: link.ReasonNetworkMismatch,
		remedy: "correct the spec: what it names must exist, in the region of the spec, and addresses be free and in their subnet"},
	{codes: []string{"ResourceGroupNotFound"},
		reason: link.ReasonInvalidRequest,
		remedy: "create the resource group, or name one that exists in the account's subscription"},
	{codes: []string{"CannotDeleteResource"}, // Azure DNS, "Protect private DNS zones and records": links and records come first
		reason: link.ReasonConflictingZone,
		remedy: "remove what others have below this resource: Azure deletes nothing that something is in"},
}

// passing are the codes of errors that are gone after a while, whatever their status.
var passing = []string{"InternalServerError", "InternalServerErrorException", "ServerTimeout", "ServiceUnavailable", "GatewayTimeout", "RetryableError", "OperationPreempted", "Canceled", "CanceledAndSupersededDueToAnotherOperation"}

// conflicts are the codes of what several changes at once come to, such as private endpoints to one service.
var conflicts = []string{"ConflictError", "Conflict", "InvalidPrivateLinkServiceId"}

// settling are the codes of what comes right by itself, and is somebody's mistake when it stays: conflicts, and a service
// or a subnet that has just been changed and is not known everywhere.
var settling = append([]string{policiesOn, invisible}, conflicts...)

// lack is a permission that somebody does not have.
type lack struct{ action, scope string }

// What Azure says of a missing permission (Azure RBAC, "Troubleshoot Azure RBAC"): the action and the scope stand in
// the message alone. The second form names first the action that is allowed, and then the one that is not.
var (
	notAuthorized = regexp.MustCompile(`authorization to perform action '([^']+)' over scope '([^']+)'`)
	notLinked     = regexp.MustCompile(`permission to perform action(?:\(s\))? '([^']+)' on the linked scope(?:\(s\))? '([^']+)'`)
)

// missingPermission is what a refused call lacks; the call itself, on its subscription, where the message does not say.
func missingPermission(p link.Problem) lack {
	for _, says := range []*regexp.Regexp{notLinked, notAuthorized} {
		if named := says.FindStringSubmatch(p.Message); named != nil {
			return lack{named[1], named[2]}
		}
	}
	return lack{p.Call, "the subscription"}
}
