package ec2

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// item is any resource.
type item interface{ meta() *Resource }

// listing is how a Describe action finds resources: which there are, which were asked for, which pass the
// filters, and which fall on the page.
type listing[T item] struct {
	table map[string]T
	// sees tells whether the caller may see an item; when nil, he sees what his account owns in the Region.
	sees func(T) bool
	// ids is the parameter that lists ids, "" for actions without one, and absent the error for an id
	// that is not there.
	ids    string
	absent func(id string) *sim.Error
	// filters are the attributes that can be filtered by; tags can always be.
	filters map[string]func(T) []string
}

// pageLimits are those of nearly all EC2 Describe actions (EC2 API Reference, MaxResults).
var pageLimits = query.Limits{Min: 5, Max: 1000}

// list runs a listing and returns the page and the token of the next.
func list[T item](s *Service, r *sim.Request, f query.Form, l listing[T]) ([]T, string, error) {
	size, err := pageLimits.Size(f, "MaxResults")
	if err != nil {
		return nil, "", err
	}
	if err := f.Filters().Check(l.filtersBy); err != nil {
		return nil, "", err
	}
	items, err := l.chosen(s, r, f)
	if err != nil {
		return nil, "", err
	}
	cut := func(items []T) ([]T, string, error) {
		return query.Page(r, items, func(it T) int { return it.meta().Sequence }, size, f.String("NextToken"))
	}
	if s.options.SparsePages {
		page, next, err := cut(items)
		if err != nil {
			return nil, "", err
		}
		return l.filtered(page, f.Filters()), next, nil
	}
	return cut(l.filtered(items, f.Filters()))
}

func (l listing[T]) filtered(items []T, filters query.Filters) []T {
	return slices.DeleteFunc(items, func(it T) bool {
		return !filters.Match(func(name string) []string { return l.attribute(it, name) })
	})
}

// chosen are the items that the caller sees, in order of creation, narrowed to the ids he gave.
func (l listing[T]) chosen(s *Service, r *sim.Request, f query.Form) ([]T, error) {
	seen := map[string]T{}
	for id, it := range l.table {
		if l.mayShow(s, r, it) {
			seen[id] = it
		}
	}
	if l.ids != "" && len(f.List(l.ids)) > 0 {
		all := seen
		seen = map[string]T{}
		for _, id := range f.List(l.ids) {
			it, ok := all[id]
			if !ok {
				return nil, l.absent(id)
			}
			seen[id] = it
		}
	}
	return slices.SortedFunc(maps.Values(seen), func(a, b T) int {
		return cmp.Compare(a.meta().Sequence, b.meta().Sequence)
	}), nil
}

func (l listing[T]) mayShow(s *Service, r *sim.Request, it T) bool {
	if !s.world.Clock.Passed(it.meta().Shown) {
		return false
	}
	if l.sees != nil {
		return l.sees(it)
	}
	return it.meta().ownedBy(r)
}

// filtersBy reports whether the action knows a filter.
func (l listing[T]) filtersBy(filter string) bool {
	_, known := l.filters[filter]
	return known || isTagFilter(filter)
}

func (l listing[T]) attribute(it T, filter string) []string {
	if isTagFilter(filter) {
		return it.meta().tagAttribute(filter)
	}
	return l.filters[filter](it)
}

// isTagFilter reports whether a filter is one of the two by tags, which nearly all actions have.
func isTagFilter(filter string) bool { return filter == "tag-key" || strings.HasPrefix(filter, "tag:") }

func (r *Resource) tagAttribute(filter string) []string {
	if filter == "tag-key" {
		return slices.Collect(maps.Keys(r.Tags))
	}
	value, tagged := r.Tags[strings.TrimPrefix(filter, "tag:")]
	if !tagged {
		return nil
	}
	return []string{value}
}

// owned finds a resource of the caller, or returns the error for one that is not there.
func owned[T item](r *sim.Request, table map[string]T, id string, absent func(string) *sim.Error) (T, error) {
	it, ok := table[id]
	if !ok || !it.meta().ownedBy(r) {
		var none T
		return none, absent(id)
	}
	return it, nil
}

// missing is the error for an id that is not there.
func missing(code, format string) func(id string) *sim.Error {
	return func(id string) *sim.Error { return sim.Errorf(code, format, id) }
}

// one makes a filter attribute of a single value.
func one[T any](value func(T) string) func(T) []string {
	return func(it T) []string { return []string{value(it)} }
}
