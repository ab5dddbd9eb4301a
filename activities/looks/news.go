package looks

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/linkwright/linkwright/activities"
)

// Gate keeps polls from looking at a place that has just been looked at. Each flow that subscribes begins a new poll:
// without the pause, hundreds that do at once would each cost a look at everything, where one look can answer them all.
type Gate struct {
	mu     sync.Mutex
	looked map[activities.Place]time.Time // the last look, by any poll
}

// Early is how long a place is to be left alone; when it is zero, the caller looks.
func (g *Gate) Early(place activities.Place, pause time.Duration) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	if early := g.looked[place].Add(pause).Sub(now); early > 0 {
		return early
	}
	if g.looked == nil {
		g.looked = map[activities.Place]time.Time{}
	}
	g.looked[place] = now
	return 0
}

// View is what a poll saw, by id. What is deleted is not in it.
type View struct {
	Services    map[string]activities.Service
	Connections map[string][]activities.ConnectionView // by service
	Connection  map[Party]activities.ConnectionView
	Endpoints   map[string]activities.Endpoint
}

// Party is an endpoint, and the service that it is connected to.
type Party struct{ Endpoint, Service string }

// NewView returns one in which nothing was seen.
func NewView() View {
	return View{
		Services: map[string]activities.Service{}, Connections: map[string][]activities.ConnectionView{},
		Connection: map[Party]activities.ConnectionView{}, Endpoints: map[string]activities.Endpoint{},
	}
}

// Poll answers with the topics that are not as they were last seen, pending when there are none.
func (v View) Poll(ctx context.Context, topics []activities.Watched, pace activities.Pace, patience time.Duration) (activities.PollResult, error) {
	missing := missedBefore(ctx)
	changes, err := v.Changes(topics, time.Now().Add(-patience), missing)
	switch {
	case err != nil:
		return activities.PollResult{}, err
	case len(changes) > 0:
		changes, err = fitting(changes)
		return activities.PollResult{Changes: changes}, err
	}
	activity.RecordHeartbeat(ctx, missing)
	pause := pace.After(Age(topics))
	if len(missing) > 0 {
		pause = pace.Min
	}
	return activities.PollResult{}, activities.Pending("nothing has changed", jitter(pause))
}

// Topics are those that a poll is to look at.
func Topics(ctx context.Context, req activities.PollRequest, from activities.Topics) ([]activities.Watched, error) {
	if req.Watch == "" {
		return req.Topics, nil
	}
	return from.Topics(ctx, req.Watch)
}

// answerSize is how many bytes an answer should have: a quarter of what Temporal takes.
const answerSize = 512 << 10

// fitting is the first changes that fit into an answer, one at the least. The others are changes still at the next look.
func fitting(changes []activities.Change) ([]activities.Change, error) {
	size := 0
	for i, change := range changes {
		text, err := json.Marshal(change)
		if err != nil {
			return nil, fmt.Errorf("write down what has changed: %w", err)
		}
		if size += len(text); size > answerSize && i > 0 {
			return changes[:i], nil
		}
	}
	return changes, nil
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

// Age is how long the youngest topic has been waited for.
func Age(topics []activities.Watched) time.Duration {
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

// Changes are the topics that are not as they were last seen. What has never been seen, and has been waited for
// only since young, may be too new for the cloud to list: its absence is no news. Nor is that of others, until several
// looks have missed them; missing counts these.
func (v View) Changes(topics []activities.Watched, young time.Time, missing map[string]int) ([]activities.Change, error) {
	var changes []activities.Change
	for _, t := range topics {
		c := v.look(t.Topic)
		key := string(t.Kind) + " " + t.ID
		switch {
		case !c.Gone || t.Seen == GoneDigest:
			delete(missing, key)
		case t.Seen == "" && t.Since.After(young):
			continue
		case missing[key]+1 < BelievedAfter:
			missing[key]++
			continue
		}
		c.Seen = GoneDigest
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
func (v View) look(t activities.Topic) activities.Change {
	c := activities.Change{Topic: t}
	switch t.Kind {
	case activities.TopicService:
		if seen, ok := v.Services[t.ID]; ok {
			c.Service = &seen
			return c
		}
	case activities.TopicConnections:
		// No connections are an observation like any other: the service's own topic says when it is gone.
		c.Connections = v.Connections[t.ID]
		slices.SortFunc(c.Connections, ByEndpoint)
		return c
	case activities.TopicConnection:
		if seen, ok := v.Connection[Party{t.ID, t.Service}]; ok {
			c.Connection = &seen
			return c
		}
	case activities.TopicEndpoint:
		if seen, ok := v.Endpoints[t.ID]; ok {
			c.Endpoint = &seen
			return c
		}
	}
	c.Gone = true
	return c
}

// ByEndpoint orders connections.
func ByEndpoint(a, b activities.ConnectionView) int { return strings.Compare(a.Endpoint, b.Endpoint) }

// GoneDigest stands for something that is not there.
const GoneDigest = "gone"

// digest is a short name for an observation: equal observations have equal digests.
func digest(observation any) (string, error) {
	b, err := json.Marshal(observation)
	if err != nil {
		return "", fmt.Errorf("digest of %T: %w", observation, err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8]), nil
}
