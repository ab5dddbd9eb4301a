// Package buckets knows the request buckets by which clouds throttle: how many requests an account may make at once,
// and how fast it may go on. It holds what they document and which request falls under what, and nothing that
// counts: the simulated clouds refuse what overdraws a bucket, and workers wait so as not to overdraw one.
package buckets

import (
	"path"
	"slices"
	"strconv"
)

// Bucket holds so many tokens, and is refilled so fast; each request takes one.
type Bucket struct {
	// Actions are the names of what it is for, with "*" as in "Describe*".
	Actions []string `yaml:"actions"`
	// Unfiltered narrows it to requests without filter, ids or page size.
	Unfiltered bool `yaml:"unfiltered"`
	// Shared makes one bucket for all its actions; otherwise each action has its own.
	Shared   bool    `yaml:"shared"`
	Capacity float64 `yaml:"capacity"`
	Refill   float64 `yaml:"refill"` // tokens a second
}

// Service is a service's buckets for each account.
type Service struct {
	// Total is for all requests together; nil for none.
	Total *Bucket `yaml:"total"`
	// Limits are tried in order; the first that is for the action counts.
	Limits []Bucket `yaml:"limits"`
	// Organization are further buckets that all accounts of an organization share, in each Region: PrivateLink's calls
	// are throttled for a whole organization too (AWS PrivateLink Guide, "Quotas"), with figures that AWS does not
	// publish. The first that is for the action counts.
	Organization []Bucket `yaml:"organization"`
	// Changes is for the changes of record sets in all requests together; nil for none. Each takes a token, an UPSERT
	// two.
	Changes *Bucket `yaml:"changes"`
	// Global services have one set of buckets for all Regions, others one in each.
	Global bool `yaml:"global"`
}

// Claim is a bucket that a request takes a token from.
type Claim struct {
	// Name tells the bucket from the service's others.
	Name   string
	Bucket Bucket
}

// Claims are the account's buckets that a request for an action falls under, that of the action before that of all. A
// request is narrowed when it asks by filter, ids or page size.
func (s Service) Claims(action string, narrowed bool) []Claim {
	claims := first(s.Limits, action, narrowed)
	if s.Total != nil {
		claims = append(claims, Claim{"total", *s.Total})
	}
	return claims
}

// OrganizationClaims are the organization's buckets that the request falls under besides.
func (s Service) OrganizationClaims(action string, narrowed bool) []Claim {
	return first(s.Organization, action, narrowed)
}

// first is the bucket of the first limit that is for a request, none when no limit is.
func first(limits []Bucket, action string, narrowed bool) []Claim {
	i := slices.IndexFunc(limits, func(b Bucket) bool { return b.applies(action, narrowed) })
	if i < 0 {
		return nil
	}
	name := strconv.Itoa(i)
	if !limits[i].Shared {
		name += "/" + action
	}
	return []Claim{{name, limits[i]}}
}

func (b Bucket) applies(action string, narrowed bool) bool {
	if b.Unfiltered && narrowed {
		return false
	}
	return slices.ContainsFunc(b.Actions, func(pattern string) bool {
		match, err := path.Match(pattern, action)
		return err == nil && match
	})
}

