package aws

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/smithy-go/middleware"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

func locate(service activities.Service) activities.LocateServiceRequest {
	return activities.LocateServiceRequest{Place: consumer, ServiceName: service.Name, ServiceRegion: provider.Region}
}

func TestLocateService(t *testing.T) {
	sc := newScene(t)
	service := sc.publish()
	want := []string{"use1-az1", "use1-az2"}
	if got := must(t, NewConsumer(sc.config).LocateService, locate(service)); !slices.Equal(got.ZoneIDs, want) {
		t.Errorf("zones = %q, want %q", got.ZoneIDs, want)
	}
	if n, m := sc.calls("DescribeVpcEndpointServices"), sc.calls("DescribeAvailabilityZones"); n != 1 || m != 0 {
		t.Errorf("it takes %d and %d calls", n, m)
	}
}

// shownServices changes what EC2 shows of services.
func (sc *scene) shownServices(change func(*ec2.DescribeVpcEndpointServicesOutput)) {
	sc.config.Accounts = rewired{sc.config.Accounts, func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (
		middleware.InitializeOutput, middleware.Metadata, error) {
		out, meta, err := next.HandleInitialize(ctx, in)
		if shown, ok := out.Result.(*ec2.DescribeVpcEndpointServicesOutput); ok {
			change(shown)
		}
		return out, meta, err
	}}
}

// The names of zones mean another zone to the provider than to the consumer.
func TestLocateServiceKnowsTheZonesByTheirNames(t *testing.T) {
	sc := newScene(t)
	service := sc.publish()
	sc.shownServices(func(shown *ec2.DescribeVpcEndpointServicesOutput) {
		for i := range shown.ServiceDetails {
			shown.ServiceDetails[i].AvailabilityZoneIds = nil
		}
	})
	if got := must(t, NewConsumer(sc.config).LocateService, locate(service)); !slices.Equal(got.ZoneIDs, []string{"use1-az1", "use1-az2"}) {
		t.Errorf("zones = %q", got.ZoneIDs)
	}
}

func TestAServiceOfAnotherRegionIsReachedFromEveryZone(t *testing.T) {
	sc := newScene(t)
	service := sc.publish(func(s *link.AWSEndpointService) { s.SupportedRegions = []string{"us-east-1", "eu-west-1"} })
	req := locate(service)
	req.Region = "eu-west-1"
	if got := must(t, NewConsumer(sc.config).LocateService, req); len(got.ZoneIDs) != 0 {
		t.Errorf("zones = %q", got.ZoneIDs)
	}
}

func TestAServiceThatStaysInvisibleIsAProblem(t *testing.T) {
	sc := newScene(t)
	hidden := locate(activities.Service{Name: "com.amazonaws.vpce.us-east-1.vpce-svc-00000000000000000"})
	var heartbeat any
	if _, err := attempt(t, NewConsumer(sc.config).LocateService, hidden, &heartbeat); !isPending(err) {
		t.Errorf("a moment after publication, it answers %v", err)
	}
	service := sc.publish()
	sc.config.Patience = time.Nanosecond
	_, err := run(t, NewConsumer(sc.config).LocateService, hidden)
	wantProblem(t, err, link.ReasonServiceNotVisible)

	sc.shownServices(func(shown *ec2.DescribeVpcEndpointServicesOutput) {
		for i := range shown.ServiceDetails {
			shown.ServiceDetails[i].AvailabilityZoneIds, shown.ServiceDetails[i].AvailabilityZones = nil, nil
		}
	})
	_, err = run(t, NewConsumer(sc.config).LocateService, locate(service))
	wantProblem(t, err, link.ReasonNetworkMismatch)
}
