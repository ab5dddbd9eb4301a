package permissions

import (
	"slices"

	"github.com/linkwright/linkwright/activities"
)

// endpoint is what the consumer of an endpoint service must be allowed.
type endpoint struct {
	place
	owner       string   // the flow, as in its ownership tag
	vpc         string   // id
	subnets     []string // ids
	groups      []string // ids of security groups; none for the VPC's default
	provider    string   // account id of the service's provider; empty when it is not known
	creates     bool     // false for an endpoint that is taken over
	takesOver   string   // id of an endpoint that is taken over; empty for none
	privateDNS  bool
	multiRegion bool // the service is in another region
}

// endpointOfAnything is for connections of all kinds.
func endpointOfAnything(at place) endpoint {
	return endpoint{
		place: at, owner: anything, vpc: anything, subnets: []string{anything}, groups: []string{anything},
		creates: true, takesOver: anything, privateDNS: true, multiRegion: true,
	}
}

func (e endpoint) statements() []Statement {
	id := anything
	if !e.creates {
		id = e.takesOver
	}
	endpoints := Values{e.arn("ec2", "vpc-endpoint/"+id)}
	statements := []Statement{
		allow("ConsumerLooks", e.looks(), Values{"*"}, e.here()),
		allow("ConsumerKeeps", Values{"ec2:ModifyVpcEndpoint", "ec2:DeleteVpcEndpoints"}, endpoints, owned(e.owner)),
		// The subnets and security groups that a change adds, and those of an earlier spec that it takes away.
		allow("ConsumerMoves", Values{"ec2:ModifyVpcEndpoint"},
			Values{e.shared("security-group/*"), e.shared("subnet/*")}, e.inVPC()),
	}
	if e.creates {
		statements = append(statements, e.creation(endpoints)...)
	}
	if e.takesOver != "" {
		statements = append(statements, allow("ConsumerTakesOver", Values{"ec2:CreateTags"},
			Values{e.arn("ec2", "vpc-endpoint/"+e.takesOver)}, owning(e.owner),
			when("ForAllValues:StringEquals", "aws:TagKeys", activities.OwnerTag),
			// What is another flow's already is not taken from it.
			when("Null", "aws:ResourceTag/"+activities.OwnerTag, "true")))
	}
	if e.privateDNS {
		statements = append(statements,
			allow("ConsumerLooksAtVPC", Values{"ec2:DescribeVpcAttribute"}, Values{e.shared("vpc/" + e.vpc)}),
			// Never called by us: AWS does, in the caller's name, when private DNS is switched on, and hangs where it
			// may not (Service Authorization Reference, Amazon EC2, dependent actions of CreateVpcEndpoint). The zone
			// is AWS's own, and not known beforehand.
			allow("ConsumerNames", Values{associateVPC}, Values{"*"}))
	}
	if e.multiRegion {
		statements = append(statements, allow("ConsumerSpansRegions", Values{multiRegion}, endpoints))
	}
	return statements
}

const associateVPC = "route53:AssociateVPCWithHostedZone"

func (e endpoint) looks() Values {
	looks := Values{"ec2:DescribeVpcEndpoints", "ec2:DescribeNetworkInterfaces"}
	if e.privateDNS {
		looks = append(looks, "ec2:DescribeVpcEndpointServices")
	}
	return looks
}

// creation is for an endpoint that is made. One action is checked against each resource that it uses, and the
// conditions on the endpoint are none of the others'.
func (e endpoint) creation(endpoints Values) []Statement {
	const create = "CreateVpcEndpoint"
	used := Values{e.shared("vpc/" + e.vpc)}
	for _, subnet := range e.subnets {
		used = append(used, e.shared("subnet/"+subnet))
	}
	for _, group := range e.groups {
		used = append(used, e.shared("security-group/"+group))
	}
	if len(e.groups) == 0 {
		used = append(used, e.shared("security-group/*")) // the VPC's default one, whose id the spec does not say
	}
	slices.Sort(used)
	// A service that the consumer is not let see yet has no owner: it is refused as invisible, and not for want of
	// a permission.
	var toProvider Condition
	if e.provider != "" {
		toProvider = when("StringEqualsIfExists", "ec2:VpceServiceOwner", e.provider)
	}
	return []Statement{
		allow("ConsumerCreates", Values{"ec2:" + create}, endpoints, owning(e.owner), toProvider),
		allow("ConsumerCreatesIn", Values{"ec2:" + create}, used),
		allow("ConsumerTags", Values{"ec2:CreateTags"}, endpoints, taggedBy(create, e.owner)),
	}
}

// inVPC narrows calls to subnets and security groups of the VPC.
func (e endpoint) inVPC() Condition {
	if e.vpc == anything {
		return nil
	}
	return when("ArnLike", "ec2:Vpc", e.shared("vpc/"+e.vpc))
}
