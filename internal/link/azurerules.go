package link

import (
	"net/netip"
	"slices"
	"strings"
)

// A spec describes one thing in one cloud, and the region is one of that cloud's.
func (c *checker) cloud(aws, azure bool, region string) {
	c.exactlyOne("spec", option{"aws", aws}, option{"azure", azure})
	switch dashed := strings.Contains(region, "-"); {
	case aws && !azure && region != "" && !dashed:
		c.add("spec.region", "%q is not a region of AWS, such as eu-central-1", region)
	case azure && !aws && dashed:
		c.add("spec.region", "%q is not a region of Azure, such as westeurope", region)
	}
}

// A private link service that is there is left as it is, so nothing may be said of how it is to be made.
func (c *checker) azureService(s AzureEndpointService) {
	const path = "spec.azure"
	c.exactlyOne(path, option{"resourceGroup", s.ResourceGroup != ""}, option{"privateLinkService", s.PrivateLinkService != ""})
	if s.PrivateLinkService != "" {
		c.azureID(path+".privateLinkService", s.PrivateLinkService, typePrivateLink, "private link service")
		c.leftAlone(path, "privateLinkService, which is left as it is", []option{
			{"name", s.Name != ""}, {"frontends", s.Frontends != nil}, {"nat", s.NAT != nil}, {"visibility", s.Visibility != nil},
			{"autoApproval", s.AutoApproval != nil}, {"proxyProtocol", s.ProxyProtocol}, {"fqdns", s.FQDNs != nil},
			{"accessMode", s.AccessMode != ""}, {"tags", s.Tags != nil}, {"allowReplacement", s.AllowReplacement},
		})
		return
	}
	if s.Frontends == nil {
		c.add(path+".frontends", "is required with resourceGroup")
	} else {
		c.frontends(path+".frontends", *s.Frontends)
	}
	if s.NAT == nil {
		c.add(path+".nat", "is required with resourceGroup")
	} else {
		c.nat(path+".nat", *s.NAT)
	}
	c.autoApproval(path, s)
	for i, name := range s.FQDNs {
		if problem := hostProblem(name); problem != "" {
			c.add(at(path+".fqdns", i), "%s", problem)
		}
	}
	c.azureTags(path+".tags", s.Tags)
}

func (c *checker) leftAlone(path, with string, set []option) {
	for _, o := range set {
		if o.set {
			c.add(path+"."+o.field, "has no effect with %s; remove one of the two", with)
		}
	}
}

// A private link service stands on frontends of one load balancer (Azure Private Link, "What is Azure Private Link
// service?", Properties).
func (c *checker) frontends(path string, f AzureFrontends) {
	c.exactlyOne(path, option{"ids", f.IDs != nil}, option{"kubernetes", f.Kubernetes != nil})
	var first AzureID
	for i, s := range f.IDs {
		id, ok := c.azureID(at(path+".ids", i), s, typeFrontend, "load balancer's frontend")
		if !ok {
			continue
		}
		balancer, _ := id.Parent()
		switch {
		case first.Names == nil:
			first = balancer
		case !SameAzureID(first.String(), balancer.String()):
			c.add(at(path+".ids", i), "is of the load balancer %s, but the first one of %s; a service stands on frontends of one", balancer.Name(), first.Name())
		}
	}
	if k := f.Kubernetes; k != nil {
		path += ".kubernetes"
		c.exactlyOne(path, option{"address", k.Address != ""}, option{"uid", k.UID != ""})
		if k.Address != "" {
			c.ipv4(path+".address", k.Address)
		}
	}
}

// A private link service has at most eight addresses, of IPv4 (Azure Private Link, "What is Azure Private Link
// service?", Limitations).
func (c *checker) nat(path string, n AzureNAT) {
	c.azureID(path+".subnet", n.Subnet, typeSubnet, "subnet")
	if n.Count != nil && int(*n.Count) < len(n.Addresses) {
		c.add(path+".count", "is %d, but there are %d addresses; take some out, or count them all", *n.Count, len(n.Addresses))
	}
	if len(n.Addresses) > 8 {
		c.add(path+".addresses", "has %d entries; a private link service has at most 8 addresses", len(n.Addresses))
	}
	for i, s := range n.Addresses {
		c.ipv4(at(path+".addresses", i), s)
	}
}

func (c *checker) ipv4(path, s string) {
	//workflowcheck:ignore (only the zone of an address, which one of IPv4 cannot have, is kept in a table)
	if address, err := netip.ParseAddr(s); err != nil || !address.Is4() || address.String() != s {
		c.add(path, "%q is not an IPv4 address, such as 10.240.1.4", s)
	}
}

