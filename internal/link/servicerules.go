package link

import (
	"reflect"
	"strings"
	"time"
)

// Validate finds everything that can be known to be wrong with the spec without asking a cloud, and returns
// it as [Errors], or nil. It is a pure function, fit to be called in a workflow.
func (s EndpointServiceSpec) Validate() error {
	c := &checker{}
	c.service(s)
	return c.errors.err()
}

// Validate is [EndpointServiceSpec.Validate] with what surrounds the spec in a document.
func (d EndpointService) Validate() error {
	c := &checker{}
	if c.fits(d.Spec) {
		c.fields(reflect.ValueOf(d), "")
		c.service(d.Spec)
	}
	return c.errors.err()
}

func (c *checker) service(s EndpointServiceSpec) {
	if !c.fits(s) {
		return
	}
	c.fields(reflect.ValueOf(s), "spec")
	c.cloud(s.AWS != nil, s.Azure != nil, s.Region)
	if s.Azure != nil {
		c.azureService(*s.Azure)
	}
	if s.AWS != nil {
		c.loadBalancers(s.AWS.LoadBalancers, s.Region)
		c.principals(s.AWS.AllowedPrincipals, PartitionOf(s.Region))
		c.supportedRegions(s.AWS.SupportedRegions, s.Region)
		c.privateDNS(s.AWS.PrivateDNS)
		c.allowManaged("spec.aws", s.AWS.AllowManaged, "service", s.AWS.Service)
	}
	if s.Publish != nil && s.Publish.SSMParameter != nil {
		c.ssmParameter("spec.publish.ssmParameter", *s.Publish.SSMParameter, s.Region)
	}
	c.approval(s)
	c.drift(s.Drift)
}

// A VPC endpoint service stands on network load balancers of its own region and account (AWS PrivateLink
// Guide, "Create a service powered by AWS PrivateLink").
func (c *checker) loadBalancers(lbs LoadBalancers, region string) {
	const path = "spec.aws.loadBalancers"
	c.exactlyOne(path, option{"arns", lbs.ARNs != nil}, option{"tags", len(lbs.Tags) > 0})
	account := ""
	for i, s := range lbs.ARNs {
		path := at(path+".arns", i)
		lb, ok := elbARN(s, "loadbalancer/net/")
		switch other := strings.HasPrefix(lb.resource, "loadbalancer/"); {
		case !ok && other && !strings.HasPrefix(lb.resource, "loadbalancer/net/"):
			c.add(path, "%q is no network load balancer, and only those can stand behind a VPC endpoint service", s)
		case !ok:
			c.add(path, "%q is not the ARN of a network load balancer, such as "+
				"arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/net/payments/0a1b2c3d4e5f6789", s)
		case lb.region != region:
			c.add(path, "the load balancer is in %s, but the service in %s; they must be in the same region", lb.region, region)
		case lb.partition != PartitionOf(region):
			c.add(path, "begins with arn:%s, but the region %s is in the partition %s", lb.partition, region, PartitionOf(region))
		case account != "" && lb.account != account:
			c.add(path, "the load balancer is in account %s, but the first one in %s; a service takes load balancers of its own account only", lb.account, account)
		case account == "":
			account = lb.account
		}
	}
}

// The principals that a service can allow are listed in the AWS PrivateLink Guide, "Configure an endpoint
// service"; that they have no path says the EC2 API Reference, ModifyVpcEndpointServicePermissions.
func (c *checker) principals(principals []string, partition string) {
	for i, s := range principals {
		path := at("spec.aws.allowedPrincipals", i)
		a, ok := parseARN(s)
		kind, name, _ := strings.Cut(a.resource, "/")
		switch {
		case s == "*":
		case isAccountID(s):
			c.add(path, "an account is written as arn:%s:iam::%s:root", partition, s)
		case !ok || a.service != "iam" || a.region != "" || a.account == "" ||
			(a.resource != "root" && (kind != "role" && kind != "user" || name == "")):
			c.add(path, `%q is not "*" nor the ARN of an account, a role or a user, such as arn:%s:iam::111122223333:root`, s, partition)
		case strings.Contains(name, "/"):
			c.add(path, "AWS does not support principals with a path; write arn:%s:iam::%s:%s%s if there is one, or allow the whole account with arn:%s:iam::%s:root",
				a.partition, a.account, kind, name[strings.LastIndex(name, "/"):], a.partition, a.account)
		case a.partition != partition:
			c.add(path, "is in the partition %s, but the service in %s; PrivateLink does not cross partitions", a.partition, partition)
		}
	}
}

