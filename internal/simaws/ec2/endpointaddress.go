package ec2

import (
	"cmp"
	"slices"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// takes are the families that a service must accept for an endpoint's IP address type, and recordTypes the types of
// its DNS records that go with it, the default first (AWS PrivateLink Guide, "Create an interface endpoint", and EC2
// API Reference, DnsOptionsSpecification).
var (
	takes = map[string][]string{
		"ipv4":      {"ipv4"},
		"ipv6":      {"ipv6"},
		"dualstack": {"ipv4", "ipv6"},
	}
	recordTypes = map[string][]string{
		"ipv4":      {"ipv4", "service-defined"},
		"ipv6":      {"ipv6", "service-defined"},
		"dualstack": {"dualstack", "ipv4", "ipv6", "service-defined"},
	}
)

// setAddressTypes takes the endpoint's address type from the request.
func (e *Endpoint) setAddressTypes(f query.Form, service *EndpointService) error {
	before := e.IPAddressType
	e.IPAddressType = cmp.Or(f.String("IpAddressType"), before, "ipv4")
	families, ok := takes[e.IPAddressType]
	if !ok {
		return sim.Errorf("InvalidParameter", "The IP address type %s is not one of ipv4, dualstack, ipv6.", e.IPAddressType)
	}
	for _, family := range families {
		if !slices.Contains(service.IPAddressTypes, family) {
			return sim.Errorf("InvalidParameter", "The VPC endpoint service %s does not support the IP address type %s.", service.Name(), e.IPAddressType)
		}
	}
	records := f.Sub("DnsOptions").String("DnsRecordIpType")
	if records == "" && before == e.IPAddressType {
		return nil
	}
	e.DNSRecordType = cmp.Or(records, recordTypes[e.IPAddressType][0])
	if !slices.Contains(recordTypes[e.IPAddressType], e.DNSRecordType) {
		return sim.Errorf("InvalidParameter", "The DNS record IP type %s does not go with the IP address type %s.", e.DNSRecordType, e.IPAddressType)
	}
	return nil
}

// fits reports whether a subnet has the blocks that the endpoint's address type takes. An endpoint of IPv6 alone
// takes subnets of IPv6 alone.
func (e *Endpoint) fits(subnet *Subnet) error {
	switch {
	case e.IPAddressType != "ipv6" && subnet.CIDR == "", e.IPAddressType != "ipv4" && subnet.V6.CIDR == "", e.IPAddressType == "ipv6" && subnet.CIDR != "":
		return sim.Errorf("InvalidParameter", "The subnet %s does not support the IP address type %s.", subnet.ID, e.IPAddressType)
	}
	return nil
}
