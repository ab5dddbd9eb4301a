package workflows_test

import (
	"slices"
	"testing"
	"time"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/workflows"
)

func TestWhoSaysThatAPlaceIsGivenBackIsNotBelieved(t *testing.T) {
	e := newEstate(t)
	e.at(time.Hour, func() { e.reserves(shop(1), "") })
	e.at(2*time.Hour, func() { e.SignalWorkflow("linkwright.release", map[string]string{"holder": shop(1)}) })
	e.at(3*time.Hour, func() {
		e.wantRoom("vpc-a 1/50 1")
		e.shut()
	})
	e.open(estateSpec("vpc-a"))
}

// TestWhenAPlaceIsGivenBackItsEndpointCountsNoMore counts a place as given back from the moment on in which its holder
// says so, though the last survey still saw its endpoint.
func TestWhenAPlaceIsGivenBackItsEndpointCountsNoMore(t *testing.T) {
	e := newEstate(t)
	e.at(time.Hour, func() { e.reserves(shop(1), "") })
	e.at(time.Hour+time.Minute, func() { e.endpoints["vpc-a"] = []string{shop(1), "somebody"} })
	e.at(2*time.Hour+time.Second, func() {
		e.wantRoom("vpc-a 2/50 1")
		e.releases(shop(1))
	})
	e.at(2*time.Hour+time.Minute, func() {
		e.wantRoom("vpc-a 1/50 0")
		e.shut()
	})
	e.open(estateSpec("vpc-a"))
}

// TestMistake12AnInventoryKeptOpenByALostHolder ends with a teardown whose credentials are gone. Nor does the endpoint of
// a connection that is no more, which nobody will take down, keep the inventory from being closed.
func TestMistake12AnInventoryKeptOpenByALostHolder(t *testing.T) {
	e := newEstate(t)
	e.at(time.Minute, func() {
		for n := range 4 {
			e.reserves(shop(n), "")
		}
	})
	e.at(2*time.Minute, func() {
		e.terminated(shop(0)) // before it has made its endpoint
		e.terminated(shop(1)) // after that
		e.endpoints["vpc-a"] = []string{shop(1)}
		e.around.answers(shop(2), "linkwright.place", func() any { return map[string]string{"inventory": "other", "vpc": "vpc-a"} })
	})
	e.at(50*time.Minute, func() { e.wantRoom("vpc-a 4/50 4") })
	e.at(2*time.Hour, func() {
		e.wantRoom("vpc-a 2/50 2") // what is there counts, whoever has made it; and one holds its place and waits
		e.decide(link.Close, leaveNow, "")
		e.refusals = slices.Repeat([]error{hindered("ec2:DescribeVpcEndpoints")}, 1000)
		e.releases(shop(3))
	})
	if s := e.open(estateSpec("vpc-a")); s.Phase != link.Closed {
		t.Errorf("it is %s", s.Phase)
	}
}

func TestWhenAnInventoryIsMadeAnewEndpointsStayWhereTheyStand(t *testing.T) {
	e := newEstate(t)
	e.endpoints["vpc-a"] = []string{shop(1), "x", "y"}
	var got *offered
	e.at(time.Hour, func() { got = e.reserves(shop(1), "") })
	e.at(2*time.Hour, func() {
		if got.vpc() != "vpc-a" || got.Place.Why != "its endpoint stands there already" {
			t.Errorf("it was given %+v", got.Place)
		}
		e.wantRoom("vpc-a 3/50 1", "vpc-b 0/50 0")
		e.shut()
	})
	e.open(estateSpec("vpc-a", "vpc-b"))
}

func TestWhenAnInventoryIsMadeAnewItKnowsWhoHoldsItsPlaces(t *testing.T) {
	e := newEstate(t)
	e.endpoints["vpc-a"] = []string{shop(1), shop(2), shop(3), "x"}
	said := map[string]string{shop(1): "hub", shop(2): "another"} // shop 3 does not run any more
	for holder, inventory := range said {
		e.around.answers(holder, "linkwright.place", func() any { return map[string]string{"inventory": inventory, "vpc": "vpc-a"} })
	}
	e.at(time.Hour, func() {
		e.wantRoom("vpc-a 4/50 1")
		e.shut()
	})
	e.open(estateSpec("vpc-a"))
}

func TestWhenHundredsGiveTheirPlacesBackAtOnceAllAreFreed(t *testing.T) {
	e := newEstate(t)
	e.quota = 400
	e.at(time.Hour, func() {
		for n := range 400 {
			e.reserves(shop(n), "")
		}
	})
	e.at(2*time.Hour, func() {
		for n := range 300 {
			e.releases(shop(n))
		}
	})
	e.at(2*time.Hour+time.Minute, func() {
		e.wantRoom("vpc-a 100/400 100")
		e.shut()
	})
	e.open(estateSpec("vpc-a"))
}

func TestWhenPlacesAreGivenBackWhileItContinuesAsNewTheNextRunFreesTheRest(t *testing.T) {
	e := newEstate(t)
	e.quota = 100
	e.at(time.Hour, func() {
		for n := range 80 {
			e.reserves(shop(n), "")
		}
	})
	e.at(2*time.Hour+time.Minute, func() {
		for n := range 80 {
			e.releases(shop(n))
			e.around.answers(shop(n), "linkwright.place", func() any {
				e.SetContinueAsNewSuggested(true)
				return map[string]string{}
			})
		}
	})
	e.SetStartWorkflowOptions(clientOptions("vpc-inventory/hub"))
	e.ExecuteWorkflow(workflows.VPCInventory, workflows.VPCInventoryInput{Name: "hub", Spec: estateSpec("vpc-a"), By: "ada"})
	next := continuation[workflows.VPCInventoryInput](t, e.GetWorkflowError())
	if left := len(next.Carried.Held); left == 0 || left == 80 {
		t.Fatalf("%d are held when it continues as new", left)
	}
	again := newEstate(t)
	again.quota = 100
	for n := range 80 {
		again.around.answers(shop(n), "linkwright.place", func() any { return map[string]string{} })
	}
	again.at(time.Second, func() {
		again.wantRoom("vpc-a 0/100 0")
		again.shut()
	})
	again.continues(next)
}
