package route53

import "strings"

// Why an alias cannot be, as Route 53's messages end.
const (
	outside  = "the alias target name does not lie within the target zone"
	notFound = "that target was not found"
)

// checkAlias says what is wrong with an alias's target, "" for nothing. Targets are record sets in hosted zones, and
// endpoints; of the names that other services have, nothing is known here.
func (s *Service) checkAlias(z *Zone, set RecordSet) string {
	name := set.Alias.DNSName
	target, hosted := s.state.Zones[set.Alias.HostedZoneID]
	switch {
	case z.Partition == "aws-us-gov" && target != z:
		// "You can create alias records only when the alias target is another record in the same hosted zone" (AWS
		// GovCloud (US) User Guide, "Amazon Route 53"). The China Regions' documents say nothing of the kind.
		return outside
	case hosted && !within(name, target.Name):
		return outside
	case hosted:
		if _, ok := find(target.records(), name, set.Type); !ok && target != z {
			return notFound
		}
		return ""
	case isEndpointName(name):
		return s.checkEndpointAlias(set)
	}
	return ""
}

// checkEndpointAlias: an alias for an endpoint names the hosted zone that the endpoint tells beside its DNS name, and is
// of type A alone (Route 53 API Reference, AliasTarget and ResourceRecordSet). The words for the latter are assumed.
func (s *Service) checkEndpointAlias(set RecordSet) string {
	zone, ok := s.world.Networks.EndpointZone(set.Alias.DNSName)
	switch {
	case ok && zone != set.Alias.HostedZoneID:
		return outside
	case !ok || set.Type != "A":
		return notFound
	}
	return ""
}

// isEndpointName reports whether a name is one that AWS gives to endpoints.
func isEndpointName(name string) bool {
	return strings.HasSuffix(name, ".vpce.amazonaws.com.") || strings.HasSuffix(name, ".vpce.amazonaws.com.cn.")
}
