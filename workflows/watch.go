package workflows

import (
	"errors"
	"slices"
	"time"

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
}

// watchState is what a Watch remembers when it continues as new.
type watchState struct {
	Status link.Status `json:"status"`
	// Topics by their keys.
	Topics map[string]*watched `json:"topics"`
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
	} else {
		w.Status = link.Status{Kind: "Watch", Name: in.Account.Name, Account: in.Account.Name, Region: in.Region, Cloud: in.Account.Cloud}
	}
	if w.Topics == nil {
		w.Topics = map[string]*watched{}
	}
	w.flow = newFlow(ctx, &w.Status)
	if err := workflow.SetQueryHandlerWithOptions(ctx, StatusQuery, func() (link.Status, error) { return w.Status, nil },
		workflow.QueryHandlerOptions{Description: "What the Watch is blocked by, if anything."}); err != nil {
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
		result, err := do(ctx, &w.flow, w.in.Account.Name, activities.Watcher.Poll, activities.PollRequest{
			Place:  activities.Place{Account: w.in.Account.Name, Region: w.in.Region},
			Topics: w.topics(),
		})
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

// linger is how long a Watch stays when nobody waits any more.
const linger = time.Minute

// watching is the one phase of a Watch.
const watching link.Phase = "Watching"

// subscribe puts what a flow waits for in place of what it waited for before.
func (w *watch) subscribe(ctx workflow.Context, s subscription) {
	if s.Renewed && w.knows(s) {
		return
	}
	w.drop(s.Subscriber)
	for _, topic := range s.Topics {
		key := topicKey(topic)
		entry, ok := w.Topics[key]
		if !ok {
			entry = &watched{Watched: activities.Watched{Topic: topic}}
			w.Topics[key] = entry
		}
		entry.Since = workflow.Now(ctx)
		entry.Seen = "" // so that the new subscriber is told how things stand
		entry.Subscribers = append(entry.Subscribers, s.Subscriber)
	}
	w.interrupt()
}

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
		entry, ok := w.Topics[topicKey(t)]
		return !ok || !slices.Contains(entry.Subscribers, s.Subscriber)
	})
}

// drop forgets what a flow waited for.
func (w *watch) drop(subscriber string) {
	for _, key := range w.keys() {
		entry := w.Topics[key]
		entry.Subscribers = slices.DeleteFunc(entry.Subscribers, func(s string) bool { return s == subscriber })
		if len(entry.Subscribers) == 0 {
			delete(w.Topics, key)
		}
	}
}

// notify tells each subscriber what has changed for it, in one message.
func (w *watch) notify(ctx workflow.Context, changes []activities.Change) error {
	now := workflow.Now(ctx)
	news := map[string][]activities.Change{}
	for _, change := range changes {
		entry, ok := w.Topics[topicKey(change.Topic)]
		if !ok {
			continue
		}
		entry.Seen, entry.Since = change.Seen, now // what has just changed will soon change again
		for _, subscriber := range entry.Subscribers {
			news[subscriber] = append(news[subscriber], change)
		}
	}
	for _, subscriber := range sortedKeys(news) {
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

func (w *watch) continueAsNew(ctx workflow.Context) error {
	if err := w.settle(ctx); err != nil {
		return err
	}
	in := w.in
	in.Carried = &w.watchState
	return workflow.NewContinueAsNewError(ctx, WatchWorkflow, in)
}

// topics lists what to look at, in order.
func (w *watch) topics() []activities.Watched {
	list := make([]activities.Watched, 0, len(w.Topics))
	for _, key := range w.keys() {
		list = append(list, w.Topics[key].Watched)
	}
	return list
}

func (w *watch) keys() []string { return sortedKeys(w.Topics) }

func topicKey(t activities.Topic) string { return string(t.Kind) + "/" + t.ID }
