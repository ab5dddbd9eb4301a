package sim

import (
	"fmt"
	"slices"
)

// Quota is how much of something an account may have, as Service Quotas lists it.
type Quota struct {
	Service    string // code of the service: "vpc"
	Code       string // "L-29B6F2EB"
	Name       string
	Default    int
	Adjustable bool // by a request for an increase
}

// The codes by which services ask for their quotas. Those of VPC are as the Amazon VPC User Guide, "Amazon VPC
// quotas", and the AWS PrivateLink Guide, "AWS PrivateLink quotas", link to them; those of Elastic Load Balancing as
// the user guides of its load balancers, "Quotas", do.
const (
	QuotaVPCs                 = "L-F678F1CE"
	QuotaSecurityGroups       = "L-E79EC296"
	QuotaRules                = "L-0EA8095F"
	QuotaGroupsPerInterface   = "L-2AFB9258"
	QuotaRouteTables          = "L-589F43AA"
	QuotaRoutes               = "L-93826ACB"
	QuotaActivePeerings       = "L-7E9ECCDB"
	QuotaOutstandingPeerings  = "L-DC9F7029"
	QuotaPeeringExpiry        = "L-8312C5BB"
	QuotaInterfaceEndpoints   = "L-29B6F2EB"
	QuotaALBs                 = "L-53DA6B97"
	QuotaCertificatesPerALB   = "L-9365A611"
	QuotaListenersPerALB      = "L-B6DF7632"
	QuotaRulesPerALB          = "L-7EED9B64"
	QuotaTargetsPerALB        = "L-7E6692B2"
	QuotaTargetGroupsPerALB   = "L-822D1B1B"
	QuotaTargetGroups         = "L-B22855CB"
	QuotaTargetsPerGroup      = "L-A0D0B863"
	QuotaNLBs                 = "L-69A177A2"
	QuotaListenersPerNLB      = "L-57A373D6"
	QuotaCertificatesPerNLB   = "L-52964454"
	QuotaTargetsPerNLB        = "L-EEF1AD04"
	QuotaTargetsPerZonePerNLB = "L-B211E961"
	QuotaCertificates         = "L-F141DD1D"
	QuotaNamesPerCertificate  = "L-FB94F0B0"
	QuotaWebACLs              = "L-2EC3DE7B"
)

// The codes of the services that have quotas here.
const (
	QuotasOfVPC = "vpc"
	QuotasOfELB = "elasticloadbalancing"
	QuotasOfACM = "acm"
	QuotasOfWAF = "wafv2"
)

// quotas are all that there are here, in the order in which they are listed. Assumed are the codes of three, which the
// guides do not link to: QuotaPeeringExpiry, QuotaTargetGroupsPerALB and QuotaCertificatesPerNLB are as programs have
// them that check quotas, and so are all of Certificate Manager and WAF. A route table has room for 500 routes since
// June 2025 (AWS, "Amazon VPC raises default Route Table Capacity"); older guides say 50.
var quotas = []Quota{
	{QuotasOfVPC, QuotaRules, "Inbound or outbound rules per security group", 60, true},
	{QuotasOfVPC, QuotaInterfaceEndpoints, "Interface VPC endpoints per VPC", 50, true},
	{QuotasOfVPC, QuotaGroupsPerInterface, "Security groups per network interface", 5, true},
	{QuotasOfVPC, QuotaRouteTables, "Route tables per VPC", 200, true},
	{QuotasOfVPC, QuotaActivePeerings, "Active VPC peering connections per VPC", 50, true},
	{QuotasOfVPC, QuotaPeeringExpiry, "VPC peering connection request expiry hours", 168, false},
	{QuotasOfVPC, QuotaRoutes, "Routes per route table", 500, true},
	{QuotasOfVPC, QuotaOutstandingPeerings, "Outstanding VPC peering connection requests", 25, true},
	{QuotasOfVPC, QuotaSecurityGroups, "VPC security groups per Region", 2500, true},
	{QuotasOfVPC, QuotaVPCs, "VPCs per Region", 5, true},
	{QuotasOfELB, QuotaALBs, "Application Load Balancers per Region", 50, true},
	{QuotasOfELB, QuotaListenersPerNLB, "Listeners per Network Load Balancer", 50, true},
	{QuotasOfELB, QuotaNLBs, "Network Load Balancers per Region", 50, true},
	{QuotasOfELB, QuotaTargetsPerALB, "Targets per Application Load Balancer", 1000, true},
	{QuotasOfELB, QuotaRulesPerALB, "Rules per Application Load Balancer", 100, true},
	{QuotasOfELB, QuotaTargetGroupsPerALB, "Target Groups per Application Load Balancer", 100, false},
	{QuotasOfELB, QuotaCertificatesPerALB, "Certificates per Application Load Balancer", 25, true},
	{QuotasOfELB, QuotaTargetsPerGroup, "Targets per Target Group per Region", 1000, true},
	{QuotasOfELB, QuotaTargetsPerZonePerNLB, "Targets per Availability Zone per Network Load Balancer", 500, true},
	{QuotasOfELB, QuotaTargetGroups, "Target Groups per Region", 3000, true},
	{QuotasOfELB, QuotaListenersPerALB, "Listeners per Application Load Balancer", 50, true},
	{QuotasOfELB, QuotaCertificatesPerNLB, "Certificates per Network Load Balancer", 25, true},
	{QuotasOfELB, QuotaTargetsPerNLB, "Targets per Network Load Balancer", 3000, true},
	{QuotasOfACM, QuotaCertificates, "ACM certificates", 2500, true},
	{QuotasOfACM, QuotaNamesPerCertificate, "Domain names per ACM certificate", 10, true},
	{QuotasOfWAF, QuotaWebACLs, "Maximum web ACLs per account in WAF for regional", 100, true},
}

// FindQuota finds a quota; false when there is none of that code.
func FindQuota(service, code string) (Quota, bool) {
	i := slices.IndexFunc(quotas, func(q Quota) bool { return q.Service == service && q.Code == code })
	if i < 0 {
		return Quota{}, false
	}
	return quotas[i], true
}

// QuotasOf are a service's quotas in the order in which they are listed.
func QuotasOf(service string) []Quota {
	var of []Quota
	for _, q := range quotas {
		if q.Service == service {
			of = append(of, q)
		}
	}
	return of
}

// Quotas are the values that apply to accounts in Regions, where they are not AWS's defaults. The zero value has the
// defaults everywhere.
type Quotas struct{ applied map[appliedQuota]int }

type appliedQuota struct{ account, region, service, code string }

// Apply gives an account another value in a Region; with neither, it is for all accounts and Regions that have no
// value of their own.
func (q *Quotas) Apply(account, region, service, code string, value int) error {
	if _, ok := FindQuota(service, code); !ok {
		return fmt.Errorf("there is no quota %s of the service %s", code, service)
	}
	if value < 0 {
		return fmt.Errorf("the quota %s of the service %s cannot be %d", code, service, value)
	}
	if q.applied == nil {
		q.applied = map[appliedQuota]int{}
	}
	q.applied[appliedQuota{account, region, service, code}] = value
	return nil
}

// Value is how much an account may have in a Region of what a quota is for. A quota that does not exist allows nothing.
func (q *Quotas) Value(account, region, service, code string) int {
	if value, ok := q.applied[appliedQuota{account, region, service, code}]; ok {
		return value
	}
	if value, ok := q.applied[appliedQuota{"", "", service, code}]; ok {
		return value
	}
	known, _ := FindQuota(service, code)
	return known.Default
}
