package aws

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"

	"github.com/linkwright/linkwright/activities"
)

func watched(kind activities.TopicKind, id, service string) activities.Watched {
	return activities.Watched{Topic: activities.Topic{Kind: kind, ID: id, Service: service}, Since: time.Now()}
}

// poll looks once.
func (sc *scene) poll(place activities.Place, topics []activities.Watched) ([]activities.Change, error) {
	var heartbeat any
	result, err := attempt(sc.t, NewWatcher(sc.config).Poll, activities.PollRequest{Place: place, Topics: topics}, &heartbeat)
	return result.Changes, err
}

func isPending(err error) bool {
	var app *temporal.ApplicationError
	return errors.As(err, &app) && app.Type() == activities.ErrTypePending
}

func TestPollAnswersWithWhatHasChanged(t *testing.T) {
	sc := newScene(t)
	service := sc.publish()
	endpoint := sc.connect(service)
	topics := []activities.Watched{
		watched(activities.TopicService, service.ID, ""),
		watched(activities.TopicConnections, service.ID, ""),
		watched(activities.TopicConnection, endpoint.ID, service.ID),
	}
	remember := func(changes []activities.Change) {
		for _, c := range changes {
			i := slices.IndexFunc(topics, func(w activities.Watched) bool { return w.Topic == c.Topic })
			topics[i].Seen = c.Seen
		}
	}
	changes, err := sc.poll(provider, topics)
	if err != nil || len(changes) != 3 {
		t.Fatalf("at first sight, everything has changed: %+v, %v", changes, err)
	}
	if changes[0].Service == nil || len(changes[1].Connections) != 1 || changes[2].Connection == nil {
		t.Fatalf("changes = %+v", changes)
	}
	remember(changes)
	if changes, err := sc.poll(provider, topics); !isPending(err) {
		t.Fatalf("when nothing has changed, it is not pending: %+v, %v", changes, err)
	}

	sc.accept(service, endpoint)
	changes, err = sc.poll(provider, topics)
	if err != nil || len(changes) != 2 || !changes[1].Connection.State.LetIn() {
		t.Fatalf("after the acceptance, changes = %+v, %v", changes, err)
	}

	must(t, plain(NewConsumer(sc.config).RemoveEndpoint), activities.RemoveEndpointRequest{Place: consumer, Owner: connectionFlow})
	must(t, plain(NewProvider(sc.config).RemoveService), activities.RemoveServiceRequest{Place: provider, Owner: serviceFlow})
	changes, err = sc.poll(provider, topics)
	if err != nil || len(changes) != 1 || len(changes[0].Connections) != 0 {
		t.Fatalf("after the teardown, changes = %+v, %v", changes, err)
	}
	remember(changes)
	gone := must(t, NewWatcher(sc.config).Poll, activities.PollRequest{Place: provider, Topics: topics})
	if len(gone.Changes) != 2 || !gone.Changes[0].Gone || !gone.Changes[1].Gone {
		t.Fatalf("after several looks, changes = %+v", gone.Changes)
	}
	remember(gone.Changes)
	if changes, err := sc.poll(provider, topics); !isPending(err) {
		t.Fatalf("what is gone is news once: %+v, %v", changes, err)
	}
}

func TestPollDescribesManyWithFewCalls(t *testing.T) {
	sc := newScene(t)
	endpoint := sc.connect(sc.publish())
	topics := []activities.Watched{watched(activities.TopicEndpoint, endpoint.ID, "")}
	for i := range filterValues + 10 {
		topics = append(topics, watched(activities.TopicEndpoint, fmt.Sprintf("vpce-%017x", i), ""))
	}
	before := sc.calls("DescribeVpcEndpoints")
	changes, err := sc.poll(consumer, topics)
	if err != nil || len(changes) != 1 || changes[0].Endpoint.ID != endpoint.ID {
		t.Fatalf("changes = %+v, %v", changes, err)
	}
	if n := sc.calls("DescribeVpcEndpoints") - before; n != 2 {
		t.Errorf("it looked at %d endpoints with %d calls, want 2", len(topics), n)
	}
}

func TestManyWhoSubscribeAtOnceCostOneLook(t *testing.T) {
	sc := newScene(t)
	service := sc.publish()
	sc.config.Pace = activities.Pace{Min: time.Hour, Max: time.Hour}
	w := NewWatcher(sc.config)
	topics := []activities.Watched{watched(activities.TopicService, service.ID, "")}
	before := len(sc.cloud.Calls())
	looks := func() int { return len(sc.cloud.Calls()) - before }
	var heartbeat any
	if _, err := attempt(t, w.Poll, activities.PollRequest{Place: provider, Topics: topics}, &heartbeat); err != nil || looks() != 1 {
		t.Fatalf("the first looks %d times: %v", looks(), err)
	}
	for range 3 {
		if _, err := attempt(t, w.Poll, activities.PollRequest{Place: provider, Topics: topics}, &heartbeat); !isPending(err) || looks() != 1 {
			t.Fatalf("the next look another %d times: %v", looks()-1, err)
		}
	}
	if _, err := attempt(t, w.Poll, activities.PollRequest{Place: consumer, Topics: topics}, &heartbeat); isPending(err) && looks() == 1 {
		t.Error("another account waits, too")
	}
}
