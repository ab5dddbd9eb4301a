package workflows

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// twoZones is a VPC with a subnet in each of two zones.
func twoZones(vpc string) link.InventoryVPC {
	return link.InventoryVPC{VPC: vpc, Subnets: []link.InventorySubnet{
		{ZoneID: "euc1-az1", Subnet: "subnet-" + vpc + "1"}, {ZoneID: "euc1-az2", Subnet: "subnet-" + vpc + "2"},
	}}
}

// roomIn is a VPC in which so many of 50 endpoints are used, with addresses for many more.
func roomIn(vpc string, used int, change ...func(*vpcRoom)) vpcRoom {
	r := vpcRoom{InventoryVPC: twoZones(vpc), known: true, used: used, quota: 50, refused: -1, free: map[string]int{}}
	for _, s := range r.Subnets {
		r.free[s.Subnet] = 100
	}
	for _, c := range change {
		c(&r)
	}
	return r
}

func TestChoose(t *testing.T) {
	for _, c := range []struct {
		name    string
		list    []vpcRoom
		zones   []string
		at      int
		subnets string
		why     string
		against string
	}{
		{name: "when several fit, it takes the emptiest",
			list: []vpcRoom{roomIn("a", 13), roomIn("b", 12)}, at: 1, subnets: "subnet-b1 subnet-b2",
			why: "12 of 50 endpoints used, the fewest", against: "a: 13 of 50 endpoints used, which is more"},
		{name: "when two are as empty, it takes the first of the spec",
			list: []vpcRoom{roomIn("a", 12), roomIn("b", 12)}, at: 0, subnets: "subnet-a1 subnet-a2",
			why: "12 of 50 endpoints used, the fewest", against: "b: 12 of 50 endpoints used, as many, and it stands later in the spec"},
		{name: "when the service is in one zone only, it takes the subnet there",
			list: []vpcRoom{roomIn("a", 0)}, zones: []string{"euc1-az2", "euc1-az3"}, at: 0, subnets: "subnet-a2",
			why: "0 of 50 endpoints used, the only one with room"},
		{name: "when the service is in none of the zones, the VPC does not fit",
			list: []vpcRoom{roomIn("a", 0)}, zones: []string{"euc1-az3"}, at: -1,
			against: "a: it has no subnet in the service's zones: euc1-az3"},
		{name: "when the quota is used up, the VPC does not fit",
			list: []vpcRoom{roomIn("a", 50), roomIn("b", 49)}, at: 1, subnets: "subnet-b1 subnet-b2",
			why: "49 of 50 endpoints used, the only one with room", against: "a: 50 of 50 endpoints used"},
		{name: "when endpoints are to be kept free, they are",
			list: []vpcRoom{roomIn("a", 45, func(r *vpcRoom) { r.kept = 5 })}, at: -1,
			against: "a: 45 of 50 endpoints used, and 5 are to be kept free"},
		{name: "when the cloud would not make another one, the VPC does not fit",
			list: []vpcRoom{roomIn("a", 20, func(r *vpcRoom) { r.refused = 20 })}, at: -1,
			against: "a: 20 of 50 endpoints used, but the cloud would make no more than 20"},
		{name: "when there are fewer than the cloud had refused to add to, it fits again",
			list: []vpcRoom{roomIn("a", 19, func(r *vpcRoom) { r.refused = 20 })}, at: 0, subnets: "subnet-a1 subnet-a2",
			why: "19 of 50 endpoints used, the only one with room"},
		{name: "when one subnet has no addresses left, it takes the others",
			list: []vpcRoom{roomIn("a", 0, func(r *vpcRoom) { r.free["subnet-a1"] = 0 })}, at: 0, subnets: "subnet-a2",
			why: "0 of 50 endpoints used, the only one with room"},
		{name: "when no subnet has addresses left, the VPC does not fit",
			list: []vpcRoom{roomIn("a", 0, func(r *vpcRoom) { r.free["subnet-a1"], r.free["subnet-a2"] = 0, -3 })}, at: -1,
			against: "a: no addresses are left in subnet-a1, subnet-a2"},
		{name: "when a VPC has a problem, it is not used",
			list: []vpcRoom{roomIn("a", 0, func(r *vpcRoom) { r.problems = []string{"overlaps b"} })}, at: -1, against: "a: overlaps b"},
		{name: "when a VPC has not been looked at, it is not used",
			list: []vpcRoom{roomIn("a", 0, func(r *vpcRoom) { r.known = false })}, at: -1, against: "a: it has not been looked at yet"},
		{name: "when there is no VPC, there is no place", at: -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := choose(c.list, c.zones)
			var against []string
			for _, o := range got.against {
				against = append(against, o.vpc+": "+o.reason)
			}
			if got.at != c.at || strings.Join(got.subnets, " ") != c.subnets || got.why != c.why || strings.Join(against, "; ") != c.against {
				t.Errorf("it chose %d %v because %q, against %q", got.at, got.subnets, got.why, against)
			}
		})
	}
}

