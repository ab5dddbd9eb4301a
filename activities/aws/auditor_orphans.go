package aws

import (
	"context"
	"maps"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"go.temporal.io/sdk/activity"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// owned is something that carries an ownership tag.
type owned struct {
	kind, id string
	owner    activities.Owner
}

// owned are the things in a snapshot that have an owner, and are not on their way out. They are of the kinds that somebody
// stands by here: of others, nobody has allowed us to see any.
func (s *snapshot) owned() []owned {
	var all []owned
	add := func(kind string, id *string, owner activities.Owner) {
		if owner != "" {
			all = append(all, owned{kind, sdk.ToString(id), owner})
		}
	}
	for _, c := range s.services.found {
		if state := serviceState(c.ServiceState); state != activities.ServiceDeleting && state != activities.ServiceDeleted {
			add(link.KindService, c.ServiceId, ownerOf(c.Tags))
		}
	}
	for _, e := range s.endpoints.found {
		if !onItsWayOut(e) {
			add(link.KindEndpoint, e.VpcEndpointId, ownerOf(e.Tags))
		}
	}
	for _, g := range s.groups.found {
		add(link.KindSecurityGroup, g.GroupId, ownerOf(g.Tags))
	}
	if zones, ok := s.looks[privateZonesLook].(seen[[]foundZone]); ok {
		for _, z := range zones.found {
			add(link.KindHostedZone, &z.id, z.owner)
		}
	}
	for _, arn := range slices.Sorted(maps.Keys(s.tagged)) {
		kind := link.KindTargetGroup
		if strings.Contains(arn, ":listener-rule/") {
			kind = link.KindListenerRule
		}
		add(kind, &arn, s.tagged[arn])
	}
	return all
}

// orphans are the things in a snapshot whose flow does not run.
func (a *Auditor) orphans(ctx context.Context, at activities.Place, expected []activities.Expected, seen *snapshot) ([]link.Resource, error) {
	runs := map[activities.Owner]bool{}
	for _, e := range expected {
		runs[activities.Owner(activity.GetInfo(ctx).Namespace+"/"+e.Flow)] = true
	}
	var all []link.Resource
	for _, o := range seen.owned() {
		if _, known := runs[o.owner]; !known {
			running, err := a.fleet.Owns(ctx, o.owner)
			if err != nil {
				return nil, err
			}
			runs[o.owner] = running
		}
		if !runs[o.owner] {
			all = append(all, link.Resource{Kind: o.kind, ID: o.id, Account: at.Account, Region: at.Region, Detail: string(o.owner)})
		}
	}
	return all, nil
}
