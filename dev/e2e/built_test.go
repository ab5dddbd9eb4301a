package e2e

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/linkwright/linkwright/dev/inventory"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
)

// What stands in the accounts, and who has put it there.

// takeDown withdraws the service and makes sure that the accounts are as they were before the test.
func (s *scene) takeDown() {
	s.t.Helper()
	s.remove(s.service())
	s.wantAsBefore()
}

func (s *scene) wantAsBefore() {
	s.t.Helper()
	s.wantSame(s.before, s.look())
}

// look lists what there is in the scene's accounts.
func (s *scene) look() inventory.Inventory {
	s.t.Helper()
	var all inventory.Inventory
	for _, account := range []string{s.provider(), s.consumer(), s.dns()} {
		found, err := inventory.Take(s.ctx, account, s.admin(account))
		if err != nil {
			s.t.Fatal(err)
		}
		all = append(all, found...)
	}
	return all
}

// built lists what was not there before the test.
func (s *scene) built() inventory.Inventory {
	s.t.Helper()
	return s.before.Added(s.look())
}

// wantWhole makes sure that the whole link of serviceSpec and connectionSpec stands, each of its resources
// once and marked with its flow.
func (s *scene) wantWhole(connection flows.Ref) {
	s.t.Helper()
	built := s.built()
	service, endpoint := s.owner(s.service()), s.owner(connection)
	for _, want := range []struct {
		kind, account, owner string
		count                int
	}{
		{inventory.Service, s.provider(), service, 1},
		{inventory.Parameter, s.provider(), service, 1},
		{inventory.Record, s.dns(), "", 1},
		{inventory.Endpoint, s.consumer(), endpoint, 1},
		{inventory.Interface, s.consumer(), "", len(subnets())},
		{inventory.Target, s.consumer(), "", len(subnets())},
	} {
		found := built.Of(want.kind)
		if len(found) != want.count {
			s.t.Errorf("%d of kind %s were built, want %d: %v", len(found), want.kind, want.count, found)
		}
		for _, item := range found {
			if item.Account != want.account || item.Owner != want.owner {
				s.t.Errorf("%s is in account %s and of flow %q, want %s and %q", item, item.Account, item.Owner, want.account, want.owner)
			}
		}
		built = slices.DeleteFunc(built, func(i inventory.Item) bool { return i.Kind == want.kind })
	}
	if len(built) > 0 {
		s.t.Errorf("nobody asked for %v", built)
	}
}

// write is a call that changes something in a cloud.
type write struct{ account, service, action string }

// writes are the calls by which Linkwright has changed the scene's accounts since then, in order.
func (s *scene) writes(since time.Time) []write {
	var all []write
	for _, c := range s.cloud.Calls() {
		reads := []string{"Describe", "List", "Get", "AssumeRole"}
		mine := c.Account == s.providerID || c.Account == s.consumerID || c.Account == s.dnsID
		if mine && c.Time.After(since) && strings.Contains(c.Principal, ":assumed-role/") && !slices.ContainsFunc(reads, func(p string) bool { return strings.HasPrefix(c.Action, p) }) {
			all = append(all, write{c.Account, c.Service, c.Action})
		}
	}
	return all
}

func (w write) compare(other write) int {
	return cmp.Or(cmp.Compare(w.account, other.account), cmp.Compare(w.service, other.service), cmp.Compare(w.action, other.action))
}

// resource finds the one resource of a kind in a status.
func (s *scene) resource(status link.Status, kind string) link.Resource {
	s.t.Helper()
	var found []link.Resource
	for _, r := range status.Resources {
		if r.Kind == kind {
			found = append(found, r)
		}
	}
	if len(found) != 1 {
		s.t.Fatalf("the status has %d resources of kind %s, want one: %+v", len(found), kind, status.Resources)
	}
	return found[0]
}
