package workflows_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/workflows"
)

// estate is a VPCInventory in a time-skipping Temporal, and the VPCs that it looks at: a script makes endpoints in them.

// estateSpec is an inventory of VPCs with two subnets each.

// continues runs the inventory that another run has become.

// shut closes the inventory, and has everybody give back what they hold.

// holders are those who were given a place.

// offered is the answer to a reservation.

// reserves has a connection ask for a place; it takes what it is given.

// releases has a connection give its place back.

// terminated is a connection that says nothing more.

// wantRoom compares what is shown of the VPCs: "vpc-a 3/50 2".

func TestInventoryFromSurveyToClose(t *testing.T) {
	e := newEstate(t)
	e.endpoints["vpc-a"] = []string{"somebody"}
	var got *offered
	e.at(time.Hour, func() {
		s := e.status()
		if usable, _ := s.Condition(link.VPCsUsable); s.Phase != link.Offering || !usable.OK || s.Cloud != link.AWS || s.Account != "provider" {
			t.Errorf("%s, condition %+v, in %s %s", s.Phase, usable, s.Cloud, s.Account)
		}
		e.wantRoom("vpc-a 1/50 0", "vpc-b 0/50 0")
		got = e.reserves(shop(1), "", "euc1-az2", "euc1-az3")
	})
	e.at(2*time.Hour, func() {
		want := &link.Placement{
			Inventory: "hub", VPC: "vpc-b", Subnets: []string{"subnet-b2"}, SecurityGroups: []string{"sg-b"}, Why: "0 of 50 endpoints used, the fewest",
			Against: []link.Objection{{Inventory: "hub", VPC: "vpc-a", Reason: "1 of 50 endpoints used, which is more"}},
		}
		if fmt.Sprint(got.Place) != fmt.Sprint(want) {
			t.Errorf("it was given %+v, want %+v", got.Place, want)
		}
		e.wantRoom("vpc-a 1/50 0", "vpc-b 1/50 1")
		e.decide(link.Close, link.Decision{}, "does not say whose it is")
		e.decide(link.Close, leaveNow, "")
	})
	var late *offered
	e.at(3*time.Hour, func() {
		s := e.status()
		if s.Phase != link.Closing || s.Waiting == nil || !slices.Equal(s.Waiting.Details, []string{shop(1) + " in vpc-b"}) {
			t.Errorf("%s, waiting %+v", s.Phase, s.Waiting)
		}
		e.decide(link.Close, leaveNow, "already")
		e.decide(link.Apply, workflows.ApplyInventoryRequest{Spec: estateSpec("vpc-a"), By: "ada"}, "is being closed")
		late = e.reserves(shop(2), "")
	})
	e.at(4*time.Hour, func() {
		if late.err == nil || !strings.Contains(late.err.Error(), "gives no more places") {
			t.Errorf("one who asks too late is told %v", late.err)
		}
		e.releases(shop(1))
	})
	s := e.open(estateSpec("vpc-a", "vpc-b"))
	wantPhases(t, s, link.Surveying, link.Offering, link.Closing, link.Closed)
	if usable, _ := s.Condition(link.VPCsUsable); len(s.Room) > 0 || usable.OK {
		t.Errorf("in the end, the room is %+v, and %+v", s.Room, usable)
	}
}

func TestWhenHundredsAskAtOnceTheyAreSpreadAndNoneIsTooMany(t *testing.T) {
	e := newEstate(t)
	e.quota = 100
	first, again := make([]*offered, 400), make([]*offered, 400)
	e.at(time.Hour, func() {
		for n := range first {
			first[n] = e.reserves(shop(n), "")
		}
	})
	e.at(2*time.Hour, func() {
		for n := range again {
			again[n] = e.reserves(shop(n), "")
		}
	})
	e.at(3*time.Hour, func() {
		e.wantRoom("vpc-a 100/100 100", "vpc-b 100/100 100", "vpc-c 100/100 100")
		count := map[string]int{}
		for n, o := range first {
			if !o.done || o.err != nil || !again[n].done || again[n].vpc() != o.vpc() {
				t.Fatalf("%d was given %q and, when it asked again, %q (%v)", n, o.vpc(), again[n].vpc(), o.err)
			}
			count[o.vpc()]++
			if o.Place == nil && (len(o.Against) != 3 || o.Against[1].Reason != "100 of 100 endpoints used") {
				t.Errorf("against a place speaks %+v", o.Against)
			}
		}
		if want := map[string]int{"vpc-a": 100, "vpc-b": 100, "vpc-c": 100, "": 100}; !maps.Equal(count, want) {
			t.Errorf("they were given %v, want %v", count, want)
		}
		if e.surveys > 20 {
			t.Errorf("the VPCs were looked at %d times", e.surveys)
		}
		e.shut()
	})
	e.open(estateSpec("vpc-a", "vpc-b", "vpc-c"))
}

