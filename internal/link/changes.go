package link

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// ServiceChanges compares two specs of a service, with their defaults, and returns the paths that differ:
// "spec.aws.allowedPrincipals". Lists differ when they hold other entries, in whatever order. What a running
// flow cannot carry out is refused, with the reason and what to do instead.
func ServiceChanges(old, new EndpointServiceSpec) (changed []string, refused Errors) {
	return changes(old.WithDefaults(), new.WithDefaults(), fixedInService())
}

// ConnectionChanges compares two specs of a connection as [ServiceChanges] does those of a service.
func ConnectionChanges(old, new ConnectionSpec) (changed []string, refused Errors) {
	return changes(old.WithDefaults(), new.WithDefaults(), fixedInConnection())
}

// fixed is a field that stays as it is for as long as what it describes exists.
type fixed struct {
	path    string
	reason  string
	instead string
}

func fixedInService() []fixed {
	return []fixed{
		{"spec.account", "an endpoint service stays in the account that made it", "publish another service from the other account, and withdraw this one"},
		{"spec.region", "an endpoint service stays in its region", "add the other region to spec.aws.supportedRegions, or publish another service there"},
	}
}

func fixedInConnection() []fixed {
	const anew = "delete the connection, and apply it anew"
	return []fixed{
		{"spec.service", "an endpoint stays with the service it was made for", anew},
		{"spec.account", "an endpoint stays in the account that made it", anew},
		{"spec.region", "an endpoint stays in its region", anew},
		{"spec.aws.vpc", "an endpoint stays in its VPC", anew},
		{"spec.aws.endpoint", "a connection stays with the endpoint that it began with", anew},
	}
}

func changes(old, new any, immutable []fixed) (changed []string, refused Errors) {
	compare(reflect.ValueOf(old), reflect.ValueOf(new), "spec", func(path string, old, new reflect.Value) {
		changed = append(changed, path)
		for _, f := range immutable {
			if f.path == path {
				refused = append(refused, FieldError{
					Path:    path,
					Message: fmt.Sprintf("cannot be changed from %q to %q: %s; %s", old, new, f.reason, f.instead),
				})
			}
		}
	})
	return changed, refused
}

// compare reports the innermost fields that differ, in the order in which the types declare them.
func compare(old, new reflect.Value, path string, report func(path string, old, new reflect.Value)) {
	switch {
	case old.Kind() == reflect.Struct:
		for i := range old.Type().NumField() {
			compare(old.Field(i), new.Field(i), join(path, fieldName(old.Type().Field(i))), report)
		}
	case old.Kind() == reflect.Pointer && !old.IsNil() && !new.IsNil():
		compare(old.Elem(), new.Elem(), path, report)
	case !same(old, new):
		report(path, old, new)
	}
}

func same(old, new reflect.Value) bool {
	switch old.Kind() {
	case reflect.Slice:
		return slices.Equal(sorted(old), sorted(new))
	case reflect.Map:
		//workflowcheck:ignore (the order in which a map is read does not matter to whether it is equal)
		return maps.Equal(old.Interface().(map[string]string), new.Interface().(map[string]string))
	case reflect.Pointer:
		return old.IsNil() && new.IsNil()
	default:
		return old.Interface() == new.Interface()
	}
}

// sorted returns the entries of a list of strings in order.
func sorted(list reflect.Value) []string {
	entries := make([]string, list.Len())
	for i := range entries {
		entries[i] = list.Index(i).String()
	}
	slices.Sort(entries)
	return entries
}
