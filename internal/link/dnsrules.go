package link

import "strings"

// dns checks that a hosted zone is there when it is asked for, and not otherwise.
func (c *checker) dns(s ConnectionSpec) {
	const path = "spec.dns.hostedZone"
	switch zone, wanted := s.DNS.HostedZone, s.DNS.Mode == DNSHostedZone; {
	case zone == nil && wanted:
		c.add(path, "is required with mode: hostedZone")
	case zone != nil && !wanted:
		mode := s.DNS.Mode
		fill(&mode, DNSNone)
		c.add(path, "has no effect with mode: %s; set mode: hostedZone, or remove it", mode)
	case zone != nil:
		c.hostedZone(path, *zone, s)
	}
}

func (c *checker) hostedZone(path string, zone HostedZone, s ConnectionSpec) {
	c.exactlyOne(path, option{"name", zone.Name != ""}, option{"zoneID", zone.ZoneID != ""})
	if zone.Name != "" {
		c.zoneName(path+".name", zone.Name)
	}
	c.zoneRecords(path+".records", zone, s)
	if s.Azure == nil {
		c.zoneVPCs(path, zone, s)
	}
}

// A zone, unlike a record, has no wildcard as its first label (Route 53 Developer Guide, "Using an asterisk (*) in the
// names of hosted zones and records"). One label is enough for it: nobody proves the ownership of a private zone.
func (c *checker) zoneName(path, name string) {
	switch problem := hostProblem(name); {
	case problem != "":
		c.add(path, "%s", problem)
	case strings.HasPrefix(name, "*."):
		c.add(path, "%q begins with a wildcard, which only a record can have; name the zone %s, and a record %s", name, name[2:], name)
	}
}

// zoneRecords checks the records, each of which has a name of its own: there is one record set of a name and type
// (Route 53 API Reference, ResourceRecordSet), and both kinds of record here are of the type A.
func (c *checker) zoneRecords(path string, zone HostedZone, s ConnectionSpec) {
	first := map[string]int{}
	within := strings.ToLower(zone.Name) // that it is in lower case is said of the name itself
	for i, record := range zone.Records {
		path, name := at(path, i), record.Name
		fill(&name, zone.Name)
		earlier, twice := first[name]
		switch problem := hostProblem(name); {
		case name == "":
			c.add(path+".name", "is required with zoneID, because the name of the zone does not stand here")
		case problem != "":
			c.add(path+".name", "%s", problem)
		case within != "" && name != within && !strings.HasSuffix(name, "."+within):
			c.add(path+".name", "%q is not in the zone %s", name, zone.Name)
		case twice:
			c.add(path+".name", "%q is the name of records[%d] already", name, earlier)
		default:
			first[name] = i
		}
		c.recordType(path, record, s)
	}
}

// An alias record has no time to live of its own (Route 53 API Reference, ResourceRecordSet, TTL).
func (c *checker) recordType(path string, record ZoneRecord, s ConnectionSpec) {
	kind := record.Type
	fill(&kind, s.usualRecord())
	switch {
	case kind == RecordAlias && s.Azure != nil:
		c.add(path+".type", "a private DNS zone of Azure knows no alias records that lead to an endpoint; use A")
	case kind == RecordAlias && !aliasesEndpoints(PartitionOf(s.Region)):
		c.add(path+".type", "%s knows no alias records that lead to an endpoint; use A", PartitionOf(s.Region))
	case kind == RecordAlias && record.TTL != 0:
		c.add(path+".ttl", "has no effect on an alias, which has the endpoint's own; remove it, or set type: A")
	}
}

// aliasesEndpoints reports whether an alias record in a private zone may lead to an endpoint. In AWS GovCloud (US) it
// leads to records of the same zone only (AWS GovCloud User Guide, "Amazon Route 53", Private Hosted Zones). The
// regions of China have aliases within the partition ("Getting Started with Amazon Web Services in China", Amazon
// Route 53); of the others AWS says nothing to the contrary.
func aliasesEndpoints(partition string) bool { return partition != "aws-us-gov" }

// usualRecord is the type of a record that does not name one.
func (s ConnectionSpec) usualRecord() RecordType {
	if s.Azure == nil && aliasesEndpoints(PartitionOf(s.Region)) {
		return RecordAlias
	}
	return RecordA
}

// Route 53 makes a private zone together with a VPC that sees it (Route 53 API Reference, CreateHostedZone), and VPCs
// of other accounts can be authorized only once there is a zone (CreateVPCAssociationAuthorization): the first VPC is
// one of the zone's own account. The zone and its VPCs are in one partition (AssociateVPCWithHostedZone).
func (c *checker) zoneVPCs(path string, zone HostedZone, s ConnectionSpec) {
	owner := zone.Account
	fill(&owner, s.Account)
	own := owner == s.Account // the endpoint's VPC
	first := map[string]int{}
	for i, vpc := range zone.VPCs {
		path := at(path+".vpcs", i)
		fill(&vpc.Account, s.Account)
		fill(&vpc.Region, s.Region)
		own = own || vpc.Account == owner
		c.samePartition(path+".region", vpc.Region, s.Region, "Route 53")
		if earlier, twice := first[vpc.VPC]; twice {
			c.add(path+".vpc", "%s is listed already, as vpcs[%d]", vpc.VPC, earlier)
		} else if vpc.VPC != "" {
			first[vpc.VPC] = i
		}
	}
	if zone.Name != "" && !own {
		c.add(path+".vpcs", "needs a VPC of the account %s, because Route 53 makes no private zone without a VPC of the zone's own account", owner)
	}
}
