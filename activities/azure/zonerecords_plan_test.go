package azure

import (
	"slices"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/privatedns/armprivatedns"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// set is a record set of an owner; of nobody when that is empty.
func set(kind armprivatedns.RecordType, name string, owner activities.Owner, addresses ...string) armprivatedns.RecordSet {
	s := armprivatedns.RecordSet{
		Name: &name, Type: new("Microsoft.Network/privateDnsZones/" + string(kind)), Etag: new("etag of " + name),
		Properties: &armprivatedns.RecordSetProperties{TTL: new(int64(60))},
	}
	if owner != "" {
		s.Properties.Metadata = map[string]*string{OwnerTag: new(string(owner))}
	}
	for _, a := range addresses {
		s.Properties.ARecords = append(s.Properties.ARecords, &armprivatedns.ARecord{IPv4Address: &a})
	}
	return s
}

func TestPlanRecords(t *testing.T) {
	const zone = "k.example.com"
	for _, c := range []struct {
		name      string
		have      []armprivatedns.RecordSet
		want      []link.ZoneRecord
		changes   []string
		conflicts []string
	}{
		{"when there is nothing, records are made", nil, []link.ZoneRecord{{Name: zone}, {Name: "*." + zone}}, []string{"create @", "create *"}, nil},
		{"when a record is as wanted, it stays", []armprivatedns.RecordSet{set("A", "api", connectionFlow, "10.0.0.5")}, []link.ZoneRecord{{Name: "api." + zone, TTL: 60}}, []string{"keep api"}, nil},
		{"when it leads elsewhere, it is corrected", []armprivatedns.RecordSet{set("A", "API", connectionFlow, "10.0.0.6")}, []link.ZoneRecord{{Name: "api." + zone}}, []string{"change api"}, nil},
		{"when it lives for another time, it is corrected", []armprivatedns.RecordSet{set("A", "api", connectionFlow, "10.0.0.5")}, []link.ZoneRecord{{Name: "api." + zone, TTL: 30}}, []string{"change api"}, nil},
		{"when ours is wanted no longer, it goes", []armprivatedns.RecordSet{set("A", "old", connectionFlow, "10.0.0.5")}, nil, []string{"delete old"}, nil},
		{"when others have records, they stay", []armprivatedns.RecordSet{set("A", "x", "", "10.0.0.5"), set("A", "y", "default/connection/a/b", "10.0.0.5"), set("SOA", "@", "")}, nil, nil, nil},
		{"when a name is somebody's, it blocks", []armprivatedns.RecordSet{set("A", "api", "", "10.0.0.5")}, []link.ZoneRecord{{Name: "api." + zone}}, nil, []string{"A record api." + zone}},
		{"when a name is another flow's, it says whose", []armprivatedns.RecordSet{set("A", "api", "default/connection/a/b", "10.0.0.5")}, []link.ZoneRecord{{Name: "api." + zone}}, nil, []string{"A record api." + zone + " (of default/connection/a/b)"}},
		{"when a name is an alias of another, it blocks", []armprivatedns.RecordSet{set("CNAME", "api", "")}, []link.ZoneRecord{{Name: "api." + zone}}, nil, []string{"CNAME record api." + zone}},
		{"when the zone's own name has what each zone has, that is in nobody's way", []armprivatedns.RecordSet{set("SOA", "@", "")}, []link.ZoneRecord{{Name: zone}}, []string{"create @"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			plan := planRecords(c.have, zone, connectionFlow, c.want, []string{"10.0.0.5", "10.0.0.5"})
			var changes []string
			for _, change := range plan.changes {
				changes = append(changes, string(change.action)+" "+change.name)
				if (change.action == link.ActionCreate) != (change.etag == nil) {
					t.Errorf("%s of %s goes by the etag %v", change.action, change.name, change.etag)
				}
			}
			if !slices.Equal(changes, c.changes) || !slices.Equal(plan.conflicts, c.conflicts) {
				t.Errorf("the changes are %q, the conflicts %q", changes, plan.conflicts)
			}
		})
	}
}

func TestOthersIn(t *testing.T) {
	have := []armprivatedns.RecordSet{set("SOA", "@", ""), set("A", "api", connectionFlow), set("A", "old", ""), set("TXT", "@", "")}
	if got := othersIn(have, "k.example.com", connectionFlow); !slices.Equal(got, []string{"A record old.k.example.com", "TXT record k.example.com"}) {
		t.Errorf("they are %q", got)
	}
}
