package report

import (
	"cmp"
	"slices"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
)

// state is how a flow stands, as its colour tells it.
type state string

const (
	good    state = "good"    // it does what it is for
	working state = "working" // it is on its way there, or away
	drifted state = "drifted" // something is not as it should be, and that was only reported
	waiting state = "waiting" // a person must decide
	blocked state = "blocked" // a person must mend something
)

// states are all states, from the one that needs nobody to the one that needs somebody most.
var states = []state{good, working, drifted, waiting, blocked}

func stateOf(item flows.Item) state {
	switch {
	case item.Blocked != "":
		return blocked
	case item.Phase == link.AwaitingApproval || item.Drift == link.DriftAsk:
		return waiting
	case item.Drift == link.DriftReport:
		return drifted
	case item.Phase.Good():
		return good
	}
	return working
}

// worse is the one of two states that needs somebody more.
func worse(a, b state) state {
	if slices.Index(states, a) > slices.Index(states, b) {
		return a
	}
	return b
}

// count is how many flows have something in common.
type count struct {
	Name  string
	State state
	N     int
}

// kindCount is how many flows of a kind there are, and how many of them in each phase.
type kindCount struct {
	Name   string
	N      int
	Phases []count
}

func countKinds(items []flows.Item) []kindCount {
	var kinds []kindCount
	for _, kind := range []struct {
		kind link.Kind
		name string
	}{
		{link.KindEndpointService, "services"}, {link.KindConnection, "connections"},
		{link.KindVPCInventory, "inventories"}, {link.KindVPCPeering, "peerings"},
	} {
		of := kindCount{Name: kind.name}
		for _, item := range items {
			if item.Kind != kind.kind {
				continue
			}
			of.N++
			// A phase is coloured by itself; what is blocked in it is counted elsewhere.
			of.Phases = add(of.Phases, string(item.Phase), stateOf(flows.Item{Phase: item.Phase}))
		}
		if of.N > 0 {
			kinds = append(kinds, of)
		}
	}
	return kinds
}

func countBlocked(items []flows.Item) []count {
	var reasons []count
	for _, item := range items {
		if item.Blocked != "" {
			reasons = add(reasons, string(item.Blocked), blocked)
		}
	}
	return reasons
}

// add counts one more of a name. The most frequent come first.
func add(counts []count, name string, s state) []count {
	i := slices.IndexFunc(counts, func(c count) bool { return c.Name == name })
	if i < 0 {
		i = len(counts)
		counts = append(counts, count{Name: name, State: s})
	}
	counts[i].N++
	slices.SortStableFunc(counts, func(a, b count) int { return cmp.Or(b.N-a.N, cmp.Compare(a.Name, b.Name)) })
	return counts
}