func TestWhenAVPCTurnsOutToBeFullItsHolderIsGivenAnother(t *testing.T) {
	e := newEstate(t)
	e.endpoints["vpc-a"], e.endpoints["vpc-b"] = []string{"x"}, []string{"x", "x"}
	var first, moved, retried, next, later *offered
	e.at(time.Hour+time.Minute, func() { first = e.reserves(shop(1), "") })
	e.at(time.Hour+2*time.Minute, func() {
		e.endpoints["vpc-a"] = []string{"x", "x", "x"} // somebody was faster, and the cloud's quota is less than it says
		moved = e.reserves(shop(1), "vpc-a")
	})
	e.at(time.Hour+3*time.Minute, func() {
		e.wantRoom("vpc-a 3/50 0", "vpc-b 3/50 1")
		retried = e.reserves(shop(1), "vpc-a") // it did not hear the answer
		next = e.reserves(shop(2), "")
	})
	e.at(2*time.Hour, func() { later = e.reserves(shop(3), "") }) // after a look of its own
	e.at(3*time.Hour, func() {
		for name, got := range map[string][2]string{
			"at first": {first.vpc(), "vpc-a"}, "when it is full": {moved.vpc(), "vpc-b"}, "when it asks again": {retried.vpc(), "vpc-b"},
			"the next": {next.vpc(), "vpc-b"}, "one much later": {later.vpc(), "vpc-a"},
		} {
			if got[0] != got[1] {
				t.Errorf("%s, it is given %q, want %q", name, got[0], got[1])
			}
		}
		if why := moved.Against[0].Reason; why != "3 of 50 endpoints used, but the cloud would make no more than 3" {
			t.Errorf("against the full one speaks %q", why)
		}
		e.shut()
	})
	e.open(estateSpec("vpc-a", "vpc-b"))
}

func TestWhenThereIsRoomAgainAsManyAreToldAsFit(t *testing.T) {
	fill := func(e *estate) {
		e.quota = 2
		e.at(time.Hour, func() {
			for n := range 6 {
				e.reserves(shop(n), "")
			}
		})
	}
	t.Run("when a VPC is added", func(t *testing.T) {
		e := newEstate(t)
		fill(e)
		e.at(2*time.Hour, func() {
			if len(e.told) > 0 {
				t.Errorf("told while there is no room: %v", e.told)
			}
			if got, want := e.status().Seeking, []string{shop(2), shop(3), shop(4), shop(5)}; !slices.Equal(got, want) {
				t.Errorf("%v are said to wait for room, want %v", got, want)
			}
			e.decide(link.Apply, workflows.ApplyInventoryRequest{Spec: estateSpec("vpc-a", "vpc-b"), By: "ada"}, "")
		})
		e.at(2*time.Hour+10*time.Second, func() {
			if want := []string{shop(2), shop(3)}; !slices.Equal(e.told, want) {
				t.Errorf("told %v, want %v", e.told, want)
			}
			e.reserves(shop(2), "")
			e.reserves(shop(3), "")
		})
		e.at(3*time.Hour, func() {
			if e.wantRoom("vpc-a 2/2 2", "vpc-b 2/2 2"); len(e.told) != 2 || e.status().Generation != 2 {
				t.Errorf("told %v", e.told)
			}
			e.shut()
		})
		e.open(estateSpec("vpc-a"))
	})
	t.Run("when a place is given back", func(t *testing.T) {
		e := newEstate(t)
		fill(e)
		e.at(2*time.Hour, func() { e.releases(shop(0)) })
		e.at(2*time.Hour+10*time.Second, func() {
			if want := []string{shop(2)}; !slices.Equal(e.told, want) {
				t.Errorf("told %v, want %v", e.told, want)
			}
		})
		e.at(2*time.Hour+5*time.Minute, func() { // it does not come, nor do others
			if want := []string{shop(2), shop(3), shop(4), shop(5)}; !slices.Equal(e.told, want) {
				t.Errorf("told %v, want %v", e.told, want)
			}
			e.shut()
		})
		e.open(estateSpec("vpc-a"))
	})
	t.Run("when somebody deletes an endpoint, and the next look shows it", func(t *testing.T) {
		e := newEstate(t)
		e.endpoints["vpc-a"] = []string{"somebody"}
		fill(e)
		e.at(2*time.Hour+time.Minute, func() { e.endpoints["vpc-a"] = nil })
		e.at(2*time.Hour+15*time.Minute+10*time.Second, func() {
			if want := []string{shop(1)}; !slices.Equal(e.told, want) {
				t.Errorf("told %v, want %v", e.told, want)
			}
			e.shut()
		})
		e.open(estateSpec("vpc-a"))
	})
}

