package permissions

// discovery is what an import must be allowed in an account: to look. It looks at what belongs to nobody, so that no tag
// narrows it.
type discovery struct{ place }

func (d discovery) statements() []Statement {
	return []Statement{
		allow("ImporterLooks", Values{"ec2:DescribeVpcEndpointServiceConfigurations", "ec2:DescribeVpcEndpoints"}, Values{"*"}, d.here()),
		allow("ImporterLooksAtServices", Values{"ec2:DescribeVpcEndpointServicePermissions"}, Values{d.arn("ec2", "vpc-endpoint-service/*")}),
	}
}
