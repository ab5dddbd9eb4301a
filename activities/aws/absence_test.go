package aws

import (
	"testing"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/activities/looks"
	"github.com/linkwright/linkwright/internal/simaws"
)

// TestStepsDoNotTakeWhatIsNotShownForGone is the same for steps about something that must be there.
func TestStepsDoNotTakeWhatIsNotShownForGone(t *testing.T) {
	sc := newScene(t)
	service := sc.publish()
	endpoint := sc.connect(service)
	stale := func(action string) {
		sc.inject(simaws.Fault{Action: action, Effect: simaws.EffectStale, Times: looks.BelievedAfter - 1})
	}
	stale("DescribeVpcEndpointConnections")
	must(t, NewProvider(sc.config).AcceptConnection, connectionRequest(service, endpoint))
	sc.cloud.ClearFaults()
	stale("DescribeVpcEndpoints")
	must(t, NewConsumer(sc.config).DescribeEndpoint, activities.EndpointRequest{Place: consumer, Endpoint: endpoint.ID})
	sc.cloud.ClearFaults()
	stale("DescribeVpcEndpointServiceConfigurations")
	must(t, NewProvider(sc.config).DescribeService, activities.ServiceRequest{Place: provider, ServiceID: service.ID})
	sc.cloud.ClearFaults()
	stale("DescribeVpcEndpoints")
	seen := must(t, NewWatcher(sc.config).Poll, activities.PollRequest{Place: consumer, Topics: []activities.Watched{
		{Topic: activities.Topic{Kind: activities.TopicEndpoint, ID: endpoint.ID}, Seen: "as before"},
	}})
	if len(seen.Changes) != 1 || seen.Changes[0].Gone {
		t.Errorf("the Watch saw %+v", seen.Changes)
	}
}

// TestRemovalsDoNotBelieveAReplicaThatLagsBehind lets every look of a removal but the last be as the cloud began: with
// nothing there.
func TestRemovalsDoNotBelieveAReplicaThatLagsBehind(t *testing.T) {
	for _, test := range []struct {
		name string
		// looks are the actions by which the step looks.
		looks []string
		// make makes what is to be removed, and returns its removal and whether it is still there.
		make func(*testing.T, *scene) (remove func(), left func() bool)
	}{
		{"when an endpoint is not shown, it is deleted all the same", []string{"DescribeVpcEndpoints"}, func(t *testing.T, sc *scene) (func(), func() bool) {
			endpoint := sc.connect(sc.publish())
			return func() {
				must(t, plain(NewConsumer(sc.config).RemoveEndpoint), activities.RemoveEndpointRequest{Place: consumer, Owner: connectionFlow, Endpoint: endpoint.ID})
			}, func() bool { return len(sc.owned(consumer, connectionFlow)) > 0 }
		}},
		{"when a security group is not shown, it is deleted all the same", []string{"DescribeSecurityGroups"}, func(t *testing.T, sc *scene) (func(), func() bool) {
			sc.ensureGroup("10.0.0.0/8")
			return func() { must(t, plain(NewConsumer(sc.config).RemoveSecurityGroup), sc.groupRequest()) }, func() bool { return len(sc.groups(connectionFlow)) > 0 }
		}},
		{"when a service is not shown, it is deleted all the same", []string{"DescribeVpcEndpointServiceConfigurations"}, func(t *testing.T, sc *scene) (func(), func() bool) {
			service := sc.publish()
			return func() {
				must(t, plain(NewProvider(sc.config).RemoveService), activities.RemoveServiceRequest{Place: provider, Owner: serviceFlow, ServiceID: service.ID})
			}, func() bool { return len(sc.owned(provider, serviceFlow)) > 0 }
		}},
		{"when a parameter is not shown, it is deleted all the same", []string{"GetParameter"}, func(t *testing.T, sc *scene) (func(), func() bool) {
			names, req := NewNames(sc.config), activities.NameRequest{Place: provider, Owner: serviceFlow, Parameter: "/linkwright/payments", Value: "x"}
			must(t, plain(names.PublishName), req)
			return func() { must(t, plain(names.WithdrawName), req) }, func() bool {
				s := &site{Config: sc.config, place: provider, Clients: sc.clients(provider)}
				p, err := s.parameter(t.Context(), req.Parameter)
				return p != nil || err != nil
			}
		}},
		{"when a record is not shown, it is deleted all the same", []string{"ListResourceRecordSets"}, func(t *testing.T, sc *scene) (func(), func() bool) {
			zones, req := NewZones(sc.config), activities.RecordRequest{Place: domains, Record: activities.Record{Name: "_abc.example.com", Value: "vpce:x"}}
			must(t, zones.EnsureRecord, req)
			return func() { must(t, plain(zones.RemoveRecord), req) }, func() bool { return len(sc.values(req.Record.Name)) > 0 }
		}},
		{"when a private zone is not shown, it is deleted all the same", []string{"ListHostedZonesByName"}, func(t *testing.T, sc *scene) (func(), func() bool) {
			zone := sc.zone()
			return func() { must(t, plain(NewHostedZones(sc.config).RemoveZone), sc.zoneRequest()) }, func() bool { return sc.lookedAt(consumer, zone.ID) != nil }
		}},
		{"when targets are not shown, they are deregistered all the same", []string{"DescribeTargetHealth"}, func(t *testing.T, sc *scene) (func(), func() bool) {
			ingress, req := NewIngress(sc.config), sc.targets("api", "10.1.1.10")
			must(t, plain(ingress.EnsureTargets), req)
			return func() { must(t, plain(ingress.RemoveTargets), req) }, func() bool { return len(sc.inGroupNow("api")) > 0 }
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			sc := newScene(t)
			remove, left := test.make(t, sc)
			for _, action := range test.looks {
				sc.inject(simaws.Fault{Action: action, Effect: simaws.EffectStale, Times: looks.BelievedAfter - 1})
			}
			remove()
			sc.cloud.ClearFaults()
			if left() {
				t.Error("it is still there")
			}
		})
	}
}
