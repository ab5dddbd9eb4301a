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
	return changes(old.WithDefaults(), new.WithDefaults(), map[string]string{
		"spec.account": "an endpoint service stays in the account that made it; withdraw the service and publish it from the other account under another name",
		"spec.region":  "an endpoint service stays in its region; to reach consumers elsewhere add spec.aws.supportedRegions, or publish a second service there",
	})
}

// ConnectionChanges compares two specs of a connection as [ServiceChanges] does those of a service.
func ConnectionChanges(old, new ConnectionSpec) (changed []string, refused Errors) {
	const instead = "; disconnect, and connect anew"
	return changes(old.WithDefaults(), new.WithDefaults(), map[string]string{
		"spec.service":      "an endpoint stays with the service it was made for" + instead,
		"spec.account":      "an endpoint stays in the account that made it" + instead,
		"spec.region":       "an endpoint stays in its region" + instead,
		"spec.aws.vpc":      "an endpoint stays in its VPC" + instead,
		"spec.aws.endpoint": "a connection stays with the endpoint it has" + instead,
	})
}

func changes(old, new any, immutable map[string]string) (changed []string, refused Errors) {
	compare(reflect.ValueOf(old), reflect.ValueOf(new), "spec", func(path string, old, new reflect.Value) {
		changed = append(changed, path)
		if reason, fixed := immutable[path]; fixed {
			refused = append(refused, FieldError{
				Path:    path,
				Message: fmt.Sprintf("cannot be changed from %q to %q: %s", old, new, reason),
			})
		}
	})
	return changed, refused
}

// compare reports the innermost fields that differ, in the order in which the types declare them.
func compare(old, new reflect.Value, path string, report func(path string, old, new reflect.Value)) {
	switch {
	case old.Kind() == reflect.Struct:
		for i := range old.NumField() {
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
