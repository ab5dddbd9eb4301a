package aws

import (
	"context"
	"slices"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/activities/looks"
)

// Watcher looks at the endpoints and services of one account and region for everyone.
type Watcher struct {
	config Config
	gate   looks.Gate
}

var _ activities.Watcher = (*Watcher)(nil)

// NewWatcher returns the step of the Watch.
func NewWatcher(c Config) *Watcher { return &Watcher{config: c.withDefaults()} }

// filterValues is how many values one filter of EC2 takes (Amazon EC2 User Guide, "Find your Amazon EC2
// resources").
const filterValues = 200

// Poll implements [activities.Watcher]. Things are selected by filters and not by ids, so that one that is gone is
// missing in the answer instead of spoiling it for all.
func (w *Watcher) Poll(ctx context.Context, req activities.PollRequest) (activities.PollResult, error) {
	s, err := w.config.at(ctx, req.Place)
	if err != nil {
		return activities.PollResult{}, err
	}
	s.started = time.Now() // a poll goes on for days: what fails now has not failed since then
	if early := w.gate.Early(req.Place, w.config.Pace.Min); early > 0 {
		return activities.PollResult{}, activities.Pending("a look has just been taken", early)
	}
	topics, err := looks.Topics(ctx, req, s.Topics)
	if err != nil {
		return activities.PollResult{}, err
	}
	seen, err := s.observe(ctx, topics)
	if err != nil {
		return activities.PollResult{}, s.failed(err)
	}
	return seen.Poll(ctx, topics, s.Pace, s.Patience)
}

// observe describes all topics, those of one kind together.
func (s *site) observe(ctx context.Context, topics []activities.Watched) (looks.View, error) {
	v := looks.NewView()
	err := inBatches(ids(topics, activities.TopicService), "service-id", func(f ec2types.Filter) error {
		found, err := s.services(ctx, f)
		for _, c := range found {
			if view := serviceView(c); view.State != activities.ServiceDeleted {
				v.Services[view.ID] = view
			}
		}
		return err
	})
	if err != nil {
		return looks.View{}, err
	}
	err = inBatches(ids(topics, activities.TopicConnections), "service-id", func(f ec2types.Filter) error {
		found, err := s.connections(ctx, f)
		for _, c := range found {
			id := sdk.ToString(c.ServiceId)
			v.Connections[id] = append(v.Connections[id], connectionView(c))
		}
		return err
	})
	if err != nil {
		return looks.View{}, err
	}
	err = inBatches(ids(topics, activities.TopicConnection), "vpc-endpoint-id", func(f ec2types.Filter) error {
		found, err := s.connections(ctx, f)
		for _, c := range found {
			if view := connectionView(c); view.State != activities.EndpointDeleted {
				v.Connection[looks.Party{Endpoint: view.Endpoint, Service: sdk.ToString(c.ServiceId)}] = view
			}
		}
		return err
	})
	if err != nil {
		return looks.View{}, err
	}
	err = inBatches(ids(topics, activities.TopicEndpoint), "vpc-endpoint-id", func(f ec2types.Filter) error {
		found, err := s.endpoints(ctx, f)
		for _, e := range found {
			if view := endpointView(e); view.State != activities.EndpointDeleted {
				v.Endpoints[view.ID] = view
			}
		}
		return err
	})
	return v, err
}

// inBatches calls look with filters that select all ids, as many in one as EC2 takes.
func inBatches(ids []string, name string, look func(ec2types.Filter) error) error {
	for batch := range slices.Chunk(ids, filterValues) {
		if err := look(filter(name, batch...)); err != nil {
			return err
		}
	}
	return nil
}

func ids(topics []activities.Watched, kind activities.TopicKind) []string {
	var found []string
	for _, t := range topics {
		if t.Kind == kind {
			found = append(found, t.ID)
		}
	}
	return unique(found)
}
