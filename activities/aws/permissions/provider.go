package permissions

import "github.com/linkwright/linkwright/activities"

// publication is what the provider of an endpoint service must be allowed.
type publication struct {
	place
	owner       string // the flow, as in its ownership tag
	name        string // the private DNS name; empty without one
	tagged      bool   // load balancers are found by their tags
	accepts     bool   // connections are accepted
	multiRegion bool   // consumers come from other regions too
	creates     bool   // false for a service that is taken over
	takesOver   string // id of a service that is taken over; empty for none
}

// publicationOfAnything is for services of all kinds.
func publicationOfAnything(at place) publication {
	return publication{
		place: at, owner: anything, name: anything, tagged: true, accepts: true, multiRegion: true, creates: true, takesOver: anything,
	}
}

func (p publication) statements() []Statement {
	id := anything
	if !p.creates {
		id = p.takesOver
	}
	services := Values{p.arn("ec2", "vpc-endpoint-service/"+id)}
	looks := Values{
		"ec2:DescribeVpcEndpointServiceConfigurations",
		"ec2:DescribeVpcEndpointConnections",
		"elasticloadbalancing:DescribeLoadBalancers",
	}
	if p.tagged {
		looks = append(looks, "elasticloadbalancing:DescribeTags")
	}
	keeps := Values{
		"ec2:DescribeVpcEndpointServicePermissions",
		"ec2:ModifyVpcEndpointServiceConfiguration",
		"ec2:ModifyVpcEndpointServicePermissions",
		"ec2:RejectVpcEndpointConnections", // also where all are let in: a withdrawal turns away who is left
	}
	if p.creates {
		keeps = append(keeps, "ec2:DeleteVpcEndpointServiceConfigurations")
	}
	if p.accepts {
		keeps = append(keeps, "ec2:AcceptVpcEndpointConnections")
	}
	if p.name != "" {
		keeps = append(keeps, "ec2:StartVpcEndpointServicePrivateDnsVerification")
	}
	const create = "CreateVpcEndpointServiceConfiguration"
	statements := []Statement{allow("ProviderLooks", looks, Values{"*"}, p.here())}
	if p.creates {
		statements = append(statements,
			allow("ProviderCreates", Values{"ec2:" + create}, services, owning(p.owner), p.named()),
			allow("ProviderTags", Values{"ec2:CreateTags"}, services, taggedBy(create, p.owner)))
	}
	statements = append(statements,
		// What it takes over, and what is its own when somebody has taken the tag off.
		allow("ProviderTakesOver", Values{"ec2:CreateTags"}, services, unmarked(p.owner)),
		allow("ProviderKeeps", keeps, services, owned(p.owner)))
	if p.takesOver != "" {
		statements = append(statements, p.takeover()...)
	}
	if p.multiRegion {
		statements = append(statements, allow("ProviderSpansRegions", Values{multiRegion}, services))
	}
	return statements
}

// takeover is for a service that was there before. It is compared with the spec before it has a tag, and loses the tag when
// it is let go of. What is another flow's already is not looked at.
func (p publication) takeover() []Statement {
	service := Values{p.arn("ec2", "vpc-endpoint-service/"+p.takesOver)}
	nobodys := when("Null", "aws:ResourceTag/"+activities.OwnerTag, "true")
	ourTag := when("ForAllValues:StringEquals", "aws:TagKeys", activities.OwnerTag)
	return []Statement{
		allow("ProviderCompares", Values{"ec2:DescribeVpcEndpointServicePermissions"}, service, nobodys),
		// A request that names no tags takes all of them off (EC2 API Reference, DeleteTags).
		allow("ProviderLetsGo", Values{"ec2:DeleteTags"}, service, owned(p.owner), ourTag, when("Null", "aws:TagKeys", "false")),
	}
}

// named narrows the creation of services to those with the private DNS name (AWS PrivateLink Guide, "Control the
// private DNS names that can be specified for VPC endpoint services"). Modifications are not narrowed by it: AWS does
// not say whether it compares the name that a request sets or the one that the service has, and by the latter a
// service whose name was changed could not be changed back.
func (p publication) named() Condition {
	if p.name == "" || p.name == anything {
		return nil
	}
	return when("StringEquals", "ec2:VpceServicePrivateDnsName", p.name)
}

// multiRegion is no call, but a permission that AWS asks for when a service and an endpoint to it are in different
// regions (AWS PrivateLink Guide, "Cross-Region access").
const multiRegion = "vpce:AllowMultiRegion"
