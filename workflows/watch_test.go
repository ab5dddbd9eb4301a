package workflows_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/testsuite"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/workflows"
)

// lookout is a Watch in a time-skipping Temporal, and its polls.
type lookout struct {
	*testsuite.TestWorkflowEnvironment
	t *testing.T
	// begun are the polls, each by its first attempt.
	begun []activities.PollRequest
	// seen is what the polls answer with; nothing has changed while there is nothing.
	seen []activities.Change
}

var _ activities.Watcher = (*lookout)(nil)

func newLookout(t *testing.T) *lookout {
	env, _, _ := newEnvironment(t)
	l := &lookout{TestWorkflowEnvironment: env, t: t}
	env.RegisterActivityWithOptions(l.Poll, activity.RegisterOptions{Name: "aws.Poll"})
	return l
}

// Poll implements [activities.Watcher].
func (l *lookout) Poll(ctx context.Context, req activities.PollRequest) (activities.PollResult, error) {
	if activity.GetInfo(ctx).Attempt == 1 {
		l.begun = append(l.begun, req)
	}
	if seen := l.seen; len(seen) > 0 {
		l.seen = nil
		return activities.PollResult{Changes: seen}, nil
	}
	return activities.PollResult{}, activities.Pending("nothing has changed", 5*time.Second)
}

// watch runs the Watch until it ends.
func (l *lookout) watch(in workflows.WatchInput) error {
	l.SetStartWorkflowOptions(clientOptions("watch/aws/consumer/eu-central-1"))
	l.ExecuteWorkflow(workflows.Watch, in)
	return l.GetWorkflowError()
}

func (l *lookout) at(after time.Duration, act func()) { l.RegisterDelayedCallback(act, after) }

// come has connections, by their numbers, subscribe to an endpoint each.
func (l *lookout) come(first, last int) {
	for n := first; n <= last; n++ {
		l.SignalWorkflow("linkwright.subscribe", map[string]any{"subscriber": shopID(n), "topics": []activities.Topic{endpointTopic(n)}})
	}
}

func shopID(n int) string { return fmt.Sprintf("connection/payments/shop-%05d", n) }

func endpointTopic(n int) activities.Topic {
	return activities.Topic{Kind: activities.TopicEndpoint, ID: fmt.Sprintf("vpce-%017x", n)}
}

// topics are all that the Watch looks at, as it tells page by page.
func (l *lookout) topics() (all []activities.Watched) {
	l.t.Helper()
	after := ""
	for {
		answer, err := l.QueryWorkflow(activities.TopicsQuery, after)
		if err != nil {
			l.t.Fatal(err)
		}
		var page []activities.Watched
		if err := answer.Get(&page); err != nil {
			l.t.Fatal(err)
		}
		if all = append(all, page...); len(page) < activities.MaxTopics {
			return all
		}
		after = page[len(page)-1].Key()
	}
}

func watchInput() workflows.WatchInput {
	return workflows.WatchInput{Account: link.Account{Name: "consumer", ID: "222222222222", Cloud: link.AWS}, Region: "eu-central-1"}
}

func TestWhenManyComeTogetherThePollIsNotBegunAnewForEach(t *testing.T) {
	l := newLookout(t)
	l.at(0, func() { l.come(0, 0) })
	l.at(time.Second, func() { l.come(1, 300) })
	l.at(20*time.Second, func() {
		if len(l.begun) > 2 {
			t.Errorf("%d polls were begun for those who came together", len(l.begun))
		}
		if n := len(l.topics()); n != 301 {
			t.Errorf("it looks at %d endpoints, want 301", n)
		}
		l.begun = nil
		l.come(301, 301) // by now the poll may be making a long pause
	})
	l.at(30*time.Second, func() {
		if len(l.begun) != 1 {
			t.Errorf("%d polls were begun for one who came later, want 1", len(l.begun))
		}
		for _, poll := range l.begun {
			if poll.Watch != "watch/aws/consumer/eu-central-1" || len(poll.Topics) > 0 {
				t.Errorf("a poll is to ask %q and was given %d topics", poll.Watch, len(poll.Topics))
			}
		}
		l.CancelWorkflow()
	})
	if err := l.watch(watchInput()); err == nil {
		t.Error("it has ended although it was watching")
	}
}

func TestEverybodyIsToldWhatHasChanged(t *testing.T) {
	l := newLookout(t)
	told := map[string]int{}
	l.OnSignalExternalWorkflow(mock.Anything, mock.Anything, mock.Anything, "linkwright.changes", mock.Anything).
		Return(func(_, id, _, _ string, _ any) error { told[id]++; return nil })
	l.at(0, func() { l.come(1, 120) })
	l.at(time.Second, func() {
		for n := 1; n <= 120; n++ {
			l.seen = append(l.seen, activities.Change{Topic: endpointTopic(n), Seen: "gone", Gone: true})
		}
	})
	l.at(time.Minute, func() {
		for n := 1; n <= 120; n++ {
			if told[shopID(n)] != 1 {
				t.Errorf("%s was told %d times", shopID(n), told[shopID(n)])
			}
		}
		for _, topic := range l.topics() {
			if topic.Seen != "gone" {
				t.Errorf("%s was seen as %q", topic.ID, topic.Seen)
			}
		}
		l.CancelWorkflow()
	})
	if err := l.watch(watchInput()); err == nil {
		t.Error("it has ended although it was watching")
	}
}

func TestTenThousandTopicsFitIntoTheNextRun(t *testing.T) {
	const many = 10_000
	topics := map[string]any{}
	for n := range many {
		topics[endpointTopic(n).Key()] = map[string]any{
			"kind": "endpoint", "id": endpointTopic(n).ID, "seen": fmt.Sprintf("%016x", uint64(n)*0x9e3779b97f4a7c15),
			"since": time.Date(2026, 11, 30, 0, 0, n, n, time.UTC), "subscribers": []string{shopID(n)},
		}
	}
	in := watchInput()
	text, err := json.Marshal(map[string]any{"account": in.Account, "region": in.Region, "carried": map[string]any{"topics": topics}})
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &in); err != nil {
		t.Fatal(err)
	}
	first := newLookout(t)
	first.SetContinueAsNewSuggested(true)
	next := continuation[workflows.WatchInput](t, first.watch(in))
	carried, err := json.Marshal(next)
	if err != nil {
		t.Fatal(err)
	}
	if len(carried) > 1<<20 {
		t.Errorf("%d bytes are carried over; Temporal takes 2 MB, and some is needed for longer names", len(carried))
	}
	second := newLookout(t)
	second.at(time.Second, func() {
		want, got := first.topics(), second.topics()
		if len(got) != many {
			t.Fatalf("of %d topics there are %d", many, len(got))
		}
		for n := range got {
			if got[n].Key() != want[n].Key() || got[n].Seen == "" || !got[n].Since.Equal(want[n].Since) {
				t.Fatalf("%+v has become %+v", want[n], got[n])
			}
		}
		second.CancelWorkflow()
	})
	if err := second.watch(next); err == nil {
		t.Error("it has ended although it was watching")
	}
}
