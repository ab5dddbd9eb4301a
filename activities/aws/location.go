package aws

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/activities/sets"
	"github.com/linkwright/linkwright/internal/link"
)

// LocateService implements [activities.Consumer]. AWS answers with the zones that the service and the consumer's account
// have in common.
func (c *Consumer) LocateService(ctx context.Context, req activities.LocateServiceRequest) (activities.ServiceLocation, error) {
	s, err := c.config.at(ctx, req.Place)
	if err != nil {
		return activities.ServiceLocation{}, err
	}
	seen, err := s.visibleService(ctx, req)
	switch {
	case err != nil:
		return activities.ServiceLocation{}, s.failed(err)
	case seen.Problem != nil:
		return activities.ServiceLocation{}, s.later(*seen.Problem)
	}
	return seen.ServiceLocation, nil
}

// visibleService is what the account sees of a service, and what keeps it from being connected to.
func (s *site) visibleService(ctx context.Context, req activities.LocateServiceRequest) (activities.VisibleService, error) {
	service, err := s.serviceDetails(ctx, req.ServiceName, req.ServiceRegion)
	switch {
	case err != nil:
		return activities.VisibleService{}, err
	case service == nil:
		return activities.VisibleService{Problem: &link.Problem{
			Reason:  link.ReasonServiceNotVisible,
			Call:    "ec2:DescribeVpcEndpointServices",
			Message: "service " + req.ServiceName + " is not visible to the consumer",
			Remedy:  invisibleRemedy,
		}}, nil
	}
	seen := activities.VisibleService{Visible: true}
	if req.ServiceRegion != "" && req.ServiceRegion != req.Region {
		return seen, nil
	}
	if seen.ZoneIDs, err = s.zoneIDs(ctx, *service); err != nil {
		return activities.VisibleService{}, err
	}
	if len(seen.ZoneIDs) == 0 { // which must not be taken for every zone
		seen.Problem = &link.Problem{
			Reason:  link.ReasonNetworkMismatch,
			Call:    "ec2:DescribeVpcEndpointServices",
			Message: "service " + req.ServiceName + " is in no availability zone that the consumer's account has",
			Remedy:  "let the provider put subnets of more availability zones to the service's load balancers",
		}
	}
	return seen, nil
}

// zoneIDs are where a service is, by the ids of the zones. Where AWS gives their names alone, which mean something to
// this account only, it is asked what zones they stand for.
func (s *site) zoneIDs(ctx context.Context, service ec2types.ServiceDetail) ([]string, error) {
	if len(service.AvailabilityZoneIds) > 0 || len(service.AvailabilityZones) == 0 {
		return sets.Sorted(service.AvailabilityZoneIds), nil
	}
	out, err := s.EC2.DescribeAvailabilityZones(ctx, &ec2.DescribeAvailabilityZonesInput{ZoneNames: service.AvailabilityZones})
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, z := range out.AvailabilityZones {
		ids = append(ids, sdk.ToString(z.ZoneId))
	}
	return sets.Sorted(ids), nil
}

// later hopes that something comes right by itself, and then says what a person has to mend.
func (s *site) later(p link.Problem) error {
	if s.age() <= s.Patience {
		return s.pending(p.Message + "; it may be, in a moment")
	}
	return s.blocked(p, nil)
}
