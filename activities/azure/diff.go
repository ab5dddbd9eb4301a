package azure

import "slices"

// edit is what makes one set out of another.
type edit struct {
	Add, Remove []string
}

// diff compares two sets; the edit's lists are sorted.
func diff(have, want []string) edit {
	return edit{Add: without(want, have), Remove: without(have, want)}
}

func (e edit) empty() bool { return len(e.Add) == 0 && len(e.Remove) == 0 }

// String shows the edit in a status: "+subnet-2 -subnet-1".
func (e edit) String() string {
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

// without is a less b, sorted, each item once.
func without(a, b []string) []string {
	var rest []string
	for _, item := range sorted(a) {
		if !slices.Contains(b, item) && !slices.Contains(rest, item) {
			rest = append(rest, item)
		}
	}
	return rest
}

func sorted(s []string) []string { return slices.Sorted(slices.Values(s)) }