// Who is let in without being asked must be among those who may ask (Azure Private Link, "What is Azure Private Link
// service?", Control service access).
func (c *checker) autoApproval(path string, s AzureEndpointService) {
	if slices.Contains(s.Visibility, "*") {
		return
	}
	for i, subscription := range s.AutoApproval {
		if !slices.Contains(s.Visibility, subscription) {
			c.add(at(path+".autoApproval", i), "%s is not among visibility, and only those who may ask for a connection can be let in", subscription)
		}
	}
}

// AzureOwnerTag is the name of the tag that marks what belongs to a flow on Azure.
const AzureOwnerTag = "linkwrightOwner"

// azureTags: Azure Resource Manager, "Use tags to organize your Azure resources", Limitations. Linkwright has one tag.
func (c *checker) azureTags(path string, tags map[string]string) {
	if len(tags) > 49 {
		c.add(path, "has %d entries; a resource has at most 50 tags, one of which is Linkwright's", len(tags))
	}
	for _, name := range sortedKeys(tags) {
		switch {
		case name == "" || len(name) > 512 || strings.ContainsAny(name, `<>%&\?/`):
			c.add(join(path, name), `is not the name of a tag, which has 1 to 512 characters and none of <>%%&\?/`)
		case len(tags[name]) > 256:
			c.add(join(path, name), "has %d characters; the value of a tag has at most 256", len(tags[name]))
		case strings.EqualFold(name, AzureOwnerTag):
			c.add(join(path, name), "is kept for what marks Linkwright's own")
		}
	}
}

func (c *checker) azureEndpoint(s AzureConnection) {
	const path = "spec.azure"
	c.exactlyOne(path, option{"resourceGroup", s.ResourceGroup != ""}, option{"privateEndpoint", s.PrivateEndpoint != ""})
	if s.Subnet != "" {
		c.azureID(path+".subnet", s.Subnet, typeSubnet, "subnet")
	}
	if s.PrivateEndpoint != "" {
		c.azureID(path+".privateEndpoint", s.PrivateEndpoint, typeEndpoint, "private endpoint")
		c.leftAlone(path, "privateEndpoint, which is there already", []option{
			{"name", s.Name != ""}, {"tags", s.Tags != nil}, {"requestMessage", s.RequestMessage != ""}, {"connectBy", s.ConnectBy != ""},
		})
	}
	c.allowManaged(path, s.AllowManaged, "privateEndpoint", s.PrivateEndpoint)
	c.azureTags(path+".tags", s.Tags)
}

// azureDNS checks what a private zone of Azure can be. Private Link gives the service no private DNS name there
// (Azure Private Link, "Azure Private Endpoint private DNS zone values", covers the platform's own services alone).
func (c *checker) azureDNS(s ConnectionSpec) {
	if s.DNS.Mode == DNSPrivate {
		c.add("spec.dns.mode", "Azure Private Link gives services no private DNS name; use hostedZone")
	}
	zone := s.DNS.HostedZone
	if zone == nil {
		return
	}
	const path = "spec.dns.hostedZone"
	if zone.ZoneID != "" {
		c.azureID(path+".zoneID", zone.ZoneID, typePrivateZone, "private DNS zone")
	}
	if zone.VPCs != nil {
		c.add(path+".vpcs", "are of AWS; name the virtual networks that see the zone with virtualNetworks")
	}
	if zone.ZoneID != "" && zone.ResourceGroup != "" {
		c.add(path+".resourceGroup", "has no effect with zoneID, which says where the zone is; remove one of the two")
	}
	for i, network := range zone.VirtualNetworks {
		c.azureID(at(path+".virtualNetworks", i), network, typeVirtualNetwork, "virtual network")
	}
}

// awsDNS checks that nothing of Azure's is said of a zone of Route 53.
func (c *checker) awsDNS(zone *HostedZone) {
	if zone == nil {
		return
	}
	const path = "spec.dns.hostedZone"
	if zone.ZoneID != "" && strings.HasPrefix(zone.ZoneID, "/") {
		c.add(path+".zoneID", "%q is not the id of a hosted zone of Route 53, such as Z0123456789ABCDEFGHIJ", zone.ZoneID)
	}
	if zone.VirtualNetworks != nil {
		c.add(path+".virtualNetworks", "are of Azure; name the VPCs that see the zone with vpcs")
	}
	if zone.ResourceGroup != "" {
		c.add(path+".resourceGroup", "is of Azure, and has no effect here; remove it")
	}
}
