package elbv2

import (
	"maps"
	"slices"
	"testing"
)

func TestEveryRegionHasAZoneForEachTypeOfLoadBalancer(t *testing.T) {
	if networks, applications := slices.Sorted(maps.Keys(networkZones)), slices.Sorted(maps.Keys(applicationZones)); !slices.Equal(networks, applications) {
		t.Errorf("the tables have different Regions: %v, %v", networks, applications)
	}
	seen := map[string]string{}
	for _, zones := range []map[string]string{networkZones, applicationZones} {
		for region, zone := range zones {
			if other, ok := seen[zone]; ok {
				t.Errorf("%s and %s share the zone %s", region, other, zone)
			}
			seen[zone] = region
		}
	}
	if got := hostedZoneID("eu-central-1", application); got != "Z215JYRZR1TBD5" {
		t.Errorf("in eu-central-1 it is %s", got)
	}
}
