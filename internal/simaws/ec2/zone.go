package ec2

import (
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// Zone is an availability zone as one account sees it. The same name is another zone in another account;
// only the id means the same to all (AWS RAM User Guide, "Availability Zone IDs for your AWS resources").
type Zone struct {
	Name string // "us-east-1a"
	ID   string // "use1-az4"
}

// zones are the availability zones of a Region in an account's own naming, in the order of the names.
func zones(account, region string) []Zone {
	count := 3
	if region == "us-east-1" {
		count = 6
	}
	seed := fnv.New64a()
	seed.Write([]byte(account + "/" + region)) // never fails (hash.Hash)
	order := rand.New(rand.NewPCG(seed.Sum64(), 0)).Perm(count)
	list := make([]Zone, count)
	for i := range list {
		list[i] = Zone{
			Name: region + string(rune('a'+i)),
			ID:   zonePrefix(region) + "-az" + strconv.Itoa(order[i]+1),
		}
	}
	return list
}

// zonePrefix shortens a Region's name as zone ids do: "us-east-1" to "use1", "ap-southeast-2" to "apse2".
func zonePrefix(region string) string {
	parts := strings.Split(region, "-")
	short := parts[0]
	for _, part := range parts[1:] {
		for _, direction := range []string{"north", "south", "gov", "central", "east", "west"} {
			if rest, ok := strings.CutPrefix(part, direction); ok {
				short += direction[:1]
				part = rest
			}
		}
		if part != "" {
			short += part[:1]
		}
	}
	return short
}

// zone finds a zone of the caller by name or id.
func zone(account, region, nameOrID string) (Zone, bool) {
	for _, z := range zones(account, region) {
		if z.Name == nameOrID || z.ID == nameOrID {
			return z, true
		}
	}
	return Zone{}, false
}

// noRemoteAccess are the zones in which endpoints cannot connect to services of other Regions (AWS PrivateLink
// Guide, "Share your services through AWS PrivateLink": cross-Region access).
var noRemoteAccess = []string{"use1-az3", "usw1-az2", "apne1-az3", "apne2-az2", "apne2-az4"}

// remoteZones names the caller's zones in which they can.
func remoteZones(r *sim.Request) string {
	var names []string
	for _, z := range zones(r.Caller.AccountID, r.Region) {
		if !slices.Contains(noRemoteAccess, z.ID) {
			names = append(names, z.Name)
		}
	}
	return strings.Join(names, ", ")
}

type zoneItem struct {
	OptInStatus        string `xml:"optInStatus"`
	ZoneName           string `xml:"zoneName"`
	ZoneID             string `xml:"zoneId"`
	State              string `xml:"zoneState"`
	RegionName         string `xml:"regionName"`
	GroupName          string `xml:"groupName"`
	NetworkBorderGroup string `xml:"networkBorderGroup"`
	Type               string `xml:"zoneType"`
}

func (s *Service) describeAvailabilityZones(r *sim.Request, f query.Form) (any, error) {
	all := zones(r.Caller.AccountID, r.Region)
	wanted := map[string]bool{}
	for _, parameter := range []string{"ZoneName", "ZoneId"} {
		for _, given := range f.List(parameter) {
			z, ok := zone(r.Caller.AccountID, r.Region, given)
			if !ok {
				return nil, sim.Errorf("InvalidParameterValue", "Invalid availability zone: [%s]", given)
			}
			wanted[z.ID] = true
		}
	}
	if err := f.Filters().Check(func(name string) bool { _, known := (zoneItem{}).attributes()[name]; return known }); err != nil {
		return nil, err
	}
	var result struct {
		Zones []zoneItem `xml:"availabilityZoneInfo>item"`
	}
	for _, z := range all {
		item := zoneItem{
			OptInStatus: "opt-in-not-required", ZoneName: z.Name, ZoneID: z.ID, State: "available", RegionName: r.Region,
			GroupName: r.Region + "-zg-1", NetworkBorderGroup: r.Region, Type: "availability-zone",
		}
		if f.Filters().Match(item.attribute) && (len(wanted) == 0 || wanted[z.ID]) {
			result.Zones = append(result.Zones, item)
		}
	}
	return result, nil
}

// attributes are what zones can be filtered by.
func (z zoneItem) attributes() map[string]string {
	return map[string]string{
		"zone-name": z.ZoneName, "zone-id": z.ZoneID, "zone-type": z.Type, "region-name": z.RegionName, "state": z.State,
		"group-name": z.GroupName, "opt-in-status": z.OptInStatus,
	}
}

func (z zoneItem) attribute(filter string) []string { return []string{z.attributes()[filter]} }
