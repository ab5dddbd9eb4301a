package permissions

// targets is what the owner of a target group must be allowed.
type targets struct {
	place
	group string // ARN
}

// targetsOfAnyGroup is for all target groups.
func targetsOfAnyGroup(at place) targets {
	return targets{place: at, group: at.arn("elasticloadbalancing", "targetgroup/*/*")}
}

func (t targets) statements() []Statement {
	return []Statement{
		allow("IngressLooks", Values{
			"elasticloadbalancing:DescribeTargetGroups",
			"elasticloadbalancing:DescribeTargetHealth",
			"ec2:DescribeVpcs",
			// For the availability zones of targets outside of the VPC.
			"elasticloadbalancing:DescribeLoadBalancers",
			"elasticloadbalancing:DescribeTargetGroupAttributes",
		}, Values{"*"}, t.here()),
		allow("IngressKeepsTargets", Values{
			"elasticloadbalancing:RegisterTargets",
			"elasticloadbalancing:DeregisterTargets",
		}, Values{t.group}),
	}
}
