package azure

import (
	"slices"
	"strings"
	"testing"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// orphansOf are an owner's resources as an audit of a place sees them.
func (a *audited) orphansOf(owner activities.Owner, place activities.Place) []link.Resource {
	a.t.Helper()
	before := a.ledger.gone
	a.ledger.gone = []activities.Owner{owner}
	expected := a.ledger.expected
	a.ledger.expected = nil
	for _, e := range expected { // somebody has to stand by something for it to be seen
		e.Flow = "connection/payments/neighbour"
		a.ledger.expected = append(a.ledger.expected, e)
	}
	defer func() { a.ledger.gone, a.ledger.expected = before, expected }()
	return a.audit(place).Orphans
}

func TestWhereNobodyStandsByAnythingWhatIsLeftIsSeen(t *testing.T) {
	a := newAudited(t)
	a.ledger.gone, a.ledger.expected = []activities.Owner{connectionFlow}, nil
	if found := a.audit(consumer); len(found.Orphans) > 0 {
		t.Errorf("without a reason to look, it finds %+v", found.Orphans)
	}
	var kinds []string
	for _, o := range a.audit(consumer, func(req *activities.AuditRequest) { req.Left = true }).Orphans {
		kinds = append(kinds, o.Kind)
	}
	slices.Sort(kinds)
	if want := []string{link.KindPrivateDNSZone, link.KindPrivateEndpoint, link.KindVirtualNetworkLink}; !slices.Equal(kinds, want) {
		t.Errorf("it finds %q, want %q", kinds, want)
	}
}

// find looks which orphans are there still, place by place.
func (a *audited) find(owner activities.Owner, orphans ...link.Resource) []activities.Orphan {
	a.t.Helper()
	a.cloud.ForgetCalls()
	var found []activities.Orphan
	for _, orphan := range orphans {
		at := activities.Place{Account: orphan.Account, Region: orphan.Region}
		found = append(found, must(a.scene, at, NewOrphans(a.config).FindOrphans, activities.FindOrphansRequest{
			Place: at, Owner: owner, Orphans: []link.Resource{orphan},
		}).Orphans...)
	}
	if n := a.calls("/write", "/delete", "/action"); n > 0 {
		a.t.Errorf("to look, it changes something by %d calls", n)
	}
	return found
}

func (a *audited) removeOrphan(owner activities.Owner, orphan activities.Orphan) error {
	a.t.Helper()
	at := activities.Place{Account: orphan.Account, Region: orphan.Region}
	_, err := run(a.scene, at, plain(NewOrphans(a.config).RemoveOrphan), activities.RemoveOrphanRequest{Place: at, Owner: owner, Orphan: orphan})
	return err
}

func TestOrphansAreRemovedAndNothingElse(t *testing.T) {
	a := newAudited(t)
	neighbour := a.connected
	neighbour.Owner, neighbour.Name, neighbour.Known = "default/connection/payments/neighbour", "payments/neighbour", ""
	other := must(a.scene, consumer, NewConsumer(a.config).EnsureEndpoint, neighbour)
	left := a.orphansOf(connectionFlow, consumer)
	order := []string{link.KindVirtualNetworkLink, link.KindPrivateDNSZone, link.KindPrivateEndpoint}
	slices.SortFunc(left, func(x, y link.Resource) int { return slices.Index(order, x.Kind) - slices.Index(order, y.Kind) })
	if len(left) != 3 || left[0].Kind != order[0] || left[2].Kind != order[2] {
		t.Fatalf("orphans = %+v", left)
	}
	found := a.find(connectionFlow, left...)
	if len(found) != 3 {
		t.Fatalf("found %+v", found)
	}
	for _, orphan := range found {
		if err := a.removeOrphan(connectionFlow, orphan); err != nil {
			t.Errorf("%s: %v", orphan.Kind, err)
		}
	}
	if left := a.find(connectionFlow, left...); len(left) > 0 {
		t.Errorf("still there: %+v", left)
	}
	for _, orphan := range found {
		if err := a.removeOrphan(connectionFlow, orphan); err != nil {
			t.Errorf("when it is gone, %s: %v", orphan.Kind, err)
		}
	}
	must(a.scene, consumer, NewConsumer(a.config).DescribeEndpoint, activities.EndpointRequest{Place: consumer, Endpoint: other.ID})
	if _, err := a.clients(consumer).Zones.Get(t.Context(), "shop", "links.internal", nil); err != nil {
		t.Errorf("somebody else's zone: %v", err)
	}
}

func TestAnotherEndpointOfTheOwnerIsLeft(t *testing.T) {
	a := newAudited(t)
	orphan := a.orphansOf(connectionFlow, consumer)
	at := slices.IndexFunc(orphan, func(r link.Resource) bool { return r.Kind == link.KindPrivateEndpoint })
	unseen := activities.Orphan{Resource: orphan[at]}
	unseen.ID += "-2"
	if err := a.removeOrphan(connectionFlow, unseen); err != nil {
		t.Errorf("one that is not there: %v", err)
	}
	if n := a.calls("privateEndpoints/delete"); n > 0 {
		t.Errorf("%d endpoints were deleted, and nobody has asked for it", n)
	}
}

func TestWhatIsNotTheOwnersAnyMoreIsNotRemoved(t *testing.T) {
	a := newAudited(t)
	left := a.orphansOf(connectionFlow, consumer)
	a.tagLink(nil)
	at := slices.IndexFunc(left, func(r link.Resource) bool { return r.Kind == link.KindVirtualNetworkLink })
	if found := a.find(connectionFlow, left[at]); len(found) > 0 {
		t.Errorf("found %+v", found)
	}
	err := a.removeOrphan(connectionFlow, activities.Orphan{Resource: left[at]})
	if p, _ := activities.ProblemOf(err); p.Reason != link.ReasonNotOurs {
		t.Errorf("err = %v", err)
	}
	if n := a.calls("virtualNetworkLinks/delete"); n > 0 {
		t.Errorf("%d links were deleted", n)
	}
}

func TestAServiceIsRemovedOnceNobodyIsConnected(t *testing.T) {
	a := newAudited(t)
	left := a.orphansOf(serviceFlow, provider)
	if len(left) != 1 {
		t.Fatalf("orphans = %+v", left)
	}
	orphan := activities.Orphan{Resource: left[0]}
	a.cloud.ForgetCalls()
	p, _ := activities.ProblemOf(a.removeOrphan(serviceFlow, orphan))
	if p.Reason != link.ReasonServiceInUse || !strings.Contains(p.Message, a.endpoint.ID+" (available)") {
		t.Errorf("problem = %+v", p)
	}
	if n := a.calls("/write", "/delete", "/action"); n > 0 {
		t.Errorf("it has changed something, with %d calls", n)
	}
	a.deleteEndpoint()
	if err := a.removeOrphan(serviceFlow, orphan); err != nil {
		t.Error(err)
	}
	if found := a.find(serviceFlow, left[0]); len(found) > 0 {
		t.Errorf("still there: %+v", found)
	}
}
