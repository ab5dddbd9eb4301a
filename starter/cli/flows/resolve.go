package flows

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/linkwright/linkwright/internal/link"
)

// Resolve completes references that leave the kind or the service open, by looking for flows of that name:
// among those that run, then among those that have ended. Complete references are returned as they are.
func (c *Client) Resolve(ctx context.Context, refs []Ref) ([]Ref, error) {
	resolved := make([]Ref, len(refs))
	for i, ref := range refs {
		if ref.Complete() {
			resolved[i] = ref
			continue
		}
		found, err := c.find(ctx, ref)
		if err != nil {
			return nil, err
		}
		resolved[i] = found
	}
	return resolved, nil
}

func (c *Client) find(ctx context.Context, ref Ref) (Ref, error) {
	for _, ended := range []bool{false, true} {
		items, err := c.List(ctx, Filter{Kind: ref.Kind, Name: ref.Name, Ended: ended})
		if err != nil {
			return Ref{}, err
		}
		switch matches := distinct(items); len(matches) {
		case 0:
		case 1:
			return matches[0], nil
		default:
			return Ref{}, &AmbiguousError{Name: ref.Name, Matches: matches}
		}
	}
	return Ref{}, c.NotFound(ctx, ref)
}

// similar returns the running flows whose names come close to one that does not exist, closest first.
// Without an answer there is nothing to suggest.
func (c *Client) similar(ctx context.Context, ref Ref) []Ref {
	items, err := c.List(ctx, Filter{Kind: ref.Kind})
	if err != nil {
		return nil
	}
	const suggestions = 3
	return closest(ref, distinct(items), suggestions)
}

// closest picks at most n references that a person may have meant by ref.
func closest(ref Ref, among []Ref, n int) []Ref {
	far := func(r Ref) int {
		switch {
		case r.Name == ref.Name: // the right name under the wrong service
			return 0
		case ref.Service == "":
			return levenshtein.ComputeDistance(ref.Name, r.Name)
		}
		return levenshtein.ComputeDistance(ref.Path(), r.Path())
	}
	near := slices.DeleteFunc(among, func(r Ref) bool {
		return far(r) > len(ref.Name)/2 && !strings.Contains(r.Path(), ref.Path())
	})
	slices.SortStableFunc(near, func(a, b Ref) int { return cmp.Compare(far(a), far(b)) })
	return near[:min(n, len(near))]
}

// distinct returns each flow once, however often it was started.
func distinct(items []Item) []Ref {
	var refs []Ref
	for _, item := range items {
		if ref := item.Ref(); !slices.Contains(refs, ref) {
			refs = append(refs, ref)
		}
	}
	return refs
}

// Names lists what could complete a name on the command line: the paths of running flows of a kind, or
// with no kind, each with its kind.
func Names(items []Item, kind link.Kind) []string {
	var names []string
	for _, ref := range distinct(items) {
		if kind == "" {
			names = append(names, ref.String())
		} else {
			names = append(names, ref.Path())
		}
	}
	slices.Sort(names)
	return names
}
