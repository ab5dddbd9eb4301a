package query

import (
	"github.com/linkwright/linkwright/internal/simaws/glob"
	"github.com/linkwright/linkwright/internal/simaws/sim"
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

// Match reports whether a resource passes. values gives the resource's attribute of a filter's name, and
// false for a name that the action does not filter by, which is an error.
func (fs Filters) Match(values func(name string) ([]string, bool)) (bool, error) {
	matched := true
	for _, f := range fs {
		have, known := values(f.Name)
		if !known {
			return false, sim.Errorf("InvalidParameterValue", "The filter '%s' is invalid", f.Name)
		}
		matched = matched && f.matches(have)
	}
	return matched, nil
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
