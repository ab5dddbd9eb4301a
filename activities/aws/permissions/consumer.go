package permissions

import "slices"

// endpoint is what the consumer of an endpoint service must be allowed.
type endpoint struct {
	place
	owner       string   // the flow, as in its ownership tag
	vpcs        []string // ids: one, or those of the inventories that it is chosen from
	subnets     []string // ids
	groups      []string // ids of security groups; none for the VPC's default
	chosen      bool     // the VPC is chosen from inventories
	ownGroup    bool     // the endpoint has a security group of its own
	provider    string   // account id of the service's provider; empty when it is not known
	creates     bool     // false for an endpoint that is taken over
	takesOver   string   // id of an endpoint that is taken over; empty for none
	privateDNS  bool
	multiRegion bool // the service is in another region
}

// endpointOfAnything is for connections of all kinds.
func endpointOfAnything(at place) endpoint {
	return endpoint{
		place: at, owner: anything, vpcs: []string{anything}, subnets: []string{anything}, groups: []string{anything},
		chosen: true, ownGroup: true,
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
		// What it takes over, and what it has made when somebody has taken the tag off.
		allow("ConsumerTakesOver", Values{"ec2:CreateTags"}, endpoints, unmarked(e.owner)),
		// The subnets and security groups that a change adds, and those of an earlier spec that it takes away.
		allow("ConsumerMoves", Values{"ec2:ModifyVpcEndpoint"},
			Values{e.shared("security-group/*"), e.shared("subnet/*")}, e.inVPC()),
	}
	if e.creates {
		statements = append(statements, e.creation(endpoints)...)
	}
	if e.privateDNS {
		statements = append(statements,
			allow("ConsumerLooksAtVPC", Values{"ec2:DescribeVpcAttribute"}, e.networks()),
			// Never called by us: AWS does, in the caller's name, when private DNS is switched on, and hangs where it
			// may not (Service Authorization Reference, Amazon EC2, dependent actions of CreateVpcEndpoint). The zone
			// is AWS's own, and not known beforehand.
			allow("ConsumerNames", Values{associateVPC}, Values{"*"}))
	}
	if e.ownGroup {
		statements = append(statements, e.groupStatements()...)
	}
	if e.multiRegion {
		statements = append(statements, allow("ConsumerSpansRegions", Values{multiRegion}, endpoints))
	}
	return statements
}

const associateVPC = "route53:AssociateVPCWithHostedZone"

func (e endpoint) looks() Values {
	looks := Values{"ec2:DescribeVpcEndpoints", "ec2:DescribeNetworkInterfaces"}
	if e.privateDNS || e.chosen {
		looks = append(looks, "ec2:DescribeVpcEndpointServices")
	}
	if e.chosen {
		looks = append(looks, "ec2:DescribeAvailabilityZones") // where AWS gives no ids of zones
	}
	if e.ownGroup {
		looks = append(looks, "ec2:DescribeSecurityGroups")
	}
	return looks
}

// creation is for an endpoint that is made. One action is checked against each resource that it uses, and the
// conditions on the endpoint are none of the others'.
func (e endpoint) creation(endpoints Values) []Statement {
	const create = "CreateVpcEndpoint"
	used := e.networks()
	for _, subnet := range e.subnets {
		used = append(used, e.shared("subnet/"+subnet))
	}
	for _, group := range e.groups {
		used = append(used, e.shared("security-group/"+group))
	}
	if len(e.groups) == 0 && !e.ownGroup {
		used = append(used, e.shared("security-group/*")) // the VPC's default one, whose id the spec does not say
	}
	slices.Sort(used)
	// A service that the consumer is not let see yet has no owner: it is refused as invisible, and not for want of
	// a permission.
	var toProvider Condition
	if e.provider != "" {
		toProvider = when("StringEqualsIfExists", "ec2:VpceServiceOwner", e.provider)
	}
	statements := []Statement{
		allow("ConsumerCreates", Values{"ec2:" + create}, endpoints, owning(e.owner), toProvider),
		allow("ConsumerCreatesIn", Values{"ec2:" + create}, used),
		allow("ConsumerTags", Values{"ec2:CreateTags"}, endpoints, taggedBy(create, e.owner)),
	}
	if e.ownGroup {
		statements = append(statements, allow("ConsumerCreatesWith", Values{"ec2:" + create}, e.securityGroups(), owned(e.owner)))
	}
	return statements
}

// groupStatements are for a security group of the endpoint's own, which is made with the ownership tag and changed for it
// alone. The tags of the groups and prefix lists that its rules refer to do not matter to AWS.
func (e endpoint) groupStatements() []Statement {
	const create = "CreateSecurityGroup"
	return []Statement{
		allow("ConsumerCreatesGroup", Values{"ec2:" + create}, e.securityGroups(), owning(e.owner)),
		allow("ConsumerCreatesGroupIn", Values{"ec2:" + create}, e.networks()),
		allow("ConsumerTagsGroup", Values{"ec2:CreateTags"}, e.securityGroups(), taggedBy(create, e.owner)),
		allow("ConsumerTagsGroupAgain", Values{"ec2:CreateTags"}, e.securityGroups(), unmarked(e.owner)),
		allow("ConsumerKeepsGroup", Values{"ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress", "ec2:DeleteSecurityGroup"},
			e.securityGroups(), owned(e.owner)),
	}
}

// securityGroups are those that the account may have.
func (e endpoint) securityGroups() Values { return Values{e.arn("ec2", "security-group/*")} }

// networks are the VPCs.
func (e endpoint) networks() Values {
	var all Values
	for _, vpc := range e.vpcs {
		all = append(all, e.shared("vpc/"+vpc))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// inVPC narrows calls to subnets and security groups of the VPCs.
func (e endpoint) inVPC() Condition {
	if slices.Contains(e.vpcs, anything) {
		return nil
	}
	return when("ArnLike", "ec2:Vpc", e.networks()...)
}
