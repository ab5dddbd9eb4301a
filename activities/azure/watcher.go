package azure

import (
	"context"
	"slices"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/activities/looks"
	"github.com/linkwright/linkwright/internal/link"
)

// Watcher looks at the endpoints and services of one subscription for everyone.
type Watcher struct {
	config Config
	gate   looks.Gate
}

var _ activities.Watcher = (*Watcher)(nil)

// NewWatcher returns the step of the Watch.
func NewWatcher(c Config) *Watcher { return &Watcher{config: c.withDefaults()} }

// Poll implements [activities.Watcher]. One list tells of all services and their connections, another of all endpoints,
// whatever their number.
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

// observe lists what the topics are about.
func (s *site) observe(ctx context.Context, topics []activities.Watched) (looks.View, error) {
	v := looks.NewView()
	if watches(topics, activities.TopicEndpoint) {
		all, err := s.endpoints(ctx)
		if err != nil {
			return v, err
		}
		for _, e := range all {
			view := endpointView(e)
			v.Endpoints[view.ID] = view
		}
	}
	if !watches(topics, activities.TopicService, activities.TopicConnections, activities.TopicConnection) {
		return v, nil
	}
	all, err := s.services(ctx)
	if err != nil {
		return v, err
	}
	for _, service := range all {
		view := serviceView(service)
		v.Services[view.ID] = view
		connections, err := s.connectionsSeen(ctx, service, topics)
		if err != nil {
			return v, err
		}
		for _, c := range connectionViews(connections) {
			v.Connections[view.ID] = append(v.Connections[view.ID], c)
			v.Connection[looks.Party{Endpoint: c.Endpoint, Service: view.ID}] = c
		}
	}
	return v, nil
}

func watches(topics []activities.Watched, kinds ...activities.TopicKind) bool {
	return slices.ContainsFunc(topics, func(t activities.Watched) bool { return slices.Contains(kinds, t.Kind) })
}

// connectionsSeen are the connections of a service whose connections are watched. The list of services shows them with
// what they are; where it does not, the service is asked.
func (s *site) connectionsSeen(ctx context.Context, service armnetwork.PrivateLinkService, topics []activities.Watched) ([]armnetwork.PrivateEndpointConnection, error) {
	id := normal(value(service.ID))
	watched := slices.ContainsFunc(topics, func(t activities.Watched) bool {
		return t.Kind == activities.TopicConnections && t.ID == id || t.Kind == activities.TopicConnection && t.Service == id
	})
	if !watched || service.Properties == nil {
		return nil, nil
	}
	shown := values(service.Properties.PrivateEndpointConnections)
	if !slices.ContainsFunc(shown, halfShown) {
		return shown, nil
	}
	parsed, _ := link.ParseAzureID(id)
	return s.connections(ctx, parsed)
}

// halfShown reports whether a connection lacks what makes it one request and no other.
func halfShown(c armnetwork.PrivateEndpointConnection) bool {
	p := c.Properties
	return p == nil || p.PrivateEndpoint == nil || p.PrivateLinkServiceConnectionState == nil || value(p.LinkIdentifier) == ""
}
