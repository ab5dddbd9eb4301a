package route53

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// zonesPerPage is the most hosted zones in one answer.
const zonesPerPage = 100

func wireZones(zones []*Zone) []hostedZone {
	var list []hostedZone
	for _, z := range zones {
		list = append(list, z.wire())
	}
	return list
}

// listHostedZones pages through the caller's zones; a marker is the id of the next page's first zone.
func (s *Service) listHostedZones(c call) (any, error) {
	size, err := maxItems(c, zonesPerPage)
	if err != nil {
		return nil, err
	}
	marker := strings.TrimPrefix(c.query("marker"), "/hostedzone/")
	onlyPrivate := c.query("hostedzonetype") == "PrivateHostedZone"
	zones := slices.DeleteFunc(s.zonesOf(c.Caller.AccountID), func(z *Zone) bool {
		return z.ID < marker || onlyPrivate && !z.Private
	})
	result := struct {
		HostedZones struct {
			HostedZone []hostedZone `xml:"HostedZone"`
		} `xml:"HostedZones"`
		Marker      string `xml:"Marker"`
		IsTruncated bool   `xml:"IsTruncated"`
		NextMarker  string `xml:"NextMarker,omitempty"`
		MaxItems    int    `xml:"MaxItems"`
	}{Marker: marker, MaxItems: size}
	if len(zones) > size {
		result.IsTruncated, result.NextMarker = true, zones[size].ID
		zones = zones[:size]
	}
	result.HostedZones.HostedZone = wireZones(zones)
	return result, nil
}

// listHostedZonesByName pages through the caller's zones in the order of their names, labels reversed.
func (s *Service) listHostedZonesByName(c call) (any, error) {
	size, err := maxItems(c, zonesPerPage)
	if err != nil {
		return nil, err
	}
	startName, startID := c.query("dnsname"), strings.TrimPrefix(c.query("hostedzoneid"), "/hostedzone/")
	startKey := ""
	if startName != "" {
		canonical, err := canonicalName(startName)
		if err != nil {
			return nil, err
		}
		startKey = sortKey(canonical)
	} else if startID != "" {
		return nil, sim.Errorf("InvalidInput", "hostedzoneid needs dnsname beside it.")
	}
	zones := slices.DeleteFunc(s.zonesOf(c.Caller.AccountID), func(z *Zone) bool {
		key := sortKey(z.Name)
		return key < startKey || key == startKey && z.ID < startID
	})
	slices.SortFunc(zones, func(a, b *Zone) int {
		return cmp.Or(cmp.Compare(sortKey(a.Name), sortKey(b.Name)), cmp.Compare(a.ID, b.ID))
	})
	result := struct {
		HostedZones struct {
			HostedZone []hostedZone `xml:"HostedZone"`
		} `xml:"HostedZones"`
		DNSName          string `xml:"DNSName,omitempty"`
		HostedZoneID     string `xml:"HostedZoneId,omitempty"`
		IsTruncated      bool   `xml:"IsTruncated"`
		NextDNSName      string `xml:"NextDNSName,omitempty"`
		NextHostedZoneID string `xml:"NextHostedZoneId,omitempty"`
		MaxItems         int    `xml:"MaxItems"`
	}{DNSName: startName, HostedZoneID: startID, MaxItems: size}
	if len(zones) > size {
		result.IsTruncated, result.NextDNSName, result.NextHostedZoneID = true, zones[size].Name, zones[size].ID
		zones = zones[:size]
	}
	result.HostedZones.HostedZone = wireZones(zones)
	return result, nil
}

type zoneSummary struct {
	HostedZoneID string    `xml:"HostedZoneId"`
	Name         string    `xml:"Name"`
	Owner        zoneOwner `xml:"Owner"`
}

// zoneOwner is an account or, of a zone that a service made, that service.
type zoneOwner struct {
	Account string `xml:"OwningAccount,omitempty"`
	Service string `xml:"OwningService,omitempty"`
}

// endpointOwner is the service that owns the zones in which EC2 keeps endpoints' private DNS names.
const endpointOwner = "vpce.amazonaws.com"

// listHostedZonesByVPC lists the private zones, of whatever account or service, that answer in a VPC of the caller's.
func (s *Service) listHostedZonesByVPC(c call) (any, error) {
	size, err := maxItems(c, zonesPerPage)
	if err != nil {
		return nil, err
	}
	start, err := startOf(c)
	if err != nil {
		return nil, err
	}
	vpc := VPC{Region: c.query("vpcregion"), ID: c.query("vpcid")}
	if owner, err := s.owner(vpc, c.Partition); err != nil || owner != c.Caller.AccountID {
		return nil, sim.Errorf("InvalidVPCId", "The VPC: %s in region %s was not found.", vpc.ID, vpc.Region)
	}
	found := slices.DeleteFunc(s.zonesIn(vpc), func(z zoneSummary) bool { return z.HostedZoneID < start })
	result := struct {
		Summaries struct {
			Summary []zoneSummary `xml:"HostedZoneSummary"`
		} `xml:"HostedZoneSummaries"`
		MaxItems  string `xml:"MaxItems"`
		NextToken string `xml:"NextToken,omitempty"`
	}{MaxItems: strconv.Itoa(size)}
	if len(found) > size {
		result.NextToken = tokenFor(c, found[size].HostedZoneID)
		found = found[:size]
	}
	result.Summaries.Summary = found
	return result, nil
}

// zonesIn are the private zones that answer in a VPC, by id.
func (s *Service) zonesIn(vpc VPC) []zoneSummary {
	var found []zoneSummary
	for _, z := range s.state.Zones {
		if slices.Contains(z.vpcs(), vpc) {
			found = append(found, zoneSummary{HostedZoneID: z.ID, Name: z.Name, Owner: zoneOwner{Account: z.AccountID}})
		}
	}
	resolver, _ := s.world.Networks.Resolver(vpc.ID)
	for _, private := range resolver.Names {
		found = append(found, zoneSummary{HostedZoneID: private.ZoneID, Name: private.Domain() + ".", Owner: zoneOwner{Service: endpointOwner}})
	}
	slices.SortFunc(found, func(a, b zoneSummary) int { return cmp.Compare(a.HostedZoneID, b.HostedZoneID) })
	return found
}
