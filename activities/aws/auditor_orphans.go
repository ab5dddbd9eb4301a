package aws

import (
	"maps"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/activities/audits"
	"github.com/linkwright/linkwright/internal/link"
)

// owned are the things in a snapshot that have an owner, and are not on their way out. They are of the kinds that somebody
// stands by here, so that an audit needs no permission that no flow here needs, unless something may be left.
func (s *snapshot) owned(at activities.Place) []audits.Owned {
	var all []audits.Owned
	add := func(kind string, id *string, owner activities.Owner) {
		if owner != "" {
			all = append(all, audits.Owned{Owner: owner, Resource: link.Resource{
				Kind: kind, ID: sdk.ToString(id), Account: at.Account, Region: at.Region, Detail: string(owner),
			}})
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
