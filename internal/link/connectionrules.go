package link

import (
	"fmt"
	"net/netip"
	"reflect"
	"regexp"
	"strings"
)

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
	if c.fits(d.Spec) {
		c.fields(reflect.ValueOf(d), "")
		c.connection(d.Spec)
	}
	return c.errors.err()
}

// Validate checks the name alone, for flows that are given a name and a spec.
func (m Metadata) Validate() error {
	c := &checker{}
	c.fields(reflect.ValueOf(m), "metadata")
	return c.errors.err()
}

func (c *checker) connection(s ConnectionSpec) {
	if !c.fits(s) {
		return
	}
	c.fields(reflect.ValueOf(s), "spec")
	if s.NameFrom != nil {
		c.nameFrom(*s.NameFrom, s)
	}
	c.cloud(s.AWS != nil, s.Azure != nil, s.Region)
	if s.AWS != nil {
		c.endpoint(*s.AWS)
		c.awsDNS(s.DNS.HostedZone)
	}
	if s.Azure != nil {
		c.azureEndpoint(*s.Azure)
		c.azureDNS(s)
		if s.Ingress != nil {
			c.add("spec.ingress", "is made of load balancers of AWS; remove it, and let your load balancer reach the private endpoint by its address or its DNS name")
		}
	}
	c.dns(s)
	if s.Ingress != nil && s.Azure == nil {
		c.ingress(*s.Ingress, s)
	}
}

// The service is looked for in its own region, in the consumer's partition: PrivateLink crosses regions (AWS
// PrivateLink Guide, "Share your services through AWS PrivateLink", Cross-Region access), but no partitions.
func (c *checker) nameFrom(from NameFrom, s ConnectionSpec) {
	const path = "spec.nameFrom"
	c.exactlyOne(path, option{"ssmParameter", from.SSMParameter != nil}, option{"name", from.Name != ""})
	if from.SSMParameter != nil {
		c.ssmParameter(path+".ssmParameter", *from.SSMParameter, s.Region)
	}
	if from.Name != "" {
		c.serviceName(path+".name", from.Name, s)
	}
	if s.Azure == nil {
		c.samePartition(path+".serviceRegion", from.ServiceRegion, s.Region, "PrivateLink")
	}
}

// A VPC endpoint service is called com.amazonaws.vpce.REGION.ID (AWS PrivateLink Guide, "Share your services through AWS
// PrivateLink"; in the regions of China cn.com.amazonaws.vpce); a private link service by its resource id or its alias,
// PREFIX.GUID.REGION.azure.privatelinkservice (Azure Private Link, "What is Azure Private Link service?", Alias).
func (c *checker) serviceName(path, name string, s ConnectionSpec) {
	_, isID := ParseAzureID(name)
	switch {
	case s.Azure != nil && isID:
		c.azureID(path, name, typePrivateLink, "private link service")
	case s.Azure != nil && !strings.HasSuffix(name, ".azure.privatelinkservice"):
		c.add(path, "%q is neither the alias of a private link service, such as payments.0a1b2c3d-4e5f-6789-0a1b-2c3d4e5f6789.westeurope.azure.privatelinkservice, nor its resource id", name)
	case s.AWS != nil && !strings.Contains(name, "com.amazonaws.vpce."):
		c.add(path, "%q is not the name of a VPC endpoint service, such as com.amazonaws.vpce.eu-central-1.vpce-svc-0a1b2c3d4e5f67890", name)
	}
}

// samePartition checks the region of something that the connection's region must reach.
func (c *checker) samePartition(path, other, region, what string) {
	if other != "" && PartitionOf(other) != PartitionOf(region) {
		c.add(path, "%s is in the partition %s, but the connection in %s; %s does not cross partitions", other, PartitionOf(other), PartitionOf(region), what)
	}
}

// An endpoint stands in one VPC, which is named or chosen; what hangs together with a VPC by its id can only be said
// when the VPC is (EC2 API Reference, CreateVpcEndpoint: SubnetId, SecurityGroupId).
func (c *checker) endpoint(aws AWSConnection) {
	const path = "spec.aws"
	c.exactlyOne(path, option{"vpc", aws.VPC != ""}, option{"inventories", aws.Inventories != nil})
	chosen := aws.Inventories != nil
	switch {
	case chosen && aws.Subnets != nil:
		c.add(path+".subnets", "has no effect with inventories, which say the subnets of their VPCs; remove one of the two")
	case aws.VPC != "" && aws.Subnets == nil:
		c.add(path+".subnets", "is required with vpc")
	}
	if chosen && aws.Endpoint != "" {
		c.add(path+".endpoint", "has no effect with inventories, because an endpoint stays in its VPC; name that with vpc instead")
	}
	c.allowManaged(path, aws.AllowManaged, "endpoint", aws.Endpoint)
	if aws.SecurityGroup != nil {
		c.securityGroup(*aws.SecurityGroup, aws)
	}
}

// Sources of a rule are a CIDR block, a prefix list or a security group (EC2 API Reference, IpPermission). EC2 turns
// a CIDR block into its canonical form without a word (EC2 API Reference, AuthorizeSecurityGroupIngress), after which
// the rule no longer looks like the one that was asked for.
func (c *checker) securityGroup(group EndpointSecurityGroup, aws AWSConnection) {
	const path = "spec.aws.securityGroup"
	switch {
	case aws.SecurityGroups != nil:
		c.add(path, "takes the place of securityGroups; remove one of the two")
	case aws.Endpoint != "":
		c.add(path, "is made for an endpoint that is made too; an endpoint that is taken over keeps its own, or those in securityGroups")
	}
	for i, source := range group.From {
		if problem := sourceProblem(source); problem != "" {
			c.add(at(path+".from", i), "%s", problem)
		}
	}
}

func sourceProblem(source string) string {
	if groupOrPrefixList.MatchString(source) {
		return ""
	}
	//workflowcheck:ignore (only the zone of an address, which a CIDR block cannot have, is kept in a table)
	block, err := netip.ParsePrefix(source)
	switch {
	case err != nil || block.Addr().Is4In6():
		return fmt.Sprintf("%q is neither a CIDR block such as 10.0.0.0/8, nor a prefix list (pl-…), nor a security group (sg-…)", source)
	case block.Masked().String() != source:
		return fmt.Sprintf("%q is written %s, which is the same block", source, block.Masked())
	default:
		return ""
	}
}

var groupOrPrefixList = regexp.MustCompile(`^(sg|pl)-[0-9a-f]+$`)
