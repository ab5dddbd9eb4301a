package azure

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/privatedns/armprivatedns"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/activities/sets"
	"github.com/linkwright/linkwright/internal/link"
)

// Record sets carry metadata, and in it whose they are:
//
//	what the zone has at a wanted name    what is done
//	nothing, or records of other types    the A record is made
//	our A record, as wanted               nothing
//	our A record, another                 it is corrected
//	an A or AAAA record of somebody else,
//	  or a CNAME                          nothing; it blocks
//
//	what it has at a name not wanted      what is done
//	our A record                          it is removed
//	anything else                         nothing
//
// Each set is written for itself, and only while it is as it was read (Private DNS REST API reference, Record Sets,
// Create Or Update, If-Match).

// recordChange is what is to be done about a record set.
type recordChange struct {
	action link.Action
	name   string // relative to the zone: "@", "api", "*.api"
	shown  string // the whole name
	etag   *string
	set    armprivatedns.RecordSet // as it is to be; empty for one that is removed
}

// recordsPlan is how the records of an owner are brought in step, or what is in its way.
type recordsPlan struct {
	changes   []recordChange // those that are kept, too
	conflicts []string
}

// planRecords compares what a zone has with the names that an owner wants to lead to addresses.
func planRecords(have []armprivatedns.RecordSet, zone string, owner activities.Owner, want []link.ZoneRecord, addresses []string) recordsPlan {
	var p recordsPlan
	addresses = canonical(addresses)
	wanted := map[string]bool{}
	for _, w := range want {
		name, _ := relative(w.Name, zone)
		wanted[name] = true
		p.plan(at(have, name), recordChange{name: name, shown: w.Name}, owner, cmp.Or(int64(w.TTL), addressTTL), addresses)
	}
	for _, set := range have {
		if name := strings.ToLower(value(set.Name)); isType(set, armprivatedns.RecordTypeA) && setOwner(set) == owner && !wanted[name] {
			p.changes = append(p.changes, recordChange{action: link.ActionDelete, name: name, shown: absolute(name, zone), etag: set.Etag})
		}
	}
	return p
}

// addressTTL is the time to live of addresses in seconds, should a request not say it.
const addressTTL = 60

func (p *recordsPlan) plan(have []armprivatedns.RecordSet, c recordChange, owner activities.Owner, ttl int64, addresses []string) {
	var ours *armprivatedns.RecordSet
	for _, set := range have {
		switch {
		case isType(set, armprivatedns.RecordTypeA) && setOwner(set) == owner:
			ours = &set
		case isType(set, armprivatedns.RecordTypeA), isType(set, armprivatedns.RecordTypeAAAA), isType(set, armprivatedns.RecordTypeCNAME):
			conflict := nameOf(value(set.Type)) + " record " + c.shown
			if by := setOwner(set); by != "" {
				conflict += " (of " + string(by) + ")"
			}
			p.conflicts = append(p.conflicts, conflict)
			return
		}
	}
	c.action = link.ActionCreate
	var metadata map[string]*string
	if ours != nil {
		c.action, c.etag, metadata = link.ActionChange, ours.Etag, ours.Properties.Metadata
		if value(ours.Properties.TTL) == ttl && slices.Equal(addressesOf(*ours), addresses) {
			c.action = link.ActionKeep
		}
	}
	c.set = armprivatedns.RecordSet{Properties: &armprivatedns.RecordSetProperties{TTL: &ttl, Metadata: tagged(metadata, owner, nil)}}
	for _, a := range addresses {
		c.set.Properties.ARecords = append(c.set.Properties.ARecords, &armprivatedns.ARecord{IPv4Address: new(a)})
	}
	p.changes = append(p.changes, c)
}

// othersIn are the sets that a zone would have without the owner's records, but for the one that each zone must have.
func othersIn(have []armprivatedns.RecordSet, zone string, owner activities.Owner) []string {
	var others []string
	for _, set := range have {
		if isType(set, armprivatedns.RecordTypeSOA) || setOwner(set) == owner {
			continue
		}
		others = append(others, nameOf(value(set.Type))+" record "+absolute(strings.ToLower(value(set.Name)), zone))
	}
	return sets.Sorted(others)
}

// relative is a name as a zone writes it, and whether it lies in the zone.
func relative(name, zone string) (string, bool) {
	name, zone = strings.ToLower(strings.TrimSuffix(name, ".")), strings.ToLower(zone)
	if name == zone {
		return "@", true
	}
	return strings.CutSuffix(name, "."+zone)
}

func absolute(name, zone string) string {
	if name == "@" {
		return zone
	}
	return name + "." + zone
}

// at are the sets of a name.
func at(have []armprivatedns.RecordSet, name string) []armprivatedns.RecordSet {
	var found []armprivatedns.RecordSet
	for _, set := range have {
		if is(value(set.Name), name) {
			found = append(found, set)
		}
	}
	return found
}

func isType(set armprivatedns.RecordSet, kind armprivatedns.RecordType) bool {
	return is(nameOf(value(set.Type)), string(kind))
}

func setOwner(set armprivatedns.RecordSet) activities.Owner {
	if set.Properties == nil {
		return ""
	}
	return ownerOf(set.Properties.Metadata)
}

func addressesOf(set armprivatedns.RecordSet) []string {
	var all []string
	for _, r := range values(set.Properties.ARecords) {
		all = append(all, value(r.IPv4Address))
	}
	return canonical(all)
}

// canonical are addresses of IPv4, each named once, in order: a private endpoint of a private link service has no
// others.
func canonical(addresses []string) []string {
	all := map[netip.Addr]bool{}
	for _, a := range addresses {
		if ip, err := netip.ParseAddr(a); err == nil && ip.Unmap().Is4() {
			all[ip.Unmap()] = true
		}
	}
	var list []string
	for _, ip := range slices.SortedFunc(maps.Keys(all), netip.Addr.Compare) {
		list = append(list, ip.String())
	}
	return list
}
