package aws

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// Of the rules that are for a request, the one with the lowest priority decides. So a rule stands behind those that are
// for less than it is, and in front of those that are for more.

// lastPriority is the highest number that a rule can have; 1 is the lowest (Elastic Load Balancing API Reference,
// CreateRule).
const lastPriority = 50000

// rulePlan is what makes the rule of a route as wanted.
type rulePlan struct {
	// Create makes the rule at Priority. Otherwise, Rule is the one that is there.
	Create bool
	Rule   elbtypes.Rule
	// Priority is where the rule is to stand. For a rule that is there, it is zero when it stays where it is.
	Priority int
	// Conditions and Actions are true when those of the rule that is there are not as wanted.
	Conditions, Actions bool
	// Surplus are rules of the owner beside the one that is kept.
	Surplus []string
	// Conflict is the rule that takes the requests away; nil when none does.
	Conflict *elbtypes.Rule
}

// planRule compares the rules of a listener with the one wanted:
//
//	the owner's rules  another rule                    change
//	------------------------------------------------------------------------------------
//	none               none for the same requests      create at a free priority
//	any                for the same requests, or more, – (conflict)
//	                   and nothing is free before it
//	one                –                               its conditions, actions, transforms
//	one                for more, in front of it        – (conflict), unless its conditions
//	                                                   change: then it moves, too
//	several            –                               keep the first, delete the rest
func planRule(all, owned []elbtypes.Rule, want match, group string) rulePlan {
	others := slices.DeleteFunc(slices.Clone(all), func(r elbtypes.Rule) bool {
		return sdk.ToBool(r.IsDefault) || slices.ContainsFunc(owned, func(o elbtypes.Rule) bool {
			return sdk.ToString(o.RuleArn) == sdk.ToString(r.RuleArn)
		})
	})
	space := spaceFor(others, want)
	if len(owned) == 0 {
		priority := space.choose(others, want)
		if space.same != nil || priority == 0 {
			return rulePlan{Conflict: space.conflict()}
		}
		return rulePlan{Create: true, Priority: priority}
	}
	owned = slices.Clone(owned)
	slices.SortFunc(owned, func(a, b elbtypes.Rule) int { return cmp.Compare(priorityOf(a), priorityOf(b)) })
	plan := rulePlan{Rule: owned[0], Actions: !forwardsOnly(owned[0], group), Conditions: !alike(matchOf(owned[0]), want)}
	for _, r := range owned[1:] {
		plan.Surplus = append(plan.Surplus, sdk.ToString(r.RuleArn))
	}
	at := priorityOf(plan.Rule)
	switch {
	case space.same != nil && (plan.Conditions || priorityOf(*space.same) < at):
		plan.Conflict = space.same
	case !plan.Conditions && at > space.before:
		plan.Conflict = space.broad
	case plan.Conditions && (at <= space.after || at >= space.before):
		if plan.Priority = space.choose(others, want); plan.Priority == 0 {
			plan.Conflict = space.conflict()
		}
	}
	return plan
}

// space is where among the others a rule can stand.
type space struct {
	after, before int
	narrow, broad *elbtypes.Rule // the rules at these priorities; nil when there is none
	same          *elbtypes.Rule // one for exactly the same requests
}

func spaceFor(others []elbtypes.Rule, want match) space {
	s := space{before: lastPriority + 1}
	var narrow []elbtypes.Rule
	for _, r := range others {
		at, m := priorityOf(r), matchOf(r)
		broader, narrower := m.covers(want), want.covers(m)
		switch {
		case broader && narrower:
			s.same = &r
		case broader && at < s.before:
			s.before, s.broad = at, &r
		case narrower:
			narrow = append(narrow, r)
		}
	}
	for _, r := range narrow {
		at := priorityOf(r)
		if at > s.after && at < s.before { // one behind a broader rule decides nothing as it is
			s.after, s.narrow = at, &r
		}
	}
	return s
}

// conflict is the rule that stands in the way where no rule can be made.
func (s space) conflict() *elbtypes.Rule { return cmp.Or(s.same, s.broad, s.narrow) }

// choose finds a free priority; zero when there is none. The more a rule is for, the further back it is put, so that
// there is room before it for those that come later.
func (s space) choose(others []elbtypes.Rule, want match) int {
	used := map[int]bool{}
	for _, r := range others {
		used[priorityOf(r)] = true
	}
	start := min(max(want.place(), s.after+1), s.before)
	for p := start; p < s.before; p++ {
		if !used[p] {
			return p
		}
	}
	for p := start - 1; p > s.after; p-- {
		if !used[p] {
			return p
		}
	}
	return 0
}

// place is where rules like this one begin.
func (m match) place() int {
	place := 10000
	if slices.ContainsFunc(m.hosts, func(h string) bool { return strings.ContainsAny(h, "*?") }) {
		place += 20000
	}
	if len(m.paths) == 0 {
		place += 10000
	}
	return place
}

// alike reports whether two matches are the same, condition by condition.
func alike(a, b match) bool {
	return a.narrowed == b.narrowed && slices.Equal(a.hosts, b.hosts) && slices.Equal(a.paths, b.paths)
}

// priorityOf is zero for the default rule, which has none.
func priorityOf(r elbtypes.Rule) int {
	n, err := strconv.Atoi(sdk.ToString(r.Priority))
	if err != nil {
		return 0
	}
	return n
}

// forwardTo is the action of a route's rule.
func forwardTo(group string) []elbtypes.Action {
	return []elbtypes.Action{{Type: elbtypes.ActionTypeEnumForward, TargetGroupArn: sdk.String(group)}}
}

// forwardsOnly reports whether a rule sends requests to a group, as they came, and does nothing else.
func forwardsOnly(r elbtypes.Rule, group string) bool {
	return len(r.Actions) == 1 && len(r.Transforms) == 0 && slices.Equal(forwardsTo(r.Actions[0]), []string{group})
}

// forwardsTo are the target groups that an action sends requests to. One with the weight zero gets none.
func forwardsTo(a elbtypes.Action) []string {
	if a.ForwardConfig == nil || len(a.ForwardConfig.TargetGroups) == 0 {
		if arn := sdk.ToString(a.TargetGroupArn); arn != "" {
			return []string{arn}
		}
		return nil
	}
	var groups []string
	for _, g := range a.ForwardConfig.TargetGroups {
		if g.Weight == nil || *g.Weight > 0 {
			groups = append(groups, sdk.ToString(g.TargetGroupArn))
		}
	}
	return groups
}

// shown tells of the changes to a rule that is there.
func (p rulePlan) shown(group string) []string {
	var shown []string
	if p.Conditions {
		shown = append(shown, fmt.Sprintf("rule matches as specified again, was %s", matchOf(p.Rule)))
	}
	if p.Actions {
		shown = append(shown, "rule forwards to "+group)
	}
	if p.Priority != 0 {
		shown = append(shown, fmt.Sprintf("rule at priority %d, was %s", p.Priority, sdk.ToString(p.Rule.Priority)))
	}
	for _, arn := range p.Surplus {
		shown = append(shown, "surplus rule "+arn+" deleted")
	}
	return shown
}