func TestRoomsCountEveryEndpointOnce(t *testing.T) {
	spec := link.VPCInventorySpec{AWS: &link.AWSInventory{
		VPCs: []link.InventoryVPC{twoZones("a"), twoZones("b")}, KeepFree: link.KeepFree{Endpoints: 2, Addresses: 3},
	}}
	seen := activities.Survey{Quota: 10, VPCs: []activities.VPCRoom{{
		VPC: "a", Endpoints: 4, Owners: []activities.Owner{"ns/connection/s/moved", "ns/connection/s/seen"},
		Subnets: []activities.SubnetRoom{{Subnet: "subnet-a1", Free: 20}, {Subnet: "subnet-a2", Free: 9}},
	}}}
	at := func(vpc string) promised {
		return promised{standing: standing{VPC: vpc, Subnets: []string{"subnet-" + vpc + "1"}}}
	}
	held := promises{
		"connection/s/seen": at("a"), "connection/s/new": at("a"), "connection/s/moved": at("b"), "connection/s/left": at("c"),
	}
	list := rooms(spec, seen, held, map[string]int{"b": 7}, "ns")
	a, b := list[0], list[1]
	if a.used != 5 || a.promised != 2 || a.free["subnet-a1"] != 16 || a.free["subnet-a2"] != 6 || a.quota != 10 || a.kept != 2 || a.refused != -1 {
		t.Errorf("a: %+v", a)
	}
	if b.known || b.used != 1 || b.promised != 1 || b.refused != 7 {
		t.Errorf("b: %+v", b)
	}
}

// world is what happens to an inventory: endpoints are made for promises and deleted, others make endpoints, and surveys
// see all that or are behind the times.
type world struct {
	spec  link.VPCInventorySpec
	quota int
	// endpoints are those in each VPC, by owner; those of others have an owner that is no flow.
	endpoints map[string]map[string]bool
	seen      activities.Survey
	held      promises
}

func (w *world) survey() {
	w.seen = activities.Survey{Quota: w.quota}
	for _, vpc := range w.spec.AWS.VPCs {
		room := activities.VPCRoom{VPC: vpc.VPC, Endpoints: len(w.endpoints[vpc.VPC])}
		for _, owner := range sortedKeys(w.endpoints[vpc.VPC]) {
			if strings.HasPrefix(owner, "connection/") {
				room.Owners = append(room.Owners, ownerIn("ns", owner))
			}
		}
		for _, s := range vpc.Subnets {
			room.Subnets = append(room.Subnets, activities.SubnetRoom{Subnet: s.Subnet, ZoneID: s.ZoneID, Free: 1000 - room.Endpoints})
		}
		w.seen.VPCs = append(w.seen.VPCs, room)
	}
}

// committed is how many endpoints a VPC has or will have.
func (w *world) committed(vpc string) int {
	n := len(w.endpoints[vpc])
	for _, holder := range sortedKeys(w.held) {
		if w.held[holder].VPC == vpc && !w.endpoints[vpc][holder] {
			n++
		}
	}
	return n
}

// Whatever happens, and however old the survey, no VPC is promised more than it has room for, as long as only connections
// make endpoints; and those that begin empty are filled evenly.
func TestPromisesNeverOvershootAndSpreadEvenly(t *testing.T) {
	for seed := range uint64(60) {
		random := rand.New(rand.NewPCG(seed, 15))
		w := &world{quota: 5 + random.IntN(15), endpoints: map[string]map[string]bool{}, held: promises{}}
		w.spec.AWS = &link.AWSInventory{KeepFree: link.KeepFree{Endpoints: int32(random.IntN(3))}}
		for n := range 1 + random.IntN(4) {
			vpc := fmt.Sprintf("vpc-%d", n)
			w.spec.AWS.VPCs = append(w.spec.AWS.VPCs, twoZones(vpc))
			w.endpoints[vpc] = map[string]bool{}
		}
		others := random.IntN(2) == 1 // somebody else makes endpoints, too; each survey sees them
		leaving := random.IntN(2) == 1
		w.survey()
		for step := range 400 {
			holder := fmt.Sprintf("connection/s/%d", random.IntN(150))
			p, holds := w.held[holder]
			switch act := random.IntN(10); {
			case act < 5 && !holds && !w.has(holder):
				list := rooms(w.spec, w.seen, w.held, nil, "ns")
				c := choose(list, nil)
				if c.at < 0 {
					continue
				}
				w.held[holder] = promised{standing: standing{VPC: list[c.at].VPC, Subnets: c.subnets}}
				if n := w.committed(list[c.at].VPC); n > w.quota-int(w.spec.AWS.KeepFree.Endpoints) {
					t.Fatalf("seed %d, step %d: %d endpoints in %s with a quota of %d", seed, step, n, list[c.at].VPC, w.quota)
				}
			case act < 7 && holds:
				w.endpoints[p.VPC][holder] = true // it is made
			case act == 7 && holds && leaving:
				delete(w.endpoints[p.VPC], holder)
				delete(w.held, holder)
				forget(w.seen, p.VPC, ownerIn("ns", holder))
			case act == 8:
				w.survey()
			case act == 9 && others:
				vpc := w.spec.AWS.VPCs[random.IntN(len(w.spec.AWS.VPCs))].VPC
				if w.committed(vpc) < w.quota-int(w.spec.AWS.KeepFree.Endpoints) {
					w.endpoints[vpc][fmt.Sprint("other ", step)] = true
					w.survey()
				}
			}
			if others || leaving {
				continue
			}
			var used []int
			for _, vpc := range w.spec.AWS.VPCs {
				used = append(used, w.committed(vpc.VPC))
			}
			if slices.Max(used)-slices.Min(used) > 1 {
				t.Fatalf("seed %d, step %d: the VPCs have %v", seed, step, used)
			}
		}
	}
}

