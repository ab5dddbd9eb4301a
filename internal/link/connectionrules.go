package link

import "reflect"

// Validate finds everything that can be known to be wrong with the spec without asking a cloud, and returns
// it as [Errors], or nil. It is a pure function, fit to be called in a workflow.
func (s ConnectionSpec) Validate() error {
	c := &checker{}
	c.connection(s)
	return c.errors.err()
}

// Validate is [ConnectionSpec.Validate] with what surrounds the spec in a document.
func (d Connection) Validate() error {
	c := &checker{}
	c.fields(reflect.ValueOf(d), "")
	c.connection(d.Spec)
	return c.errors.err()
}

// Validate checks the name alone, for flows that are given a name and a spec.
func (m Metadata) Validate() error {
	c := &checker{}
	c.fields(reflect.ValueOf(m), "metadata")
	return c.errors.err()
}

func (c *checker) connection(s ConnectionSpec) {
	c.size(s)
	c.fields(reflect.ValueOf(s), "spec")
	if s.Ingress != nil && s.Ingress.TargetGroup != "" {
		c.targetGroup(s.Ingress.TargetGroup, s.Region)
	}
}

// Elastic Load Balancing is asked in the connection's region, and knows the target groups of that region only
// (AWS General Reference, "Elastic Load Balancing endpoints and quotas").
func (c *checker) targetGroup(s, region string) {
	const path = "spec.ingress.targetGroup"
	group, ok := elbARN(s, "targetgroup/")
	switch {
	case !ok:
		c.add(path, "%q is not the ARN of a target group, such as "+
			"arn:aws:elasticloadbalancing:eu-central-1:111122223333:targetgroup/payments/0a1b2c3d4e5f6789", s)
	case group.region != region:
		c.add(path, "the target group is in %s, but the connection in %s; they must be in the same region", group.region, region)
	case group.partition != PartitionOf(region):
		c.add(path, "begins with arn:%s, but the region %s is in the partition %s", group.partition, region, PartitionOf(region))
	}
}
