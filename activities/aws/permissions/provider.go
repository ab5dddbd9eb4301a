package permissions

// publication is what the provider of an endpoint service must be allowed.
type publication struct {
	place
	owner       string // the flow, as in its ownership tag
	name        string // the private DNS name; empty without one
	tagged      bool   // load balancers are found by their tags
	accepts     bool   // connections are accepted
	multiRegion bool   // consumers come from other regions too
}

// publicationOfAnything is for services of all kinds.
func publicationOfAnything(at place) publication {
	return publication{place: at, owner: anything, name: anything, tagged: true, accepts: true, multiRegion: true}
}

func (p publication) statements() []Statement {
	services := Values{p.arn("ec2", "vpc-endpoint-service/*")}
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
		"ec2:DeleteVpcEndpointServiceConfigurations",
	}
	if p.accepts {
		keeps = append(keeps, "ec2:AcceptVpcEndpointConnections")
	}
	if p.name != "" {
		keeps = append(keeps, "ec2:StartVpcEndpointServicePrivateDnsVerification")
	}
	const create = "CreateVpcEndpointServiceConfiguration"
	statements := []Statement{
		allow("ProviderLooks", looks, Values{"*"}, p.here()),
		allow("ProviderCreates", Values{"ec2:" + create}, services, owning(p.owner), p.named()),
		allow("ProviderTags", Values{"ec2:CreateTags"}, services, taggedBy(create, p.owner)),
		allow("ProviderTagsAgain", Values{"ec2:CreateTags"}, services, unmarked(p.owner)), // when somebody has taken the tag off
		allow("ProviderKeeps", keeps, services, owned(p.owner)),
	}
	if p.multiRegion {
		statements = append(statements, allow("ProviderSpansRegions", Values{multiRegion}, services))
	}
	return statements
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
