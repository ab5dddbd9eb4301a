package permissions

import (
	"cmp"
	"slices"
	"strings"

	"github.com/linkwright/linkwright/internal/link"
)

// privateZone is what the account with a private zone must be allowed, in which names lead to an endpoint. Route 53
// lets no policy look at the tags of a zone (Amazon Route 53 Developer Guide, "Using IAM policy conditions for
// fine-grained access control"): a zone that is made is narrowed by its VPCs, and its records by their names.
type privateZone struct {
	partition string
	made      bool     // the zone is made, by name, and removed again
	name      string   // of a zone that is made
	id        string   // of one that is there; empty for one that is made
	records   []string // names in a zone that is there
	own       []string // VPCs of the zone's account that may see one that is made, as vpcValue writes them
	others    []string // VPCs of other accounts
}

// privateZoneOfAnything is for zones of all names with all records, whether they are made or there.
func privateZoneOfAnything(at place) privateZone {
	vpcs := []string{vpcValue(anything, at.region)}
	return privateZone{partition: at.partition, made: true, name: anything, own: vpcs, others: []string{vpcValue(anything, anything)}}
}

func (z privateZone) statements() []Statement {
	zones := Values{hostedZone(z.partition, z.id)}
	statements := []Statement{
		allow("ZoneLooks", Values{"route53:GetHostedZone", "route53:ListResourceRecordSets", "route53:ListTagsForResources"}, zones),
		allow("ZoneLeads", Values{"route53:ChangeResourceRecordSets"}, zones,
			when("ForAllValues:StringEquals", "route53:ChangeResourceRecordSetsRecordTypes", "A", "AAAA", "TXT"),
			everyLike("route53:ChangeResourceRecordSetsNormalizedRecordNames", z.names())),
		allow("ZoneAwaitsChanges", Values{"route53:GetChange"}, Values{route53ARN(z.partition, "change/*")}),
	}
	if z.made {
		statements = append(statements,
			allow("ZoneFinds", Values{"route53:ListHostedZonesByName"}, Values{"*"}),
			allow("ZoneCreates", Values{"route53:CreateHostedZone", "route53:ListHostedZonesByVPC"}, Values{"*"}, ofVPCs(z.own)),
			seesVPCs("ZoneSeesVPCs"),
			allow("ZoneKeeps", Values{"route53:ChangeTagsForResource", "route53:DeleteHostedZone"}, zones))
	}
	if len(z.others) > 0 {
		statements = append(statements, allow("ZoneAuthorizes",
			Values{"route53:CreateVPCAssociationAuthorization", "route53:DeleteVPCAssociationAuthorization"}, zones, ofVPCs(z.others)))
	}
	return statements
}

// names are those of the records, normalized: in lower case, without a dot at the end, an asterisk as \052 (Amazon
// Route 53 Developer Guide, as above). In a zone that is made, they are all that it can have.
func (z privateZone) names() []string {
	if z.made {
		if z.name == anything {
			return []string{anything}
		}
		return []string{z.name, "*." + z.name}
	}
	var names []string
	for _, name := range z.records {
		names = append(names, strings.ReplaceAll(name, "*", `\052`))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// network is what the account with VPCs must be allowed that are to see a private zone, its own or another's.
type network struct {
	partition string
	zone      string   // id; empty when it is not known
	vpcs      []string // as vpcValue writes them
}

// networkOfAnything is for all VPCs, and all zones.
func networkOfAnything(at place) network {
	return network{partition: at.partition, vpcs: []string{vpcValue(anything, at.region)}}
}

func (n network) statements() []Statement {
	return []Statement{
		allow("NetworkLooks", Values{"route53:ListHostedZonesByVPC"}, Values{"*"}, ofVPCs(n.vpcs)),
		allow("NetworkAssociates", Values{associateVPC, "route53:DisassociateVPCFromHostedZone"},
			Values{hostedZone(n.partition, n.zone)}, ofVPCs(n.vpcs)),
		allow("NetworkAwaitsChanges", Values{"route53:GetChange"}, Values{route53ARN(n.partition, "change/*")}),
		seesVPCs("NetworkSeesVPCs"),
	}
}

// seesVPCs is for what Route 53 does in the caller's name when a request names a VPC (Service Authorization Reference,
// Amazon Route 53, dependent actions).
func seesVPCs(sid string) Statement { return allow(sid, Values{"ec2:DescribeVpcs"}, Values{"*"}) }

// vpcValue is a VPC as the key route53:VPCs has it.
func vpcValue(vpc, region string) string { return "VPCId=" + vpc + ",VPCRegion=" + region }

// ofVPCs narrows calls to VPCs.
func ofVPCs(vpcs []string) Condition {
	sorted := slices.Clone(vpcs)
	slices.Sort(sorted)
	return everyLike("route53:VPCs", slices.Compact(sorted))
}

// everyLike is a condition on a key with several values, which must all be among these, which may have wildcards.
func everyLike(key string, values []string) Condition {
	if slices.ContainsFunc(values, func(v string) bool { return strings.ContainsAny(v, "*?") }) {
		return when("ForAllValues:StringLike", key, values...)
	}
	return when("ForAllValues:StringEquals", key, values...)
}

// hostedZone is the ARN of a zone; of all zones without an id.
func hostedZone(partition, id string) string {
	return route53ARN(partition, "hostedzone/"+cmp.Or(id, anything))
}

// route53ARN is that of something of Route 53, which has neither regions nor accounts in it.
func route53ARN(partition, resource string) string {
	return "arn:" + partition + ":route53:::" + resource
}

// hostedZone adds what the private zone of a connection takes: of its owner, and of the owners of the VPCs that see it.
func (b *builder) hostedZone(spec link.ConnectionSpec) {
	want := spec.DNS.HostedZone
	if spec.DNS.Mode != link.DNSHostedZone || want == nil {
		return
	}
	partition, account := link.PartitionOf(spec.Region), cmp.Or(want.Account, spec.Account)
	z := privateZone{partition: partition, made: want.ZoneID == "", name: want.Name, id: want.ZoneID}
	for _, r := range want.Records {
		z.records = append(z.records, r.Name)
	}
	vpcs := want.VPCs
	if len(vpcs) == 0 && z.made {
		vpcs = []link.ZoneVPC{{}} // the endpoint's
	}
	of := map[string][]string{} // by account
	for _, v := range vpcs {
		owner := cmp.Or(v.Account, spec.Account)
		vpc := vpcValue(cmp.Or(v.VPC, spec.AWS.VPC, anything), cmp.Or(v.Region, spec.Region))
		of[owner] = append(of[owner], vpc)
		if owner == account {
			z.own = append(z.own, vpc)
		} else {
			z.others = append(z.others, vpc)
		}
	}
	if len(z.own) == 0 {
		z.own = []string{vpcValue(anything, anything)}
	}
	b.add(account, Zone, z.statements())
	for owner, vpcs := range of {
		b.add(owner, Network, network{partition, want.ZoneID, vpcs}.statements())
	}
}
