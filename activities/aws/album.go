package aws

import (
	"fmt"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// album is everything of one kind of EC2.
type album[T any] struct {
	looked bool
	found  []T
	err    error
	// all selects what is looked at; nothing for everything.
	all []ec2types.Filter
	// tags and fields answer filters: "tag:KEY", and those of the kind that are used here.
	tags   func(T) []ec2types.Tag
	fields map[string]func(T) *string
	// index has where to find what has a value, by the filters that begin a search.
	index map[string]map[string][]int
}

// search answers filters as EC2 does, from a look at everything: what has one of the values of each of them.
func (a *album[T]) search(look func(...ec2types.Filter) ([]T, error), filters []ec2types.Filter) ([]T, error) {
	if !a.looked {
		a.looked = true
		a.found, a.err = look(a.all...)
	}
	switch {
	case a.err != nil:
		return nil, a.err
	case len(filters) == 0:
		return slices.Clone(a.found), nil
	}
	first, rest := filters[0], filters[1:]
	values, err := a.indexed(sdk.ToString(first.Name))
	if err != nil {
		return nil, err
	}
	var left []T
	for _, value := range first.Values {
		for _, at := range values[value] {
			left = append(left, a.found[at])
		}
	}
	for _, f := range rest {
		field, err := a.field(sdk.ToString(f.Name))
		if err != nil {
			return nil, err
		}
		left = slices.DeleteFunc(left, func(one T) bool {
			value := field(one)
			return value == nil || !slices.Contains(f.Values, *value)
		})
	}
	return left, nil
}

// indexed is where to find what a filter is about, by value.
func (a *album[T]) indexed(filter string) (map[string][]int, error) {
	if values, ok := a.index[filter]; ok {
		return values, nil
	}
	field, err := a.field(filter)
	if err != nil {
		return nil, err
	}
	values := map[string][]int{}
	for at, one := range a.found {
		if value := field(one); value != nil {
			values[*value] = append(values[*value], at)
		}
	}
	if a.index == nil {
		a.index = map[string]map[string][]int{}
	}
	a.index[filter] = values
	return values, nil
}

// field is what a filter compares.
func (a *album[T]) field(filter string) (func(T) *string, error) {
	if key, ok := strings.CutPrefix(filter, "tag:"); ok {
		return func(one T) *string { return tagged(a.tags(one), key) }, nil
	}
	if field, ok := a.fields[filter]; ok {
		return field, nil
	}
	return nil, fmt.Errorf("a snapshot cannot be searched by %s", filter)
}

// tagged is the value of a tag; nil without it.
func tagged(tags []ec2types.Tag, key string) *string {
	for _, t := range tags {
		if sdk.ToString(t.Key) == key {
			return t.Value
		}
	}
	return nil
}
