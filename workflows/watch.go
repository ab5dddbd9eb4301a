package workflows

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// WatchInput starts a [Watch].
type WatchInput struct {
	Account link.Account `json:"account"`
	Region  string       `json:"region"`
	// Carried is what an earlier run of the same flow knew; nil for a new flow.
	Carried *watchState `json:"carried,omitempty"`
}

// Watch looks at one account and region for every flow that waits for something there. Flows subscribe to
// topics by signal; one batched look answers them all, and each is told only what has changed for it. The
// Watch ends when nobody waits any more, and is started again by the next who does.
func Watch(ctx workflow.Context, in WatchInput) error {
	w, err := newWatch(ctx, in)
	if err != nil {
		return err
	}
	return w.run(ctx)
}

// watch is a running Watch.
type watch struct {
	flow
	watchState
	in WatchInput
	// asked is true for a run whose polls ask what to look at. Runs that began before this was so go on as they did: each
	// of their polls is told.
	asked bool
	// stirred is when something was last seen to change, or somebody came.
	stirred time.Time
}

// watchState is what a Watch remembers when it continues as new.
type watchState struct {
	Status link.Status `json:"status"`
	// Topics by their keys.
	Topics map[string]*watched `json:"topics,omitempty"`
	// Packed is the topics, compressed: there may be too many for the input of a new run.
	Packed []byte `json:"packed,omitempty"`
}

// watched is a topic, how it was last seen, and who waits for it.
type watched struct {
	activities.Watched
	Subscribers []string `json:"subscribers"`
}

func newWatch(ctx workflow.Context, in WatchInput) (*watch, error) {
	w := &watch{in: in}
	if in.Carried != nil {
		w.watchState = *in.Carried
		if err := w.unpack(); err != nil {
			return nil, err
		}
	} else {
		w.Status = link.Status{Kind: "Watch", Name: in.Account.Name, Account: in.Account.Name, Region: in.Region, Cloud: in.Account.Cloud}
	}
	if w.Topics == nil {
		w.Topics = map[string]*watched{}
	}
	w.flow = newFlow(ctx, &w.Status)
	w.asked = workflow.GetVersion(ctx, "polls-ask-what-to-look-at", workflow.DefaultVersion, 1) != workflow.DefaultVersion
	if err := workflow.SetQueryHandlerWithOptions(ctx, StatusQuery, func() (link.Status, error) { return w.Status, nil },
		workflow.QueryHandlerOptions{Description: "What the Watch is blocked by, if anything."}); err != nil {
		return nil, err
	}
	if err := workflow.SetQueryHandlerWithOptions(ctx, activities.TopicsQuery, func(after string) ([]activities.Watched, error) {
		return w.page(after), nil
	}, workflow.QueryHandlerOptions{Description: betweenFlows}); err != nil {
		return nil, err
	}
	retry := decisionHandler{link.Retry, `Look again at once. Paste {"by": "your name"}`,
		func(link.Decision) error { return w.checkRetry() }, w.flow.retry, nil}
	if err := retry.open(ctx, &w.flow); err != nil {
		return nil, err
	}
	listen(ctx, &w.flow, subscribeSignal, w.subscribe)
	return w, nil
}

func (w *watch) run(ctx workflow.Context) error {
	for {
		w.enter(ctx, watching)
		wanted, err := awaitFor(ctx, linger, "stays a while for the next who waits", func() bool { return len(w.Topics) > 0 })
		if err != nil {
			return err
		}
		if !wanted {
			if err := w.settle(ctx); err != nil || len(w.Topics) == 0 {
				return err
			}
			continue // somebody has come in the last moment
		}
		if isLong(ctx) {
			return w.continueAsNew(ctx)
		}
		result, err := do(ctx, &w.flow, w.in.Account.Name, activities.Watcher.Poll, w.poll(ctx))
		switch {
		case errors.Is(err, errTurned), errors.Is(err, errLong):
			continue // somebody subscribed or left: look at the new topics
		case err != nil:
			return err
		}
		if err := w.notify(ctx, result.Changes); err != nil {
			return err
		}
	}
}

// poll asks for what has changed.
func (w *watch) poll(ctx workflow.Context) activities.PollRequest {
	req := activities.PollRequest{Place: activities.Place{Account: w.in.Account.Name, Region: w.in.Region}}
	if w.asked {
		req.Watch = workflowID(ctx)
	} else {
		req.Topics = w.topics()
	}
	return req
}

// linger is how long a Watch stays when nobody waits any more.
const linger = time.Minute

// watching is the one phase of a Watch.
const watching link.Phase = "Watching"

// subscribe puts what a flow waits for in place of what it waited for before.
func (w *watch) subscribe(ctx workflow.Context, s subscription) {
	if w.asked && isLong(ctx) {
		w.interrupt() // so that a new run begins, however long nothing changes
	}
	if s.Renewed && w.knows(s) {
		return
	}
	w.drop(s.Subscriber)
	now := workflow.Now(ctx)
	for _, topic := range s.Topics {
		key := topic.Key()
		entry, ok := w.Topics[key]
		if !ok {
			entry = &watched{Watched: activities.Watched{Topic: topic}}
			w.Topics[key] = entry
		}
		entry.Since = now
		entry.Seen = "" // so that the new subscriber is told how things stand
		entry.Subscribers = append(entry.Subscribers, s.Subscriber)
	}
	if !w.asked || len(w.Topics) == 0 || len(s.Topics) > 0 && now.Sub(w.stirred) > looksSoon {
		w.interrupt()
	}
	if len(s.Topics) > 0 {
		w.stirred = now
	}
}

