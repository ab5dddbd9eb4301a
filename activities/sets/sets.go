// Package sets compares what there is with what is wanted, where the order does not matter: the plans of every cloud
// are made of it.
package sets

import "slices"

// Edit is what makes one set out of another.
type Edit struct {
	Add, Remove []string
}

// Diff compares two sets; the edit's lists are sorted.
func Diff(have, want []string) Edit {
	return Edit{Add: Without(want, have), Remove: Without(have, want)}
}

// Empty reports whether the two are the same.
func (e Edit) Empty() bool { return len(e.Add) == 0 && len(e.Remove) == 0 }

// String shows the edit in a status: "+subnet-2 -subnet-1".
func (e Edit) String() string {
	var b []byte
	for _, list := range []struct {
		sign  byte
		items []string
	}{{'+', e.Add}, {'-', e.Remove}} {
		for _, item := range list.items {
			if len(b) > 0 {
				b = append(b, ' ')
			}
			b = append(append(b, list.sign), item...)
		}
	}
	return string(b)
}

// Without is a less b, sorted, each item once.
func Without(a, b []string) []string {
	var rest []string
	for _, item := range Sorted(a) {
		if !slices.Contains(b, item) && !slices.Contains(rest, item) {
			rest = append(rest, item)
		}
	}
	return rest
}

// Sorted are the items in order; the list itself is left as it is.
func Sorted(s []string) []string { return slices.Sorted(slices.Values(s)) }
