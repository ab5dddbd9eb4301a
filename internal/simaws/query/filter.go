package query

import (
	"slices"

	"github.com/linkwright/linkwright/internal/simaws/sim"
	"github.com/linkwright/linkwright/internal/simcloud/glob"
)

// Filter narrows a Describe: the resource's attribute must match one of the values.
type Filter struct {
	Name   string
	Values []string
}

// Filters must all match.
type Filters []Filter

// Filters reads the parameter list Filter.N.Name, Filter.N.Value.M.
func (f Form) Filters() Filters {
	var filters Filters
	for _, s := range f.Structs("Filter") {
		filters = append(filters, Filter{Name: s.String("Name"), Values: s.List("Value")})
	}
	return filters
}

// Check refuses a name that the action does not filter by, also when there is nothing to filter.
func (fs Filters) Check(known func(name string) bool) error {
	for _, f := range fs {
		if !known(f.Name) {
			return sim.Errorf("InvalidParameterValue", "The filter '%s' is invalid", f.Name)
		}
	}
	return nil
}

// Match reports whether a resource passes. values gives the resource's attribute of a filter's name, which Check has
// let through.
func (fs Filters) Match(values func(name string) []string) bool {
	return !slices.ContainsFunc(fs, func(f Filter) bool { return !f.matches(values(f.Name)) })
}

func (f Filter) matches(have []string) bool {
	for _, pattern := range f.Values {
		for _, value := range have {
			if Wildcard(pattern, value) {
				return true
			}
		}
	}
	return false
}

// Wildcard matches value, with regard to case, against an EC2 filter pattern.
func Wildcard(pattern, value string) bool { return glob.Match(pattern, value) }
