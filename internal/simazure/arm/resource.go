package arm

import (
	"cmp"
	"maps"
	"slices"
)

// Resource is a resource as a provider keeps it: the envelope that all types have, around the properties of its own.
type Resource[P any] struct {
	ID         ID                `json:"id"`
	ETag       string            `json:"etag,omitempty"`
	Location   string            `json:"location,omitempty"`
	Tags       map[string]string `json:"tags,omitempty"`
	Failed     bool              `json:"failed,omitempty"` // its last operation failed
	Properties P                 `json:"properties"`
}

// Table holds the resources of one type by the keys of their ids.
type Table[P any] map[string]*Resource[P]

// Get finds a resource.
func (t Table[P]) Get(id ID) (*Resource[P], bool) {
	r, ok := t[id.Key()]
	return r, ok
}

// Put adds a resource, or replaces it.
func (t Table[P]) Put(r *Resource[P]) { t[r.ID.Key()] = r }

// Remove takes a resource away.
func (t Table[P]) Remove(id ID) { delete(t, id.Key()) }

// Within are the resources below a scope, by their ids.
func (t Table[P]) Within(scope ID) []*Resource[P] {
	var found []*Resource[P]
	for _, r := range t {
		if r.ID.Within(scope) {
			found = append(found, r)
		}
	}
	slices.SortFunc(found, func(a, b *Resource[P]) int { return cmp.Compare(a.ID.Key(), b.ID.Key()) })
	return found
}

// All are all resources, by their ids.
func (t Table[P]) All() []*Resource[P] {
	var all []*Resource[P]
	for _, key := range slices.Sorted(maps.Keys(t)) {
		all = append(all, t[key])
	}
	return all
}

// View is a resource as clients see it.
type View struct {
	ID         ID                `json:"id"`
	Name       string            `json:"name"`
	Type       string            `json:"type,omitempty"`
	ETag       string            `json:"etag,omitempty"`
	Location   string            `json:"location,omitempty"`
	Tags       map[string]string `json:"tags,omitempty"`
	SKU        any               `json:"sku,omitempty"`
	Properties any               `json:"properties,omitempty"`
}

// Show is a resource's View around the properties that clients see of it.
func Show[P any](r *Resource[P], properties any) View {
	return View{
		ID: r.ID, Name: r.ID.Name(), Type: r.ID.Type(), ETag: r.ETag, Location: r.Location, Tags: r.Tags, Properties: properties,
	}
}

// Body is what a PUT says of a resource.
type Body[P any] struct {
	Location   string            `json:"location"`
	Tags       map[string]string `json:"tags"`
	Properties P                 `json:"properties"`
}

// Ref refers to a resource by its id.
type Ref struct {
	ID ID `json:"id"`
}
