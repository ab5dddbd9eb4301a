package azure

import (
	"slices"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"

	"github.com/linkwright/linkwright/activities/sets"
	"github.com/linkwright/linkwright/internal/link"
)

// everyone in a list of subscriptions stands for all of them (Azure Private Link, "What is Azure Private Link service?",
// Control service exposure).
const everyone = "*"

// planAdmission compares the subscriptions that a service admits with those that it is to admit. To take some away and
// to add others are two things, but that those who are named are among everyone.
func planAdmission(kind link.DriftKind, what string, have, want []string) []link.Difference {
	e := sets.Diff(have, want)
	switch {
	case e.Empty():
		return nil
	case slices.Contains(have, everyone), slices.Contains(want, everyone):
		return []link.Difference{{Kind: kind, Text: what + e.String(), Widens: !slices.Contains(have, everyone)}}
	}
	var all []link.Difference
	if len(e.Add) > 0 {
		all = append(all, link.Difference{Kind: kind, Text: what + sets.Edit{Add: e.Add}.String(), Widens: true})
	}
	if len(e.Remove) > 0 {
		all = append(all, link.Difference{Kind: kind, Text: what + sets.Edit{Remove: e.Remove}.String()})
	}
	return all
}

// narrowed is what is wanted, but for what would let in more than the service does now, and whether there is such.
func (w wantedService) narrowed(have armnetwork.PrivateLinkServiceProperties) (narrow wantedService, withheld bool) {
	narrow = w
	narrow.Visibility = admittedByBoth(subscriptions(have.Visibility), w.Visibility)
	narrow.AutoApproval = admittedByBoth(approved(have.AutoApproval), w.AutoApproval)
	if is(w.AccessMode, string(link.AccessDefault)) {
		narrow.AccessMode = accessMode(have)
	}
	withheld = !sets.Diff(narrow.Visibility, w.Visibility).Empty() || !sets.Diff(narrow.AutoApproval, w.AutoApproval).Empty() ||
		!is(narrow.AccessMode, w.AccessMode)
	return narrow, withheld
}

// admittedByBoth are the subscriptions that are in both of two lists, by their names or among everyone.
func admittedByBoth(a, b []string) []string {
	switch {
	case slices.Contains(a, everyone):
		return b
	case slices.Contains(b, everyone):
		return a
	}
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return !slices.Contains(b, s) })
}

func subscriptions(v *armnetwork.PrivateLinkServicePropertiesVisibility) []string {
	if v == nil {
		return nil
	}
	return lower(values(v.Subscriptions))
}

func approved(v *armnetwork.PrivateLinkServicePropertiesAutoApproval) []string {
	if v == nil {
		return nil
	}
	return lower(values(v.Subscriptions))
}

func lower(list []string) []string {
	all := make([]string, len(list))
	for i, s := range list {
		all[i] = strings.ToLower(s)
	}
	return all
}