func TestWhenAllIsFullTheVPCsAreLookedAtOnceMoreButNotForEverybody(t *testing.T) {
	e := newEstate(t)
	e.quota = 1
	var before, after *offered
	surveys := 0
	e.at(30*time.Second, func() {
		surveys = e.surveys
		for n := range 50 {
			before = e.reserves(shop(n), "")
		}
	})
	e.at(45*time.Second, func() {
		if e.surveys != surveys || before.Place != nil {
			t.Errorf("moments after a survey, there were %d more, and the place %+v", e.surveys-surveys, before.Place)
		}
		e.quota = 3
	})
	e.at(2*time.Minute, func() {
		surveys = e.surveys
		for n := range 50 {
			after = e.reserves(shop(60+n), "")
		}
	})
	e.at(150*time.Second, func() {
		if e.surveys != surveys+1 || !after.done {
			t.Errorf("there were %d more surveys; the last was answered: %v", e.surveys-surveys, after.done)
		}
		e.wantRoom("vpc-a 3/3 3")
		e.shut()
	})
	e.open(estateSpec("vpc-a"))
}

func TestWhenAVPCLeavesTheSpecItsPlacesStayAndNoneAreAdded(t *testing.T) {
	e := newEstate(t)
	var kept, next *offered
	e.at(time.Hour, func() { e.reserves(shop(1), "") })
	e.at(2*time.Hour, func() {
		e.decide(link.Apply, workflows.ApplyInventoryRequest{Spec: estateSpec("vpc-b"), By: "grace"}, "")
	})
	e.at(3*time.Hour, func() { kept, next = e.reserves(shop(1), ""), e.reserves(shop(2), "") })
	e.at(4*time.Hour, func() {
		if kept.vpc() != "vpc-a" || kept.Place.SecurityGroups[0] != "sg-a" || next.vpc() != "vpc-b" {
			t.Errorf("they are given %+v and %+v", kept.Place, next.Place)
		}
		e.wantRoom("vpc-b 1/50 1", "vpc-a 1/0 1")
		e.shut()
	})
	s := e.open(estateSpec("vpc-a"))
	wantPhases(t, s, link.Surveying, link.Offering, link.Surveying, link.Offering, link.Closing, link.Closed)
}

