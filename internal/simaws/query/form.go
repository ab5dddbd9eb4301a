// Package query is the wire of AWS's Query protocols: how EC2 reads a request's form and writes its answers
// (the "ec2" protocol), and how Elastic Load Balancing, STS and IAM do (the "query" protocol). It knows no
// service and holds no state; what a request means is the service's business.
package query

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// Form is a Query request's parameters, or the part of them below one name. Names are those of the API
// reference: "VpcId", "Filter", "SubnetId".
type Form struct {
	values url.Values
	prefix string // "" or "TagSpecification.1."
}

// NewForm reads a request's parameters.
func NewForm(values url.Values) Form { return Form{values: values} }

// Has reports whether the parameter was given, even if empty.
func (f Form) Has(name string) bool { return f.values.Has(f.prefix + name) }

// String is a parameter's value, "" when it was not given.
func (f Form) String(name string) string { return f.values.Get(f.prefix + name) }

// Bool is a Boolean parameter, nil when it was not given.
func (f Form) Bool(name string) (*bool, error) {
	if !f.Has(name) {
		return nil, nil
	}
	v, err := strconv.ParseBool(f.String(name))
	if err != nil {
		return nil, sim.Errorf("InvalidParameterValue", "Invalid value '%s' for boolean parameter %s", f.String(name), f.prefix+name)
	}
	return &v, nil
}

// True is a Boolean parameter that is false unless it was given as true.
func (f Form) True(name string) (bool, error) {
	v, err := f.Bool(name)
	return v != nil && *v, err
}

// Int is an integer parameter, nil when it was not given.
func (f Form) Int(name string) (*int, error) {
	if !f.Has(name) {
		return nil, nil
	}
	v, err := strconv.Atoi(f.String(name))
	if err != nil {
		return nil, sim.Errorf("InvalidParameterValue", "Invalid value '%s' for integer parameter %s", f.String(name), f.prefix+name)
	}
	return &v, nil
}

// Sub is the parameters of a nested structure: Sub("DnsOptions") reads "DnsOptions.DnsRecordIpType" as
// "DnsRecordIpType".
func (f Form) Sub(name string) Form { return Form{values: f.values, prefix: f.prefix + name + "."} }

// Fields are the names of the parameters and structures that were given.
func (f Form) Fields() map[string]bool {
	fields := map[string]bool{}
	for key := range f.values {
		if rest, ok := strings.CutPrefix(key, f.prefix); ok {
			name, _, _ := strings.Cut(rest, ".")
			fields[name] = true
		}
	}
	return fields
}

// List is a list of plain values, in order: "SubnetId.1", "SubnetId.2", or in the query protocol's longer
// form "SubnetId.member.1".
func (f Form) List(name string) []string {
	var list []string
	for _, item := range f.items(name) {
		list = append(list, f.values.Get(item))
	}
	return list
}

// Structs is a list of structures, in order: each of "Tag.1.Key", "Tag.2.Key" reads as "Key".
func (f Form) Structs(name string) []Form {
	var list []Form
	for _, item := range f.items(name) {
		list = append(list, Form{values: f.values, prefix: item + "."})
	}
	return list
}

// items are the full names of a list's items, "Filter.1" or "Targets.member.1", in the order of their numbers.
func (f Form) items(name string) []string {
	found := map[int]string{}
	for key := range f.values {
		rest, ok := strings.CutPrefix(key, f.prefix+name+".")
		if !ok {
			continue
		}
		member := ""
		if r, ok := strings.CutPrefix(rest, "member."); ok {
			rest, member = r, "member."
		}
		number, _, _ := strings.Cut(rest, ".")
		if n, err := strconv.Atoi(number); err == nil {
			found[n] = f.prefix + name + "." + member + number
		}
	}
	var items []string
	for _, n := range slices.Sorted(maps.Keys(found)) {
		items = append(items, found[n])
	}
	return items
}