// Documented are the buckets that AWS documents, by the services' signing names (EC2 Developer Guide, "Request
// throttling for the Amazon EC2 API"; "Request throttling for the Elastic Load Balancing API"; Route 53 API
// Reference, "Throttling API requests"; Service Quotas User Guide, "Service quotas for Service Quotas": so many a second,
// and as many more in one burst; AWS Certificate Manager User Guide and AWS WAF Developer Guide, "Quotas").
// Certificate Manager and WAF give requests per second without the capacity of a bucket; it is taken for one second's,
// one request at the least. Services that do not publish theirs have none here, nor has WAF for what it deletes.
func Documented() map[string]Service {
	return map[string]Service{
		"ec2": {Limits: []Bucket{
			{Actions: []string{"CreateVpcEndpoint", "ModifyVpcEndpoint", "DeleteVpcEndpoints"}, Capacity: 4, Refill: 0.3},
			{Actions: []string{
				"CreateVpcEndpointServiceConfiguration", "ModifyVpcEndpointServiceConfiguration", "DeleteVpcEndpointServiceConfigurations",
				"AcceptVpcEndpointConnections", "RejectVpcEndpointConnections",
			}, Capacity: 10, Refill: 1},
			{Actions: []string{"DescribeNetworkInterfaces", "DescribeSecurityGroups"}, Unfiltered: true, Capacity: 50, Refill: 10},
			{Actions: []string{"Describe*", "Get*"}, Capacity: 100, Refill: 20},
			{Actions: []string{"CreateTags"}, Capacity: 100, Refill: 10},
			{Actions: []string{"*"}, Capacity: 50, Refill: 5},
		}},
		"elasticloadbalancing": {
			Total: &Bucket{Capacity: 40, Refill: 10},
			Limits: []Bucket{
				{Actions: []string{"Describe*"}, Shared: true, Capacity: 40, Refill: 10},
				{Actions: []string{"RegisterTargets", "DeregisterTargets"}, Shared: true, Capacity: 20, Refill: 4},
				{Actions: []string{"CreateLoadBalancer", "SetSubnets"}, Shared: true, Capacity: 10, Refill: 0.2},
				{Actions: []string{"*"}, Shared: true, Capacity: 20, Refill: 3},
			},
		},
		"acm": {Limits: []Bucket{
			{Actions: []string{"ListCertificates"}, Capacity: 1, Refill: 1},
			{Actions: []string{"DescribeCertificate", "DeleteCertificate", "ListTagsForCertificate"}, Capacity: 10, Refill: 10},
			{Actions: []string{"RequestCertificate", "AddTagsToCertificate", "RemoveTagsFromCertificate"}, Capacity: 5, Refill: 5},
		}},
		"wafv2": {Limits: []Bucket{
			{Actions: []string{"AssociateWebACL", "DisassociateWebACL"}, Capacity: 1, Refill: 0.5},
			{Actions: []string{"GetWebACLForResource", "ListResourcesForWebACL", "CreateWebACL"}, Capacity: 1, Refill: 1},
			{Actions: []string{"Get*", "List*"}, Capacity: 5, Refill: 5},
		}},
		"route53": {
			Global:  true,
			Total:   &Bucket{Capacity: 50, Refill: 10},
			Changes: &Bucket{Capacity: 1500, Refill: 100},
			Limits: []Bucket{
				{Actions: []string{"AssociateVPCWithHostedZone"}, Capacity: 20, Refill: 5},
				{Actions: []string{"DisassociateVPCFromHostedZone"}, Capacity: 10, Refill: 5},
				{Actions: []string{"CreateHostedZone"}, Capacity: 40, Refill: 2},
				{Actions: []string{"*"}, Capacity: 50, Refill: 10},
			},
		},
		"servicequotas": {Limits: []Bucket{
			{Actions: []string{"ListServiceQuotas", "ListAWSDefaultServiceQuotas"}, Capacity: 20, Refill: 10},
			{Actions: []string{"Get*"}, Capacity: 10, Refill: 5},
		}},
	}
}

// ResourceManager is the service of Azure whose buckets [DocumentedAzure] knows.
const ResourceManager = "resourceManager"

// DocumentedAzure are the buckets of a subscription that Azure Resource Manager documents (Azure Resource Manager,
// "Understand how Azure Resource Manager throttles requests", Subscription and tenant limits): one each for what reads,
// writes and deletes, for every principal and in every region that answers. A worker is one principal, and the region
// nearest to it answers.
func DocumentedAzure() map[string]Service {
	return map[string]Service{ResourceManager: {Global: true, Limits: []Bucket{
		{Actions: []string{"read"}, Capacity: 250, Refill: 25},
		{Actions: []string{"write", "delete"}, Capacity: 200, Refill: 10},
	}}}
}
