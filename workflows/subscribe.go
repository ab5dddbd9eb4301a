package workflows

import (
	"encoding/json"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/activities"
)

// subscribe asks the Watch of a place to tell this flow what changes about some topics, in place of what it
// asked for before. The Watch is started when it does not run.
func subscribe(ctx workflow.Context, f *flow, place activities.Place, topics ...activities.Topic) error {
	_, err := persist(ctx, f, func() (struct{}, error) { return askWatch(ctx, f, 0, place, subscription{Topics: topics}) })
	return err
}

// resubscribe has the Watch tell once more how things stand; it gives up soon, and blocks nothing.
func resubscribe(ctx workflow.Context, f *flow, place activities.Place, topics ...activities.Topic) {
	askWatchSoon(ctx, f, place, subscription{Topics: topics})
}

// renew asks again, should the Watch have been lost. One that runs is left in peace.
func renew(ctx workflow.Context, f *flow, place activities.Place, topics ...activities.Topic) {
	askWatchSoon(ctx, f, place, subscription{Topics: topics, Renewed: true})
}

func askWatchSoon(ctx workflow.Context, f *flow, place activities.Place, s subscription) {
	if _, err := askWatch(ctx, f, peekWithin, place, s); err != nil {
		workflow.GetLogger(ctx).Warn("the Watch was not asked", "account", place.Account, "error", err)
	}
}

func askWatch(ctx workflow.Context, f *flow, within time.Duration, place activities.Place, s subscription) (struct{}, error) {
	at, err := f.account(ctx, place.Account)
	if err != nil {
		return struct{}{}, err
	}
	f.status.Cloud = at.Cloud
	s.Subscriber = workflowID(ctx)
	message, err := json.Marshal(s)
	if err != nil {
		return struct{}{}, err
	}
	input, err := json.Marshal(WatchInput{Account: at, Region: place.Region})
	if err != nil {
		return struct{}{}, err
	}
	return attempt[struct{}](ctx, f, call{
		prefix: systemSteps, name: stepName(activities.System.SignalWithStart), summary: "subscribes to the Watch of " + place.Account, within: within,
	},
		activities.SignalWithStartRequest{
			WorkflowID: WatchID(at.Cloud, place.Account, place.Region), Workflow: WatchWorkflow, TaskQueue: TaskQueue,
			Signal: subscribeSignal, Message: message, Input: input,
			Summary: "Looks at " + place.Account + " in " + place.Region + " for everyone who waits there",
		})
}

// unsubscribe tells the Watch that this flow waits for nothing any more.
func unsubscribe(ctx workflow.Context, f *flow, place activities.Place) error {
	_, err := persist(ctx, f, func() (struct{}, error) {
		at, err := f.account(ctx, place.Account)
		if err != nil {
			return struct{}{}, err
		}
		me := subscription{Subscriber: workflowID(ctx)}
		_, err = tell(ctx, WatchID(at.Cloud, place.Account, place.Region), subscribeSignal, me)
		return struct{}{}, err
	})
	return err
}
