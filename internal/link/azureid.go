package link

import (
	"fmt"
	"regexp"
	"strings"
)

// AzureID is the resource id of something in a resource group (Azure Resource Manager, "Resource naming and ids"):
//
//	/subscriptions/SUBSCRIPTION/resourceGroups/GROUP/providers/Microsoft.Network/TYPE/NAME[/TYPE/NAME]
//
// Azure does not tell upper from lower case in any of it, and answers in whichever case somebody once wrote.
type AzureID struct {
	Subscription, ResourceGroup string
	// Type is what it is, with its provider and without names: "Microsoft.Network/virtualNetworks/subnets".
	Type string
	// Names are those of the resource and, before it, of what it is part of.
	Names []string
}

// Name is that of the resource itself.
func (id AzureID) Name() string { return id.Names[len(id.Names)-1] }

// Parent is what the resource is part of; it has no parent when it is part of nothing.
func (id AzureID) Parent() (AzureID, bool) {
	if len(id.Names) < 2 {
		return AzureID{}, false
	}
	id.Type = id.Type[:strings.LastIndexByte(id.Type, '/')]
	id.Names = id.Names[:len(id.Names)-1]
	return id, true
}

func (id AzureID) String() string {
	var b strings.Builder
	provider, types, _ := strings.Cut(id.Type, "/")
	fmt.Fprintf(&b, "/subscriptions/%s/resourceGroups/%s/providers/%s", id.Subscription, id.ResourceGroup, provider)
	for i, kind := range strings.Split(types, "/") {
		b.WriteString("/" + kind + "/" + id.Names[i])
	}
	return b.String()
}

// ParseAzureID reads a resource id; false when it is none of something in a resource group.
func ParseAzureID(s string) (AzureID, bool) {
	parts := strings.Split(s, "/")
	if len(parts) < 9 || len(parts)%2 == 0 || parts[0] != "" || !strings.EqualFold(parts[1], "subscriptions") ||
		!strings.EqualFold(parts[3], "resourceGroups") || !strings.EqualFold(parts[5], "providers") || !IsGUID(parts[2]) {
		return AzureID{}, false
	}
	id := AzureID{Subscription: strings.ToLower(parts[2]), ResourceGroup: parts[4], Type: parts[6]}
	for i := 7; i < len(parts); i += 2 {
		id.Type += "/" + parts[i]
		id.Names = append(id.Names, parts[i+1])
	}
	for _, part := range parts[2:] {
		if part == "" || strings.ContainsFunc(part, notInAzureID) {
			return AzureID{}, false
		}
	}
	return id, true
}

// SameAzureID reports whether two resource ids are of the same resource.
func SameAzureID(a, b string) bool { return strings.EqualFold(a, b) }

// notInAzureID: names in resource ids are letters, digits and some punctuation (Azure Resource Manager, "Naming rules
// and restrictions for Azure resources").
func notInAzureID(r rune) bool {
	return r > '~' || !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("-_.()", r))
}

// IsGUID reports whether a text is a GUID, such as the id of a subscription.
func IsGUID(s string) bool { return guid.MatchString(s) }

var guid = regexp.MustCompile(`^(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// The types of resources that specs name.
const (
	typeFrontend       = "Microsoft.Network/loadBalancers/frontendIPConfigurations"
	typeSubnet         = "Microsoft.Network/virtualNetworks/subnets"
	typeVirtualNetwork = "Microsoft.Network/virtualNetworks"
	typePrivateLink    = "Microsoft.Network/privateLinkServices"
	typeEndpoint       = "Microsoft.Network/privateEndpoints"
	typePrivateZone    = "Microsoft.Network/privateDnsZones"
)

// azureID checks a resource id of a type, and returns it; false when it is none.
func (c *checker) azureID(path, s, kind, what string) (AzureID, bool) {
	id, ok := ParseAzureID(s)
	if !ok || !strings.EqualFold(id.Type, kind) {
		c.add(path, "%q is not the resource id of a %s, such as /subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/…/providers/%s/…", s, what, kind)
		return id, false
	}
	return id, true
}
