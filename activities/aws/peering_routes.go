package aws

import (
	"context"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/activities/sets"
	"github.com/linkwright/linkwright/internal/link"
)

// EnsurePeerRoutes implements [activities.Peerings]. All tables are looked at before the first is changed.
func (p *Peerings) EnsurePeerRoutes(ctx context.Context, req activities.PeerRoutesRequest) (activities.PeerRoutes, error) {
	s, err := p.config.at(ctx, req.Place)
	if err != nil {
		return activities.PeerRoutes{}, err
	}
	tables, err := s.routeTables(ctx, req.Tables)
	if err != nil {
		return activities.PeerRoutes{}, s.failed(err)
	}
	if missing := sets.Without(req.Tables, tableIDs(tables)); len(missing) > 0 {
		return activities.PeerRoutes{}, s.blocked(link.Problem{
			Reason:  link.ReasonNetworkMismatch,
			Message: strings.Join(missing, ", ") + " does not exist in this account and region",
			Remedy:  "name route tables that exist, and add the peering again",
		}, nil)
	}
	var changes []routeChange
	var conflicts []string
	for _, table := range tables {
		more, against := planPeerRoutes(table, req.Peering, req.Others, req.Destinations)
		changes, conflicts = append(changes, more...), append(conflicts, against...)
	}
	if len(conflicts) > 0 {
		return activities.PeerRoutes{}, s.blocked(link.Problem{
			Reason:  link.ReasonConflictingPeering,
			Message: strings.Join(conflicts, "; ") + ", which Linkwright has not made",
			Remedy:  "take the route away if nobody needs it, or name other route tables and add the peering again",
		}, nil)
	}
	if req.DryRun {
		return activities.PeerRoutes{}, nil
	}
	return s.changeRoutes(ctx, changes)
}

func (s *site) changeRoutes(ctx context.Context, changes []routeChange) (activities.PeerRoutes, error) {
	var done activities.PeerRoutes
	for _, c := range changes {
		err := s.changeRoute(ctx, c)
		switch {
		case hasCode(err, "RouteAlreadyExists"):
			return done, s.pending("a route of " + c.table + " to " + c.destination + " has just been made")
		case hasCode(err, peeringNotFound) && s.age() < s.Patience:
			return done, s.pending("the connection is not to be seen everywhere yet")
		case err != nil:
			return done, s.failed(err)
		}
		done.Changes = append(done.Changes, c.String())
	}
	return done, nil
}

func (s *site) changeRoute(ctx context.Context, c routeChange) error {
	table, peering := sdk.String(c.table), sdk.String(c.peering)
	v4, v6, list := destinationOf(c.destination)
	var err error
	switch c.verb {
	case createRoute:
		_, err = s.EC2.CreateRoute(ctx, &ec2.CreateRouteInput{
			RouteTableId: table, VpcPeeringConnectionId: peering, DestinationCidrBlock: v4, DestinationIpv6CidrBlock: v6, DestinationPrefixListId: list})
	case replaceRoute:
		_, err = s.EC2.ReplaceRoute(ctx, &ec2.ReplaceRouteInput{
			RouteTableId: table, VpcPeeringConnectionId: peering, DestinationCidrBlock: v4, DestinationIpv6CidrBlock: v6, DestinationPrefixListId: list})
	case deleteRoute:
		_, err = s.EC2.DeleteRoute(ctx, &ec2.DeleteRouteInput{
			RouteTableId: table, DestinationCidrBlock: v4, DestinationIpv6CidrBlock: v6, DestinationPrefixListId: list})
		if hasCode(err, "InvalidRoute.NotFound", "InvalidRouteTableID.NotFound") {
			err = nil
		}
	}
	return err
}

// destinationOf says a destination in the words of EC2, one of which is set.
func destinationOf(destination string) (v4, v6, list *string) {
	switch {
	case strings.HasPrefix(destination, "pl-"):
		return nil, nil, &destination
	case strings.Contains(destination, ":"):
		return nil, &destination, nil
	}
	return &destination, nil, nil
}

// RemovePeerRoutes implements [activities.Peerings]. A table that is gone has no routes.
func (p *Peerings) RemovePeerRoutes(ctx context.Context, req activities.PeerRoutesRequest) error {
	s, err := p.config.at(ctx, req.Place)
	if err != nil {
		return err
	}
	tables, err := s.routeTables(ctx, req.Tables)
	if err != nil {
		return s.failed(err)
	}
	var changes []routeChange
	for _, table := range tables {
		ours, _ := planPeerRoutes(table, req.Peering, req.Others, nil)
		changes = append(changes, ours...)
	}
	if len(changes) == 0 {
		return s.absent(ctx, "a route to the connection")
	}
	if _, err := s.changeRoutes(ctx, changes); err != nil {
		return err
	}
	return s.removing(ctx, "the routes are being deleted")
}

// routeTables looks at tables, by a filter, which leaves out what does not exist where ids would fail the call.
func (s *site) routeTables(ctx context.Context, ids []string) ([]ec2types.RouteTable, error) {
	var all []ec2types.RouteTable
	err := inBatches(once(ids), "route-table-id", func(f ec2types.Filter) error {
		pages := ec2.NewDescribeRouteTablesPaginator(s.EC2, &ec2.DescribeRouteTablesInput{Filters: []ec2types.Filter{f}})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return err
			}
			all = append(all, page.RouteTables...)
		}
		return nil
	})
	slices.SortFunc(all, func(a, b ec2types.RouteTable) int {
		return strings.Compare(sdk.ToString(a.RouteTableId), sdk.ToString(b.RouteTableId))
	})
	return all, err
}

func tableIDs(tables []ec2types.RouteTable) []string {
	var ids []string
	for _, t := range tables {
		ids = append(ids, sdk.ToString(t.RouteTableId))
	}
	return ids
}