func (w *world) has(holder string) bool {
	for _, vpc := range w.spec.AWS.VPCs {
		if w.endpoints[vpc.VPC][holder] {
			return true
		}
	}
	return false
}

func TestThousandsOfPromisesAreCarriedOverInOneMessage(t *testing.T) {
	held := promises{}
	for n := range 10000 {
		vpc := fmt.Sprintf("vpc-0a1b2c3d4e5f6789%d", n%10)
		held[fmt.Sprintf("connection/payments/shop-%d", n)] = promised{
			standing{vpc, []string{"subnet-0a1b2c3d4e5f67891", "subnet-0a1b2c3d4e5f67892"}, []string{"sg-0a1b2c3d4e5f67890"}},
			time.Unix(1790000000+int64(n), 0).UTC(),
		}
	}
	held["connection/payments/shop-7"] = promised{standing: held["connection/payments/shop-7"].standing}
	text, err := json.Marshal(held)
	if err != nil {
		t.Fatal(err)
	}
	if len(text) > 500<<10 {
		t.Errorf("they take %d bytes", len(text))
	}
	var back promises
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if !same(back, held) {
		t.Error("they are not what they were")
	}
}

func TestThoseWhoWaitAreRememberedOnceAndNotWithoutBounds(t *testing.T) {
	var list []waiter
	for range 3 {
		for n := range 20000 {
			list = await(list, waiter{Holder: fmt.Sprintf("connection/payments/shop-%d", n), ZoneIDs: []string{"euc1-az1", "euc1-az2", "euc1-az3"}})
		}
	}
	size := 0
	for _, w := range list {
		size += w.size()
	}
	if len(list) < 1000 || size > rememberWaiting || list[0].Holder != "connection/payments/shop-0" || list[1].Holder != "connection/payments/shop-1" {
		t.Errorf("%d are remembered in %d bytes", len(list), size)
	}
}

func TestAsManyAreToldAsThereIsRoomFor(t *testing.T) {
	now := time.Date(2026, 11, 21, 22, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name       string
		list       []waiter
		told, left string
	}{
		{"when two have room, the first two are told", []waiter{{Holder: "a"}, {Holder: "b"}, {Holder: "c"}}, "a b", "a b c"},
		{"when one was told just now, it has its room", []waiter{{Holder: "a"}, {Holder: "b"}, {Holder: "c", Invited: now.Add(-time.Second)}}, "a", "a b c"},
		{"when one was told long ago, it is forgotten", []waiter{{Holder: "a", Invited: now.Add(-inviteFor)}, {Holder: "b"}, {Holder: "c"}, {Holder: "d"}}, "b c", "b c d"},
		{"when there is room in other zones only, those behind are told", []waiter{{Holder: "a", ZoneIDs: []string{"euc1-az9"}}, {Holder: "b"}}, "b", "a b"},
	} {
		t.Run(c.name, func(t *testing.T) {
			left, told := invitees(c.list, []vpcRoom{roomIn("v", 48)}, now)
			var names []string
			for _, w := range left {
				names = append(names, w.Holder)
			}
			if strings.Join(told, " ") != c.told || strings.Join(names, " ") != c.left {
				t.Errorf("told %v, left %v", told, names)
			}
			if again, told := invitees(left, []vpcRoom{roomIn("v", 48)}, now); len(told) > 0 {
				t.Errorf("at once again, %v are told, of %v", told, again)
			}
		})
	}
}
