package ssm

import (
	"slices"
	"strings"

	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// filter is a ParameterStringFilter (AWS Systems Manager API Reference); any of its values may match.
type filter struct {
	Key    string
	Option string // "Equals" unless given; for Path "OneLevel"
	Values []string
}

// check refuses a key, an option or a lack of values that DescribeParameters does not have.
func (f filter) check() error {
	tagKey := strings.HasPrefix(f.Key, "tag:")
	options := []string{"", "Equals", "BeginsWith", "Contains"}
	switch {
	case f.Key == "Path":
		options = []string{"", "OneLevel", "Recursive"}
	case !tagKey && !slices.Contains([]string{"Name", "Type", "KeyId", "Tier", "DataType"}, f.Key):
		return sim.Errorf("InvalidFilterKey", "The specified key isn't valid: %s", f.Key)
	}
	if !slices.Contains(options, f.Option) {
		return sim.Errorf("InvalidFilterOption", "The specified filter option isn't valid for %s: %s", f.Key, f.Option)
	}
	if len(f.Values) == 0 && !tagKey {
		return sim.Errorf("InvalidFilterValue", "The filter value isn't valid: %s needs at least one.", f.Key)
	}
	return nil
}

// match reports whether a parameter passes the filter.
func (f filter) match(p *Parameter) bool {
	v := p.latest()
	switch f.Key {
	case "Name":
		return f.compare(p.Name)
	case "Type":
		return f.compare(v.Type)
	case "KeyId":
		return f.compare(v.KeyID)
	case "Tier":
		return f.compare(v.Tier)
	case "DataType":
		return f.compare(v.DataType)
	case "Path":
		return f.matchPath(p.Name)
	}
	value, tagged := p.Tags[strings.TrimPrefix(f.Key, "tag:")]
	return tagged && (len(f.Values) == 0 || f.compare(value))
}

func (f filter) compare(have string) bool {
	return slices.ContainsFunc(f.Values, func(want string) bool {
		switch f.Option {
		case "BeginsWith":
			return strings.HasPrefix(have, want)
		case "Contains":
			return strings.Contains(have, want)
		}
		return have == want
	})
}

// matchPath: "/a" holds "/a/b" at one level, and "/a/b/c" too when recursive.
func (f filter) matchPath(name string) bool {
	return slices.ContainsFunc(f.Values, func(path string) bool {
		rest, ok := strings.CutPrefix(name, strings.TrimSuffix(path, "/")+"/")
		return ok && (f.Option == "Recursive" || !strings.Contains(rest, "/"))
	})
}
