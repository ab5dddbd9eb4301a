package workflows

import (
	"encoding/json"
	"slices"
	"time"
)

// promises are the places that connections hold, by holder. Many connections stand in few places, so that they are
// carried over place by place: thousands must fit into one message.
type promises map[string]promised

// promised is a place that a connection holds.
type promised struct {
	standing
	// Sure is when the holder was known to hold it. It is zero when it is said to have been given back.
	Sure time.Time
}

// standing is where an endpoint stands.
type standing struct {
	VPC            string   `json:"vpc"`
	Subnets        []string `json:"subnets"`
	SecurityGroups []string `json:"securityGroups,omitempty"`
}

// standingHolders are the connections that stand in the same place, and since when each is known to, in Unix seconds.
type standingHolders struct {
	standing
	Holders map[string]int64 `json:"holders"`
}

// MarshalJSON implements [json.Marshaler].
func (p promises) MarshalJSON() ([]byte, error) {
	var groups []standingHolders
	for _, holder := range sortedKeys(p) {
		one := p[holder]
		i := slices.IndexFunc(groups, func(g standingHolders) bool { return same(g.standing, one.standing) })
		if i < 0 {
			i = len(groups)
			groups = append(groups, standingHolders{one.standing, map[string]int64{}})
		}
		sure := int64(0)
		if !one.Sure.IsZero() {
			sure = one.Sure.Unix()
		}
		groups[i].Holders[holder] = sure
	}
	return json.Marshal(groups)
}

// UnmarshalJSON implements [json.Unmarshaler].
func (p *promises) UnmarshalJSON(text []byte) error {
	var groups []standingHolders
	if err := json.Unmarshal(text, &groups); err != nil {
		return err
	}
	*p = promises{}
	for _, g := range groups {
		//workflowcheck:ignore (a map is made of it, whose order does not matter either)
		for holder, sure := range g.Holders {
			one := promised{standing: g.standing}
			if sure != 0 {
				one.Sure = time.Unix(sure, 0).UTC()
			}
			(*p)[holder] = one
		}
	}
	return nil
}

// waiter is a connection that was given no place, in the order in which they asked.
type waiter struct {
	Holder  string   `json:"holder"`
	ZoneIDs []string `json:"zoneIDs,omitempty"`
	// Invited is when it was told to ask again; zero when it was not yet.
	Invited time.Time `json:"invited,omitzero"`
}

func (w waiter) invited() bool { return !w.Invited.IsZero() }

// size is about how many bytes it takes to remember a waiter.
func (w waiter) size() int {
	n := len(w.Holder) + 40
	for _, zone := range w.ZoneIDs {
		n += len(zone) + 3
	}
	return n
}

const (
	// rememberWaiting is how many bytes the waiting connections may take in all: a few thousand of them. Others are not
	// told when there is room; they ask again by themselves.
	rememberWaiting = 256 << 10
	// invitedAtOnce is how many are told at once that there is room.
	invitedAtOnce = 500
	// inviteFor is how long a place is left for a connection that was told to ask again.
	inviteFor = time.Minute
)

// await remembers a connection, once; whoever was told to ask again, and found no room, is the last again.
func await(list []waiter, w waiter) []waiter {
	at, size := -1, w.size()
	for i := range list {
		if list[i].Holder == w.Holder {
			at = i
		} else {
			size += list[i].size()
		}
	}
	switch {
	case size > rememberWaiting:
		return dropWaiter(list, w.Holder)
	case at >= 0 && !list[at].invited():
		list[at] = w
		return list
	}
	return append(dropWaiter(list, w.Holder), w)
}

func dropWaiter(list []waiter, holder string) []waiter {
	return slices.DeleteFunc(list, func(w waiter) bool { return w.Holder == holder })
}

// invitees finds the connections to be told that there is room, and marks them: as many as there is room for. Those that
// were told a while ago and have not come are forgotten; those that were told just now have a place each.
func invitees(list []waiter, offers []vpcRoom, now time.Time) (left []waiter, told []string) {
	left = slices.DeleteFunc(list, func(w waiter) bool { return w.invited() && !now.Before(w.Invited.Add(inviteFor)) })
	give := func(w waiter) bool {
		at, subnets, _ := emptiest(offers, w.ZoneIDs)
		if at >= 0 {
			offers[at].take(subnets)
		}
		return at >= 0
	}
	for _, w := range left {
		if w.invited() {
			give(w)
		}
	}
	for i, w := range left {
		if len(told) < invitedAtOnce && !w.invited() && give(w) {
			left[i].Invited = now
			told = append(told, w.Holder)
		}
	}
	return left, told
}