// Further regions are those of cross-region access (AWS PrivateLink Guide, "Share your services through AWS
// PrivateLink", Cross-Region access), which like all else of AWS stays within a partition.
func (c *checker) supportedRegions(regions []string, own string) {
	for i, region := range regions {
		path := at("spec.aws.supportedRegions", i)
		switch {
		case region == own:
			c.add(path, "%s is the service's own region, which is always supported; remove it", region)
		case PartitionOf(region) != PartitionOf(own):
			c.add(path, "%s is in the partition %s, but the service in %s; PrivateLink does not cross partitions", region, PartitionOf(region), PartitionOf(own))
		}
	}
}

func (c *checker) privateDNS(dns *ServicePrivateDNS) {
	if dns == nil {
		return
	}
	const path = "spec.aws.privateDNS"
	if problem := domainProblem(dns.Name); dns.Name != "" && problem != "" {
		c.add(path+".name", "%s", problem)
	}
	v := dns.Verification
	c.exactlyOne(path+".verification", option{"route53", v.Route53 != nil}, option{"byHand", v.ByHand != nil})
}

// A policy that cannot take effect is refused, since whoever wrote it expects that it does.
func (c *checker) approval(s EndpointServiceSpec) {
	const path = "spec.approval"
	p := s.Approval
	if p == nil {
		return
	}
	if s.AWS != nil && s.AWS.AcceptanceRequired != nil && !*s.AWS.AcceptanceRequired {
		c.add(path, "has no effect with aws.acceptanceRequired: false, which connects every allowed principal at once; remove one of the two")
		return
	}
	automatic := p.Mode == ApproveAutomatically
	if automatic && len(p.AutoApprove) > 0 {
		c.add(path+".autoApprove", "has no effect with mode: auto, which lets everyone in; remove one of the two")
	}
	if automatic {
		c.automatic(path, *p)
	}
	switch timeout := time.Duration(p.Timeout); {
	case timeout != 0 && automatic:
		c.add(path+".timeout", "has no effect with mode: auto, where nobody is waited for; remove one of the two")
	case timeout != 0 && timeout < time.Minute:
		c.add(path+".timeout", "must be at least 1m, not %s", p.Timeout)
	case timeout == 0 && p.OnTimeout != "":
		c.add(path+".onTimeout", "has no effect without a timeout; add one, such as timeout: 72h")
	}
}

// automatic refuses what only people can fulfil in a policy that asks none.
func (c *checker) automatic(path string, p ApprovalPolicy) {
	const remedy = "has no effect with mode: auto, where nobody is asked; remove one of the two"
	if p.Approvers != nil {
		c.add(path+".approvers", remedy)
	}
	if p.ExcludeApplier {
		c.add(path+".excludeApplier", remedy)
	}
	if p.Proof != "" && p.Proof != ProofNone {
		c.add(path+".proof", remedy)
	}
}

// allowManaged refuses a permission to take over where nothing is.
func (c *checker) allowManaged(path string, allowed bool, field, id string) {
	if allowed && id == "" {
		c.add(path+".allowManaged", "has no effect without %s, which is then taken over; remove it", field)
	}
}

// option is one of several fields of which exactly one is to be set.
type option struct {
	field string
	set   bool
}

func (c *checker) exactlyOne(path string, options ...option) {
	var names, set []string
	for _, o := range options {
		names = append(names, o.field)
		if o.set {
			set = append(set, o.field)
		}
	}
	switch len(set) {
	case 0:
		c.add(path, "needs %s", strings.Join(names, " or "))
	case 1:
	default:
		c.add(path, "takes only one of %s", strings.Join(names, ", "))
	}
}
