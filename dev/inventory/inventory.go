// Package inventory lists everything that a link can leave in an account of AWS or a subscription of Azure, as its own
// administrator sees it. The demo and the end-to-end tests judge by it whether Linkwright has cleaned up after itself.
package inventory

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// The kinds of items.
const (
	Service       = "endpoint service"
	Endpoint      = "endpoint"
	Interface     = "network interface"
	SecurityGroup = "security group"
	SecurityRule  = "security group rule"
	Peering       = "peering connection"
	Route         = "route"
	TargetGroup   = "target group"
	Target        = "target"
	Rule          = "listener rule"
	Certificate   = "listener certificate"
	WebACL        = "web ACL"
	Zone          = "hosted zone"
	Record        = "record"
	Association   = "zone association"
	Authorization = "zone authorization"
	Parameter     = "parameter"
)

// ownerTag is the tag by which Linkwright knows its own.
const ownerTag = "linkwright:owner"

// Item is one thing in an account.
type Item struct {
	Account, Kind, ID string
	// Detail is what else counts: a record's values, a target's group, a certificate's listener.
	Detail string
	// Owner is the value of Linkwright's ownership tag, empty without one.
	Owner string
}

func (i Item) String() string {
	text := fmt.Sprintf("%s: %s %s", i.Account, i.Kind, i.ID)
	if i.Detail != "" {
		text += " " + i.Detail
	}
	if i.Owner != "" {
		text += " of " + i.Owner
	}
	return text
}

// Inventory is what there is, in order.
type Inventory []Item

// Take looks into one account and region.
func Take(ctx context.Context, account string, cfg aws.Config) (Inventory, error) {
	var all Inventory
	for _, list := range []func(context.Context, aws.Config) (Inventory, error){
		services, endpoints, interfaces, securityGroups, securityRules, peerings, networkRoutes, groups, routes, zones, parameters,
	} {
		found, err := list(ctx, cfg)
		if err != nil {
			return nil, fmt.Errorf("look into account %s: %w", account, err)
		}
		all = append(all, found...)
	}
	for i := range all {
		all[i].Account = account
	}
	slices.SortFunc(all, func(a, b Item) int { return cmp.Compare(a.String(), b.String()) })
	return all, nil
}

// Added are the items of a later look that were not there before.
func (before Inventory) Added(after Inventory) Inventory {
	return slices.DeleteFunc(slices.Clone(after), func(i Item) bool { return slices.Contains(before, i) })
}

// Missing are the items that a later look no longer found.
func (before Inventory) Missing(after Inventory) Inventory { return after.Added(before) }

// Of are the items of a kind.
func (all Inventory) Of(kind string) Inventory {
	return slices.DeleteFunc(slices.Clone(all), func(i Item) bool { return i.Kind != kind })
}
