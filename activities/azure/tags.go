package azure

import (
	"fmt"
	"maps"
	"strings"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// OwnerTag marks what belongs to a flow; its value is the flow's [activities.Owner]. The name has letters alone: private
// DNS zones lose tags with a colon in their names without a word
// (https://github.com/hashicorp/terraform-provider-azurerm/issues/6129).
const OwnerTag = link.AzureOwnerTag

// ownerOf reads the owner from a resource's tags, or from a record set's metadata; empty when it has none. Azure does
// not tell upper from lower case in the names of tags (Azure Resource Manager, "Use tags to organize your Azure
// resources").
func ownerOf(tags map[string]*string) activities.Owner {
	for name, v := range tags {
		if strings.EqualFold(name, OwnerTag) {
			return activities.Owner(value(v))
		}
	}
	return ""
}

// tagged are the tags that a resource of an owner is to have: those that it has, those of its spec, and the owner's.
func tagged(have map[string]*string, owner activities.Owner, want map[string]string) map[string]*string {
	all := maps.Clone(have)
	if all == nil {
		all = map[string]*string{}
	}
	set := func(name, v string) {
		for other := range all {
			if strings.EqualFold(other, name) {
				delete(all, other)
			}
		}
		all[name] = &v
	}
	for name, v := range want {
		set(name, v)
	}
	set(OwnerTag, string(owner))
	return all
}

// plainTags are tags as most of the world writes them.
func plainTags(tags map[string]*string) map[string]string {
	all := map[string]string{}
	for name, v := range tags {
		all[name] = value(v)
	}
	return all
}

// sameTags reports whether a resource has all tags that it is to have.
func sameTags(have map[string]*string, want map[string]*string) bool {
	return maps.EqualFunc(have, want, func(a, b *string) bool { return value(a) == value(b) })
}

// notOurs is the problem of something that should belong to a flow but does not carry its tag.
func notOurs(what string, owner, found activities.Owner) link.Problem {
	p := link.Problem{
		Reason:  link.ReasonNotOurs,
		Message: fmt.Sprintf("%s has no tag %s", what, OwnerTag),
		Remedy:  fmt.Sprintf("set its tag %s to %s, or delete it by hand", OwnerTag, owner),
	}
	if found != "" {
		p.Message = fmt.Sprintf("%s belongs to another flow: its tag %s is %s", what, OwnerTag, found)
		p.Remedy = "let that flow go of it first, or name another one"
	}
	return p
}