func TestWhenVPCsHaveProblems(t *testing.T) {
	t.Run("when one has, it is shown and not used", func(t *testing.T) {
		e := newEstate(t)
		e.problems["vpc-a"] = "its subnet subnet-a1 does not exist"
		var got *offered
		e.at(time.Hour, func() { got = e.reserves(shop(1), "") })
		e.at(2*time.Hour, func() {
			s := e.status()
			usable, _ := s.Condition(link.VPCsUsable)
			if s.Phase != link.Offering || usable.OK || usable.Message != "vpc-a: its subnet subnet-a1 does not exist" || s.Room[0].Problems == nil {
				t.Errorf("%s, condition %+v, room %+v", s.Phase, usable, s.Room)
			}
			if got.vpc() != "vpc-b" || got.Against[0].Reason != "its subnet subnet-a1 does not exist" {
				t.Errorf("it was given %+v", got)
			}
			e.shut()
		})
		e.open(estateSpec("vpc-a", "vpc-b"))
	})
	t.Run("when all have, a person must mend it, and those who wait are told", func(t *testing.T) {
		e := newEstate(t)
		e.problems["vpc-a"], e.problems["vpc-b"] = "overlaps vpc-b", "overlaps vpc-a"
		var got *offered
		e.at(time.Hour, func() { got = e.reserves(shop(1), "") })
		e.at(2*time.Hour, func() {
			s := e.status()
			if s.Phase != link.Surveying || s.Blocked == nil || s.Blocked.Reason != link.ReasonInventoryInvalid ||
				!strings.Contains(s.Blocked.Message, "vpc-b: overlaps vpc-a") || s.Blocked.Remedy == "" || s.Blocked.NextTry.Sub(s.Blocked.Since) < time.Hour {
				t.Errorf("%s, blocked %+v", s.Phase, s.Blocked)
			}
			if got.Place != nil || got.err != nil || len(got.Against) != 2 {
				t.Errorf("it was given %+v", got)
			}
			delete(e.problems, "vpc-b")
			e.decide(link.Retry, link.Decision{By: "ada"}, "")
		})
		e.at(2*time.Hour+10*time.Second, func() {
			if s := e.status(); s.Phase != link.Offering || s.Blocked != nil || !slices.Equal(e.told, []string{shop(1)}) {
				t.Errorf("%s, blocked %+v, told %v", s.Phase, s.Blocked, e.told)
			}
			e.problems["vpc-b"] = "overlaps vpc-a"
		})
		e.at(3*time.Hour, func() {
			if s := e.status(); s.Phase != link.Surveying || s.Blocked == nil {
				t.Errorf("%s, blocked %+v", s.Phase, s.Blocked)
			}
			e.shut()
		})
		e.open(estateSpec("vpc-a", "vpc-b"))
	})
}

func TestWhenTheVPCsCannotBeLookedAtItSaysSo(t *testing.T) {
	e := newEstate(t)
	e.refusals = []error{hindered("ec2:DescribeVpcs")}
	var early, late *offered
	e.at(30*time.Second, func() {
		if s := e.status(); s.Phase != link.Surveying || s.Blocked == nil || s.Blocked.Call != "ec2:DescribeVpcs" {
			t.Errorf("%s, blocked %+v", s.Phase, s.Blocked)
		}
		early = e.reserves(shop(1), "")
	})
	e.at(time.Hour, func() {
		if s := e.status(); s.Phase != link.Offering || s.Blocked != nil || early.Place != nil || !slices.Equal(e.told, []string{shop(1)}) {
			t.Errorf("%s, blocked %+v, early %+v, told %v", s.Phase, s.Blocked, early.Place, e.told)
		}
		e.refusals = slices.Repeat([]error{hindered("ec2:DescribeVpcs")}, 2)
	})
	e.at(time.Hour+20*time.Minute, func() {
		if s := e.status(); s.Phase != link.Offering || s.Blocked == nil || s.Blocked.Call != "ec2:DescribeVpcs" {
			t.Errorf("%s, blocked %+v", s.Phase, s.Blocked)
		}
		late = e.reserves(shop(2), "") // what was seen before will do
	})
	e.at(2*time.Hour, func() {
		if s := e.status(); s.Blocked != nil || late.Place == nil {
			t.Errorf("blocked %+v, late %+v", s.Blocked, late)
		}
		e.shut()
	})
	e.open(estateSpec("vpc-a"))
}

func TestWhenAHistoryIsLongTheInventoryContinuesAsNewAndForgetsNothing(t *testing.T) {
	e := newEstate(t)
	e.quota = 2
	first := make([]*offered, 6)
	e.at(time.Hour, func() {
		for n := range first {
			first[n] = e.reserves(shop(n), "")
		}
	})
	e.at(2*time.Hour+time.Minute, func() {
		e.refusals = []error{activities.Pending("a slow survey", 30*time.Second)}
		e.reserves(shop(6), "")
	})
	e.at(2*time.Hour+time.Minute+10*time.Second, func() { // in the middle of it
		e.SetContinueAsNewSuggested(true)
		e.reserves(shop(7), "")
	})
	e.SetStartWorkflowOptions(clientOptions("vpc-inventory/hub"))
	e.ExecuteWorkflow(workflows.VPCInventory, workflows.VPCInventoryInput{Name: "hub", Spec: estateSpec("vpc-a", "vpc-b"), By: "ada"})
	next := continuation[workflows.VPCInventoryInput](t, e.GetWorkflowError())
	if c := next.Carried; c == nil || len(c.Held) != 4 || len(c.Waiters) != 4 || c.Status.Phase != link.Offering || c.Turned {
		t.Fatalf("carried: %+v", c)
	}

	again := newEstate(t)
	again.quota, again.around.flows = 2, e.around.flows
	later := make([]*offered, 4)
	again.at(time.Minute, func() {
		again.wantRoom("vpc-a 2/2 2", "vpc-b 2/2 2")
		for n := range later {
			later[n] = again.reserves(shop(n), "")
		}
	})
	again.at(90*time.Second, func() { again.releases(shop(0)) })
	again.at(2*time.Minute, func() {
		for n, o := range later {
			if o.vpc() == "" || o.vpc() != first[n].vpc() {
				t.Errorf("%d had %q and has %q", n, first[n].vpc(), o.vpc())
			}
		}
		if !slices.Equal(again.told, []string{shop(4)}) {
			t.Errorf("told %v", again.told)
		}
		again.shut()
	})
	s := again.continues(next)
	wantPhases(t, s, link.Surveying, link.Offering, link.Closing, link.Closed)
}

