package permissions

import "github.com/linkwright/linkwright/activities"

// peering is what an account must be allowed at either end of VPC peerings: the hub's, or that of an inventory's VPCs.
// Which of the two it is, is not told apart: both look and route, and what only one of them does is narrowed to
// connections and rules with our tag.
type peering struct {
	place
	owner string // the flow, as in its ownership tag
}

// peeringOfAnything is for all peerings.
func peeringOfAnything(at place) peering { return peering{place: at, owner: anything} }

func (p peering) statements() []Statement {
	const request, letIn = "CreateVpcPeeringConnection", "AuthorizeSecurityGroupIngress"
	connections := Values{p.arn("ec2", "vpc-peering-connection/*")}
	groups := Values{p.arn("ec2", "security-group/*")}
	rules := Values{p.arn("ec2", "security-group-rule/*")}
	vpcs := Values{p.arn("ec2", "vpc/*")}
	return []Statement{
		allow("PeeringLooks", Values{
			"ec2:DescribeVpcs", "ec2:DescribeRouteTables", "ec2:DescribeSecurityGroups", "ec2:DescribeSecurityGroupRules",
			"ec2:DescribeVpcPeeringConnections",
		}, Values{"*"}, p.here()),
		allow("PeeringAsks", Values{"ec2:" + request}, connections, owning(p.owner)),
		allow("PeeringAsksFrom", Values{"ec2:" + request}, vpcs),
		allow("PeeringEnds", Values{"ec2:DeleteVpcPeeringConnection"}, connections, owned(p.owner)),
		// What is accepted has no tag of ours yet: each side has tags of its own.
		allow("PeeringAccepts", Values{"ec2:AcceptVpcPeeringConnection"}, append(connections, vpcs...)),
		// The side that asks tags what it makes, and the other what it accepts.
		allow("PeeringMarks", Values{"ec2:CreateTags"}, connections, owning(p.owner),
			when("ForAllValues:StringEquals", "aws:TagKeys", "Name", activities.OwnerTag),
			// What is another flow's already is not taken from it.
			when("Null", "aws:ResourceTag/"+activities.OwnerTag, "true")),
		// Routes have neither ARNs nor tags (Service Authorization Reference, Amazon EC2).
		allow("PeeringRoutes", Values{"ec2:CreateRoute", "ec2:ReplaceRoute", "ec2:DeleteRoute"}, Values{p.arn("ec2", "route-table/*")}),
		allow("PeeringLetsIn", Values{"ec2:" + letIn, "ec2:RevokeSecurityGroupIngress"}, groups),
		allow("PeeringLetsInRules", Values{"ec2:" + letIn}, rules, owning(p.owner)),
		allow("PeeringTagsRules", Values{"ec2:CreateTags"}, rules, taggedBy(letIn, p.owner)),
	}
}
