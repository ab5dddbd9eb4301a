package faults

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/linkwright/linkwright/dev/inventory"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
)

// outcome is what became of a link, in words that are the same for every life: ids have no names.
type outcome struct {
	// world is what was there once the link was ready, and conditions what its flows said of it.
	world, conditions []string
	// decisions are those of the connection and of the service, at the end.
	decisions []string
	// struck is true when the cell's mishap has happened.
	struck bool
}

// likeness is how much an outcome must be like the clean run's.
type likeness int

const (
	exactly likeness = iota
	// inTheEnd is for lives in which other people have acted: what is there must be the same in the end, but
	// there may have been more to decide on.
	inTheEnd
)

func (c cell) likeness() likeness {
	if c.meddles {
		return inTheEnd
	}
	return exactly
}

func (o outcome) compare(ideal outcome, l likeness) error {
	for _, part := range []struct {
		what      string
		got, want []string
		always    bool
	}{
		{"of the ready link", o.world, ideal.world, true},
		{"its flows say", o.conditions, ideal.conditions, false},
		{"the decisions are", o.decisions, ideal.decisions, false},
	} {
		if (part.always || l == exactly) && !slices.Equal(part.got, part.want) {
			return fmt.Errorf("%s\n  %s\nbut in a clean run\n  %s", part.what, strings.Join(part.got, "\n  "), strings.Join(part.want, "\n  "))
		}
	}
	return nil
}

// observeReady takes down what a ready link has come to.
func (l *lane) observeReady(ctx context.Context, got *outcome) error {
	now, err := l.inventory(ctx)
	if err != nil {
		return err
	}
	if missing := l.before.Missing(now); len(missing) > 0 {
		return fmt.Errorf("the ready link has taken away: %v", missing)
	}
	added := l.before.Added(now)
	if err := belongTogether(added); err != nil {
		return fmt.Errorf("%w: %v", err, added)
	}
	got.world = nil
	for _, item := range added {
		got.world = append(got.world, nameless(item.String()))
	}
	slices.Sort(got.world)
	got.conditions = nil
	for _, ref := range l.life.flows() {
		s, err := l.status(ctx, ref)
		if err != nil {
			return err
		}
		for _, c := range s.Conditions {
			got.conditions = append(got.conditions, fmt.Sprintf("%s: %s %v %s", ref, c.Type, c.OK, c.Reason))
		}
		if s.Blocked != nil {
			got.conditions = append(got.conditions, fmt.Sprintf("%s: blocked %s", ref, s.Blocked.Reason))
		}
	}
	return nil
}

// belongTogether makes sure that what a link has made is about one another: the name that was published is that of
// the service, and the targets and records are the endpoint's addresses and names.
func belongTogether(added inventory.Inventory) error {
	addresses := map[string]bool{}
	for _, i := range added.Of(inventory.Interface) {
		addresses[i.Detail] = true
	}
	for _, t := range added.Of(inventory.Target) {
		if !addresses[t.ID] {
			return fmt.Errorf("target %s is no address of the endpoint", t.ID)
		}
	}
	for _, r := range added.Of(inventory.Record) {
		if alias, ok := strings.CutPrefix(r.Detail, "A alias of "); ok {
			if !slices.ContainsFunc(added.Of(inventory.Endpoint), func(e inventory.Item) bool { return strings.HasPrefix(alias, e.ID+"-") }) {
				return fmt.Errorf("record %s does not lead to the endpoint", r.ID)
			}
			continue
		}
		if list, ok := strings.CutPrefix(r.Detail, "A "); ok {
			for _, address := range strings.Fields(list) {
				if !addresses[address] {
					return fmt.Errorf("record %s leads to %s, which is no address of the endpoint", r.ID, address)
				}
			}
		}
	}
	for _, r := range added.Of(inventory.RecordSet) {
		for _, address := range strings.Fields(r.Detail) {
			if !addresses[address] {
				return fmt.Errorf("record set %s leads to %s, which is no address of the endpoint", r.ID, address)
			}
		}
	}
	for _, s := range added.Of(inventory.Service) {
		for _, p := range added.Of(inventory.Parameter) {
			if !strings.HasSuffix(p.Detail, s.ID) {
				return fmt.Errorf("parameter %s does not name service %s", p.ID, s.ID)
			}
		}
	}
	return nil
}

// observeGone takes down what was decided, and makes sure that nothing is left.
func (l *lane) observeGone(ctx context.Context, got *outcome) error {
	now, err := l.inventory(ctx)
	if err != nil {
		return err
	}
	if added, missing := l.before.Added(now), l.before.Missing(now); len(added)+len(missing) > 0 {
		return fmt.Errorf("left behind: %v; missing now: %v", added, missing)
	}
	for _, ref := range l.life.flows() {
		s, err := l.status(ctx, ref)
		if err != nil {
			return err
		}
		for _, d := range s.Decisions {
			got.decisions = append(got.decisions, nameless(fmt.Sprintf("%s: %s %s of %s by %s via %s %q refused %q", ref, d.Verb, d.Endpoint, d.Owner, d.By, d.Via, d.Reason, d.Refused)))
		}
	}
	return nil
}

// status asks a flow how it is, for as long as it takes until a worker is there.
func (l *lane) status(ctx context.Context, ref flows.Ref) (s link.Status, err error) {
	err = l.WhenHeard(ctx, ref.String()+" to say how it is", func() (bool, error) {
		s, err = l.Flows.Status(ctx, ref)
		return true, err
	})
	return s, err
}

// ids are the parts of an item that differ from one life to the next, and what stands for them.
var ids = []struct {
	pattern *regexp.Regexp
	name    string
}{
	{regexp.MustCompile(`(vpce-svc|vpce|pcx|eni|sgr|sg)-[0-9a-f]{17}(-[0-9a-f]{8}\b)?`), "$1"},
	{regexp.MustCompile(`\bZ[0-9A-F]{20}\b`), "zone"},
	{regexp.MustCompile(`(:targetgroup/[\w-]+|:listener-rule/app/\w+/[0-9a-f]+/[0-9a-f]+)/[0-9a-f]{16}\b`), "$1"},
	{regexp.MustCompile(`\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b`), "guid"},
	{regexp.MustCompile(`vpce:[0-9A-Za-z]{20}`), "proof"},
	{regexp.MustCompile(`_[0-9a-f]{20}`), "_label"},
	{regexp.MustCompile(`\b(10\.\d+\.\d+)\.\d+\b`), "$1.x"}, // the subnet stays
}

func nameless(text string) string {
	for _, id := range ids {
		text = id.pattern.ReplaceAllString(text, id.name)
	}
	return text
}
