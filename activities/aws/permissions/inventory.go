package permissions

// survey is what the owner of an inventory's VPCs must be allowed: to look. What is looked at has no ARN that a policy
// could narrow these calls to.
type survey struct {
	place
	groups bool // the inventory names security groups
}

// surveyOfAnything is for all inventories.
func surveyOfAnything(at place) survey { return survey{place: at, groups: true} }

func (s survey) statements() []Statement {
	looks := Values{"ec2:DescribeVpcs", "ec2:DescribeSubnets", "ec2:DescribeVpcEndpoints"}
	if s.groups {
		looks = append(looks, "ec2:DescribeSecurityGroups")
	}
	// Without it, an inventory goes by AWS's default.
	looks = append(looks, "servicequotas:GetServiceQuota")
	return []Statement{allow("InventoryLooks", looks, Values{"*"}, s.here())}
}