func TestWhenAnInventoryIsTurnedWhileItContinuesAsNewTheNextRunTurns(t *testing.T) {
	e := newEstate(t)
	e.at(time.Hour, func() {
		e.SetContinueAsNewSuggested(true)
		e.reserves(shop(1), "")
	})
	e.SetStartWorkflowOptions(clientOptions("vpc-inventory/hub"))
	e.ExecuteWorkflow(workflows.VPCInventory, workflows.VPCInventoryInput{Name: "hub", Spec: estateSpec("vpc-a")})
	next := continuation[workflows.VPCInventoryInput](t, e.GetWorkflowError())
	next.Carried.Turned, next.Carried.Leaving, next.Carried.Held = true, true, nil
	if s := newEstate(t).continues(next); s.Phase != link.Closed {
		t.Errorf("it is %s", s.Phase)
	}

	forged := newEstate(t)
	forged.ExecuteWorkflow(workflows.VPCInventory, next)
	if err := forged.GetWorkflowError(); err == nil || !strings.Contains(err.Error(), "only a run that continues another one") {
		t.Errorf("a first run that was given something carried says %v", err)
	}
}

func TestWhenAnInventoryIsCancelledItIsClosed(t *testing.T) {
	e := newEstate(t)
	e.at(time.Hour, func() { e.reserves(shop(1), "") })
	e.at(2*time.Hour, e.CancelWorkflow)
	e.at(3*time.Hour, func() {
		if s := e.status(); s.Phase != link.Closing || s.Decisions[0].Via != link.ViaCancel {
			t.Errorf("%s, %+v", s.Phase, s.Decisions)
		}
		e.releases(shop(1))
	})
	if s := e.open(estateSpec("vpc-a")); s.Phase != link.Closed || s.Since.Sub(s.Phases[0].Entered) > 3*time.Hour+time.Minute {
		t.Errorf("it is %s since %s", s.Phase, s.Since)
	}
}

// A history that is long must come to an end, however many give their places back.

func TestHostileMessagesChangeNothingOfAnInventory(t *testing.T) {
	e := newEstate(t)
	e.at(time.Hour, func() {
		e.reserves(shop(1), "")
		for _, signal := range []string{"retry", "close", "linkwright.release", "linkwright.room"} {
			for _, message := range hostile() {
				e.SignalWorkflow(signal, message)
			}
		}
	})
	var refused []*offered
	e.at(2*time.Hour, func() {
		s := e.status()
		wantSmall(t, s)
		if s.Phase != link.Offering {
			t.Errorf("after the attack it is %s", s.Phase)
		}
		e.wantRoom("vpc-a 1/50 1")
		refused = []*offered{
			e.reserves("other/flow", ""), e.reserves("connection/"+strings.Repeat("x", 2000), ""), e.reserves("connection/a\u202eb", ""),
			e.reserves(shop(2), "", strings.Split(strings.Repeat("z ", 100), " ")...), e.reserves(shop(2), strings.Repeat("v", 2000)),
		}
	})
	e.at(3*time.Hour, func() {
		for n, o := range refused {
			if o.err == nil {
				t.Errorf("reservation %d was taken: %+v", n, o)
			}
		}
		e.shut()
	})
	e.open(estateSpec("vpc-a"))
}
