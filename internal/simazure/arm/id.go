package arm

import (
	"strings"
)

// ID is a resource id: "/subscriptions/S/resourceGroups/G/providers/Microsoft.Network/virtualNetworks/V/subnets/N". It
// is kept as it was written; ids are compared without regard to case (Azure Resource Manager, "Resource naming
// restrictions"), so that maps are keyed by Key.
type ID string

// IDOf joins the parts of an id.
func IDOf(parts ...string) ID { return ID("/" + strings.Join(parts, "/")) }

// Key is the same for all ways to write an id.
func (id ID) Key() string { return strings.ToLower(strings.TrimSuffix(string(id), "/")) }

// Is reports whether two ids name the same resource.
func (id ID) Is(other ID) bool { return id.Key() == other.Key() }

// Name is the last part.
func (id ID) Name() string { return string(id[strings.LastIndex(string(id), "/")+1:]) }

// Parent is the id without its last type and name.
func (id ID) Parent() ID {
	parts := id.parts()
	return IDOf(parts[:max(len(parts)-2, 0)]...)
}

// Child is the id of a resource below.
func (id ID) Child(kind, name string) ID { return id + ID("/"+kind+"/"+name) }

// Subscription is the subscription's id, empty outside of any.
func (id ID) Subscription() string { return id.after("subscriptions") }

// Group is the resource group's name, empty outside of any.
func (id ID) Group() string { return id.after("resourcegroups") }

// GroupID is the id of the resource group.
func (id ID) GroupID() ID {
	return IDOf("subscriptions", id.Subscription(), "resourceGroups", id.Group())
}

// Type is "Microsoft.Network/virtualNetworks/subnets"; empty for what is no resource of a provider.
func (id ID) Type() string {
	parts := id.parts()
	for i := 0; i+1 < len(parts); i++ {
		if !strings.EqualFold(parts[i], "providers") {
			continue
		}
		kind := parts[i+1]
		for j := i + 2; j < len(parts); j += 2 {
			kind += "/" + parts[j]
		}
		return kind
	}
	return ""
}

// HasType reports whether the id names a whole resource of that type.
func (id ID) HasType(kind string) bool {
	return strings.HasPrefix(string(id), "/") && len(id.parts())%2 == 0 && strings.EqualFold(id.Type(), kind)
}

// Within reports whether the id is scope, or lies below it.
func (id ID) Within(scope ID) bool {
	return strings.HasPrefix(id.Key()+"/", strings.TrimSuffix(scope.Key(), "/")+"/")
}

func (id ID) parts() []string { return strings.Split(strings.Trim(string(id), "/"), "/") }

// after is the part behind one of the first parts.
func (id ID) after(word string) string {
	parts := id.parts()
	for i := 0; i+1 < len(parts) && i <= 2; i += 2 {
		if strings.EqualFold(parts[i], word) {
			return parts[i+1]
		}
	}
	return ""
}

// Scope is the subscription or resource group whose resources a list is of: the id up to its provider.
func (id ID) Scope() ID {
	if id.Group() != "" {
		return id.GroupID()
	}
	return IDOf("subscriptions", id.Subscription())
}
