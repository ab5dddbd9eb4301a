package link

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// ServiceChanges compares two specs of a service, with their defaults, and returns the paths that differ:
// "spec.aws.allowedPrincipals". Lists differ when they hold other entries, in whatever order, but for those whose
// order says what comes first. What a running flow cannot carry out is refused, with the reason and what to do
// instead.
func ServiceChanges(old, new EndpointServiceSpec) (changed []string, refused Errors) {
	return changes(old.WithDefaults(), new.WithDefaults(), fixedInService())
}

// ConnectionChanges compares two specs of a connection as [ServiceChanges] does those of a service.
func ConnectionChanges(old, new ConnectionSpec) (changed []string, refused Errors) {
	return changes(old.WithDefaults(), new.WithDefaults(), fixedInConnection())
}

// InventoryChanges compares two specs of an inventory as [ServiceChanges] does those of a service.
func InventoryChanges(old, new VPCInventorySpec) (changed []string, refused Errors) {
	return changes(old.WithDefaults(), new.WithDefaults(), fixedInInventory())
}

// ordered are the lists whose first entries are tried first.
func ordered(path string) bool {
	return path == "spec.aws.inventories" || path == "spec.ingress.route.listeners"
}

// fixed is a field, with all that is in it, that stays as it is for as long as what it describes exists.
type fixed struct {
	path    string
	reason  string
	instead string
}

func fixedInService() []fixed {
	return []fixed{
		{"spec.account", "an endpoint service stays in the account that made it", "publish another service from the other account, and withdraw this one"},
		{"spec.region", "an endpoint service stays in its region", "add the other region to spec.aws.supportedRegions, or publish another service there"},
		{"spec.aws.service", "a service stays with the endpoint service that it began with", "publish another service, and withdraw this one"},
		{"spec.azure.resourceGroup", "a private link service stays in its resource group", "publish another service there, and withdraw this one"},
		{"spec.azure.name", "a private link service keeps its name", "publish another service under that name, and withdraw this one"},
		{"spec.azure.privateLinkService", "a service stays with the private link service that it began with", "publish another service, and withdraw this one"},
	}
}

func fixedInConnection() []fixed {
	const anew = "delete the connection, and apply it anew"
	return []fixed{
		{"spec.service", "an endpoint stays with the service it was made for", anew},
		{"spec.account", "an endpoint stays in the account that made it", anew},
		{"spec.region", "an endpoint stays in its region", anew},
		{"spec.nameFrom", "an endpoint stays with the service it was made for", anew},
		{"spec.aws.vpc", "an endpoint stays in its VPC", anew},
		{"spec.aws.endpoint", "a connection stays with the endpoint that it began with", anew},
		{"spec.azure.resourceGroup", "a private endpoint stays in its resource group", anew},
		{"spec.azure.name", "a private endpoint keeps its name", anew},
		{"spec.azure.subnet", "a private endpoint stays in its subnet", anew},
		{"spec.azure.privateEndpoint", "a connection stays with the endpoint that it began with", anew},
		{"spec.azure.connectBy", "a private endpoint keeps the name that it calls the service by", anew},
		{"spec.azure.requestMessage", "a request is not worded anew once it is made", anew},
	}
}

func fixedInInventory() []fixed {
	return []fixed{
		{"spec.account", "VPCs stay in the account that owns them", "write an inventory of the other account, and delete this one"},
		{"spec.region", "VPCs stay in their region", "write an inventory of the other region, and delete this one"},
	}
}

func changes(old, new any, immutable []fixed) (changed []string, refused Errors) {
	compare(reflect.ValueOf(old), reflect.ValueOf(new), "spec", func(path string, old, new reflect.Value) {
		changed = append(changed, path)
		for _, f := range immutable {
			if path == f.path || strings.HasPrefix(path, f.path+".") {
				refused = append(refused, FieldError{
					Path:    path,
					Message: fmt.Sprintf("cannot be %s: %s; %s", transition(old, new), f.reason, f.instead),
				})
			}
		}
	})
	return changed, refused
}

// transition says what happened to a field.
func transition(old, new reflect.Value) string {
	switch {
	case isUnset(old):
		return "added"
	case isUnset(new):
		return "taken away"
	default:
		return fmt.Sprintf("changed from %q to %q", old, new)
	}
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
	case !same(old, new, ordered(path)):
		report(path, old, new)
	}
}

func same(old, new reflect.Value, ordered bool) bool {
	switch old.Kind() {
	case reflect.Slice:
		return slices.Equal(entries(old, ordered), entries(new, ordered))
	case reflect.Map:
		//workflowcheck:ignore (the order in which a map is read does not matter to whether it is equal)
		return maps.Equal(old.Interface().(map[string]string), new.Interface().(map[string]string))
	case reflect.Pointer:
		return old.IsNil() && new.IsNil()
	default:
		return old.Interface() == new.Interface()
	}
}

// entries returns the entries of a list as texts that are equal when they are, in order.
func entries(list reflect.Value, ordered bool) []string {
	texts := make([]string, list.Len())
	for i := range texts {
		texts[i] = text(list.Index(i))
	}
	if !ordered {
		slices.Sort(texts)
	}
	return texts
}

// text writes an entry of a list, whose own lists have no order that matters.
func text(entry reflect.Value) string {
	switch entry.Kind() {
	case reflect.Struct:
		var fields []string
		for i := range entry.NumField() {
			fields = append(fields, text(entry.Field(i)))
		}
		return fmt.Sprintf("%q", fields)
	case reflect.Slice:
		return fmt.Sprintf("%q", entries(entry, false))
	case reflect.Int32:
		return strconv.FormatInt(entry.Int(), 10)
	default:
		return entry.String()
	}
}
