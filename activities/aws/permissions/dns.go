package permissions

import "strings"

// proof is what the account with a public zone must be allowed, for the TXT record that proves a domain.
type proof struct {
	partition string
	domain    string // the private DNS name that is proven
	zoneID    string // empty when the zone is to be found
}

// proofOfAnything is for all domains in all zones.
func proofOfAnything(at place) proof { return proof{partition: at.partition, domain: anything} }

func (p proof) statements() []Statement {
	zones := Values{hostedZone(p.partition, p.zoneID)}
	statements := []Statement{
		allow("DNSLooks", Values{"route53:GetHostedZone", "route53:ListResourceRecordSets"}, zones),
		allow("DNSProves", Values{"route53:ChangeResourceRecordSets"}, zones, p.record()),
		allow("DNSAwaitsChanges", Values{"route53:GetChange"}, Values{route53ARN(p.partition, "change/*")}),
	}
	if p.zoneID == "" {
		statements = append(statements, allow("DNSFindsZones", Values{"route53:ListHostedZones"}, Values{"*"}))
	}
	return statements
}

// record narrows changes to TXT records at names that AWS asks for: a label of its choice, which begins with an
// underscore, below the domain, or below what a wildcard stands in (AWS PrivateLink Guide, "Manage DNS names for VPC
// endpoint services"). The names that the key compares are normalized: lower case, no dot at the end (Amazon Route 53
// Developer Guide, "Using IAM policy conditions for fine-grained access control").
func (p proof) record() Condition {
	names := "_*"
	if p.domain != anything {
		names += "." + strings.TrimPrefix(p.domain, "*.")
	}
	return all(when("ForAllValues:StringEquals", "route53:ChangeResourceRecordSetsRecordTypes", "TXT"),
		when("ForAllValues:StringLike", "route53:ChangeResourceRecordSetsNormalizedRecordNames", names))
}
