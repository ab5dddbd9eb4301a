package aws

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"go.temporal.io/sdk/activity"

	"github.com/linkwright/linkwright/activities"
)

// Watcher looks at the endpoints and services of one account and region for everyone.
type Watcher struct {
	config Config

	mu     sync.Mutex
	looked map[activities.Place]time.Time // the last look, by any poll
}

var _ activities.Watcher = (*Watcher)(nil)

// NewWatcher returns the step of the Watch.
func NewWatcher(c Config) *Watcher {
	return &Watcher{config: c.withDefaults(), looked: map[activities.Place]time.Time{}}
}

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
	if early := w.early(req.Place); early > 0 {
		return activities.PollResult{}, activities.Pending("a look has just been taken", early)
	}
	seen, err := s.observe(ctx, req.Topics)
	if err != nil {
		return activities.PollResult{}, s.failed(err)
	}
	missing := missedBefore(ctx)
	changes, err := seen.changes(req.Topics, time.Now().Add(-s.Patience), missing)
	switch {
	case err != nil:
		return activities.PollResult{}, err
	case len(changes) > 0:
		return activities.PollResult{Changes: changes}, nil
	}
	activity.RecordHeartbeat(ctx, missing)
	pause := s.Pace.After(age(req.Topics))
	if len(missing) > 0 {
		pause = s.Pace.Min
	}
	return activities.PollResult{}, activities.Pending("nothing has changed", jitter(pause))
}

// early is how long a place is to be left alone because it has just been looked at; when it is zero, the caller looks.
// Each flow that subscribes begins a new poll: without the pause, hundreds that do at once would each cost a look at
// everything, where one look can answer them all.
func (w *Watcher) early(place activities.Place) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	if early := w.looked[place].Add(w.config.Pace.Min).Sub(now); early > 0 {
		return early
	}
	w.looked[place] = now
	return 0
}

// missedBefore is how many looks in a row have not found a topic, by topic; kept in the heartbeat until it can be
// believed that something is gone.
func missedBefore(ctx context.Context) map[string]int {
	missing := map[string]int{}
	if activity.HasHeartbeatDetails(ctx) {
		if err := activity.GetHeartbeatDetails(ctx, &missing); err != nil || missing == nil {
			return map[string]int{} // look anew
		}
	}
	return missing
}

// age is how long the youngest topic has been waited for.
func age(topics []activities.Watched) time.Duration {
	youngest := time.Duration(1<<63 - 1)
	for _, t := range topics {
		youngest = min(youngest, time.Since(t.Since))
	}
	return max(youngest, 0)
}

// jitter spreads the looks of many watches: up to a tenth longer.
func jitter(d time.Duration) time.Duration {
	return d + time.Duration(rand.Int64N(int64(d)/10+1))
}

// view is what a poll saw, by id.
type view struct {
	services    map[string]activities.Service
	connections map[string][]activities.ConnectionView // by service
	connection  map[string]activities.ConnectionView   // by endpoint and service
	endpoints   map[string]activities.Endpoint
}

// observe describes all topics, those of one kind together.
func (s *site) observe(ctx context.Context, topics []activities.Watched) (view, error) {
	v := view{
		services:    map[string]activities.Service{},
		connections: map[string][]activities.ConnectionView{},
		connection:  map[string]activities.ConnectionView{},
		endpoints:   map[string]activities.Endpoint{},
	}
	err := inBatches(ids(topics, activities.TopicService), "service-id", func(f ec2types.Filter) error {
		found, err := s.services(ctx, f)
		for _, c := range found {
			if view := serviceView(c); view.State != activities.ServiceDeleted {
				v.services[view.ID] = view
			}
		}
		return err
	})
	if err != nil {
		return view{}, err
	}
	err = inBatches(ids(topics, activities.TopicConnections), "service-id", func(f ec2types.Filter) error {
		found, err := s.connections(ctx, f)
		for _, c := range found {
			id := sdk.ToString(c.ServiceId)
			v.connections[id] = append(v.connections[id], connectionView(c))
		}
		return err
	})
	if err != nil {
		return view{}, err
	}
	err = inBatches(ids(topics, activities.TopicConnection), "vpc-endpoint-id", func(f ec2types.Filter) error {
		found, err := s.connections(ctx, f)
		for _, c := range found {
			if view := connectionView(c); view.State != activities.EndpointDeleted {
				v.connection[view.Endpoint+" "+sdk.ToString(c.ServiceId)] = view
			}
		}
		return err
	})
	if err != nil {
		return view{}, err
	}
	err = inBatches(ids(topics, activities.TopicEndpoint), "vpc-endpoint-id", func(f ec2types.Filter) error {
		found, err := s.endpoints(ctx, f)
		for _, e := range found {
			if view := endpointView(e); view.State != activities.EndpointDeleted {
				v.endpoints[view.ID] = view
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

// changes are the topics that are not as they were last seen. What has never been seen, and has been waited for
// only since young, may be too new for EC2 to list: its absence is no news. Nor is that of others, until several looks
// have missed them; missing counts these.
func (v view) changes(topics []activities.Watched, young time.Time, missing map[string]int) ([]activities.Change, error) {
	var changes []activities.Change
	for _, t := range topics {
		c := v.look(t.Topic)
		key := string(t.Kind) + " " + t.ID
		switch {
		case !c.Gone || t.Seen == goneDigest:
			delete(missing, key)
		case t.Seen == "" && t.Since.After(young):
			continue
		case missing[key]+1 < believedAfter:
			missing[key]++
			continue
		}
		c.Seen = goneDigest
		if !c.Gone {
			var err error
			if c.Seen, err = digest(c); err != nil {
				return nil, err
			}
		}
		if c.Seen != t.Seen {
			changes = append(changes, c)
		}
	}
	return changes, nil
}

// look finds the topic's observation. Its digest is taken before Seen is set.
func (v view) look(t activities.Topic) activities.Change {
	c := activities.Change{Topic: t}
	switch t.Kind {
	case activities.TopicService:
		if seen, ok := v.services[t.ID]; ok {
			c.Service = &seen
			return c
		}
	case activities.TopicConnections:
		// No connections are an observation like any other: the service's own topic says when it is gone.
		c.Connections = v.connections[t.ID]
		slices.SortFunc(c.Connections, byEndpoint)
		return c
	case activities.TopicConnection:
		if seen, ok := v.connection[t.ID+" "+t.Service]; ok {
			c.Connection = &seen
			return c
		}
	case activities.TopicEndpoint:
		if seen, ok := v.endpoints[t.ID]; ok {
			c.Endpoint = &seen
			return c
		}
	}
	c.Gone = true
	return c
}