// looksSoon is how long after the last news a poll looks again within a moment by itself: after an eighth of the time, or
// the shortest pause that its worker makes. As it asks before each look what to look at, nobody who comes meanwhile need
// wake it; so of those who come together, each but the first costs the history one message.
const looksSoon = 4 * time.Second

// knows reports whether a flow waits for just these topics already.
func (w *watch) knows(s subscription) bool {
	waits := 0
	//workflowcheck:ignore (they are counted, in whatever order)
	for _, entry := range w.Topics {
		if slices.Contains(entry.Subscribers, s.Subscriber) {
			waits++
		}
	}
	return waits == len(s.Topics) && !slices.ContainsFunc(s.Topics, func(t activities.Topic) bool {
		entry, ok := w.Topics[t.Key()]
		return !ok || !slices.Contains(entry.Subscribers, s.Subscriber)
	})
}

// drop forgets what a flow waited for.
func (w *watch) drop(subscriber string) {
	//workflowcheck:ignore (it is done to each alike, in whatever order)
	for key, entry := range w.Topics {
		entry.Subscribers = slices.DeleteFunc(entry.Subscribers, func(s string) bool { return s == subscriber })
		if len(entry.Subscribers) == 0 {
			delete(w.Topics, key)
		}
	}
}

// notify tells each subscriber what has changed for it, in one message.
func (w *watch) notify(ctx workflow.Context, changes []activities.Change) error {
	now := workflow.Now(ctx)
	w.stirred = now
	news := map[string][]activities.Change{}
	for _, change := range changes {
		entry, ok := w.Topics[change.Key()]
		if !ok {
			continue
		}
		entry.Seen, entry.Since = change.Seen, now // what has just changed will soon change again
		for _, subscriber := range entry.Subscribers {
			news[subscriber] = append(news[subscriber], change)
		}
	}
	subscribers := sortedKeys(news)
	if !w.asked {
		for _, subscriber := range subscribers {
			there, err := tell(ctx, subscriber, changesSignal, news[subscriber])
			if err != nil {
				return err
			}
			if !there {
				w.drop(subscriber)
			}
		}
		return nil
	}
	for some := range slices.Chunk(subscribers, toldAtOnce) {
		var told []workflow.Future
		for _, subscriber := range some {
			told = append(told, workflow.SignalExternalWorkflow(ctx, subscriber, "", changesSignal, news[subscriber]))
		}
		for i, subscriber := range some {
			there, err := heard(ctx, told[i])
			if err != nil {
				return err
			}
			if !there {
				w.drop(subscriber)
			}
		}
	}
	return nil
}

// toldAtOnce is how many subscribers are told at once: the messages of one workflow task go to the server together.
const toldAtOnce = 50

func (w *watch) continueAsNew(ctx workflow.Context) error {
	if err := w.settle(ctx); err != nil {
		return err
	}
	in := w.in
	carried := w.watchState
	if w.asked {
		if err := carried.pack(); err != nil {
			return err
		}
	}
	in.Carried = &carried
	return workflow.NewContinueAsNewError(ctx, WatchWorkflow, in)
}

// pack compresses the topics: each of them takes two hundred bytes, of which a quarter tells it from the others.
func (s *watchState) pack() error {
	var packed bytes.Buffer
	to := gzip.NewWriter(&packed)
	if err := errors.Join(json.NewEncoder(to).Encode(s.Topics), to.Close()); err != nil {
		return fmt.Errorf("pack the topics: %w", err)
	}
	s.Topics, s.Packed = nil, packed.Bytes()
	return nil
}

// unpack takes the topics that the run before has packed.
func (s *watchState) unpack() error {
	if len(s.Packed) == 0 {
		return nil
	}
	from, err := gzip.NewReader(bytes.NewReader(s.Packed))
	if err == nil {
		err = json.NewDecoder(from).Decode(&s.Topics)
	}
	if err != nil {
		return temporal.NewNonRetryableApplicationError("the topics that were carried over cannot be read: "+err.Error(), "InvalidInput", err)
	}
	s.Packed = nil
	return nil
}

// topics lists what to look at, in order.
func (w *watch) topics() []activities.Watched {
	list := make([]activities.Watched, 0, len(w.Topics))
	for _, key := range w.keys() {
		list = append(list, w.Topics[key].Watched)
	}
	return list
}

// page lists what to look at after a key, in order, as much as an answer holds.
func (w *watch) page(after string) []activities.Watched {
	keys := w.keys()
	at, found := slices.BinarySearch(keys, after)
	if found {
		at++
	}
	page := []activities.Watched{}
	for _, key := range keys[at:min(at+activities.MaxTopics, len(keys))] {
		page = append(page, w.Topics[key].Watched)
	}
	return page
}

func (w *watch) keys() []string { return sortedKeys(w.Topics) }
